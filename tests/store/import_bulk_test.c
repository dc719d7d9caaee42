/* import_bulk_test.c: very many rows, and very many versions: the ways that only these go. */
#include "orchestrator/store/device_import.h"
#include "orchestrator/store/version_table.h"
#include "tests/store/ground.h"

#include <stdio.h>
#include <string.h>

enum { MANY = 120000, OTHERS = 110000 };

static struct import_result result;

static struct db *fresh(void)
{
    struct wg_error err = {0};
    struct db *db = ground_open();
    ASSERT_OK(migrate(db, NULL, &err), &err);
    ground_run(db, "truncate device, boundary cascade");
    return db;
}

static const char *const tags[] = {"a", "b"};
static const char *const groups[] = {"g"};
static const struct import_component software[] = {{"app", "1.2.3"}, {"boot", "oddly"}};

/* Devices dev-FROM to dev-(FROM + COUNT - 1), not in order of their ids. */
static void import_many(struct db *db, int from, int count)
{
    struct wg_error err = {0};
    char id[32];
    struct import_row row = {.id = id,
                             .region = "DE",
                             .position = IMPORT_POSITION_THERE,
                             .lat = 48.25,
                             .lon = -11.5,
                             .tags = tags,
                             .tag_count = 2,
                             .groups = groups,
                             .group_count = 1,
                             .components = software,
                             .component_count = 2,
                             .attributes = "{\"line\": 5}"};
    struct device_import *import = device_import_new(db, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(import);
    for (int i = 0; i < count; i++) {
        (void)snprintf(id, sizeof id, "dev-%d", from + i);
        row.line = i + 2;
        ASSERT_OK(device_import_row(import, &row, &err), &err);
    }
    ASSERT_OK(device_import_merge(import, GROUND_NOW, &result, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    device_import_free(import);
}

static void check_whole(struct db *db, int64_t devices)
{
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device"), devices);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device_software"), devices * 2);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device_tag"), devices * 2);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device_group"), devices);
}

static const char *schema(struct db *db)
{
    return ground_text(
        db, "select string_agg(def, E'\\n' order by def) from (select pg_get_indexdef(indexrelid) "
            "as def from pg_index where indrelid::regclass::text like 'device%%' union all select "
            "conrelid::regclass || pg_get_constraintdef(oid) from pg_constraint where "
            "conrelid::regclass::text like 'device%%' union all select oid::regclass || "
            "reloptions::text from pg_class where relname like 'device%%') x");
}

/* A table that was seen empty must not be read again for each row that goes in. */
static void a_bulk_leaves_the_schema_as_it_was(void)
{
    static char before[16384];
    struct db *db = fresh();
    ground_run(db, "alter table device_tag set (parallel_workers = 1)");
    ground_run(db, "vacuum device, device_software, device_tag, device_group");
    (void)wg_copy(before, sizeof before, schema(db));
    CU_ASSERT_PTR_NOT_NULL(strstr(before, "device_tag{parallel_workers=1}"));
    import_many(db, 0, MANY);
    CU_ASSERT_EQUAL(result.registered, MANY);
    ASSERT_TEXT(schema(db), before);
    check_whole(db, MANY);
    ground_run(db, "alter table device_tag reset (parallel_workers)");
    db_close(db);
}

static void a_bulk_beside_known_devices(void)
{
    struct db *db = fresh();
    import_many(db, 0, 1000);
    ground_run(db, "update device set region = 'AT' where id = 'dev-7'");
    ground_run(db, "update device_software set version = '9' where device_id = 'dev-8'");
    ground_run(db, "delete from device_tag where device_id = 'dev-9'");
    import_many(db, 0, OTHERS);
    CU_ASSERT_EQUAL(result.registered, OTHERS - 1000);
    CU_ASSERT_EQUAL(result.changed, 3);
    CU_ASSERT_EQUAL(result.refused, 0);
    check_whole(db, OTHERS);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device where region <> 'DE'"), 0);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device_software where version = '9'"),
                    0);
    import_many(db, 0, OTHERS);
    CU_ASSERT_EQUAL(result.registered + result.changed, 0);
    db_close(db);
}

