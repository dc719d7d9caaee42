/* device_alarms.c: `device alarms`, `device clear`. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/operator.h"
#include "orchestrator/store/alarm_row.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/campaign_row.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

#define LIST_DEFAULT 1000
#define LIST_MAX 100000

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

static json_t *alarm_json(const struct alarm_row *row)
{
    return json_pack("{s:s,s:s,s:I,s:o,s:o,s:s,s:o,s:s,s:s}", "device", row->device, "kind",
                     row->kind, "count", (json_int_t)row->count, "first_at",
                     screen_json_time(row->first_at), "last_at", screen_json_time(row->last_at),
                     "why", row->why, "cleared_at", screen_json_time(row->cleared_at), "cleared_by",
                     row->cleared_by, "cleared_why", row->cleared_why);
}

static json_t *alarms_json(const struct alarm_row *rows, size_t count)
{
    json_t *out = json_array();
    for (size_t i = 0; i < count; i++) (void)json_array_append_new(out, alarm_json(&rows[i]));
    return out;
}

static void show_alarms(struct screen *screen, const struct alarm_row *rows, size_t count)
{
    static const char *const heads[] = {"DEVICE", "ALARM", "COUNT",  "FIRST",
                                        "LAST",   "WHY",   "CLEARED"};
    enum { HEADS = sizeof heads / sizeof heads[0] };
    struct screen_table table;
    if (count == 0) {
        screen_text(screen, "There is no alarm.\n");
        return;
    }
    screen_table_init(&table, HEADS);
    for (size_t i = 0; i < HEADS; i++) screen_table_cell(&table, "%s", heads[i]);
    for (size_t i = 0; i < count; i++) {
        const struct alarm_row *row = &rows[i];
        char first[WG_TIME_TEXT], last[WG_TIME_TEXT];
        wg_time_text(row->first_at, first);
        wg_time_text(row->last_at, last);
        screen_table_cell(&table, "%s", row->device);
        screen_table_cell(&table, "%s", row->kind);
        screen_table_cell(&table, "%lld", (long long)row->count);
        screen_table_cell(&table, "%s", first);
        screen_table_cell(&table, "%s", last);
        screen_table_cell(&table, "%s", row->why);
        if (row->cleared_at)
            screen_table_cell(&table, "by %s: %s", row->cleared_by, row->cleared_why);
        else
            screen_table_cell(&table, "-");
    }
    screen_table_write(screen, &table);
}

bool device_alarms_run(struct cli *cli, struct wg_error *err)
{
    const char *id = NULL;
    struct alarm_row *rows = NULL;
    size_t count = 0, limit;
    if ((cli->args->positional_count > 0 &&
         !command_name_argument(cli, 0, "device id", &id, err)) ||
        !read_limit(cli->args, &limit, err) ||
        !alarm_row_list(cli->db, id, args_has(cli->args, "cleared"), limit, &rows, &count, err))
        return false;
    bool ok = true;
    if (cli->screen.json)
        ok = screen_json(alarms_json(rows, count), err);
    else
        show_alarms(&cli->screen, rows, count);
    free(rows);
    return ok && screen_flush(&cli->screen, err);
}

static bool read_clearing(struct cli *cli, struct alarm_clearing *out, struct wg_error *err)
{
    enum alarm_kind kind;
    if (!command_name_argument(cli, 0, "device id", &out->device, err)) return false;
    out->kind = args_value(cli->args, "kind");
    out->why = args_value(cli->args, "reason");
    if (out->kind && !alarm_kind_parse(out->kind, &kind))
        return wg_fail(err, WG_E_USAGE,
                       "--kind: expected cloned, connect-storm, flood, revoked, escape or "
                       "tampered, got "
                       "\"%.40s\"",
                       out->kind);
    if (!out->why || !out->why[0])
        return wg_fail(err, WG_E_USAGE, "--reason is missing: what was found, for others");
    return (strlen(out->why) <= WG_DETAIL_MAX && wg_text_is_utf8(out->why, strlen(out->why))) ||
           wg_fail(err, WG_E_USAGE, "--reason: expected UTF-8 of at most %d bytes", WG_DETAIL_MAX);
}

static json_t *kinds_json(unsigned kinds)
{
    json_t *list = json_array();
    for (unsigned kind = 0; kind < ALARM_KINDS; kind++)
        if (kinds & 1U << kind)
            (void)json_array_append_new(list, json_string(alarm_kind_text((enum alarm_kind)kind)));
    return list;
}

static bool audit(struct cli *cli, const struct alarm_clearing *clearing, unsigned kinds,
                  struct wg_error *err)
{
    json_t *detail = json_pack("{s:o,s:s}", "cleared", kinds_json(kinds), "reason", clearing->why);
    return audit_row_add(cli->db, "alarm", clearing->device, detail, 0, err);
}

/* Commits, and wakes the orchestrators: the device may be offered updates again. */
static bool clear(struct cli *cli, const struct alarm_clearing *clearing, unsigned *kinds,
                  struct wg_error *err)
{
    bool ok = db_begin(cli->db, err) && alarm_row_clear(cli->db, clearing, wg_now(), kinds, err) &&
              (*kinds ||
               wg_fail(err, WG_E_NOT_FOUND, "%s has no open alarm%s%s", clearing->device,
                       clearing->kind ? " of kind " : "", clearing->kind ? clearing->kind : "")) &&
              audit(cli, clearing, *kinds, err) && store_notify(cli->db, err) &&
              db_commit(cli->db, err);
    db_rollback(cli->db);
    return ok;
}

static json_t *cleared_json(const struct alarm_clearing *clearing, unsigned kinds)
{
    return json_pack("{s:s,s:o,s:s,s:s}", "device", clearing->device, "cleared", kinds_json(kinds),
                     "by", clearing->by, "reason", clearing->why);
}

static void show_cleared(struct screen *screen, const struct alarm_clearing *clearing,
                         unsigned kinds)
{
    const char *before = "";
    screen_text(screen, "%s: ", clearing->device);
    const unsigned held = 1U << ALARM_CLONED | 1U << ALARM_TAMPERED;
    for (unsigned kind = 0; kind < ALARM_KINDS; kind++) {
        if (!(kinds & 1U << kind)) continue;
        screen_text(screen, "%s%s", before, alarm_kind_text((enum alarm_kind)kind));
        before = ", ";
    }
    screen_text(screen, " cleared by %s%s\n", clearing->by,
                kinds & held ? "; it is in quarantine no more, unless another alarm holds it" : "");
}

bool device_clear_run(struct cli *cli, struct wg_error *err)
{
    struct alarm_clearing clearing = {.by = ""};
    struct operator_identity who;
    struct wg_signing_key *key = NULL;
    unsigned kinds = 0;
    if (!read_clearing(cli, &clearing, err)) return false;
    bool ok = operator_load(cli, &who, &key, err);
    clearing.by = who.name;
    if (!ok || !clear(cli, &clearing, &kinds, err)) return false;
    if (cli->screen.json) return screen_json(cleared_json(&clearing, kinds), err);
    show_cleared(&cli->screen, &clearing, kinds);
    return screen_flush(&cli->screen, err);
}
