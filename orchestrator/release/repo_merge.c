/* repo_merge.c: takes a bundle into a repository. */
#include "orchestrator/release/repo_bundle.h"

#include "common/posix/file.h"

#include <inttypes.h>
#include <string.h>

struct merging {
    struct repo *repo;
    const struct repo_state *from;
    struct repo_merge *out;
    json_t *staged; /* as it will be */
};

static bool is_first(const struct repo *repo)
{
    return !repo->state.settings;
}

/* The roots that both have must be the same bytes. */
static bool same_chain(const struct merging *merge, struct wg_error *err)
{
    int64_t here = repo_version(merge->repo->state.live, "root");
    int64_t there = repo_version(merge->from->live, "root");
    for (int64_t version = 1; version <= here && version <= there; version++) {
        char name[REPO_NAME_MAX];
        if (!repo_metadata_name("root", version, name, err)) return false;
        if (!json_equal(json_object_get(merge->repo->state.files, name),
                        json_object_get(merge->from->files, name)))
            return wg_fail(err, WG_E_CONFLICT,
                           "the bundle is of another repository: root %" PRId64 " differs",
                           version);
    }
    return true;
}

/* -1: nowhere newer there; 0: the same; 1: newer there. */
static bool compare_published(const struct merging *merge, int *out, struct wg_error *err)
{
    const json_t *here = merge->repo->state.live, *there = merge->from->live;
    int64_t ours = repo_version(here, "timestamp"), theirs = repo_version(there, "timestamp");
    int64_t our_root = repo_version(here, "root"), their_root = repo_version(there, "root");
    *out = ours == theirs ? 0 : theirs > ours ? 1 : -1;
    if (*out == 0) *out = our_root == their_root ? 0 : their_root > our_root ? 1 : -1;
    if (ours == theirs && ours > 0 &&
        !json_equal(json_object_get(merge->repo->state.files, REPO_TIMESTAMP_FILE),
                    json_object_get(merge->from->files, REPO_TIMESTAMP_FILE)))
        return wg_fail(err, WG_E_CONFLICT,
                       "the bundle is no continuation: timestamp %" PRId64 " differs", ours);
    return (*out != 1 || their_root >= our_root) ||
           wg_fail(err, WG_E_CONFLICT, "the bundle is no continuation: its root is older");
}

/* No role may go back. */
static bool goes_on(const struct merging *merge, struct wg_error *err)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    json_object_foreach(merge->repo->state.live, role, envelope)
    {
        int64_t ours = repo_version(merge->repo->state.live, role);
        int64_t theirs = repo_version(merge->from->live, role);
        if (theirs < ours)
            return wg_fail(err, WG_E_CONFLICT,
                           "the bundle is no continuation: %s %" PRId64 " there, %" PRId64 " here",
                           role, theirs, ours);
    }
    return true;
}

static bool write_published(const struct merging *merge, struct wg_error *err)
{
    json_t *writes = json_array(), *text = NULL;
    const char *name = NULL;
    bool ok = writes != NULL;
    json_object_foreach(merge->from->files, name, text)
    {
        if (ok && strncmp(name, "metadata/", 9) == 0 && strcmp(name, REPO_TIMESTAMP_FILE) != 0)
            ok = json_array_append_new(writes, json_pack("[s,O]", name, text)) == 0;
    }
    text = json_object_get(merge->from->files, REPO_TIMESTAMP_FILE);
    if (ok && text)
        ok = json_array_append_new(writes, json_pack("[s,O]", REPO_TIMESTAMP_FILE, text)) == 0;
    for (size_t i = 0; ok && i < json_array_size(writes); i++) {
        char path[PATH_MAX];
        const json_t *write = json_array_get(writes, i);
        const json_t *bytes = json_array_get(write, 1);
        ok = wg_path_join(path, sizeof path, merge->repo->folder,
                          json_string_value(json_array_get(write, 0)), err) &&
             wg_file_replace(path, json_string_value(bytes), json_string_length(bytes), 0644, err);
    }
    json_decref(writes);
    return ok || (err && err->code != WG_OK ? false : wg_fail_memory(err, "importing"));
}

static bool has_signature(const json_t *list, const char *id)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *found = json_string_value(json_object_get(json_array_get(list, i), "keyid"));
        if (found && strcmp(found, id) == 0) return true;
    }
    return false;
}

