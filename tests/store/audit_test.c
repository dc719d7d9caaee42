/* audit_test.c: what people and the engine do is in the log, in the transaction that did it, and
 * the log is one chain. */
#include "orchestrator/store/audit_find.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/device_import.h"
#include "orchestrator/store/group_row.h"
#include "tests/store/ground.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WRITERS 4
#define ROUNDS 25

static const int64_t all_of_two[] = {2};

struct reading {
    struct audit_chain chain;
    enum audit_break what;
};

static bool read_one(void *ctx, const json_t *row, struct wg_error *err)
{
    struct reading *reading = ctx;
    return audit_chain_add(&reading->chain, row, &reading->what, err);
}

static bool read_log(struct db *db, struct reading *out, struct wg_error *err)
{
    audit_chain_init(&out->chain);
    out->what = AUDIT_HOLDS;
    return audit_find_each(db, 1, INT64_MAX, read_one, out, err);
}

/* The database and C hash alike; how many rows there are. */
static int64_t hold(struct db *db)
{
    struct reading reading;
    struct wg_error err = {0};
    ASSERT_OK(audit_row_settle(db, &err), &err);
    ASSERT_OK(read_log(db, &reading, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit_told"), 0);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit"), reading.chain.rows);
    return reading.chain.rows;
}

/* "actor kind subject detail" of the newest row. */
static const char *newest(struct db *db)
{
    return ground_text(db, "select actor || ' ' || kind || ' ' || subject || ' ' || "
                           "wg_canonical(detail) from audit order by number desc limit 1");
}

static struct db *fresh(void)
{
    struct db *db = ground_fresh();
    ground_run(db, "truncate audit");
    return db;
}

static void a_new_database_begins_a_log(void)
{
    struct db *db = ground_open();
    struct wg_error err = {0};
    ground_run(db, "drop schema public cascade");
    ground_run(db, "create schema public");
    ASSERT_OK(migrate(db, NULL, &err), &err);
    CU_ASSERT_EQUAL(hold(db), 1);
    ASSERT_TEXT(newest(db), "engine log audit {\"transitions_before\":0}");
    db_close(db);
}

static void a_transition_is_a_row_with_cause_and_actor(void)
{
    static const struct campaign_move pause = {
        .from = "running", .to = "paused", .cause = "by \"alice\"", .actor = "alice", .held = true};
    struct db *db = fresh();
    struct wg_error err = {0};
    ground_devices(db, 2);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_two), before = hold(db);
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(campaign_row_move(db, id, &pause, GROUND_NOW, &err), &err);
    ASSERT_OK(wave_row_set_manual(db, id, 0, "pending", "hold", "not yet", "bob", GROUND_NOW, &err),
              &err);
    ASSERT_OK(db_commit(db, &err), &err);
    CU_ASSERT_EQUAL(hold(db), before + 2);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(newest(db), "bob wave campaign {\"cause\":\"gate held not yet\""));
    ASSERT_TEXT(ground_text(db,
                            "select concat_ws(' ', actor, kind, wg_ms(at), detail->>'from', "
                            "detail->>'to', detail->>'cause', detail->>'held') from audit "
                            "where number = %lld",
                            (long long)before + 1),
                "alice campaign 1764547200000 running paused by \"alice\" true");
    db_close(db);
}

