/* campaign_file_routes.c: campaign files that were sent: checked, planned, applied. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/campaign_act.h"
#include "orchestrator/api/rooms.h"

#include "orchestrator/steering/apply_signed.h"
#include "orchestrator/steering/planning.h"
#include "orchestrator/steering/sent_file.h"
#include "orchestrator/store/document.h"

#include <stdlib.h>

#define MEMBERS_MAX 2000000

static bool only_keys(const struct api_call *call, const char *const *known, struct wg_error *err)
{
    return api_parameters(call, NULL, err) && wg_json_only_keys(call->body, known, err);
}

/* 422 with all that is wrong in it. NULL on failure. */
static struct campaign *read_file(struct api_call *call, struct wg_buf *text, struct wg_error *err)
{
    struct yaml_doc doc = {0};
    struct campaign *campaign = sent_file_check(call->body, text, &doc, err);
    if (!campaign && doc.problem_count > 0) {
        json_t *problems = json_array();
        if (yaml_doc_report_json(&doc, problems))
            (void)api_problem(call, 422, wg_error_code_text(WG_E_BAD_FILE),
                              json_pack("{s:o}", "problems", problems), err, "%s",
                              doc.problem_count == 1 ? "the file has a problem"
                                                     : "the file has problems");
        else
            json_decref(problems);
    }
    yaml_doc_clear(&doc);
    return campaign;
}

/* ---- validate ---- */

static bool validate(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"file", "files", NULL};
    struct yaml_doc doc = {0};
    if (!only_keys(call, keys, err)) return false;
    struct campaign *campaign = sent_file_check(call->body, NULL, &doc, err);
    bool valid = campaign != NULL, ok = valid || doc.problem_count > 0;
    json_t *problems = json_array();
    campaign_free(campaign);
    ok = ok && (yaml_doc_report_json(&doc, problems) || wg_fail_memory(err, "the report"));
    yaml_doc_clear(&doc);
    if (!ok) {
        json_decref(problems);
        return false;
    }
    *err = (struct wg_error){0};
    return api_json(call, json_pack("{s:b,s:o}", "valid", valid, "problems", problems), err);
}

/* ---- plan ---- */

/* Null: nobody has to sign anything, or they may not apply it. */
static json_t *statement_json(struct api_call *call, const struct plan *plan, struct wg_error *err)
{
    struct statement say;
    bool hits_nobody = plan_members(plan) == 0 && !plan->campaign->policy.continuous;
    if (plan_is_applied(plan) || hits_nobody || !grants_may(&call->who->grants, MAY_CAMPAIGN_APPLY))
        return json_null();
    apply_statement(plan, &say);
    return campaign_to_sign(call, &say, err);
}

static json_t *before_json(struct api_call *call, const struct plan *plan, struct wg_error *err)
{
    if (!plan->standing) return json_null();
    json_t *file = document_get(call->db, SQL_CAMPAIGN_FILE, 2,
                                (const char *const[]){plan->campaign->name, NULL}, err);
    json_t *text = json_incref(json_object_get(file, "file"));
    json_decref(file);
    return text;
}

static json_t *plan_json(struct api_call *call, const struct planning *planning,
                         struct wg_error *err)
{
    json_t *statement = statement_json(call, &planning->plan, err);
    json_t *before = statement ? before_json(call, &planning->plan, err) : NULL;
    json_t *out = before ? planning_json(planning) : NULL;
    if (!out) {
        json_decref(statement);
        json_decref(before);
        return NULL;
    }
    (void)json_object_set_new(out, "statement", statement);
    (void)json_object_set_new(out, "before", before);
    (void)json_object_set_new(out, "words", plan_outlook_words(&planning->view));
    (void)json_object_set_new(
        out, "standing_revision",
        planning->plan.standing ? json_integer(planning->plan.standing->revision) : json_null());
    return out;
}

static bool is_asked(const struct api_call *call, const char *key)
{
    return json_is_true(json_object_get(call->body, key));
}

/* The members of each wave, by name. */
static bool add_members(struct api_call *call, const struct planning *planning, json_t *out,
                        struct wg_error *err)
{
    const struct campaign *campaign = planning->plan.campaign;
    struct plan_device *members = NULL;
    size_t count = 0;
    if (!is_asked(call, "members")) return true;
    if (!plan_members_list(call->db, -1, MEMBERS_MAX, &members, &count, err)) return false;
    json_t *waves = json_object();
    for (size_t i = 0; i < campaign->policy.wave_count; i++)
        (void)json_object_set_new(waves, campaign->waves[i].name, json_array());
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(json_object_get(waves, campaign->waves[members[i].wave].name),
                                    json_string(members[i].id));
    free(members);
    return json_object_set_new(out, "member_ids", waves) == 0 || wg_fail_memory(err, "planning");
}

