/* campaign_list.c: `campaign list`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/list.h"

#include <string.h>

/* What stops or has ended lets nobody switch over anyway. */
static bool is_under_way(const char *state)
{
    return strcmp(state, "paused") == 0 || strcmp(state, "running") == 0;
}

static void add_state(const json_t *row, struct wg_buf *out)
{
    const char *state = list_text(row, "state");
    bool held = json_is_true(list_value(row, "held")) && is_under_way(state);
    wg_buf_printf(out, "%s%s%s", state, held ? ", held" : "",
                  json_is_true(list_value(row, "emergency")) ? ", emergency" : "");
}

static void add_release(const json_t *row, struct wg_buf *out)
{
    wg_buf_printf(out, "%s %s", list_text(row, "component"), list_text(row, "version"));
}

static const struct list_column columns[] = {
    {"campaign", .key = "campaign"},   {"state", .write = add_state},
    {"release", .write = add_release}, {"devices", .key = "members", .kind = LIST_NUMBER},
    {"author", .key = "author"},       {NULL}};
const struct list campaign_list = {
    "campaign", "list", columns, .empty = "There is no campaign yet: wavegate campaign apply FILE"};

bool campaign_list_run(struct cli *cli, struct wg_error *err)
{
    struct remote_path path;
    remote_path(&path, "/campaigns");
    return list_show(&cli->screen, &campaign_list, remote_list(cli->remote, &path, 0, NULL, err),
                     err);
}
