/* openid_routes.c: signing in by OpenID Connect: the browser is sent to the provider, comes back
 * with a code, and types the code of a second factor where there is one. What goes wrong on the way
 * is told on the dashboard's sign-in page, in its words, and here in the log. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/rooms.h"
#include "orchestrator/api/sign_in.h"

#include "common/base64url.h"
#include "orchestrator/openid/provider.h"
#include "orchestrator/store/openid_row.h"
#include "orchestrator/store/sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define COOKIE "__Host-wavegate-openid"
/* Lax: the provider's page is another's, and sends the browser back here. */
#define COOKIE_TAIL "; Path=/; Secure; HttpOnly; SameSite=Lax"
#define BACK API_PREFIX "/openid/back"
#define PAGE "/#/sign-in/"
#define SECRET_BYTES 32

_Static_assert(WG_BASE64URL_TEXT(SECRET_BYTES) == OPENID_SECRET_TEXT, "of 32 bytes");
_Static_assert(ID_TOKEN_SUBJECT_MAX <= OPENID_SUBJECT_MAX, "kept whole");

/* Words of the dashboard: pages/signin.js has a sentence for each. */
#define AWAY "away"
#define BUSY "busy"
#define OVER "over"
#define BROWSER "browser"
#define REFUSED "refused"
#define ANSWER "answer"
#define NOT_ALLOWED "not-allowed"
#define NOBODY "nobody"
#define ANOTHER "another"
#define DISABLED "disabled"
#define CODE "code"
#define FAILED "failed"

static bool is_on(struct api_call *call, struct wg_error *err)
{
    return call->api->openid || api_problem(call, 404, "not-found", NULL, err,
                                            "signing in by OpenID Connect is not set up here");
}

static void where_back(const struct api_call *call, char out[WG_URL_MAX + sizeof BACK])
{
    const char *url = call->settings->api.url;
    size_t len = strlen(url);
    while (len > 0 && url[len - 1] == '/') len--;
    (void)wg_format(out, WG_URL_MAX + sizeof BACK, "%.*s" BACK, (int)len, url);
}

static bool set_cookie(struct api_call *call, const char *value, struct wg_error *err)
{
    char line[sizeof COOKIE + TOKEN_TEXT + sizeof COOKIE_TAIL + 32];
    int life = value[0] ? (int)(OPENID_TRY_LIFE / WG_SECOND) : 0;
    (void)snprintf(line, sizeof line, COOKIE "=%s; Max-Age=%d" COOKIE_TAIL, value, life);
    bool ok = http_answer_header(call->answer, "Set-Cookie", line);
    explicit_bzero(line, sizeof line);
    return ok || wg_fail(err, WG_E_LIMIT, "the cookie does not fit");
}

static bool go_to_page(struct api_call *call, const char *word, struct wg_error *err)
{
    char path[64];
    (void)wg_format(path, sizeof path, PAGE "%s", word);
    return http_answer_redirect(call->answer, path, err);
}

static void log_refused(const struct api_call *call, const char *why)
{
    wg_log(WG_LOG_WARN, "sign-in by OpenID Connect refused", "why", why, "from",
           call->request->address, NULL);
}

/* Something is wrong here, or with the database: the browser is on a page of its own by now, and
 * goes back to ours. */
static bool go_anyway(struct api_call *call, bool ok, struct wg_error *err)
{
    if (ok) return true;
    wg_log_error("sign-in by OpenID Connect", err);
    *err = (struct wg_error){0};
    http_answer_reset(call->answer);
    return go_to_page(call, FAILED, err);
}

/* ---- there ---- */

struct start {
    char state[OPENID_SECRET_TEXT], state_hash[WG_SHA256_HEX];
    struct token_secret browser;
    struct openid_try kept;
};

static bool make_secret(char out[OPENID_SECRET_TEXT], struct wg_error *err)
{
    uint8_t bytes[SECRET_BYTES];
    bool ok = wg_random(bytes, sizeof bytes, err);
    if (ok) wg_base64url_write(bytes, sizeof bytes, out);
    explicit_bzero(bytes, sizeof bytes);
    return ok;
}

