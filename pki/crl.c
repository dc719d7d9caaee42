/* crl.c: the few DER forms of a CRL, built from the inside out. */
#include <wolfssl/options.h>

#include "pki/crl.h"

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ed25519.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include <stdlib.h>
#include <string.h>

#define CRL_DER_MAX ((size_t)64 * 1024 * 1024)
#define SIGNATURE_ROOM 256

enum {
    DER_INTEGER = 0x02,
    DER_OCTETS = 0x04,
    DER_UTC_TIME = 0x17,
    DER_TIME = 0x18,
    DER_SEQUENCE = 0x30,
    DER_EXTENSIONS = 0xa0
};

static const unsigned char version_2[] = {DER_INTEGER, 1, 1};
static const unsigned char ed25519_algorithm[] = {DER_SEQUENCE, 5, 0x06, 3, 0x2b, 0x65, 0x70};
static const unsigned char crl_number_oid[] = {0x06, 3, 0x55, 0x1d, 0x14};

static void put(struct wg_buf *out, unsigned char tag, const void *value, size_t len)
{
    unsigned char head[6] = {tag};
    size_t used = 1;
    if (len < 128) {
        head[used++] = (unsigned char)len;
    } else {
        size_t bytes = len < 0x100 ? 1 : len < 0x10000 ? 2 : len < 0x1000000 ? 3 : 4;
        head[used++] = (unsigned char)(0x80 + bytes);
        for (size_t i = bytes; i > 0; i--) head[used++] = (unsigned char)(len >> (8 * (i - 1)));
    }
    wg_buf_add(out, head, used);
    wg_buf_add(out, value, len);
}

/* UTCTime until 2049, GeneralizedTime from then on (section 5.1.2.4). */
static void put_time(struct wg_buf *out, wg_time time)
{
    char text[WG_TIME_TEXT], digits[16];
    size_t used = 0;
    wg_time_text(time, text);
    for (size_t i = 0; text[i] && text[i] != '.'; i++)
        if (text[i] >= '0' && text[i] <= '9') digits[used++] = text[i];
    digits[used++] = 'Z';
    bool short_form = memcmp(digits, "2050", 4) < 0;
    if (short_form)
        put(out, DER_UTC_TIME, digits + 2, used - 2);
    else
        put(out, DER_TIME, digits, used);
}

static void put_number(struct wg_buf *out, int64_t number)
{
    unsigned char bytes[9];
    size_t used = 0;
    for (int shift = 56; shift >= 0; shift -= 8) {
        unsigned char byte = (unsigned char)(number >> shift);
        if (used == 0 && byte == 0 && shift > 0) continue;
        if (used == 0 && byte >= 0x80) bytes[used++] = 0;
        bytes[used++] = byte;
    }
    put(out, DER_INTEGER, bytes, used);
}

static bool put_entry(struct wg_buf *out, const struct ledger_entry *entry, struct wg_error *err)
{
    unsigned char serial[LEDGER_SERIAL_MAX / 2];
    size_t len = strlen(entry->serial) / 2;
    struct wg_buf inner;
    if (!wg_unhex(entry->serial, serial, len))
        return wg_fail(err, WG_E_BAD_FILE, "serial %s is not hexadecimal", entry->serial);
    wg_buf_init(&inner, 256);
    put(&inner, DER_INTEGER, serial, len);
    put_time(&inner, entry->revoked);
    put(out, DER_SEQUENCE, inner.data, inner.len);
    wg_buf_clear(&inner);
    return true;
}

static bool put_entries(struct wg_buf *out, const struct ledger *ledger, struct wg_error *err)
{
    struct wg_buf list;
    bool ok = true;
    wg_buf_init(&list, CRL_DER_MAX);
    for (size_t i = 0; i < ledger->count && ok; i++)
        if (ledger->entries[i].revoked) ok = put_entry(&list, &ledger->entries[i], err);
    /* an empty list must be left out (section 5.1.2.6) */
    if (list.len > 0) put(out, DER_SEQUENCE, list.data, list.len);
    wg_buf_clear(&list);
    return ok;
}

