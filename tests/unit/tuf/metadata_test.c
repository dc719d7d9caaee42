/* metadata_test.c: the shape of metadata: what is taken, and what is refused with which words. */
#include "tests/unit/tuf/repo.h"

static struct wg_error err;

static bool parse(enum tuf_type type, const json_t *body, const char *signatures)
{
    struct tuf_metadata md = {0};
    char *text = json_dumps(body, 0);
    struct wg_buf bytes;
    wg_buf_init(&bytes, 65536);
    wg_buf_printf(&bytes, "{\"signatures\":%s,\"signed\":%s,\"unknown\":1}", signatures, text);
    wg_error_clear(&err);
    bool ok = tuf_metadata_parse(type, bytes.data, bytes.len, &md, &err);
    CU_ASSERT_TRUE(ok == (md.envelope != NULL));
    tuf_metadata_clear(&md);
    wg_buf_clear(&bytes);
    free(text);
    return ok;
}

static void assert_says(const char *says)
{
    if (!strstr(err.text, says)) ASSERT_TEXT(err.text, says);
}

/* Each part of the body at path is replaced by value ("" removes it), one at a time. */
struct change {
    const char *path; /* keys and indices, divided by '/' */
    const char *value, *says;
};

static json_t *find_parent(json_t *at, const char *path, char last[64])
{
    for (;;) {
        size_t len = strcspn(path, "/");
        (void)snprintf(last, 64, "%.*s", (int)len, path);
        if (path[len] == '\0') return at;
        at = json_is_array(at) ? json_array_get(at, (size_t)atoi(last)) : json_object_get(at, last);
        CU_ASSERT_PTR_NOT_NULL_FATAL(at);
        path += len + 1;
    }
}

static void refuse_each(enum tuf_type type, const json_t *body, const struct change *changes,
                        size_t count)
{
    CU_ASSERT_TRUE(parse(type, body, "[]"));
    for (size_t i = 0; i < count; i++) {
        char last[64];
        json_t *copy = json_deep_copy(body);
        json_t *parent = find_parent(copy, changes[i].path, last);
        if (changes[i].value[0] == '\0')
            json_object_del(parent, last);
        else
            json_object_set_new(parent, last, json_loads(changes[i].value, JSON_DECODE_ANY, NULL));
        bool taken = parse(type, copy, "[]");
        CU_ASSERT_FALSE(taken);
        assert_says(changes[i].says);
        json_decref(copy);
    }
}
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void test_common(void)
{
    static const struct change changes[] = {
        {"_type", "\"root\"", "_type: expected \"timestamp\""},
        {"_type", "", "_type: missing"},
        {"spec_version", "\"2.0.0\"", "spec_version: expected 1.x"},
        {"spec_version", "\"10.0.0\"", "spec_version: expected 1.x"},
        {"version", "0", "version: must be between 1"},
        {"version", "-1", "version: must be between 1"},
        {"version", "1.0", "version: expected an integer"},
        {"version", "\"1\"", "version: expected an integer"},
        {"expires", "\"2030-01-01\"", "expires: expected a time"},
        {"expires", "1900000000", "expires: expected text"},
    };
    json_t *body = timestamp_body(1, 1);
    refuse_each(TUF_TIMESTAMP, body, changes, COUNT(changes));
    json_decref(body);
}

static void test_signatures(void)
{
    static const struct {
        const char *signatures, *says;
    } cases[] = {
        {"{}", "signatures: expected an array"},
        {"[1]", "signatures[0]: expected an object"},
        {"[{\"keyid\":\"a\"}]", "signatures[0]: expected an object"},
        {"[{\"keyid\":\"a\",\"sig\":\"\"},{\"keyid\":\"b\",\"sig\":\"\"},{\"keyid\":\"a\",\"sig\":"
         "\"x\"}]",
         "signatures[2]: its keyid stands there twice"},
    };
    json_t *body = timestamp_body(1, 1);
    for (size_t i = 0; i < COUNT(cases); i++) {
        CU_ASSERT_FALSE(parse(TUF_TIMESTAMP, body, cases[i].signatures));
        assert_says(cases[i].says);
    }
    struct wg_buf many;
    wg_buf_init(&many, 65536);
    for (int i = 0; i <= TUF_SIGNATURES_MAX; i++)
        wg_buf_printf(&many, "%s{\"keyid\":\"%d\",\"sig\":\"\"}", i ? "," : "[", i);
    wg_buf_char(&many, ']');
    CU_ASSERT_FALSE(parse(TUF_TIMESTAMP, body, wg_buf_str(&many)));
    assert_says("signatures: 65 of them, at most 64 allowed");
    wg_buf_clear(&many);
    json_decref(body);
}

