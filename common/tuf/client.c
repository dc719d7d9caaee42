/* client.c: the update, stage by stage. A table says what each stage asks for and who takes the
 * answer. New metadata is checked, then stored, and only then built upon. */
#include "common/tuf/client.h"

#include "common/text.h"
#include "common/tuf/client_state.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

struct tuf_limits tuf_limits_default(void)
{
    return (struct tuf_limits){.root = (size_t)64 << 10,
                               .timestamp = (size_t)16 << 10,
                               .snapshot = (size_t)256 << 10,
                               .targets = (size_t)1 << 20,
                               .root_rotations = 256,
                               .visits = 32};
}

struct tuf_client *tuf_client_new(const struct tuf_limits *limits, wg_time start,
                                  struct wg_error *err)
{
    struct tuf_client *client = calloc(1, sizeof *client);
    if (!client) {
        (void)wg_fail_memory(err, "starting an update of metadata");
        return NULL;
    }
    client->limits = *limits;
    client->trusted.start = start;
    wg_buf_init(&client->bytes, SIZE_MAX);
    return client;
}

void tuf_client_free(struct tuf_client *client)
{
    if (!client) return;
    search_clear(&client->search);
    visit_clear(&client->visit);
    tuf_metadata_clear(&client->loaded);
    tuf_trusted_clear(&client->trusted);
    wg_buf_clear(&client->bytes);
    free(client);
}

/* What the file at hand is called where it is stored, and in the repository. */
static bool stored_name(const struct tuf_client *client, enum tuf_type type, char *out,
                        struct wg_error *err)
{
    const char *role = type == TUF_TARGETS ? client->visit.name : tuf_type_text(type);
    return tuf_file_name(role, 0, out, err);
}

/* The lister's word on the file at hand: the timestamp's on the snapshot, the snapshot's on the
 * rest. */
static bool listed(const struct tuf_client *client, enum tuf_type type, struct tuf_meta *out)
{
    if (type == TUF_SNAPSHOT) return tuf_meta_find(&client->trusted.timestamp, "snapshot", out);
    return tuf_meta_find(&client->trusted.snapshot, client->visit.name, out);
}

static bool fetched_name(const struct tuf_client *client, enum tuf_type type, char *out,
                         struct wg_error *err)
{
    struct tuf_meta meta = {0};
    if (type == TUF_ROOT) return tuf_file_name("root", client->trusted.root.version + 1, out, err);
    if (type == TUF_TIMESTAMP) return tuf_file_name("timestamp", 0, out, err);
    const char *role = type == TUF_SNAPSHOT ? "snapshot" : client->visit.name;
    if (!listed(client, type, &meta))
        return wg_fail(err, WG_E_VERIFY, "the snapshot does not list it");
    int64_t version = tuf_root_is_consistent(&client->trusted.root) ? meta.version : 0;
    return tuf_file_name(role, version, out, err);
}

static size_t limit_of(const struct tuf_client *client, enum tuf_type type)
{
    const size_t limits[] = {[TUF_ROOT] = client->limits.root,
                             [TUF_TIMESTAMP] = client->limits.timestamp,
                             [TUF_SNAPSHOT] = client->limits.snapshot,
                             [TUF_TARGETS] = client->limits.targets};
    return limits[type];
}

/* Told lengths bound a download more tightly; one above the limit is refused before a byte comes.
 */
static bool fetched_max(const struct tuf_client *client, enum tuf_type type, size_t *max,
                        struct wg_error *err)
{
    struct tuf_meta meta = {.length = -1};
    *max = limit_of(client, type);
    if (type == TUF_ROOT || type == TUF_TIMESTAMP || !listed(client, type, &meta) ||
        meta.length < 0)
        return true;
    if ((uint64_t)meta.length > *max)
        return wg_fail(err, WG_E_LIMIT, "%" PRId64 " bytes, at most %zu allowed", meta.length,
                       *max);
    *max = (size_t)meta.length;
    return true;
}

