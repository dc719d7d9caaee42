/* issue.h: certificates made and signed: roots, issuing authorities, leaves (RFC 5280, RFC 8410).
 */
#ifndef WG_PKI_ISSUE_H
#define WG_PKI_ISSUE_H

#include "common/x509.h"
#include "pki/form.h"
#include "pki/ledger.h"

#define ISSUE_DER_MAX WG_X509_MAX
#define ISSUE_PEM_MAX WG_X509_PEM_MAX
#define ISSUE_HOSTS_MAX FORM_HOSTS_MAX

/* Signs for an authority whose key stays elsewhere (a PKCS#11 token). Ed25519 or ECDSA over
 * SHA-256 in DER, as issuer.key.public_key says. */
struct issue_token {
    bool (*sign)(void *ctx, const void *data, size_t len, uint8_t out[WG_IDENTITY_SIGNATURE_MAX],
                 size_t *out_len, struct wg_error *err);
    void *ctx; /* borrowed */
};

struct wg_signing_key;

/* An authority's certificate and what signs for it. */
struct issuer {
    struct wg_identity_key key; /* its secret half is empty when a token signs */
    struct issue_token token;   /* sign NULL: the key does */
    struct wg_signing_key
        *signing; /* owned: the token's key that issuer_load() opened; NULL: none */
    unsigned char der[ISSUE_DER_MAX];
    size_t der_len;
    wg_time not_after;
};
void issuer_clear(struct issuer *issuer); /* wipes the key */

/* What an authority is allowed, beside its name. */
struct issue_scope {
    const char *organisation, *unit, *name;
    int path; /* authorities that may stand between it and a leaf */
    int days;
    bool client, server; /* both false: any use */
    size_t unit_count;   /* units that it may name; 0: any */
    const char *const *units;
    size_t host_count; /* hosts that its servers may answer to; 0: any */
    const char *const *hosts;
};

enum issue_usage { ISSUE_CLIENT, ISSUE_SERVER };

struct issue_leaf {
    const char *organisation, *unit, *name;
    enum issue_usage usage;
    enum wg_identity_kind key; /* of the key that is made */
    int days;
    size_t host_count;
    const char *const *hosts; /* names or addresses, for servers */
};

struct issued {
    char certificate[ISSUE_PEM_MAX]; /* PEM, the leaf alone */
    char key[WG_IDENTITY_PEM_MAX];   /* PEM, PKCS#8; secret; "" when the key is another's */
    char serial[LEDGER_SERIAL_MAX];
    wg_time not_after;
    struct wg_identity_public public_key;
};

/* An authority for a key that a token holds, which out->token signs with. */
WG_MUST_CHECK bool issue_authority_for(const struct issue_scope *scope, const struct issuer *parent,
                                       const struct wg_identity_public *key, wg_time now,
                                       struct issuer *out, struct wg_error *err);
/* An authority with a fresh key; parent NULL: self-signed root. */
WG_MUST_CHECK bool issue_authority(const struct issue_scope *scope, const struct issuer *parent,
                                   enum wg_identity_kind kind, wg_time now, struct issuer *out,
                                   struct wg_error *err);
/* A leaf with a fresh key. WG_E_CONFLICT when it would outlive its authority. */
WG_MUST_CHECK bool issue_leaf(const struct issue_leaf *leaf, const struct issuer *parent,
                              wg_time now, struct issued *out, struct wg_error *err);
/* A leaf for a key that somebody else holds. */
WG_MUST_CHECK bool issue_for_key(const struct issue_leaf *leaf,
                                 const struct wg_identity_public *key, const struct issuer *parent,
                                 wg_time now, struct issued *out, struct wg_error *err);
WG_MUST_CHECK bool issue_pem(const struct issuer *issuer, char out[ISSUE_PEM_MAX],
                             struct wg_error *err);
/* The key file: pki/key_place.h. WG_E_BAD_FILE when key and certificate do not belong together. */
WG_MUST_CHECK bool issuer_load(const char *certificate_file, const char *key_file,
                               struct issuer *out, struct wg_error *err);
/* Name and key id as they stand in the authority's certificate; out borrows from name. */
WG_MUST_CHECK bool issuer_name(const struct issuer *issuer, struct wg_buf *name,
                               struct form_issuer *out, struct wg_error *err);
/* Has the key in a token sign; issuer_clear() closes it. */
WG_MUST_CHECK bool issuer_open_token(struct issuer *issuer, const char *uri, struct wg_error *err);
/* Appends SEQUENCE { tbs, algorithm, signature }. */
WG_MUST_CHECK bool issuer_sign(const struct issuer *issuer, const struct wg_buf *tbs,
                               struct wg_buf *out, struct wg_error *err);

#endif
