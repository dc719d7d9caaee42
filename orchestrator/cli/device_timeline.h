/* device_timeline.h: what a device reported, with remarks, as text. */
#ifndef WG_ORCHESTRATOR_CLI_DEVICE_TIMELINE_H
#define WG_ORCHESTRATOR_CLI_DEVICE_TIMELINE_H

#include "orchestrator/cli/screen.h"

/* reports: a list as the API has it, oldest first; borrowed. */
void device_timeline_show(struct screen *screen, const json_t *reports);

#endif
