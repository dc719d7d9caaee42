/* settings_test.c: the configuration file: what is read, made absolute, refused, and missed. */
#include "orchestrator/config/settings.h"

#include "tests/unit/config/written.h"

#include <unistd.h>

static void in_folder(const char *got, const char *name)
{
    ASSERT_TEXT(got, folder_file(&folder, name));
}

static void test_defaults(void)
{
    ASSERT_OK(load("database: dbname=wavegate\n"), &err);
    in_folder(settings.file, "wavegated.yaml");
    ASSERT_TEXT(settings.database, "dbname=wavegate");
    ASSERT_TEXT(settings.gate_hooks, "");
    ASSERT_TEXT(settings.gate_hooks_ca, "");
    CU_ASSERT_EQUAL(settings.tick, WG_SECOND);
    CU_ASSERT_EQUAL(settings.order_lifetime, WG_DAY);
    CU_ASSERT_EQUAL(settings.broker_count, 0);
    CU_ASSERT_FALSE(settings.tolerate_clones);
    CU_ASSERT_FALSE(settings.tolerate_tampered);
}

static void test_paths(void)
{
    ASSERT_OK(load("director: keys/director.key\ngate_hooks: hooks\n"
                   "gate_hooks_ca: /etc/ssl/hooks.pem\nartifacts: {folder: files}\n"),
              &err);
    in_folder(settings.director_key, "keys/director.key");
    in_folder(settings.gate_hooks, "hooks");
    ASSERT_TEXT(settings.gate_hooks_ca, "/etc/ssl/hooks.pem");
    in_folder(settings.artifacts_folder, "files");
}

static void test_key_encryption_keys(void)
{
    ASSERT_OK(load("artifacts: {keys: keys, kek: kek}\n"), &err);
    CU_ASSERT_EQUAL(settings.artifact_kek_count, 1);
    in_folder(settings.artifact_keys, "keys");
    in_folder(settings.artifact_keks[0], "kek");
    ASSERT_OK(
        load("artifacts: {keys: keys, kek: [\"pkcs11:token=T;object=k?module-path=/m\", old]}\n"),
        &err);
    CU_ASSERT_EQUAL(settings.artifact_kek_count, 2);
    ASSERT_TEXT(settings.artifact_keks[0], "pkcs11:token=T;object=k?module-path=/m");
    in_folder(settings.artifact_keks[1], "old");
    refused("artifacts: {keys: keys}\n", ":1:12: error: kek is missing");
    refused("artifacts: {keys: keys, kek: []}\n", "expected a file or a pkcs11: URI, or a list");
    refused("artifacts: {keys: keys, kek: [a, b, c]}\n", "a list of the new and the old");
    refused("artifacts:\n  keys: keys\n  kek: [new, \"pkcs11:object=k?pin-value=4711\"]\n",
            ":3:14: error: kek: pkcs11 URI: pin-value");
    CU_ASSERT_PTR_NULL(strstr(err.text, "4711"));
}

static void test_clones(void)
{
    ASSERT_OK(load("clones: {quarantine: false}\n"), &err);
    CU_ASSERT_TRUE(settings.tolerate_clones);
    ASSERT_OK(load("clones: {quarantine: true}\n"), &err);
    CU_ASSERT_FALSE(settings.tolerate_clones);
    ASSERT_OK(load("clones: {}\n"), &err);
    CU_ASSERT_FALSE(settings.tolerate_clones);
    ASSERT_OK(load("tamper: {quarantine: false}\n"), &err);
    CU_ASSERT_TRUE(settings.tolerate_tampered);
    CU_ASSERT_FALSE(settings.tolerate_clones);
    refused("tamper: {erase: perhaps}\n", "erase");
    refused("clones: true\n", "clones: expected");
    refused("clones: {quarantine: perhaps}\n", "quarantine: expected");
    refused("clones: {keep: true}\n", "keep");
}

#define OIDC "api:\n  url: https://h\n  oidc:\n"

