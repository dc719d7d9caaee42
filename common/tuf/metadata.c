/* metadata.c: the shape of the four kinds of metadata. */
#include "common/tuf/metadata.h"

#include "common/text.h"

#include <inttypes.h>
#include <string.h>

#define SPEC_VERSION_MAX 32
#define META_SUFFIX ".json"

const char *tuf_type_text(enum tuf_type type)
{
    static const char *const words[] = {[TUF_ROOT] = "root",
                                        [TUF_TIMESTAMP] = "timestamp",
                                        [TUF_SNAPSHOT] = "snapshot",
                                        [TUF_TARGETS] = "targets"};
    return words[type];
}

/* Who may sign: {"keyids": [texts], "threshold": from 1}. */
static bool signers_check(const json_t *role, struct wg_error *err)
{
    json_t *keyids = NULL;
    int64_t threshold = 0;
    if (!wg_json_array(role, "keyids", &keyids, err) ||
        !wg_json_int(role, "threshold", 1, INT64_MAX, &threshold, err))
        return false;
    for (size_t i = 0; i < json_array_size(keyids); i++)
        if (!json_is_string(json_array_get(keyids, i)))
            return wg_fail(err, WG_E_BAD_INPUT, "keyids[%zu]: expected text", i);
    return true;
}

static bool root_check(const json_t *body, struct wg_error *err)
{
    json_t *keys = NULL, *roles = NULL, *role = NULL;
    bool consistent = false;
    if (!wg_json_object(body, "keys", &keys, err) || !wg_json_object(body, "roles", &roles, err))
        return false;
    if (json_object_get(body, "consistent_snapshot") &&
        !wg_json_bool(body, "consistent_snapshot", &consistent, err))
        return false;
    for (enum tuf_type type = TUF_ROOT; type <= TUF_TARGETS; type++)
        if (!wg_json_object(roles, tuf_type_text(type), &role, err) || !signers_check(role, err))
            return wg_context(err, "roles: %s", tuf_type_text(type));
    return true;
}

static bool listed_check(const json_t *listed, struct wg_error *err)
{
    int64_t number = 0;
    const json_t *hashes = json_object_get(listed, "hashes");
    if (hashes && !json_is_object(hashes))
        return wg_fail(err, WG_E_BAD_INPUT, "hashes: expected an object");
    return wg_json_int(listed, "version", 1, INT64_MAX, &number, err) &&
           (!json_object_get(listed, "length") ||
            wg_json_int(listed, "length", 0, INT64_MAX, &number, err));
}

/* "meta" of timestamp and snapshot. */
static bool meta_check(const json_t *body, struct wg_error *err)
{
    json_t *meta = NULL, *listed = NULL;
    const char *name = NULL;
    if (!wg_json_object(body, "meta", &meta, err)) return false;
    json_object_foreach(meta, name, listed)
    {
        if (!json_is_object(listed))
            return wg_fail(err, WG_E_BAD_INPUT, "meta: expected an object for each file");
        if (!listed_check(listed, err)) return wg_context(err, "meta");
    }
    return true;
}

static bool timestamp_check(const json_t *body, struct wg_error *err)
{
    if (!meta_check(body, err)) return false;
    return json_object_get(json_object_get(body, "meta"), "snapshot" META_SUFFIX) ||
           wg_fail(err, WG_E_BAD_INPUT, "meta: snapshot.json is missing");
}

static bool target_check(const json_t *target, struct wg_error *err)
{
    int64_t length = 0;
    json_t *hashes = NULL;
    const json_t *custom = json_object_get(target, "custom");
    if (!wg_json_int(target, "length", 0, INT64_MAX, &length, err) ||
        !wg_json_object(target, "hashes", &hashes, err))
        return false;
    if (json_object_size(hashes) == 0) return wg_fail(err, WG_E_BAD_INPUT, "hashes: there is none");
    return !custom || json_is_object(custom) ||
           wg_fail(err, WG_E_BAD_INPUT, "custom: expected an object");
}

/* "paths" or "path_hash_prefixes": bounded texts. */
static bool texts_check(const json_t *role, const char *key, struct wg_error *err)
{
    json_t *texts = NULL;
    if (!wg_json_array(role, key, &texts, err)) return false;
    for (size_t i = 0; i < json_array_size(texts); i++) {
        const json_t *text = json_array_get(texts, i);
        if (!json_is_string(text) || json_string_length(text) > TUF_PATTERN_MAX)
            return wg_fail(err, WG_E_BAD_INPUT, "%s[%zu]: expected text of at most %d bytes", key,
                           i, TUF_PATTERN_MAX);
    }
    return true;
}