/* Keeps the bytes until they are stored. */
static bool keep(struct tuf_client *client, const void *data, size_t len, enum client_stage stage,
                 struct wg_error *err)
{
    wg_buf_clear(&client->bytes);
    wg_buf_add(&client->bytes, data, len);
    client->stage = stage;
    return wg_buf_check(&client->bytes, err, "storing metadata");
}

static bool root_loaded(struct tuf_client *client, const void *data, size_t len,
                        struct wg_error *err)
{
    if (!data) return wg_fail(err, WG_E_NOT_FOUND, "there is no trusted root to begin with");
    client->stage = STAGE_ROOT_FETCH;
    return tuf_trusted_root_first(&client->trusted, data, len, err);
}

static bool roots_end(struct tuf_client *client, struct wg_error *err)
{
    client->stage = STAGE_TIMESTAMP_LOAD;
    return tuf_trusted_root_end(&client->trusted, err);
}

/* Forgetting comes before storing: were it the other way round, a cut in between would leave the
 * fast-forwarded versions beside a root that shows no rotation any more. */
static bool root_fetched(struct tuf_client *client, const void *data, size_t len,
                         struct wg_error *err)
{
    bool rotated = false;
    if (!data) return roots_end(client, err);
    if (!tuf_trusted_root_next(&client->trusted, data, len, &rotated, err)) return false;
    client->rotations++;
    return keep(client, data, len, rotated ? STAGE_FORGET_TIMESTAMP : STAGE_ROOT_STORE, err);
}

static bool timestamp_forgotten(struct tuf_client *client, const void *data, size_t len,
                                struct wg_error *err)
{
    (void)data, (void)len, (void)err;
    client->stage = STAGE_FORGET_SNAPSHOT;
    return true;
}

static bool snapshot_forgotten(struct tuf_client *client, const void *data, size_t len,
                               struct wg_error *err)
{
    (void)data, (void)len, (void)err;
    client->stage = STAGE_ROOT_STORE;
    return true;
}

static bool root_stored(struct tuf_client *client, const void *data, size_t len,
                        struct wg_error *err)
{
    (void)data, (void)len;
    if (client->rotations >= client->limits.root_rotations) return roots_end(client, err);
    client->stage = STAGE_ROOT_FETCH;
    return true;
}

static bool timestamp_loaded(struct tuf_client *client, const void *data, size_t len,
                             struct wg_error *err)
{
    (void)err;
    if (data) tuf_trusted_timestamp_stored(&client->trusted, data, len);
    client->stage = STAGE_TIMESTAMP_FETCH;
    return true;
}

static bool fail_absent(struct wg_error *err)
{
    return wg_fail(err, WG_E_NOT_FOUND, "the repository does not have it");
}

static bool timestamp_fetched(struct tuf_client *client, const void *data, size_t len,
                              struct wg_error *err)
{
    bool same = false;
    if (!data) return fail_absent(err);
    if (!tuf_trusted_timestamp(&client->trusted, data, len, &same, err)) return false;
    client->stage = STAGE_SNAPSHOT_LOAD;
    return same || keep(client, data, len, STAGE_TIMESTAMP_STORE, err);
}

static bool timestamp_stored(struct tuf_client *client, const void *data, size_t len,
                             struct wg_error *err)
{
    (void)data, (void)len, (void)err;
    client->stage = STAGE_SNAPSHOT_LOAD;
    return true;
}

/* On to the top-level targets role. */
static bool targets_begin(struct tuf_client *client)
{
    struct visit *visit = &client->visit;
    const struct tuf_metadata *root = &client->trusted.root;
    visit_clear(visit);
    (void)wg_copy(visit->name, sizeof visit->name, tuf_type_text(TUF_TARGETS));
    visit->keys = json_incref((json_t *)tuf_root_keys(root));
    visit->role = json_incref((json_t *)tuf_root_role(root, TUF_TARGETS));
    client->stage = STAGE_TARGETS_LOAD;
    return true;
}

