/* x509_test.c: requests and keys of both kinds, written, read and broken. */
#include "common/x509.h"

#include "tests/unit/harness.h"

#include <string.h>

static struct wg_error err;
static const enum wg_identity_kind kinds[] = {WG_IDENTITY_ED25519, WG_IDENTITY_P256};

static void test_key_pem(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct wg_identity_key key, again;
        char pem[WG_IDENTITY_PEM_MAX];
        uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
        size_t len = 0;
        ASSERT_OK(wg_identity_make(kinds[i], &key, &err), &err);
        ASSERT_OK(wg_identity_to_pem(&key, pem, &err), &err);
        ASSERT_OK(wg_identity_from_pem(pem, strlen(pem), &again, &err), &err);
        CU_ASSERT_TRUE(wg_identity_same(&key.public_key, &again.public_key));
        CU_ASSERT_EQUAL(memcmp(key.secret, again.secret, sizeof key.secret), 0);
        ASSERT_OK(wg_identity_sign(&again, "abc", 3, signature, &len, &err), &err);
        ASSERT_OK(wg_identity_verify(&key.public_key, "abc", 3, signature, len, &err), &err);
        CU_ASSERT_FALSE(wg_identity_verify(&key.public_key, "abd", 3, signature, len, &err));
        CU_ASSERT_FALSE(wg_identity_verify(&key.public_key, "abc", 3, signature, len - 1, &err));
    }
}

static void test_spki(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct wg_identity_key key;
        struct wg_identity_public again;
        struct wg_buf spki;
        wg_buf_init(&spki, WG_SPKI_MAX);
        ASSERT_OK(wg_identity_make(kinds[i], &key, &err), &err);
        wg_identity_spki(&key.public_key, &spki);
        ASSERT_OK(wg_identity_from_spki(spki.data, spki.len, &again, &err), &err);
        CU_ASSERT_TRUE(wg_identity_same(&key.public_key, &again));
        CU_ASSERT_FALSE(wg_identity_from_spki(spki.data, spki.len - 1, &again, &err));
        spki.data[spki.len - 1] ^= 1;
        if (kinds[i] == WG_IDENTITY_P256) {
            CU_ASSERT_FALSE(wg_identity_from_spki(spki.data, spki.len, &again, &err));
            CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
        }
        wg_buf_clear(&spki);
    }
}

static void test_request(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct wg_identity_key key;
        struct wg_csr csr;
        struct wg_buf der;
        wg_buf_init(&der, WG_X509_MAX);
        ASSERT_OK(wg_identity_make(kinds[i], &key, &err), &err);
        ASSERT_OK(wg_csr_make("dev-1", &key, &der, &err), &err);
        ASSERT_OK(wg_csr_read(der.data, der.len, &csr, &err), &err);
        ASSERT_TEXT(csr.name, "dev-1");
        CU_ASSERT_TRUE(wg_identity_same(&csr.key, &key.public_key));
        wg_buf_clear(&der);
    }
}

/* Whatever single bit is turned, the request does not hold, or says the same. */
static void test_request_broken(void)
{
    for (size_t i = 0; i < 2; i++) {
        struct wg_identity_key key;
        struct wg_csr csr;
        struct wg_buf der;
        wg_buf_init(&der, WG_X509_MAX);
        ASSERT_OK(wg_identity_make(kinds[i], &key, &err), &err);
        ASSERT_OK(wg_csr_make("dev-1", &key, &der, &err), &err);
        for (size_t at = 0; at < der.len; at++) {
            der.data[at] ^= 1;
            bool held = wg_csr_read(der.data, der.len, &csr, &err);
            if (held) printf("\n    kind %zu: byte %zu of %zu may be changed\n", i, at, der.len);
            CU_ASSERT_FALSE(held);
            der.data[at] ^= 1;
        }
        for (size_t len = 0; len < der.len; len++)
            CU_ASSERT_FALSE(wg_csr_read(der.data, len, &csr, &err));
        wg_buf_char(&der, 0);
        CU_ASSERT_FALSE(wg_csr_read(der.data, der.len, &csr, &err));
        wg_buf_clear(&der);
    }
}

WG_SUITE("x509", {"a key goes through PEM and signs", test_key_pem},
         {"a public key goes through its DER form", test_spki},
         {"a request is read back", test_request},
         {"a changed request is refused", test_request_broken})
