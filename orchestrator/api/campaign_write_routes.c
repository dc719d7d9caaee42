/* campaign_write_routes.c: a person's hand on a campaign: approve, start, pause, resume, hold,
 * unhold, advance, abort, roll back, retry. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/campaign_act.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/steering/approving.h"
#include "orchestrator/steering/control.h"
#include "orchestrator/steering/follow.h"
#include "orchestrator/steering/gate_hand.h"

#include <stdlib.h>
#include <string.h>

#define VERDICT_PATIENCE (2 * WG_SECOND)

static bool read_keys(struct api_call *call, const char *const *keys, struct wg_error *err)
{
    return api_parameters(call, NULL, err) && wg_json_only_keys(call->body, keys, err) &&
           api_name_value(call, 0, "campaign", err);
}

static bool may(struct api_call *call, enum permission permission, struct wg_error *err)
{
    return campaign_may_act(call, permission, call->values[0], err);
}

/* With words for people, and the revision that is steered as the ETag. */
static bool answer(struct api_call *call, json_t *document, const char *words, int64_t revision,
                   struct wg_error *err)
{
    if (document && words) (void)json_object_set_new(document, "words", json_string(words));
    if (!api_json(call, document, err)) return false;
    api_tag_version(call, revision);
    return true;
}

static const char *const steer_keys[] = {"reason", "wave", "hold", "statement", "chain", NULL};

/* NULL on failure. */
static struct steer *take(struct api_call *call, bool needs_reason, struct wg_error *err)
{
    char reason[WG_DETAIL_MAX + 1] = "";
    bool given = json_is_string(json_object_get(call->body, "reason")) &&
                 json_string_value(json_object_get(call->body, "reason"))[0];
    if (!read_keys(call, steer_keys, err) || !may(call, MAY_CAMPAIGN_STEER, err) ||
        ((needs_reason || given) && !api_reason(call, reason, err)))
        return NULL;
    if (!steer_reason_is_fine(reason)) {
        (void)wg_fail(err, WG_E_USAGE, "reason: at most %d bytes of plain text on one line",
                      STEER_REASON_MAX);
        return NULL;
    }
    struct steer *steer =
        steer_new(call->db, call->who->name, reason, call->values[0], call->now, err);
    if (!steer || api_if_match(call, steer->row.revision, err)) return steer;
    steer_free(steer);
    return NULL;
}

/* ---- start, pause, resume, abort ---- */

static bool control(struct api_call *call,
                    bool (*change)(struct steer *steer, struct steered *out, struct wg_error *err),
                    struct wg_error *err)
{
    struct steered steered;
    struct steer *steer = take(call, false, err);
    bool ok = steer && change(steer, &steered, err) &&
              answer(call, steered_json(&steered), steered.words, steer->row.revision, err);
    steer_free(steer);
    return ok;
}

static bool start(struct api_call *call, struct wg_error *err)
{
    return control(call, control_start, err);
}

static bool pause_only(struct steer *steer, struct steered *out, struct wg_error *err)
{
    return control_pause(steer, false, out, err);
}

static bool pause_and_hold(struct steer *steer, struct steered *out, struct wg_error *err)
{
    return control_pause(steer, true, out, err);
}

static bool pause_campaign(struct api_call *call, struct wg_error *err)
{
    bool hold = json_is_true(json_object_get(call->body, "hold"));
    return control(call, hold ? pause_and_hold : pause_only, err);
}

static bool resume(struct api_call *call, struct wg_error *err)
{
    return control(call, control_resume, err);
}

static bool end(struct api_call *call, struct wg_error *err)
{
    return control(call, control_abort, err);
}

/* ---- gates ---- */

static bool gate(struct api_call *call, enum engine_manual manual, struct wg_error *err)
{
    const char *wave;
    struct steered_gate done;
    if (!campaign_text(call, "wave", &wave, err)) return false;
    struct steer *steer = take(call, manual != ENGINE_MANUAL_NONE, err);
    bool ok = steer && gate_hand(steer, manual, wave, &done, err) &&
              answer(call, steered_gate_json(&done), NULL, steer->row.revision, err);
    steer_free(steer);
    return ok;
}

static bool advance(struct api_call *call, struct wg_error *err)
{
    return gate(call, ENGINE_MANUAL_ADVANCE, err);
}

static bool hold(struct api_call *call, struct wg_error *err)
{
    return gate(call, ENGINE_MANUAL_HOLD, err);
}