static bool snapshot_loaded(struct tuf_client *client, const void *data, size_t len,
                            struct wg_error *err)
{
    (void)err;
    client->stage = STAGE_SNAPSHOT_FETCH;
    if (data) tuf_trusted_snapshot_stored(&client->trusted, data, len);
    if (data && tuf_trusted_snapshot_is_current(&client->trusted, data, len))
        return targets_begin(client);
    return true;
}

static bool snapshot_fetched(struct tuf_client *client, const void *data, size_t len,
                             struct wg_error *err)
{
    if (!data) return fail_absent(err);
    return tuf_trusted_snapshot(&client->trusted, data, len, err) &&
           keep(client, data, len, STAGE_SNAPSHOT_STORE, err);
}

static bool snapshot_stored(struct tuf_client *client, const void *data, size_t len,
                            struct wg_error *err)
{
    (void)data, (void)len, (void)err;
    return targets_begin(client);
}

/* The role at hand is accepted (and stored): keep the top-level one, search in any other. */
static bool targets_accepted(struct tuf_client *client, struct wg_error *err)
{
    struct tuf_metadata role = client->loaded;
    client->loaded = (struct tuf_metadata){.type = TUF_TARGETS};
    if (!client->search.under_way) {
        client->trusted.targets = role;
        client->stage = STAGE_READY;
        return true;
    }
    bool ok = search_role(client, &role, err);
    tuf_metadata_clear(&role);
    return ok;
}

static bool targets_check(struct tuf_client *client, const void *data, size_t len,
                          struct wg_error *err)
{
    const struct visit *visit = &client->visit;
    return tuf_trusted_targets(&client->trusted, visit->name, visit->keys, visit->role, data, len,
                               &client->loaded, err);
}

static bool targets_loaded(struct tuf_client *client, const void *data, size_t len,
                           struct wg_error *err)
{
    client->stage = STAGE_TARGETS_FETCH;
    if (data && targets_check(client, data, len, NULL)) return targets_accepted(client, err);
    return true;
}

static bool targets_fetched(struct tuf_client *client, const void *data, size_t len,
                            struct wg_error *err)
{
    if (!data) return fail_absent(err);
    return targets_check(client, data, len, err) &&
           keep(client, data, len, STAGE_TARGETS_STORE, err);
}

static bool targets_stored(struct tuf_client *client, const void *data, size_t len,
                           struct wg_error *err)
{
    (void)data, (void)len;
    return targets_accepted(client, err);
}

static const struct stage {
    enum tuf_ask_kind ask;
    enum tuf_type type;
    bool (*answer)(struct tuf_client *client, const void *data, size_t len, struct wg_error *err);
} STAGES[] = {
    [STAGE_ROOT_LOAD] = {TUF_LOAD, TUF_ROOT, root_loaded},
    [STAGE_ROOT_FETCH] = {TUF_FETCH, TUF_ROOT, root_fetched},
    [STAGE_FORGET_TIMESTAMP] = {TUF_FORGET, TUF_TIMESTAMP, timestamp_forgotten},
    [STAGE_FORGET_SNAPSHOT] = {TUF_FORGET, TUF_SNAPSHOT, snapshot_forgotten},
    [STAGE_ROOT_STORE] = {TUF_STORE, TUF_ROOT, root_stored},
    [STAGE_TIMESTAMP_LOAD] = {TUF_LOAD, TUF_TIMESTAMP, timestamp_loaded},
    [STAGE_TIMESTAMP_FETCH] = {TUF_FETCH, TUF_TIMESTAMP, timestamp_fetched},
    [STAGE_TIMESTAMP_STORE] = {TUF_STORE, TUF_TIMESTAMP, timestamp_stored},
    [STAGE_SNAPSHOT_LOAD] = {TUF_LOAD, TUF_SNAPSHOT, snapshot_loaded},
    [STAGE_SNAPSHOT_FETCH] = {TUF_FETCH, TUF_SNAPSHOT, snapshot_fetched},
    [STAGE_SNAPSHOT_STORE] = {TUF_STORE, TUF_SNAPSHOT, snapshot_stored},
    [STAGE_TARGETS_LOAD] = {TUF_LOAD, TUF_TARGETS, targets_loaded},
    [STAGE_TARGETS_FETCH] = {TUF_FETCH, TUF_TARGETS, targets_fetched},
    [STAGE_TARGETS_STORE] = {TUF_STORE, TUF_TARGETS, targets_stored},
    [STAGE_READY] = {TUF_READY, TUF_TARGETS, NULL},
    [STAGE_FAILED] = {TUF_READY, TUF_TARGETS, NULL},
};

