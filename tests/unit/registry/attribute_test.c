/* attribute_test.c: values between cells and JSON, there and back. */
#include "orchestrator/registry/attribute.h"
#include "tests/unit/harness.h"

#include <string.h>

static const char *as_json(const char *cell)
{
    static char text[256];
    struct wg_buf out;
    json_t *value = attribute_from_cell(cell);
    wg_buf_init(&out, sizeof text - 1);
    attribute_write(value, &out);
    (void)wg_copy(text, sizeof text, wg_buf_str(&out));
    wg_buf_clear(&out);
    json_decref(value);
    return text;
}

/* A code with leading zeros, a version, an article number of 20 digits are no counts. */
static void cells_are_read_as_what_they_are(void)
{
    static const char *const rows[][2] = {
        {"plant-7", "\"plant-7\""},
        {"5", "5"},
        {"-5", "-5"},
        {"0", "0"},
        {"1.5", "1.5"},
        {"true", "true"},
        {"false", "false"},
        {"null", "null"},
        {"9007199254740991", "9007199254740991"},
        {"007", "\"007\""},
        {"1.10", "\"1.10\""},
        {"1e5", "\"1e5\""},
        {"+5", "\"+5\""},
        {"-0", "\"-0\""},
        {"5 ", "\"5 \""},
        {"0x10", "\"0x10\""},
        {"12345678901234567890", "\"12345678901234567890\""},
        {"9007199254740993", "\"9007199254740993\""},
        {"0.1234567890123456789", "\"0.1234567890123456789\""},
        {"True", "\"True\""},
        {"nan", "\"nan\""},
        {"inf", "\"inf\""},
        {"[1]", "\"[1]\""},
        {"{}", "\"{}\""},
        {"\"5\"", "\"5\""},
        {"\"\"", "\"\""},
        {"\"a\\nb\"", "\"a\\nb\""},
        {"\"", "\"\\\"\""},
        {"\"a\" and \"b\"", "\"\\\"a\\\" and \\\"b\\\"\""},
        {"a,b", "\"a,b\""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ASSERT_TEXT(as_json(rows[i][0]), rows[i][1]);
}

static void a_value_comes_back_from_its_cell(void)
{
    static const char *const values[] = {
        "\"plant-7\"", "5",          "-5.25", "true",           "false",    "\"5\"",
        "\"true\"",    "\"null\"",   "\"\"",  "\"\\\"5\\\"\"",  "\"\\\"\"", "\"1.10\"",
        "\" \"",       "\"a\\\"b\"", "\"-\"", "\"\\u00e9\\n\"", "1e+300",   "0.1",
        "1e-07",       "123456.789", "\"t\"",
    };
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct wg_buf cell, again;
        json_t *value = json_loads(values[i], JSON_DECODE_ANY, NULL);
        CU_ASSERT_PTR_NOT_NULL_FATAL(value);
        wg_buf_init(&cell, 256);
        wg_buf_init(&again, 256);
        attribute_to_cell(value, &cell);
        json_t *read = attribute_from_cell(wg_buf_str(&cell));
        CU_ASSERT_TRUE(json_equal(read, value));
        attribute_to_cell(read, &again);
        ASSERT_TEXT(wg_buf_str(&again), wg_buf_str(&cell));
        json_decref(read);
        json_decref(value);
        wg_buf_clear(&cell);
        wg_buf_clear(&again);
    }
}

static void a_number_has_one_form(void)
{
    static const char *const rows[][2] = {{"5.0", "5"},
                                          {"-0.0", "0"},
                                          {"1e2", "100"},
                                          {"0.10000000000000001", "0.1"},
                                          {"1.5e3", "1500"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_buf out;
        json_t *value = json_loads(rows[i][0], JSON_DECODE_ANY, NULL);
        wg_buf_init(&out, 64);
        attribute_write(value, &out);
        ASSERT_TEXT(wg_buf_str(&out), rows[i][1]);
        wg_buf_clear(&out);
        json_decref(value);
    }
}

static void other_values_are_refused(void)
{
    static const char *const rows[][2] = {
        {"[1]", "attribute.x: expected text, a number, true, false or null, found \"a list\""},
        {"{}", "attribute.x: expected text, a number, true, false or null, found \"an object\""},
        {"9007199254740993", "attribute.x: a number out of bounds; give it as text"},
        {"1e301", "attribute.x: a number out of bounds; give it as text"},
    };
    struct wg_error err;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        json_t *value = json_loads(rows[i][0], JSON_DECODE_ANY, NULL);
        CU_ASSERT_FALSE(attribute_check("x", value, &err));
        ASSERT_TEXT(err.text, rows[i][1]);
        json_decref(value);
    }
    json_t *text = json_string("v");
    char name[WG_NAME_MAX + 2];
    memset(name, 'n', sizeof name);
    name[WG_NAME_MAX] = '\0';
    CU_ASSERT_TRUE(attribute_check(name, text, &err));
    name[WG_NAME_MAX] = 'n';
    name[WG_NAME_MAX + 1] = '\0';
    CU_ASSERT_FALSE(attribute_check(name, text, &err));
    CU_ASSERT_FALSE(attribute_check("", text, &err));
    json_decref(text);
}

WG_SUITE("registry attribute", {"cells are read as what they are", cells_are_read_as_what_they_are},
         {"a value comes back from its cell", a_value_comes_back_from_its_cell},
         {"a number has one form", a_number_has_one_form},
         {"other values are refused", other_values_are_refused})
