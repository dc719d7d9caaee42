/* device_logs.c: `device logs ID`: what a device's logs said last before an update failed. */
#include "orchestrator/cli/device_logs.h"

#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/limit.h"

#include <stdlib.h>
#include <string.h>

#define LIST_DEFAULT 3 /* of one failure: agent, payload, program */
#define LIST_MAX 20    /* so many are kept */

void device_logs_known_show(struct screen *screen, const json_t *document)
{
    if (document_number(document, "logs.count") == 0) return;
    screen_text(screen, "\nIts logs of failures, the last of ");
    screen_time(screen, document_time(document, "logs.newest"));
    screen_text(screen, ": wavegate device logs %s\n", document_text(document, "id"));
}

/* The newest last. */
static json_t *logs_json(const json_t *items)
{
    json_t *out = json_array();
    for (size_t i = json_array_size(items); i-- > 0;) {
        const json_t *log = json_array_get(items, i);
        (void)json_array_append_new(
            out, json_pack("{s:O,s:O,s:O,s:O,s:O,s:O,s:O,s:O}", "received", document_at(log, "at"),
                           "at", document_at(log, "device_at"), "campaign",
                           document_at(log, "campaign"), "attempt", document_at(log, "attempt"),
                           "order", document_at(log, "order"), "source", document_at(log, "source"),
                           "cut", document_at(log, "cut"), "text", document_at(log, "text")));
    }
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
        screen_text(screen, "  | ");
        screen_foreign(screen, text, len);
        screen_text(screen, "\n");
        text += len + (text[len] == '\n');
    }
}

static void show_log(struct screen *screen, const json_t *log)
{
    char *text = strdup(document_text(log, "text"));
    screen_coloured(screen, SCREEN_BOLD, "%s", document_text(log, "campaign"));
    screen_text(screen, ", attempt %lld: %s, came ", document_number(log, "attempt"),
                source_words(document_text(log, "source")));
    screen_time(screen, document_time(log, "at"));
    screen_text(screen, "%s\n", document_is(log, "cut") ? " (the beginning is left out)" : "");
    if (text) {
        wg_text_tame(text);
        show_text(screen, text);
    }
    screen_text(screen, "\n");
    free(text);
}

/* The newest stands last, where a reader's eye is. */
static bool show(struct cli *cli, const char *id, const char *campaign, const json_t *page,
                 struct wg_error *err)
{
    struct screen *screen = &cli->screen;
    const json_t *items = document_at(page, "items");
    size_t count = json_array_size(items);
    long long all = document_number(page, "count");
    if (count == 0)
        screen_text(screen,
                    "There are no logs of %s%s%s: a device sends them when an update "
                    "fails.\n",
                    id, campaign ? " in " : "", campaign ? campaign : "");
    for (size_t i = count; i-- > 0;) show_log(screen, json_array_get(items, i));
    if (all > (long long)count)
        screen_text(screen, "There are %lld older ones: --limit %d\n", all - (long long)count,
                    LIST_MAX);
    return screen_flush(screen, err);
}

bool device_logs_run(struct cli *cli, struct wg_error *err)
{
    const char *id, *campaign = args_value(cli->args, "campaign");
    struct remote_path path;
    size_t limit;
    if (!command_name_argument(cli, 0, "device id", &id, err) ||
        !limit_read(cli->args, "limit", LIST_MAX, &limit, err))
        return false;
    remote_path(&path, "/devices/{}/logs", id);
    remote_query(&path, "campaign", campaign);
    remote_query_number(&path, "limit", limit ? (int64_t)limit : LIST_DEFAULT);
    json_t *page = remote_get(cli->remote, &path, err);
    if (!page) return false;
    bool ok = cli->screen.json ? screen_json(logs_json(document_at(page, "items")), err)
                               : show(cli, id, campaign, page, err);
    json_decref(page);
    return ok;
}
