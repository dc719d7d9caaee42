/* metrics.c: counters a route, and the text of all figures. */
#include "orchestrator/api/metrics.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "orchestrator/api/answer_call.h"
#include "orchestrator/api/events.h"
#include "orchestrator/api/expiry.h"
#include "orchestrator/api/routes.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define ROUTES_MAX 256
#define BUCKETS 10
#define CLASSES 5
#define POOL_PATIENCE (2 * WG_SECOND)
#define SHARE 20 /* the database works at most one part in so many on figures */

static const wg_duration bounds[BUCKETS] = {5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000};

struct counters {
    atomic_llong classes[CLASSES]; /* 1xx .. 5xx */
    atomic_llong buckets[BUCKETS + 1];
    atomic_llong took;
};

struct metrics {
    struct counters routes[ROUTES_MAX]; /* in the order of the table; [0]: none */
    pthread_mutex_t lock;               /* over the rest */
    PGresult *figures;                  /* NULL: not asked, or the database is away */
    wg_time until;                      /* monotonic */
};

/* As the database names them: those of one name stand together. */
static const struct {
    const char *name, *type, *help;
} families[] = {
    {"wavegate_devices", "gauge", "Devices that are registered."},
    {"wavegate_devices_online", "gauge", "Devices that are connected."},
    {"wavegate_devices_quarantined", "gauge", "Devices that are offered nothing."},
    {"wavegate_devices_certificate_ending", "gauge",
     "Devices whose certificate ends within 30 days or has ended."},
    {"wavegate_campaigns", "gauge", "Campaigns by state."},
    {"wavegate_campaign_places", "gauge", "Devices of campaigns under way by state."},
    {"wavegate_campaigns_unattended", "gauge",
     "Campaigns under way that no orchestrator has the lease of: not 0 for long, none is alive."},
    {"wavegate_lease_timestamp_seconds", "gauge",
     "Until when an orchestrator has a lease, the latest of all campaigns."},
    {"wavegate_orders_open", "gauge", "Orders that devices have not ended."},
    {"wavegate_reports_total", "counter",
     "Reports of devices this month, since the database counts."},
    {"wavegate_rejected_messages_total", "counter", "Messages that were no reports."},
    {"wavegate_alarms_open", "gauge", "Alarms that nobody has cleared, by kind."},
    {"wavegate_audit_rows_total", "counter", "Rows of the audit log: the number of its last."},
    {"wavegate_webhook_events_pending", "gauge", "Events that webhooks have not taken yet."},
    {"wavegate_webhook_events_dead", "gauge", "Events that were given up."},
};

struct metrics *metrics_new(struct wg_error *err)
{
    struct metrics *metrics = calloc(1, sizeof *metrics);
    if (!metrics) {
        (void)wg_fail_memory(err, "metrics");
        return NULL;
    }
    (void)pthread_mutex_init(&metrics->lock, NULL);
    return metrics;
}

void metrics_free(struct metrics *metrics)
{
    if (!metrics) return;
    PQclear(metrics->figures);
    (void)pthread_mutex_destroy(&metrics->lock);
    free(metrics);
}

static size_t index_of(const struct api_route *route)
{
    size_t before = 1;
    for (size_t i = 0; route && i < api_room_count; i++) {
        const struct api_room *room = api_rooms[i];
        if (route >= room->routes && route < room->routes + room->count)
            return before + (size_t)(route - room->routes);
        before += room->count;
    }
    return 0;
}

void metrics_count(struct metrics *metrics, const struct api_route *route, unsigned status,
                   wg_duration took)
{
    size_t at = index_of(route), bucket = 0, class = status / 100;
    if (at >= ROUTES_MAX || class < 1 || class > CLASSES) return;
    struct counters *counters = &metrics->routes[at];
    while (bucket < BUCKETS && took > bounds[bucket]) bucket++;
    (void)atomic_fetch_add(&counters->classes[class - 1], 1);
    (void)atomic_fetch_add(&counters->buckets[bucket], 1);
    (void)atomic_fetch_add(&counters->took, took);
}

