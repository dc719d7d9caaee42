/* grant_args.h: roles and the part of the fleet that they are about, as flags have them. */
#ifndef WG_ORCHESTRATOR_CLI_GRANT_ARGS_H
#define WG_ORCHESTRATOR_CLI_GRANT_ARGS_H

#include "common/args.h"
#include "common/json.h"

/* --grants FILE (JSON, as the API has it), or --role LIST with --regions, --groups and --models,
 * which are of all these roles. *out: a new reference, NULL without such flags. WG_E_USAGE. */
WG_MUST_CHECK bool grant_args_read(const struct args *args, json_t **out, struct wg_error *err);
/* {"regions": [...], ...} of those flags; empty without them. New reference, NULL: out of memory.
 */
json_t *grant_args_scope(const struct args *args);
/* "a,b" as a list of texts; NULL text is none. New reference. */
json_t *grant_args_list(const char *text);

/* "rollout-admin in DE, AT of group lab; auditor". */
void grant_args_words(const json_t *grants, struct wg_buf *out);
void grant_args_scope_words(const json_t *scope, struct wg_buf *out);

#endif
