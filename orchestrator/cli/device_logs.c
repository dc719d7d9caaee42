/* device_logs.c: `device logs ID`: what a device's logs said last before an update failed. */
#include "orchestrator/cli/device_logs.h"

#include "orchestrator/store/campaign_row.h"
#include "orchestrator/store/device_log.h"
#include "orchestrator/store/device_row.h"

#include <stdlib.h>
#include <string.h>

#define LIST_DEFAULT 3 /* of one failure: agent, payload, program */

bool device_logs_know(struct cli *cli, const char *device, struct device_logs_known *out,
                      struct wg_error *err)
{
    return device_log_count(cli->db, device, NULL, &out->count, &out->newest, err);
}

json_t *device_logs_known_json(const struct device_logs_known *known)
{
    return json_pack("{s:I,s:o}", "count", (json_int_t)known->count, "newest",
                     screen_json_time(known->newest));
}

void device_logs_known_show(struct screen *screen, const char *device,
                            const struct device_logs_known *known)
{
    if (known->count == 0) return;
    screen_text(screen, "\nIts logs of failures, the last of ");
    screen_time(screen, known->newest);
    screen_text(screen, ": wavegate device logs %s\n", device);
}

static bool read_limit(const struct args *args, size_t *limit, struct wg_error *err)
{
    const char *text = args_value(args, "limit");
    char *end = NULL;
    *limit = LIST_DEFAULT;
    if (!text) return true;
    long number = strtol(text, &end, 10);
    if (end == text || *end || number < 1 || number > DEVICE_LOG_KEPT)
        return wg_fail(err, WG_E_USAGE, "--limit: expected 1 to %d, got \"%.40s\"", DEVICE_LOG_KEPT,
                       text);
    *limit = (size_t)number;
    return true;
}

static json_t *logs_json(const struct device_log_row *rows, size_t count)
{
    json_t *out = json_array();
    for (size_t i = count; i-- > 0;)
        (void)json_array_append_new(
            out, json_pack("{s:o,s:o,s:s,s:I,s:s,s:s,s:b,s:s}", "received",
                           screen_json_time(rows[i].received), "at", screen_json_time(rows[i].at),
                           "campaign", rows[i].campaign, "attempt", (json_int_t)rows[i].attempt,
                           "order", rows[i].order, "source", rows[i].source, "cut",
                           rows[i].cut ? 1 : 0, "text", rows[i].text));
    return out;
}

static const char *source_words(const char *source)
{
    if (strcmp(source, "payload") == 0) return "what the payload printed";
    if (strcmp(source, "program") == 0) return "from the device's own program for logs";
    return "the agent's log";
}

/* Each line behind a mark, so that no log passes for a head. */
static void show_text(struct screen *screen, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        screen_text(screen, "  | %.*s\n", (int)len, text);
        text += len + (text[len] == '\n');
    }
}

/* The newest stands last, where a reader's eye is. */
static void show_logs(struct screen *screen, struct device_log_row *rows, size_t count)
{
    for (size_t i = count; i-- > 0;) {
        struct device_log_row *row = &rows[i];
        screen_coloured(screen, SCREEN_BOLD, "%s", row->campaign);
        screen_text(screen, ", attempt %lld: %s, came ", (long long)row->attempt,
                    source_words(row->source));
        screen_time(screen, row->received);
        screen_text(screen, "%s\n", row->cut ? " (the beginning is left out)" : "");
        wg_text_tame(row->text);
        show_text(screen, row->text);
        screen_text(screen, "\n");
    }
}

static bool show(struct cli *cli, const char *id, const char *campaign, struct device_log_row *rows,
                 size_t count, struct wg_error *err)
{
    int64_t all = 0;
    wg_time newest = 0;
    struct screen *screen = &cli->screen;
    if (screen->json) return screen_json(logs_json(rows, count), err);
    if (!device_log_count(cli->db, id, campaign, &all, &newest, err)) return false;
    if (count == 0)
        screen_text(screen,
                    "There are no logs of %s%s%s: a device sends them when an update "
                    "fails.\n",
                    id, campaign ? " in " : "", campaign ? campaign : "");
    show_logs(screen, rows, count);
    if (all > (int64_t)count)
        screen_text(screen, "There are %lld older ones: --limit %d\n",
                    (long long)(all - (int64_t)count), DEVICE_LOG_KEPT);
    return screen_flush(screen, err);
}

/* A name that is mistyped must not look like a device without logs. */
static bool is_known(struct cli *cli, const char *id, const char *campaign, struct wg_error *err)
{
    struct device_row *device = calloc(1, sizeof *device);
    struct campaign_row *row = calloc(1, sizeof *row);
    bool ok = device && row ? device_row_get(cli->db, id, device, err) &&
                                  (!campaign || campaign_row_get(cli->db, campaign, row, err))
                            : wg_fail_memory(err, "showing logs");
    free(row);
    free(device);
    return ok;
}

bool device_logs_run(struct cli *cli, struct wg_error *err)
{
    const char *id, *campaign = args_value(cli->args, "campaign");
    struct device_log_row *rows = NULL;
    size_t count = 0, limit;
    if (!command_name_argument(cli, 0, "device id", &id, err) ||
        !read_limit(cli->args, &limit, err) || !is_known(cli, id, campaign, err) ||
        !device_log_list(cli->db, id, campaign, limit, &rows, &count, err))
        return false;
    bool ok = show(cli, id, campaign, rows, count, err);
    free(rows);
    return ok;
}
