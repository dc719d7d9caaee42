/* device_timeline.h: what a device reported, with remarks, as text and JSON. */
#ifndef WG_ORCHESTRATOR_CLI_DEVICE_TIMELINE_H
#define WG_ORCHESTRATOR_CLI_DEVICE_TIMELINE_H

#include "orchestrator/cli/screen.h"
#include "orchestrator/store/device_row.h"

json_t *device_timeline_json(const struct device_report_row *rows,
                             size_t count); /* new reference */
void device_timeline_show(struct screen *screen, const struct device_report_row *rows,
                          size_t count);

#endif
