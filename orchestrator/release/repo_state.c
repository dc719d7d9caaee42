/* repo_state.c: reads a repository and believes it only where it is signed. */
#include "orchestrator/release/repo_state.h"

#include "common/text.h"
#include "common/tuf/digest.h"
#include "common/tuf/key.h"

#include <inttypes.h>
#include <string.h>

bool repo_metadata_name(const char *role, int64_t version, char out[REPO_NAME_MAX],
                        struct wg_error *err)
{
    char name[TUF_FILE_NAME_MAX];
    return tuf_file_name(role, strcmp(role, "timestamp") == 0 ? 0 : version, name, err) &&
           (wg_format(out, REPO_NAME_MAX, "metadata/%s", name) ||
            wg_fail(err, WG_E_LIMIT, "role %s: its name is too long", role));
}

json_t *repo_body(const json_t *map, const char *role)
{
    return json_object_get(json_object_get(map, role), "signed");
}

int64_t repo_version(const json_t *map, const char *role)
{
    return json_integer_value(json_object_get(repo_body(map, role), "version"));
}

json_t *repo_overlay(const struct repo_state *state)
{
    json_t *map = json_copy(state->live);
    if (map && json_object_update(map, state->staged) != 0) {
        json_decref(map);
        map = NULL;
    }
    return map;
}

bool repo_signers_find(const json_t *map, const char *role, struct repo_signers *out)
{
    const json_t *root = repo_body(map, "root");
    if (tuf_role_is_top_level(role)) {
        out->keys = json_object_get(root, "keys");
        out->role = json_object_get(json_object_get(root, "roles"), role);
        return out->keys && out->role;
    }
    const json_t *delegations = json_object_get(repo_body(map, "targets"), "delegations");
    const json_t *roles = json_object_get(delegations, "roles");
    out->keys = json_object_get(delegations, "keys");
    for (size_t i = 0; i < json_array_size(roles); i++) {
        out->role = json_array_get(roles, i);
        const char *name = json_string_value(json_object_get(out->role, "name"));
        if (name && strcmp(name, role) == 0) return out->keys != NULL;
    }
    return false;
}

int64_t repo_signers_threshold(const struct repo_signers *signers)
{
    return json_integer_value(json_object_get(signers->role, "threshold"));
}

/* Control characters of ASCII, and those of ISO 6429 that UTF-8 writes as C2 80 to C2 9F. */
static bool is_plain(const char *text, bool may_break)
{
    for (const unsigned char *at = (const unsigned char *)text; *at; at++) {
        bool breaks = *at == '\n' || *at == '\t';
        if ((*at < 0x20 && !(breaks && may_break)) || *at == 0x7f ||
            (*at == 0xc2 && at[1] >= 0x80 && at[1] <= 0x9f))
            return false;
    }
    return true;
}

/* Keys in PEM and notes have lines. As deep as wg_json_parse() lets it be. */
static bool all_plain(const json_t *value, const char *name)
{
    const char *key = NULL;
    json_t *inner = NULL;
    size_t i = 0;
    if (json_is_string(value))
        return is_plain(json_string_value(value),
                        strcmp(name, "public") == 0 || strcmp(name, "notes") == 0);
    json_array_foreach(value, i, inner)
    {
        if (!all_plain(inner, name)) return false;
    }
    json_object_foreach((json_t *)value, key, inner)
    {
        if (!is_plain(key, false) || !all_plain(inner, key)) return false;
    }
    return true;
}

bool repo_plain_check(const json_t *value, struct wg_error *err)
{
    return all_plain(value, "") ||
           wg_fail(err, WG_E_BAD_INPUT, "a text in it holds control characters");
}

/* ---- signatures ---- */

static const char *signature_of(const json_t *envelope, const char *id)
{
    const json_t *list = json_object_get(envelope, "signatures");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *keyid = json_string_value(json_object_get(entry, "keyid"));
        if (keyid && strcmp(keyid, id) == 0)
            return json_string_value(json_object_get(entry, "sig"));
    }
    return NULL;
}

static bool holds(const struct tuf_key *key, const char *hex, const struct wg_buf *bytes)
{
    uint8_t signature[TUF_SIGNATURE_MAX];
    size_t len = hex ? strlen(hex) / 2 : 0;
    return len > 0 && len <= sizeof signature && wg_unhex(hex, signature, len) &&
           tuf_key_verify(key, bytes->data, bytes->len, signature, len, NULL);
}

