/* provider.c: what is kept of a provider stands under one lock; requests for it are made under it,
 * so that many who wait make one. Codes are redeemed outside. */
#include "orchestrator/openid/provider.h"

#include "common/base64url.h"
#include "common/crypto.h"
#include "common/json.h"
#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/secrets.h"
#include "orchestrator/http/bucket.h"
#include "orchestrator/openid/fetch.h"
#include "orchestrator/openid/metadata.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define DISCOVERY "/.well-known/openid-configuration"
#define SECRET_MAX 1024
#define KEPT WG_HOUR
#define KEPT_AT_MOST WG_DAY           /* while it cannot be fetched again */
#define AFTER_FAILURE (5 * WG_SECOND) /* without asking again */
#define ANEW_A_MINUTE 3
#define ANSWER_MAX ((size_t)64 * 1024)

/* What was fetched, and when, by the monotonic clock. 0: never. */
struct dates {
    wg_time got, failed;
};

struct openid_provider {
    const struct settings_openid *settings;
    char secret[SECRET_MAX];
    pthread_mutex_t lock;
    struct dates metadata_dates, keys_dates;
    struct openid_metadata metadata;
    struct jwk_set *keys;
    struct buckets *anew;
    struct wg_error last; /* why it failed */
};

static bool read_secret(struct openid_provider *provider, struct wg_error *err)
{
    const char *file = provider->settings->client_secret_file;
    struct wg_buf text;
    if (!file[0]) return true;
    wg_buf_init(&text, SECRET_MAX - 1);
    bool ok = wg_secret_path_check(file, err) && wg_file_read(file, &text, err);
    size_t len = strcspn(wg_buf_str(&text), "\r\n");
    ok = ok && ((len > 0 && wg_copy_n(provider->secret, SECRET_MAX, wg_buf_str(&text), len)) ||
                wg_fail(err, WG_E_BAD_INPUT, "%s: expected a client's secret in one line", file));
    if (text.data) explicit_bzero(text.data, text.cap);
    wg_buf_clear(&text);
    return ok || wg_context(err, "api: oidc: client_secret_file");
}

struct openid_provider *openid_provider_new(const struct settings_openid *settings,
                                            struct wg_error *err)
{
    struct openid_provider *provider = calloc(1, sizeof *provider);
    if (!provider || pthread_mutex_init(&provider->lock, NULL) != 0) {
        free(provider);
        (void)wg_fail_memory(err, "a provider");
        return NULL;
    }
    provider->settings = settings;
    bool ok = curl_global_init(CURL_GLOBAL_DEFAULT) == 0;
    provider->anew = ok ? buckets_new(1, ANEW_A_MINUTE, ANEW_A_MINUTE) : NULL;
    ok = provider->anew || wg_fail_memory(err, "a provider");
    if (ok && read_secret(provider, err)) return provider;
    openid_provider_free(provider);
    return NULL;
}

void openid_provider_free(struct openid_provider *provider)
{
    if (!provider) return;
    jwk_set_free(provider->keys);
    buckets_free(provider->anew);
    (void)pthread_mutex_destroy(&provider->lock);
    explicit_bzero(provider->secret, sizeof provider->secret);
    free(provider);
    curl_global_cleanup();
}

/* ---- what is kept ---- */

/* bearer: NULL, none. */
static bool get(const struct openid_provider *provider, const char *url, const char *bearer,
                struct wg_buf *body, struct wg_error *err)
{
    long status = 0;
    const struct openid_fetch what = {.url = url, .ca = provider->settings->ca, .bearer = bearer};
    return openid_fetch(&what, body, &status, err) &&
           (status == 200 ||
            wg_fail(err, WG_E_NETWORK, "%.200s: answered with status %ld", url, status));
}

