/* token.c: tokens in files, and the one claim of each. */
#include "pki/token.h"

#include "common/age/key.h"
#include "common/json.h"
#include "common/posix/file.h"
#include "common/posix/signed_by.h"
#include "pki/name_check.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "wgt1-"
#define SECRET_SIZE 32
#define LOT "claimed" /* in enrolment records */
#define FILE_BYTES_MAX ((size_t)32768)

struct token {
    char device[WG_NAME_MAX + 1];
    char hash[WG_SHA256_HEX]; /* of the token's text */
    wg_time expires;
    char model[WG_NAME_MAX + 1], revision[WG_NAME_MAX + 1]; /* "" any */
    char key[WG_SHA256_HEX];  /* id of the key that claimed it; "" not claimed */
    char chain[WG_CHAIN_MAX]; /* what it was given; "" not yet */
    char record[WG_CLAIM_RECORD_MAX];
    bool noted;
};

static bool path_of(const char *pki, const char *device, char folder[PATH_MAX], char file[PATH_MAX],
                    struct wg_error *err)
{
    char name[WG_NAME_MAX + 8];
    if (!wg_name_is_valid(device) || !wg_format(name, sizeof name, "%s.json", device))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\" is no name of a device", device);
    return wg_path_join(folder, PATH_MAX, pki, "device/tokens", err) &&
           wg_path_join(file, PATH_MAX, folder, name, err);
}

static bool save(const char *pki, const struct token *token, struct wg_error *err)
{
    char folder[PATH_MAX], file[PATH_MAX], expires[WG_TIME_TEXT];
    wg_time_text(token->expires, expires);
    json_t *json = json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "device", token->device,
                             "sha256", token->hash, "expires", expires, "model", token->model,
                             "revision", token->revision, "key", token->key, "chain", token->chain,
                             "record", token->record, "noted", (int)token->noted);
    char *text = json ? json_dumps(json, JSON_INDENT(1)) : NULL;
    json_decref(json);
    if (!text) return wg_fail_memory(err, "writing a token");
    bool ok = path_of(pki, token->device, folder, file, err) && wg_folder_make(folder, 0700, err) &&
              wg_file_replace(file, text, strlen(text), 0600, err);
    free(text);
    return ok;
}

static bool read_token(const json_t *json, struct token *out, struct wg_error *err)
{
    char expires[WG_TIME_TEXT];
    return wg_json_text(json, "device", out->device, sizeof out->device, err) &&
           wg_json_text(json, "sha256", out->hash, sizeof out->hash, err) &&
           wg_json_text(json, "expires", expires, sizeof expires, err) &&
           (wg_time_parse(expires, &out->expires) ||
            wg_fail(err, WG_E_BAD_FILE, "expires: no time")) &&
           wg_json_text(json, "key", out->key, sizeof out->key, err) &&
           wg_json_text(json, "chain", out->chain, sizeof out->chain, err) &&
           wg_json_text_opt(json, "model", out->model, sizeof out->model, err) &&
           wg_json_text_opt(json, "revision", out->revision, sizeof out->revision, err) &&
           wg_json_text_opt(json, "record", out->record, sizeof out->record, err) &&
           (!json_object_get(json, "noted") || wg_json_bool(json, "noted", &out->noted, err));
}

static bool load(const char *pki, const char *device, struct token *out, struct wg_error *err)
{
    char folder[PATH_MAX], file[PATH_MAX];
    struct wg_buf text;
    if (!path_of(pki, device, folder, file, err)) return false;
    wg_buf_init(&text, FILE_BYTES_MAX);
    json_t *json = wg_file_read(file, &text, err)
                       ? wg_json_parse(wg_buf_str(&text), text.len, FILE_BYTES_MAX, err)
                       : NULL;
    bool ok = json && read_token(json, out, err);
    json_decref(json);
    wg_buf_clear(&text);
    return ok;
}

static bool is_hardware(const char *text)
{
    return !text[0] || wg_name_is_valid(text);
}

bool token_make(const char *pki, const struct token_terms *terms, char out[TOKEN_TEXT_MAX],
                struct wg_error *err)
{
    unsigned char secret[SECRET_SIZE];
    char hex[2 * SECRET_SIZE + 1];
    struct token token = {.expires = terms->expires};
    if (!wg_copy(token.device, sizeof token.device, terms->device))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\" is no name of a device", terms->device);
    if (!wg_copy(token.model, sizeof token.model, terms->model) ||
        !wg_copy(token.revision, sizeof token.revision, terms->revision) ||
        !is_hardware(token.model) || !is_hardware(token.revision))
        return wg_fail(err, WG_E_USAGE, "--model, --revision: expected names");
    bool ok = wg_random(secret, sizeof secret, err);
    wg_hex(secret, sizeof secret, hex);
    ok = ok && wg_format(out, TOKEN_TEXT_MAX, PREFIX "%s", hex) &&
         wg_sha256_of(out, strlen(out), token.hash, err) && save(pki, &token, err);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(hex, sizeof hex);
    return ok;
}