static bool collect(const json_t *envelope, const struct repo_signers *signers,
                    const struct wg_buf *bytes, json_t *ids, struct wg_error *err)
{
    const json_t *keyids = json_object_get(signers->role, "keyids");
    struct tuf_key seen[TUF_SIGNATURES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(keyids) && count < TUF_SIGNATURES_MAX; i++) {
        const char *id = json_string_value(json_array_get(keyids, i));
        struct tuf_key key;
        if (!id || !tuf_key_from_json(json_object_get(signers->keys, id), &key, NULL) ||
            !holds(&key, signature_of(envelope, id), bytes))
            continue;
        bool known = false;
        for (size_t j = 0; j < count; j++) known = known || tuf_key_equal(&seen[j], &key);
        if (known) continue;
        seen[count++] = key;
        if (json_array_append_new(ids, json_string(id)) != 0)
            return wg_fail_memory(err, "counting signatures");
    }
    return true;
}

json_t *repo_signed_by(const json_t *envelope, const struct repo_signers *signers,
                       struct wg_error *err)
{
    struct wg_buf bytes;
    json_t *ids = json_array();
    if (!ids) {
        (void)wg_fail_memory(err, "counting signatures");
        return NULL;
    }
    wg_buf_init(&bytes, REPO_FILE_MAX);
    bool ok = wg_json_canonical(json_object_get(envelope, "signed"), &bytes, err) &&
              collect(envelope, signers, &bytes, ids, err);
    wg_buf_clear(&bytes);
    if (ok) return ids;
    json_decref(ids);
    return NULL;
}

bool repo_signed_check(const json_t *envelope, const char *role, const struct repo_signers *signers,
                       struct wg_error *err)
{
    int64_t threshold = repo_signers_threshold(signers);
    json_t *ids = repo_signed_by(envelope, signers, err);
    if (!ids) return false;
    size_t count = json_array_size(ids);
    json_decref(ids);
    return (threshold > 0 && count >= (uint64_t)threshold) ||
           wg_fail(err, WG_E_VERIFY,
                   "%s %" PRId64 " is signed by %zu of its keys, %" PRId64 " are needed", role,
                   (int64_t)json_integer_value(
                       json_object_get(json_object_get(envelope, "signed"), "version")),
                   count, threshold);
}

/* ---- reading ---- */

struct loading {
    struct repo_state *state;
    repo_read_fn read;
    void *ctx;
    json_t *previous; /* {"root": the root before the newest} */
    const json_t *staged;
};

static enum tuf_type type_of(const char *role)
{
    if (strcmp(role, "root") == 0) return TUF_ROOT;
    if (strcmp(role, "timestamp") == 0) return TUF_TIMESTAMP;
    return strcmp(role, "snapshot") == 0 ? TUF_SNAPSHOT : TUF_TARGETS;
}

/* The text stays in state->files; NULL on failure. */
static const json_t *read_text(const struct loading *load, const char *name, struct wg_error *err)
{
    json_t *text = load->read(load->ctx, name, err);
    if (!text) return NULL;
    if (json_object_set_new(load->state->files, name, text) == 0) return text;
    (void)wg_fail_memory(err, "reading a repository");
    return NULL;
}

static json_t *read_envelope(const struct loading *load, const char *name, const char *role,
                             struct wg_error *err)
{
    struct tuf_metadata metadata;
    const json_t *text = read_text(load, name, err);
    if (!text) return NULL;
    if (tuf_metadata_parse(type_of(role), json_string_value(text), json_string_length(text),
                           &metadata, err)) {
        if (repo_plain_check(metadata.envelope, err)) return metadata.envelope;
        tuf_metadata_clear(&metadata);
    }
    (void)wg_context(err, "%s", name);
    return NULL;
}

static bool keep(json_t *map, const char *role, json_t *envelope, struct wg_error *err)
{
    return json_object_set_new(map, role, envelope) == 0 ||
           wg_fail_memory(err, "reading a repository");
}

