/* webhook_sender.h: a thread that gives webhooks their events. Of several wavegate-api one sends,
 * by a lease; when it dies another one goes on within WEBHOOK_LEASE, and what was under way is sent
 * again: each event at least once, those of one subject one behind the other. */
#ifndef WG_ORCHESTRATOR_API_WEBHOOK_SENDER_H
#define WG_ORCHESTRATOR_API_WEBHOOK_SENDER_H

#include "orchestrator/config/settings.h"

#define WEBHOOK_LEASE (20 * WG_SECOND)
#define WEBHOOK_PATIENCE (10 * WG_SECOND) /* for one delivery */

struct webhook_sender;

/* settings, conninfo: borrowed. */
struct webhook_sender *webhook_sender_new(const struct settings *settings, const char *conninfo,
                                          struct wg_error *err);
void webhook_sender_free(struct webhook_sender *sender); /* gives the lease back. NULL is fine */
/* What events name as their source. */
const char *webhook_source(const struct settings *settings);

#endif
