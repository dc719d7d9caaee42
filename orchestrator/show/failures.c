/* failures.c: a campaign's failures read, judged, written. */
#include "orchestrator/show/failures.h"

#include "orchestrator/show/show.h"
#include "orchestrator/status/standing.h"
#include "orchestrator/store/failure_row.h"
#include "orchestrator/support/causes.h"

#include <stdlib.h>
#include <string.h>

#define SPREAD_MAX 8 /* values of a trait that are named */

struct failing {
    const struct failures_query *query;
    size_t groups, examples;
    int64_t wave; /* below 0: all */
    int64_t failed, succeeded;
    int complete; /* as jansson takes it */
    struct campaign_row row;
    struct failure_list list;
    struct causes_failure *failures;
    struct causes_success *successes;
    size_t success_count;
    struct causes *causes;
};

static size_t or_default(size_t given, size_t usual, size_t most)
{
    if (given == 0) return usual;
    return given < most ? given : most;
}

static bool find_wave(struct failing *failing, struct wg_error *err)
{
    const struct campaign_row *row = &failing->row;
    failing->wave = -1;
    if (!failing->query->wave) return true;
    for (size_t i = 0; i < row->wave_count; i++)
        if (strcmp(row->waves[i].name, failing->query->wave) == 0) failing->wave = (int64_t)i;
    return failing->wave >= 0 || wg_fail(err, WG_E_NOT_FOUND,
                                         "campaign %s has no wave \"%.80s\": see wavegate campaign "
                                         "status %s",
                                         row->name, failing->query->wave, row->name);
}

static void add_success(struct failing *failing, const struct outcome_row *row)
{
    for (int trait = 0; trait < CAUSES_TRAITS; trait++)
        if (strcmp(row->trait, causes_trait_text((enum causes_trait)trait)) == 0)
            failing->successes[failing->success_count++] =
                (struct causes_success){(enum causes_trait)trait, row->value, row->devices};
}

static void add_failure(struct causes_failure *out, const struct failure_row *row)
{
    *out = (struct causes_failure){.device = row->device,
                                   .detail = row->detail,
                                   .state = row->state,
                                   .cause = row->cause,
                                   .ended_in = row->ended_in,
                                   .trait = {[CAUSES_MODEL] = row->model,
                                             [CAUSES_REVISION] = row->revision,
                                             [CAUSES_REGION] = row->region,
                                             [CAUSES_FROM] = row->from},
                                   .at = row->at};
}

static bool judge(struct failing *failing, struct wg_error *err)
{
    const struct failure_list *list = &failing->list;
    failing->failures = calloc(list->count + 1, sizeof *failing->failures);
    failing->successes = calloc(list->outcome_count + 1, sizeof *failing->successes);
    if (!failing->failures || !failing->successes) return wg_fail_memory(err, "comparing failures");
    for (size_t i = 0; i < list->count; i++) add_failure(&failing->failures[i], &list->rows[i]);
    for (size_t i = 0; i < list->outcome_count; i++) add_success(failing, &list->outcomes[i]);
    failing->causes = causes_judge(failing->failures, list->count, failing->successes,
                                   failing->success_count, failing->groups, err);
    return failing->causes != NULL;
}

/* ---- as JSON ---- */

static json_t *states_json(const struct causes_group *group)
{
    json_t *out = json_object();
    for (int state = 0; state < WG_STATES; state++)
        if (group->state[state] > 0)
            (void)json_object_set_new(out, wg_state_text((enum wg_state)state),
                                      json_integer((json_int_t)group->state[state]));
    return out;
}

static json_t *spread_json(const struct causes_group *group, enum causes_trait trait)
{
    json_t *out = json_object();
    for (size_t i = 0; i < group->spread_count[trait] && i < SPREAD_MAX; i++)
        (void)json_object_set_new(out, group->spread[trait][i].value,
                                  json_integer((json_int_t)group->spread[trait][i].devices));
    return out;
}

static double share_of(int64_t part, int64_t all)
{
    return all > 0 ? (double)part / (double)all : 0;
}

/* Null: it is only among those that failed. */
static json_t *times_json(const struct causes_finding *finding)
{
    if (finding->succeeded == 0) return json_null();
    return show_share(share_of(finding->devices, finding->of) /
                      share_of(finding->succeeded, finding->succeeded_of));
}

static json_t *finding_json(const struct causes_finding *finding)
{
    return json_pack("{s:s,s:s,s:I,s:I,s:I,s:I,s:o,s:f,s:f}", "field",
                     causes_trait_text(finding->trait), "value", finding->value, "failed",
                     (json_int_t)finding->devices, "of_failed", (json_int_t)finding->of,
                     "succeeded", (json_int_t)finding->succeeded, "of_succeeded",
                     (json_int_t)finding->succeeded_of, "times", times_json(finding), "p",
                     finding->corrected, "p_alone", finding->p);
}

static json_t *findings_json(const struct causes_group *group)
{
    json_t *out = json_array();
    for (size_t i = 0; i < group->finding_count; i++)
        (void)json_array_append_new(out, finding_json(&group->findings[i]));
    return out;
}

static json_t *sample_json(const struct failing *failing, const struct causes_group *group)
{
    json_t *out = json_array();
    for (size_t i = 0; i < (size_t)group->devices && i < failing->examples; i++)
        (void)json_array_append_new(out, json_string(failing->list.rows[group->members[i]].device));
    return out;
}

