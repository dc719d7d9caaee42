/* download_settings_test.c: the part of the configuration that is about downloads. */
#include "agent/posix/download_settings.h"

#include "folder.h"

static struct download_settings settings; /* large */

static bool load(const char *text, const char *folder, struct wg_error *err)
{
    json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    *err = (struct wg_error){0};
    bool ok = download_settings_read(json, folder, &settings, err);
    json_decref(json);
    return ok;
}

static void test_none(void)
{
    struct wg_error err;
    ASSERT_OK(load("{}", "/etc", &err), &err);
    ASSERT_TEXT(settings.proxy.host, "");
    CU_ASSERT_EQUAL(settings.rate, 0);
    CU_ASSERT_EQUAL(settings.slowest, 256);
    CU_ASSERT_EQUAL(settings.patience, 30 * WG_SECOND);
    CU_ASSERT_FALSE(settings.wait_metered);
    CU_ASSERT_EQUAL(settings.mirror_count + settings.host_count, 0);
}

static void test_all(void)
{
    struct folder folder;
    struct wg_error err;
    folder_make(&folder);
    folder_put(&folder, "proxy.secret", "u:p", 0600);
    ASSERT_OK(load("{\"proxy\": \"http://proxy:3128\", \"proxy_credentials\": \"proxy.secret\","
                   " \"no_proxy\": [\".local\", \"10.0.0.0/8\"],"
                   " \"mirrors\": [\"https://cache.local/artifacts/\"],"
                   " \"download\": {\"rate\": \"2MB/s\", \"slowest\": \"1KiB/s\","
                   " \"patience\": \"10s\", \"certificate_hosts\": [\"cache.local\"], \"ca\": "
                   "\"roots.pem\","
                   " \"metered\": \"wait\", \"metered_program\": \"/usr/bin/metered\","
                   " \"metered_max\": \"10MB\", \"metered_every\": \"1m\","
                   " \"metered_retry\": \"1h\"}}",
                   folder.path, &err),
              &err);
    ASSERT_TEXT(settings.proxy.host, "proxy");
    ASSERT_TEXT(settings.proxy.port, "3128");
    ASSERT_TEXT(settings.proxy.credentials, folder_file(&folder, "proxy.secret"));
    CU_ASSERT_EQUAL(settings.proxy.exception_count, 2);
    ASSERT_TEXT(settings.proxy.exceptions[1], "10.0.0.0/8");
    ASSERT_TEXT(settings.mirrors[0], "https://cache.local/artifacts/");
    CU_ASSERT_EQUAL(settings.rate, 2000000);
    CU_ASSERT_EQUAL(settings.slowest, 1024);
    CU_ASSERT_EQUAL(settings.patience, 10 * WG_SECOND);
    ASSERT_TEXT(settings.hosts[0], "cache.local");
    ASSERT_TEXT(settings.ca, folder_file(&folder, "roots.pem"));
    CU_ASSERT_TRUE(settings.wait_metered);
    ASSERT_TEXT(settings.metered_program, "/usr/bin/metered");
    CU_ASSERT_EQUAL(settings.metered_max, 10000000);
    CU_ASSERT_EQUAL(settings.metered_every, WG_MINUTE);
    CU_ASSERT_EQUAL(settings.metered_retry, WG_HOUR);
    folder_remove(&folder);
}

static void test_refused(void)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"{\"proxy\": \"https://p:1\"}", "http://HOST:PORT"},
        {"{\"proxy\": 3128}", "proxy"},
        {"{\"no_proxy\": [\"a\"]}", "expected a proxy"},
        {"{\"proxy_credentials\": \"x\"}", "expected a proxy"},
        {"{\"proxy\": \"http://p:1\", \"proxy_credentials\": \"/none/x\"}", "proxy_credentials"},
        {"{\"proxy\": \"http://p:1\", \"no_proxy\": [\"a*\"]}", "no_proxy"},
        {"{\"proxy\": \"http://p:1\", \"no_proxy\": \"a\"}", "no_proxy"},
        {"{\"proxy\": \"http://p:1\", \"no_proxy\": [1]}", "no_proxy"},
        {"{\"mirrors\": [\"http://a/\"]}", "mirrors"},
        {"{\"mirrors\": [\"https://a/b\"]}", "https://HOST/PATH/"},
        {"{\"mirrors\": [\"https://a/?b/\"]}", "https://HOST/PATH/"},
        {"{\"download\": []}", "download"},
        {"{\"download\": {\"speed\": \"1MB/s\"}}", "speed"},
        {"{\"download\": {\"rate\": \"1MB\"}}", "500kB/s"},
        {"{\"download\": {\"rate\": \"0B/s\"}}", "rate"},
        {"{\"download\": {\"rate\": \"MB/s\"}}", "rate"},
        {"{\"download\": {\"rate\": \"1mb/s\"}}", "rate"},
        {"{\"download\": {\"rate\": \"999999999999GB/s\"}}", "rate"},
        {"{\"download\": {\"patience\": \"1ms\"}}", "patience"},
        {"{\"download\": {\"window\": \"9MiB\"}}", "power of two from 1KiB to 128MiB"},
        {"{\"download\": {\"window\": \"256MiB\"}}", "power of two"},
        {"{\"download\": {\"window\": \"512B\"}}", "power of two"},
        {"{\"download\": {\"window\": \"much\"}}", "window"},
        {"{\"download\": {\"metered\": \"maybe\"}}", "wait or allow"},
        {"{\"download\": {\"metered\": \"wait\"}}", "metered_program or metered_file"},
        {"{\"download\": {\"metered\": \"wait\", \"metered_program\": \"/a\", \"metered_file\":"
         " \"/b\"}}",
         "expected one"},
        {"{\"download\": {\"metered_max\": \"10MB/s\"}}", "10MB"},
        {"{\"download\": {\"certificate_hosts\": [\"\"]}}", "certificate_hosts"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err;
        bool ok = load(rows[i].text, "/etc", &err);
        if (ok || !strstr(err.text, rows[i].says))
            printf("\n    %s: \"%s\"", rows[i].text, ok ? "taken" : err.text);
        CU_ASSERT_FALSE(ok);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].says));
    }
}

WG_SUITE("agent/posix/download_settings", {"none", test_none}, {"all", test_all},
         {"refused", test_refused})
