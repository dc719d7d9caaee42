/* truth.c: a TUF client on a folder. */
#include "orchestrator/signer/truth.h"

#include "common/posix/file.h"
#include "common/posix/tuf_run.h"
#include "common/tuf/digest.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define POLICY "policy.json"

struct truth {
    char repository[PATH_MAX], root[PATH_MAX], folder[PATH_MAX];
    wg_duration refresh;
    struct tuf_run run;
    struct tuf_client *client; /* NULL: nothing is believed */
    struct trust_policy *policy;
    wg_time next;
};

static bool fetch_file(const struct truth *truth, const char *part, const char *name,
                       struct wg_buf *out, bool *found, struct wg_error *err)
{
    char path[PATH_MAX];
    if (!wg_format(path, sizeof path, "%s/%s/%s", truth->repository, part, name))
        return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", name);
    *found = access(path, F_OK) == 0;
    return !*found || wg_file_read(path, out, err);
}

static bool fetch(void *ctx, const char *name, struct wg_buf *out, bool *found,
                  struct wg_error *err)
{
    return fetch_file(ctx, "metadata", name, out, found, err);
}

struct truth *truth_new(const struct truth_source *source, struct wg_error *err)
{
    struct truth *truth = calloc(1, sizeof *truth);
    if (!truth) {
        (void)wg_fail_memory(err, "preparing the repository");
        return NULL;
    }
    bool fits = wg_copy(truth->repository, sizeof truth->repository, source->repository) &&
                wg_copy(truth->root, sizeof truth->root, source->root) &&
                wg_copy(truth->folder, sizeof truth->folder, source->folder);
    if (!fits) (void)wg_fail(err, WG_E_LIMIT, "repository: a path is too long");
    if (!fits || !wg_folder_make(truth->folder, 0700, err)) {
        free(truth);
        return NULL;
    }
    truth->refresh = source->refresh;
    truth->run = (struct tuf_run){.folder = truth->folder, .fetch = fetch, .ctx = truth};
    return truth;
}

void truth_free(struct truth *truth)
{
    if (!truth) return;
    tuf_client_free(truth->client);
    free(truth->policy);
    free(truth);
}

static bool read_policy(const struct truth *truth, struct tuf_client *client,
                        struct trust_policy **out, struct wg_error *err)
{
    const struct tuf_target *target = NULL;
    char name[TUF_HASH_HEX + sizeof POLICY + 1];
    struct wg_buf bytes;
    bool found = false;
    if (!tuf_run_find(&truth->run, client, POLICY, &target, err)) return false;
    if (!target) return true;
    const char *prefix =
        tuf_client_is_consistent(client) ? tuf_digest_prefix(target->hashes) : NULL;
    (void)wg_format(name, sizeof name, "%s%s" POLICY, prefix ? prefix : "", prefix ? "." : "");
    wg_buf_init(&bytes, TRUST_POLICY_MAX);
    bool ok = fetch_file(truth, "targets", name, &bytes, &found, err);
    if (ok && !found) ok = wg_fail(err, WG_E_NOT_FOUND, POLICY " is not there");
    ok = ok && tuf_digest_check(target->hashes, bytes.data, bytes.len, err);
    *out = ok ? calloc(1, sizeof **out) : NULL;
    if (ok && !*out) ok = wg_fail_memory(err, POLICY);
    ok = ok && trust_policy_read(wg_buf_str(&bytes), bytes.len, *out, err);
    wg_buf_clear(&bytes);
    return ok;
}

static bool read_all(const struct truth *truth, struct tuf_client *client,
                     struct trust_policy **policy, struct wg_error *err)
{
    return tuf_run_plant(&truth->run, truth->root, err) && tuf_run_go(&truth->run, client, err) &&
           read_policy(truth, client, policy, err);
}

bool truth_refresh(struct truth *truth, wg_time now, struct wg_error *err)
{
    const struct tuf_limits limits = tuf_limits_default();
    struct trust_policy *policy = NULL;
    if (truth->client && now < truth->next) return true;
    struct tuf_client *client = tuf_client_new(&limits, now, err);
    bool ok = client && read_all(truth, client, &policy, err);
    /* what cannot be read anew is not believed any longer: it may have expired, or been revoked */
    tuf_client_free(truth->client);
    free(truth->policy);
    truth->client = ok ? client : NULL;
    truth->policy = ok ? policy : NULL;
    truth->next = now + truth->refresh;
    if (ok) return true;
    tuf_client_free(client);
    free(policy);
    return wg_context(err, "the repository");
}

const struct trust_policy *truth_policy(const struct truth *truth)
{
    return truth->policy;
}

bool truth_release(struct truth *truth, const char *component, const char *version,
                   struct release_facts *out, struct wg_error *err)
{
    const struct tuf_target *target = NULL;
    char path[WG_NAME_MAX + WG_VERSION_MAX + 16];
    (void)wg_format(path, sizeof path, "%s/%s/artifact", component, version);
    if (!truth->client) return wg_fail(err, WG_E_NOT_FOUND, "the repository was not read");
    if (!tuf_run_find(&truth->run, truth->client, path, &target, err)) return false;
    const char *sha256 =
        target ? json_string_value(json_object_get(target->hashes, "sha256")) : NULL;
    if (!sha256 || !target->custom || !wg_copy(out->sha256, sizeof out->sha256, sha256))
        return wg_fail(err, WG_E_NOT_FOUND, "the repository has no release %s/%s", component,
                       version);
    out->length = target->length;
    return release_facts_read(target->custom, out, err);
}