/* A failed search takes nothing away from what was updated before. */
static bool stage_failed(struct tuf_client *client, const char *name, struct wg_error *err)
{
    bool searching = client->search.under_way;
    search_clear(&client->search);
    tuf_metadata_clear(&client->loaded);
    client->stage = searching ? STAGE_READY : STAGE_FAILED;
    return wg_context(err, "%s", name);
}

bool tuf_client_ask(struct tuf_client *client, struct tuf_ask *out, struct wg_error *err)
{
    const struct stage *stage = &STAGES[client->stage];
    *out = (struct tuf_ask){.kind = stage->ask};
    if (client->stage == STAGE_FAILED) return wg_fail(err, WG_E_FAILED, "the update has failed");
    if (client->stage == STAGE_READY) return true;
    bool ok = stored_name(client, stage->type, out->name, err);
    if (ok && stage->ask == TUF_LOAD) out->max = limit_of(client, stage->type);
    if (ok && stage->ask == TUF_FETCH) {
        char name[TUF_FILE_NAME_MAX];
        ok = fetched_name(client, stage->type, name, err) &&
             fetched_max(client, stage->type, &out->max, err);
        if (ok) (void)wg_copy(out->name, sizeof out->name, name);
    }
    if (!ok) return stage_failed(client, out->name, err);
    if (stage->ask == TUF_STORE) {
        out->data = wg_buf_str(&client->bytes);
        out->len = client->bytes.len;
    }
    return true;
}

bool tuf_client_answer(struct tuf_client *client, const void *data, size_t len,
                       struct wg_error *err)
{
    struct tuf_ask ask;
    enum client_stage before = client->stage;
    if (!tuf_client_ask(client, &ask, err)) return false;
    if (ask.kind == TUF_READY) return wg_fail(err, WG_E_CONFLICT, "nothing was asked");
    /* What is stored and too long is as good as absent; what is fetched is an endless file. */
    if (data && ask.kind == TUF_LOAD && len > ask.max) data = NULL;
    if (data && ask.kind == TUF_FETCH && len > ask.max) {
        (void)wg_fail(err, WG_E_LIMIT, "%zu bytes, at most %zu allowed", len, ask.max);
        return stage_failed(client, ask.name, err);
    }
    bool ok = STAGES[before].answer(client, data, len, err);
    if (ask.kind == TUF_STORE) wg_buf_clear(&client->bytes);
    return ok || stage_failed(client, ask.name, err);
}

bool tuf_client_is_consistent(const struct tuf_client *client)
{
    return tuf_root_is_consistent(&client->trusted.root);
}

wg_time tuf_client_issued(const struct tuf_client *client)
{
    const json_t *ours = json_object_get(client->trusted.timestamp.body, "wavegate");
    const char *text = json_string_value(json_object_get(ours, "issued"));
    wg_time issued = 0;
    return text && wg_time_parse(text, &issued) ? issued : 0;
}

int64_t tuf_client_version(const struct tuf_client *client, enum tuf_type type)
{
    const struct tuf_trusted *trusted = &client->trusted;
    const struct tuf_metadata *const held[] = {[TUF_ROOT] = &trusted->root,
                                               [TUF_TIMESTAMP] = &trusted->timestamp,
                                               [TUF_SNAPSHOT] = &trusted->snapshot,
                                               [TUF_TARGETS] = &trusted->targets};
    return held[type]->version;
}
