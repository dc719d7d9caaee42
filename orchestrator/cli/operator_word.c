/* operator_word.c: statements by the operator's own key. */
#include "orchestrator/cli/operator_word.h"

#include "common/posix/file.h"
#include "orchestrator/cli/operator.h"

#include <stdlib.h>
#include <string.h>

bool operator_word_apply(const struct campaign *campaign, struct statement *out,
                         struct wg_error *err)
{
    const struct policy *policy = &campaign->policy;
    *out = (struct statement){.kind = STATEMENT_APPLY};
    statement_about(campaign, out);
    out->wave_count = policy->wave_count;
    for (size_t i = 0; i < policy->wave_count; i++)
        (void)wg_copy(out->waves[i].name, sizeof out->waves[i].name, campaign->waves[i].name);
    return campaign_digest(campaign, out->digest, err);
}

static bool same(const char *what, const char *found, const char *expected, struct wg_error *err)
{
    return !expected[0] || strcmp(found, expected) == 0 ||
           wg_fail(err, WG_E_VERIFY,
                   "the server wants something else signed: %s \"%.80s\", expected \"%.80s\". "
                   "Nothing was signed",
                   what, found, expected);
}

static bool same_waves(const struct statement *found, const struct statement *expected,
                       struct wg_error *err)
{
    bool ok = expected->wave_count == 0 || found->wave_count == expected->wave_count;
    for (size_t i = 0; ok && i < expected->wave_count; i++)
        ok = strcmp(found->waves[i].name, expected->waves[i].name) == 0;
    return ok || wg_fail(err, WG_E_VERIFY,
                         "the server wants something else signed: other waves than the file's. "
                         "Nothing was signed");
}

static bool agrees(const struct statement *found, const struct statement *expected,
                   struct wg_error *err)
{
    return same("kind", statement_kind_text(found->kind), statement_kind_text(expected->kind),
                err) &&
           same("campaign", found->campaign, expected->campaign, err) &&
           same("digest", found->digest, expected->digest, err) &&
           same("device", found->device, expected->device, err) &&
           same("wave", found->wave, expected->wave, err) &&
           same("release", found->release, expected->release, err) &&
           same("rollback", found->rollback, expected->rollback, err) &&
           same_waves(found, expected, err);
}

/* In their own name, at this machine's time. */
static bool sign(const struct operator_identity *who, struct wg_signing_key *key,
                 struct statement *say, json_t *request, struct wg_error *err)
{
    struct wg_buf text;
    say->at = wg_now();
    (void)wg_copy(say->operator_name, sizeof say->operator_name, who->name);
    wg_buf_init(&text, STATEMENT_MAX);
    json_t *envelope = statement_sign_by(say, key, &text, err)
                           ? wg_json_parse(wg_buf_str(&text), text.len, STATEMENT_MAX, err)
                           : NULL;
    wg_buf_clear(&text);
    return envelope && ((json_object_set_new(request, "statement", envelope) == 0 &&
                         json_object_set_new(request, "chain", json_string(who->chain)) == 0) ||
                        wg_fail_memory(err, "signing"));
}

bool operator_word_sign(const struct cli *cli, const json_t *body, const struct statement *expected,
                        json_t *request, struct wg_error *err)
{
    struct statement say;
    struct wg_signing_key *key = NULL;
    if (!statement_read(body, &say, err)) return wg_context(err, "what is to be signed");
    if (!agrees(&say, expected, err)) return false;
    struct operator_identity *who = calloc(1, sizeof *who);
    if (!who) return wg_fail_memory(err, "signing");
    bool ok = operator_load(cli, who, &key, err) && sign(who, key, &say, request, err);
    free(who);
    return ok;
}
