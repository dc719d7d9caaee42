/* device_alarms.c: `device alarms`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/limit.h"
#include "orchestrator/cli/list.h"

#define LIST_DEFAULT 1000
#define LIST_MAX 100000

static void add_cleared(const json_t *row, struct wg_buf *out)
{
    if (json_is_string(list_value(row, "cleared_at")))
        wg_buf_printf(out, "by %s: %s", list_text(row, "cleared_by"),
                      list_text(row, "cleared_why"));
    else
        wg_buf_char(out, '-');
}

static const struct list_column columns[] = {{"device", .key = "device"},
                                             {"alarm", .key = "kind"},
                                             {"count", .key = "count", .kind = LIST_NUMBER},
                                             {"first", .key = "first_at", .kind = LIST_TIME},
                                             {"last", .key = "last_at", .kind = LIST_TIME},
                                             {"why", .key = "why"},
                                             {"cleared", .write = add_cleared},
                                             {NULL}};
const struct list device_alarms = {"device", "alarms", columns, .empty = "There is no alarm."};

/* Those that are open first, else in the order that they have. Takes rows over. */
static json_t *open_first(json_t *rows)
{
    size_t i;
    json_t *row, *out = json_array();
    for (int cleared = 0; cleared < 2; cleared++)
        json_array_foreach(rows, i, row) if (json_is_string(list_value(row, "cleared_at")) ==
                                             (cleared == 1))(void) json_array_append(out, row);
    json_decref(rows);
    return out;
}

bool device_alarms_run(struct cli *cli, struct wg_error *err)
{
    const char *id = NULL;
    size_t limit;
    struct remote_path path;
    if ((cli->args->positional_count > 0 &&
         !command_name_argument(cli, 0, "device id", &id, err)) ||
        !limit_read(cli->args, "limit", LIST_MAX, &limit, err))
        return false;
    if (id)
        remote_path(&path, "/devices/{}/alarms", id);
    else
        remote_path(&path, "/alarms");
    if (args_has(cli->args, "cleared")) remote_query(&path, "cleared", "true");
    json_t *rows = remote_list(cli->remote, &path, limit ? limit : LIST_DEFAULT, NULL, err);
    return list_show(&cli->screen, &device_alarms, rows ? open_first(rows) : NULL, err);
}
