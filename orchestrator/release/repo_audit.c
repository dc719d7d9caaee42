/* repo_audit.c: walks the repository with the same code that devices trust (common/tuf/trusted).
 * The time handed to it is long past, so that expiry is reported for every role, not for the first
 * alone. */
#include "orchestrator/release/repo_audit.h"

#include "common/text.h"
#include "common/tuf/trusted.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHUNK 65536

struct walk {
    struct repo_audit *audit;
    const struct repo *repo;
    struct tuf_trusted trusted;
    wg_time now;
};

static bool problem(struct walk *walk, const char *what, const char *text, struct wg_error *err)
{
    return json_array_append_new(walk->audit->problems, json_sprintf("%s: %s", what, text)) == 0 ||
           wg_fail_memory(err, "checking a repository");
}

static const json_t *text_of(const struct walk *walk, const char *role, int64_t version)
{
    char name[REPO_NAME_MAX];
    if (!repo_metadata_name(role, version, name, NULL)) return NULL;
    return json_object_get(walk->repo->state.files, name);
}

static json_t *titles(const struct walk *walk, const char *role, struct wg_error *err)
{
    struct repo_signers signers;
    const struct repo_state *state = &walk->repo->state;
    json_t *out = json_array();
    if (!repo_signers_find(state->live, role, &signers)) return out;
    json_t *ids = repo_signed_by(json_object_get(state->live, role), &signers, err);
    for (size_t i = 0; i < json_array_size(ids); i++)
        (void)json_array_append_new(
            out, repo_key_title(state, json_string_value(json_array_get(ids, i))));
    json_decref(ids);
    return out;
}

static bool tell(struct walk *walk, const char *role, const struct tuf_metadata *metadata,
                 struct wg_error *err)
{
    struct repo_signers signers = {NULL, NULL};
    char expires[WG_TIME_TEXT], span[WG_TIME_TEXT], text[2 * WG_TIME_TEXT + 32];
    wg_time_text(metadata->expires, expires);
    (void)repo_signers_find(walk->repo->state.live, role, &signers);
    json_t *entry =
        json_pack("{s:s,s:I,s:s,s:I,s:o}", "role", role, "version", (json_int_t)metadata->version,
                  "expires", expires, "threshold", (json_int_t)repo_signers_threshold(&signers),
                  "signed", titles(walk, role, err));
    if (!entry || json_array_append_new(walk->audit->roles, entry) != 0)
        return wg_fail_memory(err, "checking a repository");
    if (metadata->expires > walk->now) return true;
    wg_duration_words(walk->now - metadata->expires, span);
    (void)wg_format(text, sizeof text, "expired at %s, %s ago", expires, span);
    return problem(walk, role, text, err);
}

/* Reads and believes one file; what is wrong with it becomes a problem. *held says whether it did.
 */
typedef bool (*take_fn)(struct walk *walk, const char *bytes, size_t len, struct wg_error *err);

static bool take_first(struct walk *walk, const char *bytes, size_t len, struct wg_error *err)
{
    return tuf_trusted_root_first(&walk->trusted, bytes, len, err);
}

static bool take_next(struct walk *walk, const char *bytes, size_t len, struct wg_error *err)
{
    bool rotated = false;
    return tuf_trusted_root_next(&walk->trusted, bytes, len, &rotated, err);
}

static bool take_timestamp(struct walk *walk, const char *bytes, size_t len, struct wg_error *err)
{
    bool same = false;
    return tuf_trusted_timestamp(&walk->trusted, bytes, len, &same, err);
}

static bool take_snapshot(struct walk *walk, const char *bytes, size_t len, struct wg_error *err)
{
    return tuf_trusted_snapshot(&walk->trusted, bytes, len, err);
}

static bool take_targets(struct walk *walk, const char *bytes, size_t len, struct wg_error *err)
{
    const struct tuf_metadata *root = &walk->trusted.root;
    return tuf_trusted_targets(&walk->trusted, "targets", tuf_root_keys(root),
                               tuf_root_role(root, TUF_TARGETS), bytes, len, &walk->trusted.targets,
                               err);
}

static bool take(struct walk *walk, const char *role, int64_t version, take_fn fn, bool *held,
                 struct wg_error *err)
{
    struct wg_error why = {0};
    char what[REPO_NAME_MAX];
    const json_t *text = text_of(walk, role, version);
    (void)wg_format(what, sizeof what, "%s %" PRId64, role, version);
    *held = text && fn(walk, json_string_value(text), json_string_length(text), &why);
    return *held || problem(walk, what, text ? why.text : "its file is missing", err);
}

static bool walk_roots(struct walk *walk, bool *held, struct wg_error *err)
{
    int64_t newest = repo_version(walk->repo->state.live, "root");
    if (newest == 0) {
        *held = false;
        return problem(walk, "root", "nothing is published yet", err);
    }
    *held = true;
    for (int64_t version = 1; *held && version <= newest; version++)
        if (!take(walk, "root", version, version == 1 ? take_first : take_next, held, err))
            return false;
    return !*held || tell(walk, "root", &walk->trusted.root, err);
}

