/* issue.h: certificates made by wolfCrypt: roots, issuing authorities, leaves (RFC 5280, RFC 8410).
 */
#ifndef WG_PKI_ISSUE_H
#define WG_PKI_ISSUE_H

#include "common/crypto.h"
#include "common/text.h"
#include "common/time.h"
#include "pki/ledger.h"

#define ISSUE_DER_MAX 4096
#define ISSUE_PEM_MAX 8192
#define ISSUE_HOSTS_MAX 16

/* A certificate with its key; for an authority the key signs. */
struct issuer {
    struct wg_secret_key key;
    unsigned char der[ISSUE_DER_MAX];
    int der_len;
};
void issuer_clear(struct issuer *issuer); /* wipes the key */

enum issue_key { ISSUE_ED25519, ISSUE_P256 };
enum issue_usage { ISSUE_CLIENT, ISSUE_SERVER };

struct issue_leaf {
    const char *name;
    const char *role; /* NULL: none */
    enum issue_usage usage;
    enum issue_key key;
    int days;
    size_t host_count;
    const char *const *hosts; /* names or addresses, for servers */
};

struct issued {
    char certificate[ISSUE_PEM_MAX]; /* PEM, the leaf alone */
    char key[ISSUE_PEM_MAX];         /* PEM, PKCS#8; secret */
    char serial[LEDGER_SERIAL_MAX];
    wg_time not_after;
};

/* An Ed25519 authority; parent NULL: self-signed root. path: certificates that may stand between it
 * and a leaf. */
WG_MUST_CHECK bool issue_authority(const char *name, const struct issuer *parent, int path,
                                   int days, wg_time now, struct issuer *out, struct wg_error *err);
WG_MUST_CHECK bool issue_leaf(const struct issue_leaf *leaf, const struct issuer *parent,
                              wg_time now, struct issued *out, struct wg_error *err);
WG_MUST_CHECK bool issue_pem(const struct issuer *issuer, char out[ISSUE_PEM_MAX],
                             struct wg_error *err);
WG_MUST_CHECK bool issuer_load(const char *certificate_file, const char *key_file,
                               struct issuer *out, struct wg_error *err);
/* DER of the subjectAltName value: dNSName for names, iPAddress for addresses (section 4.2.1.6). */
WG_MUST_CHECK bool issue_alt_names(const char *const *hosts, size_t count, unsigned char *out,
                                   size_t size, size_t *len, struct wg_error *err);

#endif
