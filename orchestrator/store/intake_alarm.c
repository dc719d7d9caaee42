/* intake_alarm.c: what of a batch shows that something is wrong with a device's identity. */
#include "orchestrator/store/intake_batch.h"

#include <stdlib.h>
#include <string.h>

void intake_alarm(struct batch_work *work, const struct alarm *alarm)
{
    for (size_t i = 0; i < work->alarm_count; i++) {
        struct alarm *known = &work->alarms[i];
        if (known->kind != alarm->kind || strcmp(known->device, alarm->device) != 0) continue;
        known->count += alarm->count;
        if (alarm->at > known->at) known->at = alarm->at;
        (void)wg_copy(known->why, sizeof known->why, alarm->why);
        return;
    }
    /* a message raises one at most; a hello of a tampered clone, that says so again, two */
    if (work->alarm_count < INTAKE_BATCH_MAX) work->alarms[work->alarm_count++] = *alarm;
}

static void raise_one(struct batch_work *work, const struct intake_item *item, enum alarm_kind kind,
                      const char *why)
{
    struct alarm alarm = {.kind = kind, .count = 1, .at = item->received};
    (void)wg_copy(alarm.device, sizeof alarm.device, item->device);
    (void)wg_copy(alarm.why, sizeof alarm.why, why);
    intake_alarm(work, &alarm);
}

void intake_cloned(struct batch_work *work, const struct intake_item *item, const char *why)
{
    raise_one(work, item, ALARM_CLONED, why);
}

void intake_tampered(struct batch_work *work, const struct intake_item *item)
{
    raise_one(work, item, ALARM_TAMPERED, item->as.hello.tampered);
}

/* What an alarm of the kind says. ALARM_KINDS: there is none; after a lost network a take-over is
 * as it should be. */
static enum alarm_kind kind_of(enum wg_guard_kind kind, const char **why)
{
    switch (kind) {
    case WG_GUARD_TAKEOVER_STORM:
        *why = "sessions that take each other's place, again and again";
        return ALARM_CLONED;
    case WG_GUARD_CONNECT_STORM:
        *why = "it was refused for connecting too often";
        return ALARM_CONNECT_STORM;
    case WG_GUARD_FLOOD:
        *why = "messages or subscriptions over the limits";
        return ALARM_FLOOD;
    case WG_GUARD_REVOKED:
        *why = "it came with a revoked certificate";
        return ALARM_REVOKED;
    case WG_GUARD_ESCAPE:
        *why = "it tried a topic or client id that is not its own";
        return ALARM_ESCAPE;
    default:
        return ALARM_KINDS;
    }
}

static void take_event(struct batch_work *work, const struct intake_item *item)
{
    const struct wg_guard_event *event = &item->as.guard;
    const char *why = "";
    struct alarm alarm = {.kind = kind_of(event->kind, &why), .count = event->count};
    if (alarm.kind == ALARM_KINDS) return;
    alarm.at = item->received;
    (void)wg_copy(alarm.device, sizeof alarm.device, event->device);
    (void)wg_copy(alarm.why, sizeof alarm.why, why);
    intake_alarm(work, &alarm);
}

bool intake_alarms(struct batch_work *work, struct wg_error *err)
{
    for (size_t i = 0; i < work->count; i++)
        if (work->items[i].kind == INTAKE_GUARD) take_event(work, &work->items[i]);
    work->out->alarms = (int64_t)work->alarm_count;
    return alarm_row_raise(work->db, work->alarms, work->alarm_count, err);
}
