/* grants_test.c: grants in and out, what they allow and where, what may be given on. */
#include "orchestrator/people/grants.h"
#include "tests/unit/people/parse.h"

static struct grants grants_of(const char *text)
{
    static struct grants grants;
    struct wg_error err = {0};
    json_t *value = parse(text);
    ASSERT_OK(grants_read(value, &grants, &err), &err);
    json_decref(value);
    return grants;
}

#define SUPPORT_DE "{\"role\":\"support\",\"scope\":{\"regions\":[\"DE\"]}}"
#define AUDITOR "{\"role\":\"auditor\",\"scope\":{}}"

static void grants_read_back(void)
{
    struct grants grants = grants_of("[" SUPPORT_DE ",{\"role\":\"auditor\"}]");
    CU_ASSERT_EQUAL(grants.count, 2);
    ASSERT_TEXT(text_of(grants_json(&grants)), "[" SUPPORT_DE "," AUDITOR "]");
    grants = grants_of("[]");
    CU_ASSERT_EQUAL(grants_permissions(&grants), 0);
    ASSERT_TEXT(text_of(grants_json(&grants)), "[]");
}

static void what_are_no_grants_is_refused(void)
{
    static const struct {
        const char *text, *words;
        enum wg_error_code code;
    } bad[] = {
        {"{}", "grants: expected a list", WG_E_BAD_INPUT},
        {"[\"owner\"]", "grants, 1: expected an object", WG_E_BAD_INPUT},
        {"[{}]", "grants, 1: role: missing", WG_E_BAD_INPUT},
        {"[{\"role\":\"boss\"}]", "there is no \"boss\"; expected owner", WG_E_BAD_INPUT},
        {"[{\"role\":\"a\\tb\\nc\"}]", "there is no \"a?b?c\"; expected", WG_E_BAD_INPUT},
        {"[{\"role\":1}]", "role: expected text", WG_E_BAD_INPUT},
        {"[{\"role\":\"owner\",\"scopes\":{}}]", "scopes", WG_E_BAD_INPUT},
        {"[" AUDITOR ",{\"role\":\"owner\",\"scope\":{\"regions\":[\"de\"]}}]", "grants, 2: scope",
         WG_E_BAD_INPUT},
        {"[" AUDITOR "," AUDITOR "," AUDITOR "," AUDITOR "," AUDITOR "," AUDITOR "," AUDITOR
         "," AUDITOR "," AUDITOR "]",
         "at most 8", WG_E_LIMIT},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct grants grants;
        struct wg_error err = {0};
        json_t *value = parse(bad[i].text);
        CU_ASSERT_FALSE(grants_read(value, &grants, &err));
        CU_ASSERT_EQUAL(err.code, bad[i].code);
        CU_ASSERT_EQUAL(grants.count, 0);
        if (!strstr(err.text, bad[i].words)) printf("\n    %s\n", err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, bad[i].words));
        json_decref(value);
    }
}

static void a_role_counts_within_its_scope(void)
{
    struct grants grants = grants_of("[" SUPPORT_DE "," AUDITOR "]");
    struct scope_device here = {.region = "DE-BY", .model = "m"}, there = {.region = "AT"};
    CU_ASSERT_TRUE(grants_may(&grants, MAY_DEVICE_RETRY));
    CU_ASSERT_FALSE(grants_may(&grants, MAY_CAMPAIGN_STEER));
    CU_ASSERT_TRUE(grants_may_on(&grants, MAY_DEVICE_RETRY, &here));
    CU_ASSERT_FALSE(grants_may_on(&grants, MAY_DEVICE_RETRY, &there));
    CU_ASSERT_TRUE(grants_may_on(&grants, MAY_DEVICE_READ, &there));
    CU_ASSERT_TRUE(grants_may_everywhere(&grants, MAY_DEVICE_READ));
    CU_ASSERT_FALSE(grants_may_everywhere(&grants, MAY_DEVICE_RETRY));
    struct scope bavaria = {.regions = {1, {"DE-BY"}}}, all = {0};
    CU_ASSERT_TRUE(grants_may_within(&grants, MAY_DEVICE_RETRY, &bavaria));
    CU_ASSERT_FALSE(grants_may_within(&grants, MAY_DEVICE_RETRY, &all));
}

