/* delegation_test.c: which delegations take a path. */
#include "common/tuf/delegation.h"

#include "tests/unit/harness.h"

#include <string.h>

static struct wg_error err;

static void test_patterns(void)
{
    static const struct {
        const char *pattern, *path;
        bool matches;
    } cases[] = {
        {"*", "a", true},
        {"*", "a/b", false},
        {"*/*", "a/b", true},
        {"*/*", "a", false},
        {"a/*", "a/b", true},
        {"a/*", "a/b/c", false},
        {"a/*", "ab", false},
        {"*.tgz", "x.tgz", true},
        {"*.tgz", "x/y.tgz", false},
        {"v-?.bin", "v-1.bin", true},
        {"v-?.bin", "v-12.bin", false},
        {"?", "/", false},
        {"a?b", "a/b", false},
        {"", "", true},
        {"", "a", false},
        {"a", "A", false},
        {"[ab]", "a", false},
        {"[ab]", "[ab]", true},
        {"a", "a/", false},
        {"a/", "a/", true},
        {"**", "a/b", false},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        if (tuf_pattern_matches(cases[i].pattern, cases[i].path) != cases[i].matches)
            ASSERT_TEXT(cases[i].pattern, cases[i].path);
}

static bool collect(void *ctx, const struct tuf_delegation *delegation, struct wg_error *error)
{
    char *names = ctx;
    (void)error;
    CU_ASSERT_PTR_NOT_NULL(delegation->keys);
    CU_ASSERT_PTR_NOT_NULL(json_object_get(delegation->role, "threshold"));
    (void)strcat(names, delegation->name);
    (void)strcat(names, delegation->terminating ? "! " : " ");
    return true;
}

static void assert_roles(const char *delegations, const char *path, const char *expected)
{
    char text[4096], names[256] = "";
    struct tuf_metadata md = {0};
    (void)snprintf(
        text, sizeof text,
        "{\"signatures\":[],\"signed\":{\"_type\":\"targets\",\"spec_version\":\"1.0.0\","
        "\"version\":1,\"expires\":\"2030-01-01T00:00:00Z\",\"targets\":{},"
        "\"delegations\":{\"keys\":{},%s}}}",
        delegations);
    ASSERT_OK(tuf_metadata_parse(TUF_TARGETS, text, strlen(text), &md, &err), &err);
    ASSERT_OK(tuf_delegations_of(&md, path, collect, names, &err), &err);
    ASSERT_TEXT(names, expected);
    tuf_metadata_clear(&md);
}

#define SIGNED_BY "\"keyids\":[],\"threshold\":1"
#define ROLE(name, rest) "{\"name\":\"" name "\"," SIGNED_BY "," rest "}"

static void test_roles(void)
{
    static const char roles[] =
        "\"roles\":[" ROLE("a", "\"paths\":[\"x/*\",\"y\"],\"terminating\":false") "," ROLE(
            "b", "\"paths\":[\"y\"],\"terminating\":true") "," ROLE("c",
                                                                    "\"paths\":[\"y\"],"
                                                                    "\"terminating\":false") "]";
    assert_roles(roles, "x/1", "a ");
    assert_roles(roles, "y", "a b! ");
    assert_roles(roles, "z", "");
}

/* sha256("file") begins with 3b9c358f36. */
static void test_hash_prefixes(void)
{
    static const char roles[] = "\"roles\":[" ROLE(
        "a", "\"path_hash_prefixes\":[\"3b9d\",\"4\"],"
             "\"terminating\":false") "," ROLE("b", "\"path_hash_prefixes\":[\"3b9c\"],"
                                                    "\"terminating\":false") "]";
    assert_roles(roles, "file", "b ");
}

static void test_bins(void)
{
    assert_roles("\"succinct_roles\":{" SIGNED_BY ",\"bit_length\":1,\"name_prefix\":\"bin\"}",
                 "file", "bin-0! ");
    assert_roles("\"succinct_roles\":{" SIGNED_BY ",\"bit_length\":4,\"name_prefix\":\"bin\"}",
                 "file", "bin-3! ");
    assert_roles("\"succinct_roles\":{" SIGNED_BY ",\"bit_length\":10,\"name_prefix\":\"bin\"}",
                 "file", "bin-0ee! ");
    assert_roles("\"succinct_roles\":{" SIGNED_BY ",\"bit_length\":32,\"name_prefix\":\"bin\"}",
                 "file", "bin-3b9c358f! ");
}

WG_SUITE("delegation", {"patterns", test_patterns}, {"roles", test_roles},
         {"hash prefixes", test_hash_prefixes}, {"bins", test_bins})
