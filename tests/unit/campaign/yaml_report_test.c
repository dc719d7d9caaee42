/* yaml_report_test.c: problems shown with their lines, and what of a file may reach a terminal. */
#include "orchestrator/yaml/yaml_doc.h"
#include "orchestrator/yaml/yaml_glyph.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The report of a document in which one problem stands at that place. */
static char *report_of(const char *text, size_t line, size_t column, const char *hint)
{
    struct yaml_doc doc;
    struct wg_error err = {0};
    struct wg_buf out;
    wg_buf_init(&out, YAML_DOC_REPORT_MAX);
    /* what the parser itself thinks of it is no matter here */
    if (!yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err)) doc.problem_count = 0;
    yaml_doc_problem_at(&doc, line, column, "wrong");
    if (hint) yaml_doc_hint(&doc, "%s", hint);
    yaml_doc_report(&doc, false, &out);
    yaml_doc_clear(&doc);
    return wg_buf_take(&out);
}

static void a_problem_is_shown_at_its_column(void)
{
    static const struct {
        const char *text;
        size_t line, column;
        const char *hint, *report;
    } rows[] = {
        {"a: 1\nb: [x, y]\n", 2, 8, "did you mean \"z\"?",
         "f.yaml:2:8: error: wrong\n    2 | b: [x, y]\n      |        ^\n"
         "      = hint: did you mean \"z\"?\n"},
        {"a: 1\r\nb: 2\r\n", 1, 4, NULL, "f.yaml:1:4: error: wrong\n    1 | a: 1\n      |    ^\n"},
        /* letters of two bytes, wide letters, marks that combine */
        {"\u00e9: \u00fc\n", 1, 4, NULL,
         "f.yaml:1:4: error: wrong\n    1 | \u00e9: \u00fc\n      |    ^\n"},
        {"\u65e5\u672c: x\n", 1, 5, NULL,
         "f.yaml:1:5: error: wrong\n    1 | \u65e5\u672c: x\n      |       ^\n"},
        {"e\u0301: x\n", 1, 5, NULL,
         "f.yaml:1:5: error: wrong\n    1 | e\u0301: x\n      |    ^\n"},
        /* behind the end of a line, the last line, the file */
        {"a:\n", 1, 4, NULL, "f.yaml:1:4: error: wrong\n    1 | a:\n      |    ^\n"},
        {"a: [", 1, 5, NULL, "f.yaml:1:5: error: wrong\n    1 | a: [\n      |     ^\n"},
        {"a: 1\n", 9, 1, "h", "f.yaml:9:1: error: wrong\n      = hint: h\n"},
        {"", 1, 1, NULL, "f.yaml:1:1: error: wrong\n    1 | \n      | ^\n"},
        /* what would steer a terminal or turn the writing round */
        {"\x1b[2J\xc2\x9b"
         "1m\xff: \u202ex\n",
         1, 11, NULL, "f.yaml:1:11: error: wrong\n    1 | ?[2J?1m?: ?x\n      |           ^\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *report = report_of(rows[i].text, rows[i].line, rows[i].column, rows[i].hint);
        ASSERT_TEXT(report, rows[i].report);
        free(report);
    }
}

static void a_long_line_is_cut_around_the_column(void)
{
    char text[600];
    memset(text, '.', sizeof text);
    text[0] = '[';
    text[299] = 'X';
    text[598] = ']';
    text[599] = '\0';
    char *report = report_of(text, 1, 300, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(report);
    const char *source = strchr(report, '\n') + 1, *mark = strchr(source, '\n') + 1;
    CU_ASSERT_TRUE(strlen(source) < 2 * 150);
    CU_ASSERT_EQUAL(strncmp(source, "    1 | ....", 12), 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(strchr(source, 'X'));
    CU_ASSERT_EQUAL(strchr(source, 'X') - source, strchr(mark, '^') - mark);
    free(report);
}

static void problems_come_in_the_order_of_the_file(void)
{
    static const char text[] = "a: 1\nb: 2\nc: 3\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", text, strlen(text), &err), &err);
    yaml_doc_problem(&doc, yaml_get(doc.root, "c"), "last");
    yaml_doc_problem(&doc, yaml_get(doc.root, "a"), "first");
    yaml_doc_hint(&doc, "of the first");
    yaml_doc_problem(&doc, yaml_get(doc.root, "b"), "middle");
    yaml_doc_problem(&doc, yaml_get(doc.root, "a"), "second");
    (void)yaml_doc_fail(&doc, &err);
    ASSERT_TEXT(err.text, "f.yaml:1:4: error: first: of the first\nf.yaml:1:4: error: second\n"
                          "f.yaml:2:4: error: middle\nf.yaml:3:4: error: last");
    yaml_doc_clear(&doc);
}

/* The first of the file are kept, whenever they were told, and the rest are counted. */
static void more_problems_than_are_kept_are_counted(void)
{
    struct yaml_doc doc;
    struct wg_error err = {0};
    struct wg_buf out;
    wg_buf_init(&out, YAML_DOC_REPORT_MAX);
    ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", "a: 1\n", 5, &err), &err);
    for (size_t i = 0; i < YAML_DOC_PROBLEMS_MAX + 10; i++) {
        yaml_doc_problem_at(&doc, 2000 - i, 1, "late");
        yaml_doc_hint(&doc, "%zu", i);
    }
    yaml_doc_problem_at(&doc, 3000, 1, "too late");
    yaml_doc_hint(&doc, "for nobody");
    CU_ASSERT_EQUAL(doc.problem_count, YAML_DOC_PROBLEMS_MAX + 11);
    CU_ASSERT_EQUAL(doc.problems[0].line, 2000 - YAML_DOC_PROBLEMS_MAX - 9);
    ASSERT_TEXT(doc.problems[YAML_DOC_PROBLEMS_MAX - 1].hint, "10");
    yaml_doc_report(&doc, false, &out);
    CU_ASSERT_FALSE(out.failed);
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&out), "f.yaml: and 11 more problems\n"));
    (void)yaml_doc_fail(&doc, &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, " more problems"));
    wg_buf_clear(&out);
    yaml_doc_clear(&doc);
}