static void what_was_rolled_back_was_not_done(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(device_row_tag(db, "dev-1", "lab", true, GROUND_NOW, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit_told"), 1);
    db_rollback(db);
    CU_ASSERT_EQUAL(hold(db), 0);
    ASSERT_OK(device_row_tag(db, "dev-1", "lab", true, GROUND_NOW, &err), &err);
    CU_ASSERT_EQUAL(hold(db), 1);
    ASSERT_OK(device_row_tag(db, "dev-1", "lab", true, GROUND_NOW, &err), &err);
    CU_ASSERT_EQUAL(hold(db), 1);
    db_close(db);
}

static void what_is_done_to_devices_names_who_did_it(void)
{
    static const char *const ids[] = {"dev-1"};
    struct db *db = fresh();
    struct wg_error err = {0};
    int64_t changed = 0;
    ASSERT_OK(audit_row_actor(db, "dave", &err), &err);
    ASSERT_OK(device_row_tag(db, "dev-1", "lab", true, GROUND_NOW, &err), &err);
    ASSERT_TEXT(newest(db), "dave tag dev-1 {\"given\":true,\"tag\":\"lab\"}");
    ASSERT_OK(device_row_tag(db, "dev-1", "lab", false, GROUND_NOW, &err), &err);
    ASSERT_TEXT(newest(db), "dave tag dev-1 {\"given\":false,\"tag\":\"lab\"}");
    ASSERT_OK(group_row_add(db, "g", ids, 1, &changed, &err), &err);
    ASSERT_TEXT(newest(db), "dave group g {\"added\":1,\"named\":[\"dev-1\"]}");
    ASSERT_OK(group_row_delete(db, "g", &changed, &err), &err);
    ASSERT_TEXT(newest(db), "dave group g {\"named\":[],\"removed\":1}");
    ground_run(db, "update device set age_recipient = 'age1' || repeat('q', 58)");
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "dave device dev-1 {\"age_recipient\":\"age1qqq"));
    struct db *other = ground_open();
    ground_run(other, "update device set revoked_at = now()");
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "login:postgres device dev-1 "));
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "\"revoked\":true"));
    CU_ASSERT_EQUAL(hold(db), 6);
    db_close(other);
    db_close(db);
}

static void an_approval_and_what_became_of_it_are_rows(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    ground_devices(db, 2);
    struct approval_row row = {.campaign = ground_campaign(db, "campaign", 1, all_of_two),
                               .wave = APPROVAL_START,
                               .operator_name = "bob",
                               .role = "rollout-admin",
                               .statement = "signed",
                               .chain = "chain"};
    memset(row.digest, 'a', sizeof row.digest - 1);
    int64_t before = hold(db);
    ASSERT_OK(approval_row_add(db, &row, 0, GROUND_NOW, &err), &err);
    ASSERT_TEXT(ground_text(db,
                            "select actor || kind || subject || (detail->>'operator') from audit "
                            "order by number desc limit 1"),
                "bobapprovalcampaignbob");
    for (int again = 0; again < 2; again++) /* the same verdict again tells nothing new */
        ASSERT_OK(approval_row_judge(db, &row, false, "no such role", &err), &err);
    ASSERT_TEXT(ground_text(db,
                            "select actor || kind || (detail->>'valid') || (detail->>'refusal') "
                            "from audit order by number desc limit 1"),
                "engineapproval-judgedfalseno such role");
    CU_ASSERT_EQUAL(hold(db), before + 2);
    db_close(db);
}

static void who_joins_a_campaign_later_is_counted(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    char id[24];
    ground_devices(db, 2);
    (void)snprintf(id, sizeof id, "%lld",
                   (long long)ground_campaign(db, "campaign", 1, all_of_two));
    const char *const params[] = {id, "0", "17"};
    int64_t before = hold(db);
    ASSERT_OK(db_run(db, SQL_AUDIT_JOINED, 3, params, NULL, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "engine members campaign {\"joined\":17,"));
    CU_ASSERT_EQUAL(hold(db), before + 1);
    db_close(db);
}

static void an_import_is_one_row_with_its_counts(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct import_result result;
    struct device_import *import = device_import_new(db, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(import);
    for (int i = 0; i < 3; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "dev-%d", i);
        struct import_row row = {.line = i + 1, .id = id, .hardware_model = "m"};
        ASSERT_OK(device_import_row(import, &row, &err), &err);
    }
    ASSERT_OK(device_import_merge(import, GROUND_NOW, &result, &err) && db_commit(db, &err), &err);
    device_import_free(import);
    ASSERT_TEXT(newest(db),
                "login:postgres import registry {\"changed\":0,\"new\":3,\"refused\":0}");
    CU_ASSERT_EQUAL(hold(db), 1);
    db_close(db);
}

static void what_devices_say_writes_no_row(void)
{
    struct db *db = fresh();
    struct intake_item *items = ground_items(2);
    ground_devices(db, 2);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_two);
    char order[WG_ORDER_ID_MAX];
    CU_ASSERT_EQUAL(ground_claim(db, id, 0, 2, GROUND_NOW), 2);
    int64_t before = hold(db);
    ground_order(db, id, "dev-000", order);
    ground_hello(&items[0], "dev-000");
    ground_report(&items[1], "dev-000", 1, order, WG_FAILED);
    (void)ground_take(db, items, 2);
    ASSERT_TEXT(ground_state(db, id, "dev-000"), "failed");
    CU_ASSERT_EQUAL(hold(db), before);
    free(items);
    db_close(db);
}

