/* target.h: a selector as an SQL condition over "device d", with bound parameters; and in words. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_TARGET_H
#define WG_ORCHESTRATOR_CAMPAIGN_TARGET_H

#include "orchestrator/campaign/campaign.h"

#define TARGET_CLAUSES_MAX 32
#define TARGET_PARAMS_MAX 512

struct target_clause {
    char *sql;       /* "d.hardware_model = $1 and ..."; owned */
    char words[256]; /* "hardware brake-controller >=C" or "not device dev-000017" */
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

/* The columns and tables that the SQL uses: d.id, d.hardware_model, d.hardware_revision_key,
 * d.region; device_software (device_id, component, version_key); device_tag (device_id, tag). Keys
 * compare under COLLATE "C". */
WG_MUST_CHECK bool target_compile(const struct selector *all, struct target *out,
                                  struct wg_error *err);
void target_clear(struct target *target);

#endif