static bool walk_online(struct walk *walk, bool *held, struct wg_error *err)
{
    const json_t *live = walk->repo->state.live;
    if (!take(walk, "timestamp", repo_version(live, "timestamp"), take_timestamp, held, err))
        return false;
    if (*held &&
        (!tell(walk, "timestamp", &walk->trusted.timestamp, err) ||
         !take(walk, "snapshot", repo_version(live, "snapshot"), take_snapshot, held, err)))
        return false;
    return !*held || tell(walk, "snapshot", &walk->trusted.snapshot, err);
}

/* ---- files of targets ---- */

static bool hash_fd(int fd, char hex[WG_SHA256_HEX], int64_t *length, struct wg_error *err)
{
    struct wg_sha256 sha;
    uint8_t digest[WG_SHA256_SIZE];
    char *chunk = malloc(CHUNK);
    if (!chunk) return wg_fail_memory(err, "checking a target");
    bool ok = wg_sha256_init(&sha, err);
    ssize_t got = 1;
    while (ok && got != 0) {
        got = read(fd, chunk, CHUNK);
        if (got < 0 && errno == EINTR) continue;
        ok = got < 0 ? wg_fail_errno(err, "reading a target")
                     : wg_sha256_add(&sha, chunk, (size_t)got, err);
        *length += ok ? got : 0;
    }
    ok = ok && wg_sha256_end(&sha, digest, err);
    wg_sha256_clear(&sha);
    free(chunk);
    if (ok) wg_hex(digest, sizeof digest, hex);
    return ok;
}

/* What is wrong with the file; NULL: nothing. */
static const char *file_fault(struct walk *walk, const char *path, const json_t *info)
{
    char file[PATH_MAX], hex[WG_SHA256_HEX];
    int64_t length = 0;
    const char *sha256 =
        json_string_value(json_object_get(json_object_get(info, "hashes"), "sha256"));
    if (!sha256 || !tuf_target_path_check(path, NULL) ||
        !repo_target_file(walk->repo, path, sha256, file, NULL))
        return "its path or hash cannot be used";
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return "its file is missing";
    bool ok = hash_fd(fd, hex, &length, NULL);
    (void)close(fd);
    if (!ok) return "its file cannot be read";
    walk->audit->targets++;
    walk->audit->bytes += length;
    if (length != json_integer_value(json_object_get(info, "length")))
        return "its file has another length than the metadata tells";
    return strcmp(hex, sha256) == 0 ? NULL : "its file has another hash than the metadata tells";
}

static bool walk_files(struct walk *walk, const struct tuf_metadata *targets, struct wg_error *err)
{
    const char *path = NULL;
    json_t *info = NULL;
    json_object_foreach(json_object_get(targets->body, "targets"), path, info)
    {
        const char *fault = file_fault(walk, path, info);
        if (fault && !problem(walk, path, fault, err)) return false;
    }
    return true;
}

static bool walk_component(struct walk *walk, const json_t *role, struct wg_error *err)
{
    struct tuf_metadata metadata = {0};
    struct wg_error why = {0};
    const char *name = json_string_value(json_object_get(role, "name"));
    const json_t *keys =
        json_object_get(json_object_get(walk->trusted.targets.body, "delegations"), "keys");
    const json_t *text = text_of(walk, name, repo_version(walk->repo->state.live, name));
    if (!text) return problem(walk, name, "it is delegated to, and not there", err);
    if (!tuf_trusted_targets(&walk->trusted, name, keys, role, json_string_value(text),
                             json_string_length(text), &metadata, &why))
        return problem(walk, name, why.text, err);
    bool ok = tell(walk, name, &metadata, err) && walk_files(walk, &metadata, err);
    tuf_metadata_clear(&metadata);
    return ok;
}

static bool walk_targets(struct walk *walk, struct wg_error *err)
{
    bool held = false;
    const json_t *role = NULL;
    size_t i = 0;
    if (!take(walk, "targets", repo_version(walk->repo->state.live, "targets"), take_targets, &held,
              err))
        return false;
    if (!held) return true;
    if (!tell(walk, "targets", &walk->trusted.targets, err) ||
        !walk_files(walk, &walk->trusted.targets, err))
        return false;
    json_array_foreach(
        json_object_get(json_object_get(walk->trusted.targets.body, "delegations"), "roles"), i,
        role)
    {
        if (!walk_component(walk, role, err)) return false;
    }
    return true;
}

bool repo_audit_run(struct repo_audit *audit, const struct repo *repo, wg_time now,
                    struct wg_error *err)
{
    struct walk walk = {.audit = audit, .repo = repo, .now = now};
    bool held = false;
    *audit = (struct repo_audit){json_array(), json_array(), 0, 0};
    bool ok = (audit->roles && audit->problems) || wg_fail_memory(err, "checking a repository");
    ok = ok && walk_roots(&walk, &held, err);
    if (ok && held) ok = walk_online(&walk, &held, err);
    if (ok && held) ok = walk_targets(&walk, err);
    tuf_trusted_clear(&walk.trusted);
    return ok;
}

void repo_audit_clear(struct repo_audit *audit)
{
    json_decref(audit->roles);
    json_decref(audit->problems);
    *audit = (struct repo_audit){NULL, NULL, 0, 0};
}