static void put_extensions(struct wg_buf *out, int64_t number)
{
    struct wg_buf integer, extension, list, all;
    wg_buf_init(&integer, 64);
    wg_buf_init(&extension, 128);
    wg_buf_init(&list, 128);
    wg_buf_init(&all, 128);
    put_number(&integer, number);
    wg_buf_add(&extension, crl_number_oid, sizeof crl_number_oid);
    put(&extension, DER_OCTETS, integer.data, integer.len);
    put(&list, DER_SEQUENCE, extension.data, extension.len);
    put(&all, DER_SEQUENCE, list.data, list.len);
    put(out, DER_EXTENSIONS, all.data, all.len);
    wg_buf_clear(&integer);
    wg_buf_clear(&extension);
    wg_buf_clear(&list);
    wg_buf_clear(&all);
}

static bool put_issuer(struct wg_buf *out, const struct issuer *issuer, struct wg_error *err)
{
    DecodedCert cert;
    wc_InitDecodedCert(&cert, issuer->der, (word32)issuer->der_len, NULL);
    int code = wc_ParseCert(&cert, CERT_TYPE, NO_VERIFY, NULL);
    if (code == 0) put(out, DER_SEQUENCE, cert.subjectRaw, (size_t)cert.subjectRawLen);
    wc_FreeDecodedCert(&cert);
    return code == 0 ||
           wg_fail(err, WG_E_FAILED, "the authority's certificate: wolfCrypt says %d", code);
}

/* Signs body (the fields of TBSCertList) and appends the whole as PEM. */
static bool sign(const struct issuer *issuer, const struct wg_buf *body, struct wg_buf *out,
                 struct wg_error *err)
{
    WC_RNG rng;
    ed25519_key key;
    size_t size = body->len + SIGNATURE_ROOM, pem_size = size * 2 + SIGNATURE_ROOM;
    unsigned char *der = malloc(size), *pem = malloc(pem_size);
    struct wg_buf tbs;
    wg_buf_init(&tbs, CRL_DER_MAX);
    put(&tbs, DER_SEQUENCE, body->data, body->len);
    int code = der && pem && !tbs.failed && tbs.len <= size ? wc_ed25519_init(&key) : MEMORY_E;
    if (code == 0) {
        memcpy(der, tbs.data, tbs.len);
        code = wc_ed25519_import_private_key(issuer->key.seed, WG_ED25519_SECRET,
                                             issuer->key.public_key.bytes, WG_ED25519_PUBLIC, &key);
        if (code == 0) code = wc_InitRng(&rng);
        if (code == 0) {
            code = wc_SignCert_ex((int)tbs.len, CTC_ED25519, der, (word32)size, ED25519_TYPE, &key,
                                  &rng);
            (void)wc_FreeRng(&rng);
        }
        wc_ed25519_free(&key);
    }
    if (code > 0) code = wc_DerToPem(der, (word32)code, pem, (word32)pem_size, CRL_TYPE);
    if (code > 0) wg_buf_add(out, pem, (size_t)code);
    wg_buf_clear(&tbs);
    free(der);
    free(pem);
    return code > 0 ||
           wg_fail(err, WG_E_FAILED, "signing the revocation list: wolfCrypt says %d", code);
}

bool crl_make(const struct issuer *issuer, const struct ledger *ledger, int64_t number,
              wg_time this_update, wg_time next_update, struct wg_buf *out, struct wg_error *err)
{
    struct wg_buf body;
    wg_buf_init(&body, CRL_DER_MAX);
    wg_buf_add(&body, version_2, sizeof version_2);
    wg_buf_add(&body, ed25519_algorithm, sizeof ed25519_algorithm);
    bool ok = put_issuer(&body, issuer, err);
    put_time(&body, this_update);
    put_time(&body, next_update);
    ok = ok && put_entries(&body, ledger, err);
    put_extensions(&body, number);
    ok = ok && wg_buf_check(&body, err, "the revocation list") && sign(issuer, &body, out, err) &&
         wg_buf_check(out, err, "the revocation list");
    wg_buf_clear(&body);
    return ok;
}