/* Signatures that hold, by those who may sign now or may sign then. */
static bool add_signatures(struct merging *merge, const json_t *map, const char *role, json_t *into,
                           const json_t *from, struct wg_error *err)
{
    struct repo_signers signers;
    if (!repo_signers_find(map, role, &signers)) return true;
    json_t *ids = repo_signed_by(from, &signers, err);
    if (!ids) return false;
    json_t *list = json_object_get(into, "signatures"), *entry = NULL;
    size_t i = 0;
    json_array_foreach(json_object_get(from, "signatures"), i, entry)
    {
        const char *id = json_string_value(json_object_get(entry, "keyid"));
        bool good = false;
        for (size_t j = 0; j < json_array_size(ids); j++)
            good = good || strcmp(json_string_value(json_array_get(ids, j)), id) == 0;
        if (!good || has_signature(list, id)) continue;
        if (json_array_append(list, entry) != 0) {
            json_decref(ids);
            return wg_fail_memory(err, "importing");
        }
        merge->out->signatures++;
    }
    json_decref(ids);
    return true;
}

static bool merge_role(struct merging *merge, const json_t *live, const char *role,
                       const json_t *theirs, struct wg_error *err)
{
    int64_t base = repo_version(live, role);
    int64_t version =
        json_integer_value(json_object_get(json_object_get(theirs, "signed"), "version"));
    json_t *ours = json_object_get(merge->staged, role);
    if (version <= base) return true; /* published here since */
    if (version != base + 1)
        return wg_fail(err, WG_E_CONFLICT,
                       "the bundle is no continuation: %s %" PRId64 " is staged there, %" PRId64
                       " is published here",
                       role, version, base);
    if (ours && !json_equal(json_object_get(ours, "signed"), json_object_get(theirs, "signed")))
        return wg_fail(err, WG_E_CONFLICT,
                       "%s %" PRId64 " is staged here and in the bundle, and they differ: it was "
                       "changed after the export",
                       role, version);
    if (!ours) {
        ours = json_pack("{s:O,s:[]}", "signed", json_object_get(theirs, "signed"), "signatures");
        if (!ours || json_object_set_new(merge->staged, role, ours) != 0)
            return wg_fail_memory(err, "importing");
        merge->out->roles++;
    }
    json_t *map = json_copy((json_t *)live);
    bool ok = map && json_object_update(map, merge->staged) == 0 &&
              json_object_update(map, merge->from->staged) == 0;
    ok = ok && add_signatures(merge, map, role, ours, theirs, err) &&
         add_signatures(merge, live, role, ours, theirs, err);
    json_decref(map);
    return ok;
}

/* What is staged here and is published there is done with. */
static void drop_published(struct merging *merge, const json_t *live)
{
    void *next = NULL;
    for (void *at = json_object_iter(merge->staged); at; at = next) {
        next = json_object_iter_next(merge->staged, at);
        const char *role = json_object_iter_key(at);
        if (repo_version(merge->staged, role) <= repo_version(live, role))
            (void)json_object_del(merge->staged, role);
    }
}

static bool merge_staged(struct merging *merge, const json_t *live, struct wg_error *err)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    drop_published(merge, live);
    json_object_foreach(merge->from->staged, role, envelope)
    {
        if (!merge_role(merge, live, role, envelope, err)) return false;
    }
    return true;
}

bool repo_merge_run(struct repo *repo, const struct repo_state *from, struct repo_merge *out,
                    struct wg_error *err)
{
    struct merging merge = {repo, from, out, NULL};
    int newer = 1;
    bool first = is_first(repo);
    *out = (struct repo_merge){0, 0, false};
    if (!first && (!same_chain(&merge, err) || !compare_published(&merge, &newer, err)))
        return false;
    if (!first && newer > 0 && !goes_on(&merge, err)) return false;
    out->advanced = newer > 0;
    merge.staged = json_deep_copy(repo->state.staged);
    bool ok = merge.staged ? merge_staged(&merge, newer > 0 ? from->live : repo->state.live, err)
                           : wg_fail_memory(err, "importing");
    ok = ok && (newer <= 0 || write_published(&merge, err));
    if (!ok) {
        json_decref(merge.staged);
        return false;
    }
    json_decref(repo->state.staged);
    repo->state.staged = merge.staged;
    if (first) repo->state.settings = json_deep_copy(from->settings);
    return repo_save(repo, err) && repo_reload(repo, err);
}
