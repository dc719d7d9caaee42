/* repo_plan.c: from what is staged to what is written. */
#include "orchestrator/release/repo_plan.h"

#include <inttypes.h>
#include <string.h>

static bool is_online(const char *role)
{
    return strcmp(role, "snapshot") == 0 || strcmp(role, "timestamp") == 0;
}

static json_t *overlay(const struct repo_state *state, const json_t *included)
{
    json_t *map = json_copy(state->live);
    if (map && json_object_update(map, (json_t *)included) == 0) return map;
    json_decref(map);
    return NULL;
}

/* By its signers in that map; a root by those of the root before it, too. */
static bool is_signed(const struct repo_state *state, const json_t *map, const char *role)
{
    struct repo_signers signers, before;
    const json_t *envelope = json_object_get(map, role);
    if (!repo_signers_find(map, role, &signers) ||
        !repo_signed_check(envelope, role, &signers, NULL))
        return false;
    return strcmp(role, "root") != 0 || !repo_signers_find(state->live, "root", &before) ||
           repo_signed_check(envelope, role, &before, NULL);
}

/* Every component that is delegated to must be there. */
static bool delegates_to_all(const json_t *map)
{
    const json_t *delegations = json_object_get(repo_body(map, "targets"), "delegations");
    const json_t *roles = json_object_get(delegations, "roles"), *role = NULL;
    size_t i = 0;
    json_array_foreach(roles, i, role)
    {
        if (!json_object_get(map, json_string_value(json_object_get(role, "name")))) return false;
    }
    return true;
}

/* The name of one staged role that cannot be published in this company; NULL: all can. A staged
 * role must be signed as it will have to be once all that is staged is published (wanted): else
 * what only its old signers have signed would go out before their keys are replaced, and then not
 * fit. */
static const char *find_misfit(const struct repo_state *state, const json_t *included,
                               const json_t *map, const json_t *wanted)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    json_object_foreach((json_t *)map, role, envelope)
    {
        bool staged = json_object_get(included, role) != NULL;
        if (is_online(role) ||
            (is_signed(state, map, role) && (!staged || is_signed(state, wanted, role))))
            continue;
        if (staged) return role;
        const char *delegator = strcmp(role, "targets") == 0 ? "root" : "targets";
        if (json_object_get(included, delegator)) return delegator;
        if (json_object_get(included, "root")) return "root";
    }
    if (json_object_get(included, "targets") && !delegates_to_all(map)) return "targets";
    return NULL;
}

json_t *repo_complete(const struct repo_state *state, struct wg_error *err)
{
    json_t *included = json_copy(state->staged), *wanted = repo_overlay(state);
    bool settled = false;
    while (included && wanted && !settled) {
        json_t *map = overlay(state, included);
        if (!map) break;
        const char *misfit = find_misfit(state, included, map, wanted);
        settled = !misfit;
        bool dropped = misfit && json_object_del(included, misfit) == 0;
        json_decref(map);
        if (!settled && !dropped) break;
    }
    json_decref(wanted);
    if (settled) return included;
    json_decref(included);
    (void)wg_fail_memory(err, "looking at what is staged");
    return NULL;
}

/* ---- making snapshot and timestamp ---- */

struct making {
    struct repo_plan *plan;
    const struct repo_draft *draft;
    const struct repo_online *online;
    json_t *map;   /* live with what is included */
    json_t *texts; /* name -> text of all of it */
    bool root_last;
};

static bool collect_texts(struct making *make, struct wg_error *err)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    json_object_foreach(make->map, role, envelope)
    {
        char name[REPO_NAME_MAX];
        if (!repo_metadata_name(role, repo_version(make->map, role), name, err)) return false;
        json_t *text = json_object_get(make->plan->included, role)
                           ? repo_text(envelope, err)
                           : json_incref(json_object_get(make->draft->state->files, name));
        if (!text || json_object_set_new(make->texts, name, text) != 0)
            return wg_fail_memory(err, "publishing");
    }
    return true;
}

