/* settings_openid.c: reads "api: oidc:". */
#include "orchestrator/config/settings_openid.h"

#include "common/text.h"
#include "orchestrator/config/settings_path.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <string.h>

static void read_required(struct yaml_doc *doc, const struct yaml_value *at,
                          struct settings_openid *out)
{
    if (!at) return;
    if (at->kind != YAML_MAP || at->count > SETTINGS_CLAIMS_MAX) {
        yaml_doc_problem(doc, at, "require: expected a map of at most %d claims and values",
                         SETTINGS_CLAIMS_MAX);
        return;
    }
    for (size_t i = 0; i < at->count; i++) {
        struct settings_claim *claim = &out->require[i];
        if (yaml_read_text(doc, at->keys[i], "claim", claim->name, sizeof claim->name) &&
            yaml_read_text(doc, at->items[i], claim->name, claim->value, sizeof claim->value))
            out->require_count++;
    }
}

static bool has_scope(const char *scopes, const char *word)
{
    size_t len = strlen(word);
    for (const char *at = scopes; *at; at += strspn(at, " ")) {
        size_t end = strcspn(at, " ");
        if (end == len && strncmp(at, word, len) == 0) return true;
        at += end;
    }
    return false;
}

static void check(struct yaml_doc *doc, const struct yaml_value *at,
                  const struct settings_openid *out)
{
    const struct yaml_value *issuer = yaml_get(at, "issuer");
    if (strncmp(out->issuer, "https://", 8) != 0 || strpbrk(out->issuer, "?# "))
        yaml_doc_problem(doc, issuer ? issuer : at,
                         "issuer: expected https://HOST, as the "
                         "provider writes it, got \"%s\"",
                         out->issuer);
    if (!out->client_id[0])
        yaml_doc_problem(doc, at, "client_id is missing: what the provider calls wavegate-api");
    if (!has_scope(out->scopes, "openid"))
        yaml_doc_problem(doc, yaml_get(at, "scopes"),
                         "scopes: expected \"openid\" among them, apart by blanks");
    if (strcmp(out->person_claim, "email") == 0 && !out->person_domain[0])
        yaml_doc_problem(doc, yaml_get(at, "person_claim"),
                         "person_claim: email: names of people have no '@': say person_domain, "
                         "which comes behind it");
}

void settings_openid_read(struct yaml_doc *doc, const struct yaml_value *at, const char *folder,
                          struct settings_openid *out)
{
    static const char *const known[] = {
        "issuer", "client_id",    "client_secret_file", "name",    "ca",
        "scopes", "person_claim", "person_domain",      "require", NULL};
    if (!at) return;
    if (at->kind != YAML_MAP) {
        yaml_doc_problem(doc, at, "oidc: expected a map of keys and values");
        return;
    }
    (void)wg_copy(out->name, sizeof out->name, "OpenID Connect");
    (void)wg_copy(out->scopes, sizeof out->scopes, "openid profile");
    (void)wg_copy(out->person_claim, sizeof out->person_claim, "preferred_username");
    yaml_check_keys(doc, at, "oidc", known);
    yaml_read_text(doc, yaml_get(at, "issuer"), "issuer", out->issuer, sizeof out->issuer);
    yaml_read_text(doc, yaml_get(at, "client_id"), "client_id", out->client_id,
                   sizeof out->client_id);
    settings_path_read(doc, yaml_get(at, "client_secret_file"), "client_secret_file", folder,
                       out->client_secret_file);
    yaml_read_text(doc, yaml_get(at, "name"), "name", out->name, sizeof out->name);
    settings_path_read(doc, yaml_get(at, "ca"), "ca", folder, out->ca);
    yaml_read_text(doc, yaml_get(at, "scopes"), "scopes", out->scopes, sizeof out->scopes);
    yaml_read_text(doc, yaml_get(at, "person_claim"), "person_claim", out->person_claim,
                   sizeof out->person_claim);
    yaml_read_text(doc, yaml_get(at, "person_domain"), "person_domain", out->person_domain,
                   sizeof out->person_domain);
    read_required(doc, yaml_get(at, "require"), out);
    check(doc, at, out);
}