static void test_openid(void)
{
    const struct settings_openid *oidc = &settings.api.oidc;
    ASSERT_OK(load("api: {listen: \"127.0.0.1:1\"}\n"), &err);
    ASSERT_TEXT(oidc->issuer, "");
    ASSERT_OK(load(OIDC "    {issuer: \"https://i/x\", client_id: c, client_secret_file: s, "
                        "require: {groups: wavegate, acr: high}}\n"),
              &err);
    ASSERT_TEXT(oidc->issuer, "https://i/x");
    ASSERT_TEXT(oidc->scopes, "openid profile");
    ASSERT_TEXT(oidc->person_claim, "preferred_username");
    in_folder(oidc->client_secret_file, "s");
    CU_ASSERT_EQUAL(oidc->require_count, 2);
    ASSERT_TEXT(oidc->require[1].name, "acr");
    ASSERT_TEXT(oidc->require[1].value, "high");
    refused("api: {oidc: {issuer: \"https://i\", client_id: c}}\n", "url is missing beside it");
    refused(OIDC "    {issuer: \"http://i\", client_id: c}\n", "issuer: expected https://HOST");
    refused(OIDC "    {issuer: \"https://i?x\", client_id: c}\n", "issuer: expected https://HOST");
    refused(OIDC "    {issuer: \"https://i\"}\n", "client_id is missing");
    refused(OIDC "    {issuer: \"https://i\", client_id: c, scopes: profile openidx}\n",
            "scopes: expected \"openid\"");
    refused(OIDC "    {issuer: \"https://i\", client_id: c, person_claim: email}\n",
            "say person_domain");
    refused(OIDC "    {issuer: \"https://i\", client_id: c, require: [x]}\n", "require: expected");
    refused(OIDC "    {issuer: \"https://i\", client_id: c, client_secret: x}\n", "client_secret");
}

static void test_kinds_of_brokers(void)
{
    ASSERT_OK(load("brokers:\n"
                   "  - {name: a, url: \"ssl://a:1\"}\n"
                   "  - {name: b, url: \"ssl://b:1\", mqtt: 3.1.1}\n"
                   "  - {name: c, url: \"ssl://c:1\", mqtt: 3.1.1, shared: true}\n"
                   "  - {name: d, url: \"ssl://d:1\", mqtt: 5, shared: false}\n"),
              &err);
    static const struct {
        int version;
        bool shared;
    } expected[] = {{5, true}, {311, false}, {311, true}, {5, false}};
    for (size_t i = 0; i < 4; i++) {
        CU_ASSERT_EQUAL(settings.brokers[i].version, expected[i].version);
        CU_ASSERT_EQUAL(settings.brokers[i].shared, expected[i].shared);
    }
    refused("brokers: [{url: \"ssl://h:1\", mqtt: 4}]\n", "mqtt");
}

static void test_database_secret(void)
{
    folder_put(&folder, "password", "it's \\ odd\n", 0600);
    ASSERT_OK(load("database: host=h user=u\ndatabase_secret: password\n"
                   "api: {database: user=a, database_secret: password}\n"),
              &err);
    ASSERT_TEXT(settings.database, "host=h user=u");
    ASSERT_OK(settings_login(&settings, &err), &err);
    ASSERT_TEXT(settings.database, "host=h user=u password='it\\'s \\\\ odd'");
    ASSERT_TEXT(settings.api.database, "user=a password='it\\'s \\\\ odd'");
    refused("database: \"postgresql://h\"\ndatabase_secret: password\n",
            ":2:18: error: database_secret: expected a database beside it");
    refused("database_secret: password\n", "expected a database beside it");
    refused("database: host=h password = p\ndatabase_secret: password\n", "without a password");
    refused("database: password=p host=h\ndatabase_secret: password\n", "without a password");
    /* that of the client's key */
    ASSERT_OK(load("database: host=h sslpassword=s\ndatabase_secret: password\n"), &err);
    ASSERT_OK(load("database: host=h\ndatabase_secret: away\n"), &err);
    CU_ASSERT_FALSE(settings_login(&settings, &err));
}

