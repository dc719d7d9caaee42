/* repo.h: a TUF repository made in memory, and a client run against it, for the tests of this
 * folder. Names map to bytes in JSON objects. Each role has the key of its number. */
#ifndef WG_TESTS_UNIT_TUF_REPO_H
#define WG_TESTS_UNIT_TUF_REPO_H

#include "common/signed.h"
#include "common/tuf/client.h"
#include "common/tuf/key.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define START ((wg_time)1800000000 * WG_SECOND)
#define LATER "2030-01-01T00:00:00Z"

enum { KEY_ROOT = 1, KEY_TIMESTAMP, KEY_SNAPSHOT, KEY_TARGETS, KEY_DELEGATED, KEY_OTHER };

struct repo {
    json_t *files;    /* what the repository serves */
    json_t *stored;   /* what the client has */
    char asked[2048]; /* what the client did, in order: "fetch 2.root.json|..." */
    int cut_after;    /* steps; the client is abandoned then; 0: never */
    wg_time start;
    struct tuf_limits limits;
    struct tuf_client *client;
    struct wg_error err;
};

static inline void secret(int number, struct wg_identity_key *key)
{
    struct wg_error err;
    uint8_t seed[WG_ED25519_SECRET];
    memset(seed, number, sizeof seed);
    ASSERT_OK(wg_identity_from_secret(WG_IDENTITY_ED25519, seed, key, &err), &err);
}

static inline const char *key_name(int number)
{
    static char names[2][WG_SHA256_HEX];
    static int turn;
    struct wg_identity_key key;
    secret(number, &key);
    turn = !turn;
    ASSERT_OK(wg_identity_keyid(&key.public_key, names[turn], NULL), &(struct wg_error){0});
    return names[turn];
}

static inline json_t *key_object(int number)
{
    struct wg_error err;
    struct wg_identity_key key;
    struct tuf_key public_key;
    secret(number, &key);
    ASSERT_OK(tuf_key_from_identity(&key.public_key, &public_key, &err), &err);
    return tuf_key_to_json(&public_key, &err);
}

static inline json_t *body_of(const char *type, int version)
{
    return json_pack("{s:s, s:s, s:i, s:s}", "_type", type, "spec_version", "1.0.31", "version",
                     version, "expires", LATER);
}

