/* failures_test.c: what the store keeps of failures and successes, and the document made of it. */
#include "orchestrator/show/failures.h"
#include "orchestrator/store/failure_row.h"
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FLEET = 40 };
static const int64_t all_of_fleet[] = {FLEET};

static void devices(struct db *db)
{
    struct intake_item *items = ground_items(FLEET);
    for (int i = 0; i < FLEET; i++) {
        char device[WG_NAME_MAX + 1];
        (void)snprintf(device, sizeof device, "dev-%03d", i);
        ground_hello(&items[i], device);
        /* the first eight are of another revision */
        if (i < 8) (void)wg_copy(items[i].as.hello.hardware_revision, 2, "D");
    }
    (void)ground_take(db, items, FLEET);
    free(items);
}

/* By a report of that state, after all states on the way have been told in the same batch. */
static void end(struct db *db, int64_t campaign, int i, enum wg_state state, enum wg_cause cause,
                const char *detail)
{
    static const enum wg_state way[] = {WG_ACCEPTED, WG_DOWNLOADING, WG_INSTALLING, WG_REBOOTING};
    enum { WAY = sizeof way / sizeof way[0] };
    char device[WG_NAME_MAX + 1], order[WG_ORDER_ID_MAX];
    struct intake_item *items = ground_items(WAY + 1);
    (void)snprintf(device, sizeof device, "dev-%03d", i);
    ground_order(db, campaign, device, order);
    for (size_t n = 0; n <= WAY; n++)
        ground_report(&items[n], device, (int64_t)n + 1, order, n < WAY ? way[n] : state);
    items[WAY].received = GROUND_NOW + i * WG_SECOND;
    items[WAY].as.report.cause = cause;
    (void)wg_copy(items[WAY].as.report.detail, WG_DETAIL_MAX, detail);
    (void)ground_take(db, items, WAY + 1);
    free(items);
}

/* All of revision D fall back with numbered words, one of C fails otherwise, 31 succeed. */
static int64_t story(struct db *db)
{
    devices(db);
    int64_t campaign = ground_campaign(db, "campaign", 1, all_of_fleet);
    CU_ASSERT_EQUAL(ground_claim(db, campaign, 0, FLEET, GROUND_NOW), FLEET);
    for (int i = 0; i < FLEET; i++) {
        char words[64];
        (void)snprintf(words, sizeof words, "sensor %d of dev-%03d reads %d", i % 3, i, 4000 + i);
        if (i < 8)
            end(db, campaign, i, WG_ROLLED_BACK, WG_CAUSE_HEALTH, words);
        else if (i == 8)
            end(db, campaign, i, WG_FAILED, WG_CAUSE_VERIFY, "hash is not right");
        else
            end(db, campaign, i, WG_SUCCEEDED, WG_CAUSE_NONE, "");
    }
    return campaign;
}

static void it_is_kept_what_ran_and_where_it_ended(void)
{
    struct db *db = ground_fresh();
    int64_t campaign = story(db);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from place where from_version = '1.0.0'"),
                    FLEET);
    ASSERT_TEXT(ground_text(db, "select string_agg(distinct ended_in, ',') from place"),
                ",rebooting");
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from outcome_count where campaign_id = %lld",
                                  (long long)campaign),
                    4);
    CU_ASSERT_EQUAL(ground_number(db, "select min(devices) from outcome_count"), FLEET - 9);
    CU_ASSERT_EQUAL(ground_number(db, "select max(devices) from outcome_count"), FLEET - 9);
    ASSERT_TEXT(ground_text(db, "select string_agg(attribute || '=' || value, ' ' order by 1) from "
                                "(select attribute, value from outcome_count order by 1) o"),
                "from=1.0.0 hardware=box/C model=box region=DE");
    ground_check_counts(db);
    db_close(db);
}

static const json_t *at(const json_t *list, size_t index)
{
    const json_t *value = json_array_get(list, index);
    CU_ASSERT_PTR_NOT_NULL_FATAL(value);
    return value;
}

static const char *text(const json_t *object, const char *key)
{
    const char *found = json_string_value(json_object_get(object, key));
    return found ? found : "(none)";
}

