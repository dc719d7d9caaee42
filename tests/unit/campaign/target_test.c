/* target_test.c: selectors as SQL with bound values, and as words. What the SQL finds is tested
 * against a database, in tests/store. */
#include "orchestrator/campaign/target.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REST "wavegate: 1\ncampaign: c\nrelease: app/1.2.3\nwaves: [{name: a, remaining: true}]\n"

static void compile(const char *target_text, struct target *out)
{
    char text[1024];
    struct wg_error err = {0};
    (void)snprintf(text, sizeof text, REST "target: %s\n", target_text);
    struct campaign *campaign = campaign_parse("c.yaml", text, strlen(text), NULL, NULL, &err);
    ASSERT_OK(campaign != NULL, &err);
    ASSERT_OK(target_compile(campaign->target, out, &err), &err);
    campaign_free(campaign);
}

static void values_are_parameters(void)
{
    struct target target;
    compile("{region: US-CA, not: [{device: [dev-1]}]}", &target);
    CU_ASSERT_EQUAL(target.clause_count, 2);
    ASSERT_TEXT(target.clauses[0].sql, "(d.region = any($1::text[]))");
    ASSERT_TEXT(target.clauses[0].words, "region US-CA");
    ASSERT_TEXT(target.clauses[1].sql, "not (((d.id = any($2::text[]))))");
    ASSERT_TEXT(target.clauses[1].words, "not device dev-1");
    CU_ASSERT_EQUAL(target.param_count, 2);
    ASSERT_TEXT(target.params[0], "{\"US-CA\"}");
    ASSERT_TEXT(target.params[1], "{\"dev-1\"}");
    target_clear(&target);
}

