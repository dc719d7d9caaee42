/* device_key_test.c: where a renewed key goes, and what a file says of a key. What tokens do is
 * tried on a real one: tests/system/test_token_key.py. */
#include "agent/posix/device_key.h"

#include "common/posix/tls_token.h"
#include "folder.h"

static void test_numbered(void)
{
    static const struct {
        const char *uri, *second; /* NULL: it has no name to begin with */
    } rows[] = {
        {"pkcs11:object=k", "pkcs11:object=k.2"},
        {"pkcs11:token=t;object=k", "pkcs11:token=t;object=k.2"},
        {"pkcs11:object=k;token=t?pin-source=file:/p",
         "pkcs11:object=k.2;token=t?pin-source=file:/p"},
        {"pkcs11:token=t;object=a%20b?module-path=/m",
         "pkcs11:token=t;object=a%20b.2?module-path=/m"},
        {"pkcs11:token=t", NULL},
    };
    char out[PATH_MAX];
    struct wg_error err = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool ok = device_key_numbered(rows[i].uri, 2, out, &err);
        CU_ASSERT_EQUAL(ok, rows[i].second != NULL);
        if (ok) ASSERT_TEXT(out, rows[i].second);
    }
}

static void test_files(void)
{
    struct folder folder;
    struct wg_error err = {0};
    struct device_key key, again;
    struct wg_buf text;
    char uri[PATH_MAX];
    folder_make(&folder);
    ASSERT_OK(device_key_make(NULL, WG_IDENTITY_P256, &key, &err), &err);
    wg_buf_init(&text, 4096);
    ASSERT_OK(device_key_write(&key, &text, &err), &err);
    folder_put(&folder, "key", wg_buf_str(&text), 0600);
    wg_buf_clear(&text);
    ASSERT_OK(device_key_load(folder_file(&folder, "key"), &again, &err), &err);
    CU_ASSERT_TRUE(wg_identity_same(&again.public_key, &key.public_key));
    CU_ASSERT_FALSE(tls_token_uri(folder_file(&folder, "key"), uri, sizeof uri));
    device_key_clear(&again);
    device_key_clear(&key);
    /* behind a chain, as after a renewal */
    folder_put(&folder, "pair", "-----BEGIN\nMII\n-----END\npkcs11:token=none;object=k\n", 0600);
    CU_ASSERT_TRUE(tls_token_uri(folder_file(&folder, "pair"), uri, sizeof uri));
    ASSERT_TEXT(uri, "pkcs11:token=none;object=k");
    folder_put(&folder, "open", "pkcs11:token=none;object=k\n", 0644);
    CU_ASSERT_FALSE(device_key_load(folder_file(&folder, "open"), &again, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_FALSE(tls_token_uri(folder_file(&folder, "away"), uri, sizeof uri));
    folder_remove(&folder);
}

WG_SUITE("agent/device_key", {"numbered", test_numbered}, {"files", test_files})
