/* repo_draft.c: bodies of metadata, made and changed. */
#include "orchestrator/release/repo_draft.h"

#include "common/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define SPEC_VERSION "1.0.31"

static json_t *fail_memory(struct wg_error *err)
{
    (void)wg_fail_memory(err, "writing metadata");
    return NULL;
}

/* Whole seconds: what the specification shows, and all that python-tuf reads. */
static json_t *expiry(const struct repo_draft *draft, const char *role, struct wg_error *err)
{
    char text[WG_TIME_TEXT];
    wg_duration span = 0;
    const json_t *expires = json_object_get(draft->state->settings, "expires");
    const char *as = tuf_role_is_top_level(role) ? role : "targets";
    const char *given = json_string_value(json_object_get(expires, as));
    if (!given || !wg_duration_parse(given, &span) || span < WG_SECOND) {
        (void)wg_fail(err, WG_E_BAD_INPUT,
                      REPO_KEYS_FILE ": expires: %s: expected a duration of a second or more", as);
        return NULL;
    }
    wg_time_text(draft->now + span, text);
    return json_sprintf("%.19sZ", text);
}

static bool set(json_t *object, const char *key, json_t *value)
{
    return json_object_set_new(object, key, value) == 0;
}

static json_t *body_new(const struct repo_draft *draft, const char *type, int64_t version,
                        struct wg_error *err)
{
    json_t *expires = expiry(draft, type, err);
    if (!expires) return NULL;
    json_t *body = json_pack("{s:s,s:s,s:I,s:o}", "_type", type, "spec_version", SPEC_VERSION,
                             "version", (json_int_t)version, "expires", expires);
    return body ? body : fail_memory(err);
}

json_t *repo_draft_open(const struct repo_draft *draft, const char *role, struct wg_error *err)
{
    json_t *body = repo_body(draft->state->staged, role);
    bool fresh = !body;
    if (fresh) body = repo_body(draft->state->live, role);
    if (!body) {
        (void)wg_fail(err, WG_E_NOT_FOUND, "the repository has no role %s", role);
        return NULL;
    }
    json_t *expires = expiry(draft, role, err);
    if (!expires) return NULL;
    json_int_t version = json_integer_value(json_object_get(body, "version"));
    body = json_deep_copy(body);
    if (body && set(body, "expires", expires) &&
        set(body, "version", json_integer(version + (fresh ? 1 : 0))))
        return body;
    json_decref(body);
    return fail_memory(err);
}

bool repo_draft_put(struct repo_draft *draft, const char *role, json_t *body, struct wg_error *err)
{
    if (!repo_plain_check(body, err)) {
        json_decref(body);
        return false;
    }
    json_t *envelope = json_pack("{s:o,s:[]}", "signed", body, "signatures");
    return (envelope && set(draft->state->staged, role, envelope)) ||
           wg_fail_memory(err, "writing metadata");
}

bool repo_draft_renew(struct repo_draft *draft, const char *role, struct wg_error *err)
{
    json_t *body = repo_draft_open(draft, role, err);
    return body && repo_draft_put(draft, role, body, err);
}

/* ---- keys ---- */

static bool add_key(json_t *keys, json_t *role, const struct repo_key *key, struct wg_error *err)
{
    json_t *ids = json_object_get(role, "keyids");
    if (repo_signer_id(&key->key, keys, role)) return true;
    json_t *object = tuf_key_to_json(&key->key, err);
    if (!object) return false;
    return (set(keys, key->id, object) && json_array_append_new(ids, json_string(key->id)) == 0) ||
           wg_fail_memory(err, "writing metadata");
}

/* Where the key is to be found, for people and for commands. */
static bool know_key(struct repo_draft *draft, const char *role, const struct repo_key *key,
                     struct wg_error *err)
{
    json_t *roles = json_object_get(draft->state->settings, "roles");
    json_t *list = json_object_get(roles, role);
    if (!list) {
        if (!set(roles, role, json_array())) return wg_fail_memory(err, "writing metadata");
        list = json_object_get(roles, role);
    }
    for (size_t i = json_array_size(list); i > 0; i--) {
        const char *id = json_string_value(json_object_get(json_array_get(list, i - 1), "keyid"));
        if (id && strcmp(id, key->id) == 0) (void)json_array_remove(list, i - 1);
    }
    json_t *entry = json_pack("{s:s,s:s}", "keyid", key->id, "name", key->name);
    bool ok = entry && (!key->where[0] || set(entry, "where", json_string(key->where)));
    if (ok) return json_array_append_new(list, entry) == 0 || wg_fail_memory(err, "writing");
    json_decref(entry);
    return wg_fail_memory(err, "writing metadata");
}

