/* campaign_plan.c: `campaign plan FILE`: who would be hit, who is left out and why; changes
 * nothing. */
#include "orchestrator/cli/campaign_file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/document.h"
#include "orchestrator/cli/plan_map.h"
#include "orchestrator/cli/plan_view.h"
#include "orchestrator/cli/saved_plan.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

/* What the answer tells beside what --json has always told. */
static const char *const more[] = {"statement",  "before", "words", "standing_revision",
                                   "member_ids", "spots",  NULL};

static bool read_cells(const json_t *spots, size_t wave_count, struct plan_map_cell *cells,
                       struct plan_map_wave *waves, int64_t *placed, struct wg_error *err)
{
    const json_t *spot;
    size_t i;
    json_array_foreach(spots, i, spot)
    {
        struct plan_map_cell *cell = &cells[i];
        json_int_t wave = json_integer_value(json_array_get(spot, 2));
        if (wave < 0 || (size_t)wave >= wave_count)
            return wg_fail(err, WG_E_BAD_INPUT, "the map's cell %zu is of no wave", i);
        *cell = (struct plan_map_cell){.lat = json_number_value(json_array_get(spot, 0)),
                                       .lon = json_number_value(json_array_get(spot, 1)),
                                       .wave = (size_t)wave,
                                       .devices = json_integer_value(json_array_get(spot, 3))};
        waves[wave].placed += cell->devices;
        *placed += cell->devices;
    }
    return true;
}

static bool draw(const struct campaign *campaign, const json_t *plan, struct plan_map_cell *cells,
                 struct wg_buf *out, struct wg_error *err)
{
    struct plan_map_wave waves[POLICY_WAVES_MAX] = {0};
    char release[WG_NAME_MAX + WG_VERSION_MAX + 2];
    const json_t *sizes = json_object_get(plan, "waves"), *spots = json_object_get(plan, "spots");
    int64_t placed = 0, total = document_number(plan, "members");
    size_t wave_count = campaign->policy.wave_count;
    for (size_t i = 0; i < wave_count; i++) {
        waves[i].name = campaign->waves[i].name;
        waves[i].devices = document_number(json_array_get(sizes, i), "devices");
    }
    if (!read_cells(spots, wave_count, cells, waves, &placed, err)) return false;
    (void)wg_format(release, sizeof release, "%s/%s", campaign->component, campaign->version);
    struct plan_map map = {.campaign = campaign->name,
                           .release = release,
                           .digest = document_text(plan, "digest"),
                           .wave_count = wave_count,
                           .waves = waves,
                           .cell_count = json_array_size(spots),
                           .cells = cells,
                           .no_position = total - placed,
                           .total = total};
    return plan_map_svg(&map, out, err);
}

static bool write_map(const struct campaign *campaign, const json_t *plan, const char *file,
                      struct wg_error *err)
{
    struct wg_buf svg;
    struct plan_map_cell *cells =
        calloc(json_array_size(json_object_get(plan, "spots")) + 1, sizeof *cells);
    wg_buf_init(&svg, PLAN_MAP_BYTES_MAX);
    bool ok = cells ? draw(campaign, plan, cells, &svg, err) &&
                          wg_file_replace(file, wg_buf_str(&svg), svg.len, 0644, err)
                    : wg_fail_memory(err, "drawing the map");
    wg_buf_clear(&svg);
    free(cells);
    return ok;
}

static bool show(struct cli *cli, const struct campaign *campaign, json_t *plan,
                 struct wg_error *err)
{
    if (cli->screen.json) {
        for (const char *const *name = more; *name; name++) (void)json_object_del(plan, *name);
        return screen_json(json_incref(plan), err);
    }
    plan_view_text(&cli->screen, campaign, plan, args_value(cli->args, "devices"));
    return screen_flush(&cli->screen, err);
}

/* sent: taken over. */
static json_t *make(struct cli *cli, json_t *sent, struct wg_error *err)
{
    struct remote_path path;
    const char *devices = args_value(cli->args, "devices");
    if (devices) (void)json_object_set_new(sent, "devices", json_string(devices));
    if (args_has(cli->args, "save")) (void)json_object_set_new(sent, "members", json_true());
    if (args_has(cli->args, "map")) (void)json_object_set_new(sent, "spots", json_true());
    remote_path(&path, "/campaigns/plan");
    return remote_send(cli->remote, "POST", &path, sent, err);
}

bool campaign_plan_run(struct cli *cli, struct wg_error *err)
{
    json_t *sent = NULL;
    const char *map = args_value(cli->args, "map"), *save = args_value(cli->args, "save");
    if (cli->screen.csv && !args_has(cli->args, "devices"))
        return wg_fail(err, WG_E_USAGE, "--csv lists devices: add --devices all, or use --json");
    struct campaign *campaign = campaign_file_read(cli->args->positionals[0], &sent, err);
    json_t *plan = campaign ? make(cli, sent, err) : NULL;
    bool ok = plan && (!map || write_map(campaign, plan, map, err)) &&
              (!save || saved_plan_write(plan, save, err));
    bool applied = document_is(plan, "applied"); /* nothing to do, or changes pending */
    ok = ok && show(cli, campaign, plan, err) && (applied || wg_fail(err, WG_E_PENDING, "%s", ""));
    json_decref(plan);
    campaign_free(campaign);
    return ok;
}
