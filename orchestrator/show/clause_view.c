/* clause_view.c: compiled once more, alone: its parameters are then those of the clauses. */
#include "orchestrator/show/clause_view.h"

#include <stdio.h>

bool clause_view_load(struct clause_view *view, struct db *db, const struct campaign *campaign,
                      const char *device, struct wg_error *err)
{
    const char *clauses[TARGET_CLAUSES_MAX];
    struct target *target = &view->target;
    *view = (struct clause_view){0};
    if (!target_compile(campaign->target, target, err)) return false;
    for (size_t i = 0; i < target->clause_count; i++) clauses[i] = target->clauses[i].sql;
    struct clause_query query = {.count = target->clause_count,
                                 .clauses = clauses,
                                 .param_count = target->param_count,
                                 .params = (const char *const *)target->params};
    if (!clause_row_answers(db, &query, device, view->answers, err)) return false;
    /* what is null for another reason than the position simply does not hold */
    for (size_t i = 0; i < target->clause_count; i++)
        if (view->answers[i] == CLAUSE_NOT_KNOWN && !target->clauses[i].places)
            view->answers[i] = CLAUSE_HOLDS_NOT;
    return true;
}

void clause_view_clear(struct clause_view *view)
{
    target_clear(&view->target);
}

json_t *clause_view_json(const struct clause_view *view)
{
    json_t *out = json_array();
    for (size_t i = 0; i < view->target.clause_count; i++) {
        enum clause_answer answer = view->answers[i];
        json_t *holds =
            answer == CLAUSE_NOT_KNOWN ? json_null() : json_boolean(answer == CLAUSE_HOLDS);
        (void)json_array_append_new(
            out, json_pack("{s:s,s:o}", "clause", view->target.clauses[i].words, "holds", holds));
    }
    return out;
}

void clause_wave_words(const struct campaign *campaign, size_t wave, char out[CLAUSE_WAVE_TEXT])
{
    const struct campaign_wave *at = &campaign->waves[wave];
    const char *joined = campaign->policy.continuous ? ", and later ones that match" : "";
    switch (at->kind) {
    case WAVE_DEVICES:
        (void)snprintf(out, CLAUSE_WAVE_TEXT, "devices by name%s", joined);
        break;
    case WAVE_SELECT:
        (void)snprintf(out, CLAUSE_WAVE_TEXT, "devices by a selector of its own%s", joined);
        break;
    case WAVE_PERCENT:
        (void)snprintf(out, CLAUSE_WAVE_TEXT, "%g%% of all%s", (double)at->percent_ppm / 10000,
                       joined);
        break;
    case WAVE_COUNT:
        (void)snprintf(out, CLAUSE_WAVE_TEXT, "%lld %s%s", (long long)at->count,
                       at->count == 1 ? "device" : "devices", joined);
        break;
    default:
        (void)snprintf(out, CLAUSE_WAVE_TEXT, "all that remain%s", joined);
    }
}