static void test_root(void)
{
    static const struct change changes[] = {
        {"keys", "[]", "keys: expected an object"},
        {"roles/snapshot", "", "roles: snapshot: snapshot: missing"},
        {"roles/root/threshold", "0", "threshold: must be between 1"},
        {"roles/root/threshold", "", "threshold: missing"},
        {"roles/root/keyids", "{}", "keyids: expected an array"},
        {"roles/root/keyids", "[1]", "keyids[0]: expected text"},
        {"consistent_snapshot", "1", "consistent_snapshot: expected true or false"},
    };
    json_t *body = root_body(1, KEY_ROOT, KEY_TIMESTAMP);
    refuse_each(TUF_ROOT, body, changes, COUNT(changes));
    json_object_del(body, "consistent_snapshot");
    CU_ASSERT_TRUE(parse(TUF_ROOT, body, "[]"));
    json_decref(body);
}

static void test_listings(void)
{
    static const struct change changes[] = {
        {"meta", "[]", "meta: expected an object"},
        {"meta/snapshot.json", "", "meta: snapshot.json is missing"},
        {"meta/snapshot.json", "1", "meta: expected an object for each file"},
        {"meta/snapshot.json", "{}", "meta: version: missing"},
        {"meta/snapshot.json/version", "0", "meta: version: must be between 1"},
        {"meta/snapshot.json/length", "-1", "meta: length: must be between 0"},
        {"meta/snapshot.json/hashes", "[]", "meta: hashes: expected an object"},
    };
    json_t *body = timestamp_body(1, 1);
    refuse_each(TUF_TIMESTAMP, body, changes, COUNT(changes));
    json_decref(body);
}

static void test_targets(void)
{
    static const struct change changes[] = {
        {"targets", "", "targets: missing"},
        {"targets/file", "[]", "targets: expected an object for each path"},
        {"targets/file/length", "-1", "targets: length: must be between 0"},
        {"targets/file/hashes", "{}", "targets: hashes: there is none"},
        {"targets/file/custom", "1", "targets: custom: expected an object"},
        {"delegations", "[]", "delegations: expected an object"},
        {"delegations/keys", "", "delegations: keys: missing"},
        {"delegations/roles", "", "delegations: expected either roles or succinct_roles"},
        {"delegations/succinct_roles", "{}", "delegations: expected either roles or"},
        {"delegations/roles", "{}", "delegations: roles: expected an array"},
        {"delegations/roles", "[1]", "delegations: roles[0]: expected an object"},
        {"delegations/roles/0/name", "\"\"", "cannot be delegated to"},
        {"delegations/roles/0/name", "\"root\"", "\"root\" cannot be delegated to"},
        {"delegations/roles/0/terminating", "", "terminating: missing"},
        {"delegations/roles/0/threshold", "0", "threshold: must be between 1"},
        {"delegations/roles/0/paths", "", "expected either paths or path_hash_prefixes"},
        {"delegations/roles/0/paths", "[1]", "paths[0]: expected text of at most 512 bytes"},
        {"delegations/roles/0/path_hash_prefixes", "[]", "expected either paths or"},
    };
    json_t *body = targets_body(1, "file");
    delegate_a(body, "*");
    refuse_each(TUF_TARGETS, body, changes, COUNT(changes));
    json_t *roles = json_object_get(json_object_get(body, "delegations"), "roles");
    json_array_append(roles, json_array_get(roles, 0));
    CU_ASSERT_FALSE(parse(TUF_TARGETS, body, "[]"));
    assert_says("delegations: roles[1]: its name stands there twice");
    json_decref(body);
}

static void test_bins(void)
{
    static const struct change changes[] = {
        {"delegations/succinct_roles", "[]", "succinct_roles: expected an object"},
        {"delegations/succinct_roles/bit_length", "0", "bit_length: must be between 1 and 32"},
        {"delegations/succinct_roles/bit_length", "33", "bit_length: must be between 1 and 32"},
        {"delegations/succinct_roles/name_prefix", "1", "name_prefix: expected text"},
        {"delegations/succinct_roles/threshold", "", "threshold: missing"},
        {"delegations/succinct_roles/name_prefix",
         "\"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\"",
         "name_prefix: text of 78 bytes, at most 71"},
    };
    json_t *body = targets_body(1, NULL);
    json_object_set_new(body, "delegations",
                        json_pack("{s:{}, s:{s:[], s:i, s:i, s:s}}", "keys", "succinct_roles",
                                  "keyids", "threshold", 1, "bit_length", 8, "name_prefix", "b"));
    refuse_each(TUF_TARGETS, body, changes, COUNT(changes));
    json_decref(body);
}

static void test_not_json(void)
{
    static const char *const texts[] = {"", "{", "[]", "1", "{\"signed\":{}}", "{\"a\":1,\"a\":1}"};
    struct tuf_metadata md = {0};
    for (size_t i = 0; i < COUNT(texts); i++)
        CU_ASSERT_FALSE(tuf_metadata_parse(TUF_ROOT, texts[i], strlen(texts[i]), &md, &err));
}

WG_SUITE("metadata", {"common fields", test_common}, {"signatures", test_signatures},
         {"root", test_root}, {"listings", test_listings}, {"targets", test_targets},
         {"bins", test_bins}, {"not JSON", test_not_json})
