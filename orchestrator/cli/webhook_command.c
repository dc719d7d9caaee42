/* webhook_command.c: `webhook list | show | add | change | remove | test | dead | retry`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/grant_args.h"
#include "orchestrator/cli/list.h"

#include "common/posix/file.h"

#include <string.h>

#define URL_MAX ((size_t)4096)
#define ID_TEXT 24

static void add_state(const json_t *row, struct wg_buf *out)
{
    long long pending = document_number(row, "pending"), dead = document_number(row, "dead");
    wg_buf_text(out, document_is(row, "enabled") ? "on" : "off");
    if (pending > 0) wg_buf_printf(out, ", %lld to tell", pending);
    if (dead > 0) wg_buf_printf(out, ", %lld given up", dead);
}

static void add_kinds(const json_t *row, struct wg_buf *out)
{
    list_join(json_object_get(row, "kinds"), out);
}

static const struct list_column columns[] = {{"name", .key = "name"},
                                             {"id", .key = "id", .kind = LIST_NUMBER},
                                             {"state", .write = add_state},
                                             {"kinds", .write = add_kinds},
                                             {"url", .key = "url"},
                                             {"failure", .key = "failure"},
                                             {NULL}};
const struct list webhook_list = {"webhook", "list", columns,
                                  .empty = "There is no webhook yet: wavegate webhook add NAME"};

static json_t *all(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/webhooks");
    return remote_list(cli->remote, &path, 0, NULL, err);
}

bool webhook_list_run(struct cli *cli, struct wg_error *err)
{
    return list_show(&cli->screen, &webhook_list, all(cli, err), err);
}

/* The number of the first argument, which is that or the name. */
static bool find(struct cli *cli, char id[ID_TEXT], struct wg_error *err)
{
    const char *given = cli->args->positionals[0];
    size_t i;
    json_t *row;
    if (given[0] && strspn(given, "0123456789") == strlen(given) && wg_copy(id, ID_TEXT, given))
        return true;
    json_t *rows = all(cli, err);
    if (!rows) return false;
    id[0] = '\0';
    json_array_foreach(rows, i, row)
    {
        if (strcmp(list_text(row, "name"), given) == 0)
            (void)wg_format(id, ID_TEXT, "%lld", document_number(row, "id"));
    }
    json_decref(rows);
    return id[0] || wg_fail(err, WG_E_NOT_FOUND,
                            "there is no webhook \"%.80s\": see wavegate webhook list", given);
}

/* A new secret is shown this once. Takes the answer over. */
static bool show(struct cli *cli, json_t *row, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    struct wg_buf words;
    if (!row) return false;
    if (screen->json) return screen_json(row, err);
    const char *secret = document_text(row, "secret"), *failure = document_text(row, "failure");
    wg_buf_init(&words, 4096);
    add_state(row, &words);
    wg_buf_text(&words, "; told of ");
    add_kinds(row, &words);
    screen_text(screen, "%s, %lld: %s\n%s\n", document_text(row, "name"),
                document_number(row, "id"), wg_buf_str(&words), document_text(row, "url"));
    wg_buf_clear(&words);
    if (failure[0]) screen_text(screen, "failure: %s\n", failure);
    if (secret[0] && screen->quiet) screen_line(screen, "%s", secret);
    if (secret[0]) screen_text(screen, "%s\nThat is its secret. It is shown this once.\n", secret);
    json_decref(row);
    return screen_flush(screen, err);
}

bool webhook_show_run(struct cli *cli, struct wg_error *err)
{
    char id[ID_TEXT];
    struct remote_path path;
    if (!find(cli, id, err)) return false;
    remote_path(&path, "/webhooks/{}", id);
    return show(cli, remote_get(cli->remote, &path, err), err);
}

/* From a file where it is a secret: a command line is seen by others. */
static bool read_url(const struct args *args, json_t *wish, struct wg_error *err)
{
    const char *url = args_value(args, "url"), *file = args_value(args, "url-file");
    struct wg_buf text;
    if (url && file) return wg_fail(err, WG_E_USAGE, "--url and --url-file: expected one of them");
    if (url) (void)json_object_set_new(wish, "url", json_string(url));
    if (!file) return true;
    wg_buf_init(&text, URL_MAX);
    bool ok = wg_file_read(file, &text, err);
    if (ok)
        (void)json_object_set_new(
            wish, "url", json_stringn(wg_buf_str(&text), strcspn(wg_buf_str(&text), "\r\n")));
    wg_buf_clear(&text);
    return ok || wg_context(err, "--url-file");
}

