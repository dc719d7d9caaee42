/* policy_entry.c: `release policy-entry FILE|URI`: what policy.json says of a person, from the
 * certificate, or of a director, from a key. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/repository.h"
#include "orchestrator/release/repo_key.h"

#include "common/posix/certificate.h"
#include "common/posix/file.h"
#include "common/posix/token_uri.h"

#include <string.h>

/* The text of a certificate; false without an error: it is no such file. */
static bool read_pem(const char *where, struct wg_buf *out)
{
    return !wg_token_uri_is(where) && wg_file_read(where, out, NULL) &&
           strstr(wg_buf_str(out), "-----BEGIN CERTIFICATE-----");
}

static json_t *person(const char *pem, const char *role, struct wg_error *err)
{
    struct certificate certificate;
    struct tuf_key key;
    if (!certificate_read(pem, &certificate, err)) return NULL;
    if (!role) role = certificate.role;
    if (!certificate.client_auth || !wg_name_is_valid(certificate.name) || !wg_name_is_valid(role))
        (void)wg_fail(err, WG_E_BAD_INPUT,
                      "expected an operator's certificate, with a name and a role; "
                      "found name \"%s\", role \"%s\"",
                      certificate.name, role);
    else if (!certificate.has_key)
        (void)wg_fail(err, WG_E_BAD_INPUT, "%s's key is neither Ed25519 nor P-256",
                      certificate.name);
    else if (tuf_key_from_identity(&certificate.key, &key, err))
        return json_pack("{s:s,s:s,s:o}", "name", certificate.name, "role", role, "key",
                         tuf_key_to_json(&key, err));
    return NULL;
}

static json_t *director(const struct args *args, struct wg_error *err)
{
    struct wg_passphrase_source secret;
    struct repo_key key;
    return repository_secret(args, &secret, err) &&
                   repo_key_read(args->positionals[0], &secret, &key, err)
               ? tuf_key_to_json(&key.key, err)
               : NULL;
}

bool release_policy_entry_run(struct cli *cli, struct wg_error *err)
{
    const char *where = cli->args->positionals[0], *role = args_value(cli->args, "role");
    struct wg_buf pem;
    wg_buf_init(&pem, CERTIFICATE_PEM_MAX);
    bool is_person = read_pem(where, &pem);
    json_t *entry = NULL;
    if (is_person && !(entry = person(wg_buf_str(&pem), role, err)))
        (void)wg_context(err, "%.200s", where);
    else if (!is_person && role)
        (void)wg_fail(err, WG_E_USAGE, "--role is a person's, and %.200s is no certificate", where);
    else if (!is_person)
        entry = director(cli->args, err);
    if (pem.data) explicit_bzero(pem.data, pem.cap); /* it may have been a secret key */
    wg_buf_clear(&pem);
    return entry && screen_json(entry, err);
}
