/* settings_test.c: configurations that hold, and what is said of those that do not. */
#include "agent/posix/settings.h"

#include "common/json.h"
#include "folder.h"

static struct settings settings; /* large */

/* The least that a device needs; certificate and key of data/. */
static json_t *least(void)
{
    return json_pack("{s:s, s:s, s:s, s:s, s:[s], s:s, s:s, s:{s:s, s:s}}", "broker",
                     "ssl://localhost:8883", "ca", "ca.crt", "certificate",
                     WG_TEST_DATA "/device.crt", "key", "device.key", "directors",
                     WG_TEST_DATA "/director.pub", "state", "state", "component", "brake",
                     "hardware", "model", "brake-controller", "revision", "C");
}

/* change: an object whose members replace those of the least; null takes one away. */
static bool load(struct folder *folder, const char *change, struct wg_error *err)
{
    json_t *json = least(), *changes = json_loads(change, JSON_REJECT_DUPLICATES, NULL), *value;
    const char *key;
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    CU_ASSERT_PTR_NOT_NULL_FATAL(changes);
    json_object_foreach(changes, key, value)
    {
        if (json_is_null(value))
            (void)json_object_del(json, key);
        else
            (void)json_object_set(json, key, value);
    }
    char *text = json_dumps(json, 0);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    folder_put(folder, "agent.json", text, 0600);
    folder_put(folder, "device.key", "its content is for TLS to read", 0600);
    free(text);
    json_decref(json);
    json_decref(changes);
    return settings_load(&settings, folder_file(folder, "agent.json"), err);
}

static void test_key_in_a_token(void)
{
    struct folder folder;
    struct wg_error err = {0};
    folder_make(&folder);
    ASSERT_OK(
        load(&folder, "{\"key\": \"pkcs11:token=t;object=k\", \"key_secret\": \"/pin\"}", &err),
        &err);
    ASSERT_TEXT(settings.key, "pkcs11:token=t;object=k?pin-source=file:/pin");
    ASSERT_OK(
        load(&folder,
             "{\"key\": \"pkcs11:token=t;object=k?module-path=/m\", \"key_secret\": \"/pin\"}",
             &err),
        &err);
    ASSERT_TEXT(settings.key, "pkcs11:token=t;object=k?module-path=/m&pin-source=file:/pin");
    ASSERT_OK(load(&folder, "{\"key\": \"pkcs11:object=k\"}", &err), &err);
    ASSERT_TEXT(settings.key, "pkcs11:object=k");
    folder_remove(&folder);
}

static void test_least(void)
{
    struct folder folder;
    struct wg_error err = {0};
    folder_make(&folder);
    ASSERT_OK(load(&folder, "{}", &err), &err);
    ASSERT_TEXT(settings.core.device, "dev-1"); /* what the certificate says */
    ASSERT_TEXT(settings.broker, "ssl://localhost:8883");
    ASSERT_TEXT(settings.state, folder_file(&folder, "state")); /* relative to the file */
    ASSERT_TEXT(settings.key, folder_file(&folder, "device.key"));
    ASSERT_TEXT(settings.core.identity.hardware_model, "brake-controller");
    ASSERT_TEXT(settings.core.identity.attributes, "{}");
    ASSERT_TEXT(settings.core.identity.zone, "");
    ASSERT_TEXT(settings.metrics, "");
    ASSERT_TEXT(settings.pins, "");
    ASSERT_TEXT(settings.hooks, "");
    ASSERT_TEXT(settings.tamper, "");
    CU_ASSERT_FALSE(settings.core.hooks);
    CU_ASSERT_EQUAL(settings.hook_timeout, 30 * WG_SECOND);
    ASSERT_TEXT(settings.logs.program, "");
    CU_ASSERT_EQUAL(settings.logs.max, 16384);
    CU_ASSERT_EQUAL(settings.logs.per_day, 20);
    CU_ASSERT_EQUAL(settings.download.patience, 30 * WG_SECOND);
    CU_ASSERT_EQUAL(settings.core.director_count, 1);
    CU_ASSERT_EQUAL(settings.core.soak, 60 * WG_SECOND);
    CU_ASSERT_EQUAL(settings.core.health_every, 5 * WG_SECOND);
    CU_ASSERT_EQUAL(settings.core.resend, CORE_RESEND);
    CU_ASSERT_EQUAL(settings.keep_alive, WG_MINUTE);
    CU_ASSERT_EQUAL(settings.mqtt_version, 5);
    CU_ASSERT_EQUAL(settings.log, WG_LOG_INFO);
    CU_ASSERT_FALSE(settings.core.identity.has_position);
    folder_remove(&folder);
}