static char *joined_params(const struct target *target)
{
    struct wg_buf text;
    wg_buf_init(&text, (size_t)1 << 16);
    wg_buf_text(&text, "");
    for (size_t i = 0; i < target->param_count; i++)
        wg_buf_printf(&text, "%s%s", i ? " " : "", target->params[i]);
    char *taken = wg_buf_take(&text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(taken);
    return taken;
}

/* What a person wrote is in the parameters, and nowhere in the text of the SQL. */
static void every_kind_has_words_and_parameters(void)
{
    static const struct {
        const char *target, *words, *params, *sql; /* sql: a part of it */
    } rows[] = {
        {"{device: [b, a, 'x_*?']}", "device a, b, x_*?", "{\"a\",\"b\"} x\\_%_",
         "d.id = any($1::text[]) or d.id like $2::text"},
        {"{hardware: {model: m}}", "hardware m", "m", "d.hardware_model = $1::text"},
        {"{hardware: {model: m, revision: '>=C'}}", "hardware m revision >=C", "m 21C",
         "d.hardware_revision_key >= $2::text collate \"C\""},
        {"{software: {app: '*'}}", "software app *", "app", "s.component = $1::text"},
        {"{software: {app: {scheme: calver, version: '<2026.11'}}}",
         "software app <2026.11 (calver)", "app |42026|211.",
         "s.calver_key < $2::text collate \"C\""},
        {"{software: {app: {scheme: debian, version: '=1-2'}}}", "software app =1-2 (debian)", NULL,
         "s.debian_key >= $2::text collate \"C\""},
        {"{software: {app: {scheme: opaque, version: [x, \"a'b\\\"\"]}}}",
         "software app version a'b\", x", "app {\"a'b\\\"\",\"x\"}", "s.version = any($2::text[])"},
        {"{attribute: {site: it's}}", "attribute site = it's", "{\"site\":\"it's\"}",
         "d.attributes @> $1::jsonb"},
        {"{attribute: {n: [5, true, x]}}", "attribute n = 5, true, x",
         "{\"n\":\"5\"} {\"n\":5} {\"n\":\"true\"} {\"n\":true} {\"n\":\"x\"}",
         "d.attributes @> $5::jsonb"},
        {"{attribute: {n: '!= 5'}}", "attribute n != 5", "n {\"n\":\"5\"} {\"n\":5}", " and not "},
        {"{attribute: {n: '<= -5.5'}}", "attribute n <= -5.5", "n -5.5", "<= $2::numeric"},
        {"{attribute: {n: '> 5'}}", "attribute n > 5", "n 5", "> $2::numeric"},
        {"{attribute: {n: {exists: true}}}", "has attribute n", "n", "d.attributes ? $1::text"},
        {"{attribute: {n: {exists: false}}}", "has no attribute n", "n", "not "},
        {"{tag: [a, b, c, d, e, f]}", "tag a, b, c, d and 2 more",
         "{\"a\",\"b\",\"c\",\"d\",\"e\",\"f\"}", "from device_tag"},
        {"{group: g}", "group g", "{\"g\"}", "from device_group"},
        {"{region: [DE, US-CA]}", "region DE, US-CA", "{\"DE\",\"US-CA\"} DE-%", "d.region"},
        {"{timezone: [UTC, 'America/N*']}", "time zone UTC, America/N*", "{\"UTC\"} America/N%",
         "d.zone like $2::text"},
        {"{within: {lat: -48.125, lon: 11.5, km: 0.25}}", "within 0.250 km of 48.12 S 11.50 E",
         "-48.1250000 11.5000000 250",
         "st_dwithin(d.position, st_setsrid(st_makepoint($2::float8, "
         "$1::float8)"},
        {"{bbox: {west: 5, south: 45, east: 15, north: 55.5}}",
         "in the box 5.00 E 45.00 N to 15.00 E 55.50 N",
         "5.0000000 45.0000000 15.0000000 55.5000000",
         "st_makeenvelope($1::float8, $2::float8, $3::float8, $4::float8, 4326)"},
        {"{bbox: {west: 170, south: -20, east: -175, north: 0}}",
         "in the box 170.00 E 20.00 S to 175.00 W 0.00 N",
         "170.0000000 -20.0000000 180.0000000 0.0000000 "
         "-180.0000000 -20.0000000 -175.0000000 0.0000000",
         " or st_covers("},
        {"{inside: 'POLYGON ((5 45, 9 45, 9 48, 5 45))'}", "inside the area",
         "MULTIPOLYGON (((5 45, 9 45, 9 48, 5 45)))", "st_geomfromtext($1::text, 4326)"},
        {"{last_seen: {within: 36h}}", "seen within 1d12h", "129600000", "d.seen_at >= "},
        {"{last_seen: {before: 1s}}", "not seen for 1s", "1000", "d.seen_at < "},
        {"{installed: [b/1.0.0, a/2.0.0]}", "installed a/2.0.0, b/1.0.0",
         "{\"a\",\"b\"} {\"2.0.0\",\"1.0.0\"}", "unnest($1::text[], $2::text[])"},
        {"{not_installed: b/1.0.0}", "not installed b/1.0.0", "{\"b\"} {\"1.0.0\"}", "not exists"},
        {"{failed_in: x}", "failed in x", "{\"x\"}", "fc.name = any($1::text[])"},
        {"{succeeded_in: x}", "succeeded in x", "{\"x\"}", "f.stage = 'succeeded' and fc.name"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct target target;
        compile(rows[i].target, &target);
        char *params = joined_params(&target);
        CU_ASSERT_EQUAL(target.clause_count, 1);
        ASSERT_TEXT(target.clauses[0].words, rows[i].words);
        if (rows[i].params) ASSERT_TEXT(params, rows[i].params);
        if (!strstr(target.clauses[0].sql, rows[i].sql))
            printf("\n    %s\n    expected %s\n", target.clauses[0].sql, rows[i].sql);
        CU_ASSERT_PTR_NOT_NULL(strstr(target.clauses[0].sql, rows[i].sql));
        free(params);
        target_clear(&target);
    }
}

static void ranges_compare_sort_keys(void)
{
    struct target target;
    compile("{software: {app: \">=1.0.0 <2.0.0\"}}", &target);
    const char *sql = target.clauses[0].sql;
    CU_ASSERT_PTR_NOT_NULL(strstr(sql, "s.version_key <> ''"));
    CU_ASSERT_PTR_NOT_NULL(strstr(sql, "s.version_key >= $2::text collate \"C\""));
    CU_ASSERT_PTR_NOT_NULL(strstr(sql, "s.version_key < $3::text collate \"C\""));
    ASSERT_TEXT(target.params[1], "111010~");
    ASSERT_TEXT(target.params[2], "121010~");
    target_clear(&target);
    /* all that there are: no bound, and none without an order is lost */
    compile("{hardware: {model: m, revision: '*'}}", &target);
    ASSERT_TEXT(target.clauses[0].sql, "(d.hardware_model = $1::text)");
    target_clear(&target);
}

static void any_and_all_nest(void)
{
    static const struct {
        const char *target, *words;
    } rows[] = {
        {"{any: [{tag: [x]}, {tag: [y], device: [d]}]}", "tag x or (tag y and device d)"},
        {"{any: [{any: [{tag: a}, {tag: b}]}, {tag: c}]}", "(tag a or tag b) or tag c"},
        {"{not: {any: [{tag: a}, {group: b}]}}", "not (tag a or group b)"},
        {"{any: [{not: {tag: a}}, {tag: b}]}", "not tag a or tag b"},
        {"{not: {not: {tag: a}}}", "not not tag a"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct target target;
        compile(rows[i].target, &target);
        CU_ASSERT_EQUAL(target.clause_count, 1);
        ASSERT_TEXT(target.clauses[0].words, rows[i].words);
        target_clear(&target);
    }
}

static void clauses_say_what_they_ask_for(void)
{
    struct target target;
    compile("{tag: t, within: {lat: 1, lon: 2, km: 3}, software: {app: 1.x}, "
            "not: {any: [{tag: x}, {bbox: {west: 1, south: 2, east: 3, north: 4}}]}, "
            "any: [{software: {app: 1.x}}, {tag: t}]}",
            &target);
    static const bool places[] = {false, true, false, true, false};
    static const char *const components[] = {"", "", "app", "", ""};
    CU_ASSERT_EQUAL_FATAL(target.clause_count, 5);
    for (size_t i = 0; i < 5; i++) {
        CU_ASSERT_EQUAL(target.clauses[i].places, places[i]);
        ASSERT_TEXT(target.clauses[i].component, components[i]);
    }
    target_clear(&target);
}

static void words_that_are_too_long_are_cut(void)
{
    struct target target;
    char text[900] = "{any: [";
    for (int i = 0; i < 40; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len, "%s{tag: tag-%d}", i ? ", " : "", i);
    }
    (void)snprintf(text + strlen(text), sizeof text - strlen(text), "]}");
    compile(text, &target);
    size_t len = strlen(target.clauses[0].words);
    CU_ASSERT_EQUAL(len, sizeof target.clauses[0].words - 1);
    ASSERT_TEXT(target.clauses[0].words + len - 3, "...");
    CU_ASSERT_EQUAL(target.param_count, 40);
    target_clear(&target);
}

/* Whoever adds SQL of their own goes on with the same list of parameters. */
static void conditions_share_parameters(void)
{
    struct target target;
    struct wg_error err = {0};
    struct wg_range range;
    struct text_list none = {0};
    char *sql = NULL;
    compile("{tag: t}", &target);
    CU_ASSERT_EQUAL(target_bind(&target, "two", &err), 2);
    CU_ASSERT_EQUAL(target_bind_list(&target, &none, &err), 3);
    ASSERT_TEXT(target.params[2], "{}");
    ASSERT_OK(wg_version_range_parse("<1.0.0", &range, &err), &err);
    ASSERT_OK(target_range(&target, "x.key", &range, &sql, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(sql, "x.key < $4::text collate \"C\""));
    free(sql);
    while (target.param_count < TARGET_PARAMS_MAX)
        CU_ASSERT_NOT_EQUAL_FATAL(target_bind(&target, "more", &err), 0);
    CU_ASSERT_EQUAL(target_bind(&target, "too many", &err), 0);
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    target_clear(&target);
}

WG_SUITE("target", {"values are parameters", values_are_parameters},
         {"every kind has words and parameters", every_kind_has_words_and_parameters},
         {"ranges compare sort keys", ranges_compare_sort_keys},
         {"any and all nest", any_and_all_nest},
         {"clauses say what they ask for", clauses_say_what_they_ask_for},
         {"words that are too long are cut", words_that_are_too_long_are_cut},
         {"conditions share parameters", conditions_share_parameters})
