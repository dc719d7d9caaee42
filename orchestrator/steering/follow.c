/* follow.c: the file of the new campaign, and what happens to the other one. */
#include "orchestrator/steering/follow.h"

#include "orchestrator/plan/rollback.h"

#include <stdlib.h>
#include <string.h>

#define RETRIES_MAX 100

static struct campaign *parse_text(const struct wg_buf *text, struct wg_error *err)
{
    return campaign_parse("the new campaign", wg_buf_str(text), text->len, NULL, NULL, err);
}

json_t *follow_json(const struct follow *follow, const struct apply_signed *apply)
{
    const struct plan *plan = &apply->applying.plan;
    const struct campaign_row *from = &follow->steer->row;
    struct recall recall;
    recall_of(from, &recall);
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:s,s:s,s:s,s:I}", "campaign", plan->campaign->name, "from", from->name,
        "from_state", follow->moves ? campaign_state_text(CAMPAIGN_STOPPING) : from->state, "state",
        applying_state(&apply->applying), "component", plan->campaign->component, "version",
        plan->campaign->version, "devices", (json_int_t)plan_members(plan));
    if (follow->moves) (void)json_object_set_new(out, "not_recalled", recall_json(&recall));
    return out;
}

/* ---- rollback ---- */

static struct campaign *read_rollback(void *ctx, struct wg_buf *text, struct wg_error *err)
{
    const struct follow *follow = ctx;
    return rollback_text(follow->steer->campaign, text, err) ? parse_text(text, err) : NULL;
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
    const struct follow *follow = ctx;
    struct steer *steer = follow->steer;
    char cause[CAMPAIGN_CAUSE_MAX];
    if (!taken(apply, err)) return false;
    if (!follow->moves) return true;
    (void)wg_format(cause, sizeof cause, "rolled back %s", steer->cause);
    const struct campaign_move move = {.from = steer->row.state,
                                       .to = campaign_state_text(CAMPAIGN_STOPPING),
                                       .cause = cause,
                                       .actor = steer->actor,
                                       .held = true,
                                       .stop = engine_stop_text(ENGINE_STOP_ROLLBACK)};
    return campaign_row_move(follow->steer->db, steer->row.id, &move, steer->now, err);
}

/* It may be running, stopping or over; once it is being rolled back there is no more to do. */
static bool may_roll_back(const struct steer *steer, enum campaign_state *next,
                          struct wg_error *err)
{
    char by[WG_NAME_MAX + 1];
    if (!steer->row.rollback_made)
        return engine_command_allowed(ENGINE_ROLLBACK, steer->state, next, err);
    if (!campaign_row_rolled_back_by(steer->db, steer->row.id, by, err)) return false;
    return wg_fail(err, WG_E_CONFLICT,
                   "campaign %s sends its devices back already: wavegate campaign status %s", by,
                   by);
}

bool follow_rollback(struct follow *follow, struct steer *steer, struct wg_error *err)
{
    enum campaign_state next = steer->state;
    *follow = (struct follow){.steer = steer, .moves = !campaign_state_is_final(steer->state)};
    if (!may_roll_back(steer, &next, err)) return false;
    db_rollback(steer->db);
    return true;
}

struct apply_source follow_rollback_source(struct follow *follow)
{
    return (struct apply_source){.read = read_rollback,
                                 .also = stop_source,
                                 .ctx = follow,
                                 .rolls_back = follow->steer->row.id};
}

struct campaign *follow_rollback_file(struct follow *follow, struct wg_buf *text,
                                      struct wg_error *err)
{
    return read_rollback(follow, text, err);
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
    const struct follow *follow = ctx;
    for (int number = 1; number <= RETRIES_MAX; number++) {
        struct campaign *made = NULL;
        bool unused = false;
        wg_buf_clear(text);
        if (retry_text(follow->steer->campaign, follow->act ? follow->act->device : NULL, number,
                       text, err))
            made = parse_text(text, err);
        if (!made) return NULL;
        bool ok = is_free(follow->steer->db, made->name, &unused, err);
        if (ok && unused) return made;
        campaign_free(made);
        if (!ok) return NULL;
    }
    (void)wg_fail(err, WG_E_LIMIT, "%s has been retried %d times", follow->steer->row.name,
                  RETRIES_MAX);
    return NULL;
}

static bool not_taken(void *ctx, struct apply_signed *apply, struct wg_error *err)
{
    const struct follow *follow = ctx;
    return taken(apply, err) &&
           (!follow->act || device_act_note(follow->steer->db, follow->act, "retry",
                                            apply->applying.plan.campaign->name, err));
}

bool follow_retry(struct follow *follow, struct steer *steer, struct wg_error *err)
{
    const struct campaign_row *row = &steer->row;
    *follow = (struct follow){.steer = steer};
    int64_t failed = standing_count(row, WG_FAILED) + standing_count(row, WG_ROLLED_BACK) +
                     standing_count(row, WG_SILENT);
    if (failed == 0)
        return wg_fail(err, WG_E_CONFLICT, "no device of %s has failed: nothing to retry",
                       row->name);
    db_rollback(steer->db);
    return true;
}

void follow_retry_device(struct follow *follow, struct steer *steer, const struct device_act *act)
{
    *follow = (struct follow){.steer = steer, .act = act};
    db_rollback(steer->db);
}

struct apply_source follow_retry_source(struct follow *follow)
{
    return (struct apply_source){.read = read_retry, .also = not_taken, .ctx = follow};
}

struct campaign *follow_retry_file(struct follow *follow, struct wg_buf *text, struct wg_error *err)
{
    return read_retry(follow, text, err);
}
