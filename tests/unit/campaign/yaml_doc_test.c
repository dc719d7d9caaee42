/* yaml_doc_test.c: what is read, where it stands, and what is refused. */
#include "orchestrator/yaml/yaml_doc.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

static void values_know_their_place(void)
{
    static const char text[] = "a: 1\nlist:\n  - x\n  - {k: 'v'}\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err), &err);
    const struct yaml_value *list = yaml_get(doc.root, "list");
    CU_ASSERT_PTR_NOT_NULL_FATAL(list);
    CU_ASSERT_EQUAL(list->count, 2);
    const struct yaml_value *v = yaml_get(list->items[1], "k");
    ASSERT_TEXT(v->text, "v");
    CU_ASSERT_TRUE(v->quoted);
    CU_ASSERT_EQUAL(v->line, 4);
    CU_ASSERT_EQUAL(v->column, 9);
    yaml_doc_clear(&doc);
}

static void traps_are_refused_at_their_place(void)
{
    static const struct {
        const char *text, *expected;
    } rows[] = {
        {"a: 1\na: 2\n", "f.yaml:2:1: error: the key \"a\" stands here twice"},
        {"a: &x 1\n", "f.yaml:1:4: error: anchors are not allowed"},
        {"a: &x [1]\n", "f.yaml:1:4: error: anchors are not allowed"},
        {"a: &x 1\nb: *x\n", "aliases are not allowed"},
        {"a: !!int 1\n", "f.yaml:1:4: error: tags are not allowed"},
        {"a:\t1\n", "f.yaml:1:3: error: a tab is not allowed: use spaces"},
        {"a: 1\n---\nb: 2\n", "a second document starts here"},
        {"", "f.yaml:1:1: error: the file is empty"},
        {"# nothing\n", "the file is empty"},
        {"a: \"\xff\"\n", "f.yaml:1:5: error: from here on this line is not valid UTF-8 text"},
        {"a: [1\n", "not valid YAML"},
        {"? [a]\n: b\n", "a key must be plain text"},
        {"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "nested too deep"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct yaml_doc doc;
        struct wg_error err = {0};
        bool ok = yaml_doc_parse(&doc, "f.yaml", rows[i].text, strlen(rows[i].text), &err);
        CU_ASSERT_FALSE(ok);
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
        if (!strstr(err.text, rows[i].expected)) printf("\n    row %zu: %s\n", i, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].expected));
        yaml_doc_clear(&doc);
    }
}

static void a_nul_is_refused(void)
{
    static const char text[] = "a: x\0y\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    CU_ASSERT_FALSE(yaml_doc_parse(&doc, "f.yaml", text, sizeof text - 1, &err));
    yaml_doc_clear(&doc);
}

static void typed_reading_says_what_was_expected(void)
{
    static const char text[] = "n: 1_0\nb: yes\nd: 5 minutes\np: 0%\nq: 12.5%\nh: 1h30m\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    int64_t n = 7, p = 7;
    bool b = false;
    wg_duration d = 7;
    ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err), &err);
    CU_ASSERT_FALSE(yaml_read_int(&doc, yaml_get(doc.root, "n"), "n", 0, 100, &n));
    CU_ASSERT_FALSE(yaml_read_bool(&doc, yaml_get(doc.root, "b"), "b", &b));
    CU_ASSERT_FALSE(yaml_read_duration(&doc, yaml_get(doc.root, "d"), "d", 0, WG_DAY, &d));
    CU_ASSERT_FALSE(yaml_read_percent(&doc, yaml_get(doc.root, "p"), "p", &p));
    CU_ASSERT_EQUAL(n, 7);
    CU_ASSERT_EQUAL(p, 7);
    CU_ASSERT_TRUE(yaml_read_percent(&doc, yaml_get(doc.root, "q"), "q", &p));
    CU_ASSERT_EQUAL(p, 125000);
    CU_ASSERT_TRUE(yaml_read_duration(&doc, yaml_get(doc.root, "h"), "h", 0, WG_DAY, &d));
    CU_ASSERT_EQUAL(d, 90 * WG_MINUTE);
    CU_ASSERT_EQUAL(doc.problem_count, 4);
    (void)yaml_doc_fail(&doc, &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(
        err.text, "f.yaml:1:4: error: n: expected a whole number from 0 to 100, got \"1_0\""));
    CU_ASSERT_PTR_NOT_NULL(
        strstr(err.text, "f.yaml:2:4: error: b: expected true or false, got \"yes\""));
    yaml_doc_clear(&doc);
}

/* Any bytes: an answer, no crash. */
static void mutations_never_crash(void)
{
    static const char text[] = "wavegate: 1\na: {b: [1, 'two', \"three\"], c: |\n  text\n}\n";
    uint64_t seed = 7;
    for (int round = 0; round < 20000; round++) {
        char copy[sizeof text];
        struct yaml_doc doc;
        struct wg_error err = {0};
        memcpy(copy, text, sizeof text);
        for (int i = 0; i < 3; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            copy[(seed >> 33) % (sizeof text - 1)] = (char)(seed >> 24);
        }
        bool ok = yaml_doc_parse(&doc, "f.yaml", copy, sizeof text - 1, &err);
        CU_ASSERT_EQUAL(ok, err.code == WG_OK);
        yaml_doc_clear(&doc);
    }
}

WG_SUITE("yaml_doc", {"values know their place", values_know_their_place},
         {"traps are refused at their place", traps_are_refused_at_their_place},
         {"a NUL is refused", a_nul_is_refused},
         {"typed reading says what was expected", typed_reading_says_what_was_expected},
         {"mutations never crash", mutations_never_crash})
