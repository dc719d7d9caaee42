/* notices.c: a short list of who did what how often. */
#include "broker/notices.h"

#include <string.h>

static const struct bucket_rule pace = {.unit = NS_PER_SECOND / 20, .burst = 100};

static const char *const kinds[NOTICE_KINDS] = {
    [NOTICE_TAKEOVER] = "takeover",
    [NOTICE_TAKEOVER_STORM] = "takeover-storm",
    [NOTICE_CONNECT_STORM] = "connect-storm",
    [NOTICE_FLOOD] = "flood",
    [NOTICE_REVOKED] = "revoked",
    [NOTICE_ESCAPE] = "escape",
};

const char *notice_text(enum notice_kind kind)
{
    return (unsigned)kind < NOTICE_KINDS ? kinds[kind] : "?";
}

/* A slot with nothing to tell, whose silence is over. */
static bool is_spent(const struct notice_slot *slot, nanoseconds now)
{
    return slot->count == 0 && slot->quiet_until <= now;
}

static struct notice_slot *slot_for(struct notices *notices, const char *device,
                                    enum notice_kind kind, nanoseconds now)
{
    struct notice_slot *spent = NULL;
    for (size_t i = 0; i < notices->used; i++) {
        struct notice_slot *slot = &notices->slots[i];
        if (slot->kind == kind && strcmp(slot->device, device) == 0) return slot;
        if (is_spent(slot, now)) spent = slot;
    }
    if (!spent && notices->used < NOTICES_WAITING) spent = &notices->slots[notices->used++];
    if (!spent) return NULL;
    *spent = (struct notice_slot){.kind = kind};
    (void)wg_copy(spent->device, sizeof spent->device, device);
    return spent;
}

void notices_add(struct notices *notices, const char *device, enum notice_kind kind,
                 nanoseconds now)
{
    struct notice_slot *slot = slot_for(notices, device, kind, now);
    if (!slot)
        notices->lost++;
    else if (slot->count < UINT32_MAX)
        slot->count++;
}

bool notices_next(struct notices *notices, nanoseconds now, struct notice *out)
{
    for (size_t i = 0; i < notices->used; i++) {
        struct notice_slot *slot = &notices->slots[i];
        if (slot->count == 0 || slot->quiet_until > now) continue;
        if (!bucket_take(&notices->pace, &pace, 1, now)) return false;
        *out = (struct notice){.kind = slot->kind, .count = slot->count, .lost = notices->lost};
        (void)wg_copy(out->device, sizeof out->device, slot->device);
        notices->lost = 0;
        slot->count = 0;
        slot->quiet_until = now + NOTICE_GAP;
        return true;
    }
    return false;
}

void notice_json(const struct notice *notice, wg_time at, char *out)
{
    char when[WG_TIME_TEXT], lost[40] = "";
    wg_time_text(at, when);
    if (notice->lost > 0)
        (void)wg_format(lost, sizeof lost, ",\"lost\":%llu", (unsigned long long)notice->lost);
    (void)wg_format(out, NOTICE_JSON_MAX,
                    "{\"v\":1,\"device\":\"%s\",\"kind\":\"%s\",\"count\":%u%s,\"at\":\"%s\"}",
                    notice->device, notice_text(notice->kind), notice->count, lost, when);
}
