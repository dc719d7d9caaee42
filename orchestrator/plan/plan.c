/* plan.c: model -> target -> counts -> sizes -> waves. */
#include "orchestrator/plan/plan.h"

#include "orchestrator/campaign/partition.h"
#include "orchestrator/plan/revision.h"
#include "orchestrator/plan/stratum.h"
#include "orchestrator/status/standing.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool look_up(struct plan *plan, struct db *db, struct wg_error *err)
{
    struct campaign_row *row = calloc(1, sizeof *row);
    struct wg_error problem = {0};
    if (!row) return wg_fail_memory(err, "planning");
    if (campaign_row_get(db, plan->campaign->name, row, &problem)) {
        plan->standing = row;
        plan->before = standing_campaign(db, row->id, err);
        return plan->before != NULL;
    }
    free(row);
    if (problem.code == WG_E_NOT_FOUND) return true;
    if (err) *err = problem;
    return false;
}

static bool goes_over(const struct release_row *release, const char *version)
{
    char key[WG_SORT_KEY_MAX];
    struct wg_range *range = calloc(1, sizeof *range);
    bool ok = !release->from_range[0] ||
              (range && wg_version_range_parse(release->from_range, range, NULL) &&
               wg_version_key(version, key, NULL) && wg_range_holds(range, key));
    free(range);
    return ok;
}

/* The first one that is not published is told. */
static void note_unready(struct plan *plan, const struct release_row *release)
{
    if (!plan->unready[0]) release_row_unready(release, plan->unready);
}

static bool look_up_rollback(struct plan *plan, struct db *db, struct wg_error *err)
{
    const struct campaign *campaign = plan->campaign;
    struct release_row release;
    struct wg_error problem = {0};
    if (!campaign->rollback[0]) return true;
    if (release_row_get(db, campaign->component, campaign->rollback, &release, &problem)) {
        (void)wg_copy(plan->rollback_from, sizeof plan->rollback_from, release.from_range);
        note_unready(plan, &release);
        bool fits = !release.hardware_model[0] ||
                    strcmp(release.hardware_model, plan->release.hardware_model) == 0;
        plan->rollback = !fits                                    ? PLAN_ROLLBACK_UNFIT
                         : goes_over(&release, campaign->version) ? PLAN_ROLLBACK_FITS
                                                                  : PLAN_ROLLBACK_NO_PATH;
        return true;
    }
    plan->rollback = PLAN_ROLLBACK_MISSING;
    if (problem.code == WG_E_NOT_FOUND) return true;
    if (err) *err = problem;
    return false;
}

/* The release names the versions that it can be installed over. */
static bool compile_path(struct plan *plan, struct wg_error *err)
{
    struct wg_range range;
    if (!plan->release.from_range[0]) return true;
    return wg_version_range_parse(plan->release.from_range, &range, err) &&
           target_range(&plan->target, "r.version_key", &range, &plan->path, err);
}

static bool compile_wave(struct plan *plan, size_t i, struct wg_error *err)
{
    const struct campaign_wave *wave = &plan->campaign->waves[i];
    char text[64];
    if (wave->kind == WAVE_SELECT)
        return target_condition(&plan->target, wave->select, &plan->conditions[i], err);
    if (wave->kind != WAVE_DEVICES) return true;
    size_t n = target_bind_list(&plan->target, &wave->devices, err);
    (void)snprintf(text, sizeof text, "d.id = any($%zu::text[])", n);
    plan->conditions[i] = n ? strdup(text) : NULL;
    return plan->conditions[i] || (n && wg_fail_memory(err, "planning"));
}

/* What comes along must fit the device too. */
static bool compile_together(struct plan *plan, struct db *db, struct wg_error *err)
{
    struct together *together = together_read(db, &plan->release, err);
    bool ok = together && together_fits(together, &plan->target, plan->fits, &plan->fit_count, err);
    for (size_t i = 0; ok && i < together->count; i++) note_unready(plan, &together->rows[i]);
    for (size_t i = 0; ok && i < plan->fit_count; i++) plan->fit_sql[i] = plan->fits[i].sql;
    free(together);
    return ok;
}

static bool compile(struct plan *plan, struct db *db, struct wg_error *err)
{
    const struct campaign *campaign = plan->campaign;
    bool ok = target_compile(campaign->target, &plan->target, err) && compile_path(plan, err) &&
              compile_together(plan, db, err);
    for (size_t i = 0; ok && i < campaign->policy.wave_count; i++) ok = compile_wave(plan, i, err);
    if (ok && campaign->excludes.count) {
        plan->excludes = target_array(&campaign->excludes);
        ok = plan->excludes || wg_fail_memory(err, "planning");
    }
    return ok && stratum_compile(plan, err);
}

struct clauses {
    const char *sql[TARGET_CLAUSES_MAX];
    char *joined[TARGET_CLAUSES_MAX]; /* owned */
    bool places[TARGET_CLAUSES_MAX], release[TARGET_CLAUSES_MAX];
};

