/* change_row.c: rows of changes in and out. */
#include "orchestrator/store/change_row.h"

#include "orchestrator/store/params.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NEWEST_KEPT 1000
#define SWEEP_MAX 10000

int change_place_compare(struct change_place left, struct change_place right)
{
    if (left.xid != right.xid) return left.xid < right.xid ? -1 : 1;
    return left.id == right.id ? 0 : left.id < right.id ? -1 : 1;
}

void change_place_text(struct change_place place, char out[CHANGE_ID_MAX])
{
    (void)snprintf(out, CHANGE_ID_MAX, "%lld-%lld", (long long)place.xid, (long long)place.id);
}

/* Behind the digits; NULL: they are no number. */
static const char *parse_number(const char *text, int64_t *out)
{
    size_t digits = strspn(text, "0123456789");
    if (digits == 0 || digits > 18 || (text[0] == '0' && digits > 1)) return NULL;
    *out = strtoll(text, NULL, 10);
    return text + digits;
}

bool change_place_parse(const char *text, struct change_place *out)
{
    const char *rest = parse_number(text, &out->xid);
    if (!rest || *rest != '-') return false;
    rest = parse_number(rest + 1, &out->id);
    return rest && !*rest;
}

bool change_row_devices(struct db *db, const char *devices, struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {devices, param_number(most, CHANGE_DEVICES_MAX)};
    return db_run(db, SQL_CHANGE_DEVICES, 2, params, NULL, err);
}

static void read_row(const PGresult *result, int row, struct change_row *out)
{
    *out = (struct change_row){.place = {db_int(result, row, 0), db_int(result, row, 1)},
                               .at = db_int(result, row, 2),
                               .audit = db_int(result, row, 5)};
    db_copy(result, row, 3, out->kind, sizeof out->kind);
    db_copy(result, row, 4, out->subject, sizeof out->subject);
}

bool change_row_page(struct db *db, struct change_place after, size_t limit, struct change_row *out,
                     size_t *count, struct wg_error *err)
{
    char xid[PARAM_NUMBER], id[PARAM_NUMBER], most[PARAM_NUMBER];
    const char *const params[] = {param_number(xid, after.xid), param_number(id, after.id),
                                  param_number(most, (int64_t)limit)};
    *count = 0;
    PGresult *result = db_query(db, SQL_CHANGE_PAGE, 3, params, err);
    for (int row = 0; result && row < PQntuples(result); row++)
        read_row(result, row, &out[(*count)++]);
    PQclear(result);
    return result != NULL;
}

bool change_row_newest(struct db *db, size_t limit, struct change_row *out, size_t *count,
                       struct wg_error *err)
{
    char most[PARAM_NUMBER];
    const char *const params[] = {param_number(most, (int64_t)limit)};
    *count = 0;
    PGresult *result = db_query(db, SQL_CHANGE_NEWEST, 1, params, err);
    for (int row = result ? PQntuples(result) : 0; row-- > 0;)
        read_row(result, row, &out[(*count)++]);
    PQclear(result);
    return result != NULL;
}

bool change_row_sweep(struct db *db, bool *more, struct wg_error *err)
{
    char kept[PARAM_NUMBER], newest[PARAM_NUMBER], most[PARAM_NUMBER];
    int64_t gone = 0, software = 0;
    const char *const params[] = {param_number(kept, CHANGE_KEPT),
                                  param_number(newest, NEWEST_KEPT), param_number(most, SWEEP_MAX)};
    if (!db_run(db, SQL_CHANGE_SWEEP, 3, params, &gone, err) ||
        !db_run(db, SQL_CHANGE_SWEEP_SOFTWARE, 1, &params[2], &software, err))
        return false;
    *more = gone == SWEEP_MAX || software == SWEEP_MAX;
    return true;
}
