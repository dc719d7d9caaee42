/* campaign_follow.c: `campaign rollback | retry-failed NAME`: campaigns that follow from another
 * one, written by the command and signed by the operator. */
#include "orchestrator/cli/campaign_follow.h"

#include "orchestrator/cli/apply_signed.h"
#include "orchestrator/cli/steer.h"
#include "orchestrator/plan/rollback.h"

#include "common/json.h"

#include <stdlib.h>
#include <string.h>

#define RETRIES_MAX 100

bool campaign_follow_rollback(struct db *db, const char *name, char out[WG_NAME_MAX + 1],
                              struct wg_error *err)
{
    struct campaign_row *rows = NULL;
    size_t count = 0;
    out[0] = '\0';
    if (!campaign_row_list(db, &rows, &count, err)) return false;
    for (size_t i = 0; i < count && !out[0]; i++)
        if (strcmp(rows[i].rolls_back, name) == 0)
            (void)wg_copy(out, WG_NAME_MAX + 1, rows[i].name);
    free(rows);
    return true;
}

/* A campaign that is made from another one. */
struct following {
    struct cli *cli;
    struct steer *steer;
    int number; /* of a retry */
    bool moves; /* the other one is stopped in the same transaction */
};

static struct campaign *parse_text(const struct wg_buf *text, struct wg_error *err)
{
    return campaign_parse("the new campaign", wg_buf_str(text), text->len, NULL, NULL, err);
}

static json_t *made_json(const struct following *following, const struct apply_signed *apply)
{
    const struct plan *plan = &apply->applying.plan;
    const struct campaign_row *from = &following->steer->row;
    struct steer_recall recall;
    steer_recall_of(from, &recall);
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:I}", "campaign", plan->campaign->name, "from", from->name,
        "from_state", following->moves ? campaign_state_text(CAMPAIGN_STOPPING) : from->state,
        "state", applying_state(&apply->applying), "component", plan->campaign->component,
        "version", plan->campaign->version, "devices", (json_int_t)plan_members(plan));
    if (following->moves)
        (void)json_object_set_new(out, "not_recalled", steer_recall_json(&recall));
    return out;
}

static bool report_made(const struct following *following, const struct apply_signed *apply,
                        struct wg_error *err)
{
    struct cli *cli = following->cli;
    const struct plan *plan = &apply->applying.plan;
    const char *name = plan->campaign->name, *from = following->steer->row.name;
    struct steer_recall recall;
    char over[STEER_RECALL_TEXT];
    if (cli->screen.json) return screen_json(made_json(following, apply), err);
    steer_recall_of(&following->steer->row, &recall);
    steer_recall_words(&recall, over);
    if (following->moves)
        screen_text(&cli->screen, "%s is stopping.%s%s%s\n", from, over[0] ? " " : "", over,
                    over[0] ? "." : "");
    screen_text(
        &cli->screen, "%s is %s: %s %s for %lld %s of %s. wavegate campaign status %s --watch\n",
        name, applying_state(&apply->applying), plan->campaign->component, plan->campaign->version,
        (long long)plan_members(plan), plan_members(plan) == 1 ? "device" : "devices", from, name);
    return screen_flush(&cli->screen, err);
}

/* ---- rollback ---- */

static struct campaign *read_rollback(void *ctx, struct wg_buf *text, struct wg_error *err)
{
    const struct following *following = ctx;
    return rollback_text(following->steer->campaign, text, err) ? parse_text(text, err) : NULL;
}

static bool taken(const struct apply_signed *apply, struct wg_error *err)
{
    const struct plan *plan = &apply->applying.plan;
    return !plan->standing ||
           wg_fail(err, WG_E_CONFLICT, "there is a campaign %s already, and it is %s",
                   plan->campaign->name, plan->standing->state);
}

static bool stop_source(void *ctx, struct apply_signed *apply, struct wg_error *err)
{
    const struct following *following = ctx;
    struct steer *steer = following->steer;
    char cause[CAMPAIGN_CAUSE_MAX];
    if (!taken(apply, err)) return false;
    if (!following->moves) return true;
    (void)wg_format(cause, sizeof cause, "rolled back %s", steer->cause);
    const struct campaign_move move = {.from = steer->row.state,
                                       .to = campaign_state_text(CAMPAIGN_STOPPING),
                                       .cause = cause,
                                       .actor = steer->who.name,
                                       .held = true,
                                       .stop = engine_stop_text(ENGINE_STOP_ROLLBACK)};
    return campaign_row_move(following->cli->db, steer->row.id, &move, steer->now, err);
}

