/* x509_fuzz.c: certificates and requests in DER, from anybody. */
#include "common/x509.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

static void read_certificate(const uint8_t *data, size_t size)
{
    struct wg_x509 read;
    struct wg_error err = {0};
    char pem[WG_X509_PEM_MAX];
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    if (!wg_x509_read(data, size, &read, &err)) {
        target_refused(&err);
        return;
    }
    MUST(wg_text_is_utf8(read.name, strlen(read.name)), "a name that is no UTF-8");
    MUST(strlen(read.serial) % 2 == 0 && read.serial[0], "serial %s", read.serial);
    MUST(wg_x509_to_pem(data, size, pem, &err), "%s", err.text);
    MUST(wg_x509_from_pem(pem, strlen(pem), der, &len, &err), "%s", err.text);
    MUST(len == size && memcmp(der, data, len) == 0, "another certificate after PEM");
    err = (struct wg_error){0};
    if (!wg_x509_check(data, size, &read.key, &err)) target_refused(&err);
}

static void read_request(const uint8_t *data, size_t size)
{
    struct wg_csr csr;
    struct wg_error err = {0};
    if (!wg_csr_read(data, size, &csr, &err)) {
        target_refused(&err);
        return;
    }
    MUST(wg_text_is_utf8(csr.name, strlen(csr.name)), "a name that is no UTF-8");
    MUST(csr.key.len == WG_ED25519_PUBLIC || csr.key.len == WG_P256_POINT, "key of %zu bytes",
         csr.key.len);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *exact = target_text(data, size); /* reading beyond is seen */
    read_certificate((const uint8_t *)exact, size);
    read_request((const uint8_t *)exact, size);
    free(exact);
    return 0;
}
