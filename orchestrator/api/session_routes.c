/* session_routes.c: signing in by password and code, out, and the first owner by the one-time link.
 */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/rooms.h"
#include "orchestrator/api/sign_in.h"

#include "orchestrator/people/password.h"
#include "orchestrator/store/setup_row.h"
#include "orchestrator/store/sign_in.h"

#include <string.h>

/* What was typed: wiped when it was looked at. */
struct typed {
    char name[WG_NAME_MAX + 1];
    char password[PASSWORD_MAX + 1];
    char code[16];
    char link[TOKEN_TEXT + 16];
};

static bool wrong(struct api_call *call, bool code_needed, struct wg_error *err)
{
    (void)api_problem(call, 401, code_needed ? "second-factor" : "wrong", NULL, err, "%s",
                      code_needed ? "now the code of your second factor"
                                  : "name, password or code are not right");
    (void)http_answer_header(call->answer, "WWW-Authenticate", "Bearer realm=\"wavegate\"");
    return false;
}

static bool enter(struct api_call *call, const struct typed *typed, struct wg_error *err)
{
    struct sign_in_answer answer;
    const struct sign_in in = {.name = typed->name,
                               .password = typed->password,
                               .code = typed->code,
                               .address = call->request->address};
    if (!sign_in(call->db, &in, call->now, &answer, err)) return false;
    if (answer.end == SIGN_IN_LOCKED) return sign_in_locked(call, answer.until, err);
    if (answer.end != SIGN_IN_DONE) return wrong(call, answer.end == SIGN_IN_CODE_NEEDED, err);
    bool ok = sign_in_answer_session(call, &answer.session, err);
    explicit_bzero(&answer, sizeof answer);
    return ok;
}

static bool begin_session(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"name", "password", "code", NULL};
    struct typed typed = {.code = ""};
    bool ok = api_parameters(call, NULL, err) && sign_in_own_origin(call, err) &&
              wg_json_only_keys(call->body, keys, err) &&
              wg_json_text(call->body, "name", typed.name, sizeof typed.name, err) &&
              wg_json_text(call->body, "password", typed.password, sizeof typed.password, err) &&
              wg_json_text_opt(call->body, "code", typed.code, sizeof typed.code, err) &&
              enter(call, &typed, err);
    explicit_bzero(&typed, sizeof typed);
    return ok;
}

static bool end_session(struct api_call *call, struct wg_error *err)
{
    if (!api_parameters(call, NULL, err)) return false;
    sign_in_drop_cookie(call);
    return call->who->how != WHO_SESSION ||
           session_row_end(call->db, call->who->id, call->now, err);
}

static json_t *providers_json(const struct api_call *call)
{
    if (!call->api->openid) return json_array();
    return json_pack("[{s:s,s:s}]", "name", call->settings->api.oidc.name, "url",
                     API_PREFIX "/openid/start");
}

static bool get_ways(struct api_call *call, struct wg_error *err)
{
    bool needed = false;
    if (!api_parameters(call, NULL, err) || !setup_row_needed(call->db, &needed, err)) return false;
    return api_json(call,
                    json_pack("{s:b,s:b,s:o,s:b}", "password", true, "certificate", true, "openid",
                              providers_json(call), "setup", needed),
                    err);
}

/* Both or neither: who has used the link is in. */
static bool use_link(struct api_call *call, const struct typed *typed, const char *hash,
                     struct session_made *session, struct wg_error *err)
{
    bool ok = db_begin(call->db, err) &&
              setup_row_use(call->db, typed->link, typed->name, hash, call->now, err) &&
              session_row_make(call->db, typed->name, "setup", call->request->address, call->now,
                               session, err) &&
              db_commit(call->db, err);
    db_rollback(call->db);
    return ok;
}

/* Hashing takes a while: not for whoever has no link, and not in a transaction. */
static bool set_up(struct api_call *call, const struct typed *typed, struct wg_error *err)
{
    char kept[WG_SHA256_HEX], hash[PASSWORD_HASH];
    struct session_made session;
    if (!token_read(TOKEN_SETUP, typed->link, kept, err) ||
        !password_check(typed->password, typed->name, err) ||
        !password_hash(typed->password, hash, err) || !use_link(call, typed, hash, &session, err))
        return false;
    bool ok = sign_in_answer_session(call, &session, err);
    explicit_bzero(&session, sizeof session);
    return ok;
}

static bool make_first_owner(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"token", "name", "password", NULL};
    struct typed typed = {.code = ""};
    bool ok = api_parameters(call, NULL, err) && sign_in_own_origin(call, err) &&
              wg_json_only_keys(call->body, keys, err) &&
              wg_json_text(call->body, "token", typed.link, sizeof typed.link, err) &&
              wg_json_text(call->body, "name", typed.name, sizeof typed.name, err) &&
              wg_json_text(call->body, "password", typed.password, sizeof typed.password, err) &&
              set_up(call, &typed, err);
    explicit_bzero(&typed, sizeof typed);
    return ok;
}

static const struct api_route routes[] = {
    {"GET", "/sign-in-ways", "getSignInWays", 0, API_OPEN, get_ways},
    {"POST", "/session", "beginSession", 0,
     API_OPEN | API_BODY | API_OWN_TRANSACTION | API_SECRET_BODY, begin_session},
    {"DELETE", "/session", "endSession", 0, 0, end_session},
    {"POST", "/setup", "makeFirstOwner", 0,
     API_OPEN | API_BODY | API_OWN_TRANSACTION | API_SECRET_BODY, make_first_owner},
};
const struct api_room session_room = {routes, sizeof routes / sizeof routes[0]};
