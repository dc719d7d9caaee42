/* operator.c: commands of people, in virtual time. */
#include "tests/sim/run/operator.h"

#include "orchestrator/engine/engine.h"
#include "orchestrator/plan/applying.h"
#include "orchestrator/plan/rollback.h"
#include "orchestrator/store/device_row.h"
#include "tests/sim/run/command.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SESSION "sim-operator"
#define TRIES_MAX 9 /* twice as long apart each time */

static bool before_statement(void *ctx, const char *statement, struct wg_error *err)
{
    struct operators *operators = ctx;
    struct sim *sim = operators->sim;
    if (operators->committed) mirror_look(sim);
    operators->committed = false;
    if (sim_goes_on(sim) && sim->now >= sim->database_back &&
        !sim_strike(sim, FAULT_KILL, OPERATOR_WHO)) {
        operators->committed = strcmp(statement, "commit") == 0;
        return true;
    }
    sim_tell(sim, "operator", "is cut off before %s", statement);
    watch_end_session(sim, SESSION);
    operators->hurt = true;
    return wg_fail(err, WG_E_DATABASE, "database: the connection was lost");
}

static bool open_database(struct operators *operators, struct wg_error *err)
{
    struct sim *sim = operators->sim;
    if (operators->db && db_is_up(operators->db)) return true;
    if (sim->now < sim->database_back)
        return wg_fail(err, WG_E_DATABASE, "database: connection refused");
    if (operators->db) return db_reconnect(operators->db, err);
    operators->db = db_open(sim->ground->conninfo, SESSION, err);
    if (operators->db) db_set_fault(operators->db, before_statement, operators);
    return operators->db != NULL;
}

static bool add_one(struct operators *operators, const char *component, const char *version,
                    const char *companion, struct wg_error *err)
{
    bool added = false;
    char text[64];
    struct release_row row = {.length = 1000000, .added_at = operators->sim->setup.start};
    (void)wg_copy(row.component, sizeof row.component, component);
    (void)wg_copy(row.version, sizeof row.version, version);
    (void)wg_copy(row.added_by, sizeof row.added_by, "maker");
    (void)snprintf(text, sizeof text, "%s %s", component, version);
    if (companion) {
        row.companion_count = 1;
        (void)wg_copy(row.companions[0].name, sizeof row.companions[0].name, companion);
        (void)wg_copy(row.companions[0].version, sizeof row.companions[0].version, version);
    }
    return wg_sha256_of(text, strlen(text), row.sha256, err) &&
           release_row_add(operators->db, &row, NULL, &added, err);
}

static bool add_release(struct operators *operators, const char *version, struct wg_error *err)
{
    if (!setup_has_companion(version))
        return add_one(operators, SETUP_COMPONENT, version, NULL, err);
    return add_one(operators, SETUP_COMPANION, version, NULL, err) &&
           add_one(operators, SETUP_COMPONENT, version, SETUP_COMPANION, err);
}

bool operators_init(struct operators *operators, struct sim *sim)
{
    struct wg_error *err = &sim->err;
    memset(operators, 0, sizeof *operators);
    operators->sim = sim;
    operators->row = calloc(1, sizeof *operators->row);
    if (!operators->row) return wg_fail_memory(err, "making operators");
    operators->db = db_open(sim->ground->conninfo, SESSION, err);
    bool ok = operators->db && add_release(operators, "1.0.0", err);
    for (size_t i = 0; i < sim->setup.campaign_count && ok; i++)
        ok = add_release(operators, sim->setup.campaigns[i].version, err);
    if (ok) db_set_fault(operators->db, before_statement, operators);
    return ok;
}

void operators_clear(struct operators *operators)
{
    db_close(operators->db);
    free(operators->row);
    operators->db = NULL;
    operators->row = NULL;
}

static bool apply(struct operators *operators, const char *text, struct wg_error *err)
{
    struct applying applying;
    struct db *db = operators->db;
    applying_init(&applying);
    applying.author = "op0";
    applying.statement = applying.author_chain = "signed";
    wg_buf_text(&applying.text, text);
    struct campaign *campaign = campaign_parse("sim", text, strlen(text), NULL, NULL, err);
    bool ok = campaign && plan_make(&applying.plan, db, campaign, true, err) &&
              (plan_is_applied(&applying.plan) ||
               (applying_check(&applying, db, err) &&
                applying_store(&applying, db, operators->sim->now, err)));
    db_rollback(db);
    applying_clear(&applying);
    return ok;
}

