/* outbox.h: reports that wait for their acknowledgement, oldest first. */
#ifndef WG_AGENT_CORE_OUTBOX_H
#define WG_AGENT_CORE_OUTBOX_H

#include "agent/core/core.h"

/* A report as it goes over the wire. Never changed once made, so copies of an outbox share it. */
struct outbox_item {
    unsigned owners;
    int64_t seq;
    enum wg_state state;
    char order[WG_ORDER_ID_MAX];
    size_t len;
    char payload[]; /* JSON, with NUL */
};

struct outbox {
    size_t count;
    struct outbox_item *items[CORE_PENDING_MAX];
    wg_time sent[CORE_PENDING_MAX]; /* when last published; means nothing while offline */
};

void outbox_clear(struct outbox *outbox);
/* to is overwritten; both are cleared by their owner. */
void outbox_copy(struct outbox *to, const struct outbox *from);

/* WG_E_LIMIT when it is full, WG_E_BAD_INPUT for a report that has no wire form. */
WG_MUST_CHECK bool outbox_add(struct outbox *outbox, const struct wg_report *report, wg_time now,
                              struct wg_error *err);
/* Drops the reports up to and including seq; returns how many. */
size_t outbox_ack(struct outbox *outbox, int64_t seq);

/* Index of the newest report of the order, in the given state or (WG_WAITING) in any;
 * CORE_PENDING_MAX when there is none. */
size_t outbox_find(const struct outbox *outbox, const char *order, enum wg_state state);

/* When the first of them is to be sent again; 0: nothing waits. */
wg_time outbox_due(const struct outbox *outbox, wg_duration resend);

#endif
