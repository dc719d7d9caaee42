/* group_command.c: `group list`, `add`, `remove`, `show`, `delete`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/group_row.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)80 * 1024 * 1024) /* a million ids of any length */
#define SHOW_DEFAULT 1000
#define SHOW_MAX 1000000

/* Ids borrowed from the command line and from the text of a file. */
struct ids {
    const char **list;
    size_t count, cap;
    struct wg_buf text;
};

static bool add_id(struct ids *ids, const char *id, struct wg_error *err)
{
    if (ids->count == ids->cap) {
        size_t cap = ids->cap > 0 ? ids->cap * 2 : 64;
        const char **list = realloc(ids->list, cap * sizeof *list);
        if (!list) return wg_fail_memory(err, "reading device ids");
        ids->list = list;
        ids->cap = cap;
    }
    ids->list[ids->count++] = id;
    return true;
}

/* One id a line; empty lines and what follows '#' do not count. */
static bool read_file(const char *file, struct ids *ids, struct wg_error *err)
{
    wg_buf_init(&ids->text, FILE_MAX);
    if (!wg_file_read(file, &ids->text, err)) return false;
    char *rest = ids->text.data;
    for (int64_t line = 1; rest && *rest; line++) {
        char *id = strsep(&rest, "\n");
        id[strcspn(id, "#")] = '\0';
        id += strspn(id, " \t\r");
        id[strcspn(id, " \t\r")] = '\0';
        if (!*id) continue;
        if (!wg_name_is_valid(id))
            return wg_fail(err, WG_E_BAD_FILE, "%s:%lld: error: \"%.80s\" is no device id", file,
                           (long long)line, id);
        if (!add_id(ids, id, err)) return false;
    }
    return true;
}

static bool read_ids(struct cli *cli, struct ids *ids, struct wg_error *err)
{
    const char *file = args_value(cli->args, "file"), *id;
    for (size_t i = 1; i < cli->args->positional_count; i++)
        if (!command_name_argument(cli, i, "device id", &id, err) || !add_id(ids, id, err))
            return false;
    if (file && !read_file(file, ids, err)) return false;
    return ids->count > 0 || wg_fail(err, WG_E_USAGE, "expected device ids, or --file FILE");
}

static bool show_change(struct cli *cli, const char *name, const char *word, int64_t changed,
                        struct wg_error *err)
{
    if (!store_notify(cli->db, err)) return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:I}", "group", name, "changed", (json_int_t)changed),
                           err);
    screen_text(&cli->screen, "%s: %lld devices %s\n", name, (long long)changed, word);
    return screen_flush(&cli->screen, err);
}

static bool change(struct cli *cli, bool add, struct wg_error *err)
{
    const char *name;
    struct ids ids = {NULL, 0, 0, {0}};
    int64_t changed = 0;
    bool ok = command_name_argument(cli, 0, "group", &name, err) && read_ids(cli, &ids, err) &&
              db_begin(cli->db, err) &&
              (add ? group_row_add : group_row_remove)(cli->db, name, ids.list, ids.count, &changed,
                                                       err) &&
              db_commit(cli->db, err) &&
              show_change(cli, name, add ? "added" : "removed", changed, err);
    db_rollback(cli->db);
    free(ids.list);
    wg_buf_clear(&ids.text);
    return ok;
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
    int64_t changed = 0;
    bool ok = command_name_argument(cli, 0, "group", &name, err) && db_begin(cli->db, err) &&
              group_row_delete(cli->db, name, &changed, err) && db_commit(cli->db, err) &&
              show_change(cli, name, "removed", changed, err);
    db_rollback(cli->db);
    return ok;
}

bool group_list_run(struct cli *cli, struct wg_error *err)
{
    struct group_row *rows = NULL;
    size_t count = 0;
    struct screen_table table;
    if (!group_row_list(cli->db, &rows, &count, err)) return false;
    bool ok = true;
    if (cli->screen.json) {
        json_t *out = json_array();
        for (size_t i = 0; i < count; i++)
            (void)json_array_append_new(out, json_pack("{s:s,s:I}", "group", rows[i].name,
                                                       "devices", (json_int_t)rows[i].devices));
        ok = screen_json(out, err);
    } else {
        screen_table_init(&table, 2);
        screen_table_cell(&table, "GROUP");
        screen_table_cell(&table, "DEVICES");
        for (size_t i = 0; i < count; i++) {
            screen_table_cell(&table, "%s", rows[i].name);
            screen_table_cell(&table, "%lld", (long long)rows[i].devices);
        }
        screen_table_write(&cli->screen, &table);
    }
    free(rows);
    return ok && screen_flush(&cli->screen, err);
}

static bool read_limit(const struct args *args, size_t *limit, struct wg_error *err)
{
    const char *text = args_value(args, "limit");
    char *end = NULL;
    *limit = SHOW_DEFAULT;
    if (!text) return true;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < 1 || number > SHOW_MAX)
        return wg_fail(err, WG_E_USAGE, "--limit: expected 1 to %d, got \"%.40s\"", SHOW_MAX, text);
    *limit = (size_t)number;
    return true;
}

static bool show_members(struct cli *cli, const char *name, const struct group_member *rows,
                         size_t count, int64_t total, struct wg_error *err)
{
    if (cli->screen.json) {
        json_t *list = json_array();
        for (size_t i = 0; i < count; i++)
            (void)json_array_append_new(list, json_string(rows[i].id));
        return screen_json(json_pack("{s:s,s:I,s:o}", "group", name, "devices", (json_int_t)total,
                                     "members", list),
                           err);
    }
    for (size_t i = 0; i < count; i++) screen_text(&cli->screen, "%s\n", rows[i].id);
    if ((int64_t)count < total && count > 0)
        screen_coloured(&cli->screen, SCREEN_DIM, "%zu of %lld; go on with --after %s\n", count,
                        (long long)total, rows[count - 1].id);
    return screen_flush(&cli->screen, err);
}

bool group_show_run(struct cli *cli, struct wg_error *err)
{
    const char *name, *after = args_value(cli->args, "after");
    struct group_member *rows = NULL;
    size_t limit, count = 0;
    int64_t total = 0;
    bool ok =
        command_name_argument(cli, 0, "group", &name, err) && read_limit(cli->args, &limit, err) &&
        group_row_members(cli->db, name, after ? after : "", limit, &rows, &count, &total, err) &&
        show_members(cli, name, rows, count, total, err);
    free(rows);
    return ok;
}
