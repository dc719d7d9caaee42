/* json_place_test.c: where a problem is told to be. */
#include "common/json_place.h"

#include "tests/unit/harness.h"

#include <string.h>

static const char text[] = "{\n"
                           "  \"a\": 1, \"b\": {\"x\": [1, {\"window\": 2}]},\n"
                           "  \"claim\": {\n"
                           "    \"say \\\" {\": \"}\",\n"
                           "    \"window\": \"never\"\n"
                           "  },\n"
                           "  \"window\": 3\n"
                           "}\n";

static void at(const char *problem, size_t line, size_t column)
{
    size_t got_line = 0, got_column = 0;
    wg_json_place(text, strlen(text), problem, &got_line, &got_column);
    CU_ASSERT_EQUAL(got_line, line);
    CU_ASSERT_EQUAL(got_column, column);
}

static void test_places(void)
{
    at("a: expected text", 2, 3);
    at("b: x: expected", 2, 17);
    at("claim: window: expected a duration", 5, 5);
    at("window: expected", 7, 3);
    at("claim: listen: missing", 3, 3); /* of what is not there: where it would be */
    at("listen: missing", 1, 1);
    at("what it says", 1, 1);
    at("wind: of another name", 1, 1);
}

static void fails(const char *told, enum wg_error_code code, const char *expected,
                  enum wg_error_code becomes)
{
    struct wg_error err = {0};
    (void)wg_fail(&err, code, "%s", told);
    CU_ASSERT_FALSE(wg_json_fail_at("f.json", text, strlen(text), &err));
    ASSERT_TEXT(err.text, expected);
    CU_ASSERT_EQUAL(err.code, becomes);
}

static void test_errors(void)
{
    fails("claim: window: expected x", WG_E_BAD_INPUT,
          "f.json:5:5: error: claim: window: expected x", WG_E_BAD_FILE);
    fails("line 4, column 9: ']' expected", WG_E_BAD_INPUT, "f.json:4:9: error: ']' expected",
          WG_E_BAD_FILE);
    fails("a: /x: No such file", WG_E_NOT_FOUND, "f.json:2:3: error: a: /x: No such file",
          WG_E_NOT_FOUND);
    CU_ASSERT_FALSE(wg_json_fail_at("f.json", text, strlen(text), NULL));
}

static void test_broken_texts(void)
{
    static const char *const texts[] = {"", "{", "{\"a", "{\"a\"", "{\"a\": ", "[", "  ", "{\"a\\"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        size_t line = 0, column = 0;
        wg_json_place(texts[i], strlen(texts[i]), "a: b: c: d", &line, &column);
        CU_ASSERT_EQUAL(line, 1);
    }
}

WG_SUITE("json_place", {"keys that a problem names", test_places},
         {"errors say where", test_errors}, {"texts that break off", test_broken_texts})
