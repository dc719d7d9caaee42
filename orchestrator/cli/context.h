/* context.h: named ways to a server, in $XDG_CONFIG_HOME/wavegate/contexts.yaml (else
 * ~/.config/...), of which one is in use. */
#ifndef WG_ORCHESTRATOR_CLI_CONTEXT_H
#define WG_ORCHESTRATOR_CLI_CONTEXT_H

#include "orchestrator/cli/command.h"

#include <limits.h>

#define CONTEXTS_MAX 64
#define CONTEXT_VARIABLE "WAVEGATE_CONTEXT"

/* "" where nothing is said. Paths are absolute. */
struct context {
    char name[WG_NAME_MAX + 1];
    char server[WG_URL_MAX];                   /* https://HOST[:PORT] of an API */
    char ca[PATH_MAX];                         /* that vouches for it */
    char certificate[PATH_MAX], key[PATH_MAX]; /* who asks there, also as operator */
    char token_file[PATH_MAX];                 /* or a token */
    char config[PATH_MAX];                     /* without a server: the configuration file */
};

struct contexts {
    char file[PATH_MAX];           /* "" when there is no place for it */
    char current[WG_NAME_MAX + 1]; /* in use; "" none */
    size_t count;
    struct context *list; /* owned; by name */
};

/* A file that is not there holds none. WG_E_BAD_FILE with file:line:col, WG_E_DENIED when others
 * may write to it. */
WG_MUST_CHECK bool contexts_load(struct contexts *out, struct wg_error *err);
void contexts_clear(struct contexts *contexts);
WG_MUST_CHECK bool contexts_save(const struct contexts *contexts, struct wg_error *err);
struct context *contexts_find(const struct contexts *contexts, const char *name); /* NULL: none */
/* WG_E_CONFLICT when there is one of that name, WG_E_LIMIT when there are too many. */
WG_MUST_CHECK bool contexts_add(struct contexts *contexts, const struct context *context,
                                struct wg_error *err);
void contexts_remove(struct contexts *contexts, const struct context *context);
/* WG_E_NOT_FOUND, with the names that there are; always false. */
bool contexts_unknown(const struct contexts *contexts, const char *name, struct wg_error *err);
/* The one that flags, $WAVEGATE_CONTEXT or the file choose; NULL without an error: none. */
const struct context *contexts_choose(const struct contexts *contexts, const struct args *args,
                                      struct wg_error *err);

/* Which configuration the command takes, into cli->settings, with the operator of a context. A
 * change tells the context when there are several. */
WG_MUST_CHECK bool context_settings(struct cli *cli, const struct command *command,
                                    struct wg_error *err);

#endif