static bool fetch_metadata(struct openid_provider *provider, struct wg_error *err)
{
    const char *issuer = provider->settings->issuer;
    size_t len = strlen(issuer);
    char url[SETTINGS_ISSUER_MAX + sizeof DISCOVERY];
    struct openid_metadata read;
    struct wg_buf body;
    while (len > 0 && issuer[len - 1] == '/') len--;
    wg_buf_init(&body, OPENID_METADATA_MAX);
    bool ok = wg_format(url, sizeof url, "%.*s" DISCOVERY, (int)len, issuer) &&
              get(provider, url, NULL, &body, err) &&
              (openid_metadata_parse(wg_buf_str(&body), body.len, issuer, &read, err) ||
               wg_context(err, "%.200s", url));
    wg_buf_clear(&body);
    if (ok) provider->metadata = read;
    return ok;
}

static bool fetch_keys(struct openid_provider *provider, struct wg_error *err)
{
    const char *url = provider->metadata.keys;
    struct wg_buf body;
    wg_buf_init(&body, JWK_SET_MAX);
    struct jwk_set *keys = get(provider, url, NULL, &body, err)
                               ? jwk_set_parse(wg_buf_str(&body), body.len, err)
                               : NULL;
    wg_buf_clear(&body);
    if (keys) {
        jwk_set_free(provider->keys);
        provider->keys = keys;
    }
    return keys || wg_context(err, "the provider's keys");
}

/* Fetches it when it is not there or old. What is not too old holds on when that fails. */
static bool keep(struct openid_provider *provider, struct dates *dates,
                 bool (*fetch)(struct openid_provider *provider, struct wg_error *err),
                 struct wg_error *err)
{
    wg_time now = wg_monotonic();
    bool usable = dates->got && now < dates->got + KEPT_AT_MOST;
    if (dates->got && now < dates->got + KEPT) return true;
    if (dates->failed && now < dates->failed + AFTER_FAILURE) {
        if (!usable && err) *err = provider->last;
        return usable;
    }
    if (fetch(provider, &provider->last)) {
        *dates = (struct dates){.got = wg_monotonic()};
        return true;
    }
    dates->failed = wg_monotonic();
    wg_log_error("the provider of OpenID Connect", &provider->last);
    if (!usable && err) *err = provider->last;
    return usable;
}

static bool keep_metadata(struct openid_provider *provider, struct openid_metadata *out,
                          struct wg_error *err)
{
    (void)pthread_mutex_lock(&provider->lock);
    bool ok = keep(provider, &provider->metadata_dates, fetch_metadata, err);
    if (ok) *out = provider->metadata;
    (void)pthread_mutex_unlock(&provider->lock);
    return ok;
}

/* ---- there ---- */

/* RFC 7636, section 4.2. */
static bool challenge_of(const char *verifier, char out[OPENID_SECRET_TEXT], struct wg_error *err)
{
    uint8_t digest[WG_SHA256_SIZE];
    if (!wg_sha256_digest(verifier, strlen(verifier), digest, err)) return false;
    wg_base64url_write(digest, sizeof digest, out);
    return true;
}

bool openid_provider_location(struct openid_provider *provider, const struct openid_start *start,
                              struct wg_buf *out, struct wg_error *err)
{
    struct openid_metadata metadata;
    char challenge[OPENID_SECRET_TEXT];
    if (!keep_metadata(provider, &metadata, err) || !challenge_of(start->verifier, challenge, err))
        return false;
    wg_buf_text(out, metadata.authorization);
    if (!strchr(metadata.authorization, '?')) wg_buf_char(out, '?');
    openid_form_add(out, "response_type", "code");
    openid_form_add(out, "client_id", provider->settings->client_id);
    openid_form_add(out, "redirect_uri", start->redirect);
    openid_form_add(out, "scope", provider->settings->scopes);
    openid_form_add(out, "state", start->state);
    openid_form_add(out, "nonce", start->nonce);
    openid_form_add(out, "code_challenge", challenge);
    openid_form_add(out, "code_challenge_method", "S256");
    return wg_buf_check(out, err, "the provider's address");
}

