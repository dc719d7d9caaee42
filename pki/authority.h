/* authority.h: the folder of authorities: device, server and operator, each with a root of its own.
 *
 *   DIR/lock pki.json
 *   DIR/<domain>/root.crt root.key issuing.crt issuing.key chain.pem ledger crl.number crl.pem
 *   DIR/device/enrolment.key enrolment.pub    signs enrolment records and lots' manifests
 *   DIR/broker/trust.pem crl.pem     what a broker needs: device and server chains, and their CRLs
 *
 * A key's file holds the key, or says in which token it is (pki/key_place.h). root.key may be taken
 * offline after init: day to day work needs the issuing key alone. */
#ifndef WG_PKI_AUTHORITY_H
#define WG_PKI_AUTHORITY_H

#include "pki/crl.h"
#include "pki/key_place.h"
#include "pki/policy.h"

enum domain { DOMAIN_DEVICE, DOMAIN_SERVER, DOMAIN_OPERATOR, DOMAINS };

const char *domain_text(enum domain domain);

/* What is issued, with the domain that issues it. Its word is the subject's unit, but for
 * operators, whose unit is their role. */
struct kind {
    const char *word; /* device, server, service, operator */
    enum domain domain;
    enum issue_usage usage;
    enum policy_days days;
};
const struct kind *kind_find(const char *word); /* NULL: none */
bool role_is_known(const char *role);           /* of operators */

struct authority {
    enum domain domain;
    char folder[4096];
    struct policy policy;
    struct issuer issuing;
    struct ledger ledger;
};

struct authority_keys {
    enum wg_identity_kind kind; /* of keys that are made */
    /* pkcs11: URIs of the authorities' keys, and of the enrolment key; NULL: made, in a file */
    const char *root_tokens[DOMAINS], *tokens[DOMAINS], *enrolment_token;
};
/* Makes the folder with all domains; WG_E_CONFLICT when there is one. Nothing is written unless
 * every token opens; no two may have one key (WG_E_USAGE). */
WG_MUST_CHECK bool authority_init_all(const char *folder, const struct policy *policy,
                                      const struct authority_keys *keys, wg_time now,
                                      struct wg_error *err);
/* Makes key, that was kept back, the issuing authority of servers and services, in place of the
 * present one, whose files stay beside it as issuing-ID.crt and .key. root_key: file of the root's
 * key; NULL: server/root.key. May be done again after a cut. What the one before has issued does
 * not become the new one's: it is to be issued anew. The caller holds the lock. */
WG_MUST_CHECK bool authority_replace_server(const char *folder, const struct wg_identity_key *key,
                                            const char *root_key, wg_time now,
                                            struct wg_error *err);
/* Holds the folder against other programs until the process ends. */
WG_MUST_CHECK bool authority_lock(const char *folder, struct wg_error *err);
/* The same until authority_unlock(*fd). */
WG_MUST_CHECK bool authority_lock_now(const char *folder, int *fd, struct wg_error *err);
void authority_unlock(int fd);
WG_MUST_CHECK bool authority_open(const char *folder, enum domain domain, struct authority *out,
                                  struct wg_error *err);
void authority_clear(struct authority *authority);
/* Writes into the ledger what was issued, before it leaves: a certificate that nobody knows of
 * could not be revoked. role NULL: none. */
WG_MUST_CHECK bool authority_enter(struct authority *authority, const struct kind *kind,
                                   const char *name, const char *role, const struct issued *issued,
                                   struct wg_error *err);
/* The same for many: in memory alone, until authority_save(). */
WG_MUST_CHECK bool authority_note(struct authority *authority, const struct kind *kind,
                                  const char *name, const char *role, const struct issued *issued,
                                  struct wg_error *err);
WG_MUST_CHECK bool authority_save(const struct authority *authority, struct wg_error *err);
/* Writes the CRLs of all domains anew, and the broker's; *ends: when the first of them runs out. */
WG_MUST_CHECK bool authority_write_crls(const char *folder, wg_time now, int days, wg_time *ends,
                                        struct wg_error *err);
/* Writes one domain's CRL anew, and the broker's. Needs that domain's issuing key alone. */
WG_MUST_CHECK bool authority_write_crl(const char *folder, const struct authority *authority,
                                       wg_time now, int days, struct wg_error *err);
/* The key that signs enrolment records and manifests; made when there is none yet. The caller
 * frees; NULL on failure. */
struct wg_signing_key *authority_enrolment_key(const char *folder, struct wg_error *err);
/* The chain that follows a leaf in its file: the issuing certificate. Appends PEM. */
WG_MUST_CHECK bool authority_issuing_pem(const struct authority *authority, struct wg_buf *out,
                                         struct wg_error *err);

#endif
