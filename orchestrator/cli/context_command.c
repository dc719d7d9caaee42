/* context_command.c: `context list | use | show | add | remove`. */
#include "orchestrator/cli/context.h"
#include "orchestrator/cli/list.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void add_current(const json_t *row, struct wg_buf *out)
{
    wg_buf_text(out, json_is_true(list_value(row, "current")) ? "in use" : "");
}

static void add_where(const json_t *row, struct wg_buf *out)
{
    const char *server = list_text(row, "server");
    wg_buf_text(out, *server ? server : list_text(row, "config"));
}

static const struct list_column columns[] = {{"context", .key = "context"},
                                             {"current", .write = add_current},
                                             {"where", .write = add_where},
                                             {"certificate", .key = "certificate"},
                                             {NULL}};
const struct list context_list = {
    "context", "list", columns,
    .empty = "There is no context yet: wavegate context add NAME --config FILE"};

static json_t *text_json(const char *text)
{
    return *text ? json_string(text) : json_null();
}

static json_t *row_json(const struct context *context, bool current)
{
    return json_pack("{s:s,s:b,s:o,s:o,s:o,s:o,s:o,s:o}", "context", context->name, "current",
                     (int)current, "server", text_json(context->server), "ca",
                     text_json(context->ca), "certificate", text_json(context->certificate), "key",
                     text_json(context->key), "token_file", text_json(context->token_file),
                     "config", text_json(context->config));
}

bool context_list_run(struct cli *cli, struct wg_error *err)
{
    struct contexts contexts;
    struct wg_error none = {0};
    bool ok = contexts_load(&contexts, err);
    const struct context *chosen = ok ? contexts_choose(&contexts, cli->args, &none) : NULL;
    json_t *rows = json_array();
    for (size_t i = 0; ok && i < contexts.count; i++)
        (void)json_array_append_new(rows, row_json(&contexts.list[i], chosen == &contexts.list[i]));
    contexts_clear(&contexts);
    if (!ok) json_decref(rows);
    return ok && list_show(&cli->screen, &context_list, rows, err);
}

static bool show_one(struct screen *screen, const struct context *context, bool current,
                     struct wg_error *err)
{
    static const char *const keys[] = {"config",      "server", "ca",
                                       "certificate", "key",    "token_file"};
    json_t *row = row_json(context, current);
    if (screen->json) return screen_json(row, err);
    if (screen->quiet) screen_line(screen, "%s", context->name);
    screen_coloured(screen, SCREEN_BOLD, "%s", context->name);
    screen_text(screen, "%s\n", current ? "  in use" : "");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (*list_text(row, keys[i]))
            screen_text(screen, "  %-11s %s\n", keys[i], list_text(row, keys[i]));
    json_decref(row);
    return screen_flush(screen, err);
}

static bool show(struct cli *cli, const struct contexts *contexts, struct wg_error *err)
{
    struct wg_error why = {0};
    const struct context *chosen = contexts_choose(contexts, cli->args, &why), *one = chosen;
    if (cli->args->positional_count > 0) {
        one = contexts_find(contexts, cli->args->positionals[0]);
        if (!one) return contexts_unknown(contexts, cli->args->positionals[0], err);
    }
    if (one) return show_one(&cli->screen, one, one == chosen, err);
    if (why.code == WG_OK)
        return wg_fail(err, WG_E_NOT_FOUND, "no context is in use: wavegate context use NAME");
    if (err) *err = why;
    return false;
}

bool context_show_run(struct cli *cli, struct wg_error *err)
{
    struct contexts contexts;
    bool ok = contexts_load(&contexts, err) && show(cli, &contexts, err);
    contexts_clear(&contexts);
    return ok;
}

static bool report(struct cli *cli, const struct context *context, bool current, const char *words,
                   struct wg_error *err)
{
    if (cli->screen.json) return screen_json(row_json(context, current), err);
    screen_text(&cli->screen, "%s %s\n", context->name, words);
    return screen_flush(&cli->screen, err);
}

