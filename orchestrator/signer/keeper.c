/* keeper.c: a look without the lock first: it is rarely time, and who works on the repository by
 * hand shall not find it busy. */
#include "orchestrator/signer/keeper.h"

#include "common/log.h"
#include "common/text.h"
#include "orchestrator/release/repo_keyring.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define RETRY WG_MINUTE
#define WARN_APART WG_DAY

struct keeper {
    char repository[PATH_MAX], secret[PATH_MAX];
    wg_duration every;
    wg_time next, warn_at;
    wg_time ends; /* of the timestamp, when it was last read; 0: not yet */
};

struct keeper *keeper_new(const struct keeper_config *config, struct wg_error *err)
{
    struct keeper *keeper = calloc(1, sizeof *keeper);
    if (!keeper) {
        (void)wg_fail_memory(err, "preparing the repository");
        return NULL;
    }
    keeper->every = config->every;
    if (wg_copy(keeper->repository, sizeof keeper->repository, config->repository) &&
        wg_copy(keeper->secret, sizeof keeper->secret, config->secret))
        return keeper;
    (void)wg_fail(err, WG_E_LIMIT, "repository: a path is too long");
    free(keeper);
    return NULL;
}

void keeper_free(struct keeper *keeper)
{
    free(keeper);
}

static void note_end(struct keeper *keeper, const struct repo_state *state)
{
    const char *text =
        json_string_value(json_object_get(repo_body(state->live, "timestamp"), "expires"));
    if (!text || !wg_time_parse(text, &keeper->ends)) keeper->ends = 0;
}

static bool is_staged_complete(const struct repo_state *state, bool *out, struct wg_error *err)
{
    json_t *complete = repo_complete(state, err);
    *out = json_object_size(complete) > 0;
    json_decref(complete);
    return complete != NULL;
}

static bool is_due(const struct repo_state *state, const char *role, wg_time now)
{
    wg_time ends = 0;
    const char *text = json_string_value(json_object_get(repo_body(state->live, role), "expires"));
    return !text || !wg_time_parse(text, &ends) || ends < repo_due_before(state, role, now);
}

static void warn(void *ctx, const char *role, wg_duration left)
{
    char span[WG_TIME_TEXT], next[TUF_ROLE_NAME_MAX + 64];
    (void)ctx;
    wg_duration_words(left, span);
    (void)wg_format(next, sizeof next, "wavegate release rotate %s, and sign", role);
    wg_log(WG_LOG_WARN, "people must sign metadata anew", "role", role, "left", span, "next", next,
           NULL);
}

static bool read_only(struct keeper *keeper, wg_time now, bool *due, struct wg_error *err)
{
    struct repo repo = {.lock = -1};
    bool ok = repo_open(&repo, keeper->repository, false, err);
    if (ok) note_end(keeper, &repo.state);
    ok = ok && is_staged_complete(&repo.state, due, err);
    if (ok)
        *due =
            *due || is_due(&repo.state, "snapshot", now) || is_due(&repo.state, "timestamp", now);
    if (ok && now >= keeper->warn_at) {
        repo_warn_of_expiry(&repo.state, now, warn, NULL);
        keeper->warn_at = now + WARN_APART;
    }
    repo_close(&repo);
    return ok;
}

static bool publish(struct keeper *keeper, wg_time now, size_t *written, struct wg_error *err)
{
    struct repo repo = {.lock = -1};
    const struct wg_passphrase_source secret = {.file = keeper->secret[0] ? keeper->secret : NULL,
                                                .fd = -1};
    struct repo_keyring *ring = calloc(1, sizeof *ring);
    if (!ring) return wg_fail_memory(err, "keeping the repository fresh");
    bool ok = repo_open(&repo, keeper->repository, true, err);
    if (ok) repo_keyring_online(ring, &repo.state, &secret);
    ok = ok && repo_keyring_publish(&repo, ring, repo_due_before(&repo.state, "snapshot", now),
                                    repo_due_before(&repo.state, "timestamp", now), written, err);
    if (ok) note_end(keeper, &repo.state);
    repo_keyring_clear(ring);
    free(ring);
    repo_close(&repo);
    return ok;
}

static void tell(const struct keeper *keeper, wg_time now, const struct wg_error *err)
{
    char left[WG_TIME_TEXT] = "unknown";
    if (keeper->ends) wg_duration_words(keeper->ends > now ? keeper->ends - now : 0, left);
    wg_log(WG_LOG_ERROR,
           "the repository is not kept fresh: devices take no update once its timestamp "
           "has expired",
           "timestamp_left", left, "why", err->text, NULL);
}

bool keeper_look(struct keeper *keeper, wg_time now)
{
    struct wg_error err = {0};
    char files[24];
    bool due = false;
    size_t written = 0;
    if (now < keeper->next) return false;
    bool ok = read_only(keeper, now, &due, &err) && (!due || publish(keeper, now, &written, &err));
    keeper->next = now + (ok || keeper->every < RETRY ? keeper->every : RETRY);
    if (!ok) tell(keeper, now, &err);
    if (!ok || written == 0) return false;
    (void)snprintf(files, sizeof files, "%zu", written);
    wg_log(WG_LOG_INFO, "repository published", "files", files, NULL);
    return true;
}