/* It may be running, stopping or over; once it is being rolled back there is no more to do. */
static bool may_roll_back(const struct steer *steer, enum campaign_state *next,
                          struct wg_error *err)
{
    char by[WG_NAME_MAX + 1];
    if (!steer->row.rollback_made)
        return engine_command_allowed(ENGINE_ROLLBACK, steer->state, next, err);
    if (!campaign_follow_rollback(steer->cli->db, steer->row.name, by, err)) return false;
    return wg_fail(err, WG_E_CONFLICT,
                   "campaign %s sends its devices back already: wavegate campaign status %s", by,
                   by);
}

static bool roll_back(struct cli *cli, struct steer *steer, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    struct following following = {.cli = cli, .steer = steer};
    if (!may_roll_back(steer, &next, err)) return false;
    following.moves = !campaign_state_is_final(steer->state);
    db_rollback(cli->db); /* the plan begins its own, and moves only from the state seen here */
    const struct apply_source source = {
        .read = read_rollback, .also = stop_source, .ctx = &following, .rolls_back = steer->row.id};
    struct apply_signed *apply = apply_signed_run(cli, &source, err);
    bool ok = apply && report_made(&following, apply, err);
    apply_signed_free(apply);
    return ok;
}

bool campaign_rollback_run(struct cli *cli, struct wg_error *err)
{
    struct steer *steer = steer_new(cli, true, err);
    bool ok = steer && roll_back(cli, steer, err);
    steer_free(steer);
    return ok;
}

/* ---- retry of those that failed ---- */

static bool is_free(struct db *db, const char *name, bool *out, struct wg_error *err)
{
    struct campaign_row *row = calloc(1, sizeof *row);
    struct wg_error problem = {0};
    if (!row) return wg_fail_memory(err, "looking for a name");
    bool there = campaign_row_get(db, name, row, &problem);
    free(row);
    *out = !there && problem.code == WG_E_NOT_FOUND;
    if (there || *out) return true;
    if (err) *err = problem;
    return false;
}

/* With the first number whose name nobody has. */
static struct campaign *read_retry(void *ctx, struct wg_buf *text, struct wg_error *err)
{
    const struct following *following = ctx;
    for (int number = 1; number <= RETRIES_MAX; number++) {
        struct campaign *made = NULL;
        bool unused = false;
        wg_buf_clear(text);
        if (retry_text(following->steer->campaign, number, text, err)) made = parse_text(text, err);
        if (!made) return NULL;
        bool ok = is_free(following->cli->db, made->name, &unused, err);
        if (ok && unused) return made;
        campaign_free(made);
        if (!ok) return NULL;
    }
    (void)wg_fail(err, WG_E_LIMIT, "%s has been retried %d times", following->steer->row.name,
                  RETRIES_MAX);
    return NULL;
}

static bool not_taken(void *ctx, struct apply_signed *apply, struct wg_error *err)
{
    (void)ctx;
    return taken(apply, err);
}

static bool show_file(struct cli *cli, const struct campaign *campaign, const struct wg_buf *text,
                      struct wg_error *err)
{
    json_t *file = wg_json_parse(wg_buf_str(text), text->len, CAMPAIGN_FILE_MAX, err);
    if (!file) return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:o}", "campaign", campaign->name, "file", file), err);
    return screen_json(file, err);
}

static bool print_retry(struct cli *cli, struct following *following, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CAMPAIGN_FILE_MAX);
    struct campaign *campaign = read_retry(following, &text, err);
    bool ok = campaign && show_file(cli, campaign, &text, err);
    campaign_free(campaign);
    wg_buf_clear(&text);
    return ok;
}

static bool retry(struct cli *cli, struct steer *steer, struct wg_error *err)
{
    struct following following = {.cli = cli, .steer = steer};
    const struct apply_source source = {.read = read_retry, .also = not_taken, .ctx = &following};
    const struct campaign_row *row = &steer->row;
    int64_t failed = standing_count(row, WG_FAILED) + standing_count(row, WG_ROLLED_BACK) +
                     standing_count(row, WG_SILENT);
    if (failed == 0)
        return wg_fail(err, WG_E_CONFLICT, "no device of %s has failed: nothing to retry",
                       row->name);
    if (args_has(cli->args, "print")) return print_retry(cli, &following, err);
    db_rollback(cli->db);
    struct apply_signed *apply = apply_signed_run(cli, &source, err);
    bool ok = apply && report_made(&following, apply, err);
    apply_signed_free(apply);
    return ok;
}

bool campaign_retry_run(struct cli *cli, struct wg_error *err)
{
    struct steer *steer = steer_new(cli, false, err);
    bool ok = steer && retry(cli, steer, err);
    steer_free(steer);
    return ok;
}
