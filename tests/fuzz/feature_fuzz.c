/* feature_fuzz.c: boundaries from GeoJSON, a feature at a time. */
#include "common/text.h"
#include "orchestrator/registry/feature.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

static void check(const struct feature_file *file, int64_t number, int64_t line)
{
    struct wg_error err = {0};
    MUST(file->number == number && file->line >= line, "number %lld in line %lld",
         (long long)file->number, (long long)file->line);
    MUST(strlen(file->region) <= WG_NAME_MAX && strlen(file->zone) <= WG_ZONE_MAX, "too long");
    if (!*file->region && !*file->zone) return;
    json_t *geometry = wg_json_parse(file->geometry, strlen(file->geometry), FEATURE_MAX, &err);
    MUST(json_is_object(geometry), "%s: %s", err.text, file->geometry);
    json_decref(geometry);
}

static void read_file(struct feature_file *file, struct pieces *pieces)
{
    struct wg_error err = {0};
    enum feature_result result = FEATURE_READ;
    int64_t line = 1;
    if (!feature_file_open(file, pieces_read, pieces, &err)) {
        target_refused(&err);
        return;
    }
    for (int64_t number = 1; result == FEATURE_READ; number++) {
        result = feature_file_read(file, &err);
        if (result == FEATURE_READ) check(file, number, line);
        if (result == FEATURE_FAILED) target_refused(&err);
        line = file->line;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pieces pieces = pieces_of(data, size);
    struct feature_file *file = malloc(sizeof *file);
    MUST(file, "out of memory");
    read_file(file, &pieces);
    feature_file_close(file);
    free(file);
    return 0;
}
