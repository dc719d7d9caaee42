/* crowd.c: read once, looked up by id. */
#include "tests/bench/load/crowd.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int by_id(const void *left, const void *right, void *items)
{
    const struct crowd_device *of = items;
    return strcmp(of[*(const size_t *)left].id, of[*(const size_t *)right].id);
}

static bool sort(struct crowd *crowd, struct wg_error *err)
{
    crowd->by_id = calloc(crowd->count + 1, sizeof *crowd->by_id);
    if (!crowd->by_id) return wg_fail_memory(err, "reading devices");
    for (size_t i = 0; i < crowd->count; i++) crowd->by_id[i] = i;
    qsort_r(crowd->by_id, crowd->count, sizeof *crowd->by_id, by_id, crowd->items);
    return true;
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
    ok = ok && sort(out, err);
    if (!ok) crowd_clear(out);
    return ok;
}

void crowd_clear(struct crowd *crowd)
{
    free(crowd->items);
    free(crowd->by_id);
    *crowd = (struct crowd){0};
}

size_t crowd_find(const struct crowd *crowd, const char *topic)
{
    char id[WG_NAME_MAX + 1];
    enum wg_topic kind;
    size_t from = 0, to = crowd->count;
    if (!wg_topic_parse(topic, &kind, id)) return crowd->count;
    while (from < to) {
        size_t middle = from + (to - from) / 2;
        int order = strcmp(crowd->items[crowd->by_id[middle]].id, id);
        if (order == 0) return crowd->by_id[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return crowd->count;
}
