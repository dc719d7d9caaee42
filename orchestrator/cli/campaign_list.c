/* campaign_list.c: `campaign list`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/store/campaign_row.h"

#include <stdlib.h>
#include <string.h>

static bool list_json(const struct campaign_row *rows, size_t count, struct wg_error *err)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++)
        (void)json_array_append_new(
            out, json_pack("{s:s,s:s,s:s,s:s,s:s,s:I,s:s,s:o,s:b,s:b,s:I,s:I,s:o}", "campaign",
                           rows[i].name, "state", rows[i].state, "cause", rows[i].cause,
                           "component", rows[i].component, "version", rows[i].version, "members",
                           (json_int_t)rows[i].members, "author", rows[i].author, "created_at",
                           screen_json_time(rows[i].created_at), "held", rows[i].held, "emergency",
                           rows[i].emergency, "priority", (json_int_t)rows[i].priority, "revision",
                           (json_int_t)rows[i].revision, "rolls_back",
                           rows[i].rolls_back[0] ? json_string(rows[i].rolls_back) : json_null()));
    return screen_json(out, err);
}

/* What stops or has ended lets nobody switch over anyway. */
static bool is_under_way(const struct campaign_row *row)
{
    return strcmp(row->state, "paused") == 0 || strcmp(row->state, "running") == 0;
}

bool campaign_list_run(struct cli *cli, struct wg_error *err)
{
    static const char *const heads[] = {"CAMPAIGN", "STATE", "RELEASE", "DEVICES", "AUTHOR"};
    struct campaign_row *rows = NULL;
    size_t count = 0;
    if (!campaign_row_list(cli->db, &rows, &count, err)) return false;
    bool ok = true;
    if (cli->screen.json) {
        ok = list_json(rows, count, err);
    } else if (count == 0) {
        screen_text(&cli->screen, "There is no campaign yet: wavegate campaign apply FILE\n");
    } else {
        struct screen_table table;
        screen_table_init(&table, 5);
        for (size_t i = 0; i < 5; i++) screen_table_cell(&table, "%s", heads[i]);
        for (size_t i = 0; i < count; i++) {
            screen_table_cell(&table, "%s", rows[i].name);
            screen_table_cell(&table, "%s%s%s", rows[i].state,
                              rows[i].held && is_under_way(&rows[i]) ? ", held" : "",
                              rows[i].emergency ? ", emergency" : "");
            screen_table_cell(&table, "%s %s", rows[i].component, rows[i].version);
            screen_table_cell(&table, "%lld", (long long)rows[i].members);
            screen_table_cell(&table, "%s", rows[i].author);
        }
        screen_table_write(&cli->screen, &table);
    }
    free(rows);
    return ok && screen_flush(&cli->screen, err);
}