static void any_text_is_hashed_alike(void)
{
    static const char *const texts[] = {"\"",        "\\",
                                        "a\\\"b",    "\x01\x02\t\r\n\x7f",
                                        "\xc3\xa9",  "\xf0\x9f\x98\x80 \xe2\x80\xa8",
                                        "</script>", "'; drop",
                                        "%s"};
    struct db *db = fresh();
    struct wg_error err = {0};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        ASSERT_OK(audit_row_add(db, texts[i], texts[i],
                                json_pack("{s:s,s:[s,I,n,b,{}],s:{s:[],s:s},s:I}", texts[i],
                                          texts[i], "list", texts[i], (json_int_t)-1, 1, "aa", "b",
                                          "", texts[i], "z", (json_int_t)INT64_MAX),
                                GROUND_NOW, &err),
                  &err);
    CU_ASSERT_EQUAL(hold(db), sizeof texts / sizeof texts[0]);
    db_close(db);
}

static void *write_rows(void *arg)
{
    struct db *db = arg;
    struct wg_error err = {0};
    for (int i = 0; i < ROUNDS; i++)
        for (int j = 0; j < 2; j++)
            if ((j == 0 && !db_begin(db, &err)) ||
                !audit_row_add(db, "test", "s", json_pack("{s:i}", "round", i), GROUND_NOW, &err) ||
                (j == 1 && !db_commit(db, &err)))
                printf("\n    %s\n", err.text);
    return NULL;
}

