/* expiry.h: when our own certificates and revocation lists end, of the files that the settings
 * name: the API's, that of wavegated at the broker, their authorities, those of operators, and
 * whatever else they list. Any thread. */
#ifndef WG_ORCHESTRATOR_API_EXPIRY_H
#define WG_ORCHESTRATOR_API_EXPIRY_H

#include "common/buf.h"
#include "orchestrator/config/settings.h"

#define EXPIRY_FIGURE "wavegate_certificate_expires_timestamp_seconds"
#define EXPIRY_SOON (30 * WG_DAY)
#define EXPIRY_LIST_SOON (7 * WG_DAY) /* lists are written anew when half of their time is over */

/* The first end of what the file holds, certificates or one revocation list; 0: it cannot be read.
 */
wg_time expiry_read(const char *file);
/* As figures for Prometheus; who cannot be read is left out. */
void expiry_put(const struct settings *settings, struct wg_buf *out);
/* A line of the log for each that ends soon, has ended, or cannot be read. */
void expiry_warn(const struct settings *settings, wg_time now);

#endif
