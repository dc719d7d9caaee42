/* me_routes.c: who is asking, and what lets them in: their password, their second factor. */
#include "orchestrator/api/rooms.h"
#include "orchestrator/api/sign_in.h"

#include "orchestrator/store/person_row.h"

#include <stdlib.h>
#include <string.h>

#define ISSUER "Wavegate"
#define CODE_MAX 16

static bool get_me(struct api_call *call, struct wg_error *err)
{
    return api_parameters(call, NULL, err) && sign_in_answer_me(call, err);
}

static bool commit(struct api_call *call, bool ok, struct wg_error *err)
{
    ok = ok && db_commit(call->db, err);
    db_rollback(call->db);
    return ok;
}

/* ---- the password ---- */

/* Whoever came by certificate and has none yet chooses the first one by that. */
static bool is_first_password(struct api_call *call, const char *old, bool *first,
                              struct wg_error *err)
{
    *first = false;
    if (call->who->how != WHO_CERTIFICATE || old[0]) return true;
    struct person_row *row = malloc(sizeof *row);
    if (!row) return wg_fail_memory(err, "a person");
    bool ok = person_row_get(call->db, call->who->name, row, err);
    *first = ok && !row->has_password;
    free(row);
    return ok;
}

static bool change_password(struct api_call *call, const char *old, const char *new,
                            struct wg_error *err)
{
    char hash[PASSWORD_HASH];
    bool first;
    const struct who *who = call->who;
    if (!password_check(new, who->name, err) || !is_first_password(call, old, &first, err) ||
        (!first && !sign_in_ask_again(call, old, err)) || !password_hash(new, hash, err))
        return false;
    int64_t keep = who->how == WHO_SESSION ? who->id : 0;
    return commit(call,
                  db_begin(call->db, err) &&
                      person_row_own_password(call->db, who->name, keep, hash, call->now, err),
                  err);
}

static bool post_password(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"old", "new", NULL};
    char old[PASSWORD_MAX + 1] = "", new[PASSWORD_MAX + 1] = "";
    bool ok = api_parameters(call, NULL, err) && sign_in_in_person(call, err) &&
              wg_json_only_keys(call->body, keys, err) &&
              wg_json_text_opt(call->body, "old", old, sizeof old, err) &&
              wg_json_text(call->body, "new", new, sizeof new, err) &&
              change_password(call, old, new, err);
    explicit_bzero(old, sizeof old);
    explicit_bzero(new, sizeof new);
    return ok;
}

/* ---- the second factor ---- */

/* What is in force is taken away by password first: a session that was left open sets no other. */
static bool has_no_factor(struct api_call *call, struct wg_error *err)
{
    struct person_row *row = malloc(sizeof *row);
    if (!row) return wg_fail_memory(err, "a person");
    bool ok = person_row_get(call->db, call->who->name, row, err);
    bool has = ok && row->has_second_factor;
    free(row);
    return ok && (!has || wg_fail(err, WG_E_CONFLICT,
                                  "a second factor is set: take it away by your password first"));
}

static bool offer_factor(struct api_call *call, struct wg_error *err)
{
    char secret[TOTP_SECRET], uri[TOTP_URI];
    const char *name = call->who->name;
    if (!api_parameters(call, NULL, err) || !sign_in_in_person(call, err) ||
        !has_no_factor(call, err))
        return false;
    bool ok = totp_make(secret, err) && totp_uri(ISSUER, name, secret, uri, err) &&
              person_row_factor_offer(call->db, name, secret, err) &&
              api_json(call, json_pack("{s:s,s:s}", "secret", secret, "uri", uri), err);
    call->answer->secret = true;
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(uri, sizeof uri);
    return ok;
}

static bool confirm_factor(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"code", NULL};
    char code[CODE_MAX];
    return api_parameters(call, NULL, err) && sign_in_in_person(call, err) &&
           wg_json_only_keys(call->body, keys, err) &&
           wg_json_text(call->body, "code", code, sizeof code, err) && has_no_factor(call, err) &&
           person_row_factor_confirm(call->db, call->who->name, code, call->now, err);
}

static bool drop(struct api_call *call, const char *password, struct wg_error *err)
{
    const struct person_change change = {.drop_second_factor = true};
    return sign_in_ask_again(call, password, err) &&
           commit(call,
                  db_begin(call->db, err) && person_row_change(call->db, call->who, call->who->name,
                                                               &change, call->now, NULL, err),
                  err);
}

static bool drop_factor(struct api_call *call, struct wg_error *err)
{
    static const char *const keys[] = {"password", NULL};
    char password[PASSWORD_MAX + 1] = "";
    bool ok = api_parameters(call, NULL, err) && sign_in_in_person(call, err) &&
              wg_json_only_keys(call->body, keys, err) &&
              wg_json_text(call->body, "password", password, sizeof password, err) &&
              drop(call, password, err);
    explicit_bzero(password, sizeof password);
    return ok;
}

static const struct api_route routes[] = {
    {"GET", "/me", "getMe", 0, 0, get_me},
    {"POST", "/me/password", "changePassword", 0, API_BODY | API_OWN_TRANSACTION | API_SECRET_BODY,
     post_password},
    {"POST", "/me/second-factor", "offerSecondFactor", 0, 0, offer_factor},
    {"PUT", "/me/second-factor", "confirmSecondFactor", 0, API_BODY | API_SECRET_BODY,
     confirm_factor},
    {"DELETE", "/me/second-factor", "dropSecondFactor", 0,
     API_BODY | API_OWN_TRANSACTION | API_SECRET_BODY, drop_factor},
};
const struct api_room me_room = {routes, sizeof routes / sizeof routes[0]};
