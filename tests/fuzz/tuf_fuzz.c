/* tuf_fuzz.c: TUF metadata: the input is what stands under the signatures. Signed by the wrong key
 * it must never be believed. Signed by the right one it goes through a whole update and a search,
 * which end, and say only what can be used. */
#include "common/signed.h"
#include "common/tuf/client.h"
#include "common/tuf/digest.h"
#include "common/tuf/key.h"
#include "tests/fuzz/keys.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define INPUT_MAX ((size_t)1 << 16)
#define STEPS_MAX 200
#define START ((wg_time)1800000000 * WG_SECOND)

struct file {
    char *text; /* owned; NULL: not there */
};

struct world {
    struct file root, fuzzed, timestamp, snapshot, targets;
    enum tuf_type type; /* of what is fuzzed */
    bool fuzzed_stored;
};

static json_t *must(json_t *value)
{
    MUST(value, "out of memory");
    return value;
}

static struct file sign(json_t *body, enum fuzz_key key)
{
    struct wg_error err = {0};
    json_t *envelope = must(wg_signed_make(body, fuzz_key(key), &err));
    struct file file = {json_dumps(envelope, JSON_COMPACT)};
    MUST(file.text, "out of memory");
    json_decref(envelope);
    json_decref(body);
    return file;
}

static json_t *body_make(enum tuf_type type)
{
    return must(json_pack("{s:s, s:s, s:i, s:s}", "_type", tuf_type_text(type), "spec_version",
                          "1.0.31", "version", 1, "expires", "2030-01-01T00:00:00Z"));
}

/* The director's key signs for every role. */
static struct file root_make(void)
{
    struct wg_error err = {0};
    struct tuf_key key;
    MUST(tuf_key_from_identity(&fuzz_key(FUZZ_DIRECTOR)->public_key, &key, &err), "%s", err.text);
    json_t *body = body_make(TUF_ROOT), *roles = must(json_object());
    for (enum tuf_type type = TUF_ROOT; type <= TUF_TARGETS; type++)
        json_object_set_new(
            roles, tuf_type_text(type),
            json_pack("{s:[s], s:i}", "keyids", fuzz_keyid(FUZZ_DIRECTOR), "threshold", 1));
    json_object_set_new(body, "roles", roles);
    json_object_set_new(
        body, "keys",
        json_pack("{s:o}", fuzz_keyid(FUZZ_DIRECTOR), must(tuf_key_to_json(&key, &err))));
    return sign(body, FUZZ_DIRECTOR);
}

static struct file lister_make(enum tuf_type type, json_int_t snapshot, json_int_t targets)
{
    json_t *body = body_make(type);
    json_object_set_new(body, "meta",
                        json_pack("{s:{s:I}, s:{s:I}, s:{s:i}}", "snapshot.json", "version",
                                  snapshot, "targets.json", "version", targets, "a.json", "version",
                                  1));
    return sign(body, FUZZ_DIRECTOR);
}

static struct file targets_make(void)
{
    json_t *body = body_make(TUF_TARGETS);
    json_object_set_new(
        body, "targets",
        json_pack("{s:{s:i, s:{s:s}}}", "file", "length", 1, "hashes", "sha256", "00"));
    return sign(body, FUZZ_DIRECTOR);
}

/* Around the fuzzed file an honest repository, that lists it by its own version. */
static void world_make(struct world *world, enum tuf_type type, json_int_t version, char *fuzzed)
{
    *world = (struct world){.type = type, .fuzzed = {fuzzed}};
    if (version < 1) version = 1;
    world->root = root_make();
    world->timestamp = lister_make(TUF_TIMESTAMP, type == TUF_SNAPSHOT ? version : 1, 1);
    world->snapshot = lister_make(TUF_SNAPSHOT, 1, type == TUF_TARGETS ? version : 1);
    world->targets = targets_make();
}

static void world_clear(struct world *world)
{
    free(world->root.text);
    free(world->timestamp.text);
    free(world->snapshot.text);
    free(world->targets.text);
}

static bool begins(const char *text, const char *with)
{
    return strncmp(text, with, strlen(with)) == 0;
}

static const struct file *serve(const struct world *world, const char *name)
{
    static const struct file none = {NULL};
    const char *role = name + strspn(name, "0123456789");
    if (*role == '.') role++;
    if (begins(role, "root"))
        return world->type == TUF_ROOT && name[0] == '2' ? &world->fuzzed : &none;
    if (begins(role, tuf_type_text(world->type))) return &world->fuzzed;
    if (begins(role, "timestamp")) return &world->timestamp;
    if (begins(role, "snapshot")) return &world->snapshot;
    return &world->targets;
}