/* ---- and back ---- */

static bool is_issuer(const struct openid_provider *provider,
                      const struct openid_metadata *metadata, const char *issuer,
                      struct wg_error *err)
{
    if (!issuer)
        return !metadata->tells_issuer ||
               wg_fail(err, WG_E_VERIFY, "iss: the provider says that it tells it, and does not");
    char shown[WG_SHOWN];
    wg_text_shown(shown, issuer);
    return strcmp(issuer, provider->settings->issuer) == 0 ||
           wg_fail(err, WG_E_VERIFY, "iss: the answer is of another provider, \"%s\"", shown);
}

bool openid_provider_is_issuer(struct openid_provider *provider, const char *issuer,
                               struct wg_error *err)
{
    struct openid_metadata metadata;
    return keep_metadata(provider, &metadata, err) && is_issuer(provider, &metadata, issuer, err);
}

static void clear_secret(struct wg_buf *text)
{
    if (text->data) explicit_bzero(text->data, text->cap);
    wg_buf_clear(text);
}

/* What it says is for our log: letters, digits and '_' (RFC 6749, section 5.2). */
static bool fail_refused(const json_t *answer, long status, struct wg_error *err)
{
    const char *code = json_string_value(json_object_get(answer, "error"));
    bool plain = code && code[0] && strspn(code, "abcdefghijklmnopqrstuvwxyz_") == strlen(code);
    return wg_fail(err, WG_E_VERIFY, "the provider did not take the code: status %ld%s%.60s",
                   status, plain ? ", " : "", plain ? code : "");
}

/* The form, and the name and secret of the header when they go there. */
struct request {
    struct wg_buf form, user, password;
};

static void write_request(const struct openid_provider *provider,
                          const struct openid_metadata *metadata, const struct openid_return *back,
                          struct request *out)
{
    const struct settings_openid *settings = provider->settings;
    openid_form_add(&out->form, "grant_type", "authorization_code");
    openid_form_add(&out->form, "code", back->code);
    openid_form_add(&out->form, "redirect_uri", back->redirect);
    openid_form_add(&out->form, "code_verifier", back->verifier);
    if (provider->secret[0] && !metadata->takes_post) {
        openid_encode(&out->user, settings->client_id);
        openid_encode(&out->password, provider->secret);
        return;
    }
    openid_form_add(&out->form, "client_id", settings->client_id);
    if (provider->secret[0]) openid_form_add(&out->form, "client_secret", provider->secret);
}

static bool ask_token(const struct openid_provider *provider,
                      const struct openid_metadata *metadata, const struct openid_return *back,
                      struct wg_buf *answer, long *status, struct wg_error *err)
{
    struct request request;
    wg_buf_init(&request.form, 16384);
    wg_buf_init(&request.user, 4096);
    wg_buf_init(&request.password, 4096);
    write_request(provider, metadata, back, &request);
    const struct openid_fetch what = {.url = metadata->token,
                                      .ca = provider->settings->ca,
                                      .form = wg_buf_str(&request.form),
                                      .user = request.user.len ? wg_buf_str(&request.user) : NULL,
                                      .password = wg_buf_str(&request.password)};
    bool ok = wg_buf_check(&request.form, err, "a code") &&
              wg_buf_check(&request.user, err, "a client's name") &&
              wg_buf_check(&request.password, err, "a client's secret") &&
              openid_fetch(&what, answer, status, err);
    clear_secret(&request.form);
    clear_secret(&request.user);
    clear_secret(&request.password);
    return ok;
}

