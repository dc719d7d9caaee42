/* erasure_view.h: how far a device is that is to destroy its keys, for `device explain`. */
#ifndef WG_ORCHESTRATOR_CLI_ERASURE_VIEW_H
#define WG_ORCHESTRATOR_CLI_ERASURE_VIEW_H

#include "orchestrator/cli/screen.h"

/* erasure: as the API has it, null when nobody asked; borrowed. */
void erasure_view_show(struct screen *screen, const json_t *erasure);

#endif
