/* crowd.c: read once, looked up by id. */
#include "tests/bench/load/crowd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_id(const void *left, const void *right)
{
    const struct crowd_device *a = left, *b = right;
    return strcmp(a->id, b->id);
}

static bool add(struct crowd *crowd, size_t *room, const struct crowd_device *device,
                struct wg_error *err)
{
    if (crowd->count == *room) {
        size_t more = *room ? 2 * *room : 1024;
        struct crowd_device *grown = realloc(crowd->items, more * sizeof *grown);
        if (!grown) return wg_fail_memory(err, "reading devices");
        crowd->items = grown;
        *room = more;
    }
    crowd->items[crowd->count++] = *device;
    return true;
}

bool crowd_load(const char *path, struct crowd *out, struct wg_error *err)
{
    char line[256], attempt[24];
    size_t room = 0;
    bool ok = true;
    *out = (struct crowd){0};
    FILE *file = fopen(path, "re");
    if (!file) return wg_fail_errno(err, "%s", path);
    while (ok && fgets(line, sizeof line, file)) {
        struct crowd_device device = {.attempt = 0};
        ok = sscanf(line, "%64s %36s %23s", device.id, device.order, attempt) == 3 ||
             wg_fail(err, WG_E_BAD_INPUT, "%s: expected ID ORDER ATTEMPT", path);
        device.attempt = ok ? strtoll(attempt, NULL, 10) : 0;
        ok = ok && add(out, &room, &device, err);
    }
    (void)fclose(file);
    if (ok && out->count == 0) ok = wg_fail(err, WG_E_BAD_INPUT, "%s: no device", path);
    if (ok)
        qsort(out->items, out->count, sizeof *out->items, by_id);
    else
        crowd_clear(out);
    return ok;
}

void crowd_clear(struct crowd *crowd)
{
    free(crowd->items);
    *crowd = (struct crowd){0};
}

size_t crowd_find(const struct crowd *crowd, const char *topic)
{
    struct crowd_device wanted;
    enum wg_topic kind;
    if (!wg_topic_parse(topic, &kind, wanted.id)) return crowd->count;
    const struct crowd_device *found =
        bsearch(&wanted, crowd->items, crowd->count, sizeof wanted, by_id);
    return found ? (size_t)(found - crowd->items) : crowd->count;
}