static bool make_start(struct start *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    return make_secret(out->state, err) && make_secret(out->kept.nonce, err) &&
           make_secret(out->kept.verifier, err) &&
           wg_sha256_of(out->state, strlen(out->state), out->state_hash, err) &&
           token_make(TOKEN_BROWSER, &out->browser, err) &&
           wg_copy(out->kept.browser, sizeof out->kept.browser, out->browser.hash);
}

static bool send_away(struct api_call *call, const struct start *start, struct wg_error *err)
{
    char back[WG_URL_MAX + sizeof BACK];
    struct wg_buf location;
    struct wg_error why = {0};
    where_back(call, back);
    const struct openid_start to = {.redirect = back,
                                    .state = start->state,
                                    .nonce = start->kept.nonce,
                                    .verifier = start->kept.verifier};
    wg_buf_init(&location, HTTP_LOCATION_MAX - 1);
    bool ok;
    if (!openid_provider_location(call->api->openid, &to, &location, &why)) {
        log_refused(call, why.text);
        ok = go_to_page(call, AWAY, err);
    } else {
        ok = api_borrow(call, err);
        if (ok && openid_row_begin(call->db, start->state_hash, &start->kept,
                                   call->request->address, call->now, &why)) {
            ok = set_cookie(call, start->browser.text, err) &&
                 http_answer_redirect(call->answer, wg_buf_str(&location), err);
        } else if (ok) {
            log_refused(call, why.text);
            ok = go_to_page(call, why.code == WG_E_LIMIT ? BUSY : FAILED, err);
        }
    }
    wg_buf_clear(&location);
    return ok;
}

static bool start_openid(struct api_call *call, struct wg_error *err)
{
    struct start start;
    if (!is_on(call, err) || !api_parameters(call, NULL, err)) return false;
    bool ok = go_anyway(call, make_start(&start, err) && send_away(call, &start, err), err);
    explicit_bzero(&start, sizeof start);
    return ok;
}

/* ---- and back ---- */

/* What is told: to the browser a word, to the log and the audit log why. */
struct refusal {
    const char *word; /* NULL: none */
    struct wg_error why;
};

static bool refuse(struct refusal *refusal, const char *word)
{
    refusal->word = word;
    return false;
}

static bool own_browser(const struct api_call *call, char hash[WG_SHA256_HEX], struct wg_error *err)
{
    char cookie[TOKEN_TEXT + 16];
    bool ok = (http_request_cookie(call->request, COOKIE, cookie, sizeof cookie) ||
               wg_fail(err, WG_E_DENIED, "the cookie of this sign-in is not there")) &&
              token_read(TOKEN_BROWSER, cookie, hash, err);
    explicit_bzero(cookie, sizeof cookie);
    return ok;
}

/* The attempt that the state is of, of this browser. */
static bool take_try(struct api_call *call, struct openid_try *out, struct refusal *refusal)
{
    char hash[WG_SHA256_HEX], browser[WG_SHA256_HEX];
    const char *state = api_parameter(call, "state");
    struct wg_error *why = &refusal->why;
    if (!wg_sha256_of(state, strlen(state), hash, why)) return refuse(refusal, FAILED);
    if (!openid_row_take(call->db, hash, call->now, out, why))
        return refuse(refusal, why->code == WG_E_NOT_FOUND ? OVER : FAILED);
    if (own_browser(call, browser, why) && strcmp(browser, out->browser) == 0) return true;
    *why = (struct wg_error){0};
    (void)wg_fail(why, WG_E_DENIED, "it was begun in another browser");
    return refuse(refusal, BROWSER);
}

/* The provider's own word for no: letters and '_' (RFC 6749, section 4.1.2.1). */
static bool take_error(struct api_call *call, const char *error, const char *issuer,
                       struct refusal *refusal)
{
    bool plain = strspn(error, "abcdefghijklmnopqrstuvwxyz_") == strlen(error);
    if (!openid_provider_is_issuer(call->api->openid, issuer, &refusal->why))
        return refuse(refusal, ANSWER);
    (void)wg_fail(&refusal->why, WG_E_DENIED, "the provider said no: %.60s",
                  plain ? error : "in no word");
    return refuse(refusal, REFUSED);
}