static void many_at_once_make_one_chain(void)
{
    struct db *db = fresh(), *writers[WRITERS];
    pthread_t threads[WRITERS];
    for (size_t i = 0; i < WRITERS; i++) {
        writers[i] = ground_open();
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, write_rows, writers[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
        db_close(writers[i]);
    }
    CU_ASSERT_EQUAL(hold(db), (int64_t)WRITERS * ROUNDS * 2);
    db_close(db);
}

/* As "campaign apply" does: it sees the log as it was when it began. */
static void what_another_isolation_tells_is_chained_behind_it(void)
{
    struct db *db = fresh(), *other = ground_open();
    struct wg_error err = {0};
    for (int told_next = 0; told_next < 2; told_next++) {
        ASSERT_OK(db_begin(db, &err), &err);
        ground_run(db, "set transaction isolation level repeatable read");
        CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit"), (int64_t)told_next * 3);
        ASSERT_OK(audit_row_add(other, "test", "first", json_object(), GROUND_NOW, &err), &err);
        ASSERT_OK(audit_row_add(db, "test", "second", json_object(), GROUND_NOW, &err), &err);
        ASSERT_OK(audit_row_add(other, "test", "also", json_object(), GROUND_NOW, &err), &err);
        ASSERT_OK(db_commit(db, &err), &err);
        CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit_told"), 1);
        if (told_next == 1)
            ASSERT_OK(audit_row_add(other, "test", "next", json_object(), GROUND_NOW, &err), &err);
        else
            ASSERT_OK(audit_row_settle(db, &err), &err);
        CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit_told"), 0);
    }
    ASSERT_TEXT(ground_text(db, "select string_agg(subject, ' ' order by number) from audit"),
                "first also second first also second next");
    CU_ASSERT_EQUAL(hold(db), 7);
    db_close(other);
    db_close(db);
}

/* ---- from where, before, after, why ---- */

static const char *more(struct db *db)
{
    return ground_text(db,
                       "select concat_ws(' | ', origin, wg_canonical(before), wg_canonical(after), "
                       "why) from audit order by number desc limit 1");
}

static void a_row_says_from_where_and_what_was_before(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    ASSERT_OK(device_row_tag(db, "dev-1", "lab", true, GROUND_NOW, &err), &err);
    ASSERT_TEXT(more(db), "sql | {\"given\":false} | {\"given\":true}");
    ASSERT_OK(audit_row_origin(db, "cli", &err), &err);
    bool changed;
    ASSERT_OK(db_begin(db, &err) &&
                  device_row_revoke(db, "dev-1", true, "stolen", GROUND_NOW, &changed, &err) &&
                  db_commit(db, &err),
              &err);
    ASSERT_TEXT(more(db), "cli | {\"revoked\":false} | {\"revoked\":true} | stolen");
    ASSERT_OK(audit_row_origin(db, "https 10.0.0.4", &err), &err);
    ground_run(db, "update device set quarantined_at = now()");
    ASSERT_TEXT(more(db), "https 10.0.0.4 | {\"quarantined\":false} | {\"quarantined\":true}");
    ground_run(db, "update device set quarantined_at = now()"); /* it was already */
    CU_ASSERT_EQUAL(hold(db), 3);
    db_close(db);
}

static void a_state_that_was_kept_says_what_changed_beside_it(void)
{
    static const struct campaign_move hold_it = {
        .from = "paused", .to = "paused", .cause = "held by alice", .actor = "alice", .held = true};
    struct db *db = fresh();
    struct wg_error err = {0};
    ground_devices(db, 2);
    int64_t id = ground_campaign(db, "campaign", 1, all_of_two);
    ground_run(db, "update campaign set state = 'paused'");
    ASSERT_OK(db_begin(db, &err) && campaign_row_move(db, id, &hold_it, GROUND_NOW, &err), &err);
    ASSERT_OK(wave_row_set_manual(db, id, 0, "pending", "hold", "not yet", "bob", GROUND_NOW, &err),
              &err);
    ASSERT_OK(db_commit(db, &err), &err);
    ASSERT_TEXT(ground_text(db, "select string_agg(concat_ws(' ', kind, wg_canonical(before), "
                                "wg_canonical(after)), ', ' order by number) from "
                                "(select * from audit order by number desc limit 2) a"),
                "campaign {\"held\":false} {\"held\":true}, wave {\"manual\":\"\"} "
                "{\"manual\":\"hold\"}");
    (void)hold(db);
    db_close(db);
}

static void secrets_are_taken_out_of_what_goes_through_here(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    const struct audit_change change = {
        .kind = "test",
        .subject = "s",
        .why = "the password=hunter2hunter2",
        .detail = json_pack("{s:[s]}", "list", "AGE-SECRET-KEY-1QQPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L"),
        .before = json_pack("{s:s}", "url", "https://me:hunter2hunter2@host/"),
        .after = json_pack("{s:s}", "text", "plain")};
    ASSERT_OK(audit_row_change(db, &change, &err), &err);
    CU_ASSERT_PTR_NULL(strstr(more(db), "hunter2"));
    CU_ASSERT_PTR_NOT_NULL(strstr(more(db), "plain"));
    CU_ASSERT_PTR_NULL(strstr(newest(db), "1QQPZRY"));
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "[removed]"));
    ASSERT_OK(audit_row_plain("--reason", "ticket 4711: the pump was loud", &err), &err);
    CU_ASSERT_FALSE(audit_row_plain("--reason", "password=hunter2hunter2", &err));
    CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
    CU_ASSERT_EQUAL(hold(db), 1);
    db_close(db);
}

/* ---- refusals ---- */

static void refuse(struct db *db, const char *who, const char *origin, const char *what)
{
    struct wg_error err = {0};
    const struct audit_refusal refusal = {.who = who,
                                          .origin = origin,
                                          .what = what,
                                          .subject = "c",
                                          .why = "not yours",
                                          .detail = json_pack("{s:s}", "code", "not-allowed")};
    ASSERT_OK(audit_row_refused(db, &refusal, &err), &err);
}

static struct db *refusing(void)
{
    struct db *db = fresh();
    ground_run(db, "truncate audit_refusal");
    return db;
}