static bool unhold(struct api_call *call, struct wg_error *err)
{
    return gate(call, ENGINE_MANUAL_NONE, err);
}

/* ---- campaigns that follow ---- */

static bool rollback(struct api_call *call, struct wg_error *err)
{
    struct follow follow;
    struct steer *steer = take(call, true, err);
    bool ok = steer && follow_rollback(&follow, steer, err) &&
              campaign_make(call, &follow, follow_rollback_source(&follow), err);
    steer_free(steer);
    return ok;
}

static bool retry_failed(struct api_call *call, struct wg_error *err)
{
    struct follow follow;
    struct steer *steer = take(call, false, err);
    bool ok = steer && follow_retry(&follow, steer, err) &&
              campaign_make(call, &follow, follow_retry_source(&follow), err);
    steer_free(steer);
    return ok;
}

/* ---- what is to be signed ---- */

/* The start and nothing else. */
static bool asks_start(const struct api_call *call)
{
    return json_is_true(json_object_get(call->body, "start"));
}

static bool to_approve(struct api_call *call, const char *wave, struct wg_error *err)
{
    struct statement say;
    char words[2 * WG_NAME_MAX + 64];
    struct approving *with = approving_new(call->db, call->values[0], wave, asks_start(call), err);
    if (!with) return false;
    approving_statement(with, &say);
    (void)wg_format(words, sizeof words, "approve %s%s of %s", say.wave[0] ? "wave " : "the start",
                    say.wave, say.campaign);
    json_t *body = campaign_to_sign(call, &say, err);
    approving_free(with);
    return body && api_json(call, json_pack("{s:o,s:s}", "statement", body, "words", words), err);
}

/* As it would be applied now; who may not apply it sees the file alone. text: its file, for whoever
 * wants to hold the statement against it.
 */
static bool to_apply(struct api_call *call, struct campaign *campaign, const struct wg_buf *text,
                     struct wg_error *err)
{
    struct statement say;
    char words[2 * WG_NAME_MAX + 64];
    struct plan *plan = calloc(1, sizeof *plan);
    if (!plan) {
        campaign_free(campaign);
        return wg_fail_memory(err, "planning");
    }
    bool applies = grants_may(&call->who->grants, MAY_CAMPAIGN_APPLY);
    bool ok = plan_make(plan, call->db, campaign, false, err) &&
              campaign_may_plan(call, applies ? MAY_CAMPAIGN_APPLY : MAY_DEVICE_RETRY, plan, err);
    db_rollback(call->db);
    json_t *body = NULL;
    if (ok) {
        apply_statement(plan, &say);
        (void)wg_format(words, sizeof words, "apply %s, for %lld devices", say.campaign,
                        (long long)plan_members(plan));
        body = applies ? campaign_to_sign(call, &say, err) : json_null();
    }
    plan_clear(plan);
    free(plan);
    return body && api_json(call,
                            json_pack("{s:o,s:s,s:s}", "statement", body, "words", words, "file",
                                      wg_buf_str(text)),
                            err);
}

/* device: of this one alone; NULL: of all that failed. */
static bool follow_of(struct follow *follow, struct steer *steer, const struct device_act *act,
                      struct wg_error *err)
{
    if (!act->device) return follow_retry(follow, steer, err);
    follow_retry_device(follow, steer, act);
    return true;
}

static bool to_follow(struct api_call *call, bool back, const char *device, struct wg_error *err)
{
    struct follow follow;
    const struct device_act act = {.device = device, .campaign = call->values[0]};
    struct wg_buf text;
    struct campaign *campaign = NULL;
    struct steer *steer = steer_new(call->db, call->who->name, "", call->values[0], call->now, err);
    wg_buf_init(&text, CAMPAIGN_FILE_MAX);
    if (steer && back && follow_rollback(&follow, steer, err))
        campaign = follow_rollback_file(&follow, &text, err);
    else if (steer && !back && follow_of(&follow, steer, &act, err))
        campaign = follow_retry_file(&follow, &text, err);
    steer_free(steer);
    bool ok = campaign && to_apply(call, campaign, &text, err);
    wg_buf_clear(&text);
    return ok;
}

