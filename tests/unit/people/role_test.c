/* role_test.c: the words of permissions and roles, and who may what: docs/api.md. */
#include "orchestrator/people/role.h"
#include "pki/authority.h"
#include "tests/unit/people/parse.h"

static void every_word_leads_back(void)
{
    for (size_t i = 0; i < PERMISSIONS; i++) {
        enum permission found = PERMISSIONS;
        CU_ASSERT_PTR_NOT_NULL_FATAL(permission_name((enum permission)i));
        CU_ASSERT_TRUE(permission_find(permission_name((enum permission)i), &found));
        CU_ASSERT_EQUAL(found, i);
    }
    for (size_t i = 0; i < ROLES; i++) {
        enum role found = ROLES;
        CU_ASSERT_TRUE(role_find(role_name((enum role)i), &found));
        CU_ASSERT_EQUAL(found, i);
        CU_ASSERT_PTR_NOT_NULL(role_words((enum role)i));
    }
    enum permission permission;
    enum role role;
    CU_ASSERT_FALSE(permission_find("device", &permission));
    CU_ASSERT_FALSE(permission_find("", &permission));
    CU_ASSERT_FALSE(role_find("Owner", &role));
}

static void roles_are_those_of_certificates(void)
{
    for (size_t i = 0; i < ROLES; i++) CU_ASSERT_TRUE(role_is_known(role_name((enum role)i)));
}

static void each_role_may_what_the_table_says(void)
{
    static const char *const expected[ROLES] = {
        [ROLE_ROLLOUT_ADMIN] =
            "[\"device.read\",\"device.retry\",\"device.cancel\",\"campaign.read\","
            "\"campaign.plan\",\"campaign.apply\",\"campaign.approve\","
            "\"campaign.steer\",\"release.read\"]",
        [ROLE_REPOSITORY_ADMIN] = "[\"device.read\",\"campaign.read\",\"release.read\","
                                  "\"release.publish\",\"release.approve\"]",
        [ROLE_DEPLOYMENT_ADMIN] = "[\"device.read\",\"device.quarantine\",\"device.edit\","
                                  "\"device.revoke\",\"device.erase\",\"campaign.read\","
                                  "\"release.read\"]",
        [ROLE_SUPPORT] = "[\"device.read\",\"device.retry\",\"device.cancel\","
                         "\"device.quarantine\",\"campaign.read\",\"release.read\"]",
        [ROLE_AUDITOR] = "[\"device.read\",\"campaign.read\",\"release.read\",\"audit.read\","
                         "\"people.read\",\"metrics.read\"]",
    };
    CU_ASSERT_EQUAL(role_permissions(ROLE_OWNER), PERMISSION_ALL);
    for (size_t i = 1; i < ROLES; i++)
        ASSERT_TEXT(text_of(permission_set_json(role_permissions((enum role)i))), expected[i]);
}

static void only_an_owner_manages_people(void)
{
    for (size_t i = 0; i < ROLES; i++) {
        permission_set set = role_permissions((enum role)i);
        CU_ASSERT_EQUAL(permission_in(set, MAY_PEOPLE_MANAGE), i == ROLE_OWNER);
        CU_ASSERT_EQUAL(permission_in(set, MAY_WEBHOOK_MANAGE), i == ROLE_OWNER);
        CU_ASSERT_TRUE(permission_in(set, MAY_DEVICE_READ));
    }
}

static void sets_are_read_strictly(void)
{
    static const struct {
        const char *text, *words;
    } bad[] = {
        {"{}", "expected a list"},
        {"[]", "expected a list"},
        {"\"device.read\"", "expected a list"},
        {"[1]", "expected words"},
        {"[null]", "expected words"},
        {"[\"device.reed\"]", "there is no \"device.reed\""},
        {"[\"a\\u001b[2J\"]", "there is no \"a?[2J\""},
        {"[\"device.read\",\"device.read\"]", "twice"},
    };
    permission_set set = 77;
    struct wg_error err = {0};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        json_t *value = parse(bad[i].text);
        CU_ASSERT_FALSE(permission_set_read(value, &set, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, bad[i].words)) printf("\n    %s\n", err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, bad[i].words));
        json_decref(value);
    }
    CU_ASSERT_EQUAL(set, 77);
    json_t *value = parse("[\"metrics.read\",\"device.read\"]");
    ASSERT_OK(permission_set_read(value, &set, &err), &err);
    json_decref(value);
    CU_ASSERT_EQUAL(set, PERMISSION_BIT(MAY_METRICS_READ) | PERMISSION_BIT(MAY_DEVICE_READ));
    ASSERT_TEXT(text_of(permission_set_json(set)), "[\"device.read\",\"metrics.read\"]");
}

WG_SUITE("people.role", {"every word leads back", every_word_leads_back},
         {"roles are those of certificates", roles_are_those_of_certificates},
         {"each role may what the table says", each_role_may_what_the_table_says},
         {"only an owner manages people", only_an_owner_manages_people},
         {"sets are read strictly", sets_are_read_strictly})
