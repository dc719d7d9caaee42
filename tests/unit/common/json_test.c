/* json_test.c: what is refused as JSON and where, the getters' errors, and the canonical form. */
#include "common/json.h"

#include "tests/unit/common/mangle.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define PARSE_MAX 4096

static struct wg_error err;

static void assert_says(const char *words)
{
    if (!strstr(err.text, words)) ASSERT_TEXT(err.text, words);
}

static json_t *parse(const char *text)
{
    json_t *value = wg_json_parse(text, strlen(text), PARSE_MAX, &err);
    if (!value) printf("\n    %s: %s\n", text, err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return value;
}

static void test_good(void)
{
    static const char *const cases[] = {"{}", "[]", " {\"a\": [1, -2.5e3, true, null]}\n",
                                        "{\"\xc3\xa4\": \"\\u00e4\\ud83d\\ude00\"}"};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) json_decref(parse(cases[i]));
}

static void test_refused(void)
{
    static const struct {
        const char *text;
        size_t len; /* 0: all of it */
        const char *says;
    } cases[] = {
        {"", 0, "line 1"},
        {"1", 0, "line 1, column 1"},
        {"{\"a\":1,\n \"a\":2}", 0, "line 2, column 4: duplicate object key"},
        {"{\"a\":1} x", 0, "line 1, column 9: end of file expected"},
        {"{'a':1}", 0, "line 1"},
        {"{\"a\":01}", 0, "line 1"},
        {"{\"a\":1,}", 0, "line 1"},
        {"{\"a\":NaN}", 0, "line 1"},
        {"{\"a\":1e999}", 0, "overflow"},
        {"{\"a\":9223372036854775808}", 0, "too big"},
        {"{\"a\":\"\\u0000\"}", 0, "\\u0000"},
        {"{\"a\":\"\\ud800\"}", 0, "Unicode"},
        {"{\"a\":\"\xff\"}", 0, "decode byte 0xff"},
        {"{\"a\":\"\x1b\"}", 0, "control character"},
        {"{\"a\":1}\0", 8, "line 1"},
        {"{\"a\0b\":1}", 9, "line 1"},
        {"// note\n{}", 0, "line 1"},
        {"\xef\xbb\xbf{}", 0, "line 1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t len = cases[i].len ? cases[i].len : strlen(cases[i].text);
        wg_error_clear(&err);
        CU_ASSERT_PTR_NULL(wg_json_parse(cases[i].text, len, PARSE_MAX, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        assert_says(cases[i].says);
        for (const char *c = err.text; *c; c++) CU_ASSERT_TRUE(*c >= 0x20 && *c < 0x7f);
    }
}

/* depth opening brackets after a line feed, and as many closing ones. */
static json_t *parse_nested(size_t depth)
{
    char text[2 * (WG_JSON_DEPTH_MAX + 1) + 1];
    text[0] = '\n';
    memset(text + 1, '[', depth);
    memset(text + 1 + depth, ']', depth);
    return wg_json_parse(text, 2 * depth + 1, PARSE_MAX, &err);
}

static void test_bounds(void)
{
    static const char quoted[] = "[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[\",\"]\"]";
    json_t *value = parse_nested(WG_JSON_DEPTH_MAX);
    CU_ASSERT_PTR_NOT_NULL(value);
    json_decref(value);
    CU_ASSERT_PTR_NULL(parse_nested(WG_JSON_DEPTH_MAX + 1));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    assert_says("line 2, column 33: nested deeper than 32 levels");
    json_decref(parse(quoted)); /* brackets in text do not count */

    value = wg_json_parse("[10]", 4, 4, &err);
    CU_ASSERT_PTR_NOT_NULL(value);
    json_decref(value);
    CU_ASSERT_PTR_NULL(wg_json_parse("[100]", 5, 4, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    assert_says("JSON of 5 bytes, at most 4 allowed");
}

#define MEMBERS "{\"t\":\"text\",\"n\":7,\"r\":1.5,\"b\":true,\"o\":{\"x\":1},\"a\":[1],\"z\":null}"

static void test_getters(void)
{
    json_t *obj = parse(MEMBERS), *inner = NULL;
    char text[6] = "";
    int64_t n = 0;
    bool b = false;
    ASSERT_OK(wg_json_text(obj, "t", text, sizeof text, &err), &err);
    ASSERT_TEXT(text, "text");
    ASSERT_OK(wg_json_int(obj, "n", 7, 7, &n, &err), &err);
    CU_ASSERT_EQUAL(n, 7);
    ASSERT_OK(wg_json_bool(obj, "b", &b, &err), &err);
    CU_ASSERT_TRUE(b);
    ASSERT_OK(wg_json_object(obj, "o", &inner, &err), &err);
    CU_ASSERT_EQUAL(json_object_size(inner), 1);
    ASSERT_OK(wg_json_array(obj, "a", &inner, &err), &err);
    CU_ASSERT_EQUAL(json_array_size(inner), 1);
    json_decref(obj);
}

static void test_optional_getters(void)
{
    json_t *obj = parse(MEMBERS);
    char text[6] = "", small[4] = "old";
    int64_t n = 7;
    ASSERT_OK(wg_json_text_opt(obj, "none", small, sizeof small, &err), &err);
    ASSERT_OK(wg_json_text_opt(obj, "z", small, sizeof small, &err), &err);
    ASSERT_TEXT(small, "old");
    ASSERT_OK(wg_json_int_opt(obj, "z", 0, 1, &n, &err), &err);
    CU_ASSERT_EQUAL(n, 7);
    ASSERT_OK(wg_json_text_opt(obj, "t", text, sizeof text, &err), &err);
    ASSERT_TEXT(text, "text");
    ASSERT_OK(wg_json_int_opt(obj, "n", 0, 8, &n, &err), &err);
    json_decref(obj);
}

static void test_getters_refuse(void)
{
    json_t *obj = parse(MEMBERS), *inner = NULL;
    char small[4] = "old";
    int64_t n = 0;
    bool b = false;
    CU_ASSERT_FALSE(wg_json_text(obj, "t", small, sizeof small, &err));
    assert_says("t: text of 4 bytes, at most 3 allowed");
    ASSERT_TEXT(small, "old");
    CU_ASSERT_FALSE(wg_json_text(obj, "none", small, sizeof small, &err));
    assert_says("none: missing, expected text");
    CU_ASSERT_FALSE(wg_json_text_opt(obj, "n", small, sizeof small, &err));
    assert_says("n: expected text, found a number");
    CU_ASSERT_FALSE(wg_json_int(obj, "r", 0, 9, &n, &err));
    assert_says("r: expected an integer, found a fraction");
    CU_ASSERT_FALSE(wg_json_int_opt(obj, "n", 8, 9, &n, &err));
    assert_says("n: must be between 8 and 9, found 7");
    CU_ASSERT_FALSE(wg_json_bool(obj, "z", &b, &err));
    assert_says("z: expected true or false, found null");
    CU_ASSERT_FALSE(wg_json_object(obj, "a", &inner, &err));
    assert_says("a: expected an object, found an array");
    CU_ASSERT_FALSE(wg_json_array(obj, "o", &inner, &err));
    assert_says("o: expected an array, found an object");
    json_decref(obj);
}

static void test_only_keys(void)
{
    static const char *const keys[] = {"b", "a", NULL};
    json_t *obj = parse("{\"a\":1,\"b\":2}");
    ASSERT_OK(wg_json_only_keys(obj, keys, &err), &err);
    json_decref(obj);
    obj = parse("{\"a\":1,\"c\\u001b\":2}");
    CU_ASSERT_FALSE(wg_json_only_keys(obj, keys, &err));
    assert_says("c?: unknown key; known are: b, a");
    json_decref(obj);
}

static void test_canonical(void)
{
    static const struct {
        const char *text, *canonical;
    } cases[] = {
        {"{ }", "{}"},
        {"[ ]", "[]"},
        {"{\"b\": 1, \"a\": [true, false, null, -7, -0]}",
         "{\"a\":[true,false,null,-7,0],\"b\":1}"},
        /* byte order: upper before lower, a prefix before the longer, ASCII before the rest */
        {"{\"\xc3\xa4\":1,\"b\":2,\"aa\":3,\"a\":4,\"B\":5,\"\":6,\"\xf0\x9f\x98\x80\":7,"
         "\"\xef\xbd\x81\":8}",
         "{\"\":6,\"B\":5,\"a\":4,\"aa\":3,\"b\":2,\"\xc3\xa4\":1,\"\xef\xbd\x81\":8,"
         "\"\xf0\x9f\x98\x80\":7}"},
        /* only the quote and the backslash are escaped */
        {"{\"k\\\"\":\"a\\\\b\\\"c\\/d\\n\\t\\u00e4\\u007f\"}",
         "{\"k\\\"\":\"a\\\\b\\\"c/d\n\t\xc3\xa4\x7f\"}"},
        {"[9223372036854775807,-9223372036854775808]",
         "[9223372036854775807,-9223372036854775808]"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct wg_buf out;
        wg_buf_init(&out, PARSE_MAX);
        json_t *value = parse(cases[i].text);
        ASSERT_OK(wg_json_canonical(value, &out, &err), &err);
        ASSERT_TEXT(wg_buf_str(&out), cases[i].canonical);
        json_decref(value);
        wg_buf_clear(&out);
    }
}

static void test_canonical_refuses(void)
{
    struct wg_buf out;
    wg_buf_init(&out, PARSE_MAX);
    json_t *value = parse("{\"outer\":{\"pi\":3.25}}");
    CU_ASSERT_FALSE(wg_json_canonical(value, &out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    assert_says("outer: pi: 3.25 has a fraction");
    json_decref(value);
    wg_buf_clear(&out);

    wg_buf_init(&out, 8);
    value = parse("{\"longer\":\"than eight\"}");
    CU_ASSERT_FALSE(wg_json_canonical(value, &out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    json_decref(value);
    wg_buf_clear(&out);

    json_t *deep = json_array();
    for (int i = 0; i < WG_JSON_DEPTH_MAX; i++) deep = json_pack("[o]", deep);
    wg_buf_init(&out, PARSE_MAX);
    CU_ASSERT_FALSE(wg_json_canonical(deep, &out, &err));
    assert_says("nested deeper");
    json_decref(deep);
    wg_buf_clear(&out);
}

static bool parse_once(const char *bytes, size_t len, struct wg_error *error)
{
    json_t *value = wg_json_parse(bytes, len, PARSE_MAX, error);
    if (!value) return false;
    struct wg_buf out;
    struct wg_error ignored;
    wg_buf_init(&out, PARSE_MAX);
    (void)!wg_json_canonical(value, &out, &ignored);
    wg_buf_clear(&out);
    json_decref(value);
    return true;
}

static void test_mangled(void)
{
    static const char text[] = "{\"a\":[1,2.5,\"x\\n\\u00e4\",{\"b\":null,\"c\":[true,false]}],"
                               "\"key\":{\"deep\":[[[[[\"\xc3\xa4\"]]]]]}}";
    mangle_prefixes(text, sizeof text - 1, parse_once);
    size_t taken = mangle_mutations(text, sizeof text - 1, parse_once, 5000, 1);
    CU_ASSERT_TRUE(taken > 0 && taken < 5000);
}

WG_SUITE("json", {"good", test_good}, {"refused", test_refused}, {"bounds", test_bounds},
         {"getters", test_getters}, {"optional getters", test_optional_getters},
         {"getters refuse", test_getters_refuse}, {"only keys", test_only_keys},
         {"canonical", test_canonical}, {"canonical refuses", test_canonical_refuses},
         {"mangled", test_mangled})