bool context_use_run(struct cli *cli, struct wg_error *err)
{
    const char *name = cli->args->positionals[0];
    struct contexts contexts;
    bool ok = contexts_load(&contexts, err);
    const struct context *context = ok ? contexts_find(&contexts, name) : NULL;
    if (ok && !context) (void)contexts_unknown(&contexts, name, err);
    if (context) (void)wg_copy(contexts.current, sizeof contexts.current, name);
    const char *variable = getenv(CONTEXT_VARIABLE);
    bool hidden = variable && *variable;
    ok = context && contexts_save(&contexts, err) &&
         report(cli, context, true,
                hidden ? "is in use, but $" CONTEXT_VARIABLE " goes before it here" : "is in use.",
                err);
    contexts_clear(&contexts);
    return ok;
}

/* Commands run in any folder. */
static bool take_path(const struct args *args, const char *flag, char *out, struct wg_error *err)
{
    const char *given = args_value(args, flag);
    char here[PATH_MAX];
    if (!given) return true;
    if (!*given) return wg_fail(err, WG_E_USAGE, "--%s: expected a path", flag);
    if (*given == '/' || strncmp(given, "pkcs11:", 7) == 0)
        here[0] = '\0';
    else if (!getcwd(here, sizeof here))
        return wg_fail_errno(err, "--%s", flag);
    return wg_format(out, PATH_MAX, "%s%s%s", here, here[0] ? "/" : "", given) ||
           wg_fail(err, WG_E_LIMIT, "--%s: the path is too long", flag);
}

static bool read_new(struct cli *cli, struct context *out, struct wg_error *err)
{
    const struct args *args = cli->args;
    const char *name, *server = args_value(args, "server");
    if (!command_name_argument(cli, 0, "name of a context", &name, err)) return false;
    (void)wg_copy(out->name, sizeof out->name, name);
    if (!server == !args_has(args, "config"))
        return wg_fail(err, WG_E_USAGE, "expected --config FILE or --server URL, and one of them");
    if (server && (strncmp(server, "https://", 8) != 0 || !server[8] ||
                   !wg_copy(out->server, sizeof out->server, server)))
        return wg_fail(err, WG_E_USAGE, "--server: expected https://HOST, got \"%.80s\"", server);
    if (args_has(args, "token-file") && args_has(args, "certificate"))
        return wg_fail(err, WG_E_USAGE, "--certificate and --token-file: expected one of them");
    return take_path(args, "config", out->config, err) && take_path(args, "ca", out->ca, err) &&
           take_path(args, "certificate", out->certificate, err) &&
           take_path(args, "key", out->key, err) &&
           take_path(args, "token-file", out->token_file, err);
}

static bool add(struct cli *cli, struct context *context, struct wg_error *err)
{
    struct contexts contexts = {.count = 0};
    bool ok = read_new(cli, context, err) && contexts_load(&contexts, err) &&
              contexts_add(&contexts, context, err);
    bool first = ok && contexts.count == 1;
    if (first) (void)wg_copy(contexts.current, sizeof contexts.current, context->name);
    ok = ok && contexts_save(&contexts, err) &&
         report(cli, context, first, first ? "is added, and in use." : "is added.", err);
    contexts_clear(&contexts);
    return ok;
}

bool context_add_run(struct cli *cli, struct wg_error *err)
{
    struct context *context = calloc(1, sizeof *context);
    bool ok = context ? add(cli, context, err) : wg_fail_memory(err, "adding a context");
    free(context);
    return ok;
}

bool context_remove_run(struct cli *cli, struct wg_error *err)
{
    const char *name = cli->args->positionals[0];
    struct contexts contexts;
    bool ok = contexts_load(&contexts, err);
    const struct context *found = ok ? contexts_find(&contexts, name) : NULL;
    if (ok && !found) (void)contexts_unknown(&contexts, name, err);
    bool current = found && strcmp(contexts.current, name) == 0;
    struct context *gone = found ? malloc(sizeof *gone) : NULL;
    if (found && !gone) (void)wg_fail_memory(err, "removing a context");
    if (gone) {
        *gone = *found;
        contexts_remove(&contexts, found);
    }
    ok = gone && contexts_save(&contexts, err) &&
         report(cli, gone, false,
                current ? "is removed: no context is in use now; wavegate context use NAME"
                        : "is removed.",
                err);
    free(gone);
    contexts_clear(&contexts);
    return ok;
}
