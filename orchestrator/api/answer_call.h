/* answer_call.h: from a request to its answer: who, route, permission, handler, problem. */
#ifndef WG_ORCHESTRATOR_API_ANSWER_CALL_H
#define WG_ORCHESTRATOR_API_ANSWER_CALL_H

#include "orchestrator/api/identify.h"

struct web_files;
struct events;
struct fleet_counts;
struct metrics;
struct openid_provider;

/* What all calls share. */
struct api {
    const struct settings *settings;
    struct http_server *server;
    struct db_pool *pool;
    struct authority *authority;
    struct web_files *web; /* NULL: none */
    struct events *events;
    struct metrics *metrics;
    struct fleet_counts *fleet;
    struct openid_provider *openid; /* NULL: none is set up */
    wg_time started_at;
};

/* http_admit_fn: routes that take a file, from whom may. ctx: struct api. */
int64_t api_admit(void *ctx, const struct http_request *request, struct http_upload *upload,
                  struct http_answer *answer);

/* For a handler of API_NO_DATABASE that wants call->db for a while: acts for whoever asks. */
WG_MUST_CHECK bool api_borrow(struct api_call *call, struct wg_error *err);
void api_give_back(struct api_call *call);

/* An error's words as they go out, into answers, the log and the audit log: what came from outside
 * moves no cursor there. */
void api_tame(struct wg_error *err);

/* http_handle_fn. ctx: struct api. */
void api_answer(void *ctx, const struct http_request *request, struct http_answer *answer);

#endif