static bool delegated_check(const json_t *role, struct wg_error *err)
{
    char name[TUF_ROLE_NAME_MAX + 1];
    bool terminating = false;
    if (!json_is_object(role)) return wg_fail(err, WG_E_BAD_INPUT, "expected an object");
    if (!wg_json_text(role, "name", name, sizeof name, err)) return false;
    if (name[0] == '\0' || tuf_role_is_top_level(name))
        return wg_fail(err, WG_E_BAD_INPUT, "name: \"%s\" cannot be delegated to", name);
    bool paths = json_object_get(role, "paths") != NULL;
    if (paths == (json_object_get(role, "path_hash_prefixes") != NULL))
        return wg_fail(err, WG_E_BAD_INPUT, "expected either paths or path_hash_prefixes");
    return signers_check(role, err) && wg_json_bool(role, "terminating", &terminating, err) &&
           texts_check(role, paths ? "paths" : "path_hash_prefixes", err);
}

/* A name that stands twice could mean either. */
static bool names_are_unique(const json_t *roles, struct wg_error *err)
{
    json_t *seen = json_object();
    bool ok = seen || wg_fail_memory(err, "reading delegations");
    for (size_t i = 0; ok && i < json_array_size(roles); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(roles, i), "name"));
        if (json_object_get(seen, name))
            ok = wg_fail(err, WG_E_BAD_INPUT, "roles[%zu]: its name stands there twice", i);
        else if (json_object_set_new(seen, name, json_true()) != 0)
            ok = wg_fail_memory(err, "reading delegations");
    }
    json_decref(seen);
    return ok;
}

static bool delegated_roles_check(const json_t *roles, struct wg_error *err)
{
    if (!json_is_array(roles)) return wg_fail(err, WG_E_BAD_INPUT, "roles: expected an array");
    if (json_array_size(roles) > TUF_DELEGATIONS_MAX)
        return wg_fail(err, WG_E_LIMIT, "roles: %zu of them, at most %d allowed",
                       json_array_size(roles), TUF_DELEGATIONS_MAX);
    for (size_t i = 0; i < json_array_size(roles); i++)
        if (!delegated_check(json_array_get(roles, i), err))
            return wg_context(err, "roles[%zu]", i);
    return names_are_unique(roles, err);
}

static bool succinct_check(const json_t *bins, struct wg_error *err)
{
    char prefix[TUF_ROLE_NAME_MAX - 8]; /* room for "-" and eight digits */
    int64_t bits = 0;
    if (!json_is_object(bins))
        return wg_fail(err, WG_E_BAD_INPUT, "succinct_roles: expected an object");
    return (signers_check(bins, err) && wg_json_int(bins, "bit_length", 1, 32, &bits, err) &&
            wg_json_text(bins, "name_prefix", prefix, sizeof prefix, err)) ||
           wg_context(err, "succinct_roles");
}

static bool delegations_check(const json_t *delegations, struct wg_error *err)
{
    json_t *keys = NULL;
    const json_t *roles = json_object_get(delegations, "roles");
    const json_t *bins = json_object_get(delegations, "succinct_roles");
    if (!json_is_object(delegations)) return wg_fail(err, WG_E_BAD_INPUT, "expected an object");
    if (!wg_json_object(delegations, "keys", &keys, err)) return false;
    if ((roles != NULL) == (bins != NULL))
        return wg_fail(err, WG_E_BAD_INPUT, "expected either roles or succinct_roles");
    return roles ? delegated_roles_check(roles, err) : succinct_check(bins, err);
}

static bool targets_check(const json_t *body, struct wg_error *err)
{
    json_t *targets = NULL, *target = NULL;
    const char *path = NULL;
    const json_t *delegations = json_object_get(body, "delegations");
    if (!wg_json_object(body, "targets", &targets, err)) return false;
    json_object_foreach(targets, path, target)
    {
        if (!json_is_object(target))
            return wg_fail(err, WG_E_BAD_INPUT, "targets: expected an object for each path");
        if (!target_check(target, err)) return wg_context(err, "targets");
    }
    return !delegations || delegations_check(delegations, err) || wg_context(err, "delegations");
}

