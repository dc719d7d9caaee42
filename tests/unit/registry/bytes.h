/* bytes.h: a text as the source of a reader, in pieces of a chosen size. */
#ifndef WG_TESTS_UNIT_REGISTRY_BYTES_H
#define WG_TESTS_UNIT_REGISTRY_BYTES_H

#include "orchestrator/registry/source.h"

#include <string.h>

struct bytes {
    const char *text;
    size_t len, at, piece;
    size_t fail_at; /* the read that reaches it fails; 0: none does */
};

static inline struct bytes bytes_of(const char *text)
{
    return (struct bytes){text, strlen(text), 0, 7, 0};
}

static inline bool bytes_read(void *ctx, char *out, size_t size, size_t *got, struct wg_error *err)
{
    struct bytes *bytes = ctx;
    *got = bytes->len - bytes->at;
    if (*got > bytes->piece) *got = bytes->piece;
    if (*got > size) *got = size;
    if (bytes->fail_at > 0 && bytes->at + *got > bytes->fail_at)
        return wg_fail(err, WG_E_IO, "the disk is gone");
    memcpy(out, bytes->text + bytes->at, *got);
    bytes->at += *got;
    return true;
}

#endif
