/* presence_test.c: hellos and Last Wills that overtake each other within one boot: the number of
 * the connection tells which one is of now. */
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind { HELLO, TRIAL, WILL };

struct word {
    enum kind kind;
    int64_t link;
    const char *version; /* of a hello */
};

static void write(struct intake_item *item, const struct word *word)
{
    if (word->kind != WILL) {
        ground_hello(item, "dev-000");
        (void)wg_copy(item->as.hello.components[0].version, WG_VERSION_MAX, word->version);
    } else {
        ground_will(item, "dev-000", GROUND_BOOT);
    }
    item->as.hello.link = word->link;
    item->as.hello.trial = word->kind == TRIAL;
}

struct story {
    const char *name;
    struct word words[4];
    size_t count;
    const char *expected; /* online, and the version that it runs */
};

static const struct story stories[] = {
    {"a hello of an earlier connection", {{HELLO, 2, "2"}, {HELLO, 1, "1"}}, 2, "t 2"},
    {"and then that one's Last Will",
     {{HELLO, 2, "2"}, {HELLO, 1, "1"}, {WILL, 1, NULL}},
     3,
     "t 2"},
    {"a hello that is doubled", {{HELLO, 2, "2"}, {HELLO, 2, "3"}}, 2, "t 3"},
    {"a hello behind the end of its connection",
     {{HELLO, 2, "2"}, {WILL, 2, NULL}, {HELLO, 2, "2"}},
     3,
     "f 2"},
    {"a Last Will before its hello", {{HELLO, 1, "1"}, {WILL, 2, NULL}, {HELLO, 2, "1"}}, 3, "f 1"},
    {"a Last Will before its hello, while away",
     {{HELLO, 1, "1"}, {WILL, 1, NULL}, {WILL, 2, NULL}, {HELLO, 2, "1"}},
     4,
     "f 1"},
    {"the next connection",
     {{HELLO, 1, "1"}, {WILL, 1, NULL}, {HELLO, 2, "2"}, {WILL, 1, NULL}},
     4,
     "t 2"},
    {"a version on trial", {{HELLO, 1, "1"}, {TRIAL, 2, "2"}}, 2, "t 1"},
    {"a version that was on trial", {{TRIAL, 1, "2"}, {HELLO, 1, "2"}}, 2, "t 2"},
    {"no numbers are told", {{HELLO, 0, "1"}, {WILL, 0, NULL}, {HELLO, 0, "2"}}, 3, "t 2"},
};

static void check(struct db *db, const struct story *story, const char *how)
{
    const char *found =
        ground_text(db, "select left(d.online::text, 1) || ' ' || s.version from device d join "
                        "device_software s on s.device_id = d.id");
    if (strcmp(found, story->expected) != 0) printf("\n    %s, %s\n", story->name, how);
    ASSERT_TEXT(found, story->expected);
}

static void told_one_by_one(void)
{
    struct intake_item *item = ground_items(1);
    for (size_t s = 0; s < sizeof stories / sizeof stories[0]; s++) {
        struct db *db = ground_fresh();
        for (size_t i = 0; i < stories[s].count; i++) {
            write(item, &stories[s].words[i]);
            (void)ground_take(db, item, 1);
        }
        check(db, &stories[s], "one by one");
        db_close(db);
    }
    free(item);
}

static void told_in_one_batch(void)
{
    struct intake_item *items = ground_items(4);
    for (size_t s = 0; s < sizeof stories / sizeof stories[0]; s++) {
        struct db *db = ground_fresh();
        for (size_t i = 0; i < stories[s].count; i++) write(&items[i], &stories[s].words[i]);
        (void)ground_take(db, items, stories[s].count);
        check(db, &stories[s], "in one batch");
        db_close(db);
    }
    free(items);
}

/* The answer to an earlier hello would pass for one to a hello that was lost. */
static void who_counts_as_away_is_not_answered(void)
{
    struct db *db = ground_fresh();
    struct intake_item *item = ground_items(1);
    const struct word hello = {HELLO, 1, "1"}, late = {HELLO, 2, "1"}, will = {WILL, 2, NULL};
    const struct word again = {HELLO, 3, "1"};
    write(item, &hello);
    CU_ASSERT_EQUAL(ground_take(db, item, 1)->answer_count, 1);
    write(item, &will);
    CU_ASSERT_EQUAL(ground_take(db, item, 1)->answer_count, 0);
    write(item, &late);
    CU_ASSERT_EQUAL(ground_take(db, item, 1)->answer_count, 0);
    ground_report(item, "dev-000", 1, "00000000-0000-4000-8000-000000000000", WG_ACCEPTED);
    CU_ASSERT_EQUAL(ground_take(db, item, 1)->answer_count, 0);
    write(item, &again);
    CU_ASSERT_EQUAL(ground_answer(ground_take(db, item, 1), "dev-000"), 1);
    /* an agent that tells no numbers would wait for ever */
    ground_run(db, "update device set online = false, link = 0");
    ground_report(item, "dev-000", 2, "00000000-0000-4000-8000-000000000000", WG_ACCEPTED);
    CU_ASSERT_EQUAL(ground_answer(ground_take(db, item, 1), "dev-000"), 2);
    free(item);
    db_close(db);
}

/* Heard out of a trial boot it has not come to rest: who waits for it waits on. */
static void settled_by_what_it_runs_for_good(void)
{
    static const struct word words[] = {{TRIAL, 1, "2"}, {HELLO, 2, "2"}, {TRIAL, 3, "3"}};
    static const int64_t settled[] = {0, 1, 1};
    struct db *db = ground_fresh();
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct intake_item *item = ground_items(1);
        write(item, &words[i]);
        item->received = GROUND_NOW + (int64_t)i;
        (void)ground_take(db, item, 1);
        free(item);
        CU_ASSERT_EQUAL(ground_number(db, "select count(settled_at) from device"), settled[i]);
    }
    CU_ASSERT_EQUAL(ground_number(db, "select wg_ms(settled_at) from device"), GROUND_NOW + 1);
    db_close(db);
}

WG_SUITE("store.presence", {"told one by one", told_one_by_one},
         {"told in one batch", told_in_one_batch},
         {"who counts as away is not answered", who_counts_as_away_is_not_answered},
         {"settled by what it runs for good", settled_by_what_it_runs_for_good})
