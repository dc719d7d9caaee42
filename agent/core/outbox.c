/* outbox.c: keeps reports in their wire form until the orchestrator has committed them. */
#include "agent/core/outbox.h"

#include <stdlib.h>
#include <string.h>

static void item_drop(struct outbox_item *item)
{
    if (--item->owners == 0) free(item);
}

void outbox_clear(struct outbox *outbox)
{
    for (size_t i = 0; i < outbox->count; i++) item_drop(outbox->items[i]);
    outbox->count = 0;
}

void outbox_copy(struct outbox *to, const struct outbox *from)
{
    *to = *from;
    for (size_t i = 0; i < to->count; i++) to->items[i]->owners++;
}

static struct outbox_item *item_new(const struct wg_report *report, const struct wg_buf *bytes,
                                    struct wg_error *err)
{
    struct outbox_item *item = malloc(sizeof *item + bytes->len + 1);
    if (!item) {
        (void)wg_fail_memory(err, "journaling a report");
        return NULL;
    }
    item->owners = 1;
    item->seq = report->seq;
    item->state = report->state;
    (void)wg_copy(item->order, sizeof item->order, report->order);
    item->len = bytes->len;
    memcpy(item->payload, bytes->data, bytes->len);
    item->payload[bytes->len] = '\0';
    return item;
}

bool outbox_add(struct outbox *outbox, const struct wg_report *report, wg_time now,
                struct wg_error *err)
{
    if (outbox->count >= CORE_PENDING_MAX)
        return wg_fail(err, WG_E_LIMIT,
                       "%d reports wait for their acknowledgement, no room for more",
                       CORE_PENDING_MAX);
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    struct outbox_item *item =
        wg_report_encode(report, &bytes, err) ? item_new(report, &bytes, err) : NULL;
    wg_buf_clear(&bytes);
    if (!item) return false;
    outbox->items[outbox->count] = item;
    outbox->sent[outbox->count++] = now;
    return true;
}

size_t outbox_ack(struct outbox *outbox, int64_t seq)
{
    size_t gone = 0;
    while (gone < outbox->count && outbox->items[gone]->seq <= seq)
        item_drop(outbox->items[gone++]);
    outbox->count -= gone;
    for (size_t i = 0; gone > 0 && i < outbox->count; i++) {
        outbox->items[i] = outbox->items[i + gone];
        outbox->sent[i] = outbox->sent[i + gone];
    }
    return gone;
}

size_t outbox_find(const struct outbox *outbox, const char *order, enum wg_state state)
{
    for (size_t i = outbox->count; i-- > 0;) {
        const struct outbox_item *item = outbox->items[i];
        if (strcmp(item->order, order) == 0 && (state == WG_WAITING || item->state == state))
            return i;
    }
    return CORE_PENDING_MAX;
}

wg_time outbox_due(const struct outbox *outbox, wg_duration resend)
{
    wg_time due = 0;
    for (size_t i = 0; i < outbox->count; i++) {
        wg_time again = outbox->sent[i] + resend;
        if (due == 0 || again < due) due = again;
    }
    return due;
}
