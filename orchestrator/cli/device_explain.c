/* device_explain.c: `device explain ID`: why a device is updated, waits, or is not meant at all. */
#include "orchestrator/cli/clause_view.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/device_logs.h"
#include "orchestrator/cli/device_timeline.h"
#include "orchestrator/cli/device_view.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/erasure_view.h"

#define SOFTWARE_MAX 4096

static void show_campaign(struct screen *screen, const char *device, const json_t *place)
{
    if (json_is_string(document_at(place, "wave")))
        screen_text(screen, "%s, wave %s (%s): %s\n", document_text(place, "campaign"),
                    document_text(place, "wave"), document_text(place, "wave_takes"),
                    document_text(place, "state"));
    else
        screen_text(screen, "%s: left out\n", document_text(place, "campaign"));
    screen_text(screen, "  %s %s\n", device, document_text(place, "reason"));
}

/* The clauses are shown of one campaign alone: nobody reads those of ten. */
static void show_campaigns(struct screen *screen, const json_t *document, bool clauses)
{
    size_t i;
    json_t *place;
    const json_t *places = document_at(document, "campaigns");
    json_array_foreach(places, i, place)
    {
        show_campaign(screen, document_text(document, "id"), place);
        if (!clauses) continue;
        screen_text(screen, "  clause by clause, as it is now:\n");
        clause_view_show(document_at(place, "clauses"), screen);
    }
    if (json_array_size(places) == 0) screen_text(screen, "There is no campaign yet.\n");
}

static bool show(struct screen *screen, const json_t *document, bool clauses, struct wg_error *err)
{
    struct wg_buf software;
    wg_buf_init(&software, SOFTWARE_MAX);
    device_software_words(document, &software);
    screen_coloured(screen, SCREEN_BOLD, "%s", document_text(document, "id"));
    screen_text(screen, " runs %s, %s\n",
                software.len ? wg_buf_str(&software) : "what it has not said yet",
                document_is(document, "online") ? "online" : "offline");
    wg_buf_clear(&software);
    erasure_view_show(screen, document_at(document, "erasure"));
    show_campaigns(screen, document, clauses);
    device_timeline_show(screen, document_at(document, "timeline"));
    device_logs_known_show(screen, document);
    return screen_flush(screen, err);
}

bool device_explain_run(struct cli *cli, struct wg_error *err)
{
    const char *id, *campaign = args_value(cli->args, "campaign");
    struct remote_path path;
    if (!command_name_argument(cli, 0, "device id", &id, err)) return false;
    remote_path(&path, "/devices/{}/explain", id);
    remote_query(&path, "campaign", campaign);
    json_t *document = remote_get(cli->remote, &path, err);
    if (!document) return false;
    if (cli->screen.json) return screen_json(document, err);
    bool ok = show(&cli->screen, document, campaign != NULL, err);
    json_decref(document);
    return ok;
}