/* Where they are, in cells of a map: [latitude, longitude, wave's number, devices]. */
static bool add_spots(struct api_call *call, json_t *out, struct wg_error *err)
{
    struct plan_spot *spots = NULL;
    size_t count = 0;
    if (!is_asked(call, "spots")) return true;
    if (!plan_spots(call->db, &spots, &count, err)) return false;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(list, json_pack("[f,f,I,I]", spots[i].lat, spots[i].lon,
                                                    (json_int_t)spots[i].wave,
                                                    (json_int_t)spots[i].devices));
    free(spots);
    return json_object_set_new(out, "spots", list) == 0 || wg_fail_memory(err, "planning");
}

static bool make_plan(struct api_call *call, struct planning *planning, struct wg_error *err)
{
    struct campaign *campaign = read_file(call, NULL, err);
    if (!campaign) return false;
    const struct signature_authority authority = authority_lend(call->api->authority);
    const struct planning_asked asked = {
        .devices = json_string_value(json_object_get(call->body, "devices")),
        .repository = call->settings->repository,
        .authority = &authority,
        .now = call->now};
    bool ok = planning_make(planning, call->db, campaign, &asked, err) &&
              campaign_may_plan(call, MAY_CAMPAIGN_PLAN, &planning->plan, err);
    authority_give_back(call->api->authority);
    return ok;
}

static bool plan(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"file", "files", "devices", "members", "spots", NULL};
    if (!only_keys(call, keys, err)) return false;
    struct planning *planning = calloc(1, sizeof *planning);
    if (!planning) return wg_fail_memory(err, "planning");
    bool ok = make_plan(call, planning, err);
    json_t *out = ok ? plan_json(call, planning, err) : NULL;
    ok = out && add_members(call, planning, out, err) && add_spots(call, out, err);
    db_rollback(call->db);
    if (ok)
        ok = api_json(call, out, err);
    else
        json_decref(out);
    planning_clear(planning);
    free(planning);
    return ok;
}

/* ---- apply ---- */

static struct campaign *read_sent(void *ctx, struct wg_buf *text, struct wg_error *err)
{
    return read_file(ctx, text, err);
}

static bool may_apply(void *ctx, struct apply_signed *apply, struct wg_error *err)
{
    struct api_call *call = ctx;
    const struct plan *plan = &apply->applying.plan;
    int64_t revision = plan->standing ? plan->standing->revision : 0;
    return api_if_match(call, revision, err) &&
           campaign_may_plan(call, MAY_CAMPAIGN_APPLY, plan, err);
}

static bool answer_applied(struct api_call *call, const struct apply_signed *apply,
                           struct wg_error *err)
{
    char words[APPLY_NEXT_TEXT];
    json_t *out = apply_signed_json(apply);
    apply_next_words(apply->applying.plan.campaign, apply_signed_state(apply), words);
    if (out) (void)json_object_set_new(out, "words", json_string(words));
    if (!api_json(call, out, err)) return false;
    api_tag_version(call, apply_signed_revision(apply));
    return true;
}

static bool apply_with(struct api_call *call, const struct signature_authority *authority,
                       const struct signing *signing, struct wg_error *err)
{
    bool draft = json_is_true(json_object_get(call->body, "draft"));
    const struct apply_source source = {.read = read_sent,
                                        .also = may_apply,
                                        .ctx = call,
                                        .draft = draft,
                                        .signing = *signing,
                                        .authority = authority};
    struct apply_signed *apply = apply_signed_run(call->db, &source, err);
    bool ok = apply && answer_applied(call, apply, err);
    apply_signed_free(apply);
    return ok;
}

static bool apply(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"file", "files", "draft", "statement", "chain", NULL};
    struct sent_word *word = NULL;
    struct signing signing;
    if (!only_keys(call, keys, err)) return false;
    const struct signature_authority authority = authority_lend(call->api->authority);
    bool ok = campaign_word(call, MAY_CAMPAIGN_APPLY, &authority, &word, &signing, err) &&
              apply_with(call, &authority, &signing, err);
    authority_give_back(call->api->authority);
    campaign_word_free(word);
    return ok;
}

#define SENT (API_BODY | API_OWN_TRANSACTION)

static const struct api_route routes[] = {
    {"POST", "/campaigns/validate", "validateCampaign", MAY(CAMPAIGN_PLAN), SENT, validate},
    {"POST", "/campaigns/plan", "planCampaign", MAY(CAMPAIGN_PLAN), SENT, plan},
    {"POST", "/campaigns", "applyCampaign", MAY(CAMPAIGN_APPLY), SENT, apply},
};
const struct api_room campaign_file_room = {routes, sizeof routes / sizeof routes[0]};
