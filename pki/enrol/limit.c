/* limit.c: open addressing over a few neighbouring slots. */
#include "pki/enrol/limit.h"

#include <string.h>

#define NEIGHBOURS 8

void limit_init(struct limit *limit, int most, wg_duration window)
{
    memset(limit, 0, sizeof *limit);
    limit->most = most;
    limit->window = window;
}

/* FNV-1a. */
static size_t place_of(const char *device)
{
    uint32_t hash = 2166136261U;
    for (; *device; device++) hash = (hash ^ (unsigned char)*device) * 16777619U;
    return hash % LIMIT_SLOTS;
}

static struct limit_slot *find(struct limit *limit, const char *device)
{
    size_t place = place_of(device);
    struct limit_slot *oldest = &limit->slots[place];
    for (size_t i = 0; i < NEIGHBOURS; i++) {
        struct limit_slot *slot = &limit->slots[(place + i) % LIMIT_SLOTS];
        if (strcmp(slot->device, device) == 0) return slot;
        if (!slot->device[0] || slot->since < oldest->since) oldest = slot;
        if (!slot->device[0]) break;
    }
    *oldest = (struct limit_slot){.count = 0};
    (void)wg_copy(oldest->device, sizeof oldest->device, device);
    return oldest;
}

bool limit_take(struct limit *limit, const char *device, wg_time now)
{
    struct limit_slot *slot = find(limit, device);
    if (slot->count == 0 || now - slot->since >= limit->window) {
        slot->since = now;
        slot->count = 0;
    }
    if (slot->count >= limit->most) return false;
    slot->count++;
    return true;
}

static const struct limit_slot *look(const struct limit *limit, const char *device, wg_time now)
{
    size_t place = place_of(device);
    for (size_t i = 0; i < NEIGHBOURS; i++) {
        const struct limit_slot *slot = &limit->slots[(place + i) % LIMIT_SLOTS];
        if (strcmp(slot->device, device) == 0)
            return now - slot->since < limit->window ? slot : NULL;
    }
    return NULL;
}

int limit_count(const struct limit *limit, const char *device, wg_time now)
{
    const struct limit_slot *slot = look(limit, device, now);
    return slot ? slot->count : 0;
}

wg_duration limit_left(const struct limit *limit, const char *device, wg_time now)
{
    const struct limit_slot *slot = look(limit, device, now);
    return slot ? slot->since + limit->window - now : 0;
}
