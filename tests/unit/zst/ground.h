/* ground.h: content to pack, a sink that compares, and the stock zstd in a folder of its own. */
#ifndef WG_TESTS_UNIT_ZST_GROUND_H
#define WG_TESTS_UNIT_ZST_GROUND_H

#include "common/buf.h"
#include "common/text.h"
#include "common/zst/pack.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define GROUND_BYTES_MAX ((size_t)64 << 20)

/* What must come out from `at` on; a byte that should not is counted. */
struct ground_expect {
    const char *content;
    size_t len, at, wrong;
};

static inline bool ground_compare(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct ground_expect *expect = ctx;
    if (len > expect->len - expect->at)
        return wg_fail(err, WG_E_VERIFY, "more content than there is");
    if (memcmp(data, expect->content + expect->at, len) != 0) expect->wrong += len;
    expect->at += len;
    return true;
}

static inline bool ground_collect(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    wg_buf_add(ctx, data, len);
    return wg_buf_check(ctx, err, "collecting");
}

/* xorshift64*: the same numbers each time. */
static inline uint32_t ground_chance(uint64_t *state)
{
    *state ^= *state >> 12;
    *state ^= *state << 25;
    *state ^= *state >> 27;
    return (uint32_t)((*state * 0x2545f4914f6cdd1dULL) >> 32);
}

/* Lines of words, which compress as text does; other seeds give other text. */
static inline void ground_text(char *out, size_t len, uint64_t seed)
{
    static const char *const words[] = {"brake",  "controller", "gateway", "window", "the",   "of",
                                        "torque", "0x",         "\n",      "table",  "limit", ";"};
    for (size_t at = 0; at < len;) {
        char word[32];
        int n = snprintf(word, sizeof word, "%s%x ", words[ground_chance(&seed) % 12],
                         ground_chance(&seed) % 4096);
        size_t take = (size_t)n < len - at ? (size_t)n : len - at;
        memcpy(out + at, word, take);
        at += take;
    }
}

/* The same text as a later version has it: changed here and there, some of it taken out. Returns
 * its length. */
static inline size_t ground_later(char *out, const char *old, size_t len, uint64_t seed)
{
    size_t to = 0;
    for (size_t at = 0; at < len; at++) {
        if (ground_chance(&seed) % 20000 == 0) at += ground_chance(&seed) % 90;
        if (at >= len) break;
        out[to] = old[at];
        if (ground_chance(&seed) % 9000 == 0) out[to] = '#';
        to++;
    }
    return to;
}

static inline void ground_pack(const struct zst_pack_config *how, const char *content, size_t len,
                               struct wg_buf *out)
{
    struct wg_error err = {0};
    struct zst_pack_config config = *how;
    wg_buf_init(out, GROUND_BYTES_MAX);
    config.sink = (struct zst_sink){ground_collect, out};
    struct zst_packer *packer = zst_packer_new(&config, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(packer);
    for (size_t at = 0, n; at < len; at += n) {
        n = len - at < 70001 ? len - at : 70001;
        ASSERT_OK(zst_packer_push(packer, content + at, n, &err), &err);
    }
    ASSERT_OK(zst_packer_end(packer, &err), &err);
    zst_packer_free(packer);
}

struct ground {
    char folder[32];
};

static inline void ground_make(struct ground *ground)
{
    (void)wg_copy(ground->folder, sizeof ground->folder, "/tmp/wg-zst-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(ground->folder));
}

/* The exit code of a command that runs in the folder. */
static inline int ground_run(const struct ground *ground, const char *command)
{
    char line[512];
    CU_ASSERT_TRUE_FATAL(wg_format(line, sizeof line, "cd %s && %s", ground->folder, command));
    int status = system(line);
    return status == -1 ? -1 : status >> 8;
}

static inline void ground_remove(const struct ground *ground)
{
    CU_ASSERT_EQUAL(ground_run(ground, "rm -f -- * && rmdir \"$PWD\""), 0);
}

static inline void ground_put(const struct ground *ground, const char *name, const void *data,
                              size_t len)
{
    char path[64];
    CU_ASSERT_TRUE_FATAL(wg_format(path, sizeof path, "%s/%s", ground->folder, name));
    FILE *file = fopen(path, "wb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(data, 1, len, file), len);
    CU_ASSERT_EQUAL(fclose(file), 0);
}

static inline void ground_get(const struct ground *ground, const char *name, struct wg_buf *out)
{
    char path[64], part[4096];
    size_t got;
    CU_ASSERT_TRUE_FATAL(wg_format(path, sizeof path, "%s/%s", ground->folder, name));
    wg_buf_init(out, GROUND_BYTES_MAX);
    FILE *file = fopen(path, "rb");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while ((got = fread(part, 1, sizeof part, file)) > 0) wg_buf_add(out, part, got);
    (void)fclose(file);
}

#endif
