/* approval.c: operators by certificate, statements by signature. */
#include "orchestrator/campaign/approval.h"

#include "common/buf.h"
#include "common/json.h"
#include "common/posix/certificate.h"
#include "common/signed.h"

#include <string.h>

#define TYPE "wavegate-statement"

static const char *const kinds[] = {
    [STATEMENT_APPLY] = "apply", [STATEMENT_APPROVE] = "approve", [STATEMENT_RELEASE] = "release"};
#define KINDS (sizeof kinds / sizeof kinds[0])

static bool read_operator(const char *chain_pem, struct certificate *out, struct wg_error *err)
{
    if (!certificate_read(chain_pem, out, err)) return false;
    if (!out->is_ed25519)
        return wg_fail(err, WG_E_DENIED,
                       "the operator's key is not Ed25519: statements are signed with Ed25519");
    return true;
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

bool statement_sign(const struct statement *statement, const struct wg_secret_key *key,
                    struct wg_buf *out, struct wg_error *err)
{
    char at[WG_TIME_TEXT];
    wg_time_text(statement->at, at);
    json_t *body = json_pack("{s:s,s:i,s:s,s:s,s:s,s:s,s:s,s:s}", "_type", TYPE, "v", 1, "kind",
                             kinds[statement->kind], "campaign", statement->campaign, "digest",
                             statement->digest, "wave", statement->wave, "operator",
                             statement->operator_name, "at", at);
    if (body && statement->kind == STATEMENT_RELEASE &&
        json_object_set_new(body, "release", json_string(statement->release)) != 0) {
        json_decref(body);
        body = NULL;
    }
    json_t *envelope = body ? wg_signed_make(body, key, err) : NULL;
    bool ok = envelope && wg_json_canonical(envelope, out, err);
    if (!body) ok = wg_fail_memory(err, "signing a statement");
    json_decref(envelope);
    json_decref(body);
    return ok;
}

static bool read_kind(const json_t *body, struct statement *out, struct wg_error *err)
{
    char text[16];
    if (!wg_json_text(body, "kind", text, sizeof text, err)) return false;
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(text, kinds[i]) == 0) {
            out->kind = (enum statement_kind)i;
            return true;
        }
    return wg_fail(err, WG_E_BAD_INPUT, "kind: expected apply, approve or release, got \"%s\"",
                   text);
}

static bool read_body(const json_t *body, struct statement *out, struct wg_error *err)
{
    char type[32], at[WG_TIME_TEXT];
    struct statement read = {0};
    if (!wg_json_text(body, "_type", type, sizeof type, err) || !read_kind(body, &read, err) ||
        !wg_json_text(body, "campaign", read.campaign, sizeof read.campaign, err) ||
        !wg_json_text(body, "digest", read.digest, sizeof read.digest, err) ||
        !wg_json_text(body, "wave", read.wave, sizeof read.wave, err) ||
        !wg_json_text(body, "operator", read.operator_name, sizeof read.operator_name, err) ||
        !wg_json_text(body, "at", at, sizeof at, err) ||
        (read.kind == STATEMENT_RELEASE &&
         !wg_json_text(body, "release", read.release, sizeof read.release, err)))
        return false;
    if (strcmp(type, TYPE) != 0 || !wg_time_parse(at, &read.at))
        return wg_fail(err, WG_E_BAD_INPUT, "this is no statement of an operator");
    *out = read;
    return true;
}

bool statement_check(const char *envelope, size_t len, const struct operator_identity *who,
                     struct statement *out, struct wg_error *err)
{
    struct certificate certificate;
    json_t *body = NULL;
    if (!read_operator(who->chain, &certificate, err)) return false;
    json_t *json = wg_json_parse(envelope, len, STATEMENT_MAX, err);
    bool ok =
        json && wg_signed_check(json, &certificate.key, 1, &body, err) && read_body(body, out, err);
    json_decref(json);
    if (ok && strcmp(out->operator_name, who->name) != 0)
        ok = wg_fail(err, WG_E_VERIFY, "the statement names %s, the certificate %s",
                     out->operator_name, who->name);
    return ok;
}
