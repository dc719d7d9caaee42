/* people_command.c: `people list | show | add | change | remove`. No password is ever set here. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/grant_args.h"
#include "orchestrator/cli/list.h"

#include <string.h>

static void add_grants(const json_t *row, struct wg_buf *out)
{
    grant_args_words(json_object_get(row, "grants"), out);
}

/* How they come in, beside a certificate. */
static void add_ways(const json_t *row, struct wg_buf *out)
{
    if (json_is_true(json_object_get(row, "disabled"))) {
        wg_buf_text(out, "disabled");
        return;
    }
    wg_buf_text(out, json_is_true(json_object_get(row, "password")) ? "password" : "certificate");
    if (json_is_true(json_object_get(row, "second_factor"))) wg_buf_text(out, " and second factor");
    if (list_text(row, "locked_until")[0]) wg_buf_text(out, ", locked");
}

static const struct list_column columns[] = {{"name", .key = "name"},
                                             {"roles", .write = add_grants},
                                             {"comes by", .write = add_ways},
                                             {"signed in at", .key = "seen_at", .kind = LIST_TIME},
                                             {NULL}};
const struct list people_list = {"people", "list", columns,
                                 .empty = "There is nobody yet: wavegate people add NAME"};

bool people_list_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/people");
    return list_show(&cli->screen, &people_list, remote_list(cli->remote, &path, 0, NULL, err),
                     err);
}

/* Takes the answer over. */
static bool show(struct cli *cli, json_t *row, struct wg_error *err)
{
    struct wg_buf words;
    struct screen *screen = &cli->screen;
    if (!row) return false;
    if (screen->json) return screen_json(row, err);
    wg_buf_init(&words, 65536);
    add_ways(row, &words);
    screen_text(screen, "%s: %s\n", document_text(row, "name"), wg_buf_str(&words));
    wg_buf_clear(&words);
    wg_buf_init(&words, 65536);
    add_grants(row, &words);
    screen_text(screen, "may: %s\n", words.len ? wg_buf_str(&words) : "nothing");
    wg_buf_clear(&words);
    json_decref(row);
    return screen_flush(screen, err);
}

static bool path_of(struct cli *cli, struct remote_path *path, struct wg_error *err)
{
    const char *name;
    if (!command_name_argument(cli, 0, "name of a person", &name, err)) return false;
    remote_path(path, "/people/{}", name);
    return true;
}

bool people_show_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    return path_of(cli, &path, err) && show(cli, remote_get(cli->remote, &path, err), err);
}

/* ---- a first password ---- */

/* The link is shown this once. Takes the answer over. */
static bool show_link(struct cli *cli, json_t *made, struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    if (!made) return false;
    if (screen->json) return screen_json(made, err);
    screen->pages = false;
    if (screen->quiet) screen_line(screen, "%s", document_text(made, "link"));
    screen_text(
        screen, "%s\nBy that link %s chooses a password, once, until %s. It is shown this once.\n",
        document_text(made, "link"), document_text(made, "name"), document_text(made, "ends_at"));
    json_decref(made);
    return screen_flush(screen, err);
}

/* span: NULL is a day. */
static bool invite(struct cli *cli, const char *name, const char *span, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/people/{}/invitation", name);
    return show_link(
        cli, remote_send(cli->remote, "POST", &path, json_pack("{s:s*}", "for", span), err), err);
}

bool people_invite_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    return command_name_argument(cli, 0, "name of a person", &name, err) &&
           invite(cli, name, args_value(cli->args, "for"), err);
}

static bool withdraw(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/people/{}/invitation", cli->args->positionals[0]);
    json_t *answer = remote_send(cli->remote, "DELETE", &path, json_null(), err);
    json_decref(answer);
    return answer != NULL;
}

/* ---- add, change, remove ---- */

bool people_add_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    struct remote_path path;
    json_t *grants = NULL;
    if (!command_name_argument(cli, 0, "name of a person", &name, err) ||
        !grant_args_read(cli->args, &grants, err))
        return false;
    if (!grants) return wg_fail(err, WG_E_USAGE, "--role LIST is missing: what may they?");
    remote_path(&path, "/people");
    json_t *made = remote_send(cli->remote, "POST", &path,
                               json_pack("{s:s,s:o}", "name", name, "grants", grants), err);
    if (!made || !args_has(cli->args, "invite")) return show(cli, made, err);
    json_decref(made);
    return invite(cli, name, args_value(cli->args, "invite"), err);
}

static const struct {
    const char *flag, *key;
    bool value;
} switches[] = {{"disable", "disabled", true},
                {"enable", "disabled", false},
                {"unlock", "unlock", true},
                {"no-password", "password", false},
                {"no-second-factor", "second_factor", false},
                {"no-openid", "openid", false}};

static bool read_change(const struct cli *cli, json_t *change, struct wg_error *err)
{
    json_t *grants = NULL;
    if (args_has(cli->args, "disable") && args_has(cli->args, "enable"))
        return wg_fail(err, WG_E_USAGE, "--disable and --enable: expected one of them");
    if (!grant_args_read(cli->args, &grants, err)) return false;
    if (grants) (void)json_object_set_new(change, "grants", grants);
    for (size_t i = 0; i < sizeof switches / sizeof switches[0]; i++)
        if (args_has(cli->args, switches[i].flag))
            (void)json_object_set_new(change, switches[i].key, json_boolean(switches[i].value));
    return json_object_size(change) > 0 || args_has(cli->args, "no-invitation") ||
           wg_fail(err, WG_E_USAGE, "nothing to change: see wavegate help people change");
}

bool people_change_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    json_t *change = json_object();
    if (!change) return wg_fail_memory(err, "changing a person");
    if (!path_of(cli, &path, err) || !read_change(cli, change, err) ||
        (args_has(cli->args, "no-invitation") && !withdraw(cli, err))) {
        json_decref(change);
        return false;
    }
    if (json_object_size(change) == 0) {
        json_decref(change);
        return show(cli, remote_get(cli->remote, &path, err), err);
    }
    return show(cli, remote_send(cli->remote, "PATCH", &path, change, err), err);
}

bool people_remove_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    if (!path_of(cli, &path, err)) return false;
    json_t *answer = remote_send(cli->remote, "DELETE", &path, json_null(), err);
    if (!answer) return false;
    json_decref(answer);
    const char *name = cli->args->positionals[0];
    if (cli->screen.json) return screen_json(json_pack("{s:s}", "removed", name), err);
    screen_text(&cli->screen, "%s is removed, with all sessions and tokens\n", name);
    return screen_flush(&cli->screen, err);
}
