/* crl.c: the DER form of a CRL. */
#include <wolfssl/options.h>

#include "pki/crl.h"

#include "common/der.h"

#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/error-crypt.h>

#include <stdlib.h>
#include <string.h>

#define CRL_DER_MAX ((size_t)64 * 1024 * 1024)
#define PEM_ROOM 256

static const unsigned char crl_number_oid[] = {0x55, 0x1d, 0x14};
static const unsigned char key_id_oid[] = {0x55, 0x1d, 0x23};

static bool put_entry(struct wg_buf *out, const struct ledger_entry *entry, struct wg_error *err)
{
    unsigned char serial[LEDGER_SERIAL_MAX / 2];
    size_t len = strlen(entry->serial) / 2;
    if (!wg_unhex(entry->serial, serial, len))
        return wg_fail(err, WG_E_BAD_FILE, "serial %s is not hexadecimal", entry->serial);
    size_t at = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_integer(out, serial, len);
    wg_der_time(out, entry->revoked);
    wg_der_close(out, at);
    return true;
}

/* Out of date for longer than a list lasts, it has stood on one that was made after its end, and
 * may go (section 3.3): else the list would grow with every renewal for ever. */
static bool is_listed(const struct ledger_entry *entry, wg_time this_update, wg_time next_update)
{
    return entry->revoked && entry->not_after + (next_update - this_update) >= this_update;
}

static bool put_entries(struct wg_buf *out, const struct ledger *ledger, wg_time this_update,
                        wg_time next_update, struct wg_error *err)
{
    bool ok = true, any = false;
    /* an empty list must be left out (section 5.1.2.6) */
    for (size_t i = 0; i < ledger->count && !any; i++)
        any = is_listed(&ledger->entries[i], this_update, next_update);
    if (!any) return true;
    size_t list = wg_der_open(out, WG_DER_SEQUENCE);
    for (size_t i = 0; i < ledger->count && ok; i++)
        if (is_listed(&ledger->entries[i], this_update, next_update))
            ok = put_entry(out, &ledger->entries[i], err);
    wg_der_close(out, list);
    return ok;
}

static size_t open_extension(struct wg_buf *out, const unsigned char *oid, size_t len,
                             size_t *value)
{
    size_t at = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_OID, oid, len);
    *value = wg_der_open(out, WG_DER_OCTETS);
    return at;
}

/* Both are demanded of every list (sections 5.2.1 and 5.2.3). */
static void put_extensions(struct wg_buf *out, const unsigned char *key_id, int64_t number)
{
    size_t value, all = wg_der_open(out, WG_DER_CONTEXT_CONSTRUCTED),
                  list = wg_der_open(out, WG_DER_SEQUENCE);
    size_t at = open_extension(out, key_id_oid, sizeof key_id_oid, &value);
    size_t inner = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_put(out, WG_DER_CONTEXT, key_id, FORM_KEY_ID_SIZE);
    wg_der_close(out, inner);
    wg_der_close(out, value);
    wg_der_close(out, at);
    at = open_extension(out, crl_number_oid, sizeof crl_number_oid, &value);
    wg_der_number(out, (uint64_t)number);
    wg_der_close(out, value);
    wg_der_close(out, at);
    wg_der_close(out, list);
    wg_der_close(out, all);
}

static bool to_pem(const struct wg_buf *der, struct wg_buf *out, struct wg_error *err)
{
    size_t size = der->len * 2 + PEM_ROOM;
    unsigned char *pem = malloc(size);
    int code =
        pem ? wc_DerToPem((const byte *)der->data, (word32)der->len, pem, (word32)size, CRL_TYPE)
            : MEMORY_E;
    if (code > 0) wg_buf_add(out, pem, (size_t)code);
    free(pem);
    return code > 0 ? wg_buf_check(out, err, "the revocation list")
                    : wg_fail(err, WG_E_FAILED, "the revocation list: wolfCrypt says %d", code);
}

static bool put_list(const struct issuer *issuer, const struct ledger *ledger, int64_t number,
                     wg_time this_update, wg_time next_update, struct wg_buf *out,
                     struct wg_error *err)
{
    struct wg_buf name;
    struct form_issuer who = {0};
    wg_buf_init(&name, ISSUE_DER_MAX);
    bool ok = issuer_name(issuer, &name, &who, err);
    size_t body = wg_der_open(out, WG_DER_SEQUENCE);
    wg_der_number(out, 1); /* v2 */
    wg_identity_algorithm(issuer->key.public_key.kind, out);
    wg_buf_add(out, name.data, name.len);
    wg_der_time(out, this_update);
    wg_der_time(out, next_update);
    ok = ok && put_entries(out, ledger, this_update, next_update, err);
    put_extensions(out, who.key_id, number);
    wg_der_close(out, body);
    wg_buf_clear(&name);
    return ok && wg_buf_check(out, err, "the revocation list");
}

bool crl_make(const struct issuer *issuer, const struct ledger *ledger, int64_t number,
              wg_time this_update, wg_time next_update, struct wg_buf *out, struct wg_error *err)
{
    struct wg_buf body, whole;
    wg_buf_init(&body, CRL_DER_MAX);
    wg_buf_init(&whole, CRL_DER_MAX);
    bool ok = put_list(issuer, ledger, number, this_update, next_update, &body, err) &&
              issuer_sign(issuer, &body, &whole, err) && to_pem(&whole, out, err);
    wg_buf_clear(&body);
    wg_buf_clear(&whole);
    return ok;
}
