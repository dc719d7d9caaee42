/* form.h: the fields of a certificate (RFC 5280, section 4.1) and their DER form. What is critical
 * is marked so: key usage, basic constraints, name constraints. */
#ifndef WG_PKI_FORM_H
#define WG_PKI_FORM_H

#include "common/identity_key.h"
#include "common/time.h"

#define FORM_SERIAL_SIZE 16
#define FORM_KEY_ID_SIZE 20
#define FORM_UNITS_MAX 8
#define FORM_HOSTS_MAX 16

enum form_usage {
    FORM_SIGNS = 0x80,       /* digitalSignature */
    FORM_SIGNS_CERTS = 0x04, /* keyCertSign */
    FORM_SIGNS_LISTS = 0x02, /* cRLSign */
    FORM_USAGES = FORM_SIGNS | FORM_SIGNS_CERTS | FORM_SIGNS_LISTS
};

/* Texts, lists and keys are borrowed. */
struct form {
    const char *organisation, *unit, *name; /* unit NULL: none */
    unsigned char serial[FORM_SERIAL_SIZE];
    wg_time not_before, not_after;
    struct wg_identity_public key;
    unsigned usage;      /* of enum form_usage */
    bool client, server; /* extended key usage; of an authority: what it may give */
    bool is_authority;
    int path; /* authorities that may follow */
    /* subjects that an authority may name: organisation with one of these units; none: any */
    size_t unit_count;
    const char *units[FORM_UNITS_MAX];
    /* of a server: what it answers to; of an authority: what its servers may answer to */
    size_t host_count;
    const char *hosts[FORM_HOSTS_MAX]; /* names, addresses; for authorities also ADDRESS/BITS */
};

/* Who issues: the name as it stands in its certificate, and its key's id. */
struct form_issuer {
    const unsigned char *name; /* the whole Name */
    size_t name_len;
    unsigned char key_id[FORM_KEY_ID_SIZE];
    enum wg_identity_kind kind;
};

/* The first 160 bits of the SHA-256 of the public key (RFC 7093, section 2, method 1). */
WG_MUST_CHECK bool form_key_id(const struct wg_identity_public *key,
                               unsigned char out[FORM_KEY_ID_SIZE], struct wg_error *err);
/* Appends a Name: organisation, unit (NULL: none), common name (NULL: none). */
void form_name(const char *organisation, const char *unit, const char *name, struct wg_buf *out);
/* Appends the TBSCertificate; issuer NULL: self-signed. */
WG_MUST_CHECK bool form_write(const struct form *form, const struct form_issuer *issuer,
                              struct wg_buf *out, struct wg_error *err);
/* Appends GeneralNames without their SEQUENCE: dNSName for names, iPAddress for addresses. */
WG_MUST_CHECK bool form_hosts(const char *const *hosts, size_t count, struct wg_buf *out,
                              struct wg_error *err);
/* Is the host one that the authority's list allows? An empty list allows all. */
bool form_host_allowed(const char *host, const char *const *allowed, size_t count);

#endif
