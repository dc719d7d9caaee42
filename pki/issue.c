/* issue.c: fills certificate forms, and has them signed. */
#include <wolfssl/options.h>

#include "pki/issue.h"

#include "common/der.h"
#include "common/posix/file.h"
#include "pki/key_place.h"

#include <wolfssl/wolfcrypt/asn.h>

#include <string.h>

/* A device's clock may be behind. */
#define BEFORE WG_DAY

void issuer_clear(struct issuer *issuer)
{
    wg_identity_clear(&issuer->key);
    wg_signing_key_free(issuer->signing);
    issuer->signing = NULL;
}

static bool set_serial(struct form *form, struct wg_error *err)
{
    if (!wg_random(form->serial, sizeof form->serial, err)) return false;
    /* positive, and no leading zero that DER would drop (section 4.1.2.2) */
    form->serial[0] = (unsigned char)((form->serial[0] & 0x7f) | 0x40);
    return true;
}

bool issuer_name(const struct issuer *issuer, struct wg_buf *name, struct form_issuer *out,
                 struct wg_error *err)
{
    DecodedCert cert;
    wc_InitDecodedCert(&cert, issuer->der, (word32)issuer->der_len, NULL);
    int code = wc_ParseCert(&cert, CERT_TYPE, NO_VERIFY, NULL);
    if (code == 0) {
        wg_der_put(name, WG_DER_SEQUENCE, cert.subjectRaw, (size_t)cert.subjectRawLen);
        memcpy(out->key_id, cert.extSubjKeyId, sizeof out->key_id);
    }
    wc_FreeDecodedCert(&cert);
    if (code != 0)
        return wg_fail(err, WG_E_FAILED, "the authority's certificate: wolfCrypt says %d", code);
    out->name = (const unsigned char *)name->data;
    out->name_len = name->len;
    out->kind = issuer->key.public_key.kind;
    return wg_buf_check(name, err, "the authority's name");
}

bool issuer_sign(const struct issuer *issuer, const struct wg_buf *tbs, struct wg_buf *out,
                 struct wg_error *err)
{
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    size_t len = 0;
    bool ok = issuer->token.sign
                  ? issuer->token.sign(issuer->token.ctx, tbs->data, tbs->len, signature, &len, err)
                  : wg_identity_sign(&issuer->key, tbs->data, tbs->len, signature, &len, err);
    if (!ok) return false;
    size_t whole = wg_der_open(out, WG_DER_SEQUENCE);
    wg_buf_add(out, tbs->data, tbs->len);
    wg_identity_algorithm(issuer->key.public_key.kind, out);
    wg_der_bits(out, signature, len);
    wg_der_close(out, whole);
    return wg_buf_check(out, err, "what was signed");
}

/* signer signs; issuer NULL: in its own name. Appends the certificate. */
static bool make(const struct form *form, const struct issuer *signer,
                 const struct form_issuer *issuer, struct wg_buf *out, struct wg_error *err)
{
    struct wg_buf tbs;
    wg_buf_init(&tbs, ISSUE_DER_MAX);
    bool ok = form_write(form, issuer, &tbs, err) && issuer_sign(signer, &tbs, out, err);
    wg_buf_clear(&tbs);
    return ok;
}

static bool make_under(const struct form *form, const struct issuer *parent, struct wg_buf *out,
                       struct wg_error *err)
{
    struct form_issuer issuer = {0};
    struct wg_buf name;
    if (form->not_after > parent->not_after)
        return wg_fail(err, WG_E_CONFLICT,
                       "it would outlive its authority: give fewer days, or renew the authority");
    wg_buf_init(&name, ISSUE_DER_MAX);
    bool ok = issuer_name(parent, &name, &issuer, err) && make(form, parent, &issuer, out, err);
    wg_buf_clear(&name);
    return ok;
}

static void allow(struct form *form, const struct issue_scope *scope)
{
    for (size_t i = 0; i < scope->unit_count && i < FORM_UNITS_MAX; i++)
        form->units[form->unit_count++] = scope->units[i];
    for (size_t i = 0; i < scope->host_count && i < FORM_HOSTS_MAX; i++)
        form->hosts[form->host_count++] = scope->hosts[i];
}

bool issue_authority_for(const struct issue_scope *scope, const struct issuer *parent,
                         const struct wg_identity_public *key, wg_time now, struct issuer *out,
                         struct wg_error *err)
{
    struct form form = {.organisation = scope->organisation,
                        .unit = scope->unit,
                        .name = scope->name,
                        .not_before = now - BEFORE,
                        .not_after = now + scope->days * WG_DAY,
                        .key = *key,
                        .usage = FORM_SIGNS_CERTS | FORM_SIGNS_LISTS,
                        .client = scope->client,
                        .server = scope->server,
                        .is_authority = true,
                        .path = scope->path};
    struct wg_buf der;
    allow(&form, scope);
    out->key.public_key = *key;
    out->not_after = form.not_after;
    if (!set_serial(&form, err)) return false;
    wg_buf_init(&der, ISSUE_DER_MAX);
    bool ok = parent ? make_under(&form, parent, &der, err) : make(&form, out, NULL, &der, err);
    if (ok) memcpy(out->der, der.data, out->der_len = der.len);
    wg_buf_clear(&der);
    return ok;
}

