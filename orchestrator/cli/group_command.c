/* group_command.c: `group list`, `add`, `remove`, `show`, `delete`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/file_sending.h"
#include "orchestrator/cli/limit.h"
#include "orchestrator/cli/list.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)80 * 1024 * 1024) /* a million ids of any length */
#define SHOW_DEFAULT 1000
#define SHOW_MAX 1000000

/* Takes the answer over. */
static bool show_change(struct cli *cli, json_t *answer, const char *word, struct wg_error *err)
{
    if (!answer) return false;
    if (cli->screen.json) return screen_json(answer, err);
    long long changed = (long long)json_integer_value(json_object_get(answer, "changed"));
    screen_text(&cli->screen, "%s: %lld %s %s\n", list_text(answer, "group"), changed,
                changed == 1 ? "device" : "devices", word);
    json_decref(answer);
    return screen_flush(&cli->screen, err);
}

/* The file as it is, so that its lines keep their numbers, and behind it the ids that are named. */
static bool gather(struct cli *cli, const char *file, struct wg_buf *out, struct wg_error *err)
{
    const char *id;
    if (file && !wg_file_read(file, out, err)) return false;
    if (out->len > 0) wg_buf_char(out, '\n');
    for (size_t i = 1; i < cli->args->positional_count; i++) {
        if (!command_name_argument(cli, i, "device id", &id, err)) return false;
        wg_buf_printf(out, "%s\n", id);
    }
    return wg_buf_check(out, err, file ? file : "device ids");
}

static json_t *send_ids(struct cli *cli, const struct remote_path *path, struct wg_buf *text,
                        struct wg_error *err)
{
    FILE *stream = fmemopen(text->data, text->len, "r");
    if (!stream) {
        (void)wg_fail_memory(err, "sending device ids");
        return NULL;
    }
    json_t *answer =
        remote_upload(cli->remote, "POST", path, "text/plain", stream, (int64_t)text->len, err);
    (void)fclose(stream);
    return answer;
}

static bool change(struct cli *cli, bool add, struct wg_error *err)
{
    const char *name, *file = args_value(cli->args, "file");
    struct remote_path path;
    struct wg_buf text;
    json_t *answer = NULL;
    if (!command_name_argument(cli, 0, "group", &name, err)) return false;
    if (!file && cli->args->positional_count < 2)
        return wg_fail(err, WG_E_USAGE, "expected device ids, or --file FILE");
    wg_buf_init(&text, FILE_MAX);
    remote_path(&path, add ? "/groups/{}/add" : "/groups/{}/remove", name);
    bool ok = gather(cli, file, &text, err);
    if (ok && text.len == 0) ok = wg_fail(err, WG_E_USAGE, "expected device ids, or --file FILE");
    if (ok) answer = send_ids(cli, &path, &text, err);
    if (ok && !answer && file) (void)file_sending_problem(cli, file, err);
    wg_buf_clear(&text);
    return show_change(cli, answer, add ? "added" : "removed", err);
}

bool group_add_run(struct cli *cli, struct wg_error *err)
{
    return change(cli, true, err);
}

bool group_remove_run(struct cli *cli, struct wg_error *err)
{
    return change(cli, false, err);
}

bool group_delete_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    struct remote_path path;
    if (!command_name_argument(cli, 0, "group", &name, err)) return false;
    remote_path(&path, "/groups/{}", name);
    return show_change(cli, remote_send(cli->remote, "DELETE", &path, json_null(), err), "removed",
                       err);
}

static const struct list_column columns[] = {
    {"group", .key = "group"}, {"devices", .key = "devices", .kind = LIST_NUMBER}, {NULL}};
const struct list group_list = {"group", "list", columns,
                                .empty = "There is no group yet: wavegate group add NAME ID..."};

bool group_list_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/groups");
    return list_show(&cli->screen, &group_list, remote_list(cli->remote, &path, 0, NULL, err), err);
}

static const struct list_column member_columns[] = {{"device", .key = "device"}, {NULL}};
const struct list group_members = {"group", "show", member_columns, .empty = NULL};

static json_t *ids_of(const json_t *members)
{
    size_t i;
    json_t *member, *list = json_array();
    json_array_foreach(members, i, member)(void)
        json_array_append(list, json_object_get(member, "device"));
    return list;
}

static bool show_members(struct cli *cli, const char *name, long long total, const json_t *members,
                         struct wg_error *err)
{
    size_t i, count = json_array_size(members);
    json_t *member;
    struct screen *screen = &cli->screen;
    if (screen->json)
        return screen_json(json_pack("{s:s,s:I,s:o}", "group", name, "devices", (json_int_t)total,
                                     "members", ids_of(members)),
                           err);
    if (screen->csv || screen->quiet) list_add(screen, &group_members, members);
    json_array_foreach(members, i, member) screen_text(screen, "%s\n", list_text(member, "device"));
    if ((long long)count < total && count > 0)
        list_note(screen, "%zu of %lld; go on with --after %s", count, total,
                  list_text(json_array_get(members, count - 1), "device"));
    return screen_flush(screen, err);
}

/* Its first page tells it, and that there is such a group. */
static bool size_of(struct cli *cli, const char *name, long long *total, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/groups/{}", name);
    remote_query_number(&path, "limit", 1);
    json_t *page = remote_get(cli->remote, &path, err);
    *total = (long long)json_integer_value(json_object_get(page, "devices"));
    json_decref(page);
    return page != NULL;
}

bool group_show_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    struct remote_path path;
    size_t limit;
    long long total = 0;
    if (!command_name_argument(cli, 0, "group", &name, err) ||
        !limit_read(cli->args, "limit", SHOW_MAX, &limit, err) || !size_of(cli, name, &total, err))
        return false;
    remote_path(&path, "/groups/{}", name);
    json_t *members = remote_list_after(cli->remote, &path, args_value(cli->args, "after"),
                                        limit ? limit : SHOW_DEFAULT, NULL, err);
    bool ok = members && show_members(cli, name, total, members, err);
    json_decref(members);
    return ok;
}
