/* authorities.c: reads them from PEM. */
#include "broker/mosquitto/authorities.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

static bool add(struct authorities *authorities, X509 *certificate, bool is_device,
                const char *path, struct wg_error *err)
{
    if (X509_check_ca(certificate) != 1)
        return wg_fail(err, WG_E_BAD_FILE, "%s: holds a certificate that is no authority's", path);
    for (size_t i = 0; i < authorities->count; i++)
        if (X509_cmp(authorities->items[i].certificate, certificate) == 0)
            return wg_fail(err, WG_E_BAD_FILE,
                           "%s: an authority stands twice: it could not be told whether it is for "
                           "devices or for services",
                           path);
    if (authorities->count == GUARD_AUTHORITIES_MAX)
        return wg_fail(err, WG_E_LIMIT, "%s: more than %d authorities", path,
                       GUARD_AUTHORITIES_MAX);
    authorities->items[authorities->count++] =
        (struct authority){.certificate = certificate, .is_device = is_device};
    return true;
}

bool authorities_load(struct authorities *authorities, const char *path, bool is_device,
                      struct wg_error *err)
{
    size_t before = authorities->count;
    X509 *certificate;
    bool ok = true;
    BIO *file = BIO_new_file(path, "r");
    if (!file) return wg_fail_errno(err, "%s", path);
    while (ok && (certificate = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        ok = add(authorities, certificate, is_device, path, err);
        if (!ok) X509_free(certificate);
    }
    ERR_clear_error();
    (void)BIO_free(file);
    if (ok && authorities->count == before)
        return wg_fail(err, WG_E_BAD_FILE, "%s: no certificate in PEM form", path);
    return ok;
}

void authorities_clear(struct authorities *authorities)
{
    for (size_t i = 0; i < authorities->count; i++) X509_free(authorities->items[i].certificate);
    authorities->count = 0;
}

bool authorities_issuer(const struct authorities *authorities, X509 *certificate, size_t *index)
{
    for (size_t i = 0; i < authorities->count; i++) {
        X509 *issuer = authorities->items[i].certificate;
        if (X509_check_issued(issuer, certificate) != X509_V_OK ||
            X509_verify(certificate, X509_get0_pubkey(issuer)) != 1)
            continue;
        *index = i;
        return true;
    }
    ERR_clear_error();
    return false;
}