/* A condition on the release's component that the release itself does not meet: who runs it is left
 * out by that, and is better told that it runs it already. */
static bool leaves_out_release(const struct plan *plan, const struct selector *selector)
{
    char key[WG_SORT_KEY_MAX];
    const char *version = plan->campaign->version;
    if (selector->kind != SELECT_SOFTWARE || strcmp(selector->name, plan->campaign->component) != 0)
        return false;
    if (selector->scheme != WG_SCHEME_OPAQUE)
        return !wg_scheme_key(selector->scheme, version, key, NULL) ||
               !wg_range_holds(&selector->range, key);
    for (size_t i = 0; i < selector->values.count; i++)
        if (strcmp(selector->values.items[i], version) == 0) return false;
    return true;
}

/* Conditions on the release's component, over the row that is joined for its version. */
static bool compile_joined(struct plan *plan, struct wg_error *err)
{
    const struct selector *target = plan->campaign->target;
    for (size_t i = 0; i < target->child_count; i++) {
        const struct selector *selector = target->children[i];
        char *range = NULL;
        if (selector->kind != SELECT_SOFTWARE || selector->scheme == WG_SCHEME_OPAQUE ||
            strcmp(selector->name, plan->campaign->component) != 0)
            continue;
        if (!target_range(&plan->target, target_scheme_column(selector->scheme, 'r'),
                          &selector->range, &range, err))
            return false;
        size_t size = strlen(range) + sizeof "r.version is not null";
        if ((plan->clauses->joined[i] = malloc(size)))
            (void)snprintf(plan->clauses->joined[i], size, "r.version is not null%s", range);
        free(range);
        if (!plan->clauses->joined[i]) return wg_fail_memory(err, "planning");
    }
    return true;
}

static void fill_query(struct plan *plan)
{
    const struct target *target = &plan->target;
    struct clauses *clauses = plan->clauses;
    for (size_t i = 0; i < target->clause_count; i++) {
        clauses->sql[i] = target->clauses[i].sql;
        clauses->places[i] = target->clauses[i].places;
        clauses->release[i] = leaves_out_release(plan, plan->campaign->target->children[i]);
    }
    plan->query = (struct plan_query){
        .clause_count = target->clause_count,
        .clauses = clauses->sql,
        .clause_places = clauses->places,
        .clause_release = clauses->release,
        .clause_joined = (const char *const *)clauses->joined,
        .param_count = target->param_count,
        .params = (const char *const *)target->params,
        .component = plan->campaign->component,
        .version = plan->campaign->version,
        .hardware_model = plan->release.hardware_model,
        .path = plan->path,
        .fit_count = plan->fit_count,
        .fits = plan->fit_sql,
        .excludes = plan->excludes,
        /* the campaign's name is the seed: canary duty rotates from campaign to campaign */
        .seed = plan->campaign->name,
        .wave_count = plan->campaign->policy.wave_count,
        .wave_conditions = (const char *const *)plan->conditions,
        .spread_count = plan->spread_count,
        .spread = (const char *const *)plan->spread,
        .revises = plan->query.revises,
        .kept_waves = plan->query.kept_waves};
}

static bool divide(struct plan *plan, struct db *db, struct wg_error *err)
{
    int64_t listed[POLICY_WAVES_MAX], matched = plan->counts.matched;
    int64_t *share = NULL;
    for (size_t i = 0; i < POLICY_WAVES_MAX; i++) {
        listed[i] = plan->counts.listed[i] + plan->counts.kept[i];
        matched += plan->counts.kept[i];
    }
    plan->in_no_wave =
        partition_sizes(plan->campaign, plan->query.kept_waves, matched, listed, plan->size);
    bool ok = stratum_share(plan, &share, err) &&
              plan_assign(db, &plan->query, &plan->counts, share, err);
    free(share);
    return ok;
}

static bool prepare(struct plan *plan, struct db *db, int64_t revises, size_t kept_waves,
                    struct wg_error *err)
{
    const struct campaign *campaign = plan->campaign;
    plan->query.revises = revises;
    plan->query.kept_waves = kept_waves;
    plan->clauses = calloc(1, sizeof *plan->clauses);
    if (!plan->clauses) return wg_fail_memory(err, "planning");
    if (!release_row_get(db, campaign->component, campaign->version, &plan->release, err) ||
        !compile(plan, db, err) || !compile_joined(plan, err))
        return false;
    fill_query(plan);
    return true;
}

bool plan_prepare(struct plan *plan, struct db *db, struct campaign *campaign, int64_t revises,
                  size_t kept_waves, struct wg_error *err)
{
    memset(plan, 0, sizeof *plan);
    plan->campaign = campaign;
    return prepare(plan, db, revises, kept_waves, err);
}

