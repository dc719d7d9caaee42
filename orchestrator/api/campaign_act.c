/* campaign_act.c: scopes over campaigns; signed words in bodies. */
#include "orchestrator/api/campaign_act.h"

#include "orchestrator/api/answer_call.h"
#include "orchestrator/people/role.h"
#include "orchestrator/store/campaign_scope.h"

#include <stdlib.h>

#define SCOPES_MAX ((size_t)65536)

static bool refuse_outside(struct api_call *call, enum permission permission, int64_t devices,
                           struct wg_error *err)
{
    return devices == 0 || api_problem(call, 403, "outside-scope",
                                       json_pack("{s:I}", "outside", (json_int_t)devices), err,
                                       "%s may not %s on %lld of its devices", call->who->name,
                                       permission_name(permission), (long long)devices);
}

bool campaign_may_act(struct api_call *call, enum permission permission, const char *campaign,
                      struct wg_error *err)
{
    struct wg_buf scopes;
    int64_t devices = 0;
    if (!api_may_at_all(call, PERMISSION_BIT(permission), err)) return false;
    wg_buf_init(&scopes, SCOPES_MAX);
    bool ok = grants_scopes(&call->who->grants, permission, &scopes, err);
    const char *limit = grants_scopes_param(&scopes);
    ok = ok && (!limit || campaign_outside(call->db, campaign, limit, &devices, err));
    wg_buf_clear(&scopes);
    return ok && refuse_outside(call, permission, devices, err);
}

static bool stays_inside(struct api_call *call, const struct plan *plan, struct wg_error *err)
{
    return !plan->campaign->policy.continuous ||
           api_problem(call, 403, "outside-scope", NULL, err,
                       "%s takes devices that come later, wherever they are: %s may on a part of "
                       "the fleet alone",
                       plan->campaign->name, call->who->name);
}

bool campaign_may_plan(struct api_call *call, enum permission permission, const struct plan *plan,
                       struct wg_error *err)
{
    struct wg_buf scopes;
    int64_t devices = 0;
    wg_buf_init(&scopes, SCOPES_MAX);
    bool ok = grants_scopes(&call->who->grants, permission, &scopes, err);
    const char *limit = grants_scopes_param(&scopes);
    ok = ok && (!limit ||
                (stays_inside(call, plan, err) && plan_outside(call->db, limit, &devices, err)));
    wg_buf_clear(&scopes);
    /* a revision must not take devices away that are not theirs, either */
    return ok && refuse_outside(call, permission, devices, err) &&
           (!plan->standing || campaign_may_act(call, permission, plan->campaign->name, err));
}

json_t *campaign_to_sign(const struct api_call *call, struct statement *say, struct wg_error *err)
{
    say->at = call->now;
    (void)wg_copy(say->operator_name, sizeof say->operator_name, call->who->name);
    return statement_body(say, err);
}

bool campaign_text(const struct api_call *call, const char *key, const char **out,
                   struct wg_error *err)
{
    const json_t *value = json_object_get(call->body, key);
    *out = json_string_value(value);
    return !value || json_is_null(value) || *out ||
           wg_fail(err, WG_E_BAD_INPUT, "%s: expected text", key);
}

static bool ask_word(void *ctx, const struct statement *say, struct wg_buf *out,
                     struct wg_error *err)
{
    (void)ctx;
    (void)out;
    return wg_fail(err, WG_E_USAGE,
                   "statement and chain: what is to be signed for %s by its person's own key, and "
                   "the certificate",
                   say->campaign[0] ? say->campaign
                   : say->device[0] ? say->device
                                    : say->release);
}

static bool has_role(const struct sent_word *word, enum permission permission, struct wg_error *err)
{
    enum role role;
    return (role_find(word->who.role, &role) &&
            permission_in(role_permissions(role), permission)) ||
           wg_fail(err, WG_E_DENIED, "%s's certificate has role %s, which may not %s",
                   word->who.name, word->who.role, permission_name(permission));
}

bool campaign_word(struct api_call *call, enum permission permission,
                   const struct signature_authority *authority, struct sent_word **word,
                   struct signing *signing, struct wg_error *err)
{
    const char *chain;
    const json_t *envelope = json_object_get(call->body, "statement");
    *word = NULL;
    *signing = (struct signing){.sign = ask_word};
    if (!campaign_text(call, "chain", &chain, err)) return false;
    if (!envelope || json_is_null(envelope)) return true;
    if (!chain)
        return wg_fail(err, WG_E_USAGE, "chain: the certificate of who signed is needed, PEM");
    *word = calloc(1, sizeof(**word));
    if (!*word) return wg_fail_memory(err, "a statement");
    *signing = sent_word_signing(*word);
    return sent_word_init(*word, envelope, chain, call->who->name, authority, call->now, err) &&
           has_role(*word, permission, err);
}

void campaign_word_free(struct sent_word *word)
{
    if (word) sent_word_clear(word);
    free(word);
}

static bool in_scope(void *ctx, const struct apply_signed *apply, struct wg_error *err)
{
    return campaign_may_plan(ctx, MAY_CAMPAIGN_APPLY, &apply->applying.plan, err);
}

bool campaign_make(struct api_call *call, const struct follow *follow, struct apply_source source,
                   struct wg_error *err)
{
    struct sent_word *word = NULL;
    const struct signature_authority authority = authority_lend(call->api->authority);
    struct apply_signed *apply = NULL;
    source.authority = &authority;
    source.check = in_scope;
    source.check_ctx = call;
    if (campaign_word(call, MAY_CAMPAIGN_APPLY, &authority, &word, &source.signing, err))
        apply = apply_signed_run(call->db, &source, err);
    bool ok = apply && api_json(call, follow_json(follow, apply), err);
    apply_signed_free(apply);
    authority_give_back(call->api->authority);
    campaign_word_free(word);
    return ok;
}
