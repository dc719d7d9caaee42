/* scope.h: which devices a grant or a token is about: regions, groups, hardware models. A device is
 * inside when each list that is not empty holds it; the empty scope is everything. Pure.
 *
 *   {"groups": ["lab"], "models": ["brake-ecu"], "regions": ["AT", "DE-BY"]}
 *
 * A region covers its subdivisions: DE covers DE-BY (ISO 3166). Lists that are empty are not
 * written. */
#ifndef WG_ORCHESTRATOR_PEOPLE_SCOPE_H
#define WG_ORCHESTRATOR_PEOPLE_SCOPE_H

#include "common/json.h"
#include "common/text.h"

#define SCOPE_LIST_MAX 32 /* names in one list */

/* Names by bytes, each once, no region that another one covers. */
struct scope_list {
    size_t count;
    char names[SCOPE_LIST_MAX][WG_NAME_MAX + 1];
};
struct scope {
    struct scope_list regions, groups, models;
};

/* Borrowed texts. */
struct scope_device {
    const char *region; /* "" when it is not known: in no region */
    const char *model;
    const char *const *groups;
    size_t group_count;
};

/* Strict: known keys, lists of names, sorted as they are taken; NULL or JSON null is everything.
 * WG_E_BAD_INPUT, WG_E_LIMIT. */
WG_MUST_CHECK bool scope_read(const json_t *value, struct scope *out, struct wg_error *err);
/* New reference, in its one form; NULL: out of memory. */
json_t *scope_json(const struct scope *scope);

bool scope_is_everything(const struct scope *scope);
bool scope_holds(const struct scope *scope, const struct scope_device *device);
/* Does the outer one hold every device that the inner one holds, whatever devices there are? */
bool scope_contains(const struct scope *outer, const struct scope *inner);
/* A scope that both contain: what both hold, but of devices in several groups only those in a
 * group that both name. False: there is no such device. */
bool scope_intersect(const struct scope *a, const struct scope *b, struct scope *out);
/* Is the region within the other one, or the same? */
bool scope_region_covers(const char *outer, const char *inner);

#endif
