/* answer_call.c: the way of a request (docs/api.md, "A request"). */
#include "orchestrator/api/answer_call.h"

#include "common/log.h"
#include "common/p256.h"
#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/api/artifact_routes.h"
#include "orchestrator/api/metrics.h"
#include "orchestrator/api/once.h"
#include "orchestrator/api/routes.h"
#include "orchestrator/api/sign_in.h"
#include "orchestrator/api/web_files.h"
#include "orchestrator/store/audit_row.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define API_ORIGIN_MAX 80
#define POOL_PATIENCE (5 * WG_SECOND)

static unsigned status_of(enum wg_error_code code)
{
    switch (code) {
    case WG_E_USAGE:
    case WG_E_BAD_INPUT:
        return 400;
    case WG_E_LIMIT:
        return 413;
    case WG_E_BAD_FILE:
    case WG_E_VERIFY:
        return 422;
    case WG_E_DENIED:
        return 403;
    case WG_E_NOT_FOUND:
        return 404;
    case WG_E_CONFLICT:
    case WG_E_GATE:
        return 409;
    case WG_E_DATABASE:
    case WG_E_TIMEOUT:
        return 503;
    default:
        return 500;
    }
}

void api_tame(struct wg_error *err)
{
    wg_text_tame(err->text);
    for (char *at = err->text; *at; at++)
        if (*at == '\t') *at = ' ';
}

/* What is wrong here, and not with the request, is for our log. */
static void refuse(struct api_call *call, const struct wg_error *err)
{
    unsigned status = status_of(err->code);
    const char *detail = err->text;
    if (status >= 500) {
        wg_log_error(call->route ? call->route->operation : "request", err);
        detail = status == 503 && err->code == WG_E_TIMEOUT
                     ? err->text
                     : "the server could not do it: its log says why";
    }
    http_answer_problem(call->answer, status, wg_error_code_text(err->code), detail, NULL);
    if (status == 503) (void)http_answer_header(call->answer, "Retry-After", "5");
}

static bool read_body(struct api_call *call, struct wg_error *err)
{
    const struct http_request *request = call->request;
    const char *type = http_request_header(request, "Content-Type");
    if (!(call->route->flags & API_BODY)) return true;
    if (!type || strncmp(type, "application/json", 16) != 0)
        return api_problem(call, 415, "type", NULL, err, "Content-Type: application/json is taken");
    call->body =
        wg_json_parse(request->body, request->body_len, (size_t)call->settings->api.body_max, err);
    if (!call->body) return wg_context(err, "the body");
    return json_is_object(call->body) ||
           wg_fail(err, WG_E_BAD_INPUT, "the body: expected an object");
}

static bool ask_sign_in(struct api_call *call, struct wg_error *err)
{
    bool ok = api_problem(call, 401, "sign-in", NULL, err,
                          "sign in, or show a token or an operator's certificate");
    (void)http_answer_header(call->answer, "WWW-Authenticate", "Bearer realm=\"wavegate\"");
    return ok;
}

/* One of the route's permissions, somewhere: on what, is the handler's to ask. */
static bool permit(struct api_call *call, struct wg_error *err)
{
    const struct api_route *route = call->route;
    if (route->flags & API_OPEN) return true;
    if (call->who->how == WHO_NOBODY) return ask_sign_in(call, err);
    return !route->any_of || api_may_at_all(call, route->any_of, err);
}

static bool find_route(struct api_call *call, struct wg_error *err)
{
    char allowed[API_ALLOWED_TEXT];
    const struct http_request *request = call->request;
    call->route = api_route_find(request->method, request->target->path, call->values, allowed);
    if (call->route) return true;
    if (!allowed[0])
        return api_problem(call, 404, "not-found", NULL, err, "there is no %.200s here",
                           request->target->path);
    (void)api_problem(call, 405, "method", NULL, err, "%s takes %s", request->target->path,
                      allowed);
    (void)http_answer_header(call->answer, "Allow", allowed);
    return false;
}

static void origin_of(const struct api_call *call, char out[API_ORIGIN_MAX])
{
    (void)wg_format(out, API_ORIGIN_MAX, "https %s", call->request->address);
}

/* Who acts, and from where, for the audit log; a connection may have been another's before. */
static bool introduce(struct api_call *call, struct wg_error *err)
{
    char origin[API_ORIGIN_MAX];
    origin_of(call, origin);
    return audit_row_actor(call->db, call->who->how == WHO_NOBODY ? "" : call->who->name, err) &&
           audit_row_origin(call->db, origin, err);
}

bool api_borrow(struct api_call *call, struct wg_error *err)
{
    call->db = db_pool_borrow(call->api->pool, POOL_PATIENCE, err);
    return call->db && introduce(call, err);
}

void api_give_back(struct api_call *call)
{
    db_pool_return(call->api->pool, call->db);
    call->db = NULL;
}

/* What somebody who is known was not allowed, or could not do as things stand. */
static void tell_refusal(const struct api_call *call, const struct wg_error *why)
{
    unsigned status = call->answer->status;
    char what[128], origin[API_ORIGIN_MAX];
    if (!call->db || call->who->how == WHO_NOBODY ||
        (status != 403 && status != 409 && status != 412))
        return;
    origin_of(call, origin);
    (void)wg_format(what, sizeof what, "%s %s", call->route->method, call->route->path);
    const struct audit_refusal refusal = {.who = call->who->name,
                                          .origin = origin,
                                          .what = what,
                                          .subject = call->values[0],
                                          .why = why->text,
                                          .detail = json_pack("{s:i}", "status", (int)status)};
    struct wg_error err = {0};
    if (!audit_row_refused(call->db, &refusal, &err)) wg_log_error("audit log", &err);
}

