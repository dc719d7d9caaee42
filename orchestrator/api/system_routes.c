/* system_routes.c: is it well, what can be asked of it, and figures for Prometheus. */
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/rooms.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/api/metrics.h"
#include "orchestrator/api/openapi.h"
#include "orchestrator/store/migrate.h"

static bool answer_text(struct api_call *call, unsigned status, const char *type, const char *text)
{
    call->answer->status = status;
    (void)wg_copy(call->answer->type, sizeof call->answer->type, type);
    wg_buf_text(&call->answer->body, text);
    return true;
}

static bool healthz(struct api_call *call, struct wg_error *err)
{
    (void)err;
    return answer_text(call, 200, "text/plain; charset=utf-8", "ok\n");
}

/* Could a request be answered now? */
static bool readyz(struct api_call *call, struct wg_error *err)
{
    struct db *db = db_pool_borrow(call->api->pool, WG_SECOND, err);
    bool ok = db && migrate_check(db, err);
    db_pool_return(call->api->pool, db);
    return ok ? answer_text(call, 200, "text/plain; charset=utf-8", "ready\n")
              : api_problem(call, 503, "not-ready", NULL, err, "the database cannot be asked");
}

static bool openapi(struct api_call *call, struct wg_error *err)
{
    (void)err;
    return answer_text(call, 200, "application/yaml", openapi_text);
}

static bool metrics(struct api_call *call, struct wg_error *err)
{
    if (!api_may_everywhere(call, MAY_METRICS_READ, err)) return false;
    call->answer->status = 200;
    (void)wg_copy(call->answer->type, sizeof call->answer->type, METRICS_TYPE);
    return metrics_put(call->api, call->db, &call->answer->body, err);
}

static const struct api_route routes[] = {
    {"GET", "/healthz", "isAlive", 0, API_OPEN | API_NO_DATABASE | API_UNVERSIONED, healthz},
    {"GET", "/readyz", "isReady", 0, API_OPEN | API_NO_DATABASE | API_UNVERSIONED, readyz},
    {"GET", "/openapi.yaml", "getContract", 0, API_OPEN | API_NO_DATABASE | API_UNVERSIONED,
     openapi},
    {"GET", "/metrics", "getMetrics", MAY(METRICS_READ), API_UNVERSIONED, metrics},
};
const struct api_room system_room = {routes, sizeof routes / sizeof routes[0]};