bool issue_authority(const struct issue_scope *scope, const struct issuer *parent,
                     enum wg_identity_kind kind, wg_time now, struct issuer *out,
                     struct wg_error *err)
{
    *out = (struct issuer){.not_after = 0};
    if (!wg_identity_make(kind, &out->key, err)) return false;
    struct wg_identity_public key = out->key.public_key;
    return issue_authority_for(scope, parent, &key, now, out, err);
}

bool issue_for_key(const struct issue_leaf *leaf, const struct wg_identity_public *key,
                   const struct issuer *parent, wg_time now, struct issued *out,
                   struct wg_error *err)
{
    struct form form = {.organisation = leaf->organisation,
                        .unit = leaf->unit,
                        .name = leaf->name,
                        .not_before = now - BEFORE,
                        .not_after = now + leaf->days * WG_DAY,
                        .key = *key,
                        .usage = FORM_SIGNS,
                        .client = leaf->usage == ISSUE_CLIENT,
                        .server = leaf->usage == ISSUE_SERVER};
    struct wg_buf der;
    if (leaf->host_count > FORM_HOSTS_MAX) return wg_fail(err, WG_E_LIMIT, "too many hosts");
    for (size_t i = 0; i < leaf->host_count; i++) form.hosts[form.host_count++] = leaf->hosts[i];
    *out = (struct issued){.not_after = form.not_after, .public_key = *key};
    if (!set_serial(&form, err)) return false;
    wg_buf_init(&der, ISSUE_DER_MAX);
    bool ok = make_under(&form, parent, &der, err) &&
              wg_x509_to_pem(der.data, der.len, out->certificate, err);
    wg_buf_clear(&der);
    wg_hex(form.serial, sizeof form.serial, out->serial);
    return ok;
}

bool issue_leaf(const struct issue_leaf *leaf, const struct issuer *parent, wg_time now,
                struct issued *out, struct wg_error *err)
{
    struct wg_identity_key key;
    bool ok = wg_identity_make(leaf->key, &key, err) &&
              issue_for_key(leaf, &key.public_key, parent, now, out, err) &&
              wg_identity_to_pem(&key, out->key, err);
    wg_identity_clear(&key);
    return ok;
}

bool issue_pem(const struct issuer *issuer, char out[ISSUE_PEM_MAX], struct wg_error *err)
{
    return wg_x509_to_pem(issuer->der, issuer->der_len, out, err);
}

/* A key beside the wrong certificate would sign what nobody can check. */
static bool check_pair(struct issuer *issuer, const char *file, struct wg_error *err)
{
    struct wg_x509 read;
    if (!wg_x509_read(issuer->der, issuer->der_len, &read, err)) return wg_context(err, "%s", file);
    if (!wg_identity_same(&read.key, &issuer->key.public_key))
        return wg_fail(err, WG_E_BAD_FILE, "%s: the key beside it is of another certificate", file);
    issuer->not_after = read.not_after;
    return true;
}

static bool token_sign(void *ctx, const void *data, size_t len,
                       uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len,
                       struct wg_error *err)
{
    return wg_signing_key_sign(ctx, data, len, out, out_len, err);
}

bool issuer_open_token(struct issuer *issuer, const char *uri, struct wg_error *err)
{
    issuer->signing = key_place_open_token(uri, err);
    if (!issuer->signing) return false;
    issuer->token = (struct issue_token){token_sign, issuer->signing};
    issuer->key.public_key = *wg_signing_key_public(issuer->signing);
    return true;
}

static bool load_key(struct issuer *issuer, const char *file, struct wg_error *err)
{
    char uri[KEY_PLACE_MAX];
    if (!key_place_uri(file, uri, err)) return false;
    if (!uri[0]) return wg_identity_load(file, &issuer->key, err);
    return issuer_open_token(issuer, uri, err) || wg_context(err, "%s", file);
}

bool issuer_load(const char *certificate_file, const char *key_file, struct issuer *out,
                 struct wg_error *err)
{
    struct wg_buf pem;
    wg_buf_init(&pem, ISSUE_PEM_MAX);
    *out = (struct issuer){.not_after = 0};
    bool ok = load_key(out, key_file, err) && wg_file_read(certificate_file, &pem, err);
    if (ok && !wg_x509_from_pem(wg_buf_str(&pem), pem.len, out->der, &out->der_len, NULL))
        ok = wg_fail(err, WG_E_BAD_FILE, "%s: no certificate in PEM form", certificate_file);
    wg_buf_clear(&pem);
    return ok && check_pair(out, certificate_file, err);
}
