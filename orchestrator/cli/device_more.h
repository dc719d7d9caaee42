/* device_more.h: of `device show`, what is known beside the row of a list. */
#ifndef WG_ORCHESTRATOR_CLI_DEVICE_MORE_H
#define WG_ORCHESTRATOR_CLI_DEVICE_MORE_H

#include "orchestrator/cli/screen.h"

/* document: orchestrator/show/device.h; borrowed. */
void device_more_show(struct screen *screen, const json_t *document);
void device_logs_show(struct screen *screen, const json_t *document); /* nothing when none is */

#endif
