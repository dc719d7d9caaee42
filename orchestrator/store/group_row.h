/* group_row.h: groups: names that devices are put under by people. A group is there while it has a
 * member. */
#ifndef WG_ORCHESTRATOR_STORE_GROUP_ROW_H
#define WG_ORCHESTRATOR_STORE_GROUP_ROW_H

#include "common/text.h"
#include "orchestrator/store/db.h"

struct group_row {
    char name[WG_NAME_MAX + 1];
    int64_t devices;
};

/* By name; allocates *out. */
WG_MUST_CHECK bool group_row_list(struct db *db, struct group_row **out, size_t *count,
                                  struct wg_error *err);
/* *changed: how many were not in it (or were, when taken out). WG_E_NOT_FOUND names devices that
 * there are not; then nothing is changed. Ids may repeat. */
WG_MUST_CHECK bool group_row_add(struct db *db, const char *name, const char *const *ids,
                                 size_t count, int64_t *changed, struct wg_error *err);
WG_MUST_CHECK bool group_row_remove(struct db *db, const char *name, const char *const *ids,
                                    size_t count, int64_t *changed, struct wg_error *err);
/* WG_E_NOT_FOUND when there is none. */
WG_MUST_CHECK bool group_row_delete(struct db *db, const char *name, int64_t *changed,
                                    struct wg_error *err);

/* How many of them lie outside of the scopes (a list for wg_in_scopes()): of these devices, or,
 * when ids is NULL, of those in the group. */
WG_MUST_CHECK bool group_row_outside(struct db *db, const char *name, const char *const *ids,
                                     size_t count, const char *scopes, int64_t *outside,
                                     struct wg_error *err);
/* How many it has within the scopes (NULL: everything). WG_E_NOT_FOUND: none. */
WG_MUST_CHECK bool group_row_size(struct db *db, const char *name, const char *scopes,
                                  int64_t *devices, struct wg_error *err);

struct group_member {
    char id[WG_NAME_MAX + 1];
};
/* Behind the id ("" from the start), at most limit; *total of all. Allocates *out. WG_E_NOT_FOUND
 * when there is no such group. */
WG_MUST_CHECK bool group_row_members(struct db *db, const char *name, const char *after,
                                     size_t limit, struct group_member **out, size_t *count,
                                     int64_t *total, struct wg_error *err);

#endif
