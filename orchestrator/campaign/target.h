/* target.h: a selector as an SQL condition over "device d", with bound parameters; and in words. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_TARGET_H
#define WG_ORCHESTRATOR_CAMPAIGN_TARGET_H

#include "orchestrator/campaign/campaign.h"

#define TARGET_CLAUSES_MAX 32
#define TARGET_PARAMS_MAX 512

struct target_clause {
    char *sql;       /* "d.hardware_model = $1 and ..."; owned */
    char words[256]; /* "hardware brake-controller >=C" or "not device dev-000017" */
    bool places;     /* asks where the device is: null for one without a position */
    char component[WG_NAME_MAX + 1]; /* asks for a version of this; "" of none */
};

/* The top clauses of a target: a device is in when all hold; the first that does not is the reason.
 */
struct target {
    size_t clause_count;
    struct target_clause clauses[TARGET_CLAUSES_MAX];
    size_t param_count;
    char *
        params[TARGET_PARAMS_MAX]; /* text form for PostgreSQL, lists as arrays; owned; $1 is [0] */
};

/* The SQL uses the tables and columns of orchestrator/store/migrations. Keys compare under COLLATE
 * "C". */
WG_MUST_CHECK bool target_compile(const struct selector *all, struct target *out,
                                  struct wg_error *err);
void target_clear(struct target *target);

/* More SQL with parameters in the same list; *sql is the caller's to free. */
WG_MUST_CHECK bool target_condition(struct target *target, const struct selector *all, char **sql,
                                    struct wg_error *err);
/* " and .." over the sort keys of versions in column; empty when the range holds them all. */
WG_MUST_CHECK bool target_range(struct target *target, const char *column,
                                const struct wg_range *range, char **sql, struct wg_error *err);
/* The column of sort keys of a scheme that has an order, "s.version_key" for table s. */
const char *target_scheme_column(enum wg_scheme scheme, char table);
/* The number of the parameter; 0: WG_E_LIMIT or WG_E_MEMORY. */
size_t target_bind(struct target *target, const char *text, struct wg_error *err);
size_t target_bind_list(struct target *target, const struct text_list *list, struct wg_error *err);
/* A PostgreSQL array literal; the caller's to free; NULL without memory. */
char *target_array(const struct text_list *list);

#endif
