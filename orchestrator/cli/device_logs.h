/* device_logs.h: that there are logs of a device, in a line; for `device show` and `explain`. */
#ifndef WG_ORCHESTRATOR_CLI_DEVICE_LOGS_H
#define WG_ORCHESTRATOR_CLI_DEVICE_LOGS_H

#include "orchestrator/cli/command.h"

struct device_logs_known {
    int64_t count;
    wg_time newest; /* 0: there is none */
};

WG_MUST_CHECK bool device_logs_know(struct cli *cli, const char *device,
                                    struct device_logs_known *out, struct wg_error *err);
json_t *device_logs_known_json(const struct device_logs_known *known);
/* Nothing when there is none. */
void device_logs_known_show(struct screen *screen, const char *device,
                            const struct device_logs_known *known);

#endif
