/* release_seal.h: encrypted artifacts, as the commands see them. */
#ifndef WG_ORCHESTRATOR_CLI_RELEASE_SEAL_H
#define WG_ORCHESTRATOR_CLI_RELEASE_SEAL_H

#include "orchestrator/cli/command.h"
#include "orchestrator/store/device_row.h"

/* --header: the artifact is an age body, whose file key is taken over from that header. Sets
 * row->sealed. */
WG_MUST_CHECK bool release_take_header(const struct cli *cli, struct release_row *row,
                                       struct wg_error *err);

#endif