static bool approve(struct operators *operators, int wave, int number, struct wg_error *err)
{
    struct sim *sim = operators->sim;
    const struct campaign_row *row = operators->row;
    const struct mirror_campaign *campaign = mirror_campaign(&sim->mirror, row->name);
    bool start = wave < 0;
    if (!campaign || (!start && (size_t)wave >= row->wave_count))
        return wg_fail(err, WG_E_CONFLICT, "there is no such gate");
    const struct policy_gate *gate = &campaign->policy.gates[start ? 0 : wave];
    wg_duration expires = start ? campaign->policy.start.expires : gate->approval_expires;
    struct approval_row *given = calloc(1, sizeof *given);
    if (!given) return wg_fail_memory(err, "approving");
    struct rule_approval told = {.wave = wave,
                                 .operator_number = number,
                                 .revision = row->revision,
                                 .counts = number != 0,
                                 .at = sim->now};
    given->campaign = row->id;
    given->wave = start ? APPROVAL_START : (size_t)wave;
    (void)wg_copy(told.campaign, sizeof told.campaign, row->name);
    (void)wg_copy(given->campaign_name, sizeof given->campaign_name, row->name);
    (void)wg_copy(given->digest, sizeof given->digest, row->digest);
    (void)wg_copy(given->role, sizeof given->role, "rollout-admin");
    (void)snprintf(given->operator_name, sizeof given->operator_name, "op%d", number);
    bool ok =
        db_begin(operators->db, err) &&
        approval_row_add(operators->db, given, expires, sim->now, err) &&
        approval_row_judge(operators->db, given, told.counts, told.counts ? "" : "author", err);
    if (ok) rules_approved(sim, &told); /* before the commit: somebody may see it at once */
    ok = ok && db_commit(operators->db, err);
    free(given);
    return ok;
}

static bool control(struct operators *operators, enum engine_command command, bool hold,
                    enum engine_stop stop, struct wg_error *err)
{
    const struct campaign_row *row = operators->row;
    enum campaign_state state, next;
    if (!campaign_state_parse(row->state, &state))
        return wg_fail(err, WG_E_CONFLICT, "the campaign is in no known state");
    if (!engine_command_allowed(command, state, &next, err)) return false;
    const struct campaign_move move = {.from = row->state,
                                       .to = campaign_state_text(next),
                                       .cause = "by op1",
                                       .actor = "op1",
                                       .held = hold,
                                       .stop = engine_stop_text(stop)};
    if (next == state && command == ENGINE_ROLLBACK)
        return rollback_make(operators->db, row->name, operators->sim->now, err);
    return db_begin(operators->db, err) &&
           campaign_row_move(operators->db, row->id, &move, operators->sim->now, err) &&
           db_commit(operators->db, err);
}

static bool manual(struct operators *operators, size_t wave, const char *word, struct wg_error *err)
{
    const struct campaign_row *row = operators->row;
    enum campaign_state state, next;
    if (wave >= row->wave_count) return wg_fail(err, WG_E_CONFLICT, "there is no such wave");
    return campaign_state_parse(row->state, &state) &&
           engine_command_allowed(ENGINE_ADVANCE, state, &next, err) &&
           db_begin(operators->db, err) &&
           wave_row_set_manual(operators->db, row->id, wave, row->waves[wave].state, word, "by op1",
                               "op1", operators->sim->now, err) &&
           db_commit(operators->db, err);
}

static bool revoke(struct operators *operators, size_t device, struct wg_error *err)
{
    struct sim *sim = operators->sim;
    char at[24];
    const char *const params[] = {sim->setup.devices[device].id, at};
    (void)snprintf(at, sizeof at, "%lld", (long long)sim->now);
    PGresult *result = db_query_text(
        operators->db, "update device set revoked_at = wg_at($2::bigint) where id = $1", 2, params,
        err);
    PQclear(result);
    return result != NULL;
}