/* By all keys at hand that the new root names, or the one before: readers may know either. */
static bool sign_online(struct making *make, const char *role, json_t *envelope,
                        struct wg_error *err)
{
    struct repo_signers now, before;
    bool had = repo_signers_find(make->draft->state->live, role, &before);
    if (!repo_signers_find(make->map, role, &now))
        return wg_fail(err, WG_E_FAILED, "nobody signs for %s", role);
    for (size_t i = 0; i < make->online->count; i++) {
        struct repo_signer *signer = &make->online->signers[i];
        const char *id = repo_signer_id(&signer->key, now.keys, now.role);
        if (!id && had) id = repo_signer_id(&signer->key, before.keys, before.role);
        if (id && !repo_signer_sign(signer, id, envelope, err)) return false;
    }
    if (!repo_signed_check(envelope, role, &now, err)) {
        if (err) err->code = WG_E_DENIED;
        return false;
    }
    if (had && !repo_signed_check(envelope, role, &before, NULL)) make->root_last = false;
    return true;
}

static bool add_write(struct making *make, const char *role, json_t *text, struct wg_error *err)
{
    char name[REPO_NAME_MAX];
    return (repo_metadata_name(role, repo_version(make->map, role), name, err) &&
            json_array_append_new(make->plan->writes, json_pack("[s,O]", name, text)) == 0) ||
           wg_fail_memory(err, "publishing");
}

static bool add_included(struct making *make, const char *role, struct wg_error *err)
{
    char name[REPO_NAME_MAX];
    if (!json_object_get(make->plan->included, role)) return true;
    return repo_metadata_name(role, repo_version(make->map, role), name, err) &&
           add_write(make, role, json_object_get(make->texts, name), err);
}

static bool put_online(struct making *make, const char *role, json_t *envelope, json_t **text,
                       struct wg_error *err)
{
    bool ok = envelope && sign_online(make, role, envelope, err) &&
              (*text = repo_text(envelope, err)) != NULL;
    if (ok && json_object_set(make->map, role, envelope) != 0)
        ok = wg_fail_memory(err, "publishing");
    json_decref(envelope);
    return ok;
}

/* Files that nothing names yet; then the one that names them all; the root where no reader is left
 * with a root that the rest does not fit. */
static bool write_all(struct making *make, json_t *snapshot, json_t *timestamp,
                      struct wg_error *err)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    json_object_foreach(make->plan->included, role, envelope)
    {
        if (!tuf_role_is_top_level(role) && !add_included(make, role, err)) return false;
    }
    return add_included(make, "targets", err) &&
           (!snapshot || add_write(make, "snapshot", snapshot, err)) &&
           (make->root_last || add_included(make, "root", err)) &&
           (!timestamp || add_write(make, "timestamp", timestamp, err)) &&
           (!make->root_last || add_included(make, "root", err));
}

static bool has_other_than_root(const json_t *included)
{
    size_t size = json_object_size(included);
    return size > (json_object_get(included, "root") ? 1U : 0U);
}

static bool is_due(const struct making *make, const char *role, wg_time before)
{
    struct repo_signers signers;
    const json_t *envelope = json_object_get(make->draft->state->live, role);
    const json_t *body = json_object_get(envelope, "signed");
    wg_time expires = 0;
    return !body || !wg_time_parse(json_string_value(json_object_get(body, "expires")), &expires) ||
           expires < before || !repo_signers_find(make->map, role, &signers) ||
           !repo_signed_check(envelope, role, &signers, NULL);
}

/* Would a reader who still has the root before accept the targets? */
static bool targets_fit_before(const struct making *make)
{
    struct repo_signers before;
    return !repo_signers_find(make->draft->state->live, "targets", &before) ||
           repo_signed_check(json_object_get(make->map, "targets"), "targets", &before, NULL);
}

static bool make_writes(struct making *make, wg_time snapshot_before, wg_time timestamp_before,
                        struct wg_error *err)
{
    json_t *snapshot = NULL, *timestamp = NULL, *envelope = NULL;
    char name[REPO_NAME_MAX];
    bool ok = true;
    bool lists_anew =
        has_other_than_root(make->plan->included) || is_due(make, "snapshot", snapshot_before);
    bool tells_anew = lists_anew || is_due(make, "timestamp", timestamp_before);
    make->root_last = targets_fit_before(make);
    if (lists_anew) {
        envelope = repo_draft_snapshot(make->draft, make->map, make->texts, err);
        ok = put_online(make, "snapshot", envelope, &snapshot, err);
    } else if (tells_anew) {
        ok = repo_metadata_name("snapshot", repo_version(make->map, "snapshot"), name, err);
        snapshot = json_incref(json_object_get(make->texts, name));
    }
    if (ok && tells_anew) {
        envelope =
            repo_draft_timestamp(make->draft, snapshot, repo_version(make->map, "snapshot"), err);
        ok = put_online(make, "timestamp", envelope, &timestamp, err);
    }
    ok = ok && write_all(make, lists_anew ? snapshot : NULL, timestamp, err);
    json_decref(snapshot);
    json_decref(timestamp);
    return ok;
}

