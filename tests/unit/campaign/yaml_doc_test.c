/* yaml_doc_test.c: what is read, where it stands, and what is refused. */
#include "orchestrator/yaml/yaml_doc.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOSTILE ((size_t)1024 * 1024) /* bytes of a file that means harm */
#define SECONDS_MAX 5.0               /* of the processor, with sanitizers on a slow machine */

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
        {"a: 1\na: 2\n",
         "f.yaml:2:1: error: the key \"a\" stands here twice: the first is in line 1"},
        {"a: &x 1\n", "f.yaml:1:4: error: anchors are not allowed"},
        {"a: &x [1]\n", "f.yaml:1:4: error: anchors are not allowed"},
        {"a: &x 1\nb: *x\n", "f.yaml:2:4: error: aliases are not allowed: write the value out"},
        {"a: !!int 1\n", "f.yaml:1:4: error: tags are not allowed"},
        {"a:\t1\n", "f.yaml:1:3: error: a tab is not allowed: use spaces"},
        {"a: 1\n\tb: 1\n", "f.yaml:2:1: error: a tab is not allowed: use spaces"},
        {"a: 1\n---\nb: 2\n", "f.yaml:2:1: error: a second document starts here"},
        {"---\n...\n---\n", "f.yaml:3:1: error: a second document starts here"},
        {"a: \"\\0\"\n", "f.yaml:1:4: error: a NUL character is not allowed"},
        {"a: 1\rb: 2\n", "f.yaml:1:5: error: a carriage return alone does not end a line"},
        {"a: \x1b[1m\n", "f.yaml:1:4: error: a control character is not allowed"},
        {"a: \xc2\x9b"
         "1m\n",
         "f.yaml:1:4: error: a control character is not allowed"},
        {"a: \xe2\x80\xa8\n", "f.yaml:1:4: error: a control character is not allowed"},
        {"\xff\xfe"
         "a",
         "f.yaml:1:1: error: the file is UTF-16: save it as UTF-8"},
        {"\xfe\xff", "f.yaml:1:1: error: the file is UTF-16: save it as UTF-8"},
        {"a: 1\nb: [1,\n  2\n", "that began in line 2, column 4"},
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

static void a_nul_is_refused_and_ends_the_reading(void)
{
    static const char text[] = "a: x\0y\nb: \0\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    CU_ASSERT_FALSE(yaml_doc_parse(&doc, "f.yaml", text, sizeof text - 1, &err));
    ASSERT_TEXT(err.text, "f.yaml:1:5: error: a NUL character is not allowed");
    yaml_doc_clear(&doc);
}

static void what_stops_no_reading_leaves_the_rest_to_be_judged(void)
{
    static const char text[] = "a:\n-\tx: 1 \t# one\nb: &x [1]\nc: *x\nd: [*x, *x]\na: 2\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    CU_ASSERT_FALSE(yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err));
    CU_ASSERT_EQUAL(doc.problem_count, 6);
    const struct yaml_value *alias = yaml_get(doc.root, "c");
    CU_ASSERT_PTR_NOT_NULL_FATAL(alias);
    yaml_doc_problem(&doc, alias, "more noise");
    yaml_doc_hint(&doc, "for nobody");
    CU_ASSERT_EQUAL(doc.problem_count, 6);
    ASSERT_TEXT(doc.problems[5].hint, "the first is in line 1");
    yaml_doc_clear(&doc);
}

/* What grows in the file, or would grow when it is read, costs no more than the file is long. */
static void hostile_files_are_refused_quickly(void)
{
    static const char *const units[] = {"[",    "{a: ",  "- ",     "? ",   "*a ",         "&a ",
                                        "!a ",  "\"\\",  "a: b\n", "'",    "[*a,*a,*a],", "|\n",
                                        "#\n",  ",",     "- - ",   "a\n ", "\t",          "\xff\n",
                                        "%A\n", "---\n", "a:\n "};
    char *text = malloc(HOSTILE);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t len = strlen(units[i]), whole = HOSTILE / len * len;
        struct yaml_doc doc;
        struct wg_error err = {0};
        for (size_t at = 0; at < whole; at += len) memcpy(text + at, units[i], len);
        clock_t start = clock();
        bool ok = yaml_doc_parse(&doc, "f.yaml", text, whole, &err);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        if (seconds > SECONDS_MAX) printf("\n    unit %zu: %.1f s\n", i, seconds);
        CU_ASSERT_TRUE(seconds <= SECONDS_MAX);
        CU_ASSERT_EQUAL(ok, err.code == WG_OK);
        yaml_doc_clear(&doc);
    }
    free(text);
}