static bool run_on(struct operators *operators, enum setup_verb verb, int wave, int number,
                   struct wg_error *err)
{
    switch (verb) {
    case SETUP_APPROVE:
        return approve(operators, wave, number, err);
    case SETUP_PAUSE:
    case SETUP_HOLD:
        return control(operators, ENGINE_PAUSE, verb == SETUP_HOLD, ENGINE_STOP_ABORT, err);
    case SETUP_RESUME:
        return control(operators, ENGINE_RESUME, false, ENGINE_STOP_ABORT, err);
    case SETUP_ABORT:
        return control(operators, ENGINE_ABORT, false, ENGINE_STOP_ABORT, err);
    case SETUP_ROLLBACK:
        return control(operators, ENGINE_ROLLBACK, false, ENGINE_STOP_ROLLBACK, err);
    case SETUP_ADVANCE:
        return manual(operators, (size_t)wave, "advance", err);
    case SETUP_HOLD_GATE:
        return manual(operators, (size_t)wave, "hold", err);
    default:
        return true;
    }
}

bool operators_do(struct operators *operators, enum setup_verb verb, const char *campaign,
                  const char *text, size_t number, int wave, struct wg_error *err)
{
    operators->hurt = false;
    if (!open_database(operators, err)) return false;
    bool ok;
    if (verb == SETUP_APPLY || verb == SETUP_REVISE)
        ok = apply(operators, text, err);
    else if (verb == SETUP_REVOKE)
        ok = revoke(operators, number, err);
    else
        ok = campaign_row_get(operators->db, campaign, operators->row, err) &&
             run_on(operators, verb, wave, (int)number, err);
    if (operators->db) db_rollback(operators->db);
    operators->committed = false;
    mirror_look(operators->sim);
    server_notify(operators->sim);
    return ok;
}

static bool is_wanted(const struct sim *sim, const struct setup_command *command)
{
    if (command->verb == SETUP_REVOKE) return !sim->setup.devices[command->campaign].left_out;
    return !sim->setup.campaigns[command->campaign].left_out;
}

static void run_command(void *world, const struct event *event);

static void plan(struct operators *operators, size_t number, wg_time at)
{
    operators->left++;
    agenda_add(&operators->sim->agenda,
               &(struct event){.at = at, .run = run_command, .who = number});
}

bool operators_want(const struct operators *operators)
{
    return operators->left > 0;
}

static void run_command(void *world, const struct event *event)
{
    struct sim *sim = world;
    const struct setup_command *command = &sim->setup.commands[event->who];
    bool revokes = command->verb == SETUP_REVOKE; /* then the number is a device's */
    const struct setup_campaign *campaign = &sim->setup.campaigns[revokes ? 0 : command->campaign];
    struct operators *operators = &sim->operators;
    struct wg_error err = {0};
    const char *whom = revokes ? sim->setup.devices[command->campaign].id : campaign->name;
    bool drawn = command->verb != SETUP_APPLY && operators->tries[event->who] == 0;
    operators->left--;
    if (drawn && !faults_happen(&sim->faults, FAULT_OPERATOR, command->campaign,
                                (uint32_t)event->who, sim->now, sim->step))
        return;
    bool ok = operators_do(operators, command->verb, campaign->name,
                           command->verb == SETUP_REVISE ? campaign->other : campaign->text,
                           revokes ? command->campaign : (size_t)command->operator_number,
                           command->wave, &err);
    int *tries = &operators->tries[event->who];
    bool again = !ok && err.code == WG_E_DATABASE && ++*tries < TRIES_MAX;
    if (!again || *tries == 1)
        sim_tell(sim, "operator", "%s %s wave %d: %.200s", setup_verb_text(command->verb), whom,
                 command->wave, ok ? "done" : err.text);
    if (again) plan(operators, event->who, sim->now + (WG_MINUTE << *tries));
}

void operators_plan(struct operators *operators)
{
    struct sim *sim = operators->sim;
    for (size_t i = 0; i < sim->setup.command_count; i++)
        if (is_wanted(sim, &sim->setup.commands[i]))
            plan(operators, i, sim->now + sim->setup.commands[i].at);
}
