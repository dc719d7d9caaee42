/* batch.c: decodes what devices sent and commits it with the engine's verdict on every report. */
#include "orchestrator/link/batch.h"

#include "common/log.h"
#include "orchestrator/link/verdict.h"

#include <stdlib.h>
#include <string.h>

struct batch {
    size_t most, count;
    struct intake_item *items;
};

struct batch *batch_new(size_t most, struct wg_error *err)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (batch) batch->items = calloc(most, sizeof *batch->items);
    if (!batch || !batch->items) {
        batch_free(batch);
        (void)wg_fail_memory(err, "making room for messages");
        return NULL;
    }
    batch->most = most;
    return batch;
}

void batch_free(struct batch *batch)
{
    if (!batch) return;
    free(batch->items);
    free(batch);
}

static void reject(struct intake_item *item, const char *topic, const char *bytes, size_t len,
                   const char *reason)
{
    item->kind = INTAKE_REJECTED;
    memset(&item->as, 0, sizeof item->as);
    (void)wg_copy(item->as.rejected.topic, sizeof item->as.rejected.topic, topic);
    (void)wg_copy(item->as.rejected.reason, sizeof item->as.rejected.reason, reason);
    item->as.rejected.length = len;
    item->as.rejected.kept = len < REJECTED_BYTES_MAX ? len : REJECTED_BYTES_MAX;
    memcpy(item->as.rejected.bytes, bytes, item->as.rejected.kept);
}

static bool decode(struct intake_item *item, enum wg_topic topic, const char *bytes, size_t len,
                   struct wg_error *err)
{
    if (topic == WG_TOPIC_UP_HELLO) {
        item->kind = INTAKE_HELLO;
        return wg_hello_decode(bytes, len, &item->as.hello, err);
    }
    if (topic == WG_TOPIC_UP_REPORT) {
        item->kind = INTAKE_REPORT;
        return wg_report_decode(bytes, len, &item->as.report, err);
    }
    return wg_fail(err, WG_E_BAD_INPUT, "nothing is expected on this topic");
}

static bool decode_guard(struct intake_item *item, const char *bytes, size_t len,
                         struct wg_error *err)
{
    char lost[24];
    item->kind = INTAKE_GUARD;
    if (!wg_guard_event_decode(bytes, len, &item->as.guard, err)) return false;
    if (item->as.guard.lost == 0) return true;
    (void)wg_format(lost, sizeof lost, "%lld", (long long)item->as.guard.lost);
    wg_log(WG_LOG_WARN, "the broker's guard had more to tell than found room", "lost", lost, NULL);
    return true;
}

void batch_take(struct batch *batch, const char *broker, const char *topic, const char *bytes,
                size_t len, wg_time now)
{
    struct intake_item *item = &batch->items[batch->count++];
    struct wg_error err = {0};
    enum wg_topic kind;
    item->received = now;
    item->broker = broker;
    item->device[0] = '\0';
    if (strcmp(topic, WG_TOPIC_GUARD) == 0) {
        if (!decode_guard(item, bytes, len, &err)) reject(item, topic, bytes, len, err.text);
    } else if (!wg_topic_parse(topic, &kind, item->device))
        reject(item, topic, bytes, len, "the topic is none of a device's");
    else if (!decode(item, kind, bytes, len, &err))
        reject(item, topic, bytes, len, err.text);
}

size_t batch_count(const struct batch *batch)
{
    return batch->count;
}

bool batch_is_full(const struct batch *batch)
{
    return batch->count == batch->most;
}

wg_time batch_since(const struct batch *batch)
{
    return batch->count ? batch->items[0].received : 0;
}

bool batch_commit(struct batch *batch, struct db *db, struct verdict *verdict, wg_time now,
                  struct intake_result *out, struct wg_error *err)
{
    if (!intake_commit(db, batch->items, batch->count, verdict_of_report, verdict, now, out, err))
        return false;
    batch->count = 0;
    return true;
}