static void test_all(void)
{
    struct folder folder;
    struct wg_error err = {0};
    folder_make(&folder);
    ASSERT_OK(load(&folder,
                   "{\"id\": \"dev-1\", \"state\": \"/var/lib/wavegate\", \"region\": \"DE-BY\","
                   " \"zone\": \"Europe/Berlin\", \"position\": {\"lat\": 48.5, \"lon\": -11},"
                   " \"attributes\": {\"site\": \"muc\"}, \"soak\": \"1m30s\","
                   " \"health_every\": \"200ms\", \"resend\": \"2s\", \"keep_alive\": \"5s\","
                   " \"reconnect\": {\"first\": \"100ms\", \"most\": \"1s\"},"
                   " \"reboot\": \"/sbin/reboot\", \"log\": \"debug\","
                   " \"pins\": \"pins.json\", \"pins_key\": \"/etc/pins.pub\","
                   " \"logs\": {\"program\": \"/bin/last\", \"max\": \"4KiB\", \"per_day\": 0},"
                   " \"metrics\": \"/run/metrics.json\", \"hooks\": \"/etc/hooks\","
                   " \"hook_timeout\": \"10s\", \"tamper\": \"/run/tampered\","
                   " \"mqtt\": \"3.1.1\"}",
                   &err),
              &err);
    ASSERT_TEXT(settings.state, "/var/lib/wavegate");
    ASSERT_TEXT(settings.core.identity.region, "DE-BY");
    ASSERT_TEXT(settings.core.identity.attributes, "{\"site\":\"muc\"}");
    CU_ASSERT_TRUE(settings.core.identity.has_position);
    CU_ASSERT_EQUAL(settings.core.identity.lat, 48.5);
    CU_ASSERT_EQUAL(settings.core.identity.lon, -11);
    CU_ASSERT_EQUAL(settings.core.soak, 90 * WG_SECOND);
    CU_ASSERT_EQUAL(settings.core.health_every, 200);
    CU_ASSERT_EQUAL(settings.reconnect_first, 100);
    CU_ASSERT_EQUAL(settings.reconnect_most, WG_SECOND);
    CU_ASSERT_EQUAL(settings.keep_alive, 5 * WG_SECOND);
    CU_ASSERT_EQUAL(settings.mqtt_version, 311);
    ASSERT_TEXT(settings.reboot, "/sbin/reboot");
    ASSERT_TEXT(settings.pins, folder_file(&folder, "pins.json"));
    ASSERT_TEXT(settings.pins_key, "/etc/pins.pub");
    ASSERT_TEXT(settings.metrics, "/run/metrics.json");
    ASSERT_TEXT(settings.hooks, "/etc/hooks");
    ASSERT_TEXT(settings.tamper, "/run/tampered");
    CU_ASSERT_TRUE(settings.core.hooks);
    CU_ASSERT_EQUAL(settings.hook_timeout, 10 * WG_SECOND);
    CU_ASSERT_EQUAL(settings.log, WG_LOG_DEBUG);
    ASSERT_TEXT(settings.logs.program, "/bin/last");
    CU_ASSERT_EQUAL(settings.logs.max, 4096);
    CU_ASSERT_EQUAL(settings.logs.per_day, 0);
    folder_remove(&folder);
}

