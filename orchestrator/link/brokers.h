/* brokers.h: the sessions with every configured broker: connected, subscribed, brought back with
 * back-off when lost. A device listens at one of the brokers: by its hello it is known at which.
 * What is sent where that is not known goes to all, and those without the device drop it. Where a
 * broker shares messages out, every orchestrator hears it; where it does not, the one that is told
 * to (hearing.h). */
#ifndef WG_ORCHESTRATOR_LINK_BROKERS_H
#define WG_ORCHESTRATOR_LINK_BROKERS_H

#include "common/posix/mqtt.h"
#include "common/time.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/link/batch.h"
#include "orchestrator/link/log_shelf.h"

#include <poll.h>
#include <stddef.h>

struct brokers;

struct brokers *brokers_new(const struct settings *settings, struct wg_error *err);
void brokers_free(struct brokers *brokers);

/* Fills one entry a broker; returns how many. */
size_t brokers_poll_set(const struct brokers *brokers, struct pollfd *out);
/* Starts what is due: first connections and new tries. Returns when to come again (0: no need). */
wg_time brokers_keep_connected(struct brokers *brokers, wg_time now);
/* Moves waiting messages into the batch, logs onto the shelf, until the batch is full or nothing
 * waits. */
void brokers_read(struct brokers *brokers, struct batch *batch, struct log_shelf *shelf,
                  wg_time now);
/* Leaves the sessions and comes back with the certificate, key and authority that the files have
 * now, if they are others than before. True: they are. */
bool brokers_renew(struct brokers *brokers, wg_time now);
/* To the broker of that name; where it is not connected or not known (""), to all that are. True if
 * at least one took it. Acknowledgements go at QoS 0: a device that does
 * not hear one sends its report again. */
bool brokers_publish(struct brokers *brokers, const char *name, const char *topic,
                     const void *payload, size_t len);
bool brokers_any_connected(const struct brokers *brokers);

/* When the certificate ends that a broker showed last; 0: it has not shown any yet. */
wg_time brokers_certificate_end(const struct brokers *brokers, size_t index);

/* Brokers that one orchestrator alone hears. The name of the index-th broker if it is one of those
 * and connected; NULL: it is not. */
size_t brokers_count(const struct brokers *brokers);
const char *brokers_alone(const struct brokers *brokers, size_t index);
/* Whether this orchestrator is the one: subscribes, or leaves the session and comes back silent. */
void brokers_hear(struct brokers *brokers, size_t index, bool mine, wg_time now);

#endif