static void json_has_what_a_tool_needs(void)
{
    static const char text[] = "a: 1\nb: \xc3\xa9\n";
    struct yaml_doc doc;
    struct wg_error err = {0};
    json_t *list = json_array();
    ASSERT_OK(yaml_doc_parse(&doc, "f\x1b.yaml", text, strlen(text), &err), &err);
    yaml_doc_problem(&doc, yaml_get(doc.root, "b"), "wrong");
    yaml_doc_hint(&doc, "right");
    yaml_doc_problem_at(&doc, 7, 1, "nowhere");
    CU_ASSERT_TRUE(yaml_doc_report_json(&doc, list));
    char *dump = json_dumps(list, JSON_COMPACT | JSON_SORT_KEYS);
    ASSERT_TEXT(dump, "[{\"column\":4,\"error\":\"wrong\",\"file\":\"f?.yaml\",\"hint\":\"right\","
                      "\"line\":2,\"source\":\"b: \xc3\xa9\"},{\"column\":1,\"error\":\"nowhere\","
                      "\"file\":\"f?.yaml\",\"hint\":null,\"line\":7,\"source\":null}]");
    free(dump);
    json_decref(list);
    yaml_doc_clear(&doc);
}

static void colour_is_put_on_when_asked(void)
{
    struct yaml_doc doc;
    struct wg_error err = {0};
    struct wg_buf out;
    wg_buf_init(&out, YAML_DOC_REPORT_MAX);
    ASSERT_OK(yaml_doc_parse(&doc, "f.yaml", "a: 1\n", 5, &err), &err);
    yaml_doc_problem(&doc, doc.root, "wrong \x1b[2J \u202e");
    yaml_doc_report(&doc, true, &out);
    ASSERT_TEXT(wg_buf_str(&out), "\033[1mf.yaml:1:1:\033[0m \033[1;31merror:\033[0m wrong ?[2J ?\n"
                                  "    1 | a: 1\n      | \033[1;32m^\033[0m\n");
    wg_buf_clear(&out);
    yaml_doc_clear(&doc);
}

/* Any bytes and places: no control character gets through, no crash. */
static void no_bytes_reach_the_terminal_as_they_are(void)
{
    uint64_t seed = 11;
    for (int round = 0; round < 3000; round++) {
        char text[60];
        for (size_t i = 0; i < sizeof text; i++) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            text[i] = (char)(seed >> 56);
        }
        text[sizeof text - 1] = '\0';
        char *report = report_of(text, 1 + (size_t)round % 3, 1 + (size_t)round % 70, text);
        CU_ASSERT_PTR_NOT_NULL_FATAL(report);
        for (const char *at = report; *at; at++)
            CU_ASSERT_TRUE((unsigned char)*at >= 0x20 || *at == '\n');
        free(report);
    }
}

WG_SUITE("yaml_report", {"a problem is shown at its column", a_problem_is_shown_at_its_column},
         {"a long line is cut around the column", a_long_line_is_cut_around_the_column},
         {"problems come in the order of the file", problems_come_in_the_order_of_the_file},
         {"more problems than are kept are counted", more_problems_than_are_kept_are_counted},
         {"JSON has what a tool needs", json_has_what_a_tool_needs},
         {"colour is put on when asked", colour_is_put_on_when_asked},
         {"no bytes reach the terminal as they are", no_bytes_reach_the_terminal_as_they_are})
