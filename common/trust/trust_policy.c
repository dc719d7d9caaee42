/* trust_policy.c: reads and checks policy.json. */
#include "common/trust/trust_policy.h"

#include <stdlib.h>
#include <string.h>

#define TYPE "wavegate-policy"

static bool read_key(const json_t *object, const char *key, struct tuf_key *out,
                     struct wg_error *err)
{
    json_t *found = NULL;
    return wg_json_object(object, key, &found, err) && tuf_key_from_json(found, out, err);
}

static bool read_name(const json_t *object, const char *key, char out[WG_NAME_MAX + 1],
                      struct wg_error *err)
{
    return wg_json_text(object, key, out, WG_NAME_MAX + 1, err) &&
           (wg_name_is_valid(out) ||
            wg_fail(err, WG_E_BAD_INPUT, "%s: \"%s\" is no name", key, out));
}

static bool read_quorum(const json_t *object, struct trust_quorum *out, struct wg_error *err)
{
    return read_name(object, "role", out->role, err) &&
           wg_json_int(object, "count", 0, TRUST_COUNT_MAX, &out->count, err);
}

/* The list under that key, of min to max entries. */
static bool read_list(const json_t *object, const char *key, size_t min, size_t max, json_t **out,
                      struct wg_error *err)
{
    if (!wg_json_array(object, key, out, err)) return false;
    size_t count = json_array_size(*out);
    return (count >= min && count <= max) ||
           wg_fail(err, WG_E_BAD_INPUT, "%s: expected %zu to %zu of them, found %zu", key, min, max,
                   count);
}

static bool read_directors(const json_t *root, struct trust_policy *out, struct wg_error *err)
{
    json_t *list = NULL;
    if (!read_list(root, "directors", 1, TRUST_DIRECTORS_MAX, &list, err)) return false;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!tuf_key_from_json(json_array_get(list, i), &out->directors[out->director_count++],
                               err))
            return wg_context(err, "directors[%zu]", i);
    return true;
}

/* Nobody counts twice: neither by a second name nor by a second key. */
static bool check_person(const struct trust_policy *policy, const struct trust_person *person,
                         struct wg_error *err)
{
    for (size_t i = 0; i < policy->people_count; i++) {
        const struct trust_person *other = &policy->people[i];
        if (strcmp(other->name, person->name) == 0)
            return wg_fail(err, WG_E_BAD_INPUT, "%s stands there twice", person->name);
        if (tuf_key_equal(&other->key, &person->key))
            return wg_fail(err, WG_E_BAD_INPUT, "%s and %s have the same key", other->name,
                           person->name);
    }
    return true;
}

static bool read_people(const json_t *root, struct trust_policy *out, struct wg_error *err)
{
    json_t *list = NULL;
    if (!read_list(root, "people", 0, TRUST_PEOPLE_MAX, &list, err)) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *entry = json_array_get(list, i);
        struct trust_person *person = &out->people[out->people_count];
        if (!read_name(entry, "name", person->name, err) ||
            !read_name(entry, "role", person->role, err) ||
            !read_key(entry, "key", &person->key, err) || !check_person(out, person, err))
            return wg_context(err, "people[%zu]", i);
        out->people_count++;
    }
    return true;
}

/* The author of a campaign is one of those people too, and never counts. */
static bool check_reach(const struct trust_policy *policy, const struct trust_quorum *quorum,
                        struct wg_error *err)
{
    int64_t able = 0;
    for (size_t i = 0; i < policy->people_count; i++)
        able += strcmp(policy->people[i].role, quorum->role) == 0;
    return quorum->count <= able ||
           wg_fail(err, WG_E_BAD_INPUT, "count: %lld of role %s are asked for, there are %lld",
                   (long long)quorum->count, quorum->role, (long long)able);
}

static bool read_class(const json_t *entry, struct trust_policy *policy, struct wg_error *err)
{
    struct trust_class *out = &policy->classes[policy->class_count];
    json_t *list = NULL;
    if (!read_list(entry, "hardware", 1, TRUST_PATTERNS_MAX, &list, err)) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *pattern = json_string_value(json_array_get(list, i));
        if (!pattern || !pattern[0] || !wg_copy(out->patterns[i], sizeof out->patterns[i], pattern))
            return wg_fail(err, WG_E_BAD_INPUT,
                           "hardware[%zu]: expected a pattern of 1 to %d bytes", i, WG_NAME_MAX);
        out->pattern_count++;
    }
    policy->class_count++;
    return read_quorum(entry, &out->quorum, err) && check_reach(policy, &out->quorum, err);
}

