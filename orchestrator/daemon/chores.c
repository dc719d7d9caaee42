/* chores.c: part by part, so that other work is not kept waiting. */
#include "orchestrator/daemon/chores.h"

#include "common/log.h"
#include "orchestrator/store/change_row.h"
#include "orchestrator/store/health_row.h"
#include "orchestrator/store/removal_row.h"
#include "orchestrator/store/report_keep.h"

#define SWEEP_APART (10 * WG_SECOND)   /* between two looks for changes that are old */
#define FLEET_APART (10 * WG_MINUTE)   /* between two looks whether today is written down */
#define FLEET_COUNTED 100000           /* as `fleet health` counts */
#define REMOVAL_APART (10 * WG_SECOND) /* between two looks for campaigns that go */
#define REMOVAL_PAUSE 50               /* between two lots, milliseconds: reports come first */
#define REMOVAL_LOT 500                /* devices: some milliseconds */

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

/* A campaign that ended long ago goes when nothing is left of the one before. */
static bool remove_next(struct chores *chores, struct db *db, const struct settings *settings,
                        wg_time now, struct wg_error *err)
{
    char name[WG_NAME_MAX + 1];
    if (settings->keep_campaigns == 0) return true;
    if (!removal_begin(db, now - settings->keep_campaigns, name, err)) return false;
    if (!name[0]) return true;
    wg_log(WG_LOG_INFO, "campaign removed", "campaign", name, NULL);
    chores->removal_at = now + REMOVAL_PAUSE;
    return true;
}

static bool remove_old(struct chores *chores, struct db *db, const struct settings *settings,
                       wg_time now, struct wg_error *err)
{
    struct removal_lot lot = {0};
    if (now < chores->removal_at) return true;
    chores->removal_at = now + REMOVAL_APART;
    if (removal_step(db, REMOVAL_LOT, &lot, err) &&
        (lot.more || remove_next(chores, db, settings, now, err))) {
        if (lot.more) chores->removal_at = now + REMOVAL_PAUSE;
        if (lot.done[0])
            wg_log(WG_LOG_INFO, "nothing is left of a campaign", "campaign", lot.done, NULL);
        return true;
    }
    if (!db_is_up(db)) return false;
    wg_log_error("campaigns of long ago not removed", err);
    return true;
}

bool chores_step(struct chores *chores, struct db *db, const struct settings *settings, wg_time now,
                 struct wg_error *err)
{
    return keep_days(chores, db, settings, now, err) && sweep(chores, db, now, err) &&
           remove_old(chores, db, settings, now, err);
}
