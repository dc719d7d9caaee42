/* list.h: lists: a page as JSON, or all of it as a stream of CSV (RFC 4180) or NDJSON. */
#ifndef WG_ORCHESTRATOR_API_LIST_H
#define WG_ORCHESTRATOR_API_LIST_H

#include "orchestrator/api/call.h"

#define API_CURSOR_MAX 256
#define API_LIMIT 100
#define API_LIMIT_MAX 1000

/* One page to fill. */
struct api_page {
    struct db *db;
    const struct settings *settings;
    const struct http_target *target;         /* of its parameters */
    const char (*values)[WG_VERSION_MAX + 1]; /* of the path */
    const char *who;                          /* who asks */
    const char *scopes;                       /* a list for wg_in_scopes(); NULL: everything */
    const char *after;                        /* what the page before left in next; "" the first */
    size_t limit;
    wg_time now;
    json_t *items;             /* to append to */
    json_t *more;              /* members beside items and next; NULL: none */
    char next[API_CURSOR_MAX]; /* "": this was the last */
};
typedef bool (*api_page_fn)(struct api_page *page, struct wg_error *err);

enum api_cursor { CURSOR_NAME, CURSOR_NUMBER, CURSOR_PAIR };

struct api_list {
    api_page_fn page;
    const char *const *parameters; /* filters that are known; NULL-terminated; may be NULL */
    const char *const *columns;    /* of CSV: "id", "hardware.model"; NULL-terminated */
    enum permission permission;    /* whose scopes limit it */
    enum api_cursor cursor;        /* what one looks like */
};

/* The value of a filter; NULL: not given. */
const char *api_page_filter(const struct api_page *page, const char *name);
/* Rows of a statement whose parameters are these and, behind them, the limit (store/document.h). */
#define API_PAGE_PARAMS 14
WG_MUST_CHECK bool api_page_rows(struct api_page *page, enum sql_name name, size_t count,
                                 const char *const *params, struct wg_error *err);
/* The cursor of a page whose last row is this, when the page is full. */
void api_page_next(struct api_page *page, size_t count, const char *last);

/* list is static. */
WG_MUST_CHECK bool api_list(struct api_call *call, const struct api_list *list,
                            struct wg_error *err);

#endif
