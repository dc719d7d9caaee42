/* place_test.c: paths of configurations, credentials of systemd, and whether they are there. */
#include "common/posix/place.h"

#include "common/posix/secrets.h"
#include "tests/unit/agent/folder.h"

static struct folder folder;
static struct wg_error err;

static void placed(const char *given, const char *expected)
{
    char out[PATH_MAX];
    ASSERT_OK(wg_place("/etc/wavegate", given, out, &err), &err);
    ASSERT_TEXT(out, expected);
}

static void refused(const char *given)
{
    char out[PATH_MAX];
    CU_ASSERT_FALSE(wg_place("/etc/wavegate", given, out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
}

static void test_paths(void)
{
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    placed("tls/a.crt", "/etc/wavegate/tls/a.crt");
    placed("/a.crt", "/a.crt");
    placed("pkcs11:object=a", "pkcs11:object=a");
    placed("credential:a", "credential:a");
    (void)setenv("CREDENTIALS_DIRECTORY", "relative", 1);
    placed("credential:a", "credential:a");
    (void)setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
    placed("credential:a", "/run/credentials/x/a");
    refused("credential:");
    refused("credential:../a");
    refused("credential:.a");
    refused("credential:a/b");
}

static void too_long(const char *given)
{
    char out[PATH_MAX];
    wg_error_clear(&err);
    CU_ASSERT_FALSE(wg_place("/etc", given, out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

static void test_limits(void)
{
    static char given[PATH_MAX + 16] = "credential:";
    memset(given + strlen(given), 'a', sizeof given - 1 - strlen(given));
    (void)setenv("CREDENTIALS_DIRECTORY", "/run/credentials/x", 1);
    too_long(given);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    too_long(given);
    too_long(given + sizeof "credential:" - 1);
    given[0] = '/';
    too_long(given);
}

static bool there(const char *name, enum wg_place_kind kind, bool starting)
{
    wg_error_clear(&err);
    return wg_place_check(name, kind, starting, &err);
}

static void test_checks(void)
{
    folder_make(&folder);
    folder_put(&folder, "pem", "-----BEGIN X-----\n", 0644);
    folder_put(&folder, "secret", "s", 0600);
    CU_ASSERT_TRUE(there("", WG_PLACE_SECRET, true));
    CU_ASSERT_TRUE(there("pkcs11:object=a", WG_PLACE_SECRET, true));
    CU_ASSERT_TRUE(there(folder_file(&folder, "pem"), WG_PLACE_PEM, true));
    CU_ASSERT_TRUE(there(folder.path, WG_PLACE_FOLDER, true));
    CU_ASSERT_TRUE(there(folder_file(&folder, "secret"), WG_PLACE_SECRET, true));
    CU_ASSERT_FALSE(there(folder_file(&folder, "secret"), WG_PLACE_PEM, true));
    CU_ASSERT_FALSE(there(folder_file(&folder, "secret"), WG_PLACE_FOLDER, true));
    CU_ASSERT_FALSE(there(folder.path, WG_PLACE_FILE, true));
    CU_ASSERT_FALSE(there(folder_file(&folder, "pem"), WG_PLACE_SECRET, true));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_FALSE(there(folder_file(&folder, "away"), WG_PLACE_FILE, true));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    CU_ASSERT_TRUE(there("credential:a", WG_PLACE_SECRET, false));
    CU_ASSERT_FALSE(there("credential:a", WG_PLACE_SECRET, true));
    folder_remove(&folder);
}

/* systemd's list makes the group's bits its mask. */
static void test_lists(void)
{
    struct wg_error ignored = {0};
    folder_make(&folder);
    folder_put(&folder, "listed", "s", 0440);
    (void)unsetenv("CREDENTIALS_DIRECTORY");
    CU_ASSERT_FALSE(wg_secret_path_check(folder_file(&folder, "listed"), &ignored));
    (void)setenv("CREDENTIALS_DIRECTORY", folder.path, 1);
    ASSERT_OK(wg_secret_path_check(folder_file(&folder, "listed"), &err), &err);
    (void)chmod(folder_file(&folder, "listed"), 0460);
    CU_ASSERT_FALSE(wg_secret_path_check(folder_file(&folder, "listed"), &ignored));
    (void)chmod(folder_file(&folder, "listed"), 0444);
    CU_ASSERT_FALSE(wg_secret_path_check(folder_file(&folder, "listed"), &ignored));
    (void)setenv("CREDENTIALS_DIRECTORY", "/tmp/wg-test",
                 1); /* not this folder, though it begins so */
    (void)chmod(folder_file(&folder, "listed"), 0440);
    CU_ASSERT_FALSE(wg_secret_path_check(folder_file(&folder, "listed"), &ignored));
    folder_remove(&folder);
}

WG_SUITE("place", {"paths and credentials", test_paths}, {"paths that are too long", test_limits},
         {"what is there", test_checks}, {"credentials that a list opens", test_lists})
