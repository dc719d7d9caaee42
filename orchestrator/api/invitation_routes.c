/* invitation_routes.c: a one-time link for somebody whom an owner has added, and what its page
 * asks. */
#include "orchestrator/api/rooms.h"
#include "orchestrator/api/sign_in.h"

#include "orchestrator/api/moment.h"
#include "orchestrator/people/password.h"
#include "orchestrator/store/invitation_row.h"

#include <stdio.h>
#include <string.h>

#define LIFE_MIN (10 * WG_MINUTE)

/* How long it holds: as the body says, or a day. */
static bool read_life(const struct api_call *call, wg_duration *out, struct wg_error *err)
{
    static const char *const keys[] = {"for", NULL};
    char text[32] = "";
    *out = INVITATION_LIFE;
    if (!wg_json_only_keys(call->body, keys, err) ||
        !wg_json_text_opt(call->body, "for", text, sizeof text, err))
        return false;
    if (!text[0]) return true;
    return (wg_duration_parse(text, out) && *out >= LIFE_MIN && *out <= INVITATION_LIFE_MAX) ||
           wg_fail(err, WG_E_USAGE, "for: expected a duration from 10m to 30d, like 24h");
}

/* As people reach us: api: url, else what we listen on, as the first owner's link. */
static bool link_text(const struct api_call *call, const struct token_secret *link, char *out,
                      size_t size)
{
    const struct settings_api *at = &call->settings->api;
    size_t len = strlen(at->url);
    while (len > 0 && at->url[len - 1] == '/') len--;
    return wg_format(out, size, "%s%.*s/#/invitation/%s", len ? "" : "https://",
                     len ? (int)len : (int)strlen(at->listen), len ? at->url : at->listen,
                     link->text);
}

static bool answer_link(struct api_call *call, const struct token_secret *link, wg_time ends,
                        struct wg_error *err)
{
    char text[WG_URL_MAX + TOKEN_TEXT + 32];
    call->answer->secret = true;
    bool ok = (link_text(call, link, text, sizeof text) ||
               wg_fail(err, WG_E_LIMIT, "api: url is too long")) &&
              api_json(call,
                       json_pack("{s:s,s:s,s:o}", "name", call->values[0], "link", text, "ends_at",
                                 moment_json(ends)),
                       err);
    explicit_bzero(text, sizeof text);
    return ok;
}

static bool post_invitation(struct api_call *call, struct wg_error *err)
{
    struct token_secret link;
    wg_duration life;
    if (!api_parameters(call, NULL, err) || !api_name_value(call, 0, "person", err) ||
        !read_life(call, &life, err))
        return false;
    bool ok = invitation_row_make(call->db, call->who, call->values[0], call->now + life, call->now,
                                  &link, err) &&
              answer_link(call, &link, call->now + life, err);
    token_clear(&link);
    return ok;
}

static bool delete_invitation(struct api_call *call, struct wg_error *err)
{
    return api_parameters(call, NULL, err) && api_name_value(call, 0, "person", err) &&
           invitation_row_drop(call->db, call->who, call->values[0], call->now, err);
}

/* What was typed: wiped when it was looked at. */
struct typed {
    char link[TOKEN_TEXT + 16];
    char password[PASSWORD_MAX + 1];
};

/* Both or neither: who has used the link is in. */
static bool use_link(struct api_call *call, const struct typed *typed, const char *hash,
                     struct session_made *session, struct wg_error *err)
{
    char name[WG_NAME_MAX + 1];
    bool ok = db_begin(call->db, err) &&
              invitation_row_use(call->db, typed->link, hash, call->now, name, err) &&
              session_row_make(call->db, name, "invitation", call->request->address, call->now,
                               session, err) &&
              db_commit(call->db, err);
    db_rollback(call->db);
    return ok;
}

/* Hashing takes a while: not for whoever has no link, and not in a transaction. */
static bool accept(struct api_call *call, const struct typed *typed, struct wg_error *err)
{
    char name[WG_NAME_MAX + 1], hash[PASSWORD_HASH];
    struct session_made session;
    if (!invitation_row_look(call->db, typed->link, call->now, name, err) ||
        !password_check(typed->password, name, err) || !password_hash(typed->password, hash, err) ||
        !use_link(call, typed, hash, &session, err))
        return false;
    bool ok = sign_in_answer_session(call, &session, err);
    explicit_bzero(&session, sizeof session);
    return ok;
}

/* Without a password: whose it is, so that the page can greet them. Nothing is used up. */
static bool look(struct api_call *call, const struct typed *typed, struct wg_error *err)
{
    char name[WG_NAME_MAX + 1];
    return invitation_row_look(call->db, typed->link, call->now, name, err) &&
           api_json(call, json_pack("{s:s}", "name", name), err);
}

static bool read_typed(struct api_call *call, bool password, struct typed *out,
                       struct wg_error *err)
{
    static const char *const keys[] = {"token", "password", NULL};
    static const char *const only[] = {"token", NULL};
    return api_parameters(call, NULL, err) && sign_in_own_origin(call, err) &&
           wg_json_only_keys(call->body, password ? keys : only, err) &&
           wg_json_text(call->body, "token", out->link, sizeof out->link, err) &&
           (!password ||
            wg_json_text(call->body, "password", out->password, sizeof out->password, err));
}

static bool accept_invitation(struct api_call *call, struct wg_error *err)
{
    struct typed typed = {.link = ""};
    bool ok = read_typed(call, true, &typed, err) && accept(call, &typed, err);
    explicit_bzero(&typed, sizeof typed);
    return ok;
}

static bool look_at_invitation(struct api_call *call, struct wg_error *err)
{
    struct typed typed = {.link = ""};
    bool ok = read_typed(call, false, &typed, err) && look(call, &typed, err);
    explicit_bzero(&typed, sizeof typed);
    return ok;
}

#define OPEN (API_OPEN | API_BODY | API_OWN_TRANSACTION | API_SECRET_BODY)

static const struct api_route routes[] = {
    {"POST", "/people/{name}/invitation", "invitePerson", MAY(PEOPLE_MANAGE), API_BODY,
     post_invitation},
    {"DELETE", "/people/{name}/invitation", "withdrawInvitation", MAY(PEOPLE_MANAGE), 0,
     delete_invitation},
    {"POST", "/invitation", "acceptInvitation", 0, OPEN, accept_invitation},
    {"POST", "/invitation/look", "lookAtInvitation", 0, OPEN, look_at_invitation},
};
const struct api_room invitation_room = {routes, sizeof routes / sizeof routes[0]};
