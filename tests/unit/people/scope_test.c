/* scope_test.c: scopes in and out, devices inside, one scope against another. */
#include "orchestrator/people/scope.h"
#include "tests/unit/people/parse.h"

#include <stdio.h>

static struct scope read_scope(const char *text)
{
    struct scope scope;
    struct wg_error err = {0};
    json_t *value = parse(text);
    ASSERT_OK(scope_read(value, &scope, &err), &err);
    json_decref(value);
    return scope;
}

static const char *again(const char *text)
{
    struct scope scope = read_scope(text);
    return text_of(scope_json(&scope));
}

static void a_scope_has_one_form(void)
{
    ASSERT_TEXT(again("{}"), "{}");
    ASSERT_TEXT(again("null"), "{}");
    ASSERT_TEXT(again("{\"regions\":[],\"groups\":[],\"models\":[]}"), "{}");
    ASSERT_TEXT(again("{\"regions\":[\"DE\",\"AT\",\"DE\"],\"models\":[\"b\",\"a\"],"
                      "\"groups\":[\"lab\"]}"),
                "{\"groups\":[\"lab\"],\"models\":[\"a\",\"b\"],\"regions\":[\"AT\",\"DE\"]}");
    /* what DE covers is no more than DE, also when others stand between */
    ASSERT_TEXT(again("{\"regions\":[\"DE-BY\",\"DE\",\"DE-BE\",\"FR-75\"]}"),
                "{\"regions\":[\"DE\",\"FR-75\"]}");
}

static void what_is_no_scope_is_refused(void)
{
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"[]", "scope: expected an object"},
        {"\"DE\"", "scope: expected an object"},
        {"{\"region\":[\"DE\"]}", "region"},
        {"{\"regions\":\"DE\"}", "regions: expected a list"},
        {"{\"regions\":null}", "regions: expected a list"},
        {"{\"regions\":{\"DE\":1}}", "regions: expected a list"},
        {"{\"regions\":[1]}", "regions: expected regions"},
        {"{\"regions\":[\"\"]}", "found \"\""},
        {"{\"regions\":[\"D\"]}", "found \"D\""},
        {"{\"regions\":[\"de\"]}", "found \"de\""},
        {"{\"regions\":[\"DEU\"]}", "found \"DEU\""},
        {"{\"regions\":[\"DE-\"]}", "found \"DE-\""},
        {"{\"regions\":[\"DE_BY\"]}", "found \"DE_BY\""},
        {"{\"regions\":[\"DE-BAYE\"]}", "found \"DE-BAYE\""},
        {"{\"regions\":[\"DE-by\"]}", "found \"DE-by\""},
        {"{\"regions\":[\"DE\\n\"]}", "regions"},
        {"{\"groups\":[\"a b\"]}", "groups: expected names of groups, found \"a b\""},
        {"{\"groups\":[\"\"]}", "groups"},
        {"{\"models\":[\"\\u001b\"]}", "models: expected hardware models, found \"?\""},
        {"{\"models\":[[]]}", "models"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct scope scope;
        struct wg_error err = {0};
        json_t *value = parse(bad[i].text);
        CU_ASSERT_FALSE(scope_read(value, &scope, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, bad[i].words)) printf("\n    %s: %s\n", bad[i].text, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, bad[i].words));
        json_decref(value);
    }
}

static json_t *many(size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(list, json_sprintf("g%02zu", i));
    return json_pack("{s:o}", "groups", list);
}