static bool read_classes(const json_t *root, struct trust_policy *out, struct wg_error *err)
{
    json_t *list = NULL;
    if (!read_list(root, "approvals", 1, TRUST_CLASSES_MAX, &list, err)) return false;
    for (size_t i = 0; i < json_array_size(list); i++)
        if (!read_class(json_array_get(list, i), out, err))
            return wg_context(err, "approvals[%zu]", i);
    return true;
}

/* What nobody may where the policy does not say who. */
static bool read_permission(const json_t *root, const char *key, const struct trust_policy *policy,
                            bool *has, struct trust_quorum *out, struct wg_error *err)
{
    json_t *entry = NULL;
    if (!json_object_get(root, key)) return true;
    if (!wg_json_object(root, key, &entry, err)) return false;
    *has = true;
    if (!read_quorum(entry, out, err) || !check_reach(policy, out, err))
        return wg_context(err, "%s", key);
    return out->count > 0 || wg_fail(err, WG_E_BAD_INPUT, "%s: count: expected at least 1", key);
}

static bool read_require(const json_t *root, struct trust_policy *out, struct wg_error *err)
{
    json_t *list = NULL;
    if (!json_object_get(root, "require")) return true;
    if (!read_list(root, "require", 0, 2, &list, err)) return false;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        bool sbom = word && strcmp(word, "sbom") == 0;
        bool provenance = word && strcmp(word, "provenance") == 0;
        if (!sbom && !provenance)
            return wg_fail(err, WG_E_BAD_INPUT, "require[%zu]: expected sbom or provenance", i);
        out->requires_sbom = out->requires_sbom || sbom;
        out->requires_provenance = out->requires_provenance || provenance;
    }
    return true;
}

static bool read_policy(const json_t *root, struct trust_policy *out, struct wg_error *err)
{
    char type[sizeof TYPE + 16] = "";
    int64_t format = 0;
    if (!json_is_object(root)) return wg_fail(err, WG_E_BAD_INPUT, "expected an object");
    if (!wg_json_text(root, "_type", type, sizeof type, err)) return false;
    if (strcmp(type, TYPE) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "_type: expected " TYPE ", found \"%s\"", type);
    return wg_json_int(root, "v", 1, 1, &format, err) && read_directors(root, out, err) &&
           read_people(root, out, err) && read_classes(root, out, err) &&
           read_permission(root, "downgrade", out, &out->has_downgrade, &out->downgrade, err) &&
           read_permission(root, "erase", out, &out->has_erase, &out->erase, err) &&
           read_require(root, out, err);
}

bool trust_policy_read(const char *bytes, size_t len, struct trust_policy *out,
                       struct wg_error *err)
{
    struct trust_policy *read = calloc(1, sizeof *read);
    if (!read) return wg_fail_memory(err, "reading the policy");
    json_t *root = wg_json_parse(bytes, len, TRUST_POLICY_MAX, err);
    bool ok = root && read_policy(root, read, err);
    json_decref(root);
    if (ok) *out = *read;
    free(read);
    return ok || wg_context(err, "policy.json");
}

const struct trust_quorum *trust_policy_quorum(const struct trust_policy *policy,
                                               const char *hardware_model)
{
    for (size_t i = 0; i < policy->class_count; i++) {
        const struct trust_class *class = &policy->classes[i];
        for (size_t p = 0; p < class->pattern_count; p++)
            if (wg_glob_match(class->patterns[p], hardware_model)) return &class->quorum;
    }
    return NULL;
}

bool trust_policy_takes(const struct trust_policy *policy, const struct release_facts *facts,
                        char *why, size_t size)
{
    bool sbom = policy->requires_sbom && !facts->has_sbom;
    bool provenance = policy->requires_provenance && !facts->has_provenance;
    if (!sbom && !provenance) return true;
    (void)wg_format(why, size, "%s/%s has no %s, and the policy asks for it", facts->component,
                    facts->version, sbom ? "SBOM" : "provenance statement");
    return false;
}
