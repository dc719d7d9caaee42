/* issue.c: fills wolfCrypt's certificate form and signs it. */
#include <wolfssl/options.h>

#include "pki/issue.h"

#include "common/buf.h"
#include "common/posix/file.h"

#include <wolfssl/wolfcrypt/asn.h>
#include <wolfssl/wolfcrypt/asn_public.h>
#include <wolfssl/wolfcrypt/ecc.h>
#include <wolfssl/wolfcrypt/ed25519.h>

#include <arpa/inet.h>
#include <string.h>

#define ORGANISATION "Wavegate"
#define SERIAL_SIZE 16
#define P256_SIZE 32
#define ALT_NAME_DNS 0x82
#define ALT_NAME_ADDRESS 0x87
#define DER_SEQUENCE 0x30

void issuer_clear(struct issuer *issuer)
{
    wg_key_clear(&issuer->key);
}

static bool fail_code(const char *what, int code, struct wg_error *err)
{
    return wg_fail(err, WG_E_FAILED, "%s: wolfCrypt says %d", what, code);
}

static bool import_key(const struct wg_secret_key *key, ed25519_key *out, struct wg_error *err)
{
    int code = wc_ed25519_init(out);
    if (code == 0)
        code = wc_ed25519_import_private_key(key->seed, sizeof key->seed, key->public_key.bytes,
                                             sizeof key->public_key.bytes, out);
    return code == 0 || fail_code("the key", code, err);
}

bool issue_alt_names(const char *const *hosts, size_t count, unsigned char *out, size_t size,
                     size_t *len, struct wg_error *err)
{
    unsigned char body[ISSUE_DER_MAX];
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        unsigned char address[16];
        bool is_v4 = inet_pton(AF_INET, hosts[i], address) == 1;
        bool is_address = is_v4 || inet_pton(AF_INET6, hosts[i], address) == 1;
        size_t part = is_v4 ? 4 : is_address ? 16 : strlen(hosts[i]);
        if (part == 0 || part > 127 || used + part + 2 > sizeof body)
            return wg_fail(err, WG_E_LIMIT, "host \"%.80s\": too long", hosts[i]);
        body[used++] = is_address ? ALT_NAME_ADDRESS : ALT_NAME_DNS;
        body[used++] = (unsigned char)part;
        memcpy(body + used, is_address ? address : (const unsigned char *)hosts[i], part);
        used += part;
    }
    size_t head = used < 128 ? 2 : used < 256 ? 3 : 4;
    if (used + head > size) return wg_fail(err, WG_E_LIMIT, "too many hosts");
    out[0] = DER_SEQUENCE;
    if (head == 2) {
        out[1] = (unsigned char)used;
    } else {
        out[1] = (unsigned char)(0x80 + head - 2);
        if (head == 4) out[2] = (unsigned char)(used >> 8);
        out[head - 1] = (unsigned char)used;
    }
    memcpy(out + head, body, used);
    *len = used + head;
    return true;
}

static bool set_serial(Cert *cert, struct wg_error *err)
{
    if (!wg_random(cert->serial, SERIAL_SIZE, err)) return false;
    /* positive, and no leading zero that DER would drop (section 4.1.2.2) */
    cert->serial[0] = (byte)((cert->serial[0] & 0x7f) | 0x40);
    cert->serialSz = SERIAL_SIZE;
    return true;
}

static bool fill(Cert *cert, const char *name, const char *role, int days, const void *key,
                 int key_type, const struct issuer *parent, struct wg_error *err)
{
    int code = wc_InitCert(cert);
    if (code != 0) return fail_code("the certificate", code, err);
    cert->daysValid = days;
    cert->sigType = CTC_ED25519;
    if (!wg_copy(cert->subject.org, sizeof cert->subject.org, ORGANISATION) ||
        !wg_copy(cert->subject.commonName, sizeof cert->subject.commonName, name) ||
        (role && !wg_copy(cert->subject.unit, sizeof cert->subject.unit, role)))
        return wg_fail(err, WG_E_LIMIT, "name or role is longer than %d bytes", CTC_NAME_SIZE - 1);
    code = wc_SetSubjectKeyIdFromPublicKey_ex(cert, key_type, (void *)(uintptr_t)key);
    if (code == 0 && parent) code = wc_SetIssuerBuffer(cert, parent->der, parent->der_len);
    if (code == 0 && parent) code = wc_SetAuthKeyIdFromCert(cert, parent->der, parent->der_len);
    if (code != 0) return fail_code("the certificate", code, err);
    cert->selfSigned = parent == NULL;
    return set_serial(cert, err);
}

/* Makes and signs; the length of the DER, or 0. */
static int make(Cert *cert, void *key, int key_type, ed25519_key *signer, unsigned char *der,
                struct wg_error *err)
{
    WC_RNG rng;
    int code = wc_InitRng(&rng);
    if (code != 0) {
        (void)fail_code("randomness", code, err);
        return 0;
    }
    code = wc_MakeCert_ex(cert, der, ISSUE_DER_MAX, key_type, key, &rng);
    if (code > 0)
        code = wc_SignCert_ex(cert->bodySz, CTC_ED25519, der, ISSUE_DER_MAX, ED25519_TYPE, signer,
                              &rng);
    (void)wc_FreeRng(&rng);
    if (code > 0) return code;
    (void)fail_code("making the certificate", code, err);
    return 0;
}

