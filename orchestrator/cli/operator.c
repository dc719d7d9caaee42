/* operator.c: loads and checks the operator's certificate and key. */
#include "orchestrator/cli/operator.h"

#include "common/posix/certificate.h"
#include "common/posix/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AUTHORITY_MAX ((size_t)1024 * 1024)

bool operator_choose(struct cli *cli, struct wg_error *err)
{
    struct settings *settings = cli->settings;
    const char *given = args_value(cli->args, "operator");
    size_t len = given ? strlen(given) : 0;
    if (!given) return true;
    if (len < 5 || len + 1 >= sizeof settings->operator_key || strcmp(given + len - 4, ".crt") != 0)
        return wg_fail(err, WG_E_USAGE,
                       "--operator: expected a certificate FILE.crt, got \"%.80s\"", given);
    (void)wg_copy(settings->operator_certificate, sizeof settings->operator_certificate, given);
    (void)snprintf(settings->operator_key, sizeof settings->operator_key, "%.*s.key", (int)len - 4,
                   given);
    return true;
}

static bool check(const struct cli *cli, const char *chain, struct operator_identity *who,
                  struct wg_error *err)
{
    struct wg_buf root, crl;
    wg_buf_init(&root, AUTHORITY_MAX);
    wg_buf_init(&crl, AUTHORITY_MAX);
    bool has_crl = cli->settings->operators_crl[0] != '\0';
    bool ok = wg_file_read(cli->settings->operators_root, &root, err) &&
              (!has_crl || wg_file_read(cli->settings->operators_crl, &crl, err)) &&
              operator_check(chain, wg_buf_str(&root), has_crl ? wg_buf_str(&crl) : NULL, who, err);
    wg_buf_clear(&root);
    wg_buf_clear(&crl);
    return ok;
}

/* Whoever shows a certificate must hold its key. */
static bool fits(const struct operator_identity *who, const struct wg_secret_key *key,
                 struct wg_error *err)
{
    struct certificate certificate;
    if (!certificate_read(who->chain, &certificate, err)) return false;
    return memcmp(certificate.key.bytes, key->public_key.bytes, WG_ED25519_PUBLIC) == 0 ||
           wg_fail(err, WG_E_DENIED, "the key is not the one of %s's certificate", who->name);
}

bool operator_load(const struct cli *cli, struct operator_identity *who, struct wg_secret_key *key,
                   struct wg_error *err)
{
    struct wg_buf chain;
    wg_buf_init(&chain, OPERATOR_CHAIN_MAX);
    bool ok = wg_file_read(cli->settings->operator_certificate, &chain, err) &&
              check(cli, wg_buf_str(&chain), who, err) &&
              wg_secret_key_load(cli->settings->operator_key, key, err) && fits(who, key, err);
    wg_buf_clear(&chain);
    return ok;
}

bool operator_allowed(struct cli *cli, const struct command *command, struct wg_error *err)
{
    struct wg_secret_key key;
    if (!command->roles) return true;
    struct operator_identity *who = calloc(1, sizeof *who);
    if (!who) return wg_fail_memory(err, "checking the operator");
    bool ok = operator_load(cli, who, &key, err);
    wg_key_clear(&key);
    bool allowed = false;
    for (const char *const *role = command->roles; ok && *role; role++)
        allowed = allowed || strcmp(*role, who->role) == 0;
    if (ok && !allowed)
        ok = wg_fail(err, WG_E_DENIED, "%s has role %s: %s %s is for %s", who->name, who->role,
                     command->noun, command->verb, command->roles[0]);
    (void)wg_copy(cli->actor, sizeof cli->actor, ok ? who->name : "");
    free(who);
    return ok;
}
