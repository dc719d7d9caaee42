/* target_test.c: paths and parameters as they come from strangers. */
#include "orchestrator/http/target.h"

#include "tests/unit/harness.h"

#include <string.h>

static struct http_target target;

static void paths(void)
{
    CU_ASSERT_TRUE(http_target_parse("/api/v1/devices/dev%2D01", &target, NULL));
    CU_ASSERT_STRING_EQUAL(target.path, "/api/v1/devices/dev-01");
    CU_ASSERT_EQUAL(target.count, 0);
    CU_ASSERT_TRUE(http_target_parse("/a+b?", &target, NULL));
    CU_ASSERT_STRING_EQUAL(target.path, "/a+b");
    CU_ASSERT_EQUAL(target.count, 0);
}

static void parameters(void)
{
    CU_ASSERT_TRUE(http_target_parse("/x?q=a+b%26c&&empty=&bare&z=%C3%BC", &target, NULL));
    CU_ASSERT_EQUAL(target.count, 4);
    CU_ASSERT_STRING_EQUAL(http_target_parameter(&target, "q"), "a b&c");
    CU_ASSERT_STRING_EQUAL(http_target_parameter(&target, "empty"), "");
    CU_ASSERT_STRING_EQUAL(http_target_parameter(&target, "bare"), "");
    CU_ASSERT_STRING_EQUAL(http_target_parameter(&target, "z"), "\xc3\xbc");
    CU_ASSERT_PTR_NULL(http_target_parameter(&target, "y"));
}

static void refused(void)
{
    static const char *const bad[] = {"",       "x",        "*",        "/%",          "/%4",
                                      "/%zz",   "/a%00b",   "/a%2Fb",   "/%ff",        "/x?a=1&a=2",
                                      "/x?a=%", "/x?%00=1", "/x?a=%c3", "/x?a=1&%61=2"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wg_error err = {0};
        CU_ASSERT_FALSE(http_target_parse(bad[i], &target, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    }
}

static void limits(void)
{
    char text[HTTP_TARGET_MAX + 1];
    struct wg_error err = {0};
    memset(text, 'a', sizeof text);
    text[0] = '/';
    text[HTTP_TARGET_MAX - 1] = '\0';
    CU_ASSERT_TRUE(http_target_parse(text, &target, NULL));
    text[HTTP_TARGET_MAX - 1] = 'a';
    text[HTTP_TARGET_MAX] = '\0';
    CU_ASSERT_FALSE(http_target_parse(text, &target, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    err = (struct wg_error){0};
    CU_ASSERT_FALSE(
        http_target_parse("/?a&b&c&d&e&f&g&h&i&j&k&l&m&n&o&p&q&r&s&t&u&v&w&x&y&z&A&B&C&D&E"
                          "&F&G",
                          &target, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

WG_SUITE("orchestrator/http/target", {"paths", paths}, {"parameters", parameters},
         {"refused", refused}, {"limits", limits})
