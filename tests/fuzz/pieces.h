/* pieces.h: bytes that come as a file does, a piece at a time. */
#ifndef WG_TESTS_FUZZ_PIECES_H
#define WG_TESTS_FUZZ_PIECES_H

#include "common/error.h"

#include <stdint.h>
#include <string.h>

struct pieces {
    const uint8_t *data;
    size_t size, piece;
};

/* The first byte says how large the pieces are: '~' as large as is asked for, '@' one byte. */
static inline struct pieces pieces_of(const uint8_t *data, size_t size)
{
    struct pieces pieces = {.piece = SIZE_MAX};
    if (size == 0) return pieces;
    if (data[0] != '~') pieces.piece = (size_t)(data[0] & 0x3f) + 1;
    pieces.data = data + 1;
    pieces.size = size - 1;
    return pieces;
}

static inline size_t pieces_next(struct pieces *pieces, void *out, size_t size)
{
    size_t len = pieces->size < pieces->piece ? pieces->size : pieces->piece;
    if (len > size) len = size;
    if (len == 0) return 0;
    memcpy(out, pieces->data, len);
    pieces->data += len;
    pieces->size -= len;
    return len;
}

/* As a source_read_fn of orchestrator/registry. */
static inline bool pieces_read(void *ctx, char *out, size_t size, size_t *got, struct wg_error *err)
{
    (void)err;
    *got = pieces_next(ctx, out, size);
    return true;
}

#endif
