/* operator.c: loads and checks the operator's certificate and key. */
#include "orchestrator/cli/operator.h"

#include "common/posix/certificate.h"
#include "common/posix/certificate_end.h"
#include "common/posix/file.h"
#include "common/posix/signing_key.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define END_SOON (14 * WG_DAY)
#define AUTHORITY_MAX ((size_t)1024 * 1024)

bool operator_choose(struct cli *cli, struct wg_error *err)
{
    struct settings *settings = cli->settings;
    const char *given = args_value(cli->args, "operator");
    const char *key = args_value(cli->args, "operator-key");
    size_t len = given ? strlen(given) : 0;
    if (key && !wg_copy(settings->operator_key, sizeof settings->operator_key, key))
        return wg_fail(err, WG_E_USAGE, "--operator-key: too long");
    if (!given) return true;
    if (len < 5 || len + 1 >= sizeof settings->operator_key || strcmp(given + len - 4, ".crt") != 0)
        return wg_fail(err, WG_E_USAGE,
                       "--operator: expected a certificate FILE.crt, got \"%.80s\"", given);
    (void)wg_copy(settings->operator_certificate, sizeof settings->operator_certificate, given);
    if (!key)
        (void)snprintf(settings->operator_key, sizeof settings->operator_key, "%.*s.key",
                       (int)len - 4, given);
    return true;
}

/* The server checks it, against the authority that it has. */
static bool read_unchecked(const char *chain, struct operator_identity *who, struct wg_error *err)
{
    struct certificate certificate;
    return certificate_read(chain, &certificate, err) &&
           ((wg_copy(who->name, sizeof who->name, certificate.name) &&
             wg_copy(who->role, sizeof who->role, certificate.role) &&
             wg_copy(who->chain, sizeof who->chain, chain)) ||
            wg_fail(err, WG_E_LIMIT, "the certificate is too long"));
}

static bool check(const struct cli *cli, const char *chain, struct operator_identity *who,
                  struct wg_error *err)
{
    struct wg_buf root, crl;
    wg_buf_init(&root, AUTHORITY_MAX);
    wg_buf_init(&crl, AUTHORITY_MAX);
    bool has_crl = cli->settings->operators_crl[0] != '\0';
    if (!cli->settings->operators_root[0]) return read_unchecked(chain, who, err);
    bool ok = wg_file_read(cli->settings->operators_root, &root, err) &&
              (!has_crl || wg_file_read(cli->settings->operators_crl, &crl, err)) &&
              operator_check(chain, wg_buf_str(&root), has_crl ? wg_buf_str(&crl) : NULL, who, err);
    wg_buf_clear(&root);
    wg_buf_clear(&crl);
    return ok;
}

/* Whoever shows a certificate must hold its key. */
static bool fits(const struct operator_identity *who, const struct wg_signing_key *key,
                 struct wg_error *err)
{
    const struct wg_identity_public *public_key = wg_signing_key_public(key);
    struct certificate certificate;
    if (!certificate_read(who->chain, &certificate, err)) return false;
    return (certificate.has_key && wg_identity_same(&certificate.key, public_key)) ||
           wg_fail(err, WG_E_DENIED, "the key is not the one of %s's certificate", who->name);
}

/* Once, so that nobody is asked for a passphrase twice. */
static bool open_key(const struct cli *cli, struct wg_error *err)
{
    const struct wg_passphrase_source secret = {.file = args_value(cli->args, "operator-secret"),
                                                .fd = -1,
                                                .ask = true,
                                                .kept = cli->passphrase};
    if (!*cli->operator_key)
        *cli->operator_key = wg_signing_key_open(cli->settings->operator_key, &secret, err);
    return *cli->operator_key != NULL;
}

bool operator_load(const struct cli *cli, struct operator_identity *who,
                   struct wg_signing_key **key, struct wg_error *err)
{
    struct wg_buf chain;
    if (!settings_need(cli->settings, SETTINGS_OPERATOR, err)) return false;
    wg_buf_init(&chain, OPERATOR_CHAIN_MAX);
    bool ok = wg_file_read(cli->settings->operator_certificate, &chain, err) &&
              check(cli, wg_buf_str(&chain), who, err) && open_key(cli, err) &&
              fits(who, *cli->operator_key, err);
    wg_buf_clear(&chain);
    if (ok) *key = *cli->operator_key;
    return ok;
}

/* Said here, for TLS would only say that there is no handshake. */
static bool check_pair(const struct cli *cli, struct wg_error *err)
{
    struct wg_signing_key *key = NULL;
    struct operator_identity *who = calloc(1, sizeof *who);
    if (!who) return wg_fail_memory(err, "checking the operator");
    bool ok = operator_load(cli, who, &key, err);
    free(who);
    return ok;
}

/* People forget, and then can do nothing at all. */
static void warn(const char *certificate)
{
    char left[WG_TIME_TEXT];
    wg_time end = certificate_file_end(certificate), now = wg_now();
    if (!end || end <= now || end > now + END_SOON) return;
    wg_duration_words((end - now) / WG_DAY * WG_DAY, left);
    (void)fprintf(stderr, "wavegate: your certificate ends in %s: have it issued anew (%s)\n",
                  end - now < WG_DAY ? "less than a day" : left, certificate);
}

bool operator_connect(struct cli *cli, struct wg_error *err)
{
    const struct settings *settings = cli->settings;
    if (!settings->server.token_file[0]) {
        if (!check_pair(cli, err)) return false;
        warn(settings->operator_certificate);
    }
    const struct remote_way way = {.server = settings->server.url,
                                   .ca = settings->server.ca,
                                   .certificate = settings->operator_certificate,
                                   .key = settings->operator_key,
                                   .token_file = settings->server.token_file,
                                   .secret = {.file = args_value(cli->args, "operator-secret"),
                                              .fd = -1,
                                              .ask = true,
                                              .kept = cli->passphrase}};
    cli->remote = remote_new(&way, err);
    return cli->remote != NULL;
}
