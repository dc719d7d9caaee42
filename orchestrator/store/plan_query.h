/* plan_query.h: the two statements of a plan that cannot be written beforehand. Internal to the
 * room. Values are bound, never written into the text. */
#ifndef WG_ORCHESTRATOR_STORE_PLAN_QUERY_H
#define WG_ORCHESTRATOR_STORE_PLAN_QUERY_H

#include "common/buf.h"
#include "orchestrator/store/plan_row.h"

#define PLAN_SQL_MAX ((size_t)4 * 1024 * 1024)

/* The query's parameters, then those that every plan has. */
struct plan_params {
    size_t count;
    const char **items; /* borrowed texts; owned array */
    size_t component, version, hardware, seed, excludes, revises, kept; /* their numbers */
    char revises_text[24], kept_text[24];
};

WG_MUST_CHECK bool plan_params_init(struct plan_params *params, const struct plan_query *query,
                                    struct wg_error *err);
/* One more; returns its number. There is room for three. */
size_t plan_params_add(struct plan_params *params, const char *text);
void plan_params_clear(struct plan_params *params);

/* "select count(*) .." of devices that the first clauses let pass. */
void plan_query_passing(const struct plan_query *query, const struct plan_params *params,
                        size_t clauses, struct wg_buf *sql);
/* Of those that come to this clause: without the position that it asks for. */
void plan_query_no_position(const struct plan_query *query, const struct plan_params *params,
                            size_t clause, struct wg_buf *sql);
/* Of those that this clause leaves out: they run the release already. */
void plan_query_on_release(const struct plan_query *query, const struct plan_params *params,
                           size_t clause, struct wg_buf *sql);
/* "select id, code .." of those left out; limit: number of a parameter. */
void plan_query_left_out(const struct plan_query *query, const struct plan_params *params,
                         size_t limit, struct wg_buf *sql);
/* "select code .." of one device; device: number of a parameter. */
void plan_query_one(const struct plan_query *query, const struct plan_params *params, size_t device,
                    struct wg_buf *sql);
/* "select id, code .." of ids that no wave names and no opened wave has; ids: number of a
 * parameter, an array. */
void plan_query_strays(const struct plan_query *query, const struct plan_params *params, size_t ids,
                       struct wg_buf *sql);
/* How many clauses are counted one by one; the last of three and more is judged with the
 * candidates.
 */
size_t plan_query_counted(const struct plan_query *query);
/* The rows of plan_candidate: all that the counted clauses let pass. */
void plan_query_candidates(const struct plan_query *query, const struct plan_params *params,
                           struct wg_buf *sql);
/* Gives places in a wave to at most limit devices that match and have none; since: of those that
 * changed after then; devices: of these. All are numbers of parameters; since and devices may be 0.
 */
void plan_query_join(const struct plan_query *query, const struct plan_params *params, size_t wave,
                     size_t limit, size_t since, size_t devices, struct wg_buf *sql);

#endif
