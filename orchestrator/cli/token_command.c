/* token_command.c: `token list | make | end`: what scripts come with. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/grant_args.h"
#include "orchestrator/cli/list.h"

#include "common/posix/file.h"

#include <string.h>

static void add_id(const json_t *row, struct wg_buf *out)
{
    wg_buf_printf(out, "%lld", document_number(row, "id"));
}

static void add_may(const json_t *row, struct wg_buf *out)
{
    list_join(json_object_get(row, "permissions"), out);
    grant_args_scope_words(json_object_get(row, "scope"), out);
}

static const struct list_column columns[] = {{"id", .write = add_id, .kind = LIST_NUMBER},
                                             {"name", .key = "name"},
                                             {"of", .key = "person"},
                                             {"ends at", .key = "ends_at", .kind = LIST_TIME},
                                             {"used at", .key = "used_at", .kind = LIST_TIME},
                                             {"may", .write = add_may},
                                             {NULL}};
const struct list token_list = {"token", "list", columns,
                                .empty = "There is no token yet: wavegate token make NAME"};

bool token_list_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/tokens");
    return list_show(&cli->screen, &token_list, remote_list(cli->remote, &path, 0, NULL, err), err);
}

/* --for 30d, or a time. */
static bool read_end(const struct args *args, char out[WG_TIME_TEXT], struct wg_error *err)
{
    const char *text = args_value(args, "for");
    wg_duration span;
    wg_time end;
    if (!text) return wg_fail(err, WG_E_USAGE, "--for TIME is missing: how long, like 30d?");
    if (wg_duration_parse(text, &span))
        end = wg_now() + span;
    else if (!wg_time_parse(text, &end))
        return wg_fail(err, WG_E_USAGE,
                       "--for: expected a duration like 30d, or a time like "
                       "2026-12-01T00:00:00Z, got \"%.40s\"",
                       text);
    wg_time_text(end, out);
    return true;
}

/* It is shown this once; with --quiet it is all that is printed. Takes the answer over. */
static bool show_made(struct cli *cli, json_t *made, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    if (!made) return false;
    if (screen->json) return screen_json(made, err);
    screen->pages = false;
    if (screen->quiet) screen_line(screen, "%s", document_text(made, "token"));
    screen_text(screen, "%s\nThat is token %lld, %s, until %s. It is shown this once.\n",
                document_text(made, "token"), document_number(made, "id"),
                document_text(made, "name"), document_text(made, "ends_at"));
    json_decref(made);
    return screen_flush(screen, err);
}

bool token_make_run(struct cli *cli, struct wg_error *err)
{
    const char *name, *may = args_value(cli->args, "may");
    char ends[WG_TIME_TEXT];
    struct remote_path path;
    if (!command_name_argument(cli, 0, "name of a token", &name, err) ||
        !read_end(cli->args, ends, err))
        return false;
    if (!may)
        return wg_fail(err, WG_E_USAGE,
                       "--may LIST is missing: permissions, like campaign.read,device.read");
    remote_path(&path, "/tokens");
    json_t *wish = json_pack("{s:s,s:s,s:o,s:o}", "name", name, "ends_at", ends, "permissions",
                             grant_args_list(may), "scope", grant_args_scope(cli->args));
    return show_made(cli, remote_send(cli->remote, "POST", &path, wish, err), err);
}

bool token_end_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    const char *id = cli->args->positionals[0];
    if (strspn(id, "0123456789") != strlen(id))
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is no token's number: see wavegate token list",
                       id);
    remote_path(&path, "/tokens/{}", id);
    json_t *answer = remote_send(cli->remote, "DELETE", &path, json_null(), err);
    if (!answer) return false;
    json_decref(answer);
    if (cli->screen.json) return screen_json(json_pack("{s:s}", "ended", id), err);
    screen_text(&cli->screen, "token %s is ended\n", id);
    return screen_flush(&cli->screen, err);
}