bool repo_plan_make(struct repo_plan *plan, const struct repo_draft *draft,
                    const struct repo_online *online, wg_time snapshot_before,
                    wg_time timestamp_before, struct wg_error *err)
{
    *plan = (struct repo_plan){repo_complete(draft->state, err), json_array()};
    if (!plan->included) return false;
    struct making make = {plan,          draft, online, overlay(draft->state, plan->included),
                          json_object(), true};
    bool ok = plan->writes && make.map && make.texts;
    if (!ok) (void)wg_fail_memory(err, "publishing");
    ok = ok &&
         ((json_object_get(make.map, "root") && json_object_get(make.map, "targets")) ||
          wg_fail(err, WG_E_CONFLICT, "root and targets are not signed yet: see release list")) &&
         collect_texts(&make, err) && make_writes(&make, snapshot_before, timestamp_before, err);
    json_decref(make.map);
    json_decref(make.texts);
    return ok;
}

void repo_plan_clear(struct repo_plan *plan)
{
    json_decref(plan->included);
    json_decref(plan->writes);
    *plan = (struct repo_plan){NULL, NULL};
}

/* ---- for people ---- */

json_t *repo_key_title(const struct repo_state *state, const char *id)
{
    json_t *roles = json_object_get(state->settings, "roles"), *list = NULL, *entry = NULL;
    const char *role = NULL;
    size_t i = 0;
    json_object_foreach(roles, role, list)
    {
        json_array_foreach(list, i, entry)
        {
            const char *keyid = json_string_value(json_object_get(entry, "keyid"));
            const char *name = json_string_value(json_object_get(entry, "name"));
            if (keyid && name && strcmp(keyid, id) == 0)
                return json_sprintf("%s (%.16s)", name, id);
        }
    }
    return json_sprintf("%.16s", id);
}

static bool has_text(const json_t *list, const char *text)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (strcmp(json_string_value(json_array_get(list, i)), text) == 0) return true;
    return false;
}

static json_t *standing_of(const struct repo_state *state, const json_t *map, const char *role,
                           const struct repo_signers *signers, struct wg_error *err)
{
    json_t *ids = repo_signed_by(json_object_get(map, role), signers, err);
    if (!ids) return NULL;
    json_t *entry = json_pack("{s:s,s:I,s:I,s:[],s:[]}", "role", role, "version",
                              (json_int_t)repo_version(map, role), "threshold",
                              (json_int_t)repo_signers_threshold(signers), "signed", "missing");
    const json_t *known = json_object_get(signers->role, "keyids");
    for (size_t i = 0; entry && i < json_array_size(known); i++) {
        const char *id = json_string_value(json_array_get(known, i));
        (void)json_array_append_new(
            json_object_get(entry, has_text(ids, id) ? "signed" : "missing"),
            repo_key_title(state, id));
    }
    json_decref(ids);
    return entry;
}

/* A root needs the signers of the root before it as well, if they are others. */
static bool add_standing(const struct repo_state *state, const json_t *map, const char *role,
                         json_t *out, struct wg_error *err)
{
    struct repo_signers signers, before;
    if (!repo_signers_find(map, role, &signers))
        return wg_fail(err, WG_E_NOT_FOUND, "nobody signs for %s", role);
    json_t *entry = standing_of(state, map, role, &signers, err);
    if (!entry || json_array_append_new(out, entry) != 0) return false;
    if (strcmp(role, "root") != 0 || !repo_signers_find(state->live, role, &before) ||
        json_equal(json_object_get(before.role, "keyids"), json_object_get(signers.role, "keyids")))
        return true;
    entry = standing_of(state, map, role, &before, err);
    return entry &&
           json_object_set_new(entry, "by_keys_of",
                               json_integer(repo_version(state->live, role))) == 0 &&
           json_array_append_new(out, entry) == 0;
}

json_t *repo_standing(const struct repo_state *state, struct wg_error *err)
{
    json_t *map = repo_overlay(state), *out = json_array(), *envelope = NULL;
    const char *role = NULL;
    bool ok = map && out;
    if (!ok) (void)wg_fail_memory(err, "looking at what is staged");
    json_object_foreach(state->staged, role, envelope)
    {
        ok = ok && add_standing(state, map, role, out, err);
    }
    json_decref(map);
    if (ok) return out;
    json_decref(out);
    return NULL;
}
