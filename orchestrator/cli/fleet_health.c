/* fleet_health.c: `fleet health`: devices that are not well, before their users notice. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/limit.h"
#include "orchestrator/cli/list.h"

#include "common/text.h"

#include <string.h>

#define WORST_MAX 1000

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static long long number_of(const json_t *object, const char *key)
{
    return (long long)json_integer_value(json_object_get(object, key));
}

static void show_change(struct screen *screen, const json_t *finding)
{
    const json_t *change = json_object_get(finding, "change");
    long long by = (long long)json_integer_value(change);
    if (!json_is_integer(change)) return;
    if (by == 0)
        screen_coloured(screen, SCREEN_DIM, "  as a week ago");
    else
        screen_coloured(screen, by > 0 ? SCREEN_BAD : SCREEN_GOOD, "  %+lld since a week ago", by);
}

/* How many are named. */
static long long show_worst(struct screen *screen, const json_t *items, const char *kind)
{
    size_t index;
    json_t *one;
    long long shown = 0;
    json_array_foreach(items, index, one)
    {
        char words[512];
        if (strcmp(text_of(one, "finding"), kind) != 0) continue;
        (void)wg_copy(words, sizeof words, text_of(one, "words"));
        wg_text_tame(words);
        screen_text(screen, "  %-20s %s", text_of(one, "device"), words);
        screen_coloured(screen, SCREEN_DIM, "  %s%s%s\n", text_of(one, "hardware"),
                        text_of(one, "region")[0] ? ", " : "", text_of(one, "region"));
        shown++;
    }
    return shown;
}

static void show_finding(struct screen *screen, const json_t *finding, const json_t *items)
{
    long long devices = number_of(finding, "devices");
    screen_text(screen, "\n");
    screen_coloured(screen, SCREEN_BOLD, "%s: %s%lld", text_of(finding, "title"),
                    json_is_true(json_object_get(finding, "more")) ? "more than " : "", devices);
    show_change(screen, finding);
    screen_text(screen, "\n");
    if (devices > show_worst(screen, items, text_of(finding, "kind")))
        screen_text(screen, "  .. more: --kind %s --limit N\n", text_of(finding, "kind"));
    screen_text(screen, "  > %s\n", text_of(finding, "next"));
}

static bool show(struct screen *screen, const json_t *document, struct wg_error *err)
{
    size_t index;
    json_t *finding;
    const json_t *fleet = json_object_get(document, "fleet");
    const char *before = "";
    if (json_is_object(fleet))
        screen_text(screen, "%lld devices, %lld online as of the beginning of %s\n",
                    number_of(fleet, "devices"), number_of(fleet, "online"), text_of(fleet, "day"));
    json_array_foreach(json_object_get(document, "findings"), index,
                       finding) if (number_of(finding, "devices") > 0)
        show_finding(screen, finding, json_object_get(document, "items"));
    size_t clean = 0;
    json_array_foreach(json_object_get(document, "findings"), index, finding)
    {
        if (number_of(finding, "devices") > 0) continue;
        screen_text(screen, "%s%s", clean++ ? before : "\nNone: ", text_of(finding, "kind"));
        before = ", ";
    }
    screen_text(screen, "%s", clean ? ".\n" : "");
    return screen_flush(screen, err);
}

static const struct list_column columns[] = {
    {"device", .key = "device"},     {"finding", .key = "finding"}, {"what", .key = "words"},
    {"hardware", .key = "hardware"}, {"region", .key = "region"},   {NULL}};
const struct list fleet_health = {"fleet", "health", columns, .empty = NULL};

bool fleet_health_run(struct cli *cli, struct wg_error *err)
{
    size_t limit;
    struct remote_path path;
    if (!limit_read(cli->args, "limit", WORST_MAX, &limit, err)) return false;
    remote_path(&path, "/fleet/health");
    remote_query(&path, "kind", args_value(cli->args, "kind"));
    if (limit > 0) remote_query_number(&path, "limit", (int64_t)limit);
    json_t *document = remote_get(cli->remote, &path, err);
    if (!document) return false;
    if (cli->screen.json) return screen_json(document, err);
    if (cli->screen.csv || cli->screen.quiet)
        list_add(&cli->screen, &fleet_health, json_object_get(document, "items"));
    bool ok = show(&cli->screen, document, err);
    json_decref(document);
    return ok;
}