static void test_slots(void)
{
    static const struct {
        const char *more, *environment, *key, *cmdline;
        enum slot_boot boot;
    } rows[] = {
        {"\"boot\": \"grub\"", "/boot/grub/grubenv", "wg.slot", "/proc/cmdline", SLOT_GRUB},
        {"\"boot\": \"uboot\"", "/etc/fw_env.config", "wg.slot", "/proc/cmdline", SLOT_UBOOT},
        {"\"boot\": \"grub\", \"env\": \"/efi/grubenv\", \"running\": \"root\", \"cmdline\": "
         "\"/c\"",
         "/efi/grubenv", "root", "/c", SLOT_GRUB},
    };
    struct folder folder;
    struct wg_error err = {0};
    folder_make(&folder);
    ASSERT_OK(load(&folder, "{}", &err), &err);
    CU_ASSERT_EQUAL(settings.slots.kind, SLOT_DIR);
    ASSERT_OK(load(&folder, "{\"slots\": {\"backend\": \"dir\"}}", &err), &err);
    CU_ASSERT_EQUAL(settings.slots.kind, SLOT_DIR);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char change[256];
        (void)wg_format(
            change, sizeof change,
            "{\"slots\": {\"backend\": \"block\", \"a\": \"/dev/one\", \"b\": \"two\", %s}}",
            rows[i].more);
        ASSERT_OK(load(&folder, change, &err), &err);
        CU_ASSERT_EQUAL(settings.slots.kind, SLOT_BLOCK);
        CU_ASSERT_EQUAL(settings.slots.boot, rows[i].boot);
        ASSERT_TEXT(settings.slots.block.a, "/dev/one");
        ASSERT_TEXT(settings.slots.block.b, folder_file(&folder, "two"));
        ASSERT_TEXT(settings.slots.block.key, rows[i].key);
        ASSERT_TEXT(settings.slots.block.cmdline, rows[i].cmdline);
        ASSERT_TEXT(settings.slots.environment, rows[i].environment);
    }
    folder_remove(&folder);
}

static void test_installer(void)
{
    struct folder folder;
    struct wg_error err = {0};
    folder_make(&folder);
    ASSERT_OK(load(&folder, "{\"slots\": {\"backend\": \"exec\", \"program\": \"/bin/it\"}}", &err),
              &err);
    const struct slot_exec_settings *exec = &settings.slots.exec;
    CU_ASSERT_EQUAL(settings.slots.kind, SLOT_EXEC);
    ASSERT_TEXT(exec->program, "/bin/it");
    ASSERT_TEXT(exec->settings, "");
    CU_ASSERT_TRUE(exec->quick == 0 && exec->work == 0);
    ASSERT_OK(load(&folder,
                   "{\"slots\": {\"backend\": \"exec\", \"program\": \"it\", \"quick\": \"90s\", "
                   "\"work\": \"10m\", \"settings\": {\"target\": \"/x y\", \"tree\": true}}}",
                   &err),
              &err);
    ASSERT_TEXT(exec->program, folder_file(&folder, "it"));
    ASSERT_TEXT(exec->settings, "{\"target\":\"/x y\",\"tree\":true}");
    CU_ASSERT_EQUAL(exec->quick, 90 * WG_SECOND);
    CU_ASSERT_EQUAL(exec->work, 10 * WG_MINUTE);
    /* what is longer than what is kept */
    char change[2 * SLOT_EXEC_TEXT_MAX] = "{\"slots\": {\"backend\": \"exec\", \"program\": \"x\", "
                                          "\"settings\": {";
    size_t len = strlen(change);
    for (int i = 0; i < 9; i++)
        len += (size_t)snprintf(change + len, sizeof change - len, "%s\"k%d\": \"%01000d\"",
                                i ? ", " : "", i, 0);
    (void)snprintf(change + len, sizeof change - len, "}}}");
    CU_ASSERT_FALSE(load(&folder, change, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "slots: settings: expected 8191 bytes at most"));
    folder_remove(&folder);
}

