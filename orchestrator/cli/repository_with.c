/* repository_with.c: looks companions up among what is staged and published. */
#include "orchestrator/cli/repository_with.h"

#include "orchestrator/release/repo_draft.h"

#include <stdlib.h>
#include <string.h>

static bool fail_missing(const json_t *map, const char *component, const char *version,
                         struct wg_error *err)
{
    const json_t *revoked = repo_revocation(map, component, version);
    const char *reason = json_string_value(json_object_get(revoked, "reason"));
    if (revoked)
        return wg_fail(err, WG_E_NOT_FOUND, "%s/%s was revoked: %s", component, version,
                       reason ? reason : "?");
    return wg_fail(err, WG_E_NOT_FOUND, "the repository has no release %s/%s", component, version);
}

static bool read_facts(const json_t *info, struct release_facts *out, struct wg_error *err)
{
    const char *sha256 =
        json_string_value(json_object_get(json_object_get(info, "hashes"), "sha256"));
    out->length = json_integer_value(json_object_get(info, "length"));
    return (sha256 && wg_copy(out->sha256, sizeof out->sha256, sha256) &&
            release_facts_read(json_object_get(info, "custom"), out, err)) ||
           wg_fail(err, WG_E_BAD_INPUT, "the release's metadata cannot be read");
}

json_t *repository_artifact(const struct repo *repo, const char *component, const char *version,
                            struct wg_error *err)
{
    char path[TUF_PATH_MAX + 1];
    if (!wg_format(path, sizeof path, "%s/%s/artifact", component, version)) {
        (void)wg_fail(err, WG_E_LIMIT, "%s/%s: the path of the target is too long", component,
                      version);
        return NULL;
    }
    json_t *map = repo_overlay(&repo->state);
    json_t *info = json_deep_copy(
        json_object_get(json_object_get(repo_body(map, component), "targets"), path));
    if (!info) (void)fail_missing(map, component, version, err);
    json_decref(map);
    return info;
}

bool repository_facts(const struct repo *repo, const char *component, const char *version,
                      struct release_facts *out, struct wg_error *err)
{
    json_t *info = repository_artifact(repo, component, version, err);
    bool ok = info && read_facts(info, out, err);
    json_decref(info);
    return ok;
}

bool repository_with_check(const struct repo *repo, const struct release_facts *facts,
                           struct wg_error *err)
{
    struct release_set set;
    size_t sequence[RELEASE_SET_MAX];
    if (facts->companion_count == 0) return true;
    struct release_facts *companions = calloc(WG_COMPANIONS_MAX, sizeof *companions);
    bool ok = companions || wg_fail_memory(err, "reading companions");
    for (size_t i = 0; ok && i < facts->companion_count; i++)
        ok = repository_facts(repo, facts->companions[i].name, facts->companions[i].version,
                              &companions[i], err);
    if (ok) release_set_init(&set, facts, companions);
    ok = ok && release_set_sequence(&set, sequence, err);
    free(companions);
    return ok;
}

void repository_with_fault(const struct repo *repo, const json_t *custom, char *why, size_t size)
{
    struct wg_error err = {0};
    struct release_facts *facts = calloc(1, sizeof *facts);
    why[0] = '\0';
    if (!facts) return;
    memset(facts->sha256, '0', sizeof facts->sha256 - 1);
    facts->length = 1;
    if (release_facts_read(custom, facts, &err) && !repository_with_check(repo, facts, &err))
        (void)wg_format(why, size, "%s", err.text);
    free(facts);
}

/* Adds those of one component's targets. */
static void add_users(const json_t *targets, const char *component, const char *version,
                      json_t *out)
{
    const char *path = NULL;
    json_t *info = NULL;
    json_object_foreach((json_t *)targets, path, info)
    {
        const json_t *facts = json_object_get(json_object_get(info, "custom"), "wavegate");
        const char *with =
            json_string_value(json_object_get(json_object_get(facts, "with"), component));
        const char *slash = strrchr(path, '/');
        if (with && slash && strcmp(with, version) == 0)
            (void)json_array_append_new(out, json_stringn(path, (size_t)(slash - path)));
    }
}

json_t *repository_with_users(const struct repo *repo, const char *component, const char *version)
{
    json_t *out = json_array(), *map = repo_overlay(&repo->state), *envelope = NULL;
    const char *role = NULL;
    json_object_foreach(map, role, envelope)
    {
        add_users(json_object_get(repo_body(map, role), "targets"), component, version, out);
    }
    json_decref(map);
    return out;
}