static bool step(struct world *world, struct tuf_client *client, const struct tuf_ask *ask,
                 struct wg_error *err)
{
    const struct file *file = NULL;
    MUST(!strchr(ask->name, '/'), "\"%s\" leaves the folder", ask->name);
    if (ask->kind == TUF_LOAD && strcmp(ask->name, "root.json") == 0) file = &world->root;
    if (ask->kind == TUF_FETCH) file = serve(world, ask->name);
    if (ask->kind == TUF_STORE && world->fuzzed.text && ask->len == strlen(world->fuzzed.text) &&
        memcmp(ask->data, world->fuzzed.text, ask->len) == 0)
        world->fuzzed_stored = true;
    const char *text = file ? file->text : NULL;
    return tuf_client_answer(client, text, text ? strlen(text) : 0, err);
}

static bool run(struct world *world, struct tuf_client *client)
{
    struct wg_error err = {0};
    struct tuf_ask ask;
    for (int i = 0; i < STEPS_MAX; i++) {
        if (!tuf_client_ask(client, &ask, &err)) break;
        if (ask.kind == TUF_READY) return true;
        if (!step(world, client, &ask, &err)) break;
    }
    MUST(err.code != WG_OK, "an update without an end");
    target_refused(&err);
    return false;
}

static void look_up(struct world *world, struct tuf_client *client, const char *path)
{
    struct wg_error err = {0};
    char url[TUF_TARGET_URL_MAX];
    if (!tuf_client_look_up(client, path, &err)) {
        target_refused(&err);
        return;
    }
    if (!run(world, client)) return;
    const struct tuf_target *target = tuf_client_target(client);
    if (!target) return;
    MUST(target->length >= 0 && json_object_size(target->hashes) > 0, "no length or hashes");
    MUST(tuf_target_url(path, tuf_digest_prefix(target->hashes), url, &err), "%s", err.text);
    MUST(!strstr(url, "/../") && !begins(url, "../") && url[0] != '/', "\"%s\" leaves", url);
}

static void update(struct world *world, const json_t *body)
{
    struct wg_error err = {0};
    struct tuf_limits limits = tuf_limits_default();
    struct tuf_client *client = tuf_client_new(&limits, START, &err);
    const char *path = NULL;
    json_t *target = NULL;
    MUST(client, "%s", err.text);
    if (run(world, client)) {
        look_up(world, client, "file");
        look_up(world, client, "a/b");
        json_object_foreach(json_object_get(body, "targets"), path, target)
            look_up(world, client, path);
    }
    tuf_client_free(client);
}

/* Written back, a key is the same key under the same id. */
static void read_key(const json_t *value)
{
    struct wg_error err = {0};
    struct tuf_key key, again;
    if (!tuf_key_from_json(value, &key, &err)) {
        target_refused(&err);
        return;
    }
    json_t *object = must(tuf_key_to_json(&key, &err));
    MUST(tuf_key_from_json(object, &again, &err), "%s", err.text);
    MUST(tuf_key_equal(&key, &again), "another key");
    json_decref(object);
}

/* The body signed by one key under the director's id. */
static char *sign_as_director(json_t *body, enum fuzz_key key)
{
    struct wg_error err = {0};
    json_t *envelope = wg_signed_make(body, fuzz_key(key), &err);
    if (!envelope) {
        target_refused(&err);
        return NULL;
    }
    json_t *entry = json_array_get(json_object_get(envelope, "signatures"), 0);
    json_object_set_new(entry, "keyid", json_string(fuzz_keyid(FUZZ_DIRECTOR)));
    char *text = json_dumps(envelope, JSON_COMPACT);
    MUST(text, "out of memory");
    json_decref(envelope);
    return text;
}

static void read_body(json_t *body)
{
    struct world world;
    json_int_t version = json_integer_value(json_object_get(body, "version"));
    const char *word = json_string_value(json_object_get(body, "_type"));
    enum tuf_type type = TUF_ROOT;
    while (type < TUF_TARGETS && (!word || strcmp(word, tuf_type_text(type)) != 0)) type++;
    char *honest = sign_as_director(body, FUZZ_DIRECTOR);
    if (!honest) return;
    char *forged = sign_as_director(body, FUZZ_STRANGER);
    world_make(&world, type, version, honest);
    update(&world, body);
    world.fuzzed.text = forged;
    world.fuzzed_stored = false;
    update(&world, body);
    MUST(!world.fuzzed_stored, "stored, and not signed by whom it should be");
    world_clear(&world);
    free(honest);
    free(forged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_error err = {0};
    struct tuf_key key;
    char *raw = target_text(data, size);
    json_t *value = wg_json_parse(raw, size, INPUT_MAX, &err);
    if (!tuf_key_from_pem(raw, size, &key, &err)) target_refused(&err);
    read_key(value);
    if (json_is_object(value)) read_body(value);
    json_decref(value);
    free(raw);
    return 0;
}
