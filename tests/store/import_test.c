/* import_test.c: what becomes of registry rows when they meet devices: whose word counts, what is
 * refused, what is touched; groups, and the way out again. */
#include "orchestrator/store/device_export.h"
#include "orchestrator/store/device_import.h"
#include "orchestrator/store/group_row.h"
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct import_result result;

static struct db *fresh(void)
{
    struct wg_error err = {0};
    struct db *db = ground_open();
    ASSERT_OK(migrate(db, NULL, &err), &err);
    ground_run(db, "truncate device, boundary cascade");
    return db;
}

/* Imports the rows; numbers them when they have no line. */
static void import_rows(struct db *db, struct import_row *rows, size_t count)
{
    struct wg_error err = {0};
    struct device_import *import = device_import_new(db, &err);
    if (!import) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(import);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i].line) rows[i].line = (int64_t)i + 2;
        ASSERT_OK(device_import_row(import, &rows[i], &err), &err);
    }
    ASSERT_OK(device_import_merge(import, GROUND_NOW, &result, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    device_import_free(import);
}

static void import_one(struct db *db, struct import_row row)
{
    import_rows(db, &row, 1);
}

static const char *device(struct db *db, const char *id)
{
    return ground_text(
        db,
        "select concat_ws(' ', hardware_model, hardware_revision, hardware_revision_key, "
        "region || '/' || region_from, zone || '/' || zone_from, "
        "coalesce(st_y(position::geometry) || ',' || st_x(position::geometry), '-') || '/' || "
        "position_from || '@' || wg_ms(position_at), attributes, registry_attributes, "
        "(select string_agg(component || '=' || version || ':' || version_key || ':' || "
        "debian_key || ':' || calver_key, ' ' order by component) from device_software where "
        "device_id = id), (select string_agg(tag, ',' order by tag) from device_tag where "
        "device_id = id), (select string_agg(name, ',' order by name) from device_group where "
        "device_id = id)) from device where id = '%s'",
        id);
}

static const char *const tags[] = {"a", "b"};
static const char *const groups[] = {"g"};
static const struct import_component software[] = {{"app", "1.2.3"}, {"boot", "oddly"}};

static struct import_row full_row(const char *id)
{
    return (struct import_row){
        .id = id,
        .hardware_model = "m",
        .hardware_revision = "C",
        .region = "DE",
        .zone = "UTC",
        .position = IMPORT_POSITION_THERE,
        .lat = 48.25,
        .lon = -11.5,
        .tags = tags,
        .tag_count = 2,
        .groups = groups,
        .group_count = 1,
        .components = software,
        .component_count = 2,
        .attributes = "{\"site\": \"p\\t1\\\\\", \"line\": 5}",
    };
}

static void check_counts(int64_t registered, int64_t changed, int64_t refused)
{
    CU_ASSERT_EQUAL(result.registered, registered);
    CU_ASSERT_EQUAL(result.changed, changed);
    CU_ASSERT_EQUAL(result.refused, refused);
}

static void new_devices_are_registered_whole(void)
{
    struct db *db = fresh();
    char key[WG_SORT_KEY_MAX], debian[WG_SORT_KEY_MAX], expected[1024];
    struct import_row rows[] = {full_row("dev-2"), {.id = "dev-1"}};
    import_rows(db, rows, 2);
    check_counts(2, 0, 0);
    CU_ASSERT_TRUE(wg_version_key("1.2.3", key, NULL));
    CU_ASSERT_TRUE(wg_scheme_key(WG_SCHEME_DEBIAN, "1.2.3", debian, NULL));
    (void)snprintf(
        expected, sizeof expected,
        "m C 21C DE/registry UTC/registry 48.25,-11.5/registry@%lld {\"line\": 5, "
        "\"site\": \"p\\t1\\\\\"} {\"line\": 5, \"site\": \"p\\t1\\\\\"} app=1.2.3:%s:%s:",
        (long long)GROUND_NOW, key, debian);
    CU_ASSERT_TRUE(strncmp(device(db, "dev-2"), expected, strlen(expected)) == 0);
    CU_ASSERT_PTR_NOT_NULL(strstr(device(db, "dev-2"), " boot=oddly::"));
    CU_ASSERT_PTR_NOT_NULL(strstr(device(db, "dev-2"), " a,b g"));
    ASSERT_TEXT(device(db, "dev-1"), "   / / -/@0 {} {}");
    CU_ASSERT_EQUAL(ground_number(db, "select wg_ms(registered_at) from device where id = 'dev-1'"),
                    GROUND_NOW);
    db_close(db);
}

static void the_same_again_changes_nothing(void)
{
    struct db *db = fresh();
    struct import_row row = full_row("dev-1");
    import_one(db, row);
    ground_run(db, "update device set changed_at = 'epoch'");
    int64_t version = ground_number(db, "select xmin::text::bigint from device");
    import_one(db, row);
    check_counts(0, 0, 0);
    import_one(db, (struct import_row){.id = "dev-1"});
    check_counts(0, 0, 0);
    CU_ASSERT_EQUAL(ground_number(db, "select xmin::text::bigint from device"), version);
    db_close(db);
}

/* Each field alone: it is changed, changed_at says so, and the others stay. */
static void given_fields_replace_and_others_stay(void)
{
    static const char *const other[] = {"b", "c"};
    static const char *const gone[] = {"line", "never"};
    static const struct import_component newer[] = {{"app", "1.2.4"}};
    static const struct import_component less[] = {{"app", NULL}, {"never", NULL}};
    static const struct {
        struct import_row row;
        const char *question, *answer;
    } rows[] = {
        {{.hardware_model = "n"}, "select hardware_model from device", "n"},
        {{.hardware_revision = "D"}, "select hardware_revision_key from device", "21D"},
        {{.hardware_revision = ""},
         "select hardware_revision || hardware_revision_key || '.' from device",
         "."},
        {{.region = "AT"}, "select region || region_from from device", "ATregistry"},
        {{.region = ""}, "select region || region_from || '.' from device", "."},
        {{.zone = "Asia/Tokyo"}, "select zone || zone_from from device", "Asia/Tokyoregistry"},
        {{.position = IMPORT_POSITION_NONE},
         "select position_from || '.' from device where position is null and position_at is null",
         "."},
        {{.position = IMPORT_POSITION_THERE, .lat = 48.25, .lon = -11.6},
         "select st_x(position::geometry) from device",
         "-11.6"},
        {{.tags = other, .tag_count = 2},
         "select string_agg(tag, ',' order by tag) from device_tag",
         "b,c"},
        {{.tags = other, .tag_count = 0}, "select count(*) from device_tag", "0"},
        {{.groups = other, .group_count = 2},
         "select string_agg(name, ',' order by name) from device_group",
         "b,c"},
        {{.groups = other, .group_count = 0}, "select count(*) from device_group", "0"},
        {{.components = newer, .component_count = 1},
         "select string_agg(version, ',' order by component) from device_software",
         "1.2.4,oddly"},
        {{.components = less, .component_count = 2},
         "select string_agg(version, ',' order by component) from device_software",
         "oddly"},
        {{.attributes = "{\"line\": 6, \"new\": true}"},
         "select attributes - 'site' from device",
         "{\"new\": true, \"line\": 6}"},
        {{.attributes = "{}", .attributes_gone = gone, .attributes_gone_count = 2},
         "select attributes = registry_attributes and not attributes ? 'line' and attributes ? "
         "'site' from device",
         "t"},
    };
    struct db *db = fresh();
    char before[2048];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ground_run(db, "truncate device cascade");
        import_one(db, full_row("dev-1"));
        (void)wg_copy(before, sizeof before, device(db, "dev-1"));
        ground_run(db, "update device set changed_at = 'epoch'");
        struct import_row row = rows[i].row;
        row.id = "dev-1";
        import_one(db, row);
        check_counts(0, 1, 0);
        ASSERT_TEXT(ground_text(db, "%s", rows[i].question), rows[i].answer);
        CU_ASSERT_TRUE(ground_number(db, "select (changed_at > now() - interval '1 hour')::int "
                                         "from device") == 1);
        import_one(db, row);
        check_counts(0, 0, 0);
        import_one(db, full_row("dev-1"));
        if (i != 14) /* "new" is not in the full row: it stays */
            ASSERT_TEXT(device(db, "dev-1"), before);
    }
    db_close(db);
}

