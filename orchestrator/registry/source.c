/* source.c: blocks of bytes, and the marks that a file may open with. */
#include "orchestrator/registry/source.h"

#include <string.h>

bool source_fill(struct source *source)
{
    if (source->end) return false;
    source->at = source->len = 0;
    if (!source->read(source->ctx, source->block, sizeof source->block, &source->len,
                      &source->problem))
        source->failed = true;
    source->end = source->failed || source->len == 0;
    return !source->end;
}

static bool opens_with(const struct source *source, const char *mark, size_t len)
{
    return source->len >= len && memcmp(source->block, mark, len) == 0;
}

bool source_init(struct source *source, source_read_fn read, void *ctx, struct wg_error *err)
{
    source->read = read;
    source->ctx = ctx;
    source->at = source->len = 0;
    source->line = 1;
    source->end = source->failed = false;
    (void)source_fill(source);
    if (source->failed) {
        if (err) *err = source->problem;
        return false;
    }
    if (opens_with(source, "\xef\xbb\xbf", 3)) source->at = 3;
    if (opens_with(source, "\xff\xfe", 2) || opens_with(source, "\xfe\xff", 2))
        return wg_fail(err, WG_E_BAD_INPUT, "the file is UTF-16: save it as UTF-8");
    if (opens_with(source, "\x1f\x8b", 2) || opens_with(source, "PK\x03\x04", 4))
        return wg_fail(err, WG_E_BAD_INPUT, "the file is compressed: unpack it first");
    return true;
}
