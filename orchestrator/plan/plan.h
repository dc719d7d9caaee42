/* plan.h: a campaign file against the fleet as it is now: what `plan` shows and `apply` stores.
 * Lives in one transaction. */
#ifndef WG_ORCHESTRATOR_PLAN_PLAN_H
#define WG_ORCHESTRATOR_PLAN_PLAN_H

#include "orchestrator/campaign/campaign.h"
#include "orchestrator/campaign/target.h"
#include "orchestrator/plan/outlook.h"
#include "orchestrator/plan/together.h"
#include "orchestrator/store/device_row.h"
#include "orchestrator/store/plan_row.h"

#define PLAN_REASON_TEXT 320

/* How far the way back is sure: told before the first wave, not when it is needed. */
enum plan_rollback {
    PLAN_ROLLBACK_NONE,
    PLAN_ROLLBACK_MISSING,
    PLAN_ROLLBACK_UNFIT,   /* other hardware */
    PLAN_ROLLBACK_NO_PATH, /* cannot be installed over the release */
    PLAN_ROLLBACK_FITS
};

struct plan {
    struct campaign *campaign;
    char digest[WG_SHA256_HEX];
    struct release_row release;
    struct target target;
    char *path;                         /* SQL; NULL: any version may be updated */
    char *excludes;                     /* array text; NULL: none */
    char *conditions[POLICY_WAVES_MAX]; /* SQL of waves that name their devices */
    size_t fit_count;
    struct together_fit fits[TOGETHER_FITS_MAX]; /* what its companions ask, and what it needs */
    const char *fit_sql[TOGETHER_FITS_MAX];
    size_t spread_count;
    char *spread[PLAN_SPREAD_MAX]; /* SQL of what some wave is spread over */
    char spread_names[PLAN_SPREAD_MAX][CAMPAIGN_SPREAD_TEXT];
    struct clauses *clauses;
    struct plan_query query; /* points into the above */
    struct plan_counts counts;
    int64_t size[POLICY_WAVES_MAX];
    int64_t in_no_wave;
    enum plan_rollback rollback;
    char rollback_from[WG_SORT_KEY_MAX];   /* the versions that it can be installed over; "" any */
    char rollback_signer[WG_NAME_MAX + 1]; /* who signed it; signature.h fills this and the next */
    char rollback_unsigned[PLAN_REASON_TEXT]; /* why it counts as not signed; "" it was not asked */
    char unready[RELEASE_UNREADY_TEXT]; /* a release of it that waits for approvals, or was refused;
                                           "" none: it can be applied */
    struct campaign_row *standing;      /* of that name; NULL: a new campaign */
    struct campaign *before;            /* its file */
};

/* Reads the release and compiles the campaign; asks the fleet nothing. revises, kept_waves: of a
 * campaign that stands. Takes over campaign; plan_clear() afterwards, also when it fails. */
WG_MUST_CHECK bool plan_prepare(struct plan *plan, struct db *db, struct campaign *campaign,
                                int64_t revises, size_t kept_waves, struct wg_error *err);
/* Begins the transaction and fills the temporary tables; the caller commits or rolls back. Takes
 * over campaign. plan_clear() afterwards, also when it fails. hold: a campaign of that name is held
 * against the engine meanwhile; the transaction may still lose a race (db_lost_race). */
WG_MUST_CHECK bool plan_make(struct plan *plan, struct db *db, struct campaign *campaign, bool hold,
                             struct wg_error *err);
void plan_clear(struct plan *plan);

bool plan_is_applied(const struct plan *plan);   /* that very file is what stands */
size_t plan_kept_waves(const struct plan *plan); /* so many have opened */
int64_t plan_members(const struct plan *plan);
/* Why devices are left out, for people. */
void plan_reason_words(const struct plan *plan, int code, char out[PLAN_REASON_TEXT]);

/* What the outlook asks of each wave; out: as many as the policy has. */
void plan_outlook_waves(const struct plan *plan, const struct plan_habits *habits,
                        struct outlook_wave *out);

#endif
