/* plan_quorum.c: the policy of the repository against the approvals of the campaign. */
#include "orchestrator/steering/plan_quorum.h"

#include "common/crypto.h"
#include "common/posix/file.h"
#include "orchestrator/release/repo_folder.h"

#include <stdlib.h>
#include <string.h>

#define POLICY "policy.json"

static bool read_file(const struct repo *repo, const char *sha256, struct trust_policy *out,
                      struct wg_error *err)
{
    char file[PATH_MAX], found[WG_SHA256_HEX];
    struct wg_buf bytes;
    wg_buf_init(&bytes, TRUST_POLICY_MAX);
    bool ok = repo_target_file(repo, POLICY, sha256, file, err) &&
              wg_file_read(file, &bytes, err) &&
              wg_sha256_of(wg_buf_str(&bytes), bytes.len, found, err) &&
              (strcmp(found, sha256) == 0 ||
               wg_fail(err, WG_E_VERIFY, "%s: its hash is not what the metadata say", file)) &&
              trust_policy_read(wg_buf_str(&bytes), bytes.len, out, err);
    wg_buf_clear(&bytes);
    return ok;
}

static bool read_policy(const char *folder, struct trust_policy *out, struct wg_error *err)
{
    struct repo repo = {.lock = -1};
    bool ok = repo_open(&repo, folder, false, err);
    const json_t *targets =
        ok ? json_object_get(repo_body(repo.state.live, "targets"), "targets") : NULL;
    const char *sha256 = json_string_value(
        json_object_get(json_object_get(json_object_get(targets, POLICY), "hashes"), "sha256"));
    if (ok)
        ok = sha256 ? read_file(&repo, sha256, out, err)
                    : wg_fail(err, WG_E_NOT_FOUND, "%s has no " POLICY ": see release add-policy",
                              folder);
    repo_close(&repo);
    return ok;
}

bool plan_quorum_lacks(const struct trust_policy *policy, const struct policy *campaign,
                       const char *hardware, struct plan_lack *out)
{
    const struct trust_quorum *quorum = trust_policy_quorum(policy, hardware);
    *out = (struct plan_lack){.has_class = quorum != NULL};
    (void)wg_copy(out->hardware, sizeof out->hardware, hardware);
    if (!quorum) return true;
    (void)wg_copy(out->role, sizeof out->role, quorum->role);
    out->wanted = quorum->count;
    if (strcmp(campaign->start.role, quorum->role) == 0) out->asked = campaign->start.count;
    return out->wanted > out->asked;
}

static bool is_told(const struct plan_quorum *quorum, const char *hardware)
{
    for (size_t i = 0; i < quorum->lack_count; i++)
        if (strcmp(quorum->lacks[i].hardware, hardware) == 0) return true;
    return false;
}

/* A share of hardware is "MODEL REVISION". */
static void judge(struct plan_quorum *quorum, const struct trust_policy *policy,
                  const struct policy *campaign, const struct plan_share *shares, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        char model[WG_NAME_MAX + 1];
        struct plan_lack lack;
        const char *value = shares[i].value;
        if (strcmp(shares[i].what, "hardware") != 0 ||
            !wg_copy_n(model, sizeof model, value, strcspn(value, " ")) || is_told(quorum, model))
            continue;
        if (plan_quorum_lacks(policy, campaign, model, &lack))
            quorum->lacks[quorum->lack_count++] = lack;
    }
}

bool plan_quorum_init(struct plan_quorum *quorum, const char *folder,
                      const struct campaign *campaign, const struct plan_share *shares,
                      size_t share_count, struct wg_error *err)
{
    struct wg_error problem = {0};
    *quorum = (struct plan_quorum){.is_known = folder[0] != '\0'};
    if (!quorum->is_known) return true;
    struct trust_policy *policy = calloc(1, sizeof *policy);
    quorum->lacks = calloc(share_count + 1, sizeof *quorum->lacks);
    if (!policy || !quorum->lacks) {
        free(policy);
        return wg_fail_memory(err, "planning");
    }
    if (read_policy(folder, policy, &problem))
        judge(quorum, policy, &campaign->policy, shares, share_count);
    else
        (void)wg_copy(quorum->problem, sizeof quorum->problem, problem.text);
    free(policy);
    return true;
}

void plan_quorum_clear(struct plan_quorum *quorum)
{
    free(quorum->lacks);
    quorum->lacks = NULL;
    quorum->lack_count = 0;
}

json_t *plan_quorum_json(const struct plan_quorum *quorum)
{
    json_t *lacks = json_array();
    if (!quorum->is_known) {
        json_decref(lacks);
        return json_null();
    }
    for (size_t i = 0; i < quorum->lack_count; i++) {
        const struct plan_lack *lack = &quorum->lacks[i];
        (void)json_array_append_new(
            lacks,
            lack->has_class
                ? json_pack("{s:s,s:s,s:I,s:I}", "hardware", lack->hardware, "role", lack->role,
                            "wanted", (json_int_t)lack->wanted, "asked", (json_int_t)lack->asked)
                : json_pack("{s:s,s:n}", "hardware", lack->hardware, "role"));
    }
    return json_pack("{s:s,s:o}", "problem", quorum->problem, "lacks", lacks);
}