/* A hello with everything, then a registry that knows otherwise. */
static void what_a_device_said_is_its_own(void)
{
    static const struct import_component other[] = {{"app", "9.9.9"}, {"more", "1.0.0"}};
    struct db *db = fresh();
    struct intake_item *items = ground_items(1);
    ground_hello(items, "dev-1");
    struct wg_hello *hello = &items->as.hello;
    (void)wg_copy(hello->region, sizeof hello->region, "FR");
    (void)wg_copy(hello->zone, sizeof hello->zone, "Europe/Paris");
    (void)wg_copy(hello->attributes, sizeof hello->attributes, "{\"site\": \"said\"}");
    hello->has_position = true;
    hello->lat = 1;
    hello->lon = 2;
    (void)ground_take(db, items, 1);
    char before[1024];
    (void)wg_copy(before, sizeof before,
                  ground_text(db,
                              "select concat_ws(' ', hardware_model, hardware_revision, region, "
                              "zone, st_astext(position), (select string_agg(component || "
                              "version, ',') from device_software)) from device"));
    struct import_row row = full_row("dev-1");
    row.components = other;
    import_one(db, row);
    check_counts(0, 1, 0); /* tags, groups, one attribute */
    ASSERT_TEXT(ground_text(db, "select concat_ws(' ', hardware_model, hardware_revision, region, "
                                "zone, st_astext(position), (select string_agg(component || "
                                "version, ',') from device_software)) from device"),
                before);
    ASSERT_TEXT(ground_text(db, "select attributes from device"),
                "{\"line\": 5, \"site\": \"said\"}");
    CU_ASSERT_PTR_NOT_NULL(strstr(device(db, "dev-1"), " a,b g"));
    (void)wg_copy(hello->attributes, sizeof hello->attributes, "{}");
    (void)ground_take(db, items, 1);
    ASSERT_TEXT(ground_text(db, "select attributes ->> 'line' from device"), "5");
    free(items);
    db_close(db);
}