static bool read_wish(const struct args *args, json_t *wish, struct wg_error *err)
{
    const char *kinds = args_value(args, "kinds");
    bool off = args_has(args, "disable"), on = args_has(args, "enable");
    if (off && on) return wg_fail(err, WG_E_USAGE, "--disable and --enable: expected one of them");
    if (kinds) (void)json_object_set_new(wish, "kinds", grant_args_list(kinds));
    if (off || on) (void)json_object_set_new(wish, "enabled", json_boolean(on));
    if (args_has(args, "new-secret")) (void)json_object_set_new(wish, "new_secret", json_true());
    if (args_has(args, "name"))
        (void)json_object_set_new(wish, "name", json_string(args_value(args, "name")));
    return read_url(args, wish, err);
}

bool webhook_add_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    struct remote_path path;
    if (!command_name_argument(cli, 0, "name of a webhook", &name, err)) return false;
    json_t *wish = json_pack("{s:s}", "name", name);
    bool ok = wish ? read_wish(cli->args, wish, err) : wg_fail_memory(err, "a webhook");
    if (ok && !json_object_get(wish, "url"))
        ok = wg_fail(err, WG_E_USAGE, "--url URL, or --url-file FILE, is missing");
    if (ok && !json_object_get(wish, "kinds"))
        ok = wg_fail(err, WG_E_USAGE,
                     "--kinds LIST is missing: of campaign, wave, device, alarm, release, people");
    remote_path(&path, "/webhooks");
    if (ok) return show(cli, remote_send(cli->remote, "POST", &path, wish, err), err);
    json_decref(wish);
    return false;
}

bool webhook_change_run(struct cli *cli, struct wg_error *err)
{
    char id[ID_TEXT];
    struct remote_path path;
    json_t *wish = json_object();
    bool ok = wish ? read_wish(cli->args, wish, err) : wg_fail_memory(err, "a webhook");
    if (ok && json_object_size(wish) == 0)
        ok = wg_fail(err, WG_E_USAGE, "nothing to change: see wavegate help webhook change");
    ok = ok && find(cli, id, err);
    if (ok) {
        remote_path(&path, "/webhooks/{}", id);
        return show(cli, remote_send(cli->remote, "PATCH", &path, wish, err), err);
    }
    json_decref(wish);
    return false;
}

bool webhook_remove_run(struct cli *cli, struct wg_error *err)
{
    char id[ID_TEXT];
    struct remote_path path;
    if (!find(cli, id, err)) return false;
    remote_path(&path, "/webhooks/{}", id);
    json_t *answer = remote_send(cli->remote, "DELETE", &path, json_null(), err);
    if (!answer) return false;
    json_decref(answer);
    if (cli->screen.json) return screen_json(json_pack("{s:s}", "removed", id), err);
    screen_text(&cli->screen, "webhook %s is removed\n", cli->args->positionals[0]);
    return screen_flush(&cli->screen, err);
}

/* ---- events ---- */

/* Takes the answer over. */
static bool show_event(struct cli *cli, json_t *answer, const char *words, struct wg_error *err)
{
    if (!answer) return false;
    if (cli->screen.json) return screen_json(answer, err);
    screen_text(&cli->screen, "event %s %s\n", document_text(answer, "event"), words);
    json_decref(answer);
    return screen_flush(&cli->screen, err);
}

bool webhook_test_run(struct cli *cli, struct wg_error *err)
{
    char id[ID_TEXT];
    struct remote_path path;
    if (!find(cli, id, err)) return false;
    remote_path(&path, "/webhooks/{}/test", id);
    return show_event(cli, remote_send(cli->remote, "POST", &path, json_null(), err),
                      "is on its way: wavegate webhook show tells of a failure", err);
}

static const struct list_column dead_columns[] = {
    {"event", .key = "event"},
    {"made at", .key = "made_at", .kind = LIST_TIME},
    {"given up at", .key = "dead_at", .kind = LIST_TIME},
    {"attempts", .key = "attempts", .kind = LIST_NUMBER},
    {"failure", .key = "failure"},
    {NULL}};
const struct list webhook_dead = {"webhook", "dead", dead_columns,
                                  .empty = "No event of it was given up."};

bool webhook_dead_run(struct cli *cli, struct wg_error *err)
{
    char id[ID_TEXT];
    struct remote_path path;
    if (!find(cli, id, err)) return false;
    remote_path(&path, "/webhooks/{}/dead", id);
    return list_show(&cli->screen, &webhook_dead, remote_list(cli->remote, &path, 0, NULL, err),
                     err);
}

bool webhook_retry_run(struct cli *cli, struct wg_error *err)
{
    char id[ID_TEXT];
    struct remote_path path;
    if (!find(cli, id, err)) return false;
    remote_path(&path, "/webhooks/{}/dead/{}/retry", id, cli->args->positionals[1]);
    return show_event(cli, remote_send(cli->remote, "POST", &path, json_null(), err),
                      "is sent once more", err);
}
