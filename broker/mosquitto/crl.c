/* crl.c: OpenSSL, which the broker has loaded anyway, reads and checks them. */
#include "broker/mosquitto/crl.h"

#include "broker/mosquitto/certificate.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <limits.h>
#include <time.h>

void crl_set_init(struct crl_set *set)
{
    for (size_t i = 0; i < GUARD_AUTHORITIES_MAX; i++) {
        set->items[i] = (struct crl){.found = false};
        revoked_init(&set->items[i].revoked);
    }
}

void crl_set_clear(struct crl_set *set)
{
    for (size_t i = 0; i < GUARD_AUTHORITIES_MAX; i++) revoked_clear(&set->items[i].revoked);
}

static bool issuer_of(const struct authorities *authorities, X509_CRL *list, size_t *index)
{
    for (size_t i = 0; i < authorities->count; i++)
        if (X509_NAME_cmp(X509_CRL_get_issuer(list),
                          X509_get_subject_name(authorities->items[i].certificate)) == 0) {
            *index = i;
            return true;
        }
    return false;
}

/* Lists for some certificates only, changes to another list, lists of several issuers: taken for
 * the whole list they would bring revoked certificates back. */
static bool is_partial(X509_CRL *list)
{
    for (int i = 0; i < X509_CRL_get_ext_count(list); i++)
        if (X509_EXTENSION_get_critical(X509_CRL_get_ext(list, i))) return true;
    return false;
}

static int64_t read_number(X509_CRL *list)
{
    int64_t number = 0;
    ASN1_INTEGER *found = X509_CRL_get_ext_d2i(list, NID_crl_number, NULL, NULL);
    if (found && ASN1_INTEGER_get_int64(&number, found) != 1) number = 0;
    ASN1_INTEGER_free(found);
    return number;
}

static wg_time read_end(X509_CRL *list)
{
    struct tm tm = {0};
    const ASN1_TIME *end = X509_CRL_get0_nextUpdate(list);
    return end && ASN1_TIME_to_tm(end, &tm) == 1 ? (wg_time)timegm(&tm) * WG_SECOND : 0;
}

static bool read_entries(X509_CRL *list, struct revoked *out, struct wg_error *err)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(list);
    for (int i = 0; i < sk_X509_REVOKED_num(entries); i++) {
        struct serial serial;
        const X509_REVOKED *entry = sk_X509_REVOKED_value(entries, i);
        if (!certificate_serial(X509_REVOKED_get0_serialNumber(entry), &serial))
            return wg_fail(err, WG_E_BAD_FILE, "entry %d has no proper serial number", i + 1);
        if (!revoked_add(out, &serial, err)) return false;
    }
    return true;
}

static bool read_list(X509_CRL *list, const struct authorities *authorities, struct crl_set *out,
                      struct wg_error *err)
{
    size_t index;
    if (!issuer_of(authorities, list, &index)) return true;
    struct crl *crl = &out->items[index];
    if (crl->found) return wg_fail(err, WG_E_BAD_FILE, "two lists of one authority");
    if (X509_CRL_verify(list, X509_get0_pubkey(authorities->items[index].certificate)) != 1)
        return wg_fail(err, WG_E_VERIFY, "a list's signature is not its authority's");
    if (is_partial(list)) return wg_fail(err, WG_E_BAD_FILE, "a list is not a whole one");
    crl->found = true;
    crl->number = read_number(list);
    crl->ends = read_end(list);
    return read_entries(list, &crl->revoked, err);
}

bool crl_parse(const char *pem, size_t len, const struct authorities *authorities,
               struct crl_set *out, struct wg_error *err)
{
    X509_CRL *list;
    size_t lists = 0;
    bool ok = true, found = false;
    if (len > CRL_BYTES_MAX)
        return wg_fail(err, WG_E_LIMIT, "longer than %zu bytes", CRL_BYTES_MAX);
    BIO *file = BIO_new_mem_buf(pem, (int)len);
    if (!file) return wg_fail_memory(err, "reading revocation lists");
    for (; ok && (list = PEM_read_bio_X509_CRL(file, NULL, NULL, NULL)) != NULL; lists++) {
        ok = read_list(list, authorities, out, err);
        X509_CRL_free(list);
    }
    /* the end of the file is an error of its own kind; any other is a list that cannot be read */
    unsigned long last = ERR_peek_last_error();
    bool whole = ERR_GET_LIB(last) == ERR_LIB_PEM && ERR_GET_REASON(last) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    (void)BIO_free(file);
    if (ok && !whole) return wg_fail(err, WG_E_BAD_FILE, "list %zu cannot be read", lists + 1);
    for (size_t i = 0; i < authorities->count; i++) found |= out->items[i].found;
    return ok && (found || wg_fail(err, WG_E_BAD_FILE,
                                   lists > 0 ? "no list is of an authority named here"
                                             : "no revocation list in PEM form"));
}
