/* target_test.c: selectors as SQL with bound values, and as words. */
#include "orchestrator/campaign/target.h"

#include "tests/unit/harness.h"

#include <string.h>

#define REST "wavegate: 1\ncampaign: c\nrelease: app/1.2.3\nwaves: [{name: a, remaining: true}]\n"

static void compile(const char *target_text, struct target *out)
{
    char text[1024] = REST;
    struct wg_error err = {0};
    strcat(text, target_text);
    struct campaign *campaign = campaign_parse("c.yaml", text, strlen(text), NULL, NULL, &err);
    ASSERT_OK(campaign != NULL, &err);
    ASSERT_OK(target_compile(campaign->target, out, &err), &err);
    campaign_free(campaign);
}

static void values_are_parameters(void)
{
    struct target target;
    compile("target: {region: [DE, US-CA], not: [{device: [dev-1]}]}\n", &target);
    CU_ASSERT_EQUAL(target.clause_count, 2);
    ASSERT_TEXT(target.clauses[0].sql,
                "(d.region = any($1::text[]) or split_part(d.region, '-', 1) = any($1::text[]))");
    ASSERT_TEXT(target.clauses[0].words, "region DE, US-CA");
    ASSERT_TEXT(target.clauses[1].sql, "not ((d.id = any($2::text[])))");
    ASSERT_TEXT(target.clauses[1].words, "not device dev-1");
    CU_ASSERT_EQUAL(target.param_count, 2);
    ASSERT_TEXT(target.params[0], "{\"DE\",\"US-CA\"}");
    ASSERT_TEXT(target.params[1], "{\"dev-1\"}");
    target_clear(&target);
}

static void ranges_compare_sort_keys(void)
{
    struct target target;
    compile("target: {software: {app: \">=1.0.0 <2.0.0\"}}\n", &target);
    ASSERT_TEXT(target.clauses[0].sql, "exists (select 1 from device_software s where s.device_id "
                                       "= d.id and s.component = $1::text and "
                                       "s.version_key <> '' and ((true and s.version_key >= "
                                       "$2::text collate \"C\" and s.version_key < "
                                       "$3::text collate \"C\")))");
    ASSERT_TEXT(target.params[0], "app");
    target_clear(&target);
    compile("target: {hardware: {model: m}}\n", &target);
    ASSERT_TEXT(target.clauses[0].sql, "(d.hardware_model = $1::text)");
    target_clear(&target);
}

static void any_and_all_nest(void)
{
    struct target target;
    compile("target: {any: [{tag: [x]}, {tag: [y], device: [d]}]}\n", &target);
    CU_ASSERT_EQUAL(target.clause_count, 1);
    CU_ASSERT_PTR_NOT_NULL(strstr(target.clauses[0].sql, " or ("));
    ASSERT_TEXT(target.clauses[0].words, "tag x or (tag y and device d)");
    target_clear(&target);
}

WG_SUITE("target", {"values are parameters", values_are_parameters},
         {"ranges compare sort keys", ranges_compare_sort_keys},
         {"any and all nest", any_and_all_nest})