static void a_refusal_outlives_what_was_rolled_back(void)
{
    struct db *db = refusing();
    struct wg_error err = {0};
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(device_row_tag(db, "dev-1", "lab", true, GROUND_NOW, &err), &err);
    refuse(db, "sue", NULL, "device tag");
    ASSERT_TEXT(newest(db), "sue refused c {\"code\":\"not-allowed\",\"what\":\"device tag\"}");
    ASSERT_TEXT(more(db), "sql | not yours");
    refuse(db, NULL, "https 10.0.0.4", "GET /people");
    ASSERT_TEXT(newest(db),
                "login:postgres refused c {\"code\":\"not-allowed\",\"what\":\"GET /people\"}");
    CU_ASSERT_EQUAL(hold(db), 2);
    db_close(db);
}

static void the_same_again_is_counted(void)
{
    struct db *db = refusing();
    struct wg_error err = {0};
    for (int i = 0; i < 50; i++) refuse(db, "sue", "cli", "device tag");
    refuse(db, "sue", "cli", "device revoke");
    CU_ASSERT_EQUAL(hold(db), 2);
    ground_run(db, "update audit_refusal set since = since - interval '59 s'");
    ASSERT_OK(audit_row_settle(db, &err), &err);
    CU_ASSERT_EQUAL(hold(db), 2);
    ground_run(db, "update audit_refusal set since = since - interval '2 s'");
    ASSERT_OK(audit_row_settle(db, &err), &err);
    CU_ASSERT_EQUAL(hold(db), 3);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "sue refused c {\"repeated\":49,\"since\":"));
    refuse(db, "sue", "cli", "device tag"); /* a new minute */
    CU_ASSERT_EQUAL(hold(db), 4);
    db_close(db);
}

static void names_that_are_made_up_flood_nothing(void)
{
    struct db *db = refusing();
    char who[24], origin[24];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(who, sizeof who, "name-%d", i);
        refuse(db, who, "https 10.0.0.4", "sign in");
    }
    CU_ASSERT_EQUAL(hold(db), 21);
    CU_ASSERT_EQUAL(ground_number(db, "select times from audit_refusal where actor = '*'"), 79);
    for (int i = 0; i < 400; i++) {
        (void)snprintf(origin, sizeof origin, "https 10.0.1.%d", i);
        refuse(db, "x", origin, "sign in");
    }
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit_refusal"), 201);
    CU_ASSERT_EQUAL(hold(db), 201);
    db_close(db);
}

/* ---- search ---- */

static void fill(struct db *db)
{
    ground_run(db, "insert into audit_told (at, actor, kind, subject, detail) "
                   "select to_timestamp(1764547200) + n * interval '1 s', 'actor-' || n %% 7, "
                   "'kind-' || n %% 3, 'subject-' || n %% 90, jsonb_build_object('n', n) "
                   "from generate_series(1, 12000) n");
}

/* All pages; how many rows, and in how many pages. */
static size_t pages(struct db *db, struct audit_query query, size_t *count)
{
    struct wg_error err = {0};
    size_t rows = 0;
    int64_t next = 0, last = INT64_MAX;
    *count = 0;
    do {
        json_t *page = audit_find(db, &query, &next, &err), *row;
        size_t i;
        CU_ASSERT_PTR_NOT_NULL_FATAL(page);
        json_array_foreach(page, i, row)
        {
            int64_t number = json_integer_value(json_object_get(row, "number"));
            CU_ASSERT_TRUE(number < last);
            last = number;
        }
        rows += json_array_size(page);
        CU_ASSERT_TRUE(json_array_size(page) <= query.limit);
        json_decref(page);
        query.before = next;
    } while (next > 0 && ++*count < 1000);
    ++*count;
    return rows;
}

