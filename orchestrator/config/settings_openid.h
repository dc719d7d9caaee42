/* settings_openid.h: "api: oidc:" of the configuration file: whom wavegate-api believes who
 * somebody is, by OpenID Connect. */
#ifndef WG_ORCHESTRATOR_CONFIG_SETTINGS_OPENID_H
#define WG_ORCHESTRATOR_CONFIG_SETTINGS_OPENID_H

#include <limits.h>
#include <stddef.h>

#define SETTINGS_CLAIMS_MAX 16
#define SETTINGS_CLAIM_MAX 128
#define SETTINGS_ISSUER_MAX 512

struct settings_claim {
    char name[SETTINGS_CLAIM_MAX], value[SETTINGS_CLAIM_MAX];
};

struct settings_openid {
    char issuer[SETTINGS_ISSUER_MAX]; /* "" the section is not there */
    char client_id[256];
    char client_secret_file[PATH_MAX]; /* "" a public client: PKCE alone */
    char name[64];                     /* what the button says */
    char ca[PATH_MAX];                 /* authorities of the provider; "" the system's */
    char scopes[256];
    char person_claim[SETTINGS_CLAIM_MAX];  /* that has a person's name ... */
    char person_domain[SETTINGS_CLAIM_MAX]; /* ... before this domain; "" as a whole */
    size_t require_count;
    struct settings_claim require[SETTINGS_CLAIMS_MAX];
};

struct yaml_doc;
struct yaml_value;

/* at NULL: nothing is set. Problems are told in doc. folder: what paths are relative to. */
void settings_openid_read(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                          struct settings_openid *out);

#endif
