/* sign_in.c: the cookie, the origin, a password asked again. */
#include "orchestrator/api/sign_in.h"

#include "common/text.h"
#include "orchestrator/api/identify.h"
#include "orchestrator/api/moment.h"
#include "orchestrator/store/person_row.h"
#include "orchestrator/store/sign_in.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define COOKIE_TAIL "; Path=/; Secure; HttpOnly; SameSite=Strict"
#define COOKIE_TEXT (sizeof API_COOKIE + TOKEN_TEXT + sizeof COOKIE_TAIL + 16)

static json_t *roles_json(const struct grants *grants)
{
    json_t *out = json_array();
    for (size_t i = 0; i < grants->count; i++)
        (void)json_array_append_new(out, json_string(role_name(grants->items[i].role)));
    return out;
}

/* Whoever is known by certificate alone has neither. */
static bool has(const struct api_call *call, bool *password, bool *factor, struct wg_error *err)
{
    *password = *factor = false;
    if (!call->who->known) return true;
    struct person_row *row = malloc(sizeof *row);
    if (!row) return wg_fail_memory(err, "a person");
    bool ok = person_row_get(call->db, call->who->name, row, err);
    *password = ok && row->has_password;
    *factor = ok && row->has_second_factor;
    free(row);
    return ok;
}

bool sign_in_answer_me(struct api_call *call, struct wg_error *err)
{
    const struct who *who = call->who;
    bool password, factor;
    if (!has(call, &password, &factor, err)) return false;
    const char *how = who->how != WHO_SESSION ? who_how_text(who->how)
                      : who->by_openid        ? "openid"
                                              : "password";
    return api_json(
        call,
        json_pack("{s:s,s:o,s:o,s:o,s:s,s:s,s:o,s:b,s:b,s:s}", "name", who->name, "roles",
                  roles_json(&who->grants), "permissions", permission_set_json(who->permissions),
                  "grants", grants_json(&who->grants), "signed_in_by", how, "csrf", who->csrf,
                  "session_ends_at", moment_json(who->how == WHO_SESSION ? who->ends : 0),
                  "password", password, "second_factor", factor, "version", WG_VERSION),
        err);
}

bool sign_in_set_cookie(struct api_call *call, const struct session_made *session,
                        struct wg_error *err)
{
    char cookie[COOKIE_TEXT];
    call->answer->secret = true;
    if (!who_by_session(call->db, session->secret.text, call->now, call->who, err)) return false;
    (void)snprintf(cookie, sizeof cookie, API_COOKIE "=%s" COOKIE_TAIL, session->secret.text);
    bool ok = http_answer_header(call->answer, "Set-Cookie", cookie);
    explicit_bzero(cookie, sizeof cookie);
    return ok || wg_fail(err, WG_E_LIMIT, "the cookie does not fit");
}

bool sign_in_answer_session(struct api_call *call, const struct session_made *session,
                            struct wg_error *err)
{
    return sign_in_set_cookie(call, session, err) && sign_in_answer_me(call, err);
}

void sign_in_drop_cookie(struct api_call *call)
{
    (void)http_answer_header(call->answer, "Set-Cookie", API_COOKIE "=; Max-Age=0" COOKIE_TAIL);
}

bool sign_in_locked(struct api_call *call, wg_time until, struct wg_error *err)
{
    char seconds[24], words[WG_TIME_TEXT];
    wg_duration left = until > call->now ? until - call->now : WG_SECOND;
    left = (left + WG_SECOND - 1) / WG_SECOND;
    wg_duration_words(left * WG_SECOND, words);
    (void)api_problem(call, 429, "locked", NULL, err, "too many wrong passwords: try again in %s",
                      words);
    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)left);
    (void)http_answer_header(call->answer, "Retry-After", seconds);
    return false;
}

bool sign_in_own_origin(struct api_call *call, struct wg_error *err)
{
    static const char scheme[] = "https://";
    const char *origin = http_request_header(call->request, "Origin");
    const char *host = http_request_header(call->request, "Host");
    const char *url = call->settings->api.url;
    if (!origin) return true;
    bool https = strncasecmp(origin, scheme, sizeof scheme - 1) == 0;
    if (https && host && strcasecmp(origin + sizeof scheme - 1, host) == 0) return true;
    if (https && url[0] && strcasecmp(origin, url) == 0) return true;
    return api_problem(call, 403, "origin", NULL, err, "that is asked by a page of another host");
}

bool sign_in_in_person(const struct api_call *call, struct wg_error *err)
{
    if (call->who->how == WHO_TOKEN)
        return wg_fail(err, WG_E_DENIED, "a token does not change what lets its maker in: sign in");
    return call->who->known ||
           wg_fail(err, WG_E_DENIED,
                   "%s is known by certificate alone: an owner adds who signs in otherwise to the "
                   "people",
                   call->who->name);
}

bool sign_in_ask_again(struct api_call *call, const char *password, struct wg_error *err)
{
    struct sign_in_answer answer;
    const struct sign_in in = {
        .name = call->who->name, .password = password, .address = call->request->address};
    if (!sign_in_again(call->db, &in, call->now, &answer, err)) return false;
    if (answer.end == SIGN_IN_LOCKED) return sign_in_locked(call, answer.until, err);
    return answer.end == SIGN_IN_DONE ||
           api_problem(call, 403, "wrong-password", NULL, err, "that is not your password");
}
