/* audit_chain_test.c: rows that were edited, deleted, reordered, cut off or made anew. */
#include "common/audit_chain.h"

#include "common/text.h"
#include "tests/unit/harness.h"

#include <string.h>

#define ROWS 5

/* Hashed by Python: json.dumps(row, sort_keys=True, separators=(',', ':'), ensure_ascii=False). */
static const char first[] =
    "{\"number\":1,\"at\":1764547200000,\"actor\":\"alice\",\"kind\":\"campaign\",\"subject\":"
    "\"c\","
    "\"detail\":{\"cause\":\"said \\\"go\\\" \\\\ caf\xc3\xa9\",\"held\":false},"
    "\"previous\":\"0000000000000000000000000000000000000000000000000000000000000000\","
    "\"hash\":\"14dc38f3b2d7dbf4a9e3bc784c1ee5dd875f43bbab5efcb2e4838a176aa46e13\"}";

/* A row that hangs on the chain as it should, and moves it on. */
static json_t *make(struct audit_chain *chain, const char *actor)
{
    struct wg_buf bytes;
    struct wg_error err = {0};
    json_t *row =
        json_pack("{s:I,s:I,s:s,s:s,s:s,s:{s:s},s:s}", "number", (json_int_t)chain->rows + 1, "at",
                  (json_int_t)1764547200000, "actor", actor, "kind", "campaign", "subject", "c",
                  "detail", "cause", "asked", "previous", chain->head);
    wg_buf_init(&bytes, AUDIT_ROW_MAX);
    ASSERT_OK(wg_json_canonical(row, &bytes, &err), &err);
    ASSERT_OK(wg_sha256_of(wg_buf_str(&bytes), bytes.len, chain->head, &err), &err);
    (void)json_object_set_new(row, "hash", json_string(chain->head));
    chain->rows++;
    wg_buf_clear(&bytes);
    return row;
}

static void make_all(json_t *rows[ROWS], const char *actor)
{
    struct audit_chain chain;
    audit_chain_init(&chain);
    for (size_t i = 0; i < ROWS; i++) rows[i] = make(&chain, actor);
}

static void drop_all(json_t *rows[ROWS])
{
    for (size_t i = 0; i < ROWS; i++) json_decref(rows[i]);
}

/* Reads count rows in the order of their indices; why it stopped, "" when it did not. */
static enum audit_break read_rows(json_t *rows[ROWS], const size_t *order, size_t count,
                                  struct audit_chain *chain, struct wg_error *err)
{
    enum audit_break what = AUDIT_HOLDS;
    wg_error_clear(err);
    audit_chain_init(chain);
    for (size_t i = 0; i < count; i++)
        if (!audit_chain_add(chain, rows[order[i]], &what, err)) break;
    return what;
}

static const size_t in_order[ROWS] = {0, 1, 2, 3, 4};

