/* audit_args.h: times and numbers that the commands of the audit log take. */
#ifndef WG_ORCHESTRATOR_CLI_AUDIT_ARGS_H
#define WG_ORCHESTRATOR_CLI_AUDIT_ARGS_H

#include "orchestrator/cli/command.h"

#define AUDIT_NUMBER_MAX ((int64_t)999999999999999999)

/* --FLAG: RFC 3339, or so long ago; 0 when it is not given. WG_E_USAGE. */
WG_MUST_CHECK bool audit_args_time(const struct args *args, const char *flag, wg_time *out,
                                   struct wg_error *err);
/* The same as a parameter of that name, when it is given. */
WG_MUST_CHECK bool audit_args_query(const struct args *args, const char *flag,
                                    struct remote_path *path, struct wg_error *err);
/* --FLAG: from 1 to most; *out stays when it is not given. WG_E_USAGE. */
WG_MUST_CHECK bool audit_args_number(const struct args *args, const char *flag, int64_t most,
                                     int64_t *out, struct wg_error *err);

#endif
