/* device_act.h: what a person does to one device: asked of the server, and what it says was done.
 */
#ifndef WG_ORCHESTRATOR_CLI_DEVICE_ACT_H
#define WG_ORCHESTRATOR_CLI_DEVICE_ACT_H

#include "orchestrator/cli/command.h"

/* The device that is named, and a request with the reason that is given, which must say `what`.
 * NULL with WG_E_USAGE. New reference. */
json_t *device_act_request(const struct cli *cli, const char *what, const char **device,
                           struct wg_error *err);
/* POST (or PUT) to "/devices/DEVICE/ACTION"; request is taken over. The answer: a new reference. */
json_t *device_act_send(struct cli *cli, const char *method, const char *device, const char *action,
                        json_t *request, struct wg_error *err);
/* Its words, and what comes behind them, or with --json what was done. answer is taken over; NULL:
 * the error stands. */
WG_MUST_CHECK bool device_act_show(struct cli *cli, json_t *answer, const char *behind,
                                   struct wg_error *err);

#endif