static void the_hash_is_that_of_the_canonical_row(void)
{
    struct audit_chain chain;
    struct wg_error err = {0};
    enum audit_break what;
    json_t *row = wg_json_parse(first, strlen(first), sizeof first, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(row);
    audit_chain_init(&chain);
    ASSERT_OK(audit_chain_add(&chain, row, &what, &err), &err);
    CU_ASSERT_EQUAL(chain.rows, 1);
    json_decref(row);
}

/* The same row with what newer ones say besides; hashed likewise. */
static void what_is_said_besides_is_hashed(void)
{
    static const char second[] =
        "{\"number\":1,\"at\":1764547200000,\"actor\":\"alice\",\"origin\":\"cli "
        "10.0.0.4\",\"kind\":"
        "\"campaign\",\"subject\":\"c\",\"detail\":{},\"before\":{\"state\":\"running\"},\"after\":"
        "{"
        "\"state\":\"paused\"},\"why\":\"caf\xc3\xa9\","
        "\"previous\":\"0000000000000000000000000000000000000000000000000000000000000000\","
        "\"hash\":\"3d4a32bbcfca83d501077d2c4a0e7b466597e7623e3ad7d5f890c488ee11a798\"}";
    static const char *const members[] = {"origin", "before", "after", "why"};
    for (size_t i = 0; i <= sizeof members / sizeof members[0]; i++) {
        struct audit_chain chain;
        struct wg_error err = {0};
        enum audit_break what;
        json_t *row = wg_json_parse(second, strlen(second), sizeof second, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(row);
        audit_chain_init(&chain);
        bool whole = i == sizeof members / sizeof members[0];
        if (!whole) (void)json_object_del(row, members[i]);
        CU_ASSERT_EQUAL(audit_chain_add(&chain, row, &what, &err), whole);
        CU_ASSERT_EQUAL(what, whole ? AUDIT_HOLDS : AUDIT_EDITED);
        json_decref(row);
    }
}

static void rows_in_order_hold(void)
{
    json_t *rows[ROWS];
    struct audit_chain chain;
    struct wg_error err;
    make_all(rows, "alice");
    CU_ASSERT_EQUAL(read_rows(rows, in_order, ROWS, &chain, &err), AUDIT_HOLDS);
    CU_ASSERT_EQUAL(chain.rows, ROWS);
    ASSERT_TEXT(chain.head, json_string_value(json_object_get(rows[ROWS - 1], "hash")));
    drop_all(rows);
}

static void expect_edited(const char *key, json_t *value)
{
    json_t *rows[ROWS];
    struct audit_chain chain;
    struct wg_error err;
    make_all(rows, "alice");
    (void)json_object_set_new(rows[2], key, value);
    CU_ASSERT_EQUAL(read_rows(rows, in_order, ROWS, &chain, &err), AUDIT_EDITED);
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 3 was edited"));
    drop_all(rows);
}

static void every_word_of_a_row_counts(void)
{
    expect_edited("at", json_integer(1764547200001));
    expect_edited("actor", json_string("bob"));
    expect_edited("kind", json_string("wave"));
    expect_edited("subject", json_string("d"));
    expect_edited("detail", json_pack("{s:s}", "cause", "other"));
    expect_edited("detail", json_pack("{s:f}", "cause", 1.5));
    expect_edited("more", json_true());
    expect_edited("hash", json_string("x"));
    expect_edited("number", json_string("3"));
}

static void a_deleted_row_is_missing(void)
{
    static const size_t without_third[] = {0, 1, 3, 4}, without_first[] = {1, 2, 3, 4};
    json_t *rows[ROWS];
    struct audit_chain chain;
    struct wg_error err;
    make_all(rows, "alice");
    CU_ASSERT_EQUAL(read_rows(rows, without_third, 4, &chain, &err), AUDIT_MISSING);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 3 is missing"));
    CU_ASSERT_EQUAL(read_rows(rows, without_first, 4, &chain, &err), AUDIT_MISSING);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 1 is missing"));
    /* and the others numbered anew */
    (void)json_object_set_new(rows[3], "number", json_integer(3));
    CU_ASSERT_EQUAL(read_rows(rows, without_third, 4, &chain, &err), AUDIT_MOVED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 3 does not follow"));
    drop_all(rows);
}

static void reordered_rows_do_not_follow(void)
{
    static const size_t swapped[] = {0, 1, 3, 2, 4}, again[] = {0, 1, 1, 2, 3};
    json_t *rows[ROWS];
    struct audit_chain chain;
    struct wg_error err;
    make_all(rows, "alice");
    CU_ASSERT_EQUAL(read_rows(rows, swapped, ROWS, &chain, &err), AUDIT_MISSING);
    CU_ASSERT_EQUAL(read_rows(rows, again, ROWS, &chain, &err), AUDIT_MOVED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 2 is out of order"));
    (void)json_object_set_new(rows[2], "number", json_integer(4));
    (void)json_object_set_new(rows[3], "number", json_integer(3));
    CU_ASSERT_EQUAL(read_rows(rows, swapped, ROWS, &chain, &err), AUDIT_MOVED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 3 does not follow"));
    drop_all(rows);
}

/* Its own hash made right again: the next one tells. */
static void a_row_that_was_replaced_is_told_by_the_next(void)
{
    json_t *rows[ROWS];
    struct audit_chain chain;
    struct wg_error err;
    make_all(rows, "alice");
    audit_chain_init(&chain);
    json_decref(make(&chain, "alice"));
    json_decref(rows[1]);
    rows[1] = make(&chain, "bob");
    CU_ASSERT_EQUAL(read_rows(rows, in_order, ROWS, &chain, &err), AUDIT_MOVED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 3 does not follow on row 2"));
    drop_all(rows);
}

static bool meets(const char *noted, const struct audit_chain *at, const struct audit_chain *end,
                  struct wg_error *err)
{
    struct audit_head head;
    wg_error_clear(err);
    ASSERT_OK(audit_head_parse(noted, &head, err), err);
    audit_head_look(&head, at);
    audit_head_look(&head, end);
    return audit_head_check(&head, end, err);
}

static void a_noted_head_tells_of_a_log_that_was_cut_or_made_anew(void)
{
    static const size_t cut[] = {0, 1, 2};
    json_t *rows[ROWS], *others[ROWS];
    struct audit_chain whole, early, other;
    struct wg_error err;
    char noted[AUDIT_HEAD_TEXT], earlier[AUDIT_HEAD_TEXT];
    make_all(rows, "alice");
    make_all(others, "bob");
    CU_ASSERT_EQUAL(read_rows(rows, in_order, ROWS, &whole, &err), AUDIT_HOLDS);
    CU_ASSERT_EQUAL(read_rows(rows, cut, 3, &early, &err), AUDIT_HOLDS);
    CU_ASSERT_EQUAL(read_rows(others, in_order, ROWS, &other, &err), AUDIT_HOLDS);
    audit_chain_text(&whole, noted);
    audit_chain_text(&early, earlier);
    CU_ASSERT_TRUE(meets(noted, &early, &whole, &err));
    CU_ASSERT_TRUE(meets(earlier, &early, &whole, &err));
    CU_ASSERT_TRUE(meets(whole.head, &early, &whole, &err));
    CU_ASSERT_FALSE(meets(noted, &early, &early, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 4 is missing"));
    CU_ASSERT_FALSE(meets(whole.head, &early, &early, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "cut off at row 4"));
    (void)wg_format(noted, sizeof noted, "4:%s", whole.head);
    CU_ASSERT_FALSE(meets(noted, &early, &whole, &err));
    audit_chain_text(&whole, noted);
    CU_ASSERT_FALSE(meets(noted, &other, &other, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "row 5 is not the one that was noted"));
    drop_all(rows);
    drop_all(others);
}

static void what_is_no_head_is_refused(void)
{
    static const char *const bad[] = {
        "",
        "x",
        "5:",
        "5:abc",
        "-1:",
        ":",
        "0:0000000000000000000000000000000000000000000000000000000000000000",
        "5x:0000000000000000000000000000000000000000000000000000000000000000",
        " 5:0000000000000000000000000000000000000000000000000000000000000000",
        "99999999999999999999:0000000000000000000000000000000000000000000000000000000000000000",
        "000000000000000000000000000000000000000000000000000000000000000G"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct audit_head head;
        struct wg_error err = {0};
        CU_ASSERT_FALSE(audit_head_parse(bad[i], &head, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
    }
}

WG_SUITE("store.audit_chain",
         {"the hash is that of the canonical row", the_hash_is_that_of_the_canonical_row},
         {"what is said besides is hashed", what_is_said_besides_is_hashed},
         {"rows in order hold", rows_in_order_hold},
         {"every word of a row counts", every_word_of_a_row_counts},
         {"a deleted row is missing", a_deleted_row_is_missing},
         {"reordered rows do not follow", reordered_rows_do_not_follow},
         {"a row that was replaced is told by the next",
          a_row_that_was_replaced_is_told_by_the_next},
         {"a noted head tells of a log that was cut or made anew",
          a_noted_head_tells_of_a_log_that_was_cut_or_made_anew},
         {"what is no head is refused", what_is_no_head_is_refused})
