/* token.c: tokens in files, and the one claim of each. */
#include "pki/token.h"

#include "common/json.h"
#include "common/posix/file.h"
#include "pki/name_check.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define PREFIX "wgt1-"
#define SECRET_SIZE 32
#define FILE_BYTES_MAX ((size_t)32768)

struct token {
    char device[WG_NAME_MAX + 1];
    char hash[WG_SHA256_HEX]; /* of the token's text */
    wg_time expires;
    char key[WG_SHA256_HEX];  /* id of the key that claimed it; "" not claimed */
    char chain[WG_CHAIN_MAX]; /* what it was given; "" not yet */
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
    json_t *json =
        json_pack("{s:s,s:s,s:s,s:s,s:s}", "device", token->device, "sha256", token->hash,
                  "expires", expires, "key", token->key, "chain", token->chain);
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
           wg_json_text(json, "chain", out->chain, sizeof out->chain, err);
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

bool token_make(const char *pki, const char *device, wg_time expires, char out[TOKEN_TEXT_MAX],
                struct wg_error *err)
{
    unsigned char secret[SECRET_SIZE];
    char hex[2 * SECRET_SIZE + 1];
    struct token token = {.expires = expires};
    if (!wg_copy(token.device, sizeof token.device, device))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\" is no name of a device", device);
    bool ok = wg_random(secret, sizeof secret, err);
    wg_hex(secret, sizeof secret, hex);
    ok = ok && wg_format(out, TOKEN_TEXT_MAX, PREFIX "%s", hex) &&
         wg_sha256_of(out, strlen(out), token.hash, err) && save(pki, &token, err);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(hex, sizeof hex);
    return ok;
}

/* Hashes are compared: how long that takes says nothing about the token. */
static bool is_good(const char *pki, const struct claim *claim, const char *key, wg_time now,
                    struct token *out, struct wg_error *err)
{
    char hash[WG_SHA256_HEX];
    struct wg_error problem = {0};
    bool there = load(pki, claim->device, out, &problem);
    if (!there && problem.code != WG_E_NOT_FOUND && problem.code != WG_E_USAGE) {
        if (err) *err = problem;
        return false;
    }
    if (!wg_sha256_of(claim->token, strlen(claim->token), hash, err)) return false;
    return (there && strcmp(hash, out->hash) == 0 && now < out->expires &&
            (!out->key[0] || strcmp(out->key, key) == 0)) ||
           wg_fail(err, WG_E_DENIED,
                   "the token is not, or no longer, good for this device and key");
}

static bool issue(struct authority *authority, const struct claim *claim, const struct wg_csr *csr,
                  wg_time now, struct token *token, struct wg_error *err)
{
    struct issued issued;
    struct wg_buf chain;
    const struct kind *kind = kind_find("device");
    struct issue_leaf leaf = {.organisation = authority->policy.organisation,
                              .unit = kind->word,
                              .name = claim->device,
                              .usage = kind->usage,
                              .days = claim->days ? claim->days
                                                  : authority->policy.days[POLICY_DEVICE]};
    wg_buf_init(&chain, sizeof token->chain - 1);
    bool ok = issue_for_key(&leaf, &csr->key, &authority->issuing, now, &issued, err) &&
              authority_enter(authority, kind, claim->device, NULL, &issued, err);
    if (ok) wg_buf_text(&chain, issued.certificate);
    ok = ok && authority_issuing_pem(authority, &chain, err);
    if (ok) (void)wg_copy(token->chain, sizeof token->chain, wg_buf_str(&chain));
    wg_buf_clear(&chain);
    return ok;
}

/* The token is taken before anything is issued: a power cut in between leaves it to the same key.
 */
static bool take(const char *pki, struct authority *authority, const struct claim *claim,
                 const struct wg_csr *csr, wg_time now, struct token *token, struct wg_error *err)
{
    if (token->chain[0]) return true;
    return name_check(DOMAIN_DEVICE, claim->device, &authority->ledger, NULL, now, err) &&
           wg_identity_id(&csr->key, token->key, err) && save(pki, token, err) &&
           issue(authority, claim, csr, now, token, err) && save(pki, token, err);
}

bool token_claim(const char *pki, struct authority *authority, const struct claim *claim,
                 wg_time now, struct claimed *out, struct wg_error *err)
{
    struct wg_csr csr;
    struct token token = {.expires = 0};
    char key[WG_SHA256_HEX];
    if (!wg_csr_read(claim->csr, claim->csr_len, &csr, err)) return false;
    if (strcmp(csr.name, claim->device) != 0)
        return wg_fail(err, WG_E_VERIFY, "the request is for another name");
    if (!wg_identity_id(&csr.key, key, err) || !is_good(pki, claim, key, now, &token, err) ||
        !take(pki, authority, claim, &csr, now, &token, err))
        return false;
    *out = (struct claimed){.key = csr.key};
    return wg_copy(out->chain, sizeof out->chain, token.chain);
}