static bool check_root(const struct loading *load, const json_t *envelope, int64_t version,
                       struct wg_error *err)
{
    struct repo_signers own, before;
    json_t *map = json_pack("{s:O}", "root", envelope);
    if (!map) return wg_fail_memory(err, "reading a repository");
    bool ok = (repo_version(map, "root") == version ||
               wg_fail(err, WG_E_VERIFY, "its version is %" PRId64, repo_version(map, "root"))) &&
              repo_signers_find(map, "root", &own) &&
              repo_signed_check(envelope, "root", &own, err);
    if (ok && repo_signers_find(load->state->live, "root", &before))
        ok = repo_signed_check(envelope, "root", &before, err) ||
             wg_context(err, "by the keys of root %" PRId64, version - 1);
    json_decref(map);
    return ok;
}

/* All roots from 1 up to the newest; none before the first publication. */
static bool load_roots(struct loading *load, struct wg_error *err)
{
    for (int64_t version = 1;; version++) {
        char name[REPO_NAME_MAX];
        struct wg_error none = {0};
        if (!repo_metadata_name("root", version, name, err)) return false;
        json_t *envelope = read_envelope(load, name, "root", &none);
        if (!envelope && none.code == WG_E_NOT_FOUND) return true;
        if (!envelope) return wg_fail(err, none.code, "%s", none.text);
        if (!check_root(load, envelope, version, err)) {
            json_decref(envelope);
            return wg_context(err, "%s", name);
        }
        json_t *old = json_object_get(load->state->live, "root");
        if (old && json_object_set(load->previous, "root", old) != 0)
            return wg_fail_memory(err, "reading a repository");
        if (!keep(load->state->live, "root", envelope, err)) return false;
    }
}

static bool is_staged(const struct loading *load, const char *role)
{
    for (size_t i = 0; i < json_array_size(load->staged); i++)
        if (strcmp(json_string_value(json_array_get(load->staged, i)), role) == 0) return true;
    return false;
}

/* Signed as today's root or targets want. What was published just before a root that was cut off
 * half way is signed as the root before wants; or it is about to be replaced by what is staged. */
static bool check_signed(const struct loading *load, const char *role, const json_t *envelope,
                         struct wg_error *err)
{
    struct repo_signers signers;
    if (!repo_signers_find(load->state->live, role, &signers))
        return is_staged(load, role) ||
               wg_fail(err, WG_E_VERIFY, "%s: nobody delegates to it", role);
    if (repo_signed_check(envelope, role, &signers, err) || is_staged(load, role)) return true;
    return type_of(role) != TUF_TARGETS && repo_signers_find(load->previous, role, &signers) &&
           repo_signed_check(envelope, role, &signers, NULL);
}

static bool check_listed(const struct loading *load, const char *lister, const char *role,
                         const char *name, struct wg_error *err)
{
    struct tuf_metadata list = {.body = repo_body(load->state->live, lister)};
    struct tuf_meta meta;
    const json_t *text = json_object_get(load->state->files, name);
    if (!tuf_meta_find(&list, role, &meta))
        return wg_fail(err, WG_E_VERIFY, "%s does not list %s", lister, role);
    if (meta.length >= 0 && (uint64_t)meta.length != json_string_length(text))
        return wg_fail(err, WG_E_VERIFY, "%s: not of the length that %s tells", name, lister);
    return !meta.hashes ||
           tuf_digest_check(meta.hashes, json_string_value(text), json_string_length(text), err) ||
           wg_context(err, "%s", name);
}

static bool load_role(struct loading *load, const char *lister, const char *role, int64_t version,
                      struct wg_error *err)
{
    char name[REPO_NAME_MAX];
    if (!repo_metadata_name(role, version, name, err)) return false;
    json_t *envelope = read_envelope(load, name, role, err);
    if (!envelope || !keep(load->state->live, role, envelope, err)) return false;
    if (lister && (repo_version(load->state->live, role) != version ||
                   !check_listed(load, lister, role, name, err)))
        return repo_version(load->state->live, role) == version
                   ? false
                   : wg_fail(err, WG_E_VERIFY, "%s: not of the version that its name tells", name);
    return check_signed(load, role, envelope, err);
}

/* "NAME.json" -> NAME. */
static bool role_of_file(const char *file, char out[TUF_ROLE_NAME_MAX + 1], struct wg_error *err)
{
    size_t len = strlen(file);
    return (len > 5 && strcmp(file + len - 5, ".json") == 0 &&
            wg_copy_n(out, TUF_ROLE_NAME_MAX + 1, file, len - 5)) ||
           wg_fail(err, WG_E_BAD_INPUT, "the snapshot lists a file that is no role's");
}

