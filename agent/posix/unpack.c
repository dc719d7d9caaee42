/* unpack.c: the mark is a line of text: the form's hash, packed bytes, bytes of content. */
#include "agent/posix/unpack.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MARK_MAX 128

/* A blank, and a number that is not negative; moves behind it. */
static bool take_number(const char **at, int64_t *out)
{
    char *end = NULL;
    if (**at != ' ' || (*at)[1] < '0' || (*at)[1] > '9') return false;
    errno = 0;
    *out = strtoll(*at + 1, &end, 10);
    *at = end;
    return errno == 0;
}

static bool read_mark(const struct unpack *unpack, struct zst_place *out)
{
    size_t digits = strlen(unpack->form);
    struct wg_buf text;
    wg_buf_init(&text, MARK_MAX);
    bool ok = wg_file_read(unpack->mark, &text, NULL);
    const char *at = wg_buf_str(&text);
    ok = ok && text.len > digits && memcmp(at, unpack->form, digits) == 0;
    at += ok ? digits : 0;
    ok = ok && take_number(&at, &out->packed) && take_number(&at, &out->content) && *at == '\n';
    wg_buf_clear(&text);
    return ok;
}

void unpack_init(struct unpack *unpack, const struct unpack_config *config)
{
    *unpack = (struct unpack){
        .sink = config->sink, .base = config->base, .window_log = config->window_log};
    (void)wg_copy(unpack->mark, sizeof unpack->mark, config->mark);
    (void)wg_copy(unpack->form, sizeof unpack->form, config->form);
    if (!read_mark(unpack, &unpack->marked)) unpack->marked = (struct zst_place){0, 0};
}

int64_t unpack_resume(const struct unpack *unpack, int64_t have)
{
    return unpack->marked.content <= have ? unpack->marked.packed : 0;
}

static bool pass_on(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct unpack *unpack = ctx;
    size_t skip = (int64_t)len < unpack->skip ? len : (size_t)unpack->skip;
    unpack->skip -= (int64_t)skip;
    return skip == len ||
           unpack->sink.write(unpack->sink.ctx, (const char *)data + skip, len - skip, err);
}

bool unpack_begin(struct unpack *unpack, int64_t have, int64_t first, struct wg_error *err)
{
    struct zst_place at = {0, 0};
    if (unpack_resume(unpack, have) > 0) at = unpack->marked;
    const struct zst_unpack_config config = {.sink = {pass_on, unpack},
                                             .base = unpack->base,
                                             .window_log = unpack->window_log,
                                             .at = at};
    unpack->marked = at;
    unpack->drop = at.packed - first;
    unpack->skip = have - at.content;
    zst_unpacker_free(unpack->unpacker);
    unpack->unpacker = zst_unpacker_new(&config, err);
    return unpack->unpacker != NULL;
}

bool unpack_push(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct unpack *unpack = ctx;
    size_t drop = (int64_t)len < unpack->drop ? len : (size_t)unpack->drop;
    unpack->drop -= (int64_t)drop;
    return zst_unpacker_push(unpack->unpacker, (const char *)data + drop, len - drop, err);
}

bool unpack_end(struct unpack *unpack, struct wg_error *err)
{
    return zst_unpacker_end(unpack->unpacker, err);
}

bool unpack_keep(struct unpack *unpack, struct wg_error *err)
{
    char text[MARK_MAX];
    if (!unpack->unpacker) return true;
    struct zst_place place = zst_unpacker_place(unpack->unpacker);
    /* while content is skipped, what is there reaches further than what was unpacked */
    if (place.packed <= unpack->marked.packed || unpack->skip > 0) return true;
    int len = snprintf(text, sizeof text, "%s %" PRId64 " %" PRId64 "\n", unpack->form,
                       place.packed, place.content);
    if (!wg_file_replace(unpack->mark, text, (size_t)len, 0600, err)) return false;
    unpack->marked = place;
    return true;
}

void unpack_forget(struct unpack *unpack)
{
    unpack->marked = (struct zst_place){0, 0};
    (void)unlink(unpack->mark);
}

void unpack_clear(struct unpack *unpack)
{
    zst_unpacker_free(unpack->unpacker);
    unpack->unpacker = NULL;
}
