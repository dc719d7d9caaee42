/* device_view.h: one device as text and JSON. */
#ifndef WG_ORCHESTRATOR_CLI_DEVICE_VIEW_H
#define WG_ORCHESTRATOR_CLI_DEVICE_VIEW_H

#include "orchestrator/cli/screen.h"
#include "orchestrator/store/device_row.h"

json_t *device_json(const struct device_row *row); /* new reference */
void device_show(struct screen *screen, const struct device_row *row);
void device_software_words(const struct device_row *row, char *out, size_t size);
void device_tag_words(const struct device_row *row, char *out, size_t size);

#endif