static void test_components(void)
{
    struct folder folder;
    struct wg_error err = {0};
    folder_make(&folder);
    ASSERT_OK(load(&folder,
                   "{\"components\": {\"app\": {\"backend\": \"exec\", \"program\": \"it\"},"
                   " \"modem\": {}, \"radio\": {\"backend\": \"block\", \"a\": \"x\", \"b\": \"y\","
                   " \"boot\": \"uboot\", \"env\": \"z\"}}}",
                   &err),
              &err);
    CU_ASSERT_EQUAL_FATAL(settings.places.count, 3);
    const struct slot_settings *app = slot_places_find(&settings.places, "app");
    const struct slot_settings *modem = slot_places_find(&settings.places, "modem");
    const struct slot_settings *radio = slot_places_find(&settings.places, "radio");
    CU_ASSERT_TRUE_FATAL(app && modem && radio);
    CU_ASSERT_EQUAL(app->kind, SLOT_EXEC);
    ASSERT_TEXT(app->exec.program, folder_file(&folder, "it"));
    CU_ASSERT_EQUAL(modem->kind, SLOT_DIR);
    ASSERT_TEXT(radio->environment, folder_file(&folder, "z"));
    CU_ASSERT_PTR_NULL(slot_places_find(&settings.places, "brake"));
    folder_remove(&folder);
}

static void test_slots_refused(void)
{
    static const struct {
        const char *change, *expected;
    } rows[] = {
        {"{\"slots\": \"dir\"}", "slots"},
        {"{\"slots\": {\"backend\": \"rom\"}}", "slots: backend: expected dir, block or exec"},
        {"{\"slots\": {\"backend\": \"dir\", \"a\": \"x\"}}", "slots: "},
        {"{\"slots\": {\"backend\": \"block\"}}", "slots: a"},
        {"{\"slots\": {\"backend\": \"block\", \"a\": \"x\", \"b\": \"y\"}}", "slots: boot"},
        {"{\"slots\": {\"backend\": \"block\", \"a\": \"x\", \"b\": \"y\", \"boot\": \"lilo\"}}",
         "slots: boot: expected grub or uboot"},
        {"{\"slots\": {\"backend\": \"block\", \"c\": \"x\"}}", "slots"},
        {"{\"slots\": {\"backend\": \"exec\"}}", "slots: program"},
        {"{\"slots\": {\"backend\": \"exec\", \"program\": \"x\", \"a\": \"y\"}}", "slots: "},
        {"{\"slots\": {\"backend\": \"exec\", \"program\": \"x\", \"work\": \"10\"}}",
         "slots: work: expected a duration"},
        {"{\"slots\": {\"backend\": \"exec\", \"program\": \"x\", \"quick\": \"500ms\"}}",
         "slots: quick: expected a duration like 90s or 30m, 1s to 24h, got \"500ms\""},
        {"{\"slots\": {\"backend\": \"exec\", \"program\": \"x\", \"settings\": [1]}}",
         "slots: settings: expected an object"},
        {"{\"slots\": {\"backend\": \"exec\", \"program\": \"x\", \"settings\": {\"A\": 1}}}",
         "slots: settings: \"A\": expected a name"},
        {"{\"slots\": {\"backend\": \"exec\", \"program\": \"x\", \"settings\": {\"a\": []}}}",
         "slots: settings: a: expected text"},
        {"{\"components\": []}", "components"},
        {"{\"components\": {\"a b\": {}}}", "components: \"a b\": expected a component's name"},
        {"{\"components\": {\"app\": \"dir\"}}",
         "components: app: expected an object like that of slots"},
        {"{\"components\": {\"app\": {\"backend\": \"rom\"}}}",
         "components: app: backend: expected dir, block or exec"},
        {"{\"components\": {\"1\": {}, \"2\": {}, \"3\": {}, \"4\": {}, \"5\": {}, \"6\": {}, "
         "\"7\": {}, \"8\": {}, \"9\": {}}}",
         "components: expected 8 at most"},
        {"{\"components\": {\"brake\": {}}}", "brake is what lies in the slots"},
        {"{\"slots\": {\"backend\": \"block\", \"a\": \"x\", \"b\": \"y\", \"boot\": \"grub\"},"
         " \"components\": {\"app\": {\"backend\": \"block\", \"a\": \"v\", \"b\": \"w\", "
         "\"boot\": "
         "\"grub\"}}}",
         "app and the slots share a partition or a boot environment"},
        {"{\"components\": {\"app\": {\"backend\": \"block\", \"a\": \"x\", \"b\": \"y\", "
         "\"boot\": "
         "\"grub\", \"env\": \"1\"}, \"modem\": {\"backend\": \"block\", \"a\": \"y\", \"b\": "
         "\"z\", "
         "\"boot\": \"grub\", \"env\": \"2\"}}}",
         "app and modem share a partition"},
    };
    struct folder folder;
    folder_make(&folder);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        CU_ASSERT_FALSE(load(&folder, rows[i].change, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
        if (!strstr(err.text, rows[i].expected)) printf("\n    %s: %s\n", rows[i].change, err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].expected));
    }
    folder_remove(&folder);
}

