/* message_guard.h: what the broker's guard tells of a device (broker/notices.h writes it,
 * schemas/message-guard.schema.json is the contract). Takes any bytes, checks bounds, fills the
 * whole struct or nothing. Pure. */
#ifndef WG_COMMON_MESSAGE_GUARD_H
#define WG_COMMON_MESSAGE_GUARD_H

#include "common/message.h"

#define WG_TOPIC_GUARD "wg/v1/guard"

enum wg_guard_kind {
    WG_GUARD_TAKEOVER,       /* a second session took the place of one that was alive */
    WG_GUARD_TAKEOVER_STORM, /* again and again: two hold the same key */
    WG_GUARD_CONNECT_STORM,
    WG_GUARD_FLOOD,
    WG_GUARD_REVOKED,
    WG_GUARD_ESCAPE,
    WG_GUARD_KINDS
};
const char *wg_guard_kind_text(enum wg_guard_kind kind); /* "takeover-storm" */

struct wg_guard_event {
    char device[WG_NAME_MAX + 1]; /* or the client id of a service */
    enum wg_guard_kind kind;
    int64_t count; /* of it since the last event of this kind about the device, 1.. */
    int64_t lost;  /* of all kinds and devices, that nobody was told of */
    wg_time at;    /* by the broker's clock */
};

WG_MUST_CHECK bool wg_guard_event_decode(const char *bytes, size_t len, struct wg_guard_event *out,
                                         struct wg_error *err);
WG_MUST_CHECK bool wg_guard_event_encode(const struct wg_guard_event *event, struct wg_buf *out,
                                         struct wg_error *err);

#endif