/* A hello of the least: what it does not say, the registry may fill. */
static void the_registry_fills_what_a_device_never_said(void)
{
    struct db *db = fresh();
    struct intake_item *items = ground_items(1);
    ground_hello(items, "dev-1");
    items->as.hello.region[0] = items->as.hello.zone[0] = '\0';
    items->as.hello.has_position = false;
    (void)ground_take(db, items, 1);
    import_one(db, full_row("dev-1"));
    ASSERT_TEXT(ground_text(db, "select concat_ws(' ', region, region_from, zone, zone_from, "
                                "position_from, st_y(position::geometry)) from device"),
                "DE registry UTC registry registry 48.25");
    (void)ground_take(db, items, 1); /* and it stays when it comes again */
    ASSERT_TEXT(ground_text(db, "select concat_ws(' ', region, region_from, zone, zone_from, "
                                "position_from, st_y(position::geometry)) from device"),
                "DE registry UTC registry registry 48.25");
    free(items);
    db_close(db);
}

static void an_id_again_is_refused_with_the_line_of_the_first(void)
{
    struct db *db = fresh();
    struct import_row rows[] = {{.line = 2, .id = "b", .region = "DE"},
                                {.line = 3, .id = "a"},
                                {.line = 7, .id = "b", .region = "AT"},
                                {.line = 9, .id = "b"},
                                {.line = 12, .id = "a"}};
    for (int round = 0; round < 2; round++) {
        import_rows(db, rows, 5);
        check_counts(round ? 0 : 2, 0, 3);
        CU_ASSERT_EQUAL(result.rows, 5);
        CU_ASSERT_EQUAL_FATAL(result.refusal_count, 3);
        CU_ASSERT_EQUAL(result.refusals[0].line, 7);
        ASSERT_TEXT(result.refusals[0].reason, "id: \"b\" is in line 2 already");
        CU_ASSERT_EQUAL(result.refusals[2].line, 12);
        ASSERT_TEXT(result.refusals[2].reason, "id: \"a\" is in line 3 already");
        ASSERT_TEXT(ground_text(db, "select region from device where id = 'b'"), "DE");
    }
    db_close(db);
}