bool issue_authority(const char *name, const struct issuer *parent, int path, int days, wg_time now,
                     struct issuer *out, struct wg_error *err)
{
    Cert cert;
    ed25519_key key, signer;
    (void)now;
    if (!wg_key_make(&out->key, err) || !import_key(&out->key, &key, err)) return false;
    bool ok = import_key(parent ? &parent->key : &out->key, &signer, err) &&
              fill(&cert, name, NULL, days, &key, ED25519_TYPE, parent, err);
    if (ok) {
        cert.isCA = 1;
        cert.pathLen = (byte)path;
        cert.pathLenSet = 1;
        int code = wc_SetKeyUsage(&cert, "keyCertSign,cRLSign");
        ok = code == 0 || fail_code("key usage", code, err);
    }
    ok = ok && (out->der_len = make(&cert, &key, ED25519_TYPE, &signer, out->der, err)) > 0;
    wc_ed25519_free(&signer);
    wc_ed25519_free(&key);
    return ok;
}

/* A fresh key of the kind asked for: as wolfCrypt's and as PEM. */
struct leaf_key {
    enum issue_key kind;
    ed25519_key ed;
    ecc_key ecc;
};

static bool make_p256(ecc_key *key, char *pem, struct wg_error *err)
{
    WC_RNG rng;
    unsigned char der[ISSUE_DER_MAX];
    word32 len = sizeof der;
    int code = wc_InitRng(&rng);
    if (code != 0) return fail_code("randomness", code, err);
    code = wc_ecc_init(key);
    if (code == 0) code = wc_ecc_make_key(&rng, P256_SIZE, key);
    if (code == 0) code = wc_EccKeyToPKCS8(key, der, &len);
    if (code > 0)
        code = wc_DerToPem(der, len, (byte *)pem, ISSUE_PEM_MAX - 1, PKCS8_PRIVATEKEY_TYPE);
    if (code > 0) pem[code] = '\0';
    (void)wc_FreeRng(&rng);
    explicit_bzero(der, sizeof der);
    return code > 0 || fail_code("making a P-256 key", code, err);
}

static bool make_ed25519(ed25519_key *key, char *pem, struct wg_error *err)
{
    struct wg_secret_key secret;
    bool ok = wg_key_make(&secret, err) && wg_secret_key_to_pem(&secret, pem, err) &&
              import_key(&secret, key, err);
    wg_key_clear(&secret);
    return ok;
}

static bool leaf_key_make(struct leaf_key *key, enum issue_key kind, char *pem,
                          struct wg_error *err)
{
    key->kind = kind;
    return kind == ISSUE_P256 ? make_p256(&key->ecc, pem, err) : make_ed25519(&key->ed, pem, err);
}

static void leaf_key_clear(struct leaf_key *key)
{
    if (key->kind == ISSUE_P256)
        (void)wc_ecc_free(&key->ecc);
    else
        wc_ed25519_free(&key->ed);
}

static bool set_usage(Cert *cert, const struct issue_leaf *leaf, struct wg_error *err)
{
    size_t len = 0;
    int code = wc_SetKeyUsage(cert, "digitalSignature");
    if (code == 0)
        code = wc_SetExtKeyUsage(cert, leaf->usage == ISSUE_SERVER ? "serverAuth" : "clientAuth");
    if (code != 0) return fail_code("key usage", code, err);
    if (leaf->host_count == 0) return true;
    if (!issue_alt_names(leaf->hosts, leaf->host_count, cert->altNames, sizeof cert->altNames, &len,
                         err))
        return false;
    cert->altNamesSz = (int)len;
    return true;
}

static bool der_to_pem(const unsigned char *der, int len, char out[ISSUE_PEM_MAX],
                       struct wg_error *err)
{
    int code = wc_DerToPem(der, (word32)len, (byte *)out, ISSUE_PEM_MAX - 1, CERT_TYPE);
    if (code <= 0) return fail_code("writing PEM", code, err);
    out[code] = '\0';
    return true;
}

bool issue_leaf(const struct issue_leaf *leaf, const struct issuer *parent, wg_time now,
                struct issued *out, struct wg_error *err)
{
    Cert cert;
    struct leaf_key key;
    ed25519_key signer;
    unsigned char der[ISSUE_DER_MAX];
    int len = 0;
    if (!leaf_key_make(&key, leaf->key, out->key, err)) return false;
    void *wolf = key.kind == ISSUE_P256 ? (void *)&key.ecc : (void *)&key.ed;
    int type = key.kind == ISSUE_P256 ? ECC_TYPE : ED25519_TYPE;
    bool ok = import_key(&parent->key, &signer, err) &&
              fill(&cert, leaf->name, leaf->role, leaf->days, wolf, type, parent, err) &&
              set_usage(&cert, leaf, err) &&
              (len = make(&cert, wolf, type, &signer, der, err)) > 0 &&
              der_to_pem(der, len, out->certificate, err);
    wc_ed25519_free(&signer);
    leaf_key_clear(&key);
    if (!ok) return false;
    wg_hex(cert.serial, (size_t)cert.serialSz, out->serial);
    out->not_after = now + leaf->days * WG_DAY;
    return true;
}

bool issue_pem(const struct issuer *issuer, char out[ISSUE_PEM_MAX], struct wg_error *err)
{
    return der_to_pem(issuer->der, issuer->der_len, out, err);
}

bool issuer_load(const char *certificate_file, const char *key_file, struct issuer *out,
                 struct wg_error *err)
{
    struct wg_buf pem;
    wg_buf_init(&pem, ISSUE_PEM_MAX);
    bool ok =
        wg_secret_key_load(key_file, &out->key, err) && wg_file_read(certificate_file, &pem, err);
    if (ok) {
        out->der_len = wc_CertPemToDer((const byte *)wg_buf_str(&pem), (int)pem.len, out->der,
                                       sizeof out->der, CERT_TYPE);
        if (out->der_len <= 0)
            ok = wg_fail(err, WG_E_BAD_FILE, "%s: no certificate in PEM form", certificate_file);
    }
    wg_buf_clear(&pem);
    return ok;
}