static bool check_threshold(const char *name, const json_t *role, struct wg_error *err)
{
    int64_t threshold = json_integer_value(json_object_get(role, "threshold"));
    size_t count = json_array_size(json_object_get(role, "keyids"));
    return (threshold >= 1 && (uint64_t)threshold <= count) ||
           wg_fail(err, WG_E_USAGE,
                   "role %s: a threshold of %" PRId64 " with %zu keys: expected 1 to %zu", name,
                   threshold, count, count);
}

static bool fill_role(struct repo_draft *draft, const char *name, json_t *keys, json_t *role,
                      const struct repo_role_keys *from, struct wg_error *err)
{
    for (size_t i = 0; i < from->count; i++)
        if (!add_key(keys, role, &from->keys[i], err) ||
            !know_key(draft, name, &from->keys[i], err))
            return false;
    if (from->threshold > 0 && !set(role, "threshold", json_integer(from->threshold)))
        return wg_fail_memory(err, "writing metadata");
    return check_threshold(name, role, err);
}

static json_t *role_new(void)
{
    return json_pack("{s:[],s:i}", "keyids", "threshold", 1);
}

static bool first_root(struct repo_draft *draft, const struct repo_role_keys *roles,
                       struct wg_error *err)
{
    json_t *body = body_new(draft, "root", 1, err), *keys = json_object(), *map = json_object();
    bool ok = body && keys && map && set(body, "consistent_snapshot", json_true()) &&
              json_object_set(body, "keys", keys) == 0 && json_object_set(body, "roles", map) == 0;
    if (body && !ok) (void)wg_fail_memory(err, "writing metadata");
    for (enum tuf_type type = TUF_ROOT; ok && type <= TUF_TARGETS; type++) {
        json_t *role = role_new();
        ok = (role && json_object_set_new(map, tuf_type_text(type), role) == 0) ||
             wg_fail_memory(err, "writing metadata");
        ok = ok && fill_role(draft, tuf_type_text(type), keys, role, &roles[type], err);
    }
    json_decref(keys);
    json_decref(map);
    if (ok) return repo_draft_put(draft, "root", body, err);
    json_decref(body);
    return false;
}

bool repo_draft_first(struct repo_draft *draft, const struct repo_role_keys roles[TUF_TARGETS + 1],
                      json_t *expires, struct wg_error *err)
{
    draft->state->settings = json_pack("{s:i,s:{},s:O}", "v", 1, "roles", "expires", expires);
    if (!draft->state->settings) return wg_fail_memory(err, "writing metadata");
    if (!first_root(draft, roles, err)) return false;
    json_t *body = body_new(draft, "targets", 1, err);
    if (!body) return false;
    if (set(body, "targets", json_object())) return repo_draft_put(draft, "targets", body, err);
    json_decref(body);
    return wg_fail_memory(err, "writing metadata");
}

/* ---- components ---- */

/* The delegation without keys: to paths of exactly three parts. */
static json_t *delegation_new(const char *component)
{
    return json_pack("{s:s,s:[],s:i,s:b,s:[o]}", "name", component, "keyids", "threshold", 1,
                     "terminating", 1, "paths", json_sprintf("%s/*/*", component));
}

/* The signers of targets sign for it too. */
static bool copy_signers(const struct repo_state *state, json_t *keys, json_t *role,
                         struct wg_error *err)
{
    struct repo_signers own;
    json_t *map = repo_overlay(state);
    bool ok = map && repo_signers_find(map, "targets", &own);
    const json_t *ids = ok ? json_object_get(own.role, "keyids") : NULL;
    for (size_t i = 0; ok && i < json_array_size(ids); i++) {
        const char *id = json_string_value(json_array_get(ids, i));
        ok = json_object_set(keys, id, json_object_get(own.keys, id)) == 0 &&
             json_array_append_new(json_object_get(role, "keyids"), json_string(id)) == 0;
    }
    ok = ok && json_object_set(role, "threshold", json_object_get(own.role, "threshold")) == 0;
    json_decref(map);
    return ok || wg_fail_memory(err, "delegating");
}