/* How long it takes says nothing about where they differ. */
static bool same_hash(const char a[WG_SHA256_HEX], const char b[WG_SHA256_HEX])
{
    unsigned differs = 0;
    for (size_t i = 0; i < WG_SHA256_HEX; i++) differs |= (unsigned)(a[i] ^ b[i]);
    return differs == 0;
}

/* Who has claimed it in time may ask again later: his answer can have got lost. */
static bool is_good(const char *pki, const struct wg_claim_request *request, const char *key,
                    wg_time now, struct token *out, struct wg_error *err)
{
    char hash[WG_SHA256_HEX];
    struct wg_error problem = {0};
    bool there = load(pki, request->device, out, &problem);
    if (!there && problem.code != WG_E_NOT_FOUND && problem.code != WG_E_USAGE) {
        if (err) *err = problem;
        return false;
    }
    if (!wg_sha256_of(request->token, strlen(request->token), hash, err)) return false;
    bool first = !out->key[0], good = there && same_hash(hash, out->hash);
    return (good && (first ? now < out->expires : strcmp(out->key, key) == 0)) ||
           wg_fail(err, WG_E_DENIED,
                   "the token is not, or no longer, good for this device and key");
}

/* To who holds the token it is told what else is wrong. */
static bool fits(const struct token *token, const struct wg_claim_request *request,
                 struct wg_error *err)
{
    if ((!token->model[0] || strcmp(token->model, request->hardware_model) == 0) &&
        (!token->revision[0] || strcmp(token->revision, request->hardware_revision) == 0))
        return true;
    return wg_fail(err, WG_E_CONFLICT, "the token is for other hardware than this device has");
}

static bool read_request(const struct wg_claim_request *request, struct wg_csr *csr,
                         char key[WG_SHA256_HEX], struct wg_error *err)
{
    struct age_recipient recipient;
    if (!wg_csr_read(request->csr, request->csr_len, csr, err)) return wg_context(err, "csr");
    if (strcmp(csr->name, request->device) != 0)
        return wg_fail(err, WG_E_VERIFY, "the request is for another name");
    if (!age_recipient_read(request->age_key, &recipient, err)) return wg_context(err, "age_key");
    return wg_identity_id(&csr->key, key, err);
}

bool token_check(const char *pki, const struct wg_claim_request *request, wg_time now,
                 struct wg_error *err)
{
    struct wg_csr csr;
    struct token token = {.expires = 0};
    char key[WG_SHA256_HEX];
    return read_request(request, &csr, key, err) && is_good(pki, request, key, now, &token, err) &&
           fits(&token, request, err);
}

static bool make_chain(struct authority *authority, const struct wg_csr *csr, wg_time now,
                       struct token *token, struct wg_error *err)
{
    struct issued issued;
    struct wg_buf chain;
    const struct kind *kind = kind_find("device");
    struct issue_leaf leaf = {.organisation = authority->policy.organisation,
                              .unit = kind->word,
                              .name = token->device,
                              .usage = kind->usage,
                              .days = authority->policy.days[POLICY_DEVICE]};
    wg_buf_init(&chain, sizeof token->chain - 1);
    bool ok = issue_for_key(&leaf, &csr->key, &authority->issuing, now, &issued, err);
    if (ok) wg_buf_text(&chain, issued.certificate);
    ok = ok && authority_issuing_pem(authority, &chain, err);
    if (ok) (void)wg_copy(token->chain, sizeof token->chain, wg_buf_str(&chain));
    wg_buf_clear(&chain);
    return ok;
}

/* What is wrong with a key of ours is nothing that whoever asks could mend. */
static bool ours(struct wg_error *err)
{
    if (err && err->code != WG_E_MEMORY) err->code = WG_E_FAILED;
    return false;
}