static void test_named_files(void)
{
    folder_put(&folder, "key", "k", 0600);
    folder_put(&folder, "w.yaml", "director: key\napi: {key: away}\ngate_hooks: key\n", 0600);
    const char *file = folder_file(&folder, "w.yaml");
    CU_ASSERT_FALSE(settings_check(&settings, file, SETTINGS_OF_DAEMON, true, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, ":3:13: error: gate_hooks: "));
    CU_ASSERT_PTR_NULL(strstr(err.text, "api.key"));
    CU_ASSERT_FALSE(settings_check(&settings, file, SETTINGS_OF_API, true, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, ":2:12: error: api.key: "));
    ASSERT_OK(settings_load(&settings, file, &err), &err);
}

/* Who lays another file behind a name, as orchestrators of containers do, has it read again. */
static void test_name_of_the_file(void)
{
    char name[PATH_MAX], kept[PATH_MAX];
    folder_put(&folder, "one.yaml", "tick: 1s\n", 0600);
    folder_put(&folder, "two.yaml", "tick: 2s\n", 0600);
    (void)snprintf(name, sizeof name, "%s", folder_file(&folder, "link.yaml"));
    CU_ASSERT_EQUAL_FATAL(symlink("one.yaml", name), 0);
    ASSERT_OK(settings_load(&settings, name, &err), &err);
    (void)snprintf(kept, sizeof kept, "%s", settings.file);
    CU_ASSERT_EQUAL_FATAL(unlink(name), 0);
    CU_ASSERT_EQUAL_FATAL(symlink("two.yaml", name), 0);
    ASSERT_OK(settings_load(&settings, kept, &err), &err);
    CU_ASSERT_EQUAL(settings.tick, 2 * WG_SECOND);
}

static void test_retention(void)
{
    ASSERT_OK(load("tick: 1s\n"), &err);
    CU_ASSERT_EQUAL(settings.keep_reports, 0);
    CU_ASSERT_EQUAL(settings.keep_campaigns, 0);
    ASSERT_OK(load("retention: {reports: 400d, campaigns: 730d}\n"), &err);
    CU_ASSERT_EQUAL(settings.keep_reports, 400 * WG_DAY);
    CU_ASSERT_EQUAL(settings.keep_campaigns, 730 * WG_DAY);
    refused("retention: {campaigns: 34d}\n", "campaigns");
    refused("retention: {reports: 34d}\n", "reports");
    refused("retention: {report: 400d}\n", "report");
    refused("retention: 400d\n", "retention: expected");
}

static void test_wrong(void)
{
    refused("gate_hook: hooks\n", "gate_hooks");
    refused("gate_hooks: [hooks]\n", "gate_hooks: expected");
    refused("gate_hooks_ca: {file: x}\n", "gate_hooks_ca: expected");
    refused("brokers: [{url: \"tcp://h:1883\"}]\n", "ssl://HOST:PORT");
    refused("tick: 10ms\n", "tick");
    refused("orders: {resend: 5}\n", "resend");
}

static void test_missing(void)
{
    ASSERT_OK(load("database: dbname=wavegate\n"), &err);
    ASSERT_OK(settings_need(&settings, SETTINGS_DATABASE, &err), &err);
    CU_ASSERT_FALSE(settings_need(&settings, SETTINGS_DIRECTOR, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
    CU_ASSERT_FALSE(settings_load(&settings, folder_file(&folder, "none.yaml"), &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
}

static void test_all(void)
{
    folder_make(&folder);
    test_defaults();
    test_paths();
    test_key_encryption_keys();
    test_clones();
    test_openid();
    test_kinds_of_brokers();
    test_database_secret();
    test_named_files();
    test_name_of_the_file();
    test_retention();
    test_wrong();
    test_missing();
    folder_remove(&folder);
}

WG_SUITE("orchestrator/config/settings", {"the configuration file", test_all})