static void test_refused(void)
{
    static const struct {
        const char *change, *says;
    } rows[] = {
        {"{\"brokr\": \"x\"}", "brokr"},
        {"{\"broker\": null}", "broker"},
        {"{\"broker\": 8883}", "broker"},
        {"{\"hardware\": \"C\"}", "hardware"},
        {"{\"hardware\": {\"model\": \"x\"}}", "revision"},
        {"{\"hardware\": {\"model\": \"x\", \"revision\": \"C\", \"rev\": 1}}", "rev"},
        {"{\"directors\": []}", "directors"},
        {"{\"directors\": [1]}", "directors"},
        {"{\"directors\": [\"none.pub\"]}", "none.pub"},
        {"{\"directors\": [\"agent.json\"]}", "agent.json"},
        {"{\"directors\": [\"credential:a/b\"]}", "directors: expected credential:NAME"},
        {"{\"certificate\": \"agent.json\"}", "certificate"},
        {"{\"id\": \"dev-2\"}", "dev-2"},
        {"{\"component\": \"brake controller\"}", "component"},
        {"{\"soak\": \"5\"}", "soak"},
        {"{\"pins\": \"pins.json\"}", "expected both"},
        {"{\"key\": \"pkcs11:token=t\"}", "object= or id= must name the key"},
        {"{\"key\": \"pkcs11:token=t;object=k;id=%01\"}", "no id="},
        {"{\"key\": \"pkcs11:token=t;object=k?pin-value=1\"}", "key: "},
        {"{\"key_secret\": \"pin\"}", "key_secret: the key is in no token"},
        {"{\"key\": \"pkcs11:token=t;object=k?pin-source=file:/p\", \"key_secret\": \"p\"}",
         "key_secret: the URI of key has a pin-source"},
        {"{\"key\": \"pkcs11:token=t;object=k\", \"key_secret\": \"/a&b\"}",
         "key_secret: expected a path"},
        {"{\"pins_key\": \"pins.pub\"}", "expected both"},
        {"{\"pins\": 1, \"pins_key\": \"pins.pub\"}", "pins"},
        {"{\"soak\": 5}", "soak"},
        {"{\"health_every\": \"0s\"}", "health_every"},
        {"{\"keep_alive\": \"500ms\"}", "keep_alive"},
        {"{\"mqtt\": \"3.1\"}", "mqtt: expected"},
        {"{\"mqtt\": 5}", "mqtt"},
        {"{\"keep_alive\": \"1d\"}", "keep_alive"}, /* more than MQTT can say */
        {"{\"reconnect\": \"5s\"}", "reconnect"},
        {"{\"reconnect\": {\"last\": \"5s\"}}", "last"},
        {"{\"reconnect\": {\"first\": \"5\"}}", "first"},
        {"{\"reconnect\": {\"first\": \"10s\", \"most\": \"5s\"}}", "most"},
        {"{\"position\": {\"lat\": 48}}", "position"},
        {"{\"position\": {\"lat\": 48, \"lon\": 11, \"alt\": 5}}", "alt"},
        {"{\"position\": {\"lat\": 91, \"lon\": 11}}", "position"},
        {"{\"position\": {\"lat\": 48, \"lon\": 181}}", "position"},
        {"{\"position\": [48, 11]}", "position"},
        {"{\"attributes\": []}", "attributes"},
        {"{\"log\": \"loud\"}", "log"},
        {"{\"logs\": true}", "logs"},
        {"{\"logs\": {\"per_hour\": 1}}", "per_hour"},
        {"{\"logs\": {\"per_day\": -1}}", "per_day"},
        {"{\"logs\": {\"max\": \"0KiB\"}}", "1KiB to 16KiB"},
        {"{\"logs\": {\"max\": \"17KiB\"}}", "1KiB to 16KiB"},
        {"{\"logs\": {\"max\": \"16\"}}", "1KiB to 16KiB"},
        {"{\"logs\": {\"max\": 16}}", "max"},
        {"{\"logs\": {\"program\": 1}}", "program"},
        {"{\"metrics\": {\"rpm\": 1}}", "metrics"},
        {"{\"hooks\": [\"/etc/hooks\"]}", "hooks"},
        {"{\"hook_timeout\": \"10ms\"}", "hook_timeout"},
        {"{\"download\": {\"rate\": 5}}", "rate"},
        {"{\"mirrors\": [\"cache.local\"]}", "mirrors"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct folder folder;
        struct wg_error err = {0};
        folder_make(&folder);
        bool ok = load(&folder, rows[i].change, &err);
        if (ok || !strstr(err.text, rows[i].says))
            printf("\n    %s: \"%s\"", rows[i].change, ok ? "taken" : err.text);
        CU_ASSERT_FALSE(ok);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].says));
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "agent.json"));
        folder_remove(&folder);
    }
}

