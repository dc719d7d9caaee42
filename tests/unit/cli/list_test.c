/* list_test.c: a table, CSV, names and JSON of the same rows; what a cell may hold. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/list.h"
#include "orchestrator/cli/usage.h"

#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

static void add_both(const json_t *row, struct wg_buf *out)
{
    wg_buf_printf(out, "%s/%s", list_text(row, "name"), list_text(row, "deep.er"));
}

static const struct list_column columns[] = {{"name", .key = "name"},
                                             {"both words", .write = add_both},
                                             {"count", .key = "count", .kind = LIST_NUMBER},
                                             {"seen", .key = "seen", .kind = LIST_TIME},
                                             {"hash", .key = "hash", .shown = 3},
                                             {NULL}};
static const struct list things = {"thing", "list", columns, .empty = "There is none."};

static json_t *one(const char *name)
{
    return json_pack("[{s:s,s:{s:s},s:i,s:s,s:s}]", "name", name, "deep", "er", "d", "count", -7,
                     "seen", "2026-12-01T09:00:00.000Z", "hash", "abcdef");
}

static void expect(enum screen_form form, const char *name, const char *text)
{
    struct screen screen;
    json_t *rows = name ? one(name) : json_array();
    screen_init(&screen, form, false);
    screen.terminal = screen.colour = false;
    list_add(&screen, &things, rows);
    ASSERT_TEXT(wg_buf_str(&screen.text), text);
    json_decref(rows);
    screen_clear(&screen);
}

static void in_zone(const char *zone)
{
    (void)setenv("TZ", zone, 1);
    tzset();
}

static void forms_come_from_one_description(void)
{
    in_zone("Europe/Berlin");
    expect(SCREEN_TEXT, "ecu",
           "NAME  BOTH WORDS  COUNT  SEEN                     HASH\n"
           "ecu   ecu/d       -7     2026-12-01 10:00:00 CET  abc\n");
    expect(SCREEN_CSV, "ecu",
           "name,both_words,count,seen,hash\r\n"
           "ecu,ecu/d,-7,2026-12-01T09:00:00.000Z,abcdef\r\n");
    expect(SCREEN_QUIET, "ecu", "ecu\n");
}

static void nothing_is_said_where_nothing_is(void)
{
    expect(SCREEN_TEXT, NULL, "There is none.\n");
    expect(SCREEN_CSV, NULL, "name,both_words,count,seen,hash\r\n");
    expect(SCREEN_QUIET, NULL, "");
}

static void formulas_are_harmless(void)
{
    static const char *const bad[] = {"=1+1", "+1", "-1", "@x", "\t=1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        char text[128];
        (void)wg_format(text, sizeof text,
                        "name,both_words,count,seen,hash\r\n'%s,'%s/d,-7,"
                        "2026-12-01T09:00:00.000Z,abcdef\r\n",
                        bad[i], bad[i]);
        expect(SCREEN_CSV, bad[i], text);
    }
    expect(SCREEN_CSV, "a,\"b\"\nc",
           "name,both_words,count,seen,hash\r\n\"a,\"\"b\"\"\nc\",\"a,\"\"b\"\"\nc/d\",-7,"
           "2026-12-01T09:00:00.000Z,abcdef\r\n");
}

static void a_row_is_a_line(void)
{
    in_zone("UTC");
    expect(SCREEN_QUIET, "a\nb\033[2J", "a b?[2J\n");
    expect(SCREEN_TEXT, "a\nb",
           "NAME  BOTH WORDS  COUNT  SEEN                     HASH\n"
           "a b   a b/d       -7     2026-12-01 09:00:00 UTC  abc\n");
}

static void other_text_does_not_disturb(void)
{
    struct screen screen;
    for (int form = SCREEN_CSV; form <= SCREEN_QUIET; form++) {
        screen_init(&screen, (enum screen_form)form, false);
        screen_text(&screen, "words");
        screen_coloured(&screen, SCREEN_BAD, "words");
        screen_time(&screen, 1);
        screen_bar(&screen, 10, 1, 1, 1, 10);
        screen_foreign(&screen, "words", 5);
        CU_ASSERT_EQUAL(screen.text.len, 0);
        screen_clear(&screen);
    }
}

/* Rule: a command of the verb list has all forms, and every list is a command's. */
static void every_list_has_a_description(void)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].verb, "list") == 0)
            CU_ASSERT_PTR_NOT_NULL(list_of(commands[i].noun, commands[i].verb));
    for (size_t i = 0; lists[i]; i++) {
        CU_ASSERT_PTR_NOT_NULL(command_find(lists[i]->noun, lists[i]->verb));
        for (size_t c = 0; lists[i]->columns[c].name; c++)
            CU_ASSERT_TRUE((lists[i]->columns[c].key != NULL) !=
                           (lists[i]->columns[c].write != NULL));
    }
}

WG_SUITE("lists", {"forms come from one description", forms_come_from_one_description},
         {"nothing is said where nothing is", nothing_is_said_where_nothing_is},
         {"formulas are harmless", formulas_are_harmless}, {"a row is a line", a_row_is_a_line},
         {"other text does not disturb", other_text_does_not_disturb},
         {"every list has a description", every_list_has_a_description})
