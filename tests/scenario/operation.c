/* operation.c: pause, resume, abort, start, approve, advance, hold, release. */
#include "tests/scenario/operation.h"

#include "orchestrator/show/recall.h"
#include "tests/scenario/explain.h"

#include <stdlib.h>
#include <string.h>

struct acting {
    struct scene *scene;
    const struct operation *operation;
    struct standing_now at;
    enum campaign_state next;
};

static bool wave_of(const struct acting *acting, size_t *wave, struct wg_error *err)
{
    const struct campaign_row *row = &acting->at.row;
    for (*wave = 0; *wave < row->wave_count; (*wave)++)
        if (strcmp(row->waves[*wave].name, acting->operation->what) == 0) return true;
    return wg_fail(err, WG_E_NOT_FOUND, "%s has no wave \"%s\"", row->name,
                   acting->operation->what);
}

/* ---- from one state into another ---- */

static bool move_to(struct acting *acting, enum campaign_state to, bool held, struct wg_error *err)
{
    char cause[128];
    const struct operation *operation = acting->operation;
    struct db *db = acting->scene->db;
    (void)wg_format(cause, sizeof cause, "%s by %s", operation->verb, operation->by);
    const struct campaign_move move = {.from = acting->at.row.state,
                                       .to = campaign_state_text(to),
                                       .cause = cause,
                                       .actor = operation->by,
                                       .held = held,
                                       .stop = engine_stop_text(ENGINE_STOP_ABORT)};
    return db_begin(db, err) &&
           campaign_row_move(db, acting->at.row.id, &move, acting->scene->now, err) &&
           db_commit(db, err);
}

static bool pause_it(struct acting *acting, struct wg_error *err)
{
    return move_to(acting, acting->next, strcmp(acting->operation->what, "--hold") == 0, err);
}

static bool resume_it(struct acting *acting, struct wg_error *err)
{
    return move_to(acting, acting->next, false, err);
}

static bool abort_it(struct acting *acting, struct wg_error *err)
{
    struct recall recall;
    recall_of(&acting->at.row, &recall);
    recall_words(&recall, acting->scene->said);
    return move_to(acting, acting->next, true, err);
}

static bool start_it(struct acting *acting, struct wg_error *err)
{
    const struct campaign *campaign = acting->at.campaign;
    enum campaign_state to = campaign->policy.start.count > 0 ? CAMPAIGN_AWAITING_APPROVAL
                             : campaign->after.count > 0 || campaign->policy.schedule.start > 0
                                 ? CAMPAIGN_SCHEDULED
                                 : CAMPAIGN_RUNNING;
    return move_to(acting, to, false, err);
}

/* ---- gates ---- */

static bool set_manual(struct acting *acting, const char *manual, struct wg_error *err)
{
    size_t wave;
    char words[128];
    const struct campaign_row *row = &acting->at.row;
    struct db *db = acting->scene->db;
    if (!wave_of(acting, &wave, err)) return false;
    (void)wg_format(words, sizeof words, "by %s: %s", acting->operation->by, "as told");
    return db_begin(db, err) &&
           wave_row_set_manual(db, row->id, wave, row->waves[wave].state, manual, words,
                               acting->operation->by, acting->scene->now, err) &&
           db_commit(db, err);
}

static bool advance_it(struct acting *acting, struct wg_error *err)
{
    return set_manual(acting, "advance", err);
}

static bool hold_it(struct acting *acting, struct wg_error *err)
{
    return set_manual(acting, "hold", err);
}

static bool release_it(struct acting *acting, struct wg_error *err)
{
    return set_manual(acting, "", err);
}

/* The command refuses the author and a wrong role itself; here the orchestrator is to do it. */
static bool sign(struct acting *acting, struct approval_row *out, struct wg_error *err)
{
    struct wg_buf text;
    struct statement say = {.kind = STATEMENT_APPROVE, .at = acting->scene->now};
    const struct person *person = people_get(acting->scene->people, acting->operation->by, err);
    if (!person) return false;
    (void)wg_copy(say.campaign, sizeof say.campaign, out->campaign_name);
    (void)wg_copy(say.digest, sizeof say.digest, out->digest);
    (void)wg_copy(say.wave, sizeof say.wave, out->wave_name);
    (void)wg_copy(say.operator_name, sizeof say.operator_name, person->name);
    wg_buf_init(&text, STATEMENT_MAX);
    bool ok = statement_sign(&say, &person->key, &text, err);
    (void)wg_copy(out->operator_name, sizeof out->operator_name, person->name);
    (void)wg_copy(out->role, sizeof out->role, person->role);
    (void)wg_copy(out->statement, sizeof out->statement, wg_buf_str(&text));
    (void)wg_copy(out->chain, sizeof out->chain, person->chain);
    wg_buf_clear(&text);
    return ok;
}

static bool approve_it(struct acting *acting, struct wg_error *err)
{
    const struct policy *policy = &acting->at.campaign->policy;
    const struct campaign_row *row = &acting->at.row;
    struct db *db = acting->scene->db;
    wg_duration expires = policy->start.expires;
    struct approval_row *given = calloc(1, sizeof *given);
    if (!given) return wg_fail_memory(err, "approving");
    given->campaign = row->id;
    given->wave = APPROVAL_START;
    (void)wg_copy(given->campaign_name, sizeof given->campaign_name, row->name);
    (void)wg_copy(given->digest, sizeof given->digest, row->digest);
    bool ok = true;
    if (strcmp(acting->operation->what, "start") != 0) {
        ok = wave_of(acting, &given->wave, err);
        if (ok) expires = policy->gates[given->wave].approval_expires;
        (void)wg_copy(given->wave_name, sizeof given->wave_name, acting->operation->what);
    }
    ok = ok && sign(acting, given, err) && db_begin(db, err) &&
         approval_row_add(db, given, expires, acting->scene->now, err) && db_commit(db, err);
    free(given);
    return ok;
}

/* ---- all of them ---- */

static const struct verb {
    const char *name;
    enum engine_command command;
    bool (*run)(struct acting *acting, struct wg_error *err);
} verbs[] = {
    {"pause", ENGINE_PAUSE, pause_it},       {"resume", ENGINE_RESUME, resume_it},
    {"abort", ENGINE_ABORT, abort_it},       {"start", ENGINE_START, start_it},
    {"approve", ENGINE_APPROVE, approve_it}, {"advance", ENGINE_ADVANCE, advance_it},
    {"hold", ENGINE_ADVANCE, hold_it},       {"release", ENGINE_ADVANCE, release_it},
};

bool operation_run(struct scene *scene, const struct operation *operation, struct wg_error *err)
{
    const struct verb *verb = NULL;
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(verbs[i].name, operation->verb) == 0) verb = &verbs[i];
    struct acting *acting = verb ? calloc(1, sizeof *acting) : NULL;
    if (!acting) return wg_fail(err, WG_E_USAGE, "there is no command %s", operation->verb);
    acting->scene = scene;
    acting->operation = operation;
    bool ok = explain_standing(scene, operation->campaign, &acting->at);
    if (!ok) (void)wg_fail(err, WG_E_NOT_FOUND, "campaign %s cannot be read", operation->campaign);
    ok = ok && engine_command_allowed(verb->command, acting->at.view.state, &acting->next, err) &&
         verb->run(acting, err);
    db_rollback(scene->db);
    campaign_free(acting->at.campaign);
    free(acting);
    return ok;
}
