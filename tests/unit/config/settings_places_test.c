/* settings_places_test.c: where devices fetch artifacts: folders and buckets. */
#include "orchestrator/config/settings_places.h"

#include "orchestrator/config/settings.h"
#include "tests/unit/config/written.h"

#define URLS "artifacts:\n  urls:\n"
#define KEYS "access_key_id: AK, secret_key_file: s3.secret"
#define HEAD "  - {endpoint: \"https://s3.example\", region: eu-1, "
#define BUCKET HEAD "bucket: updates, " KEYS

static void test_beside_folders(void)
{
    ASSERT_OK(load(URLS "  - https://files.example/artifacts/\n" BUCKET "}\n" BUCKET
                        ", style: path, prefix: fleet-a/x/}\n"
                        "  - {endpoint: \"https://[::1]:9000/\", region: auto, style: path, "
                        "bucket: a.b, access_key_id: \"u:p\", secret_key_file: /k}\n"),
              &err);
    CU_ASSERT_EQUAL_FATAL(settings.artifact_url_count, 4);
    ASSERT_TEXT(settings.artifact_urls[0], "https://files.example/artifacts");
    ASSERT_TEXT(settings.artifact_buckets[0].region, "");
    ASSERT_TEXT(settings.artifact_urls[1], "https://updates.s3.example");
    ASSERT_TEXT(settings.artifact_buckets[1].region, "eu-1");
    ASSERT_TEXT(settings.artifact_buckets[1].access_key, "AK");
    ASSERT_TEXT(settings.artifact_buckets[1].secret_file, folder_file(&folder, "s3.secret"));
    ASSERT_TEXT(settings.artifact_urls[2], "https://s3.example/updates/fleet-a/x");
    ASSERT_TEXT(settings.artifact_urls[3], "https://[::1]:9000/a.b");
    ASSERT_TEXT(settings.artifact_buckets[3].secret_file, "/k");
}

/* The host is signed as it is sent, and clients leave the usual port out. */
static void test_usual_port(void)
{
    ASSERT_OK(load(URLS
                   "  - {endpoint: \"https://s3.example:443\", region: r, bucket: updates, " KEYS
                   "}\n"),
              &err);
    ASSERT_TEXT(settings.artifact_urls[0], "https://updates.s3.example");
    ASSERT_OK(load(URLS "  - {endpoint: \"https://[2001:db8::443]:443\", region: r, style: path, "
                        "bucket: updates, " KEYS "}\n"),
              &err);
    ASSERT_TEXT(settings.artifact_urls[0], "https://[2001:db8::443]/updates");
}

static void test_wrong(void)
{
    refused(URLS HEAD "bucket: updates}\n", ":3:5: error: access_key_id is missing");
    refused(URLS HEAD "bucket: updates}\n", "secret_key_file is missing");
    refused(URLS "  - {bucket: updates, " KEYS "}\n", "endpoint is missing: the store");
    refused(URLS BUCKET ", secret_key: x}\n", "secret_key");
    refused(URLS BUCKET ", style: dns}\n", "style");
    refused(URLS BUCKET ", prefix: a//b}\n", "prefix: expected");
    refused(URLS BUCKET ", prefix: a/../b}\n", "prefix: expected");
    refused(URLS BUCKET ", prefix: \"a b\"}\n", "prefix: expected");
    refused(URLS HEAD "bucket: Updates, " KEYS "}\n", "bucket: expected 3 to 63 of");
    refused(URLS HEAD "bucket: a..b, style: path, " KEYS "}\n", "bucket: expected 3 to 63 of");
    refused(URLS HEAD "bucket: a.b, " KEYS "}\n", "say style: path");
    static const char *const endpoints[] = {"http://h", "https://", "https://H", "https://h/p",
                                            "https://h?x"};
    for (size_t i = 0; i < sizeof endpoints / sizeof endpoints[0]; i++) {
        char text[512];
        (void)wg_format(text, sizeof text,
                        URLS "  - {endpoint: \"%s\", region: r, bucket: updates, " KEYS "}\n",
                        endpoints[i]);
        refused(text, "endpoint: expected https://HOST[:PORT]");
    }
    refused(URLS "  - [x]\n", "url");
    refused("artifacts: {urls: https://h}\n", "urls: expected a list");
}

/* Whatever is taken here can be presigned: tests/unit/link has the other half. */
static void test_too_long(void)
{
    char prefix[WG_URL_MAX], text[1024];
    memset(prefix, 'p', sizeof prefix);
    prefix[179] = '\0'; /* https://updates.s3.example is 26, "/" 1, the rest 240 + 65 + 2 + 4 */
    (void)wg_format(text, sizeof text, URLS BUCKET ", prefix: %s}\n", prefix);
    refused(text, "a presigned URL would have 517 bytes, an order takes 511");
    prefix[173] = '\0';
    (void)wg_format(text, sizeof text, URLS BUCKET ", prefix: %s}\n", prefix);
    ASSERT_OK(load(text), &err);
}

static void test_secret_file(void)
{
    (void)setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
    ASSERT_OK(load(URLS HEAD "bucket: updates, access_key_id: AK, "
                             "secret_key_file: \"credential:s3\"}\n"),
              &err);
    ASSERT_TEXT(settings.artifact_buckets[0].secret_file, "/run/credentials/x/s3");
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    refused(URLS HEAD "bucket: updates, access_key_id: AK, secret_key_file: \"credential:a/b\"}\n",
            "secret_key_file: expected credential:NAME");
}

/* Told by --check, and before anything starts. */
static void test_secret_is_there(void)
{
    char file[PATH_MAX];
    (void)snprintf(file, sizeof file, "%s", folder_file(&folder, "wavegated.yaml"));
    ASSERT_OK(load(URLS "  - https://h/a\n" BUCKET "}\n"), &err);
    CU_ASSERT_FALSE(settings_check(&settings, file, SETTINGS_OF_DAEMON, true, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, ":4:105: error: artifacts.urls.secret_key_file: "));
    ASSERT_OK(settings_check(&settings, file, SETTINGS_OF_API, true, &err), &err);
    folder_put(&folder, "s3.secret", "s", 0644);
    CU_ASSERT_FALSE(settings_check(&settings, file, SETTINGS_OF_DAEMON, true, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "others may read this secret"));
    folder_put(&folder, "s3.secret", "s", 0600);
    ASSERT_OK(settings_check(&settings, file, SETTINGS_OF_DAEMON, true, &err), &err);
}

static void test_lifetime(void)
{
    ASSERT_OK(load(URLS BUCKET "}\norders: {lifetime: 7d}\n"), &err);
    ASSERT_OK(load(URLS "  - https://h/a\norders: {lifetime: 8d}\n"), &err);
    refused(URLS BUCKET "}\norders: {lifetime: 7d1s}\n",
            ":4:20: error: lifetime: expected at most 7d, which is as long as a presigned URL");
}

static void test_all(void)
{
    folder_make(&folder);
    test_beside_folders();
    test_usual_port();
    test_wrong();
    test_too_long();
    test_secret_file();
    test_secret_is_there();
    test_lifetime();
    folder_remove(&folder);
}

WG_SUITE("orchestrator/config/settings_places", {"where artifacts are", test_all})