/* Takes the body; signers: numbers, ended by 0. */
static inline void serve(struct repo *repo, const char *file, json_t *body, const int *signers)
{
    json_t *envelope = NULL;
    for (; *signers; signers++) {
        struct wg_identity_key key;
        secret(*signers, &key);
        json_t *one = wg_signed_make(body, &key, &repo->err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(one);
        if (envelope)
            json_array_extend(json_object_get(envelope, "signatures"),
                              json_object_get(one, "signatures"));
        else
            envelope = json_incref(one);
        json_decref(one);
    }
    char *text = json_dumps(envelope, JSON_COMPACT);
    json_object_set_new(repo->files, file, json_string(text));
    free(text);
    json_decref(envelope);
    json_decref(body);
}

#define SIGNERS(...) ((const int[]){__VA_ARGS__, 0})

static inline json_t *role_of(int number)
{
    return json_pack("{s:[s], s:i}", "keyids", key_name(number), "threshold", 1);
}

/* root: the number of the root's key in this version; timestamp: of the timestamp's. */
static inline json_t *root_body(int version, int root, int timestamp)
{
    json_t *body = body_of("root", version), *keys = json_object(), *roles = json_object();
    for (int number = KEY_ROOT; number <= KEY_OTHER; number++)
        json_object_set_new(keys, key_name(number), key_object(number));
    json_object_set_new(roles, "root", role_of(root));
    json_object_set_new(roles, "timestamp", role_of(timestamp));
    json_object_set_new(roles, "snapshot", role_of(KEY_SNAPSHOT));
    json_object_set_new(roles, "targets", role_of(KEY_TARGETS));
    json_object_set_new(body, "keys", keys);
    json_object_set_new(body, "roles", roles);
    json_object_set_new(body, "consistent_snapshot", json_true());
    return body;
}

static inline json_t *timestamp_body(int version, int snapshot)
{
    json_t *body = body_of("timestamp", version);
    json_object_set_new(body, "meta", json_pack("{s:{s:i}}", "snapshot.json", "version", snapshot));
    return body;
}

static inline json_t *snapshot_body(int version, int targets, int delegated)
{
    json_t *body = body_of("snapshot", version);
    json_t *meta = json_pack("{s:{s:i}}", "targets.json", "version", targets);
    if (delegated) json_object_set_new(meta, "a.json", json_pack("{s:i}", "version", delegated));
    json_object_set_new(body, "meta", meta);
    return body;
}

static inline json_t *targets_body(int version, const char *path)
{
    json_t *body = body_of("targets", version), *targets = json_object();
    if (path)
        json_object_set_new(
            targets, path,
            json_pack("{s:i, s:{s:s}, s:{s:s}}", "length", 7, "hashes", "sha256",
                      "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73", "custom",
                      "note", path));
    json_object_set_new(body, "targets", targets);
    return body;
}

/* "a" is delegated to by all paths. */
static inline void delegate_a(json_t *targets, const char *pattern)
{
    json_t *role =
        json_pack("{s:s, s:[s], s:i, s:[s], s:b}", "name", "a", "keyids", key_name(KEY_DELEGATED),
                  "threshold", 1, "paths", pattern, "terminating", 0);
    json_t *keys = json_object();
    json_object_set_new(keys, key_name(KEY_DELEGATED), key_object(KEY_DELEGATED));
    json_object_set_new(targets, "delegations",
                        json_pack("{s:o, s:[o]}", "keys", keys, "roles", role));
}

static inline void trust_first_root(struct repo *repo)
{
    json_object_set(repo->stored, "root.json", json_object_get(repo->files, "1.root.json"));
}

/* Version 1 of all; the client trusts root and has nothing else. */
static inline void repo_init(struct repo *repo)
{
    *repo = (struct repo){.files = json_object(), .stored = json_object(), .start = START};
    repo->limits = tuf_limits_default();
    serve(repo, "1.root.json", root_body(1, KEY_ROOT, KEY_TIMESTAMP), SIGNERS(KEY_ROOT));
    serve(repo, "timestamp.json", timestamp_body(1, 1), SIGNERS(KEY_TIMESTAMP));
    serve(repo, "1.snapshot.json", snapshot_body(1, 1, 0), SIGNERS(KEY_SNAPSHOT));
    serve(repo, "1.targets.json", targets_body(1, "file"), SIGNERS(KEY_TARGETS));
    trust_first_root(repo);
}

static inline void repo_clear(struct repo *repo)
{
    tuf_client_free(repo->client);
    json_decref(repo->files);
    json_decref(repo->stored);
}

static inline void note(struct repo *repo, const struct tuf_ask *ask)
{
    static const char *const words[] = {"load", "fetch", "store", "forget", "ready"};
    size_t used = strlen(repo->asked);
    (void)snprintf(repo->asked + used, sizeof repo->asked - used, "%s%s %s", used ? "|" : "",
                   words[ask->kind], ask->name);
}

static inline bool answer(struct repo *repo, const struct tuf_ask *ask)
{
    const json_t *found = NULL;
    if (ask->kind == TUF_LOAD) found = json_object_get(repo->stored, ask->name);
    if (ask->kind == TUF_FETCH) found = json_object_get(repo->files, ask->name);
    if (ask->kind == TUF_STORE)
        json_object_set_new(repo->stored, ask->name, json_stringn(ask->data, ask->len));
    if (ask->kind == TUF_FORGET) json_object_del(repo->stored, ask->name);
    return tuf_client_answer(repo->client, json_string_value(found), json_string_length(found),
                             &repo->err);
}

/* Until ready, failed, or cut. */
static inline bool go_on(struct repo *repo)
{
    struct tuf_ask ask;
    for (int step = 1;; step++) {
        if (!tuf_client_ask(repo->client, &ask, &repo->err)) return false;
        if (ask.kind == TUF_READY) return true;
        note(repo, &ask);
        if (!answer(repo, &ask)) return false;
        if (step == repo->cut_after) return false;
    }
}

static inline bool update(struct repo *repo)
{
    tuf_client_free(repo->client);
    repo->asked[0] = '\0';
    wg_error_clear(&repo->err);
    repo->client = tuf_client_new(&repo->limits, repo->start, &repo->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(repo->client);
    return go_on(repo);
}

static inline void assert_refused(struct repo *repo, enum wg_error_code code, const char *says)
{
    CU_ASSERT_FALSE(update(repo));
    CU_ASSERT_EQUAL(repo->err.code, code);
    if (!strstr(repo->err.text, says)) ASSERT_TEXT(repo->err.text, says);
}

#endif