static bool delegate(struct repo_draft *draft, json_t *targets, const char *component,
                     const struct repo_role_keys *keys, struct wg_error *err)
{
    json_t *delegations = json_object_get(targets, "delegations");
    if (!delegations) {
        if (!set(targets, "delegations", json_pack("{s:{},s:[]}", "keys", "roles")))
            return wg_fail_memory(err, "delegating");
        delegations = json_object_get(targets, "delegations");
    }
    json_t *role = delegation_new(component), *known = json_object_get(delegations, "keys");
    if (!role || json_array_append_new(json_object_get(delegations, "roles"), role) != 0)
        return wg_fail_memory(err, "delegating");
    return keys->count > 0 ? fill_role(draft, component, known, role, keys, err)
                           : copy_signers(draft->state, known, role, err);
}

static bool put_delegation(struct repo_draft *draft, const char *component,
                           const struct repo_role_keys *keys, struct wg_error *err)
{
    json_t *targets = repo_draft_open(draft, "targets", err);
    if (!targets) return false;
    if (delegate(draft, targets, component, keys, err))
        return repo_draft_put(draft, "targets", targets, err);
    json_decref(targets);
    return false;
}

bool repo_draft_component(struct repo_draft *draft, const char *component,
                          const struct repo_role_keys *keys, struct wg_error *err)
{
    struct repo_signers signers;
    json_t *map = repo_overlay(draft->state);
    bool known = repo_signers_find(map, component, &signers);
    json_decref(map);
    if (!wg_name_is_valid(component) || tuf_role_is_top_level(component))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\" cannot be the name of a component", component);
    if (known && keys->count > 0)
        return wg_fail(err, WG_E_CONFLICT,
                       "%s has its keys already: change them by release rotate %s", component,
                       component);
    if (!known && !put_delegation(draft, component, keys, err)) return false;
    if (repo_body(draft->state->live, component) || repo_body(draft->state->staged, component))
        return true;
    json_t *body = body_new(draft, "targets", 1, err);
    if (!body) return false;
    if (set(body, "targets", json_object())) return repo_draft_put(draft, component, body, err);
    json_decref(body);
    return wg_fail_memory(err, "writing metadata");
}

bool repo_draft_target(struct repo_draft *draft, const char *role, const char *path, json_t *info,
                       bool replaces, struct wg_error *err)
{
    json_t *body = repo_draft_open(draft, role, err);
    json_t *targets = json_object_get(body, "targets");
    bool ok = body != NULL;
    if (ok && !replaces && json_object_get(targets, path))
        ok = wg_fail(err, WG_E_CONFLICT, "%s is there already: versions never change", path);
    if (ok && json_object_set(targets, path, info) != 0) ok = wg_fail_memory(err, "adding");
    json_decref(info);
    if (ok) return repo_draft_put(draft, role, body, err);
    json_decref(body);
    return false;
}

/* ---- revoking ---- */

const json_t *repo_revocation(const json_t *map, const char *component, const char *version)
{
    const json_t *custom = json_object_get(repo_body(map, component), "custom");
    const json_t *ours = json_object_get(custom, "wavegate");
    return json_object_get(json_object_get(ours, "revoked"), version);
}

/* The object under the key, made when it is missing. */
static json_t *inner(json_t *object, const char *key)
{
    if (!json_object_get(object, key)) (void)set(object, key, json_object());
    return json_object_get(object, key);
}

static size_t take_out(json_t *targets, const char *component, const char *version)
{
    char prefix[2 * WG_NAME_MAX + 8];
    size_t count = 0;
    void *at = NULL, *next = NULL;
    if (!wg_format(prefix, sizeof prefix, "%s/%s/", component, version)) return 0;
    for (at = json_object_iter(targets); at; at = next) {
        next = json_object_iter_next(targets, at);
        const char *path = json_object_iter_key(at);
        if (strncmp(path, prefix, strlen(prefix)) != 0) continue;
        (void)json_object_del(targets, path);
        count++;
    }
    return count;
}