/* What is applied already is shown as it is stored. */
static size_t kept_waves(const struct plan *plan)
{
    return plan_is_applied(plan) ? plan->standing->wave_count : plan_kept_waves(plan);
}

bool plan_make(struct plan *plan, struct db *db, struct campaign *campaign, bool hold,
               struct wg_error *err)
{
    memset(plan, 0, sizeof *plan);
    plan->campaign = campaign;
    return campaign_digest(campaign, plan->digest, err) && plan_begin(db, err) &&
           (!hold || campaign_row_hold(db, campaign->name, err)) && look_up(plan, db, err) &&
           prepare(plan, db, plan->standing ? plan->standing->id : 0, kept_waves(plan), err) &&
           look_up_rollback(plan, db, err) &&
           (!plan->standing || plan_is_applied(plan) || revision_check(plan, err)) &&
           plan_count(db, &plan->query, &plan->counts, err) && divide(plan, db, err);
}

void plan_clear(struct plan *plan)
{
    target_clear(&plan->target);
    plan_counts_clear(&plan->counts);
    free(plan->path);
    together_fits_clear(plan->fits, plan->fit_count);
    free(plan->excludes);
    for (size_t i = 0; plan->clauses && i < TARGET_CLAUSES_MAX; i++) free(plan->clauses->joined[i]);
    free(plan->clauses);
    for (size_t i = 0; i < POLICY_WAVES_MAX; i++) free(plan->conditions[i]);
    for (size_t i = 0; i < plan->spread_count; i++) free(plan->spread[i]);
    campaign_free(plan->campaign);
    campaign_free(plan->before);
    free(plan->standing);
}

bool plan_is_applied(const struct plan *plan)
{
    return plan->standing && strcmp(plan->standing->digest, plan->digest) == 0;
}

size_t plan_kept_waves(const struct plan *plan)
{
    size_t kept = 0;
    while (plan->standing && kept < plan->standing->wave_count &&
           strcmp(plan->standing->waves[kept].state, "pending") != 0)
        kept++;
    return kept;
}

int64_t plan_members(const struct plan *plan)
{
    int64_t sum = 0;
    for (size_t i = 0; i < plan->campaign->policy.wave_count; i++) sum += plan->size[i];
    return sum;
}

void plan_reason_words(const struct plan *plan, int code, char out[PLAN_REASON_TEXT])
{
    const struct campaign *campaign = plan->campaign;
    if (code >= 0 && (size_t)code < plan->target.clause_count)
        (void)snprintf(out, PLAN_REASON_TEXT, "does not match: %s",
                       plan->target.clauses[code].words);
    else if (code == PLAN_NO_POSITION)
        (void)wg_copy(out, PLAN_REASON_TEXT, "has no position");
    else if (code == PLAN_REVOKED)
        (void)wg_copy(out, PLAN_REASON_TEXT, "is revoked");
    else if (code == PLAN_QUARANTINED)
        (void)wg_copy(
            out, PLAN_REASON_TEXT,
            "is in quarantine: it looks cloned or tampered with, or a person holds it back");
    else if (code == PLAN_ON_RELEASE)
        (void)snprintf(out, PLAN_REASON_TEXT, "runs %s %s already", campaign->component,
                       campaign->version);
    else if (code == PLAN_INCOMPATIBLE)
        (void)snprintf(out, PLAN_REASON_TEXT, "the release fits hardware %s alone",
                       plan->release.hardware_model);
    else if (code == PLAN_NO_PATH)
        (void)snprintf(out, PLAN_REASON_TEXT,
                       "no path from its version: the release is installed over %s",
                       plan->release.from_range);
    else if (code >= PLAN_UNFIT && (size_t)(code - PLAN_UNFIT) < plan->fit_count)
        (void)wg_copy(out, PLAN_REASON_TEXT, plan->fits[code - PLAN_UNFIT].words);
    else if (code == PLAN_EXCLUDED)
        (void)wg_copy(out, PLAN_REASON_TEXT, "is in a campaign that this one excludes");
    else if (code == PLAN_UNREGISTERED)
        (void)wg_copy(out, PLAN_REASON_TEXT, "is not registered");
    else
        (void)wg_copy(out, PLAN_REASON_TEXT, "matches, but no wave takes it");
}

_Static_assert((int)OUTLOOK_SEEN == PLAN_SEEN, "the store counts what the outlook asks for");
_Static_assert(POLICY_PER_MAX == PLAN_CAPS_MAX, "a crowd for each cap");

void plan_outlook_waves(const struct plan *plan, const struct plan_habits *habits,
                        struct outlook_wave *out)
{
    for (size_t i = 0; i < plan->campaign->policy.wave_count; i++) {
        const struct plan_presence *presence = &habits->waves[i];
        out[i].devices = plan->size[i];
        memcpy(out[i].seen, presence->seen, sizeof out[i].seen);
        memcpy(out[i].crowd, presence->crowd, sizeof out[i].crowd);
    }
}
