/* migrate_test.c: the schema comes about once, whoever starts, and speaks the words of the C
 * tables.
 */
#include "orchestrator/engine/engine.h"
#include "tests/store/ground.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define STARTERS 4

struct starter {
    struct db *db;
    int applied;
    bool ok;
};

static void *start(void *arg)
{
    struct starter *starter = arg;
    struct wg_error err = {0};
    starter->ok = migrate(starter->db, &starter->applied, &err);
    if (!starter->ok) printf("\n    %s\n", err.text);
    return NULL;
}

static void one_of_several_that_start_at_once_migrates(void)
{
    struct starter starters[STARTERS] = {{0}};
    pthread_t threads[STARTERS];
    struct wg_error err = {0};
    int applied = 0;
    starters[0].db = ground_open();
    ground_run(starters[0].db, "drop schema public cascade");
    ground_run(starters[0].db, "create schema public");
    CU_ASSERT_FALSE(migrate_check(starters[0].db, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    for (int i = 1; i < STARTERS; i++) starters[i].db = ground_open();
    for (int i = 0; i < STARTERS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, start, &starters[i]), 0);
    for (int i = 0; i < STARTERS; i++) {
        pthread_join(threads[i], NULL);
        CU_ASSERT_TRUE(starters[i].ok);
        applied += starters[i].applied;
    }
    CU_ASSERT_TRUE(applied > 0);
    CU_ASSERT_EQUAL(ground_number(starters[0].db, "select count(*) from schema_migration"),
                    applied);
    for (int i = 0; i < STARTERS; i++) db_close(starters[i].db);
}

static void a_second_time_nothing_is_left_to_do(void)
{
    struct wg_error err = {0};
    int applied = -1;
    struct db *db = ground_fresh();
    ASSERT_OK(migrate(db, &applied, &err), &err);
    CU_ASSERT_EQUAL(applied, 0);
    ASSERT_OK(migrate_check(db, &err), &err);
    db_close(db);
}

static void a_database_that_is_ahead_is_refused(void)
{
    struct wg_error err = {0};
    struct db *db = ground_fresh();
    ground_run(db, "insert into schema_migration (number, name) select max(number) + 1, 'later' "
                   "from schema_migration");
    CU_ASSERT_FALSE(migrate(db, NULL, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    CU_ASSERT_FALSE(migrate_check(db, &err));
    ground_run(db, "delete from schema_migration where name = 'later'");
    ASSERT_OK(migrate(db, NULL, &err), &err);
    db_close(db);
}

/* The check of a column must name exactly these words, each once. */
static void check_words(struct db *db, const char *table, const char *column,
                        const char *(*text)(int), int count)
{
    char given[4096];
    int64_t quoted = ground_number(
        db,
        "select (length(d) - length(replace(d, '''', ''))) / 2 from (select "
        "pg_get_constraintdef(oid) as d from pg_constraint where conname = '%s_%s_check') x",
        table, column);
    (void)wg_copy(given, sizeof given,
                  ground_text(db,
                              "select pg_get_constraintdef(oid) from pg_constraint where "
                              "conname = '%s_%s_check'",
                              table, column));
    CU_ASSERT_EQUAL(quoted, count);
    for (int i = 0; i < count; i++) {
        char word[128];
        (void)snprintf(word, sizeof word, "'%s'::text", text(i));
        if (!strstr(given, word)) printf("\n    %s.%s does not know %s\n", table, column, word);
        CU_ASSERT_PTR_NOT_NULL(strstr(given, word));
    }
}

static const char *state_word(int i)
{
    return wg_state_text((enum wg_state)i);
}
static const char *cause_word(int i)
{
    return wg_cause_text((enum wg_cause)i);
}
static const char *campaign_word(int i)
{
    return campaign_state_text((enum campaign_state)i);
}
static const char *wave_word(int i)
{
    return wave_state_text((enum wave_state)i);
}

static void words_in_checks_are_those_of_the_tables(void)
{
    struct db *db = ground_fresh();
    check_words(db, "place", "state", state_word, WG_STATES);
    check_words(db, "place", "cause", cause_word, WG_CAUSES);
    check_words(db, "campaign", "state", campaign_word, CAMPAIGN_STATES);
    check_words(db, "wave", "state", wave_word, WAVE_STATES);
    db_close(db);
}

static void check_states_in_hand(struct db *db, const char *query)
{
    char given[4096];
    (void)wg_copy(given, sizeof given, ground_text(db, "%s", query));
    for (int i = 0; i < WG_STATES; i++) {
        char word[128];
        enum wg_state state = (enum wg_state)i;
        bool in_hand = state == WG_DEFERRED || wg_state_is_in_flight(state);
        (void)snprintf(word, sizeof word, "'%s'::text", wg_state_text(state));
        CU_ASSERT_EQUAL(strstr(given, word) != NULL, in_hand);
    }
}

/* A column lists states by hand: they must be the tables' set. */
static void what_is_in_hand_is_every_state_in_hand(void)
{
    struct db *db = ground_fresh();
    check_states_in_hand(db, "select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d "
                             "join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum "
                             "where a.attrelid = 'place'::regclass and a.attname = 'in_hand'");
    db_close(db);
}

/* The indexes of places know states by their stage alone. */
static void a_stage_is_made_of_the_states_that_it_names(void)
{
    static const int64_t one[] = {1};
    struct db *db = ground_fresh();
    ground_devices(db, 1);
    (void)ground_campaign(db, "campaign", 1, one);
    ground_run(db, "update place set state_at = wg_at(2000), check_at = wg_at(1000)");
    for (int i = 0; i < WG_STATES; i++) {
        enum wg_state state = (enum wg_state)i;
        bool failed = state == WG_FAILED || state == WG_ROLLED_BACK;
        const char *stage = wg_state_goes_on(state) ? "going"
                            : failed                ? "failed"
                                                    : wg_state_text(state);
        ground_run(db, "update place set state = '%s'", wg_state_text(state));
        ASSERT_TEXT(ground_text(db, "select stage from place"), stage);
        CU_ASSERT_EQUAL(ground_number(db, "select wg_ms(stage_at) from place"),
                        wg_state_goes_on(state) ? 1000 : 2000);
    }
    db_close(db);
}

WG_SUITE("store.migrate",
         {"one of several that start at once migrates", one_of_several_that_start_at_once_migrates},
         {"a second time nothing is left to do", a_second_time_nothing_is_left_to_do},
         {"a database that is ahead is refused", a_database_that_is_ahead_is_refused},
         {"words in checks are those of the tables", words_in_checks_are_those_of_the_tables},
         {"what is in hand is every state in hand", what_is_in_hand_is_every_state_in_hand},
         {"a stage is made of the states that it names",
          a_stage_is_made_of_the_states_that_it_names})