static bool handle(struct api_call *call, struct wg_error *err)
{
    bool own = !api_is_write(call) || (call->route->flags & API_OWN_TRANSACTION);
    if (own) return call->route->handle(call, err);
    return db_begin(call->db, err) && call->route->handle(call, err) && db_commit(call->db, err);
}

/* Who asks, and whether they may at all. */
static bool let_in(struct api_call *call, struct wg_error *err)
{
    struct api *api = call->api;
    bool needs_database = !(call->route->flags & API_NO_DATABASE);
    if (needs_database) {
        call->db = db_pool_borrow(api->pool, POOL_PATIENCE, err);
        if (!call->db) return false;
        /* for what is open nobody is asked for: an old cookie does not keep one from signing in */
        bool open = call->route->flags & API_OPEN;
        if (!open && !api_identify(call, api->authority, err)) return false;
    }
    /* a browser shows a certificate, or sends a cookie, for whatever page asks */
    return (!api_is_write(call) || sign_in_own_origin(call, err)) && permit(call, err);
}

static bool serve(struct api_call *call, struct wg_error *err)
{
    bool needs_database = !(call->route->flags & API_NO_DATABASE);
    if (!let_in(call, err) || (needs_database && !introduce(call, err)) || !read_body(call, err))
        return false;
    bool once = api_is_write(call) && needs_database &&
                !(call->route->flags & (API_SECRET_BODY | API_UPLOAD));
    return once ? once_handle(call, handle, err) : handle(call, err);
}

static void finish(struct api_call *call)
{
    struct http_answer *answer = call->answer;
    if (!http_answer_find(answer, "Cache-Control"))
        (void)http_answer_header(answer, "Cache-Control", "no-store");
    (void)http_answer_header(answer, "X-Content-Type-Options", "nosniff");
    (void)http_answer_header(answer, "Strict-Transport-Security", "max-age=31536000");
}

static void log_call(const struct api_call *call, wg_time began)
{
    char status[16], took[24];
    (void)snprintf(status, sizeof status, "%u", call->answer->status);
    (void)snprintf(took, sizeof took, "%lldms", (long long)(wg_monotonic() - began));
    wg_log(WG_LOG_INFO, "request", "method", call->request->method, "path",
           call->request->target->path, "status", status, "who", call->who->name, "from",
           call->request->address, "took", took, NULL);
}

static bool begin(struct api_call *call, struct api *api, const struct http_request *request,
                  struct http_answer *answer)
{
    *call = (struct api_call){.api = api,
                              .settings = api->settings,
                              .request = request,
                              .answer = answer,
                              .who = calloc(1, sizeof *call->who),
                              .now = wg_now()};
    if (!call->who) http_answer_problem(answer, 503, "memory", "ask again later", NULL);
    return call->who;
}

static void end(struct api_call *call)
{
    db_pool_return(call->api->pool, call->db);
    json_decref(call->body);
    free(call->who);
    wg_p256_rest(); /* the thread ends with the connection, and the curve's cache would be lost */
}

static void conclude(struct api_call *call, bool ok, wg_time began, struct wg_error *err)
{
    if (!ok) api_tame(err);
    /* a handler that fails may have said itself what to answer */
    if (!ok && call->answer->status < 400) refuse(call, err);
    finish(call);
    metrics_count(call->api->metrics, call->route, call->answer->status, wg_monotonic() - began);
    if (!ok) tell_refusal(call, err);
}

/* All that is asked before a body comes that is large. */
static bool admit(struct api_call *call, struct http_upload *upload, struct wg_error *err)
{
    if (!let_in(call, err)) return false;
    if (!(call->route->flags & API_UPLOAD)) return true;
    return introduce(call, err) && artifact_upload_begin(call, upload, err);
}

/* Before a file comes, so that nobody fills the disk who may not send one; who asks is looked at
 * once more when it is there. */
int64_t api_admit(void *ctx, const struct http_request *request, struct http_upload *upload,
                  struct http_answer *answer)
{
    struct api *api = ctx;
    struct api_call call;
    struct wg_error err = {0};
    wg_time began = wg_monotonic();
    if (!begin(&call, api, request, answer)) return 0;
    char allowed[API_ALLOWED_TEXT];
    call.route = api_route_find(request->method, request->target->path, call.values, allowed);
    bool is_large = call.route && (call.route->flags & (API_FILE | API_UPLOAD));
    bool is_file = is_large && (call.route->flags & API_FILE);
    bool ok = !is_large || admit(&call, upload, &err);
    if (!ok || upload->answered) {
        conclude(&call, ok, began, &err);
        log_call(&call, began);
    }
    end(&call);
    return is_file ? api->settings->api.file_max : 0;
}

void api_answer(void *ctx, const struct http_request *request, struct http_answer *answer)
{
    struct api *api = ctx;
    struct api_call call;
    struct wg_error err = {0};
    wg_time began = wg_monotonic();
    if (!begin(&call, api, request, answer)) return;
    bool is_page = api->web && web_files_answer(api->web, request, answer);
    bool ok = is_page || (find_route(&call, &err) && serve(&call, &err));
    conclude(&call, ok, began, &err);
    if (!is_page) log_call(&call, began);
    end(&call);
}
