/* chores.c: part by part, so that other work is not kept waiting. */
#include "orchestrator/daemon/chores.h"

#include "common/log.h"
#include "orchestrator/store/change_row.h"
#include "orchestrator/store/health_row.h"
#include "orchestrator/store/report_keep.h"

#define SWEEP_APART (10 * WG_SECOND) /* between two looks for changes that are old */
#define FLEET_APART (10 * WG_MINUTE) /* between two looks whether today is written down */
#define FLEET_COUNTED 100000         /* as `fleet health` counts */

/* A month of reports that is in use now is dropped by a later look. */
static void keep_months(struct db *db, const struct settings *settings, wg_time now)
{
    struct wg_error err = {0};
    char dropped[REPORT_DROPPED_TEXT];
    if (!report_keep(db, now, settings->keep_reports, dropped, &err))
        wg_log_error("months of reports not kept", &err);
    else if (dropped[0])
        wg_log(WG_LOG_INFO, "reports dropped", "tables", dropped, NULL);
}

/* The first orchestrator that comes on a day counts the fleet: trends are held against it. */
static bool keep_days(struct chores *chores, struct db *db, const struct settings *settings,
                      wg_time now, struct wg_error *err)
{
    bool made = false;
    if (now < chores->fleet_at) return true;
    chores->fleet_at = now + FLEET_APART;
    keep_months(db, settings, now);
    if (health_row_snapshot(db, now, FLEET_COUNTED, &made, err)) return true;
    if (!db_is_up(db)) return false;
    wg_log_error("the fleet's day not written", err);
    return true;
}

static bool sweep(struct chores *chores, struct db *db, wg_time now, struct wg_error *err)
{
    bool more = false;
    if (now < chores->sweep_at) return true;
    chores->sweep_at = now + SWEEP_APART;
    if (!change_row_sweep(db, &more, err)) return false;
    if (more) chores->sweep_at = now;
    return true;
}

bool chores_step(struct chores *chores, struct db *db, const struct settings *settings, wg_time now,
                 struct wg_error *err)
{
    return keep_days(chores, db, settings, now, err) && sweep(chores, db, now, err);
}
