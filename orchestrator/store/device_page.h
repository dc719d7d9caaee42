/* device_page.h: devices by filters, a page at a time: it costs the same at the first page and the
 * last. */
#ifndef WG_ORCHESTRATOR_STORE_DEVICE_PAGE_H
#define WG_ORCHESTRATOR_STORE_DEVICE_PAGE_H

#include "common/json.h"
#include "orchestrator/store/device_row.h"

/* Borrowed; NULL: any. */
struct device_query {
    const char *after;    /* an id; "" from the start */
    const char *presence; /* "online", "offline" */
    const char *region;   /* with its subdivisions */
    const char *model, *component, *version, *tag, *group;
    const char *alarm;  /* a kind that is open, "any" */
    const char *q;      /* the id begins with this */
    const char *scopes; /* of who asks: a list for wg_in_scopes() */
    size_t limit;
};
/* In order of id. Allocates *out. */
WG_MUST_CHECK bool device_page(struct db *db, const struct device_query *query,
                               struct device_row **out, size_t *count, struct wg_error *err);

/* Is the device within one of them? scopes NULL: everything. WG_E_NOT_FOUND: there is no such
 * device. */
WG_MUST_CHECK bool device_in_scopes(struct db *db, const char *id, const char *scopes, bool *inside,
                                    struct wg_error *err);

/* Of store/device_row.c: a row of its statements. */
void device_row_read(const PGresult *result, int row, struct device_row *out);

/* Counts of the whole fleet for one look: {"devices", "online", ..., "regions": [...], "hardware":
 * [...], "versions": [...]} (docs/api.md). New reference. */
json_t *device_fleet(struct db *db, const char *scopes, struct wg_error *err);
/* {"cells": [{"west", "south", "east", "north", "devices", "online"}], "without_position": N}:
 * cells of the box that hold devices, columns of them side by side. */
struct device_box {
    double west, south, east, north; /* degrees */
    int columns;
};
json_t *device_map(struct db *db, const struct device_box *box, const char *scopes,
                   struct wg_error *err);

#endif
