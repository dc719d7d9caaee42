/* zst_fuzz.c: bytes as zstd frames: no more content than was said comes out, in pieces of any size
 * the same comes out as at once, and from the place that was reached it goes on to the same end.
 *
 * The input: how large the pieces are (pieces.h), then the bytes. An odd first byte gives old
 * content to them. */
#include "common/zst/unpack.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define CONTENT_MAX ((size_t)1 << 18)

static const char OLD[] = "the old content of the slot, the old content of the slot, and so on";

struct content {
    size_t len;
    uint8_t bytes[CONTENT_MAX];
};

static bool collect(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct content *content = ctx;
    if (len > CONTENT_MAX - content->len) return wg_fail(err, WG_E_LIMIT, "more than announced");
    memcpy(content->bytes + content->len, data, len);
    content->len += len;
    return true;
}

static struct zst_unpacker *unpacker_for(struct content *content, bool old, struct zst_place at)
{
    struct wg_error err = {0};
    const struct zst_unpack_config config = {.sink = {collect, content},
                                             .base = {old ? OLD : NULL, old ? sizeof OLD - 1 : 0},
                                             .window_log = 18,
                                             .at = at};
    struct zst_unpacker *unpacker = zst_unpacker_new(&config, &err);
    MUST(unpacker, "%s", err.text);
    return unpacker;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct content whole, parts;
    static uint8_t piece[4096];
    struct wg_error err = {0};
    struct pieces pieces = pieces_of(data, size);
    const struct pieces all = pieces;
    bool old = size > 0 && (data[0] & 1) != 0;
    whole.len = parts.len = 0;

    struct zst_unpacker *unpacker = unpacker_for(&whole, old, (struct zst_place){0});
    bool ok =
        zst_unpacker_push(unpacker, all.data, all.size, &err) && zst_unpacker_end(unpacker, &err);
    if (!ok) target_refused(&err);
    struct zst_place place = zst_unpacker_place(unpacker);
    zst_unpacker_free(unpacker);
    MUST(place.packed >= 0 && (size_t)place.packed <= all.size, "a place beyond the bytes");
    MUST(place.content >= 0 && (size_t)place.content <= whole.len, "a place beyond the content");
    MUST(!ok || (size_t)place.packed == all.size, "whole, and not at the end");

    unpacker = unpacker_for(&parts, old, (struct zst_place){0});
    bool again = true;
    for (size_t n; again && (n = pieces_next(&pieces, piece, sizeof piece)) > 0;)
        again = zst_unpacker_push(unpacker, piece, n, NULL);
    again = again && zst_unpacker_end(unpacker, NULL);
    zst_unpacker_free(unpacker);
    MUST(again == ok, "in pieces it ends otherwise");
    MUST(!ok || (parts.len == whole.len && memcmp(parts.bytes, whole.bytes, whole.len) == 0),
         "in pieces other content comes out");
    if (place.packed == 0) return 0;

    parts.len = (size_t)place.content;
    unpacker = unpacker_for(&parts, old, place);
    again = zst_unpacker_push(unpacker, all.data + place.packed, all.size - (size_t)place.packed,
                              NULL) &&
            zst_unpacker_end(unpacker, NULL);
    zst_unpacker_free(unpacker);
    MUST(again == ok && (!ok || parts.len == whole.len),
         "from the last place on it ends otherwise");
    return 0;
}
