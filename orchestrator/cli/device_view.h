/* device_view.h: one device, as the API shows it, as text. */
#ifndef WG_ORCHESTRATOR_CLI_DEVICE_VIEW_H
#define WG_ORCHESTRATOR_CLI_DEVICE_VIEW_H

#include "orchestrator/cli/screen.h"

void device_show(struct screen *screen, const json_t *document);
/* "brake-controller 2.4.1, gateway 5.0.0"; "" nothing. */
void device_software_words(const json_t *document, struct wg_buf *out);

#endif
