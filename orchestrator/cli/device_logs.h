/* device_logs.h: what is known of a device's logs, for `device explain`. */
#ifndef WG_ORCHESTRATOR_CLI_DEVICE_LOGS_H
#define WG_ORCHESTRATOR_CLI_DEVICE_LOGS_H

#include "orchestrator/cli/screen.h"

/* Where to read them; nothing when there are none. document: of the device, borrowed. */
void device_logs_known_show(struct screen *screen, const json_t *document);

#endif