static bool redeem(struct api_call *call, const struct openid_try *kept, struct openid_account *out,
                   struct refusal *refusal)
{
    char back[WG_URL_MAX + sizeof BACK];
    const char *error = api_parameter(call, "error");
    const char *issuer = http_target_parameter(call->request->target, "iss");
    const struct openid_return what = {.code = api_parameter(call, "code"),
                                       .issuer = issuer,
                                       .redirect = back,
                                       .nonce = kept->nonce,
                                       .verifier = kept->verifier,
                                       .since = kept->made_at,
                                       .now = call->now};
    where_back(call, back);
    if (error[0]) return take_error(call, error, issuer, refusal);
    if (!what.code[0] || strlen(what.code) > OPENID_CODE_MAX) {
        (void)wg_fail(&refusal->why, WG_E_VERIFY, "code: expected 1 to %d bytes", OPENID_CODE_MAX);
        return refuse(refusal, ANSWER);
    }
    if (openid_provider_redeem(call->api->openid, &what, out, &refusal->why)) return true;
    enum wg_error_code code = refusal->why.code;
    return refuse(refusal, code == WG_E_NETWORK  ? AWAY
                           : code == WG_E_DENIED ? NOT_ALLOWED
                                                 : ANSWER);
}

static bool find_person(struct api_call *call, const struct openid_account *account,
                        struct openid_vouched *out, struct refusal *refusal)
{
    static const char *const words[] = {[OPENID_KNOWN] = NULL,
                                        [OPENID_NOBODY] = NOBODY,
                                        [OPENID_ANOTHER] = ANOTHER,
                                        [OPENID_DISABLED] = DISABLED};
    enum openid_who who;
    const char *issuer = call->settings->api.oidc.issuer;
    (void)wg_copy(out->issuer, sizeof out->issuer, issuer);
    (void)wg_copy(out->subject, sizeof out->subject, account->subject);
    if (!openid_row_who(call->db, issuer, account->subject, account->person, &who, out->person,
                        &refusal->why))
        return refuse(refusal, FAILED);
    if (who == OPENID_KNOWN) return true;
    const char *name = out->person[0] ? out->person : account->person;
    const char *why = who == OPENID_NOBODY    ? "there is no such person"
                      : who == OPENID_ANOTHER ? "another account of the provider is theirs"
                                              : "may not come in";
    (void)wg_fail(&refusal->why, WG_E_DENIED, "%s: %s", name, why);
    return refuse(refusal, words[who]);
}

static bool let_in(struct api_call *call, const struct openid_try *kept,
                   const struct openid_vouched *who, struct refusal *refusal, struct wg_error *err)
{
    struct sign_in_answer answer;
    const struct voucher voucher = {who->issuer, who->subject};
    const struct sign_in in = {
        .name = who->person, .address = call->request->address, .voucher = &voucher};
    if (!sign_in(call->db, &in, call->now, &answer, &refusal->why))
        return refuse(refusal, refusal->why.code == WG_E_CONFLICT ? ANOTHER : FAILED);
    if (answer.end == SIGN_IN_CODE_NEEDED)
        return openid_row_vouch(call->db, kept->browser, who, call->request->address, call->now,
                                err) &&
               go_to_page(call, CODE, err);
    if (answer.end != SIGN_IN_DONE) return refuse(refusal, DISABLED);
    bool ok = sign_in_set_cookie(call, &answer.session, err) && set_cookie(call, "", err) &&
              http_answer_redirect(call->answer, "/", err);
    explicit_bzero(&answer, sizeof answer);
    return ok;
}

