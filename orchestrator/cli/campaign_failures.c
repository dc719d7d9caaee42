/* campaign_failures.c: `campaign failures NAME`: failed devices by cause, and what they have in
 * common that those that succeeded have not. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/limit.h"
#include "orchestrator/cli/list.h"

#include "common/json.h"

#include <string.h>

#define GROUPS_MAX 1000
#define EXAMPLES_MAX 100

/* What devices said: on a terminal nothing of it may move the cursor. */
static void show_words(struct screen *screen, enum screen_colour colour, const char *words)
{
    char tame[WG_DETAIL_MAX + 1];
    (void)wg_copy(tame, sizeof tame, words);
    wg_text_tame(tame);
    screen_coloured(screen, colour, "%s", tame);
}

static void show_when(struct screen *screen, const json_t *group)
{
    wg_time first = 0, last = 0;
    if (!wg_time_parse(document_text(group, "first_at"), &first) ||
        !wg_time_parse(document_text(group, "last_at"), &last))
        return;
    screen_text(screen, first == last ? ", at " : ", first ");
    screen_time(screen, first);
    if (first == last) return;
    screen_text(screen, ", last ");
    screen_time(screen, last);
}

static void show_findings(struct screen *screen, const json_t *group)
{
    size_t index;
    json_t *finding;
    json_array_foreach(json_object_get(group, "over"), index, finding)
    {
        screen_text(screen, "   ");
        screen_coloured(screen, SCREEN_BAD, "%s %s", document_text(finding, "field"),
                        document_text(finding, "value"));
        screen_text(screen, ": %lld of %lld here, %lld of %lld that succeeded (p = %.2g)\n",
                    document_number(finding, "failed"), document_number(finding, "of_failed"),
                    document_number(finding, "succeeded"), document_number(finding, "of_succeeded"),
                    json_real_value(json_object_get(finding, "p")));
    }
}

static void show_spread(struct screen *screen, const json_t *group)
{
    static const char *const fields[] = {"hardware", "region", "from"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        const char *value, *before = "";
        json_t *devices;
        screen_coloured(screen, SCREEN_DIM, "   %-10s", fields[i]);
        json_object_foreach(json_object_get(group, fields[i]), value, devices)
        {
            screen_text(screen, "%s%s %lld", before, value[0] ? value : "not known",
                        (long long)json_integer_value(devices));
            before = ", ";
        }
        screen_text(screen, "\n");
    }
}

static void show_examples(struct screen *screen, const json_t *group)
{
    json_t *one;
    size_t index;
    screen_coloured(screen, SCREEN_DIM, "   %-10s", "devices");
    json_array_foreach(json_object_get(group, "sample"), index, one)
        screen_text(screen, "%s%s", index ? ", " : "", json_string_value(one));
    if (document_number(group, "devices") >
        (long long)json_array_size(json_object_get(group, "sample")))
        screen_text(screen, ", ..");
    screen_text(screen, "\n");
    json_array_foreach(json_object_get(group, "next"), index, one)
        screen_text(screen, "   > %s\n", json_string_value(one));
}

static void show_group(struct screen *screen, size_t number, const json_t *group)
{
    long long devices = document_number(group, "devices");
    const char *signature = document_text(group, "signature"),
               *phase = document_text(group, "phase");
    screen_text(screen, "\n%zu. %lld %s: ", number, devices, devices == 1 ? "device" : "devices");
    show_words(screen, SCREEN_BOLD, signature[0] ? signature : "(without words)");
    screen_text(screen, "\n   %s", document_text(group, "cause"));
    if (phase[0]) screen_text(screen, ", while %s", phase);
    show_when(screen, group);
    screen_text(screen, "\n");
    show_findings(screen, group);
    show_spread(screen, group);
    show_examples(screen, group);
}

static void show_head(struct screen *screen, const json_t *document)
{
    long long failed = document_number(document, "failed"),
              read = document_number(document, "read");
    screen_coloured(screen, SCREEN_BOLD, "%s", document_text(document, "campaign"));
    screen_text(screen, " is %s: ", document_text(document, "state"));
    screen_coloured(screen, failed ? SCREEN_BAD : SCREEN_GOOD, "%lld failed", failed);
    screen_text(screen, ", %lld succeeded\n", document_number(document, "succeeded"));
    if (!json_is_true(json_object_get(document, "complete")))
        screen_text(screen, "The newest %lld of them are looked at.\n", read);
    if (failed > 0 && document_number(document, "succeeded") == 0)
        screen_text(screen, "None has succeeded: there is nothing to hold them against.\n");
}

static bool show(struct screen *screen, const json_t *document, struct wg_error *err)
{
    size_t index;
    json_t *group;
    long long left = document_number(document, "left_out");
    show_head(screen, document);
    json_array_foreach(json_object_get(document, "groups"), index, group)
        show_group(screen, index + 1, group);
    if (left > 0)
        screen_text(screen, "\n%lld smaller %s: --limit\n", left,
                    left == 1 ? "group is left out" : "groups are left out");
    return screen_flush(screen, err);
}

static const struct list_column columns[] = {{"signature", .key = "signature"},
                                             {"devices", .key = "devices", .kind = LIST_NUMBER},
                                             {"cause", .key = "cause"},
                                             {"phase", .key = "phase"},
                                             {"first", .key = "first_at", .kind = LIST_TIME},
                                             {"last", .key = "last_at", .kind = LIST_TIME},
                                             {NULL}};
const struct list campaign_failures = {"campaign", "failures", columns, .empty = NULL};

bool campaign_failures_run(struct cli *cli, struct wg_error *err)
{
    const char *name;
    struct remote_path path;
    size_t groups = 0, examples = 0;
    if (!command_name_argument(cli, 0, "campaign name", &name, err) ||
        !limit_read(cli->args, "limit", GROUPS_MAX, &groups, err) ||
        !limit_read(cli->args, "examples", EXAMPLES_MAX, &examples, err))
        return false;
    remote_path(&path, "/campaigns/{}/failures", name);
    remote_query(&path, "wave", args_value(cli->args, "wave"));
    if (groups) remote_query_number(&path, "groups", (int64_t)groups);
    if (examples) remote_query_number(&path, "examples", (int64_t)examples);
    json_t *document = remote_get(cli->remote, &path, err);
    if (!document) return false;
    if (cli->screen.json) return screen_json(document, err);
    if (cli->screen.csv || cli->screen.quiet)
        list_add(&cli->screen, &campaign_failures, json_object_get(document, "groups"));
    bool ok = show(&cli->screen, document, err);
    json_decref(document);
    return ok;
}
