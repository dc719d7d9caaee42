/* boundary_row.h: areas of regions and time zones, and what they tell of the devices in them. */
#ifndef WG_ORCHESTRATOR_STORE_BOUNDARY_ROW_H
#define WG_ORCHESTRATOR_STORE_BOUNDARY_ROW_H

#include "common/text.h"
#include "orchestrator/store/db.h"

enum boundary_kind { BOUNDARY_REGION, BOUNDARY_ZONE };
const char *boundary_kind_text(enum boundary_kind kind); /* "region" */

/* Within the caller's transaction: begin, put each shape, store. Shapes of one name are joined, and
 * replace what the name had. */
WG_MUST_CHECK bool boundary_row_begin(struct db *db, struct wg_error *err);
/* geometry: a GeoJSON Polygon or MultiPolygon. WG_E_BAD_FILE: it has no area or lies outside of the
 * world. */
WG_MUST_CHECK bool boundary_row_put(struct db *db, enum boundary_kind kind, const char *name,
                                    const char *geometry, struct wg_error *err);
WG_MUST_CHECK bool boundary_row_store(struct db *db, wg_time now, int64_t *stored,
                                      struct wg_error *err);

/* Region and zone of these devices, where neither they nor the registry told: from their position.
 * *changed is added to. */
WG_MUST_CHECK bool boundary_row_derive(struct db *db, const char *const *ids, size_t count,
                                       int64_t *changed, struct wg_error *err);
/* The same of the ids in the first column. For use in this room. */
WG_MUST_CHECK bool boundary_row_derive_cells(struct db *db, const PGresult *ids,
                                             struct wg_error *err);
/* Of all devices, some in a transaction. */
WG_MUST_CHECK bool boundary_row_derive_all(struct db *db, int64_t *changed, struct wg_error *err);

struct boundary_row {
    char kind[8];
    char name[WG_ZONE_MAX + 1];
    double area; /* square kilometres */
    wg_time imported_at;
    int64_t devices; /* that have it from here */
};
/* By kind and name; allocates *out. */
WG_MUST_CHECK bool boundary_row_list(struct db *db, struct boundary_row **out, size_t *count,
                                     struct wg_error *err);

#endif
