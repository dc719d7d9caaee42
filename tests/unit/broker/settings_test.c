/* settings_test.c: options as the broker's configuration has them. */
#include "broker/settings.h"

#include "tests/unit/harness.h"

#include <string.h>

static void refuse(const char *key, const char *value, const char *words)
{
    struct settings settings;
    struct wg_error err = {0};
    settings_init(&settings);
    CU_ASSERT_FALSE(settings_take(&settings, key, value, &err));
    if (!strstr(err.text, words)) ASSERT_TEXT(err.text, words);
}

static void test_wrong_options(void)
{
    refuse("clients", "0", "plugin_opt_clients: expected 1 to 1000000, got \"0\"");
    refuse("clients", "many", "got \"many\"");
    refuse("clients", "10x", "got \"10x\"");
    refuse("clients", "", "got \"\"");
    refuse("clients", "99999999999999999999", "expected 1 to");
    refuse("device_byte_burst", "100", "expected 32768 to");
    refuse("device_penalty", "soon", "expected a duration from 1s to 1d, got \"soon\"");
    refuse("device_penalty", "0s", "expected a duration");
    refuse("crl", "crl.pem", "plugin_opt_crl: expected a path from /");
    refuse("orchestrators", "a,,b", "expected names of services");
    refuse("orchestrators", "a b", "expected names of services");
    refuse("orchestrator", "a", "plugin_opt_orchestrator: there is no such option");
}

static void test_right_options(void)
{
    struct settings settings;
    struct wg_error err = {0};
    settings_init(&settings);
    CU_ASSERT_TRUE(service_names_have(&settings.orchestrators, "wavegated"));
    CU_ASSERT_EQUAL(settings.penalty, WG_MINUTE);
    CU_ASSERT_FALSE(settings_check(&settings, &err));
    ASSERT_TEXT(err.text, "plugin_opt_device_authority is missing");
    ASSERT_OK(settings_take(&settings, "device_authority", "/a", &err), &err);
    ASSERT_OK(settings_take(&settings, "service_authority", "/b", &err), &err);
    ASSERT_OK(settings_take(&settings, "crl", "/c", &err), &err);
    ASSERT_OK(settings_take(&settings, "device_penalty", "90s", &err), &err);
    ASSERT_OK(settings_take(&settings, "device_drops", "7", &err), &err);
    ASSERT_OK(settings_take(&settings, "orchestrators", "one,two", &err), &err);
    ASSERT_OK(settings_check(&settings, &err), &err);
    CU_ASSERT_EQUAL(settings.penalty, 90 * WG_SECOND);
    CU_ASSERT_EQUAL(settings.drops, 7);
    CU_ASSERT_TRUE(service_names_have(&settings.orchestrators, "two"));
    CU_ASSERT_FALSE(service_names_have(&settings.orchestrators, "wavegated"));
    ASSERT_OK(settings_take(&settings, "enrolment", "two", &err), &err);
    CU_ASSERT_FALSE(settings_check(&settings, &err));
}

WG_SUITE("settings", {"wrong options are named", test_wrong_options},
         {"right options", test_right_options})
