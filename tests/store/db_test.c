/* db_test.c: what a connection promises: its settings, and when it may be relied upon. */
#include "common/text.h"
#include "tests/store/ground.h"

#include <string.h>

static bool is_set(struct db *db, const char *name, const char *value)
{
    char sql[256];
    struct wg_error err = {0};
    (void)wg_format(sql, sizeof sql, "select current_setting('%s') = '%s'", name, value);
    PGresult *result = db_query_text(db, sql, 0, NULL, &err);
    bool ok = result && db_bool(result, 0, 0);
    PQclear(result);
    return ok;
}

static void settings_last_until_the_connection_is_opened_again(void)
{
    struct wg_error err = {0};
    struct db *db = ground_open();
    CU_ASSERT_FALSE(db_is_pooled(db));
    CU_ASSERT_TRUE(is_set(db, "TimeZone", "UTC"));
    CU_ASSERT_TRUE(is_set(db, "statement_timeout", "1min"));
    CU_ASSERT_TRUE(is_set(db, "jit", "off"));
    ASSERT_OK(db_set(db, "wavegate.test", "it's \\ 'mine'", &err), &err);
    CU_ASSERT_TRUE(is_set(db, "wavegate.test", "it''s \\ ''mine''"));
    ASSERT_OK(db_set(db, "statement_timeout", "5s", &err), &err);
    ASSERT_OK(db_begin(db, &err), &err);
    CU_ASSERT_TRUE(is_set(db, "statement_timeout", "5s"));
    ASSERT_OK(db_commit(db, &err), &err);
    ASSERT_OK(db_reconnect(db, &err), &err);
    CU_ASSERT_TRUE(is_set(db, "statement_timeout", "1min"));
    db_close(db);
}

/* As when nobody has a copy of it: the server gives up waiting, warns, and says COMMIT. */
static void a_commit_with_a_warning_is_none(void)
{
    struct wg_error err = {0};
    struct db *db = ground_open();
    ground_run(db, "create table doubt (n int)");
    ground_run(db, "create function doubt() returns trigger language plpgsql as $$ begin raise "
                   "warning 'canceling wait for synchronous replication'; return null; end $$");
    ground_run(db, "create constraint trigger doubt after insert on doubt deferrable initially "
                   "deferred for each row execute function doubt()");
    ASSERT_OK(db_begin(db, &err), &err);
    ground_run(db, "insert into doubt values (1)");
    CU_ASSERT_FALSE(db_commit(db, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DATABASE);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "may lose it again"));
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    ground_run(db, "drop table doubt");
    ground_run(db, "drop function doubt");
    db_close(db);
}

/* A server that another one has taken over from takes no more writes, and may never say good-bye.
 */
static void a_server_that_became_a_copy_is_left(void)
{
    struct wg_error err = {0};
    struct db *db = ground_open();
    ground_run(db, "set default_transaction_read_only = on");
    CU_ASSERT_TRUE(db_is_up(db));
    CU_ASSERT_FALSE(db_run_script(db, "create table refused (n int)", &err));
    CU_ASSERT_FALSE(db_is_up(db));
    CU_ASSERT_EQUAL(db_fd(db), -1);
    db_rollback(db);
    ASSERT_OK(db_reconnect(db, &err), &err);
    CU_ASSERT_TRUE(db_is_up(db));
    db_close(db);
}

/* What the server said on its way out may stand before the end of the stream: whoever looks at an
 * idle connection sees it at once. */
static void an_idle_connection_whose_server_left_is_seen(void)
{
    struct wg_error err = {0};
    bool notified = true;
    struct db *db = ground_open(), *other = ground_open();
    int pid = (int)ground_number(db, "select pg_backend_pid()");
    ASSERT_OK(db_drain(db, &notified, &err), &err);
    CU_ASSERT_FALSE(notified);
    ground_run(other, "select pg_terminate_backend(%d, 20000)", pid);
    CU_ASSERT_FALSE(db_drain(db, &notified, &err));
    CU_ASSERT_STRING_EQUAL(err.text, "database: the server has ended the session");
    CU_ASSERT_FALSE(db_is_up(db));
    CU_ASSERT_EQUAL(db_fd(db), -1);
    ASSERT_OK(db_reconnect(db, &err), &err);
    ASSERT_OK(db_drain(db, &notified, &err), &err);
    ground_run(db, "do $$ begin raise warning 'of no consequence'; end $$");
    CU_ASSERT_TRUE(db_is_up(db));
    ground_run(db, "do $$ begin raise warning 'crash of another server process' using errcode = "
                   "'57P02'; end $$");
    CU_ASSERT_FALSE(db_is_up(db));
    db_close(db);
    db_close(other);
}

struct last_words {
    int written, forgotten;
    bool fails;
};

static bool write_words(struct db *db, void *ctx, struct wg_error *err)
{
    struct last_words *words = ctx;
    words->written++;
    ground_run(db, "insert into words values (%d)", words->written);
    return !words->fails || wg_fail(err, WG_E_DATABASE, "no words");
}

static void forget_words(void *ctx)
{
    ((struct last_words *)ctx)->forgotten++;
}

static void check_words(struct db *db, const struct last_words *words, int written, int forgotten,
                        int there)
{
    CU_ASSERT_EQUAL(words->written, written);
    CU_ASSERT_EQUAL(words->forgotten, forgotten);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from words"), there);
    CU_ASSERT_PTR_NULL(db_last(db));
}

/* With the commit, and with no other transaction. */
static void what_is_written_last(void)
{
    struct wg_error err = {0};
    struct last_words words = {0};
    const struct db_last last = {write_words, forget_words, &words};
    struct db *db = ground_open();
    ground_run(db, "create table words (n int)");
    CU_ASSERT_FALSE(db_set_last(db, &last, &err));
    CU_ASSERT_EQUAL(words.forgotten, 0);
    for (int round = 0; round < 4; round++) {
        ASSERT_OK(db_begin(db, &err), &err);
        CU_ASSERT_PTR_NULL(db_last(db));
        ASSERT_OK(db_set_last(db, &last, &err), &err);
        CU_ASSERT_PTR_EQUAL(db_last(db), &words);
        CU_ASSERT_FALSE(db_set_last(db, &last, &err));
        words.fails = round == 1;
        if (round == 2)
            db_rollback(db);
        else if (round == 3)
            ASSERT_OK(db_reconnect(db, &err), &err);
        else
            CU_ASSERT_EQUAL(db_commit(db, &err), round == 0);
        check_words(db, &words, round == 0 ? 1 : 2, round + 1, 1);
    }
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    check_words(db, &words, 2, 4, 1);
    ground_run(db, "drop table words");
    db_close(db);
}

WG_SUITE("store.db",
         {"settings last until the connection is opened again",
          settings_last_until_the_connection_is_opened_again},
         {"a commit with a warning is none", a_commit_with_a_warning_is_none},
         {"a server that became a copy is left", a_server_that_became_a_copy_is_left},
         {"an idle connection whose server left is seen",
          an_idle_connection_whose_server_left_is_seen},
         {"what is written last", what_is_written_last})