static void put_head(struct wg_buf *out, const char *name, const char *type, const char *help)
{
    wg_buf_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void put_one(struct wg_buf *out, const char *name, const char *type, const char *help,
                    long long value)
{
    put_head(out, name, type, help);
    wg_buf_printf(out, "%s %lld\n", name, value);
}

typedef void (*put_route_fn)(const struct counters *counters, const char *labels,
                             struct wg_buf *out);

static void each_route(struct metrics *metrics, put_route_fn put, struct wg_buf *out)
{
    size_t at = 1;
    put(&metrics->routes[0], "route=\"\",method=\"\"", out);
    for (size_t i = 0; i < api_room_count; i++)
        for (size_t k = 0; k < api_rooms[i]->count && at < ROUTES_MAX; k++, at++) {
            const struct api_route *route = &api_rooms[i]->routes[k];
            char labels[256];
            (void)wg_format(labels, sizeof labels, "route=\"%s%s\",method=\"%s\"",
                            route->flags & API_UNVERSIONED ? "" : API_PREFIX, route->path,
                            route->method);
            put(&metrics->routes[at], labels, out);
        }
}

static void put_requests(const struct counters *counters, const char *labels, struct wg_buf *out)
{
    for (size_t i = 0; i < CLASSES; i++) {
        long long count = atomic_load(&counters->classes[i]);
        if (count > 0)
            wg_buf_printf(out, "wavegate_api_requests_total{%s,status=\"%zuxx\"} %lld\n", labels,
                          i + 1, count);
    }
}

static void put_durations(const struct counters *counters, const char *labels, struct wg_buf *out)
{
    static const char name[] = "wavegate_api_request_duration_seconds";
    long long sum = 0;
    for (size_t i = 0; i <= BUCKETS; i++) sum += atomic_load(&counters->buckets[i]);
    if (sum == 0) return;
    sum = 0;
    for (size_t i = 0; i <= BUCKETS; i++) {
        sum += atomic_load(&counters->buckets[i]);
        if (i < BUCKETS)
            wg_buf_printf(out, "%s_bucket{%s,le=\"%g\"} %lld\n", name, labels,
                          (double)bounds[i] / WG_SECOND, sum);
        else
            wg_buf_printf(out, "%s_bucket{%s,le=\"+Inf\"} %lld\n", name, labels, sum);
    }
    wg_buf_printf(out, "%s_sum{%s} %.3f\n%s_count{%s} %lld\n", name, labels,
                  (double)atomic_load(&counters->took) / WG_SECOND, name, labels, sum);
}

static void put_server(struct api *api, struct wg_buf *out)
{
    put_head(out, "wavegate_build_info", "gauge", "The version that runs.");
    wg_buf_text(out, "wavegate_build_info{version=\"" WG_VERSION "\"} 1\n");
    put_one(out, "wavegate_api_start_time_seconds", "gauge", "Since when it runs.",
            (long long)(api->started_at / WG_SECOND));
    put_one(out, "wavegate_api_connections", "gauge", "Connections that are open.",
            http_server_connections(api->server));
    put_one(out, "wavegate_api_streams", "gauge", "Streams of events among them.",
            (long long)events_streams(api->events));
    put_one(out, "wavegate_api_database_connections", "gauge", "Database connections there are.",
            (long long)api->settings->api.database_connections);
    put_one(out, "wavegate_api_database_connections_busy", "gauge", "Those that are in use.",
            (long long)db_pool_busy(api->pool));
    put_head(out, "wavegate_api_requests_total", "counter",
             "Requests by route, method, and class of the status.");
    each_route(api->metrics, put_requests, out);
    put_head(out, "wavegate_api_request_duration_seconds", "histogram",
             "From the whole request to its answer, or to a stream's first byte.");
    each_route(api->metrics, put_durations, out);
}

/* Under the lock: of many who ask, one asks the database. */
static void refresh(struct api *api, struct db *own)
{
    struct metrics *metrics = api->metrics;
    struct wg_error err = {0};
    wg_time began = wg_monotonic();
    if (began < metrics->until) return;
    struct db *db = own ? own : db_pool_borrow(api->pool, POOL_PATIENCE, &err);
    PQclear(metrics->figures);
    metrics->figures = db ? db_query(db, SQL_METRICS_FIGURES, 0, NULL, &err) : NULL;
    if (!own) db_pool_return(api->pool, db);
    if (!metrics->figures) wg_log_error("metrics", &err);
    wg_duration took = wg_monotonic() - began;
    metrics->until = began + took + (SHARE * took > METRICS_KEPT ? SHARE * took : METRICS_KEPT);
}

/* The rows of one name; help NULL: its head stands already. */
static void put_rows(const PGresult *figures, const char *name, const char *type, const char *help,
                     struct wg_buf *out)
{
    bool headed = !help;
    for (int row = 0; row < PQntuples(figures); row++) {
        const char *labels = db_text(figures, row, 1);
        if (strcmp(db_text(figures, row, 0), name) != 0) continue;
        if (!headed) put_head(out, name, type, help);
        headed = true;
        wg_buf_printf(out, labels[0] ? "%s{%s} %s\n" : "%s%s %s\n", name, labels,
                      db_text(figures, row, 2));
    }
}

bool metrics_put(struct api *api, struct db *db, struct wg_buf *out, struct wg_error *err)
{
    struct metrics *metrics = api->metrics;
    put_server(api, out);
    (void)pthread_mutex_lock(&metrics->lock);
    refresh(api, db);
    expiry_put(api->settings, out);
    if (metrics->figures) put_rows(metrics->figures, EXPIRY_FIGURE, "", NULL, out);
    put_one(out, "wavegate_database_up", "gauge", "Whether the database answers.",
            metrics->figures != NULL);
    for (size_t i = 0; metrics->figures && i < sizeof families / sizeof families[0]; i++)
        put_rows(metrics->figures, families[i].name, families[i].type, families[i].help, out);
    (void)pthread_mutex_unlock(&metrics->lock);
    return wg_buf_check(out, err, "metrics");
}

void metrics_answer(void *ctx, const struct http_request *request, struct http_answer *answer)
{
    struct wg_error err = {0};
    if (strcmp(request->target->path, "/metrics") != 0 ||
        (strcmp(request->method, "GET") != 0 && strcmp(request->method, "HEAD") != 0)) {
        http_answer_problem(answer, 404, "not-found", "GET /metrics is all there is here", NULL);
        return;
    }
    answer->status = 200;
    (void)wg_copy(answer->type, sizeof answer->type, METRICS_TYPE);
    if (!metrics_put(ctx, NULL, &answer->body, &err)) {
        http_answer_reset(answer);
        http_answer_problem(answer, 500, "memory", "ask again later", NULL);
    }
}
