/* source.h: bytes from somewhere, a byte at a time, with the line they are in. */
#ifndef WG_ORCHESTRATOR_REGISTRY_SOURCE_H
#define WG_ORCHESTRATOR_REGISTRY_SOURCE_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define SOURCE_BLOCK 65536
#define SOURCE_END (-1) /* no more bytes, or the read failed: see failed */

/* Reads at most size bytes into out; *got is 0 at the end. */
typedef bool (*source_read_fn)(void *ctx, char *out, size_t size, size_t *got,
                               struct wg_error *err);

struct source {
    source_read_fn read;
    void *ctx;
    size_t at, len;
    int64_t line; /* of the next byte, from 1 */
    bool end, failed;
    struct wg_error problem; /* when failed */
    char block[SOURCE_BLOCK];
};

/* Skips a UTF-8 byte order mark. WG_E_BAD_INPUT for UTF-16 and for compressed files. */
WG_MUST_CHECK bool source_init(struct source *source, source_read_fn read, void *ctx,
                               struct wg_error *err);
bool source_fill(struct source *source); /* a new block; false: there is none */

/* The byte that source_next will give, 0 to 255, or SOURCE_END. */
static inline int source_peek(struct source *source)
{
    if (source->at == source->len && !source_fill(source)) return SOURCE_END;
    return (unsigned char)source->block[source->at];
}

/* The bytes that can be read at once, at least one; NULL: SOURCE_END. source_skip takes those that
 * the caller has read, none of them a line break. */
static inline const char *source_bytes(struct source *source, size_t *len)
{
    if (source_peek(source) == SOURCE_END) return NULL;
    *len = source->len - source->at;
    return source->block + source->at;
}

static inline void source_skip(struct source *source, size_t len)
{
    source->at += len;
}

static inline int source_next(struct source *source)
{
    int c = source_peek(source);
    if (c != SOURCE_END) source->at++;
    source->line += c == '\n';
    return c;
}

#endif