/* No database connection is held while the provider is asked. */
static bool come_back(struct api_call *call, struct refusal *refusal, struct wg_error *err)
{
    struct openid_try kept;
    struct openid_vouched who;
    struct openid_account account;
    if (!api_borrow(call, err)) return false;
    bool ok = take_try(call, &kept, refusal);
    api_give_back(call);
    ok = ok && redeem(call, &kept, &account, refusal);
    if (!ok && refusal->word && strcmp(refusal->word, OVER) == 0) return false;
    if (!api_borrow(call, err)) return false;
    ok =
        ok && find_person(call, &account, &who, refusal) && let_in(call, &kept, &who, refusal, err);
    explicit_bzero(&kept, sizeof kept);
    if (ok || !refusal->word) return ok;
    bool told =
        sign_in_tell_refused(call->db, call->request->address, refusal->why.text, call->now, err);
    (void)told; /* err says so */
    return false;
}

static bool finish_openid(struct api_call *call, struct wg_error *err)
{
    struct refusal refusal = {0};
    if (!is_on(call, err)) return false;
    bool ok = come_back(call, &refusal, err);
    if (!ok && refusal.word) {
        log_refused(call, refusal.why.text);
        ok = err->code == WG_OK && go_to_page(call, refusal.word, err);
    }
    return go_anyway(call, ok, err);
}

/* ---- the code of a second factor ---- */

static bool fail_code(struct api_call *call, const char *code, const char *words,
                      struct wg_error *err)
{
    (void)api_problem(call, 401, code, NULL, err, "%s", words);
    (void)http_answer_header(call->answer, "WWW-Authenticate", "Bearer realm=\"wavegate\"");
    return false;
}

static bool enter(struct api_call *call, const char *browser, const struct openid_vouched *who,
                  const char *code, struct wg_error *err)
{
    struct sign_in_answer answer;
    const struct voucher voucher = {who->issuer, who->subject};
    const struct sign_in in = {
        .name = who->person, .code = code, .address = call->request->address, .voucher = &voucher};
    if (!sign_in(call->db, &in, call->now, &answer, err)) return false;
    if (answer.end == SIGN_IN_LOCKED) return sign_in_locked(call, answer.until, err);
    if (answer.end != SIGN_IN_DONE) return fail_code(call, "wrong", "the code is not right", err);
    bool ok = openid_row_end(call->db, browser, err) &&
              sign_in_answer_session(call, &answer.session, err) && set_cookie(call, "", err);
    explicit_bzero(&answer, sizeof answer);
    return ok;
}

static bool enter_vouched(struct api_call *call, const char *code, struct wg_error *err)
{
    char browser[WG_SHA256_HEX];
    struct openid_vouched who;
    struct wg_error why = {0};
    if (!own_browser(call, browser, &why) ||
        !openid_row_vouched(call->db, browser, call->now, &who, &why))
        return why.code == WG_E_DATABASE
                   ? wg_fail(err, why.code, "%s", why.text)
                   : fail_code(call, OVER, "this sign-in is over: begin it again", err);
    return enter(call, browser, &who, code, err);
}

static bool post_code(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"code", NULL};
    char code[16] = "";
    bool ok = is_on(call, err) && api_parameters(call, NULL, err) &&
              sign_in_own_origin(call, err) && wg_json_only_keys(call->body, keys, err) &&
              wg_json_text(call->body, "code", code, sizeof code, err) &&
              (code[0] || wg_fail(err, WG_E_USAGE, "code: expected six digits")) &&
              enter_vouched(call, code, err);
    explicit_bzero(code, sizeof code);
    return ok;
}

static const struct api_route routes[] = {
    {"GET", "/openid/start", "startOpenid", 0, API_OPEN | API_NO_DATABASE, start_openid},
    {"GET", "/openid/back", "finishOpenid", 0, API_OPEN | API_NO_DATABASE, finish_openid},
    {"POST", "/openid/code", "finishOpenidByCode", 0,
     API_OPEN | API_BODY | API_OWN_TRANSACTION | API_SECRET_BODY, post_code},
};
const struct api_room openid_room = {routes, sizeof routes / sizeof routes[0]};
