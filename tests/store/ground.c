/* ground.c: makes devices, campaigns and messages for the store's tests. */
#include "tests/store/ground.h"

#include "orchestrator/link/verdict.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct intake_result result;

struct db *ground_open(void)
{
    struct wg_error err = {0};
    struct db *db = db_open("", "store test", &err);
    if (!db) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(db);
    return db;
}

struct db *ground_fresh(void)
{
    struct wg_error err = {0};
    struct db *db = ground_open();
    ASSERT_OK(migrate(db, NULL, &err), &err);
    ground_run(db,
               "truncate device, device_software, device_tag, device_group, campaign_revision, "
               "release_form, release_approval, release_companion, release, campaign, wave, alarm, "
               "wave_count, place, update_order, report, rejected, transition, approval, "
               "lease, hook_answer, device_metric, device_log, health_pair, offer, "
               "device_question, erasure, person, session, token, sign_in_failure, "
               "setup_link, openid_try, openid_link, invitation, outcome_count, fleet_day, "
               "fleet_day_version, "
               "fleet_day_finding, change, software_change, removal");
    return db;
}

static PGresult *ask(struct db *db, const char *format, va_list args)
{
    char sql[4096];
    struct wg_error err = {0};
    CU_ASSERT_TRUE_FATAL(wg_format_args(sql, sizeof sql, format, args));
    PGresult *rows = db_query_text(db, sql, 0, NULL, &err);
    if (!rows) printf("\n    %s: %s\n", sql, err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(rows);
    return rows;
}

void ground_run(struct db *db, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PQclear(ask(db, format, args));
    va_end(args);
}

int64_t ground_number(struct db *db, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    PGresult *rows = ask(db, format, args);
    va_end(args);
    int64_t number = PQntuples(rows) > 0 ? db_int(rows, 0, 0) : -1;
    PQclear(rows);
    return number;
}

const char *ground_text(struct db *db, const char *format, ...)
{
    static char text[16384];
    va_list args;
    va_start(args, format);
    PGresult *rows = ask(db, format, args);
    va_end(args);
    text[0] = '\0';
    if (PQntuples(rows) > 0) db_copy(rows, 0, 0, text, sizeof text);
    PQclear(rows);
    return text;
}

struct intake_item *ground_items(size_t count)
{
    struct intake_item *items = calloc(count, sizeof *items);
    CU_ASSERT_PTR_NOT_NULL_FATAL(items);
    return items;
}

void ground_hello(struct intake_item *item, const char *device)
{
    memset(item, 0, sizeof *item);
    struct wg_hello *hello = &item->as.hello;
    item->kind = INTAKE_HELLO;
    item->received = GROUND_NOW;
    (void)wg_copy(item->device, sizeof item->device, device);
    hello->online = true;
    (void)wg_copy(hello->boot, sizeof hello->boot, GROUND_BOOT);
    (void)wg_copy(hello->journal, sizeof hello->journal, GROUND_JOURNAL);
    (void)wg_copy(hello->agent, sizeof hello->agent, "1.0.0");
    (void)wg_copy(hello->hardware_model, sizeof hello->hardware_model, "box");
    (void)wg_copy(hello->hardware_revision, sizeof hello->hardware_revision, "C");
    (void)wg_copy(hello->region, sizeof hello->region, "DE");
    (void)wg_copy(hello->attributes, sizeof hello->attributes, "{}");
    hello->component_count = 1;
    (void)wg_copy(hello->components[0].name, sizeof hello->components[0].name, "app");
    (void)wg_copy(hello->components[0].version, sizeof hello->components[0].version, "1.0.0");
}

void ground_will(struct intake_item *item, const char *device, const char *boot)
{
    memset(item, 0, sizeof *item);
    item->kind = INTAKE_HELLO;
    item->received = GROUND_NOW;
    (void)wg_copy(item->device, sizeof item->device, device);
    (void)wg_copy(item->as.hello.boot, sizeof item->as.hello.boot, boot);
}

void ground_report(struct intake_item *item, const char *device, int64_t seq, const char *order,
                   enum wg_state state)
{
    memset(item, 0, sizeof *item);
    struct wg_report *report = &item->as.report;
    item->kind = INTAKE_REPORT;
    item->received = GROUND_NOW;
    (void)wg_copy(item->device, sizeof item->device, device);
    (void)wg_copy(report->journal, sizeof report->journal, GROUND_JOURNAL);
    (void)wg_copy(report->order, sizeof report->order, order);
    (void)wg_copy(report->campaign, sizeof report->campaign, "campaign");
    report->seq = seq;
    report->attempt = 1;
    report->state = state;
}

static const struct policy_retry *two_attempts(void *ctx, int64_t campaign, const char *digest)
{
    static const struct policy_retry retry = {.attempts = 2, .backoff = WG_MINUTE};
    (void)ctx;
    (void)campaign;
    (void)digest;
    return &retry;
}

const struct intake_result *ground_take(struct db *db, const struct intake_item *items,
                                        size_t count)
{
    struct wg_error err = {0};
    struct verdict verdict = {.retry = two_attempts};
    ASSERT_OK(
        intake_commit(db, items, count, verdict_of_report, &verdict, GROUND_NOW, &result, &err),
        &err);
    return &result;
}

int64_t ground_answer(const struct intake_result *taken, const char *device)
{
    for (size_t i = 0; i < taken->answer_count; i++)
        if (strcmp(taken->answers[i].device, device) == 0) return taken->answers[i].seq;
    return -1;
}

void ground_devices(struct db *db, int count)
{
    struct intake_item *items = ground_items((size_t)count);
    for (int i = 0; i < count; i++) {
        char device[WG_NAME_MAX + 1];
        (void)snprintf(device, sizeof device, "dev-%03d", i);
        ground_hello(&items[i], device);
    }
    (void)ground_take(db, items, (size_t)count);
    free(items);
}

static void add_release(struct db *db)
{
    struct wg_error err = {0};
    bool added = false;
    struct release_row row = {.length = 1000, .added_at = GROUND_NOW};
    (void)wg_copy(row.component, sizeof row.component, "app");
    (void)wg_copy(row.version, sizeof row.version, "2.0.0");
    (void)wg_copy(row.added_by, sizeof row.added_by, "robin");
    memset(row.sha256, 'a', sizeof row.sha256 - 1);
    ASSERT_OK(release_row_add(db, &row, NULL, &added, &err), &err);
}

int64_t ground_campaign(struct db *db, const char *name, size_t waves, const int64_t *sizes)
{
    static const char *const names[] = {"lab", "canary", "early", "rest"};
    static const char *const clauses[] = {"true"};
    static const bool no[] = {false};
    static const char *const no_conditions[WAVE_ROWS_MAX] = {0};
    char digest[WG_SHA256_HEX] = {0};
    struct wg_error err = {0};
    struct plan_counts counts;
    int64_t id = 0;
    memset(digest, 'b', sizeof digest - 1);
    struct plan_query query = {.clause_count = 1,
                               .clauses = clauses,
                               .component = "app",
                               .version = "2.0.0",
                               .hardware_model = "",
                               .wave_count = waves,
                               .clause_places = no,
                               .clause_release = no,
                               .clause_joined = no_conditions,
                               .seed = name,
                               .wave_conditions = no_conditions};
    struct campaign_new campaign = {.name = name,
                                    .digest = digest,
                                    .text = "text",
                                    .canonical = "{}",
                                    .component = "app",
                                    .version = "2.0.0",
                                    .seed = name,
                                    .state = "running",
                                    .author = "robin",
                                    .statement = "statement",
                                    .author_chain = "chain",
                                    .retry_attempts = 2,
                                    .retry_backoff = WG_MINUTE,
                                    .priority = 50,
                                    .after = "{}",
                                    .rollback_version = "",
                                    .wave_count = waves};
    for (size_t i = 0; i < waves; i++) campaign.wave_names[i] = names[i];
    add_release(db);
    ASSERT_OK(plan_begin(db, &err), &err);
    ASSERT_OK(plan_count(db, &query, &counts, &err), &err);
    ASSERT_OK(plan_assign(db, &query, &counts, sizes, &err), &err);
    plan_counts_clear(&counts);
    ASSERT_OK(plan_insert(db, &campaign, GROUND_NOW, &id, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    return id;
}

int64_t ground_claim(struct db *db, int64_t campaign, size_t wave, int64_t limit, wg_time now)
{
    struct wg_error err = {0};
    struct place_claimed claimed;
    const struct place_claim claim = {.campaign = campaign, .wave = wave, .limit = limit};
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(place_claim(db, &claim, now, &claimed, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    return claimed.offered;
}

void ground_order(struct db *db, int64_t campaign, const char *device, char out[WG_ORDER_ID_MAX])
{
    const char *text =
        ground_text(db, "select order_id from place where campaign_id = %lld and device_id = '%s'",
                    (long long)campaign, device);
    (void)wg_copy(out, WG_ORDER_ID_MAX, text);
}

const char *ground_state(struct db *db, int64_t campaign, const char *device)
{
    return ground_text(
        db,
        "select rtrim(state || ' ' || cause) from place where campaign_id = %lld and "
        "device_id = '%s'",
        (long long)campaign, device);
}

void ground_check_counts(struct db *db)
{
    static const char recount[] =
        "with recount as (select campaign_id, wave, state, case when state in ('succeeded', "
        "'failed', 'rolled-back', 'silent', 'withdrawn', 'superseded', 'satisfied') then cause "
        "else '' end as "
        "cause, count(*) as devices from place where campaign_id not in (select campaign_id from "
        "removal) group by 1, 2, 3, 4), kept as (select * from "
        "wave_count where devices <> 0) select count(*) from ((table recount except table kept) "
        "union all (table kept except table recount)) x";
    CU_ASSERT_EQUAL(ground_number(db, "%s", recount), 0);
}

struct order_due *ground_orders(struct order_lot *lot, size_t *count)
{
    struct order_due *out = calloc(lot->count + 1, sizeof *out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    *count = 0;
    while (*count < lot->count && order_lot_next(lot, &out[*count])) *count += 1;
    CU_ASSERT_FALSE(order_lot_next(lot, &out[*count]));
    CU_ASSERT_EQUAL(*count, lot->count);
    order_lot_clear(lot);
    return out;
}