static json_t *examples_json(const struct failing *failing, const struct causes_group *group)
{
    json_t *out = json_array();
    for (size_t i = 0; i < (size_t)group->devices && i < failing->examples; i++) {
        const struct failure_row *row = &failing->list.rows[group->members[i]];
        (void)json_array_append_new(
            out, json_pack("{s:s,s:o,s:s,s:s,s:s,s:s,s:s,s:s}", "device", row->device, "at",
                           show_time(row->at), "state", wg_state_text(row->state), "detail",
                           row->detail, "hardware", row->revision[0] ? row->revision : row->model,
                           "region", row->region, "from", row->from, "wave", row->wave));
    }
    return out;
}

/* What to run next: the story of the newest, what its logs said, and once more for all. */
static json_t *next_json(const struct failing *failing, const struct causes_group *group)
{
    static const char *const verbs[] = {"explain", "logs"};
    const char *device = failing->list.rows[group->members[0]].device;
    json_t *out = json_array();
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        (void)json_array_append_new(out, json_sprintf("wavegate device %s %s --campaign %s",
                                                      verbs[i], device, failing->row.name));
    return out;
}

static json_t *group_json(const struct failing *failing, const struct causes_group *group)
{
    json_t *out =
        json_pack("{s:s,s:s,s:s,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:o}", "signature", group->signature,
                  "cause", wg_cause_text(group->cause), "phase", causes_phase_text(group->phase),
                  "devices", (json_int_t)group->devices, "states", states_json(group), "first_at",
                  show_time(group->first), "last_at", show_time(group->last), "over",
                  findings_json(group), "sample", sample_json(failing, group), "examples",
                  examples_json(failing, group), "next", next_json(failing, group));
    for (int trait = 0; trait < CAUSES_TRAITS; trait++)
        (void)json_object_set_new(out, causes_trait_text((enum causes_trait)trait),
                                  spread_json(group, (enum causes_trait)trait));
    return out;
}

static int64_t count_of(const struct failing *failing, enum wg_state state)
{
    return failing->wave < 0 ? standing_count(&failing->row, state)
                             : failing->row.waves[failing->wave].count[state];
}

/* Of all there are; with scopes, of those that were found within. */
static void count_all(struct failing *failing)
{
    int64_t failed = count_of(failing, WG_FAILED) + count_of(failing, WG_ROLLED_BACK) +
                     count_of(failing, WG_SILENT);
    int64_t succeeded = standing_count(&failing->row, WG_SUCCEEDED);
    failing->complete = failing->list.count < FAILURES_READ;
    failing->failed = failed;
    failing->succeeded = succeeded;
    if (!failing->query->scopes) return;
    failing->complete =
        failing->complete && failed <= FAILURES_LOOKED && succeeded <= FAILURES_LOOKED;
    failing->failed = (int64_t)failing->list.count;
    failing->succeeded = 0;
    for (size_t i = 0; i < failing->list.outcome_count; i++)
        if (strcmp(failing->list.outcomes[i].trait, "all") == 0)
            failing->succeeded = failing->list.outcomes[i].devices;
}

static json_t *document_of(const struct failing *failing)
{
    const struct campaign_row *row = &failing->row;
    size_t count = causes_count(failing->causes);
    size_t shown = count < failing->groups ? count : failing->groups;
    json_t *groups = json_array();
    for (size_t i = 0; i < shown; i++)
        (void)json_array_append_new(groups, group_json(failing, causes_group(failing->causes, i)));
    return json_pack("{s:s,s:s,s:s,s:s,s:s?,s:I,s:I,s:I,s:b,s:{s:s,s:s,s:f,s:I},s:I,s:o}",
                     "campaign", row->name, "state", row->state, "component", row->component,
                     "version", row->version, "wave", failing->query->wave, "failed",
                     (json_int_t)failing->failed, "succeeded", (json_int_t)failing->succeeded,
                     "read", (json_int_t)failing->list.count, "complete", failing->complete, "test",
                     "method", "fisher-one-sided", "correction", "holm", "alpha", CAUSES_ALPHA,
                     "comparisons", (json_int_t)causes_comparisons(failing->causes), "left_out",
                     (json_int_t)(count - shown), "groups", groups);
}

static bool read_list(struct db *db, struct failing *failing, struct wg_error *err)
{
    const struct failure_query query = {.campaign = failing->row.id,
                                        .wave = failing->wave,
                                        .limit = FAILURES_READ,
                                        .scopes = failing->query->scopes,
                                        .looked = FAILURES_LOOKED};
    if (!failure_list_read(db, &query, &failing->list, err)) return false;
    count_all(failing);
    return true;
}

static void failing_free(struct failing *failing)
{
    if (!failing) return;
    causes_free(failing->causes);
    failure_list_clear(&failing->list);
    free(failing->failures);
    free(failing->successes);
    free(failing);
}

json_t *failures_document(struct db *db, const char *campaign, const struct failures_query *query,
                          struct wg_error *err)
{
    json_t *out = NULL;
    struct failing *failing = calloc(1, sizeof *failing);
    if (!failing) {
        (void)wg_fail_memory(err, "comparing failures");
        return NULL;
    }
    failing->query = query;
    failing->groups = or_default(query->groups, FAILURES_GROUPS, FAILURES_GROUPS_MAX);
    failing->examples = or_default(query->examples, FAILURES_EXAMPLES, FAILURES_EXAMPLES_MAX);
    if (campaign_row_get(db, campaign, &failing->row, err) && find_wave(failing, err) &&
        read_list(db, failing, err) && judge(failing, err))
        out = show_made(document_of(failing), "comparing failures", err);
    failing_free(failing);
    return out;
}
