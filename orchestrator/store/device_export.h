/* device_export.h: the devices of the registry in order of id, some at a time; all as they were at
 * one moment. */
#ifndef WG_ORCHESTRATOR_STORE_DEVICE_EXPORT_H
#define WG_ORCHESTRATOR_STORE_DEVICE_EXPORT_H

#include "common/buf.h"
#include "common/text.h"
#include "orchestrator/store/db.h"

struct device_export {
    struct db *db;
    /* Borrowed; only devices with this tag, in this group, within these scopes; NULL: any. */
    const char *tag, *group, *scopes;
    PGresult *page;
    int row;
    char after[WG_NAME_MAX + 1];
    bool ended;
};

/* tag, group and scopes are set. Opens a transaction that device_export_end ends. */
WG_MUST_CHECK bool device_export_begin(struct device_export *out, struct db *db,
                                       struct wg_error *err);
/* All components, or all names of attributes, of these devices: sorted by bytes, at most limit,
 * told one by one. */
typedef bool (*device_export_name_fn)(void *ctx, const char *name, struct wg_error *err);
WG_MUST_CHECK bool device_export_components(struct device_export *from, size_t limit,
                                            device_export_name_fn tell, void *ctx,
                                            struct wg_error *err);
WG_MUST_CHECK bool device_export_attributes(struct device_export *from, size_t limit,
                                            device_export_name_fn tell, void *ctx,
                                            struct wg_error *err);
/* *json: the next device as a JSON object, borrowed until the next call; NULL: there is none. */
WG_MUST_CHECK bool device_export_next(struct device_export *from, const char **json,
                                      struct wg_error *err);
void device_export_end(struct device_export *from);

#endif
