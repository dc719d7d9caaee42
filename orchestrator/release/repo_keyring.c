/* repo_keyring.c: opens keys where keys.json says they are, and lets repo_plan use them. */
#include "orchestrator/release/repo_keyring.h"

#include "common/posix/file.h"

#include <string.h>

bool repo_keyring_add(struct repo_keyring *ring, const char *where,
                      const struct wg_passphrase_source *secret, struct wg_error *err)
{
    if (ring->count == REPO_KEYRING_MAX)
        return wg_fail(err, WG_E_LIMIT, "more than %d keys at once", REPO_KEYRING_MAX);
    if (!repo_signer_open(where, secret, &ring->signers[ring->count], err)) return false;
    ring->count++;
    return true;
}

static bool is_open(const struct repo_keyring *ring, const char *id)
{
    for (size_t i = 0; i < ring->count; i++) {
        char known[WG_SHA256_HEX];
        if (tuf_key_id(&ring->signers[i].key, known, NULL) && strcmp(known, id) == 0) return true;
    }
    return false;
}

void repo_keyring_online(struct repo_keyring *ring, const struct repo_state *state,
                         const struct wg_passphrase_source *secret)
{
    static const char *const roles[] = {"snapshot", "timestamp"};
    for (size_t i = 0; i < 2; i++) {
        json_t *list = json_object_get(json_object_get(state->settings, "roles"), roles[i]);
        json_t *entry = NULL;
        size_t at = 0;
        json_array_foreach(list, at, entry)
        {
            struct wg_error why = {0};
            const char *where = json_string_value(json_object_get(entry, "where"));
            const char *id = json_string_value(json_object_get(entry, "keyid"));
            if (!where || !id || is_open(ring, id)) continue;
            if (!repo_keyring_add(ring, where, secret, &why) && !ring->refused.text[0])
                ring->refused = why;
        }
    }
}

void repo_keyring_clear(struct repo_keyring *ring)
{
    for (size_t i = 0; i < ring->count; i++) repo_signer_close(&ring->signers[i]);
    ring->count = 0;
}

bool repo_keyring_publish(struct repo *repo, struct repo_keyring *ring, wg_time snapshot_before,
                          wg_time timestamp_before, size_t *published, struct wg_error *err)
{
    struct repo_plan plan;
    const struct repo_draft draft = {&repo->state, wg_now()};
    const struct repo_online online = {ring->signers, ring->count};
    bool ok = repo_plan_make(&plan, &draft, &online, snapshot_before, timestamp_before, err);
    *published = ok ? json_array_size(plan.writes) : 0;
    ok = ok && (*published == 0 || repo_publish(repo, &plan, err));
    repo_plan_clear(&plan);
    if (!ok && err && err->code == WG_E_DENIED && ring->refused.text[0]) {
        struct wg_error whole = *err;
        return wg_fail(err, WG_E_DENIED, "%.400s; a key did not open: %.500s", whole.text,
                       ring->refused.text);
    }
    return ok;
}

/* ---- what runs out ---- */

wg_time repo_due_before(const struct repo_state *state, const char *role, wg_time now)
{
    wg_duration span = 0;
    const char *text =
        json_string_value(json_object_get(json_object_get(state->settings, "expires"), role));
    return text && wg_duration_parse(text, &span) ? now + span / 2 : now;
}

void repo_warn_of_expiry(const struct repo_state *state, wg_time now, repo_warn_fn warn, void *ctx)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    json_object_foreach(state->live, role, envelope)
    {
        wg_time expires = 0;
        const char *text =
            json_string_value(json_object_get(repo_body(state->live, role), "expires"));
        if (!strcmp(role, "snapshot") || !strcmp(role, "timestamp") || !text ||
            !wg_time_parse(text, &expires) || expires > now + REPO_WARN_BEFORE)
            continue;
        warn(ctx, role, expires > now ? expires - now : 0);
    }
}
