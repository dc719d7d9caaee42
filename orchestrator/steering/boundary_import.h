/* boundary_import.h: areas of regions and time zones from GeoJSON, and what they tell of devices
 * (docs/registry.md). */
#ifndef WG_ORCHESTRATOR_STEERING_BOUNDARY_IMPORT_H
#define WG_ORCHESTRATOR_STEERING_BOUNDARY_IMPORT_H

#include "orchestrator/registry/source.h"
#include "orchestrator/store/db.h"

struct boundary_import {
    source_read_fn read; /* borrowed, with ctx */
    void *ctx;
    int64_t line, feature;             /* out: what is bad; 0: it was not the file */
    int64_t stored, left_out, changed; /* out: areas; features that name none; devices */
};
/* The areas in a transaction of their own, then the devices. WG_E_BAD_FILE with the line; then
 * nothing is stored. */
WG_MUST_CHECK bool boundary_import_run(struct db *db, struct boundary_import *import, wg_time now,
                                       struct wg_error *err);
/* Region and zone of all devices whose position alone tells them. */
WG_MUST_CHECK bool boundary_derive(struct db *db, int64_t *changed, struct wg_error *err);

#endif