static void there_is_a_bound(void)
{
    struct scope scope;
    struct wg_error err = {0};
    json_t *value = many(SCOPE_LIST_MAX);
    ASSERT_OK(scope_read(value, &scope, &err), &err);
    CU_ASSERT_EQUAL(scope.groups.count, SCOPE_LIST_MAX);
    json_decref(value);
    value = many(SCOPE_LIST_MAX + 1);
    CU_ASSERT_FALSE(scope_read(value, &scope, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    json_decref(value);
}

static void a_region_covers_its_subdivisions(void)
{
    CU_ASSERT_TRUE(scope_region_covers("DE", "DE"));
    CU_ASSERT_TRUE(scope_region_covers("DE", "DE-BY"));
    CU_ASSERT_TRUE(scope_region_covers("DE-BY", "DE-BY"));
    CU_ASSERT_FALSE(scope_region_covers("DE-BY", "DE"));
    CU_ASSERT_FALSE(scope_region_covers("DE-B", "DE-BY"));
    CU_ASSERT_FALSE(scope_region_covers("DE", "DK"));
    CU_ASSERT_FALSE(scope_region_covers("DE", ""));
    CU_ASSERT_FALSE(scope_region_covers("", "DE"));
}

static bool holds(const char *text, const char *region, const char *model, const char *group)
{
    struct scope scope = read_scope(text);
    const char *const groups[] = {"all", group};
    struct scope_device device = {
        .region = region, .model = model, .groups = groups, .group_count = group ? 2 : 0};
    return scope_holds(&scope, &device);
}

static void a_device_is_inside_when_each_list_holds_it(void)
{
    static const char all[] =
        "{\"regions\":[\"DE\",\"FR-75\"],\"models\":[\"a\",\"b\"],\"groups\":[\"lab\",\"shop\"]}";
    CU_ASSERT_TRUE(holds("{}", "", "", NULL));
    CU_ASSERT_TRUE(holds(all, "DE-BY", "b", "shop"));
    CU_ASSERT_FALSE(holds(all, "AT", "b", "shop"));
    CU_ASSERT_FALSE(holds(all, "FR", "b", "shop"));
    CU_ASSERT_FALSE(holds(all, "DE", "c", "shop"));
    CU_ASSERT_FALSE(holds(all, "DE", "b", "street"));
    CU_ASSERT_FALSE(holds(all, "DE", "b", NULL));
    CU_ASSERT_FALSE(holds("{\"regions\":[\"DE\"]}", "", "b", "lab"));
    CU_ASSERT_FALSE(holds("{\"models\":[\"a\"]}", "DE", "", "lab"));
    CU_ASSERT_TRUE(holds("{\"groups\":[\"lab\"]}", "", "", "lab"));
}

static bool contains(const char *outer, const char *inner)
{
    struct scope a = read_scope(outer), b = read_scope(inner);
    return scope_contains(&a, &b);
}

static void a_scope_contains_what_is_no_wider(void)
{
    CU_ASSERT_TRUE(contains("{}", "{}"));
    CU_ASSERT_TRUE(contains("{}", "{\"groups\":[\"lab\"]}"));
    CU_ASSERT_FALSE(contains("{\"groups\":[\"lab\"]}", "{}"));
    CU_ASSERT_TRUE(contains("{\"regions\":[\"DE\"]}", "{\"regions\":[\"DE-BY\",\"DE-BE\"]}"));
    CU_ASSERT_FALSE(contains("{\"regions\":[\"DE\"]}", "{\"regions\":[\"DE\",\"AT\"]}"));
    CU_ASSERT_FALSE(contains("{\"regions\":[\"DE-BY\"]}", "{\"regions\":[\"DE\"]}"));
    CU_ASSERT_TRUE(contains("{\"regions\":[\"DE\"]}", "{\"regions\":[\"DE\"],\"models\":[\"a\"]}"));
    CU_ASSERT_FALSE(
        contains("{\"regions\":[\"DE\"],\"models\":[\"a\"]}", "{\"regions\":[\"DE\"]}"));
    CU_ASSERT_FALSE(contains("{\"groups\":[\"a\"]}", "{\"groups\":[\"a\",\"b\"]}"));
}

static const char *both(const char *one, const char *other)
{
    struct scope a = read_scope(one), b = read_scope(other), out, turned;
    bool ab = scope_intersect(&a, &b, &out), ba = scope_intersect(&b, &a, &turned);
    CU_ASSERT_EQUAL(ab, ba);
    if (!ab) return "nothing";
    CU_ASSERT_TRUE(scope_contains(&a, &out) && scope_contains(&b, &out));
    CU_ASSERT_EQUAL(memcmp(&out, &turned, sizeof out), 0);
    return text_of(scope_json(&out));
}

static void what_two_scopes_share(void)
{
    ASSERT_TEXT(both("{}", "{}"), "{}");
    ASSERT_TEXT(both("{}", "{\"regions\":[\"DE\"]}"), "{\"regions\":[\"DE\"]}");
    ASSERT_TEXT(both("{\"regions\":[\"DE\",\"FR-75\"]}", "{\"regions\":[\"DE-BY\",\"FR\"]}"),
                "{\"regions\":[\"DE-BY\",\"FR-75\"]}");
    ASSERT_TEXT(both("{\"regions\":[\"DE\"]}", "{\"regions\":[\"AT\"]}"), "nothing");
    ASSERT_TEXT(both("{\"models\":[\"a\",\"b\"]}", "{\"models\":[\"b\",\"c\"]}"),
                "{\"models\":[\"b\"]}");
    ASSERT_TEXT(both("{\"models\":[\"a\"]}", "{\"groups\":[\"g\"]}"),
                "{\"groups\":[\"g\"],\"models\":[\"a\"]}");
    ASSERT_TEXT(both("{\"groups\":[\"a\"]}", "{\"groups\":[\"b\"]}"), "nothing");
}

/* DE and 31 parts of AT against AT and 31 parts of DE. */
static struct scope crossed(const char *whole, const char *parts)
{
    struct scope scope;
    struct wg_error err = {0};
    json_t *list = json_pack("[s]", whole);
    for (int i = 1; i < SCOPE_LIST_MAX; i++)
        (void)json_array_append_new(list, json_sprintf("%s-%d", parts, i));
    json_t *value = json_pack("{s:o}", "regions", list);
    ASSERT_OK(scope_read(value, &scope, &err), &err);
    json_decref(value);
    return scope;
}

static void what_does_not_fit_makes_it_narrower(void)
{
    struct scope a = crossed("DE", "AT"), b = crossed("AT", "DE"), out;
    CU_ASSERT_TRUE(scope_intersect(&a, &b, &out));
    CU_ASSERT_EQUAL(out.regions.count, SCOPE_LIST_MAX);
    CU_ASSERT_TRUE(scope_contains(&a, &out) && scope_contains(&b, &out));
}

WG_SUITE("people.scope", {"a scope has one form", a_scope_has_one_form},
         {"what is no scope is refused", what_is_no_scope_is_refused},
         {"there is a bound", there_is_a_bound},
         {"a region covers its subdivisions", a_region_covers_its_subdivisions},
         {"a device is inside when each list holds it", a_device_is_inside_when_each_list_holds_it},
         {"a scope contains what is no wider", a_scope_contains_what_is_no_wider},
         {"what two scopes share", what_two_scopes_share},
         {"what does not fit makes it narrower", what_does_not_fit_makes_it_narrower})