static void a_file_over_the_limit_is_refused(void)
{
    struct yaml_doc doc;
    struct wg_error err = {0};
    char *text = calloc(1, YAML_DOC_BYTES_MAX + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    CU_ASSERT_FALSE(yaml_doc_parse(&doc, "f.yaml", text, YAML_DOC_BYTES_MAX + 1, &err));
    ASSERT_TEXT(err.text, "f.yaml:1:1: error: the file is larger than 16777216 bytes");
    yaml_doc_clear(&doc);
    free(text);
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

static void hints_say_what_was_meant(void)
{
    static const char *const words[] = {"pause", "abort", "rollback", NULL};
    static const struct {
        const char *text, *told;
    } rows[] = {
        {"pasue", "w: expected pause, abort or rollback, got \"pasue\"|did you mean \"pause\"?"},
        {"ABORT", "w: expected pause, abort or rollback, got \"ABORT\"|did you mean \"abort\"?"},
        {"roll", "w: expected pause, abort or rollback, got \"roll\"|did you mean \"rollback\"?"},
        {"stop", "w: expected pause, abort or rollback, got \"stop\"|"},
        {"[a]", "w: expected pause, abort or rollback, got a list|"},
        {"", "w: expected pause, abort or rollback, got nothing|"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64], told[600];
        struct yaml_doc doc;
        struct wg_error err = {0};
        size_t index = 7;
        (void)snprintf(text, sizeof text, "w: %s", rows[i].text);
        ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err), &err);
        CU_ASSERT_FALSE(yaml_read_choice(&doc, yaml_get(doc.root, "w"), "w", words, &index));
        CU_ASSERT_EQUAL(index, 7);
        CU_ASSERT_EQUAL_FATAL(doc.problem_count, 1);
        (void)snprintf(told, sizeof told, "%s|%s", doc.problems[0].text, doc.problems[0].hint);
        ASSERT_TEXT(told, rows[i].told);
        yaml_doc_clear(&doc);
    }
}

static void a_choice_is_read(void)
{
    static const char *const words[] = {"pause", "abort", NULL};
    static const char text[] = "w: 'abort'\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    size_t index = 7;
    ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err), &err);
    CU_ASSERT_TRUE(yaml_read_choice(&doc, yaml_get(doc.root, "x"), "w", words, &index));
    CU_ASSERT_EQUAL(index, 7);
    CU_ASSERT_TRUE(yaml_read_choice(&doc, yaml_get(doc.root, "w"), "w", words, &index));
    CU_ASSERT_EQUAL(index, 1);
    yaml_doc_clear(&doc);
}

static void unknown_keys_get_the_nearest_or_all(void)
{
    static const char *const known[] = {"name", "remaining", NULL};
    static const char text[] = "remainig: 1\nzzz: 1\nname: 1\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err), &err);
    yaml_check_keys(&doc, doc.root, "a wave", known);
    CU_ASSERT_EQUAL_FATAL(doc.problem_count, 2);
    ASSERT_TEXT(doc.problems[0].hint, "did you mean \"remaining\"?");
    ASSERT_TEXT(doc.problems[1].hint, "its keys are name and remaining");
    yaml_doc_clear(&doc);
}

static void quotes_that_are_too_much_are_named(void)
{
    static const char text[] = "n: '5'\nb: 'true'\np: '5'\ny: Yes\nz: 'x'\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    int64_t n = 0;
    bool b = false;
    ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err), &err);
    CU_ASSERT_FALSE(yaml_read_int(&doc, yaml_get(doc.root, "n"), "n", 0, 10, &n));
    CU_ASSERT_FALSE(yaml_read_bool(&doc, yaml_get(doc.root, "b"), "b", &b));
    CU_ASSERT_FALSE(yaml_read_percent(&doc, yaml_get(doc.root, "p"), "p", &n));
    CU_ASSERT_FALSE(yaml_read_bool(&doc, yaml_get(doc.root, "y"), "y", &b));
    CU_ASSERT_FALSE(yaml_read_int(&doc, yaml_get(doc.root, "z"), "z", 0, 10, &n));
    CU_ASSERT_EQUAL_FATAL(doc.problem_count, 5);
    ASSERT_TEXT(doc.problems[0].hint, "remove the quotes");
    ASSERT_TEXT(doc.problems[1].hint, "remove the quotes");
    ASSERT_TEXT(doc.problems[2].hint, "remove the quotes, or write \"5%\"");
    ASSERT_TEXT(doc.problems[3].hint, "did you mean \"true\"?");
    ASSERT_TEXT(doc.problems[4].hint, "");
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
         {"a NUL is refused and ends the reading", a_nul_is_refused_and_ends_the_reading},
         {"what stops no reading leaves the rest to be judged",
          what_stops_no_reading_leaves_the_rest_to_be_judged},
         {"hostile files are refused quickly", hostile_files_are_refused_quickly},
         {"a file over the limit is refused", a_file_over_the_limit_is_refused},
         {"typed reading says what was expected", typed_reading_says_what_was_expected},
         {"hints say what was meant", hints_say_what_was_meant},
         {"a choice is read", a_choice_is_read},
         {"unknown keys get the nearest or all", unknown_keys_get_the_nearest_or_all},
         {"quotes that are too much are named", quotes_that_are_too_much_are_named},
         {"mutations never crash", mutations_never_crash})
