/* revise_test.c: what people and hooks said of an earlier revision says nothing of the next one. */
#include "orchestrator/store/gate_row.h"
#include "orchestrator/store/lease_row.h"
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

static const int64_t one_and_one[] = {1, 1};

/* The same again, as another revision; the first wave has opened. */
static void revise(struct db *db, int64_t id)
{
    static const char *const clauses[] = {"true"};
    static const bool no[] = {false};
    static const char *const no_conditions[WAVE_ROWS_MAX] = {0};
    static const int64_t sizes[] = {0, 1};
    char digest[WG_SHA256_HEX] = {0};
    struct wg_error err = {0};
    struct plan_counts counts;
    memset(digest, 'c', sizeof digest - 1);
    const struct plan_query query = {.clause_count = 1,
                                     .clauses = clauses,
                                     .component = "app",
                                     .version = "2.0.0",
                                     .hardware_model = "",
                                     .wave_count = 2,
                                     .clause_places = no,
                                     .clause_release = no,
                                     .clause_joined = no_conditions,
                                     .seed = "campaign",
                                     .wave_conditions = no_conditions,
                                     .revises = id,
                                     .kept_waves = 1};
    const struct campaign_new next = {.name = "campaign",
                                      .digest = digest,
                                      .text = "text",
                                      .canonical = "{}",
                                      .component = "app",
                                      .version = "2.0.0",
                                      .seed = "campaign",
                                      .state = "running",
                                      .author = "robin",
                                      .statement = "statement",
                                      .author_chain = "chain",
                                      .retry_attempts = 2,
                                      .retry_backoff = WG_MINUTE,
                                      .priority = 50,
                                      .after = "{}",
                                      .rollback_version = "",
                                      .wave_count = 2,
                                      .wave_names = {"lab", "canary"}};
    ASSERT_OK(plan_begin(db, &err), &err);
    ASSERT_OK(plan_count(db, &query, &counts, &err), &err);
    ASSERT_OK(plan_assign(db, &query, &counts, sizes, &err), &err);
    plan_counts_clear(&counts);
    ASSERT_OK(plan_revise(db, id, 1, &next, "changes", GROUND_NOW, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    ground_check_counts(db);
}

static struct db *open_campaign(int64_t *id)
{
    struct db *db = ground_fresh();
    ground_devices(db, 2);
    *id = ground_campaign(db, "campaign", 2, one_and_one);
    ground_run(db, "update wave set state = 'open' where number = 0");
    return db;
}

static const char *hook(struct db *db, struct campaign_row *row)
{
    struct wg_error err = {0};
    ASSERT_OK(campaign_row_get(db, "campaign", row, &err), &err);
    return row->waves[0].hook;
}

static void a_hook_answers_the_revision_that_it_was_asked_of(void)
{
    int64_t id, token = 0, again = 0;
    bool kept = false;
    struct wg_error err = {0};
    struct campaign_row *row = calloc(1, sizeof *row);
    struct db *db = open_campaign(&id);
    ASSERT_OK(lease_row_take(db, id, "a", WG_MINUTE, GROUND_NOW, &token, &err), &err);
    ASSERT_OK(gate_row_hook(db, id, 0, "running", "", token, GROUND_NOW, &kept, &err), &err);
    ASSERT_TEXT(hook(db, row), "running");
    revise(db, id);
    ASSERT_TEXT(hook(db, row), "");
    /* the answer comes late, to the same holder of the lease */
    ASSERT_OK(gate_row_hook(db, id, 0, "pass", "fine", token, GROUND_NOW, &kept, &err), &err);
    CU_ASSERT_FALSE(kept);
    ASSERT_TEXT(hook(db, row), "");
    ASSERT_OK(lease_row_take(db, id, "a", WG_MINUTE, GROUND_NOW, &again, &err), &err);
    CU_ASSERT_TRUE(again > token);
    ASSERT_OK(gate_row_hook(db, id, 0, "pass", "fine", again, GROUND_NOW, &kept, &err), &err);
    CU_ASSERT_TRUE(kept);
    ASSERT_TEXT(hook(db, row), "pass");
    free(row);
    db_close(db);
}

static const char *manual(struct db *db)
{
    return ground_text(db, "select manual || ' ' || manual_words from wave where number = 0");
}

static void a_gate_that_was_advanced_is_another_one_now(void)
{
    int64_t id;
    struct wg_error err = {0};
    struct db *db = open_campaign(&id);
    ASSERT_OK(
        wave_row_set_manual(db, id, 0, "open", "advance", "by anna", "anna", GROUND_NOW, &err),
        &err);
    ASSERT_TEXT(manual(db), "advance by anna");
    revise(db, id);
    ASSERT_TEXT(manual(db), " ");
    ASSERT_OK(wave_row_set_manual(db, id, 0, "open", "hold", "by anna", "anna", GROUND_NOW, &err),
              &err);
    revise(db, id);
    ASSERT_TEXT(manual(db), "hold by anna");
    db_close(db);
}

/* Read, revised, given anew, and only then judged. */
static void a_verdict_is_of_the_statement_that_was_read(void)
{
    int64_t id;
    size_t count = 0;
    struct wg_error err = {0};
    enum approval_verdict verdict;
    char refusal[APPROVAL_REFUSAL_MAX];
    struct approval_row *read = NULL, *given = calloc(1, sizeof *given);
    struct db *db = open_campaign(&id);
    given->campaign = id;
    (void)wg_copy(given->operator_name, sizeof given->operator_name, "bob");
    (void)wg_copy(given->statement, sizeof given->statement, "first");
    ASSERT_OK(approval_row_add(db, given, 0, GROUND_NOW, &err), &err);
    ASSERT_OK(approval_row_unchecked(db, &read, &count, &err), &err);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    revise(db, id);
    (void)wg_copy(given->statement, sizeof given->statement, "second");
    ASSERT_OK(approval_row_add(db, given, 0, GROUND_NOW, &err), &err);
    ASSERT_OK(approval_row_judge(db, &read[0], true, "", &err), &err);
    ASSERT_OK(approval_row_verdict(db, given, &verdict, refusal, &err), &err);
    CU_ASSERT_EQUAL(verdict, APPROVAL_UNJUDGED);
    ASSERT_OK(approval_row_judge(db, given, true, "", &err), &err);
    ASSERT_OK(approval_row_verdict(db, given, &verdict, refusal, &err), &err);
    CU_ASSERT_EQUAL(verdict, APPROVAL_VALID);
    free(read);
    free(given);
    db_close(db);
}

static void pairs_are_forgotten_wave_by_wave(void)
{
    int64_t id;
    struct wg_error err = {0};
    struct db *db = open_campaign(&id);
    ground_run(
        db, "insert into health_pair select %lld, 0, 'dev-000', 'dev-001', 1, 2, 'better', now()",
        (long long)id);
    ground_run(
        db, "insert into health_pair select %lld, 1, 'dev-001', 'dev-000', 1, 2, 'better', now()",
        (long long)id);
    ASSERT_OK(gate_row_forget_pairs(db, id, 0, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select min(wave) from health_pair"), 1);
    db_close(db);
}

WG_SUITE("store.revise",
         {"a hook answers the revision that it was asked of",
          a_hook_answers_the_revision_that_it_was_asked_of},
         {"a gate that was advanced is another one now",
          a_gate_that_was_advanced_is_another_one_now},
         {"a verdict is of the statement that was read",
          a_verdict_is_of_the_statement_that_was_read},
         {"pairs are forgotten wave by wave", pairs_are_forgotten_wave_by_wave})