static void pages_hold_every_row_once(void)
{
    struct db *db = fresh();
    size_t count;
    fill(db);
    const wg_time begin = 1764547200000;
    const struct {
        struct audit_query query;
        size_t rows, pages;
    } cases[] = {
        {{.limit = 1000}, 12000, 12},
        {{.limit = 7, .subject = "subject-5"}, 134, 20},
        {{.limit = 1000, .actor = "actor-3"}, 1714, 2},
        {{.limit = 1000, .kind = "kind-1", .actor = "actor-0"}, 572, 1},
        {{.limit = 1000, .since = begin + 11000000}, 1001, 4},
        {{.limit = 1000, .until = begin + 11000}, 10, 3},
        {{.limit = 1000, .since = begin + 5000, .until = begin + 9000}, 4, 3},
        {{.limit = 10, .text = "SUBJECT-77"}, 133, 16},
        {{.limit = 10, .text = "nobody"}, 0, 3},
        {{.limit = 10, .subject = "nothing"}, 0, 1},
        {{.limit = 10, .since = begin + 99000000000}, 0, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t rows = pages(db, cases[i].query, &count);
        if (rows != cases[i].rows || count > cases[i].pages)
            printf("\n    case %zu: %zu rows, %zu pages\n", i, rows, count);
        CU_ASSERT_EQUAL(rows, cases[i].rows);
        CU_ASSERT_TRUE(count <= cases[i].pages);
    }
    db_close(db);
}

static void expect_broken(struct db *db, enum audit_break what, const char *words)
{
    struct reading reading;
    struct wg_error err = {0};
    CU_ASSERT_FALSE(read_log(db, &reading, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    CU_ASSERT_EQUAL(reading.what, what);
    if (!strstr(err.text, words)) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, words));
}

static void what_was_done_to_the_log_is_found(void)
{
    struct db *db = fresh();
    (void)write_rows(db);
    ground_run(db, "create table kept as select * from audit");
    static const struct {
        const char *sql;
        enum audit_break what;
        const char *words;
    } deeds[] = {
        {"update audit set actor = 'bob' where number = 7", AUDIT_EDITED, "row 7 was edited"},
        {"update audit set detail = '{\"round\": 3.5}' where number = 7", AUDIT_EDITED,
         "row 7 was"},
        {"update audit set at = at + interval '1 ms' where number = 7", AUDIT_EDITED, "row 7 was"},
        {"update audit set detail = to_jsonb(repeat('x', 70000)) where number = 7", AUDIT_EDITED,
         "row 7 was"},
        {"delete from audit where number = 7", AUDIT_MISSING, "row 7 is missing"},
        {"delete from audit where number < 7", AUDIT_MISSING, "row 1 is missing"},
        {"update audit set number = 900 where number = 7; update audit set number = 7 where number "
         "= "
         "8; update audit set number = 8 where number = 900",
         AUDIT_MOVED, "row 7 does not follow"},
    };
    for (size_t i = 0; i < sizeof deeds / sizeof deeds[0]; i++) {
        struct wg_error err = {0};
        ASSERT_OK(db_begin(db, &err) && db_run_script(db, deeds[i].sql, &err) &&
                      db_commit(db, &err),
                  &err);
        expect_broken(db, deeds[i].what, deeds[i].words);
        ground_run(db, "truncate audit");
        ground_run(db, "insert into audit select * from kept");
        CU_ASSERT_EQUAL(hold(db), (int64_t)ROUNDS * 2);
    }
    ground_run(db, "drop table kept");
    db_close(db);
}

WG_SUITE("store.audit", {"a new database begins a log", a_new_database_begins_a_log},
         {"a transition is a row with cause and actor", a_transition_is_a_row_with_cause_and_actor},
         {"what was rolled back was not done", what_was_rolled_back_was_not_done},
         {"a row says from where and what was before", a_row_says_from_where_and_what_was_before},
         {"a state that was kept says what changed beside it",
          a_state_that_was_kept_says_what_changed_beside_it},
         {"secrets are taken out of what goes through here",
          secrets_are_taken_out_of_what_goes_through_here},
         {"a refusal outlives what was rolled back", a_refusal_outlives_what_was_rolled_back},
         {"the same again is counted", the_same_again_is_counted},
         {"names that are made up flood nothing", names_that_are_made_up_flood_nothing},
         {"pages hold every row once", pages_hold_every_row_once},
         {"what is done to devices names who did it", what_is_done_to_devices_names_who_did_it},
         {"an approval and what became of it are rows", an_approval_and_what_became_of_it_are_rows},
         {"who joins a campaign later is counted", who_joins_a_campaign_later_is_counted},
         {"an import is one row with its counts", an_import_is_one_row_with_its_counts},
         {"what devices say writes no row", what_devices_say_writes_no_row},
         {"any text is hashed alike", any_text_is_hashed_alike},
         {"many at once make one chain", many_at_once_make_one_chain},
         {"what another isolation tells is chained behind it",
          what_another_isolation_tells_is_chained_behind_it},
         {"what was done to the log is found", what_was_done_to_the_log_is_found})