static bool body_check(enum tuf_type type, const json_t *body, struct wg_error *err)
{
    switch (type) {
    case TUF_ROOT:
        return root_check(body, err);
    case TUF_TIMESTAMP:
        return timestamp_check(body, err);
    case TUF_SNAPSHOT:
        return meta_check(body, err);
    case TUF_TARGETS:
        return targets_check(body, err);
    }
    return wg_fail(err, WG_E_FAILED, "no such type");
}

static bool common_check(struct tuf_metadata *md, struct wg_error *err)
{
    char word[16], spec[SPEC_VERSION_MAX], expires[WG_TIME_TEXT];
    if (!wg_json_text(md->body, "_type", word, sizeof word, err) ||
        !wg_json_text(md->body, "spec_version", spec, sizeof spec, err) ||
        !wg_json_int(md->body, "version", 1, INT64_MAX - 1, &md->version, err) ||
        !wg_json_text(md->body, "expires", expires, sizeof expires, err))
        return false;
    if (strcmp(word, tuf_type_text(md->type)) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "_type: expected \"%s\"", tuf_type_text(md->type));
    if (strncmp(spec, "1.", 2) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "spec_version: expected 1.x");
    return wg_time_parse(expires, &md->expires) ||
           wg_fail(err, WG_E_BAD_INPUT, "expires: expected a time, like 2030-01-31T12:00:00Z");
}

/* "The keyid must be unique in the signatures array" (4.2): else one signer could pass for two. */
static bool signatures_check(const json_t *envelope, struct wg_error *err)
{
    json_t *list = NULL;
    if (!wg_json_array(envelope, "signatures", &list, err)) return false;
    if (json_array_size(list) > TUF_SIGNATURES_MAX)
        return wg_fail(err, WG_E_LIMIT, "signatures: %zu of them, at most %d allowed",
                       json_array_size(list), TUF_SIGNATURES_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        const char *id = json_string_value(json_object_get(entry, "keyid"));
        if (!id || !json_is_string(json_object_get(entry, "sig")))
            return wg_fail(err, WG_E_BAD_INPUT,
                           "signatures[%zu]: expected an object with the texts keyid and sig", i);
        for (size_t j = 0; j < i; j++)
            if (strcmp(id, json_string_value(json_object_get(json_array_get(list, j), "keyid"))) ==
                0)
                return wg_fail(err, WG_E_BAD_INPUT, "signatures[%zu]: its keyid stands there twice",
                               i);
    }
    return true;
}

bool tuf_metadata_parse(enum tuf_type type, const void *data, size_t len, struct tuf_metadata *out,
                        struct wg_error *err)
{
    struct tuf_metadata md = {.type = type, .len = len};
    json_t *body = NULL;
    md.envelope = wg_json_parse(data, len, len, err);
    if (!md.envelope) return false;
    bool ok =
        wg_json_object(md.envelope, "signed", &body, err) && signatures_check(md.envelope, err);
    md.body = body;
    if (ok && common_check(&md, err) && body_check(type, body, err)) {
        *out = md;
        return true;
    }
    tuf_metadata_clear(&md);
    return false;
}

void tuf_metadata_clear(struct tuf_metadata *metadata)
{
    json_decref(metadata->envelope);
    *metadata = (struct tuf_metadata){.type = metadata->type};
}

const json_t *tuf_root_keys(const struct tuf_metadata *root)
{
    return json_object_get(root->body, "keys");
}

const json_t *tuf_root_role(const struct tuf_metadata *root, enum tuf_type type)
{
    return json_object_get(json_object_get(root->body, "roles"), tuf_type_text(type));
}

bool tuf_root_is_consistent(const struct tuf_metadata *root)
{
    return json_is_true(json_object_get(root->body, "consistent_snapshot"));
}

bool tuf_meta_find(const struct tuf_metadata *lister, const char *role, struct tuf_meta *out)
{
    char name[TUF_ROLE_NAME_MAX + sizeof META_SUFFIX];
    if (!wg_format(name, sizeof name, "%s" META_SUFFIX, role)) return false;
    const json_t *listed = json_object_get(json_object_get(lister->body, "meta"), name);
    if (!listed) return false;
    const json_t *length = json_object_get(listed, "length");
    out->version = json_integer_value(json_object_get(listed, "version"));
    out->length = length ? json_integer_value(length) : -1;
    out->hashes = json_object_get(listed, "hashes");
    return true;
}