bool repo_draft_revoke(struct repo_draft *draft, const char *component, const char *version,
                       const char *reason, struct wg_error *err)
{
    char at[WG_TIME_TEXT];
    json_t *body = repo_draft_open(draft, component, err);
    if (!body) return false;
    wg_time_text(draft->now, at);
    bool ok = take_out(json_object_get(body, "targets"), component, version) > 0 ||
              wg_fail(err, WG_E_NOT_FOUND, "there is no release %s/%s", component, version);
    json_t *revoked = ok ? inner(inner(inner(body, "custom"), "wavegate"), "revoked") : NULL;
    if (ok && !set(revoked, version, json_pack("{s:s,s:s}", "reason", reason, "at", at)))
        ok = wg_fail_memory(err, "revoking");
    if (ok) return repo_draft_put(draft, component, body, err);
    json_decref(body);
    return false;
}

/* ---- rotating ---- */

static bool remove_key(json_t *role, const char *wanted, struct wg_error *err)
{
    json_t *ids = json_object_get(role, "keyids");
    size_t len = strlen(wanted), hits = 0, at = 0;
    for (size_t i = 0; len >= 8 && i < json_array_size(ids); i++) {
        if (strncmp(json_string_value(json_array_get(ids, i)), wanted, len) != 0) continue;
        at = i;
        hits++;
    }
    if (hits == 1) return json_array_remove(ids, at) == 0;
    return wg_fail(err, hits ? WG_E_CONFLICT : WG_E_NOT_FOUND,
                   "%zu keys of the role begin with \"%.64s\"; give at least 8 digits of one's id",
                   hits, wanted);
}

static bool is_used(const json_t *body, const char *id)
{
    const json_t *roles = json_object_get(body, "roles"), *role = NULL;
    size_t index = 0;
    const char *name = NULL;
    json_t *one = NULL;
    if (json_is_array(roles)) {
        json_array_foreach(roles, index, one)
        {
            size_t i = 0;
            json_array_foreach(json_object_get(one, "keyids"), i, role)
            {
                if (strcmp(json_string_value(role), id) == 0) return true;
            }
        }
        return false;
    }
    json_object_foreach((json_t *)roles, name, one)
    {
        json_array_foreach(json_object_get(one, "keyids"), index, role)
        {
            if (strcmp(json_string_value(role), id) == 0) return true;
        }
    }
    return false;
}

/* Of a root, or of delegations. */
static void drop_unused_keys(json_t *body)
{
    json_t *keys = json_object_get(body, "keys");
    void *next = NULL;
    for (void *at = json_object_iter(keys); at; at = next) {
        next = json_object_iter_next(keys, at);
        const char *id = json_object_iter_key(at);
        if (!is_used(body, id)) (void)json_object_del(keys, id);
    }
}

static bool change_signers(struct repo_draft *draft, const char *name, json_t *holder, json_t *role,
                           const struct repo_role_keys *add, const char *const *remove,
                           size_t remove_count, struct wg_error *err)
{
    for (size_t i = 0; i < remove_count; i++)
        if (!remove_key(role, remove[i], err)) return false;
    if (!fill_role(draft, name, json_object_get(holder, "keys"), role, add, err)) return false;
    drop_unused_keys(holder);
    return true;
}

/* A new version where the signatures of the published one no longer do. */
static bool renew_uncovered(struct repo_draft *draft, const char *role, struct wg_error *err)
{
    struct repo_signers signers;
    json_t *map = repo_overlay(draft->state);
    const json_t *live = json_object_get(draft->state->live, role);
    bool covered =
        !live || json_object_get(draft->state->staged, role) ||
        (repo_signers_find(map, role, &signers) && repo_signed_check(live, role, &signers, NULL));
    json_decref(map);
    return covered || repo_draft_renew(draft, role, err);
}

