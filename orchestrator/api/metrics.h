/* metrics.h: figures for Prometheus (text format 0.0.4): of requests, kept here, and of the fleet,
 * asked of the database and kept for some seconds. Any thread. */
#ifndef WG_ORCHESTRATOR_API_METRICS_H
#define WG_ORCHESTRATOR_API_METRICS_H

#include "orchestrator/api/call.h"

#define METRICS_KEPT (5 * WG_SECOND) /* and longer where the database takes long over them */

struct metrics;

struct metrics *metrics_new(struct wg_error *err);
void metrics_free(struct metrics *metrics);
/* route NULL: none was found, or a page of the dashboard. */
void metrics_count(struct metrics *metrics, const struct api_route *route, unsigned status,
                   wg_duration took);
/* Without the database's figures, and wavegate_database_up 0, when it is away. db: the caller's
 * connection; NULL: one is borrowed. */
WG_MUST_CHECK bool metrics_put(struct api *api, struct db *db, struct wg_buf *out,
                               struct wg_error *err);

#define METRICS_TYPE "text/plain; version=0.0.4; charset=utf-8"
/* http_handle_fn of a listener of its own, for a scraper on the same machine. ctx: struct api. */
void metrics_answer(void *ctx, const struct http_request *request, struct http_answer *answer);

#endif
