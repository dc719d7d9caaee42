/* event_text.h: changes as lines of a stream of events (HTML standard, "server-sent events"): what
 * one reader gets of them. Pure. */
#ifndef WG_ORCHESTRATOR_API_EVENT_TEXT_H
#define WG_ORCHESTRATOR_API_EVENT_TEXT_H

#include "common/json.h"
#include "orchestrator/people/permission.h"
#include "orchestrator/store/change_row.h"

#define EVENT_DEVICES_MAX 50 /* of one look; more are one event without a subject */

/* Bits of kinds. */
typedef unsigned event_kinds;
#define EVENT_KINDS_ALL 63u

/* "campaigns,devices"; "": all that these permissions let see. WG_E_USAGE: no such topic;
 * WG_E_DENIED: one that they do not let see. */
WG_MUST_CHECK bool event_topics_parse(const char *text, permission_set permissions,
                                      event_kinds *out, struct wg_error *err);
/* 0: there is no such kind. */
event_kinds event_kind_bit(const char *kind);
bool event_is_of_device(const struct change_row *row);

/* Drops what is of other kinds, and what is told already by a row before it: of the same subject,
 * or as one of many devices. Returns how many are left. What is dropped comes behind what tells it,
 * so that who was cut off between the two gets it again. */
size_t event_digest(struct change_row *rows, size_t count, event_kinds kinds);

/* {"id", "at", "kind", "subject"}; no subject: several. New reference. */
json_t *event_json(const struct change_row *row);
void event_put(struct wg_buf *out, const struct change_row *row);
/* Where a reader is that has seen nothing yet, and how long it waits before it comes again. */
void event_put_start(struct wg_buf *out, struct change_place place, wg_duration retry);
void event_put_reset(struct wg_buf *out, struct change_place place, wg_time now);
void event_put_alive(struct wg_buf *out, wg_time now);
void event_put_end(struct wg_buf *out, wg_duration retry);

#endif
