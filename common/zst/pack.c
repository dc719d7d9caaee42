/* pack.c: a frame is gathered, then written at once. */
#include "common/zst/pack.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#define LEVEL_USUAL 12
#define LEVEL_PATCH 3
/* How matches over all of the old content are found: a hash for every 2^RATE bytes of it, which
 * must be long. The table grows with the old content, not with the window. */
#define MATCH_RATE_LOG 7
#define MATCH_LEAST 64
#define MATCH_TABLE_LOG_MIN 12
#define MATCH_TABLE_LOG_MAX 26

struct zst_packer {
    struct zst_pack_config config;
    ZSTD_CCtx *context;
    char *content, *packed;
    size_t have, room;
    bool any;
};

static int log_of(size_t size, int least)
{
    int log = least;
    while (((size_t)1 << log) < size) log++;
    return log;
}

static int table_log(size_t base)
{
    int log = log_of(base >> (MATCH_RATE_LOG - 1), MATCH_TABLE_LOG_MIN);
    return log < MATCH_TABLE_LOG_MAX ? log : MATCH_TABLE_LOG_MAX;
}

static bool check(struct zst_pack_config *config, struct wg_error *err)
{
    bool patch = config->base.data != NULL;
    if (!config->level) config->level = patch ? LEVEL_PATCH : LEVEL_USUAL;
    if (!config->frame) config->frame = patch ? ZST_PATCH_FRAME : ZST_FRAME;
    if (config->base.len > ZST_BASE_MAX)
        return wg_fail(err, WG_E_LIMIT,
                       "a patch can be made against %zu MiB of old content, not more",
                       ZST_BASE_MAX >> 20);
    return (config->level > 0 && config->level <= 19 &&
            config->frame <= (size_t)1 << ZST_WINDOW_LOG_MAX) ||
           wg_fail(err, WG_E_USAGE, "packing: expected a level from 1 to 19, frames up to %d MiB",
                   1 << (ZST_WINDOW_LOG_MAX - 20));
}

struct zst_packer *zst_packer_new(const struct zst_pack_config *config, struct wg_error *err)
{
    struct zst_packer *packer = calloc(1, sizeof *packer);
    if (!packer) {
        (void)wg_fail_memory(err, "preparing to pack");
        return NULL;
    }
    packer->config = *config;
    if (!check(&packer->config, err)) {
        free(packer);
        return NULL;
    }
    packer->room = ZSTD_compressBound(packer->config.frame);
    packer->context = ZSTD_createCCtx();
    packer->content = malloc(packer->config.frame);
    packer->packed = malloc(packer->room);
    if (packer->context && packer->content && packer->packed) return packer;
    zst_packer_free(packer);
    (void)wg_fail_memory(err, "preparing to pack");
    return NULL;
}

void zst_packer_free(struct zst_packer *packer)
{
    if (!packer) return;
    (void)ZSTD_freeCCtx(packer->context);
    free(packer->content);
    free(packer->packed);
    free(packer);
}

static size_t set(const struct zst_packer *packer, ZSTD_cParameter parameter, int value)
{
    return ZSTD_CCtx_setParameter(packer->context, parameter, value);
}

static size_t set_match(const struct zst_packer *packer)
{
    const struct zst_base *base = &packer->config.base;
    size_t code = set(packer, ZSTD_c_enableLongDistanceMatching, 1);
    if (!ZSTD_isError(code)) code = set(packer, ZSTD_c_ldmHashRateLog, MATCH_RATE_LOG);
    if (!ZSTD_isError(code)) code = set(packer, ZSTD_c_ldmMinMatch, MATCH_LEAST);
    if (!ZSTD_isError(code)) code = set(packer, ZSTD_c_ldmHashLog, table_log(base->len));
    return ZSTD_isError(code) ? code : ZSTD_CCtx_refPrefix(packer->context, base->data, base->len);
}

static bool write_frame(struct zst_packer *packer, struct wg_error *err)
{
    size_t code = ZSTD_CCtx_reset(packer->context, ZSTD_reset_session_and_parameters);
    int window = log_of(packer->config.frame, ZST_WINDOW_LOG_MIN);
    if (!ZSTD_isError(code)) code = set(packer, ZSTD_c_compressionLevel, packer->config.level);
    if (!ZSTD_isError(code)) code = set(packer, ZSTD_c_checksumFlag, 1);
    if (!ZSTD_isError(code)) code = set(packer, ZSTD_c_windowLog, window);
    if (!ZSTD_isError(code) && packer->config.base.len > 0) code = set_match(packer);
    if (!ZSTD_isError(code))
        code = ZSTD_compress2(packer->context, packer->packed, packer->room, packer->content,
                              packer->have);
    if (ZSTD_isError(code))
        return wg_fail(err, WG_E_FAILED, "packing: %s", ZSTD_getErrorName(code));
    packer->any = true;
    packer->have = 0;
    return packer->config.sink.write(packer->config.sink.ctx, packer->packed, code, err);
}

bool zst_packer_push(struct zst_packer *packer, const void *data, size_t len, struct wg_error *err)
{
    const char *bytes = data;
    while (len > 0) {
        size_t rest = packer->config.frame - packer->have;
        size_t take = len < rest ? len : rest;
        memcpy(packer->content + packer->have, bytes, take);
        packer->have += take;
        bytes += take;
        len -= take;
        if (packer->have == packer->config.frame && !write_frame(packer, err)) return false;
    }
    return true;
}

bool zst_packer_end(struct zst_packer *packer, struct wg_error *err)
{
    return (packer->any && packer->have == 0) || write_frame(packer, err);
}