static void test_no_json(void)
{
    static const char *const texts[] = {"", "[]", "{", "{\"broker\": \"a\", \"broker\": \"b\"}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct folder folder;
        struct wg_error err = {0};
        folder_make(&folder);
        folder_put(&folder, "agent.json", texts[i], 0600);
        CU_ASSERT_FALSE(settings_load(&settings, folder_file(&folder, "agent.json"), &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
        folder_remove(&folder);
    }
    struct wg_error err = {0};
    CU_ASSERT_FALSE(settings_load(&settings, "/none/agent.json", &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "/none/agent.json"));
}

static void test_state_flag(void)
{
    struct wg_error err = {0};
    char here[PATH_MAX], expected[PATH_MAX + 16], much[PATH_MAX + 1];
    CU_ASSERT_PTR_NOT_NULL_FATAL(getcwd(here, sizeof here));
    (void)snprintf(expected, sizeof expected, "%s/other", here);
    ASSERT_OK(settings_set_state(&settings, "other", &err), &err);
    ASSERT_TEXT(settings.state, expected);
    ASSERT_OK(settings_set_state(&settings, "/other", &err), &err);
    ASSERT_TEXT(settings.state, "/other");
    memset(much, 'a', PATH_MAX);
    much[PATH_MAX] = '\0';
    CU_ASSERT_FALSE(settings_set_state(&settings, much, &err));
    much[0] = '/';
    CU_ASSERT_FALSE(settings_set_state(&settings, much, &err));
}

/* What others can read is no secret any more. */
static void test_loose_key(void)
{
    struct folder folder;
    struct wg_error err = {0};
    folder_make(&folder);
    ASSERT_OK(load(&folder, "{}", &err), &err);
    CU_ASSERT_EQUAL(chmod(folder_file(&folder, "device.key"), 0640), 0);
    CU_ASSERT_FALSE(settings_load(&settings, folder_file(&folder, "agent.json"), &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "device.key"));
    folder_remove(&folder);
}

/* Who checks by hand has none; who starts must have them. */
static void test_credentials(void)
{
    struct folder folder;
    struct wg_error err = {0};
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    folder_make(&folder);
    folder_put(&folder, "ca.crt", "-----BEGIN CERTIFICATE-----\n", 0644);
    CU_ASSERT_FALSE(
        load(&folder, "{\"key\": \"credential:k\", \"age_key\": \"credential:a\"}", &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "key: "));
    wg_error_clear(&err);
    ASSERT_OK(settings_check(&settings, folder_file(&folder, "agent.json"), &err), &err);
    folder_remove(&folder);
}

WG_SUITE("agent/posix/settings", {"key in a token", test_key_in_a_token},
         {"credentials", test_credentials}, {"the least", test_least}, {"all", test_all},
         {"slots", test_slots}, {"an installer", test_installer}, {"components", test_components},
         {"slots refused", test_slots_refused}, {"refused", test_refused},
         {"no JSON", test_no_json}, {"state flag", test_state_flag}, {"loose key", test_loose_key})