static const char *scopes_of(const char *text, enum permission permission)
{
    static char out[1024];
    struct grants grants = grants_of(text);
    struct wg_buf buf;
    struct wg_error err = {0};
    wg_buf_init(&buf, sizeof out - 1);
    ASSERT_OK(grants_scopes(&grants, permission, &buf, &err), &err);
    const char *param = grants_scopes_param(&buf);
    (void)wg_copy(out, sizeof out, param ? param : "everything");
    wg_buf_clear(&buf);
    return out;
}

static void scopes_are_what_sql_takes(void)
{
    static const char two[] =
        "[" SUPPORT_DE ",{\"role\":\"rollout-admin\",\"scope\":{\"groups\":[\"lab\"]}}]";
    ASSERT_TEXT(scopes_of("[" SUPPORT_DE "," AUDITOR "]", MAY_DEVICE_READ), "everything");
    ASSERT_TEXT(scopes_of(two, MAY_DEVICE_RETRY),
                "[{\"regions\":[\"DE\"]},{\"groups\":[\"lab\"]}]");
    ASSERT_TEXT(scopes_of(two, MAY_DEVICE_QUARANTINE), "[{\"regions\":[\"DE\"]}]");
    ASSERT_TEXT(scopes_of(two, MAY_AUDIT_READ), "[]");
    ASSERT_TEXT(scopes_of("[]", MAY_DEVICE_READ), "[]");
}

static bool cover(const char *giver, const char *given)
{
    struct grants a = grants_of(giver), b = grants_of(given);
    return grants_cover_all(&a, &b);
}

static void nobody_gives_what_they_have_not(void)
{
    static const char owner[] = "[{\"role\":\"owner\"}]";
    static const char owner_de[] = "[{\"role\":\"owner\",\"scope\":{\"regions\":[\"DE\"]}}]";
    CU_ASSERT_TRUE(cover(owner, owner));
    CU_ASSERT_TRUE(cover(owner, owner_de));
    CU_ASSERT_FALSE(cover(owner_de, owner));
    CU_ASSERT_TRUE(cover(owner_de, "[" SUPPORT_DE "]"));
    CU_ASSERT_FALSE(cover(owner_de, "[" SUPPORT_DE "," AUDITOR "]"));
    CU_ASSERT_FALSE(cover("[" AUDITOR "]", "[" SUPPORT_DE "]"));
    CU_ASSERT_TRUE(cover("[" AUDITOR "]", "[]"));
}

static void a_token_is_the_smaller_of_both(void)
{
    struct grants maker = grants_of("[" SUPPORT_DE "," AUDITOR "]"), out;
    permission_set set = PERMISSION_BIT(MAY_DEVICE_RETRY) | PERMISSION_BIT(MAY_DEVICE_READ) |
                         PERMISSION_BIT(MAY_CAMPAIGN_STEER);
    struct scope all = {0}, austria = {.regions = {1, {"AT"}}};
    struct scope_device here = {.region = "DE-BY"}, there = {.region = "AT"};
    grants_limit(&maker, set, &all, &out);
    CU_ASSERT_EQUAL(grants_permissions(&out),
                    PERMISSION_BIT(MAY_DEVICE_RETRY) | PERMISSION_BIT(MAY_DEVICE_READ));
    CU_ASSERT_TRUE(grants_may_on(&out, MAY_DEVICE_RETRY, &here));
    CU_ASSERT_FALSE(grants_may_on(&out, MAY_DEVICE_RETRY, &there));
    CU_ASSERT_TRUE(grants_may_on(&out, MAY_DEVICE_READ, &there));
    grants_limit(&maker, set, &austria, &out);
    CU_ASSERT_EQUAL(out.count, 1);
    CU_ASSERT_FALSE(grants_may(&out, MAY_DEVICE_RETRY));
    CU_ASSERT_TRUE(grants_may_on(&out, MAY_DEVICE_READ, &there));
    CU_ASSERT_FALSE(grants_may_on(&out, MAY_DEVICE_READ, &here));
    /* and through a token nothing is given that it has not */
    struct grants support = grants_of("[" SUPPORT_DE "]");
    CU_ASSERT_FALSE(grants_cover_all(&out, &support));
}

WG_SUITE("people.grants", {"grants read back", grants_read_back},
         {"what are no grants is refused", what_are_no_grants_is_refused},
         {"a role counts within its scope", a_role_counts_within_its_scope},
         {"scopes are what sql takes", scopes_are_what_sql_takes},
         {"nobody gives what they have not", nobody_gives_what_they_have_not},
         {"a token is the smaller of both", a_token_is_the_smaller_of_both})