static int64_t number(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static json_t *document(struct db *db, const struct failures_query *query)
{
    struct wg_error err = {0};
    json_t *out = failures_document(db, "campaign", query, &err);
    if (!out) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    return out;
}

static void numbered_failures_are_one_cause_and_its_revision_is_named(void)
{
    struct db *db = ground_fresh();
    (void)story(db);
    json_t *all = document(db, &(struct failures_query){.examples = 2});
    CU_ASSERT_EQUAL(number(all, "failed"), 9);
    CU_ASSERT_EQUAL(number(all, "succeeded"), FLEET - 9);
    CU_ASSERT_TRUE(json_is_true(json_object_get(all, "complete")));
    const json_t *groups = json_object_get(all, "groups");
    CU_ASSERT_EQUAL(json_array_size(groups), 2);
    const json_t *first = at(groups, 0);
    ASSERT_TEXT(text(first, "signature"), "sensor <n> of <device> reads <n>");
    ASSERT_TEXT(text(first, "cause"), "health");
    ASSERT_TEXT(text(first, "phase"), "probation");
    CU_ASSERT_EQUAL(number(first, "devices"), 8);
    ASSERT_TEXT(text(first, "first_at"), "2025-12-01T00:00:00.000Z");
    ASSERT_TEXT(text(first, "last_at"), "2025-12-01T00:00:07.000Z");
    const json_t *found = json_object_get(first, "over");
    CU_ASSERT_EQUAL_FATAL(json_array_size(found), 1);
    ASSERT_TEXT(text(at(found, 0), "field"), "hardware");
    ASSERT_TEXT(text(at(found, 0), "value"), "box/D");
    CU_ASSERT_EQUAL(number(at(found, 0), "succeeded"), 0);
    ASSERT_TEXT(json_string_value(at(json_object_get(first, "sample"), 0)), "dev-007");
    const json_t *examples = json_object_get(first, "examples");
    CU_ASSERT_EQUAL(json_array_size(examples), 2);
    ASSERT_TEXT(text(at(examples, 0), "device"), "dev-007");
    ASSERT_TEXT(text(at(examples, 0), "from"), "1.0.0");
    CU_ASSERT_EQUAL(number(json_object_get(first, "hardware"), "box/D"), 8);
    ASSERT_TEXT(json_string_value(at(json_object_get(first, "next"), 0)),
                "wavegate device explain dev-007 --campaign campaign");
    ASSERT_TEXT(text(at(groups, 1), "phase"), "downloading");
    CU_ASSERT_EQUAL(json_array_size(json_object_get(at(groups, 1), "over")), 0);
    json_decref(all);
    db_close(db);
}

static void a_wave_and_a_limit_narrow_it(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    (void)story(db);
    json_t *all = document(db, &(struct failures_query){.groups = 1, .wave = "lab"});
    CU_ASSERT_EQUAL(json_array_size(json_object_get(all, "groups")), 1);
    CU_ASSERT_EQUAL(number(all, "left_out"), 1);
    json_decref(all);
    CU_ASSERT_PTR_NULL(
        failures_document(db, "campaign", &(struct failures_query){.wave = "nowhere"}, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_PTR_NULL(
        failures_document(db, "nothing", &(struct failures_query){.groups = 0}, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    db_close(db);
}

static void the_newest_are_read(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    struct failure_list list;
    int64_t campaign = story(db);
    const struct failure_query query = {.campaign = campaign, .wave = -1, .limit = 3};
    ASSERT_OK(failure_list_read(db, &query, &list, &err), &err);
    CU_ASSERT_EQUAL_FATAL(list.count, 3);
    ASSERT_TEXT(list.rows[0].device, "dev-008");
    ASSERT_TEXT(list.rows[2].device, "dev-006");
    ASSERT_TEXT(list.rows[2].revision, "box/D");
    CU_ASSERT_EQUAL(list.rows[2].ended_in, WG_REBOOTING);
    failure_list_clear(&list);
    db_close(db);
}

WG_SUITE("store.failures",
         {"it is kept what ran and where it ended", it_is_kept_what_ran_and_where_it_ended},
         {"numbered failures are one cause and its revision is named",
          numbered_failures_are_one_cause_and_its_revision_is_named},
         {"a wave and a limit narrow it", a_wave_and_a_limit_narrow_it},
         {"the newest are read", the_newest_are_read})
