/* registry_export.h: the devices of the registry as a file that registry_import reads, as of one
 * moment. */
#ifndef WG_ORCHESTRATOR_STEERING_REGISTRY_EXPORT_H
#define WG_ORCHESTRATOR_STEERING_REGISTRY_EXPORT_H

#include "common/buf.h"
#include "orchestrator/registry/device_file.h"
#include "orchestrator/store/device_export.h"

/* Takes the next bytes of the file. */
typedef bool (*registry_write_fn)(void *ctx, const void *bytes, size_t len, struct wg_error *err);

/* from: what it is limited to. Memory does not grow with the fleet. WG_E_LIMIT: more components
 * than CSV has columns for. */
WG_MUST_CHECK bool registry_export_run(struct db *db, const struct device_export *from,
                                       enum device_format format, registry_write_fn write,
                                       void *ctx, struct wg_error *err);

#endif
