/* release_approval.c: the word of others than its publisher on a release. */
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/params.h"

#include <stdlib.h>
#include <string.h>

static bool is(const struct release_row *row, const char *state)
{
    return strcmp(row->state, state) == 0;
}

void release_row_unready(const struct release_row *row, char out[RELEASE_UNREADY_TEXT])
{
    out[0] = '\0';
    if (is(row, "refused"))
        (void)wg_format(out, RELEASE_UNREADY_TEXT, "release %s/%s was refused by %s: %s",
                        row->component, row->version, row->refused_by, row->refusal);
    else if (is(row, "proposed"))
        (void)wg_format(out, RELEASE_UNREADY_TEXT,
                        "release %s/%s is proposed, with %lld of %lld approvals by others than %s: "
                        "wavegate release approve %s/%s",
                        row->component, row->version, (long long)row->approvals,
                        (long long)row->approvals_wanted, row->added_by, row->component,
                        row->version);
}

/* Held, and proposed. */
static bool hold_proposed(struct db *db, const char *component, const char *version,
                          struct release_row *row, struct wg_error *err)
{
    const char *const params[] = {component, version};
    if (!db_run(db, SQL_RELEASE_HOLD, 2, params, NULL, err) ||
        !release_row_get(db, component, version, row, err))
        return false;
    if (is(row, "refused"))
        return wg_fail(err, WG_E_CONFLICT, "%s/%s was refused by %s: %s", component, version,
                       row->refused_by, row->refusal);
    return is(row, "proposed") ||
           wg_fail(err, WG_E_CONFLICT, "%s/%s is published already%s", component, version,
                   row->approvals_wanted > 0 ? "" : ": it waits for nobody's approval");
}

static bool approve(struct db *db, const struct release_row *row, const char *person, wg_time now,
                    bool *counts, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    int64_t affected = 0;
    const char *const params[] = {row->component, row->version, person, param_number(at, now)};
    if (strcmp(row->added_by, person) == 0)
        return wg_fail(err, WG_E_DENIED, "%s published %s/%s: somebody else approves it", person,
                       row->component, row->version);
    bool ok = db_run(db, SQL_RELEASE_APPROVE, 4, params, &affected, err);
    *counts = affected == 1;
    return ok;
}

bool release_row_approve(struct db *db, const char *component, const char *version,
                         const char *person, wg_time now, bool *counts, struct wg_error *err)
{
    struct release_row *row = calloc(1, sizeof *row);
    if (!row) return wg_fail_memory(err, "approving a release");
    bool ok = hold_proposed(db, component, version, row, err) &&
              approve(db, row, person, now, counts, err);
    free(row);
    return ok;
}

bool release_row_refuse(struct db *db, const char *component, const char *version,
                        const char *person, const char *reason, wg_time now, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {component, version, person, param_number(at, now), reason};
    struct release_row *row = calloc(1, sizeof *row);
    if (!row) return wg_fail_memory(err, "refusing a release");
    bool ok = hold_proposed(db, component, version, row, err) &&
              db_run(db, SQL_RELEASE_REFUSE, 5, params, NULL, err);
    free(row);
    return ok;
}