/* Under the lock. A key that is not known may be a new one. */
static bool check_kept(struct openid_provider *provider, const char *text,
                       const struct id_token_rules *rules, struct id_token *out,
                       struct wg_error *err)
{
    struct wg_error why = {0};
    if (!keep(provider, &provider->keys_dates, fetch_keys, err)) return false;
    if (id_token_check(text, provider->keys, rules, out, &why)) return true;
    if (why.code == WG_E_NOT_FOUND && buckets_take(provider->anew, "keys", wg_monotonic()) == 0) {
        provider->keys_dates = (struct dates){0};
        if (!keep(provider, &provider->keys_dates, fetch_keys, err)) return false;
        why = (struct wg_error){0};
        if (id_token_check(text, provider->keys, rules, out, &why)) return true;
    }
    return wg_fail(err, why.code == WG_E_NOT_FOUND ? WG_E_VERIFY : why.code, "%s", why.text);
}

static bool check(struct openid_provider *provider, const char *text,
                  const struct openid_return *back, struct id_token *out, struct wg_error *err)
{
    const struct id_token_rules rules = {.settings = provider->settings,
                                         .nonce = back->nonce,
                                         .since = back->since,
                                         .now = back->now};
    (void)pthread_mutex_lock(&provider->lock);
    bool ok = check_kept(provider, text, &rules, out, err);
    (void)pthread_mutex_unlock(&provider->lock);
    return ok;
}

/* OpenID Connect Core 1.0, section 5.3. */
static bool ask_more(const struct openid_provider *provider, const char *url, const char *access,
                     struct id_token *token, struct wg_error *err)
{
    struct wg_buf body;
    wg_buf_init(&body, ANSWER_MAX);
    json_t *told = get(provider, url, access, &body, err)
                       ? wg_json_parse(wg_buf_str(&body), body.len, ANSWER_MAX, err)
                       : NULL;
    bool ok = told && id_token_add(token, told, err);
    json_decref(told);
    wg_buf_clear(&body);
    return ok || wg_context(err, "claims beside the ID token");
}

static bool read_account(const struct openid_provider *provider,
                         const struct openid_metadata *metadata, const json_t *answer,
                         struct id_token *token, struct openid_account *out, struct wg_error *err)
{
    const char *access = json_string_value(json_object_get(answer, "access_token"));
    if (access && metadata->userinfo[0] && id_token_lacks(token, provider->settings) &&
        !ask_more(provider, metadata->userinfo, access, token, err))
        return false;
    (void)wg_copy(out->subject, sizeof out->subject, token->subject);
    return id_token_person(token, provider->settings, out->person, err);
}

/* The answer of the token endpoint. */
struct token_answer {
    struct wg_buf body;
    long status;
};

static bool take_answer(struct openid_provider *provider, const struct openid_metadata *metadata,
                        const struct token_answer *got, const struct openid_return *back,
                        struct openid_account *out, struct wg_error *err)
{
    struct id_token token = {.claims = NULL};
    json_t *answer = wg_json_parse(wg_buf_str(&got->body), got->body.len, ANSWER_MAX, NULL);
    const char *text = json_string_value(json_object_get(answer, "id_token"));
    bool ok = got->status == 200 || fail_refused(answer, got->status, err);
    ok = ok && (text || wg_fail(err, WG_E_VERIFY, "the provider gave no ID token"));
    ok = ok && check(provider, text, back, &token, err) &&
         read_account(provider, metadata, answer, &token, out, err);
    id_token_clear(&token);
    json_decref(answer);
    return ok;
}

bool openid_provider_redeem(struct openid_provider *provider, const struct openid_return *back,
                            struct openid_account *out, struct wg_error *err)
{
    struct openid_metadata metadata;
    struct token_answer got = {.status = 0};
    memset(out, 0, sizeof *out);
    if (!keep_metadata(provider, &metadata, err) ||
        !is_issuer(provider, &metadata, back->issuer, err))
        return false;
    wg_buf_init(&got.body, ANSWER_MAX);
    bool ok = ask_token(provider, &metadata, back, &got.body, &got.status, err) &&
              take_answer(provider, &metadata, &got, back, out, err);
    clear_secret(&got.body);
    return ok;
}
