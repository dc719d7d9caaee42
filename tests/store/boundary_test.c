/* boundary_test.c: boundaries in, and what they tell of devices that are known, come or move. */
#include "orchestrator/store/boundary_row.h"
#include "orchestrator/store/device_import.h"
#include "tests/store/ground.h"

#include <stdlib.h>

static struct db *fresh(void)
{
    struct wg_error err = {0};
    struct db *db = ground_open();
    ASSERT_OK(migrate(db, NULL, &err), &err);
    ground_run(db, "truncate device, boundary cascade");
    return db;
}

/* How many known devices it changed. */
static int64_t import_rows(struct db *db, struct import_row *rows, size_t count)
{
    static struct import_result result;
    struct wg_error err = {0};
    struct device_import *import = device_import_new(db, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(import);
    for (size_t i = 0; i < count; i++) {
        rows[i].line = (int64_t)i + 2;
        ASSERT_OK(device_import_row(import, &rows[i], &err), &err);
    }
    ASSERT_OK(device_import_merge(import, GROUND_NOW, &result, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    device_import_free(import);
    return result.changed;
}

static int64_t import_one(struct db *db, struct import_row row)
{
    return import_rows(db, &row, 1);
}

#define BOX(w, s, e, n)                                                                            \
    "{\"type\":\"Polygon\",\"coordinates\":[[[" #w "," #s "],[" #e "," #s "],[" #e "," #n "],[" #w \
    "," #n "],[" #w "," #s "]]]}"

static void store_boundaries(struct db *db, const char *const (*rows)[3], size_t count)
{
    struct wg_error err = {0};
    int64_t stored;
    ASSERT_OK(db_begin(db, &err) && boundary_row_begin(db, &err), &err);
    for (size_t i = 0; i < count; i++)
        ASSERT_OK(boundary_row_put(db, *rows[i][0] == 'r' ? BOUNDARY_REGION : BOUNDARY_ZONE,
                                   rows[i][1], rows[i][2], &err),
                  &err);
    ASSERT_OK(boundary_row_store(db, GROUND_NOW, &stored, &err) && db_commit(db, &err), &err);
}

static const char *const areas[][3] = {
    {"region", "DE", BOX(5, 45, 10, 55)},          {"region", "DE", BOX(10, 45, 15, 55)},
    {"region", "DE-BY", BOX(9, 47, 14, 50)},       {"region", "FJ", BOX(177, -20, 180, -15)},
    {"zone", "Europe/Berlin", BOX(5, 45, 15, 55)},
};

static struct import_row at(const char *id, double lat, double lon)
{
    return (struct import_row){.id = id, .position = IMPORT_POSITION_THERE, .lat = lat, .lon = lon};
}

static const char *place(struct db *db, const char *id)
{
    return ground_text(db,
                       "select concat(region, '/', region_from, ' ', zone, '/', zone_from) from "
                       "device where id = '%s'",
                       id);
}

static void a_position_tells_region_and_zone(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    int64_t changed;
    struct import_row rows[] = {at("early", 48, 11), at("sea", 0, 0), {.id = "nowhere"}};
    (void)import_rows(db, rows, 3);
    ASSERT_TEXT(place(db, "early"), "/ /");
    store_boundaries(db, areas, 5);
    ground_run(db, "update device set changed_at = 'epoch'");
    ASSERT_OK(boundary_row_derive_all(db, &changed, &err), &err);
    CU_ASSERT_EQUAL(changed, 1);
    ASSERT_TEXT(place(db, "early"), "DE-BY/boundary Europe/Berlin/boundary");
    ASSERT_TEXT(place(db, "sea"), "/ /");
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device where changed_at > 'epoch'"), 1);
    ASSERT_OK(boundary_row_derive_all(db, &changed, &err), &err);
    CU_ASSERT_EQUAL(changed, 0);
    (void)import_one(db, at("late", 52, 7)); /* new ones get it at once */
    ASSERT_TEXT(place(db, "late"), "DE/boundary Europe/Berlin/boundary");
    (void)import_one(db, at("edge", -16, 180));
    ASSERT_TEXT(place(db, "edge"), "FJ/boundary /");
    (void)import_one(db, at("early", 52, 8)); /* and known ones that moved */
    ASSERT_TEXT(place(db, "early"), "DE/boundary Europe/Berlin/boundary");
    (void)import_one(db, at("early", 0, 1));
    ASSERT_TEXT(place(db, "early"), "/ /");
    db_close(db);
}

static void a_word_is_worth_more_than_a_boundary(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    int64_t changed;
    store_boundaries(db, areas, 5);
    struct import_row row = at("a", 48, 11);
    row.region = "AT";
    (void)import_one(db, row);
    ASSERT_TEXT(place(db, "a"), "AT/registry Europe/Berlin/boundary");
    ASSERT_OK(boundary_row_derive_all(db, &changed, &err), &err);
    CU_ASSERT_EQUAL(changed, 0);
    row.region = ""; /* taken away: the boundary tells again */
    (void)import_one(db, row);
    ASSERT_TEXT(place(db, "a"), "DE-BY/boundary Europe/Berlin/boundary");
    CU_ASSERT_EQUAL(import_one(db, row), 0);
    row.zone = "UTC";
    (void)import_one(db, row);
    ASSERT_TEXT(place(db, "a"), "DE-BY/boundary UTC/registry");
    ground_run(db, "update device set region = 'FR', region_from = 'hello'");
    ASSERT_OK(boundary_row_derive_all(db, &changed, &err), &err);
    ASSERT_TEXT(place(db, "a"), "FR/hello UTC/registry");
    db_close(db);
}

static void boundaries_replace_by_name(void)
{
    static const char *const smaller[][3] = {{"region", "DE", BOX(5, 45, 6, 46)}};
    static const char *const bad[][3] = {
        {"region", "XX", "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[0,0]]]}"},
        {"region", "XX", "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[2,2],[0,0]]]}"},
        {"region", "XX", BOX(0, 0, 200, 1)},
        {"region", "XX", BOX(0, 0, 1, 91)},
        {"region", "XX", "{\"type\":\"Polygon\"}"},
    };
    /* a bow tie is mended */
    static const char *const tie[][3] = {
        {"region", "BT",
         "{\"type\":\"Polygon\",\"coordinates\":[[[0,0],[1,1],[1,0],[0,1],[0,0]]]}"}};
    struct db *db = fresh();
    struct wg_error err = {0};
    struct boundary_row *list;
    size_t count;
    int64_t changed;
    (void)import_one(db, at("a", 52, 12));
    store_boundaries(db, areas, 5);
    ASSERT_OK(boundary_row_derive_all(db, &changed, &err), &err);
    ASSERT_TEXT(place(db, "a"), "DE/boundary Europe/Berlin/boundary");
    store_boundaries(db, smaller, 1);
    store_boundaries(db, tie, 1);
    ASSERT_OK(boundary_row_derive_all(db, &changed, &err), &err);
    ASSERT_TEXT(place(db, "a"), "/ Europe/Berlin/boundary");
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        ASSERT_OK(db_begin(db, &err) && boundary_row_begin(db, &err), &err);
        CU_ASSERT_FALSE(boundary_row_put(db, BOUNDARY_REGION, bad[i][1], bad[i][2], &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
        db_rollback(db);
    }
    ASSERT_OK(boundary_row_list(db, &list, &count, &err), &err);
    CU_ASSERT_EQUAL_FATAL(count, 5);
    ASSERT_TEXT(list[0].name, "BT");
    CU_ASSERT_TRUE(list[0].area > 5000 && list[0].area < 7000);
    ASSERT_TEXT(list[4].kind, "zone");
    CU_ASSERT_EQUAL(list[4].devices, 1);
    free(list);
    db_close(db);
}

WG_SUITE("store boundary", {"a position tells region and zone", a_position_tells_region_and_zone},
         {"a word is worth more than a boundary", a_word_is_worth_more_than_a_boundary},
         {"boundaries replace by name", boundaries_replace_by_name})
