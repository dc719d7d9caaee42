/* approval.c: operators by certificate, statements by signature. */
#include "orchestrator/campaign/approval.h"

#include "common/posix/certificate.h"
#include "common/posix/signed_by.h"
#include "orchestrator/campaign/campaign.h"

#include <string.h>

static bool read_operator(const char *chain_pem, struct certificate *out, struct wg_error *err)
{
    if (!certificate_read(chain_pem, out, err)) return false;
    return out->has_key ||
           wg_fail(err, WG_E_DENIED,
                   "the operator's key is neither Ed25519 nor P-256: statements are signed with "
                   "one of these");
}

bool operator_check(const char *chain_pem, const char *root_pem, const char *crl_pem,
                    struct operator_identity *out, struct wg_error *err)
{
    struct certificate certificate;
    if (!read_operator(chain_pem, &certificate, err)) return false;
    if (!certificate_check_chain(chain_pem, root_pem, crl_pem, err)) {
        if (err && err->code == WG_E_VERIFY) err->code = WG_E_DENIED;
        return wg_context(err, "operator %s", certificate.name);
    }
    if (!certificate.client_auth || !wg_name_is_valid(certificate.name))
        return wg_fail(err, WG_E_DENIED, "the certificate is not an operator's");
    if (!wg_copy(out->chain, sizeof out->chain, chain_pem))
        return wg_fail(err, WG_E_LIMIT, "the operator's certificate chain is longer than %d bytes",
                       OPERATOR_CHAIN_MAX - 1);
    (void)wg_copy(out->name, sizeof out->name, certificate.name);
    (void)wg_copy(out->role, sizeof out->role, certificate.role);
    return true;
}

bool statement_check(const char *envelope, size_t len, const struct operator_identity *who,
                     struct statement *out, struct wg_error *err)
{
    struct certificate certificate;
    if (!read_operator(who->chain, &certificate, err) ||
        !statement_open(envelope, len, &certificate.key, out, err))
        return false;
    return strcmp(out->operator_name, who->name) == 0 ||
           wg_fail(err, WG_E_VERIFY, "the statement names %s, the certificate %s",
                   out->operator_name, who->name);
}

bool statement_sign_by(const struct statement *statement, struct wg_signing_key *key,
                       struct wg_buf *out, struct wg_error *err)
{
    json_t *body = statement_body(statement, err);
    json_t *envelope = body ? wg_signed_by(body, key, err) : NULL;
    bool ok = envelope && wg_json_canonical(envelope, out, err);
    json_decref(envelope);
    json_decref(body);
    return ok;
}

void statement_about(const struct campaign *campaign, struct statement *out)
{
    (void)wg_copy(out->campaign, sizeof out->campaign, campaign->name);
    (void)wg_format(out->release, sizeof out->release, "%s/%s", campaign->component,
                    campaign->version);
    if (campaign->rollback[0])
        (void)wg_format(out->rollback, sizeof out->rollback, "%s/%s", campaign->component,
                        campaign->rollback);
}