/* The action needs nobody's signature. */
static bool to_nothing(struct api_call *call, const char *action, struct wg_error *err)
{
    static const char *const actions[] = {"start",  "pause",   "resume", "hold",
                                          "unhold", "advance", "abort",  NULL};
    char words[2 * WG_NAME_MAX + 64];
    for (const char *const *known = actions; *known; known++)
        if (strcmp(*known, action) == 0) {
            (void)wg_format(words, sizeof words, "%s %s", action, call->values[0]);
            return api_json(call, json_pack("{s:n,s:s}", "statement", "words", words), err);
        }
    return wg_fail(err, WG_E_USAGE,
                   "action: expected approve, rollback, retry-failed, start, pause, resume, hold, "
                   "unhold, advance or abort, got \"%.40s\"",
                   action);
}

static bool statement(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"action", "wave", "start", "device", NULL};
    const char *action, *wave, *device;
    if (!read_keys(call, keys, err) || !campaign_text(call, "action", &action, err) ||
        !campaign_text(call, "wave", &wave, err) || !campaign_text(call, "device", &device, err))
        return false;
    if (device && !wg_name_is_valid(device))
        return wg_fail(err, WG_E_USAGE, "device: \"%.64s\" is no device", device);
    if (!action) return wg_fail(err, WG_E_USAGE, "action: what is to be signed?");
    if (strcmp(action, "approve") == 0)
        return may(call, MAY_CAMPAIGN_APPROVE, err) && to_approve(call, wave, err);
    bool of_device = device && strcmp(action, "retry-failed") == 0;
    if (!may(call, of_device ? MAY_DEVICE_RETRY : MAY_CAMPAIGN_STEER, err)) return false;
    if (strcmp(action, "rollback") == 0) return to_follow(call, true, NULL, err);
    if (strcmp(action, "retry-failed") == 0) return to_follow(call, false, device, err);
    return to_nothing(call, action, err);
}

/* ---- approve ---- */

static bool give(struct api_call *call, const char *wave, const struct signing *signing,
                 struct wg_error *err)
{
    enum approval_verdict verdict = APPROVAL_UNJUDGED;
    struct approving *with = approving_new(call->db, call->values[0], wave, asks_start(call), err);
    bool ok = with && api_if_match(call, with->row.revision, err) &&
              approving_sign(with, signing, err) && approving_add(with, err) &&
              approving_await(with, VERDICT_PATIENCE, &verdict, err) &&
              answer(call, approving_json(with, verdict), NULL, with->row.revision, err);
    approving_free(with);
    return ok;
}

static bool approve(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"wave", "start", "reason", "statement", "chain", NULL};
    const char *wave;
    struct sent_word *word = NULL;
    struct signing signing;
    if (!read_keys(call, keys, err) || !may(call, MAY_CAMPAIGN_APPROVE, err) ||
        !campaign_text(call, "wave", &wave, err))
        return false;
    const struct signature_authority authority = authority_lend(call->api->authority);
    bool ok = campaign_word(call, MAY_CAMPAIGN_APPROVE, &authority, &word, &signing, err);
    authority_give_back(call->api->authority);
    if (ok && !word)
        ok = wg_fail(err, WG_E_USAGE, "statement and chain: POST .../statement tells what to sign");
    ok = ok && give(call, wave, &signing, err);
    campaign_word_free(word);
    return ok;
}

#define ACT (API_BODY | API_OWN_TRANSACTION)
#define STEER(verb, operation, handle)                                                             \
    {                                                                                              \
        "POST", "/campaigns/{name}/" verb, operation, MAY(CAMPAIGN_STEER), ACT, handle             \
    }

static const struct api_route routes[] = {
    {"POST", "/campaigns/{name}/statement", "getCampaignStatement",
     MAY(CAMPAIGN_STEER) | MAY(CAMPAIGN_APPROVE) | MAY(DEVICE_RETRY), ACT, statement},
    {"POST", "/campaigns/{name}/approve", "approveCampaign", MAY(CAMPAIGN_APPROVE), ACT, approve},
    STEER("start", "startCampaign", start),
    STEER("pause", "pauseCampaign", pause_campaign),
    STEER("resume", "resumeCampaign", resume),
    STEER("hold", "holdCampaign", hold),
    STEER("unhold", "unholdCampaign", unhold),
    STEER("advance", "advanceCampaign", advance),
    STEER("abort", "abortCampaign", end),
    STEER("rollback", "rollbackCampaign", rollback),
    STEER("retry-failed", "retryFailedCampaign", retry_failed),
};
const struct api_room campaign_write_room = {routes, sizeof routes / sizeof routes[0]};