/* More versions than the table holds, so most get several numbers. */
static void very_many_versions(void)
{
    enum { ROWS = 20000, VERSIONS = 9000 };
    struct db *db = fresh();
    struct wg_error err = {0};
    char id[32], app[32], boot[32];
    struct import_component components[] = {{"app", app}, {"boot", boot}, {"gone", NULL}};
    struct import_row row = {.id = id, .components = components, .component_count = 3};
    for (int round = 0; round < 3; round++) {
        struct device_import *import = device_import_new(db, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(import);
        for (int i = 0; i < ROWS; i++) {
            row.line = i + 2;
            (void)snprintf(id, sizeof id, "dev-%05d", i);
            (void)snprintf(app, sizeof app, "1.0.%d", i % VERSIONS + (round == 2 && i == 17));
            (void)snprintf(boot, sizeof boot, "2.%d", i % VERSIONS);
            ASSERT_OK(device_import_row(import, &row, &err), &err);
        }
        ASSERT_OK(device_import_merge(import, GROUND_NOW, &result, &err), &err);
        ASSERT_OK(db_commit(db, &err), &err);
        device_import_free(import);
        CU_ASSERT_EQUAL(result.registered, round == 0 ? ROWS : 0);
        CU_ASSERT_EQUAL(result.changed, round == 2);
        CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device_software"),
                        (int64_t)ROWS * 2);
        CU_ASSERT_EQUAL(
            ground_number(db,
                          "select count(*) from device_software where version <> case component "
                          "when 'app' then '1.0.' else '2.' end || right(device_id, 5)::int %% %d "
                          "or version_key = '' and component = 'app'",
                          VERSIONS),
            round == 2);
    }
    db_close(db);
}

static void a_version_keeps_its_number(void)
{
    char version[32];
    bool fresh_one;
    int64_t first[200], again = 0;
    struct version_table *table = version_table_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(table);
    for (int i = 0; i < 200; i++) {
        (void)snprintf(version, sizeof version, "1.%d", i);
        first[i] = version_table_number(table, "app", version, &fresh_one);
        CU_ASSERT_TRUE(fresh_one);
        CU_ASSERT_EQUAL(first[i], i + 1);
    }
    for (int i = 0; i < 200; i++) {
        (void)snprintf(version, sizeof version, "1.%d", i);
        CU_ASSERT_EQUAL(version_table_number(table, "app", version, &fresh_one), first[i]);
        CU_ASSERT_FALSE(fresh_one);
    }
    /* what was forgotten is fresh again, and has a number that nothing had */
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 10000; i++) {
            (void)snprintf(version, sizeof version, "2.%d", i);
            int64_t number = version_table_number(table, "app", version, &fresh_one);
            if (fresh_one) CU_ASSERT_TRUE(number > again && number > 200);
            if (fresh_one) again = number;
        }
    CU_ASSERT_TRUE(again > 200 + 10000);
    version_table_free(table);
}

static void what_is_alike_is_not_the_same(void)
{
    static const struct import_component apart[] = {{"app", "1"}, {"app", "11"}, {"app1", "1"},
                                                    {"app", ""},  {"app", NULL}, {"ap", "p1"}};
    bool fresh_one;
    struct version_table *table = version_table_new();
    CU_ASSERT_PTR_NOT_NULL_FATAL(table);
    for (size_t i = 0; i < sizeof apart / sizeof apart[0]; i++) {
        (void)version_table_number(table, apart[i].name, apart[i].version, &fresh_one);
        CU_ASSERT_TRUE(fresh_one);
    }
    version_table_free(table);
}

WG_SUITE("store import bulk",
         {"a bulk leaves the schema as it was", a_bulk_leaves_the_schema_as_it_was},
         {"a bulk beside known devices", a_bulk_beside_known_devices},
         {"very many versions", very_many_versions},
         {"a version keeps its number", a_version_keeps_its_number},
         {"what is alike is not the same", what_is_alike_is_not_the_same})