static bool make_record(const char *pki, const struct wg_claim_request *request,
                        const struct wg_csr *csr, wg_time now, struct token *token,
                        struct wg_error *err)
{
    struct wg_enrolment record = {.identity_key = csr->key, .enrolled = now, .lot = LOT};
    (void)wg_copy(record.device, sizeof record.device, request->device);
    (void)wg_copy(record.age_key, sizeof record.age_key, request->age_key);
    (void)wg_copy(record.hardware_model, sizeof record.hardware_model, request->hardware_model);
    (void)wg_copy(record.hardware_revision, sizeof record.hardware_revision,
                  request->hardware_revision);
    struct wg_signing_key *key = authority_enrolment_key(pki, err);
    json_t *body = key ? wg_enrolment_make(&record, err) : NULL;
    json_t *json = body ? wg_signed_by(body, key, err) : NULL;
    if (!key || (body && !json)) (void)ours(err);
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (json && !text) (void)wg_fail_memory(err, "an enrolment record");
    bool ok = text && (wg_copy(token->record, sizeof token->record, text) ||
                       wg_fail(err, WG_E_LIMIT, "the enrolment record is too long"));
    wg_signing_key_free(key);
    json_decref(body);
    json_decref(json);
    free(text);
    return ok;
}

/* Who asks again says the same as before: what was signed once stays as it is. */
static bool says_the_same(const char *pki, const struct wg_claim_request *request,
                          const struct token *token, struct wg_error *err)
{
    struct wg_enrolment record;
    struct wg_signing_key *key = authority_enrolment_key(pki, err);
    if (!key) return ours(err);
    bool ok = wg_enrolment_read(token->record, strlen(token->record), wg_signing_key_public(key), 1,
                                &record, err);
    wg_signing_key_free(key);
    return ok && ((strcmp(record.age_key, request->age_key) == 0 &&
                   strcmp(record.hardware_model, request->hardware_model) == 0 &&
                   strcmp(record.hardware_revision, request->hardware_revision) == 0) ||
                  wg_fail(err, WG_E_CONFLICT,
                          "the token was claimed with another age key or hardware before"));
}

/* Chain and record are kept beside the token before anybody knows of them: wherever the power is
 * cut, the same question finds the same answer. */
static bool take(const char *pki, struct authority *authority,
                 const struct wg_claim_request *request, const struct wg_csr *csr, wg_time now,
                 struct token *token, struct wg_error *err)
{
    if (token->record[0]) return says_the_same(pki, request, token, err);
    if (!token->chain[0] &&
        (!name_check(DOMAIN_DEVICE, token->device, &authority->ledger, NULL, now, err) ||
         !wg_identity_id(&csr->key, token->key, err) ||
         !(make_chain(authority, csr, now, token, err) || ours(err))))
        return false;
    return make_record(pki, request, csr, now, token, err) && save(pki, token, err);
}

/* No certificate leaves that the ledger does not know, or that has been revoked since. */
static bool enter(struct authority *authority, const struct token *token, wg_time now,
                  struct wg_error *err)
{
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    struct wg_x509 leaf;
    struct issued issued = {.not_after = 0};
    if (!wg_x509_from_pem(token->chain, strlen(token->chain), der, &len, err) ||
        !wg_x509_read(der, len, &leaf, err))
        return false;
    const struct ledger_entry *entry = ledger_find(&authority->ledger, leaf.serial);
    if (entry)
        return !entry->revoked ||
               wg_fail(err, WG_E_DENIED,
                       "the certificate of this token was revoked: a new token is needed");
    issued.not_after = leaf.not_after;
    return wg_copy(issued.serial, sizeof issued.serial, leaf.serial) &&
           name_check(DOMAIN_DEVICE, token->device, &authority->ledger, NULL, now, err) &&
           authority_enter(authority, kind_find("device"), token->device, NULL, &issued, err);
}

bool token_claim(const char *pki, struct authority *authority,
                 const struct wg_claim_request *request, wg_time now, struct claimed *out,
                 struct wg_error *err)
{
    struct wg_csr csr;
    struct token token = {.expires = 0};
    char key[WG_SHA256_HEX];
    if (!read_request(request, &csr, key, err) || !is_good(pki, request, key, now, &token, err) ||
        !fits(&token, request, err) || !take(pki, authority, request, &csr, now, &token, err) ||
        !enter(authority, &token, now, err))
        return false;
    *out = (struct claimed){.noted = token.noted};
    return wg_copy(out->chain, sizeof out->chain, token.chain) &&
           wg_copy(out->record, sizeof out->record, token.record);
}

bool token_note(const char *pki, const char *device, struct wg_error *err)
{
    struct token token = {.expires = 0};
    if (!load(pki, device, &token, err)) return false;
    token.noted = true;
    return save(pki, &token, err);
}