static bool load_listed(struct loading *load, struct wg_error *err)
{
    struct tuf_meta meta = {0};
    const struct tuf_metadata timestamp = {.body = repo_body(load->state->live, "timestamp")};
    if (!tuf_meta_find(&timestamp, "snapshot", &meta) ||
        !load_role(load, "timestamp", "snapshot", meta.version, err))
        return false;
    const struct tuf_metadata snapshot = {.body = repo_body(load->state->live, "snapshot")};
    json_t *list = json_object_get(snapshot.body, "meta"), *listed = NULL;
    const char *file = NULL;
    if (!tuf_meta_find(&snapshot, "targets", &meta))
        return wg_fail(err, WG_E_VERIFY, "the snapshot does not list targets");
    if (!load_role(load, "snapshot", "targets", meta.version, err)) return false;
    json_object_foreach(list, file, listed)
    {
        char role[TUF_ROLE_NAME_MAX + 1];
        if (!role_of_file(file, role, err)) return false;
        if (!wg_name_is_valid(role))
            return wg_fail(err, WG_E_BAD_INPUT, "the snapshot lists a role with a strange name");
        if (strcmp(role, "targets") != 0 &&
            !load_role(load, "snapshot", role,
                       json_integer_value(json_object_get(listed, "version")), err))
            return false;
    }
    return true;
}

static bool load_staged(struct loading *load, struct wg_error *err)
{
    for (size_t i = 0; i < json_array_size(load->staged); i++) {
        char name[REPO_NAME_MAX];
        const char *role = json_string_value(json_array_get(load->staged, i));
        if (!wg_format(name, sizeof name, "staged/%s.json", role))
            return wg_fail(err, WG_E_LIMIT, "a staged role's name is too long");
        json_t *envelope = read_envelope(load, name, role, err);
        if (!envelope || !keep(load->state->staged, role, envelope, err)) return false;
        int64_t live = repo_version(load->state->live, role);
        int64_t version = repo_version(load->state->staged, role);
        if (version <= live) { /* published; the cut came before it was taken away here */
            (void)json_object_del(load->state->staged, role);
            (void)json_object_del(load->state->files, name);
        } else if (version != live + 1) {
            return wg_fail(err, WG_E_VERIFY,
                           "%s: version %" PRId64 " is staged, %" PRId64 " is live", role, version,
                           live);
        }
    }
    return true;
}

static bool load_settings(struct loading *load, struct wg_error *err)
{
    json_t *part = NULL;
    const json_t *text = read_text(load, REPO_KEYS_FILE, err);
    if (!text) return false;
    load->state->settings =
        wg_json_parse(json_string_value(text), json_string_length(text), REPO_FILE_MAX, err);
    return (load->state->settings && repo_plain_check(load->state->settings, err) &&
            wg_json_object(load->state->settings, "roles", &part, err) &&
            wg_json_object(load->state->settings, "expires", &part, err)) ||
           wg_context(err, REPO_KEYS_FILE);
}

static bool load_all(struct loading *load, struct wg_error *err)
{
    if (!load_settings(load, err) || !load_roots(load, err)) return false;
    if (json_object_get(load->state->live, "root")) {
        struct wg_error none = {0};
        if (load_role(load, NULL, "timestamp", 0, &none)) {
            if (!load_listed(load, err)) return false;
        } else if (none.code != WG_E_NOT_FOUND) { /* cut off in the first publication */
            return wg_fail(err, none.code, "%s", none.text);
        }
    }
    return load_staged(load, err);
}

bool repo_state_load(struct repo_state *state, repo_read_fn read, void *ctx, const json_t *staged,
                     struct wg_error *err)
{
    *state = (struct repo_state){json_object(), NULL, json_object(), json_object()};
    struct loading load = {state, read, ctx, json_object(), staged};
    bool ok = state->files && state->live && state->staged && load.previous;
    ok = ok ? load_all(&load, err) : wg_fail_memory(err, "reading a repository");
    json_decref(load.previous);
    return ok;
}

void repo_state_clear(struct repo_state *state)
{
    json_decref(state->files);
    json_decref(state->settings);
    json_decref(state->live);
    json_decref(state->staged);
    *state = (struct repo_state){NULL, NULL, NULL, NULL};
}