static void too_much_with_what_is_there_is_refused(void)
{
    char names[WG_COMPONENTS_MAX + 1][8], large[2200];
    struct import_component many[WG_COMPONENTS_MAX + 1];
    struct db *db = fresh();
    for (size_t i = 0; i <= WG_COMPONENTS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "c%zu", i);
        many[i] = (struct import_component){names[i], "1"};
    }
    import_one(db, (struct import_row){
                       .id = "a", .components = many, .component_count = WG_COMPONENTS_MAX});
    struct import_row row = {
        .id = "a", .region = "DE", .components = many + WG_COMPONENTS_MAX, .component_count = 1};
    import_one(db, row);
    check_counts(0, 0, 1);
    ASSERT_TEXT(result.refusals[0].reason,
                "software: more than 16 components with those that the device has");
    ASSERT_TEXT(ground_text(db, "select region from device"), "");
    many[0].version = NULL;
    row.components = many;
    row.component_count = WG_COMPONENTS_MAX + 1; /* one goes, one comes */
    import_one(db, row);
    check_counts(0, 1, 0);
    for (int i = 0; i < 2; i++) {
        memset(large, 'x', sizeof large);
        int head = snprintf(large, sizeof large, "{\"large%d\": \"", i);
        large[head] = 'x';
        memcpy(large + sizeof large - 3, "\"}", 3);
        import_one(db, (struct import_row){.id = "a", .attributes = large});
        check_counts(0, 1 - i, i);
    }
    ASSERT_TEXT(result.refusals[0].reason,
                "attributes: more than 4095 bytes with those that the device has");
    db_close(db);
}

