/* context_choose.c: which server a command goes to: --config, --context, $WAVEGATE_CONFIG,
 * $WAVEGATE_CONTEXT, the context in use, ./wavegate.yaml, /etc/wavegate/wavegate.yaml. */
#include "orchestrator/cli/context.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CONFIG_VARIABLE "WAVEGATE_CONFIG"

static const char *variable(const char *name)
{
    const char *value = getenv(name);
    return value && *value ? value : NULL;
}

const struct context *contexts_choose(const struct contexts *contexts, const struct args *args,
                                      struct wg_error *err)
{
    const char *name = args_value(args, "context");
    if (!name) name = variable(CONTEXT_VARIABLE);
    if (!name && contexts->current[0]) name = contexts->current;
    if (!name) return NULL;
    const struct context *found = contexts_find(contexts, name);
    if (!found) (void)contexts_unknown(contexts, name, err);
    return found;
}

/* A configuration that was named goes before contexts; NULL: none was. */
static const char *named_config(const struct args *args)
{
    const char *given = args_value(args, "config");
    if (given) return given;
    return args_has(args, "context") ? NULL : variable(CONFIG_VARIABLE);
}

static const char *usual_config(void)
{
    return access("wavegate.yaml", F_OK) == 0 ? "wavegate.yaml" : "/etc/wavegate/wavegate.yaml";
}

/* Who asks at the context's server is also who signs. */
static bool take_operator(struct settings *settings, const struct context *context,
                          struct wg_error *err)
{
    size_t len = strlen(context->certificate);
    if (!len) return true;
    bool beside = !context->key[0] && len > 4 && !strcmp(context->certificate + len - 4, ".crt");
    (void)wg_copy(settings->operator_certificate, PATH_MAX, context->certificate);
    if (context->key[0]) return wg_copy(settings->operator_key, PATH_MAX, context->key);
    return (beside && wg_format(settings->operator_key, PATH_MAX, "%.*s.key", (int)len - 4,
                                context->certificate)) ||
           wg_fail(err, WG_E_USAGE, "context %s: key is missing", context->name);
}

/* Paths of a context are as long as those of settings. */
static bool take_server(struct settings *settings, const struct context *context)
{
    struct settings_server *server = &settings->server;
    return wg_copy(settings->file, sizeof settings->file, context->name) &&
           wg_copy(server->url, sizeof server->url, context->server) &&
           wg_copy(server->ca, sizeof server->ca, context->ca) &&
           wg_copy(server->token_file, sizeof server->token_file, context->token_file);
}

static bool take(struct cli *cli, const struct context *context, struct wg_error *err)
{
    if (!context->config[0])
        return take_server(cli->settings, context) && take_operator(cli->settings, context, err);
    return (settings_load(cli->settings, context->config, err) ||
            wg_context(err, "context %s", context->name)) &&
           take_operator(cli->settings, context, err);
}

/* Before a change: with several servers the wrong one is a slip of the hand away. */
static void tell(const struct cli *cli, const struct command *command,
                 const struct contexts *contexts, const struct context *context)
{
    const struct screen *screen = &cli->screen;
    bool changes = command->needs & (SETTINGS_OPERATOR | COMMAND_CHANGES);
    if (changes && contexts->count > 1 && !screen->json && !screen->quiet)
        (void)fprintf(stderr, "wavegate: context %s (%s)\n", context->name,
                      context->config[0] ? context->config : context->server);
}

bool context_settings(struct cli *cli, const struct command *command, struct wg_error *err)
{
    const char *config = named_config(cli->args);
    struct wg_error why = {0};
    struct contexts contexts;
    if (config) return settings_load(cli->settings, config, err);
    bool ok = contexts_load(&contexts, err);
    const struct context *chosen = ok ? contexts_choose(&contexts, cli->args, &why) : NULL;
    if (ok && chosen) {
        tell(cli, command, &contexts, chosen);
        ok = take(cli, chosen, err);
    } else if (ok && why.code != WG_OK) {
        if (err) *err = why;
        ok = false;
    } else if (ok) {
        ok = settings_load(cli->settings, usual_config(), err);
    }
    contexts_clear(&contexts);
    return ok;
}