bool repo_draft_rotate(struct repo_draft *draft, const char *role, const struct repo_role_keys *add,
                       const char *const *remove, size_t remove_count, struct wg_error *err)
{
    bool top = tuf_role_is_top_level(role);
    const char *holder = top ? "root" : "targets";
    json_t *body = repo_draft_open(draft, holder, err);
    if (!body) return false;
    json_t *map = json_pack("{s:{s:O}}", holder, "signed", body);
    struct repo_signers signers;
    bool ok = map && (repo_signers_find(map, role, &signers) ||
                      wg_fail(err, WG_E_NOT_FOUND, "the repository has no role %s", role));
    ok = ok && change_signers(draft, role, top ? body : json_object_get(body, "delegations"),
                              signers.role, add, remove, remove_count, err);
    json_decref(map);
    if (!ok) {
        json_decref(body);
        return false;
    }
    if (!repo_draft_put(draft, holder, body, err)) return false;
    return strcmp(role, "targets") == 0 || !top ? renew_uncovered(draft, role, err) : true;
}

/* ---- snapshot and timestamp ---- */

json_t *repo_text(const json_t *envelope, struct wg_error *err)
{
    char *text = json_dumps(envelope, JSON_COMPACT | JSON_SORT_KEYS);
    json_t *out = text ? json_string(text) : NULL;
    free(text);
    return out ? out : fail_memory(err);
}

static json_t *listed(const json_t *text, int64_t version, struct wg_error *err)
{
    char hex[WG_SHA256_HEX];
    if (!wg_sha256_of(json_string_value(text), json_string_length(text), hex, err)) return NULL;
    json_t *entry = json_pack("{s:I,s:I,s:{s:s}}", "version", (json_int_t)version, "length",
                              (json_int_t)json_string_length(text), "hashes", "sha256", hex);
    return entry ? entry : fail_memory(err);
}

static json_t *envelope_of(json_t *body, const char *file, json_t *entry, struct wg_error *err)
{
    json_t *meta = inner(body, "meta");
    if (entry && file && !set(meta, file, entry)) {
        json_decref(body);
        return fail_memory(err);
    }
    json_t *envelope = json_pack("{s:o,s:[]}", "signed", body, "signatures");
    return envelope ? envelope : fail_memory(err);
}

static bool list_role(json_t *meta, const json_t *map, const json_t *texts, const char *role,
                      struct wg_error *err)
{
    char name[REPO_NAME_MAX], file[REPO_NAME_MAX];
    int64_t version = repo_version(map, role);
    if (!repo_metadata_name(role, version, name, err)) return false;
    (void)wg_format(file, sizeof file, "%s.json", role);
    json_t *entry = listed(json_object_get(texts, name), version, err);
    return entry && (set(meta, file, entry) || wg_fail_memory(err, "writing metadata"));
}

json_t *repo_draft_snapshot(const struct repo_draft *draft, const json_t *map, const json_t *texts,
                            struct wg_error *err)
{
    json_t *body =
        body_new(draft, "snapshot", repo_version(draft->state->live, "snapshot") + 1, err);
    if (!body) return NULL;
    json_t *meta = inner(body, "meta"), *envelope = NULL;
    const char *role = NULL;
    json_object_foreach((json_t *)map, role, envelope)
    {
        bool is_listed = strcmp(role, "targets") == 0 || !tuf_role_is_top_level(role);
        if (is_listed && !list_role(meta, map, texts, role, err)) {
            json_decref(body);
            return NULL;
        }
    }
    return envelope_of(body, NULL, NULL, err);
}

/* A device without a clock learns from it how late it is at least. TUF leaves room for such
 * fields. */
static bool add_issued(json_t *body, wg_time now)
{
    char text[WG_TIME_TEXT];
    wg_time_text(now, text);
    return json_object_set_new(body, "wavegate", json_pack("{s:s}", "issued", text)) == 0;
}

json_t *repo_draft_timestamp(const struct repo_draft *draft, const json_t *snapshot_text,
                             int64_t snapshot_version, struct wg_error *err)
{
    json_t *entry = listed(snapshot_text, snapshot_version, err);
    if (!entry) return NULL;
    json_t *body =
        body_new(draft, "timestamp", repo_version(draft->state->live, "timestamp") + 1, err);
    if (body && add_issued(body, draft->now)) return envelope_of(body, "snapshot.json", entry, err);
    if (body) (void)fail_memory(err);
    json_decref(body);
    json_decref(entry);
    return NULL;
}
