/* device_command.c: `device list`, `device show`, `device tag`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/device_logs.h"
#include "orchestrator/cli/device_timeline.h"
#include "orchestrator/cli/device_view.h"

#include "common/posix/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LIST_DEFAULT 1000
#define LIST_MAX 100000
#define REPORTS_MAX 200

static bool read_limit(const struct args *args, size_t *limit, struct wg_error *err)
{
    const char *text = args_value(args, "limit");
    char *end = NULL;
    *limit = LIST_DEFAULT;
    if (!text) return true;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < 1 || number > LIST_MAX)
        return wg_fail(err, WG_E_USAGE, "--limit: expected 1 to %d, got \"%.40s\"", LIST_MAX, text);
    *limit = (size_t)number;
    return true;
}

static void show_list(struct screen *screen, const struct device_row *rows, size_t count)
{
    static const char *const heads[] = {"DEVICE",   "HARDWARE", "REGION",
                                        "SOFTWARE", "PRESENCE", "TAGS"};
    struct screen_table table;
    screen_table_init(&table, 6);
    for (size_t i = 0; i < 6; i++) screen_table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < count; i++) {
        char text[512];
        screen_table_cell(&table, "%s", rows[i].id);
        screen_table_cell(&table, "%s %s", rows[i].hardware_model, rows[i].hardware_revision);
        screen_table_cell(&table, "%s", rows[i].region);
        device_software_words(&rows[i], text, sizeof text);
        screen_table_cell(&table, "%s", text);
        screen_table_cell(&table, "%s", rows[i].online ? "online" : "offline");
        device_tag_words(&rows[i], text, sizeof text);
        screen_table_cell(&table, "%s", text);
    }
    screen_table_write(screen, &table);
}

bool device_list_run(struct cli *cli, struct wg_error *err)
{
    const struct args *args = cli->args;
    const char *after = args_value(args, "after");
    const char *presence = args_has(args, "online")    ? "online"
                           : args_has(args, "offline") ? "offline"
                                                       : NULL;
    struct device_row *rows = NULL;
    size_t count = 0, limit;
    if (!read_limit(args, &limit, err) ||
        !device_row_list(cli->db, after ? after : "", presence, args_value(args, "tag"),
                         args_has(args, "alarm"), limit, &rows, &count, err))
        return false;
    bool ok = true;
    if (cli->screen.json) {
        json_t *out = json_array();
        for (size_t i = 0; i < count; i++) (void)json_array_append_new(out, device_json(&rows[i]));
        ok = screen_json(out, err);
    } else {
        show_list(&cli->screen, rows, count);
        if (count == limit)
            screen_text(&cli->screen, "There may be more: --after %s\n", rows[count - 1].id);
    }
    free(rows);
    return ok && screen_flush(&cli->screen, err);
}

bool device_show_run(struct cli *cli, struct wg_error *err)
{
    const char *id;
    struct device_report_row *reports = NULL;
    struct device_logs_known logs;
    size_t count = 0;
    if (!command_name_argument(cli, 0, "device id", &id, err)) return false;
    struct device_row *row = calloc(1, sizeof *row);
    bool ok = row ? device_row_get(cli->db, id, row, err) &&
                        device_row_reports(cli->db, id, REPORTS_MAX, &reports, &count, err) &&
                        device_logs_know(cli, id, &logs, err)
                  : wg_fail_memory(err, "showing a device");
    if (ok && cli->screen.json) {
        json_t *out = device_json(row);
        (void)json_object_set_new(out, "reports", device_timeline_json(reports, count));
        (void)json_object_set_new(out, "logs", device_logs_known_json(&logs));
        ok = screen_json(out, err);
    } else if (ok) {
        device_show(&cli->screen, row);
        device_timeline_show(&cli->screen, reports, count);
        device_logs_known_show(&cli->screen, id, &logs);
        ok = screen_flush(&cli->screen, err);
    }
    free(reports);
    free(row);
    return ok;
}

static bool tag_one(struct cli *cli, const char *id, const char *change, wg_time now,
                    struct wg_error *err)
{
    bool on = change[0] == '+';
    if ((!on && change[0] != '-') || !wg_name_is_valid(change + 1))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\": expected +TAG to give or -TAG to take a tag",
                       change);
    return device_row_tag(cli->db, id, change + 1, on, now, err);
}

bool device_tag_run(struct cli *cli, struct wg_error *err)
{
    const char *id;
    wg_time now = wg_now();
    if (!command_name_argument(cli, 0, "device id", &id, err)) return false;
    struct device_row *row = calloc(1, sizeof *row);
    bool ok = row ? db_begin(cli->db, err) : wg_fail_memory(err, "tagging");
    for (size_t i = 1; ok && i < cli->args->positional_count; i++)
        ok = tag_one(cli, id, cli->args->positionals[i], now, err);
    ok = ok && db_commit(cli->db, err) && device_row_get(cli->db, id, row, err);
    db_rollback(cli->db);
    if (ok && cli->screen.json) {
        ok = screen_json(device_json(row), err);
    } else if (ok) {
        char words[512];
        device_tag_words(row, words, sizeof words);
        screen_text(&cli->screen, "%s has the tags: %s\n", id, words[0] ? words : "none");
        ok = screen_flush(&cli->screen, err);
    }
    free(row);
    return ok;
}