static void nothing_is_stored_without_a_commit(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct import_row row = full_row("dev-1");
    row.line = 2;
    for (int stop = 0; stop < 3; stop++) {
        struct device_import *import = device_import_new(db, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(import);
        if (stop > 0) ASSERT_OK(device_import_row(import, &row, &err), &err);
        if (stop > 1) ASSERT_OK(device_import_merge(import, GROUND_NOW, &result, &err), &err);
        device_import_free(import);
        CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device"), 0);
    }
    db_close(db);
}

/* What a caller let through unchecked, the database still refuses, and says so. */
static void the_database_has_the_last_word(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct import_row rows[] = {{.line = 2, .id = "a b"},
                                {.line = 2, .id = "a", .attributes = "{"}};
    for (size_t i = 0; i < 2; i++) {
        struct device_import *import = device_import_new(db, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(import);
        CU_ASSERT_FALSE(device_import_row(import, &rows[i], &err) &&
                        device_import_merge(import, GROUND_NOW, &result, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_DATABASE);
        device_import_free(import);
        CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device"), 0);
    }
    import_one(db, full_row("a")); /* and the connection is as good as before */
    db_close(db);
}

static void groups_take_and_give(void)
{
    static const char *const some[] = {"dev-000", "dev-002", "dev-000"};
    static const char *const strange[] = {"dev-000", "nobody", "never"};
    struct db *db = fresh();
    struct wg_error err = {0};
    struct group_row *list = NULL;
    struct group_member *members = NULL;
    int64_t changed = 0, total = 0;
    size_t count = 0;
    ground_devices(db, 4);
    ground_run(db, "update device set changed_at = 'epoch'");
    ASSERT_OK(group_row_add(db, "lab", some, 3, &changed, &err), &err);
    CU_ASSERT_EQUAL(changed, 2);
    ASSERT_OK(group_row_add(db, "lab", some, 3, &changed, &err), &err);
    CU_ASSERT_EQUAL(changed, 0);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device where changed_at > 'epoch'"), 2);
    CU_ASSERT_FALSE(group_row_add(db, "lab", strange, 3, &changed, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    ASSERT_TEXT(err.text, "no such devices: never, nobody");
    ASSERT_OK(group_row_list(db, &list, &count, &err), &err);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    ASSERT_TEXT(list[0].name, "lab");
    CU_ASSERT_EQUAL(list[0].devices, 2);
    free(list);
    ASSERT_OK(group_row_members(db, "lab", "dev-000", 10, &members, &count, &total, &err), &err);
    CU_ASSERT_EQUAL_FATAL(count, 1);
    CU_ASSERT_EQUAL(total, 2);
    ASSERT_TEXT(members[0].id, "dev-002");
    free(members);
    ASSERT_OK(group_row_remove(db, "lab", some, 1, &changed, &err), &err);
    CU_ASSERT_EQUAL(changed, 1);
    ASSERT_OK(group_row_delete(db, "lab", &changed, &err), &err);
    CU_ASSERT_EQUAL(changed, 1);
    CU_ASSERT_FALSE(group_row_delete(db, "lab", &changed, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_FALSE(group_row_members(db, "lab", "", 10, &members, &count, &total, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    db_close(db);
}

static bool gather_name(void *ctx, const char *name, struct wg_error *err)
{
    char *out = ctx;
    (void)err;
    (void)snprintf(out + strlen(out), 64, "%s ", name);
    return true;
}

static void export_is_in_order_and_of_one_moment(void)
{
    struct db *db = fresh(), *other = ground_open();
    struct device_export from = {.tag = NULL};
    struct wg_error err = {0};
    const char *json;
    char names[256] = "", last[16] = "";
    int count = 0;
    ground_run(db,
               "insert into device (id, registered_at, region, region_from) select 'd' || "
               "lpad(n::text, 6, '0'), now(), 'DE', 'boundary' from generate_series(1, 4500) n");
    import_one(db, full_row("d000007"));
    ASSERT_OK(device_export_begin(&from, db, &err), &err);
    ASSERT_OK(device_export_components(&from, 10, gather_name, names, &err), &err);
    ASSERT_OK(device_export_attributes(&from, 10, gather_name, names, &err), &err);
    ASSERT_TEXT(names, "app boot line site ");
    ground_run(other, "insert into device (id, registered_at) values ('d9', now())");
    ground_run(other, "delete from device where id = 'd004000'");
    for (;;) {
        ASSERT_OK(device_export_next(&from, &json, &err), &err);
        if (!json) break;
        char id[16] = "";
        CU_ASSERT_EQUAL(sscanf(json, "{\"id\" : \"%7s", id), 1);
        CU_ASSERT_TRUE(strcmp(id, last) > 0);
        (void)wg_copy(last, sizeof last, id);
        if (count == 0) CU_ASSERT_PTR_NOT_NULL(strstr(json, "\"region\" : \"\""));
        count++;
    }
    CU_ASSERT_EQUAL(count, 4500);
    device_export_end(&from);
    from = (struct device_export){.tag = "a", .group = "g"};
    ASSERT_OK(device_export_begin(&from, db, &err), &err);
    ASSERT_OK(device_export_next(&from, &json, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(json && strstr(json, "d000007") ? json : NULL);
    ASSERT_OK(device_export_next(&from, &json, &err), &err);
    CU_ASSERT_PTR_NULL(json);
    device_export_end(&from);
    db_close(other);
    db_close(db);
}

WG_SUITE("store import", {"new devices are registered whole", new_devices_are_registered_whole},
         {"the same again changes nothing", the_same_again_changes_nothing},
         {"given fields replace and others stay", given_fields_replace_and_others_stay},
         {"what a device said is its own", what_a_device_said_is_its_own},
         {"the registry fills what a device never said",
          the_registry_fills_what_a_device_never_said},
         {"an id again is refused", an_id_again_is_refused_with_the_line_of_the_first},
         {"too much with what is there is refused", too_much_with_what_is_there_is_refused},
         {"nothing is stored without a commit", nothing_is_stored_without_a_commit},
         {"the database has the last word", the_database_has_the_last_word},
         {"groups take and give", groups_take_and_give},
         {"export is in order and of one moment", export_is_in_order_and_of_one_moment})
