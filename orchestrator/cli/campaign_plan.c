/* campaign_plan.c: `campaign plan FILE`: who would be hit, who is left out and why; changes
 * nothing. */
#include "orchestrator/cli/campaign_file.h"
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/plan_map.h"
#include "orchestrator/cli/plan_view.h"
#include "orchestrator/cli/release_signature.h"
#include "orchestrator/cli/saved_plan.h"

#include "common/posix/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static bool draw(const struct plan *plan, const struct plan_spot *spots, size_t count,
                 struct plan_map_cell *cells, struct wg_buf *out, struct wg_error *err)
{
    struct plan_map_wave waves[POLICY_WAVES_MAX] = {0};
    char release[WG_NAME_MAX + WG_VERSION_MAX + 2];
    int64_t placed = 0, total = plan_members(plan);
    for (size_t i = 0; i < plan->campaign->policy.wave_count; i++) {
        waves[i].name = plan->campaign->waves[i].name;
        waves[i].devices = plan->size[i];
    }
    for (size_t i = 0; i < count; i++) {
        cells[i] = (struct plan_map_cell){.lat = spots[i].lat,
                                          .lon = spots[i].lon,
                                          .wave = spots[i].wave,
                                          .devices = spots[i].devices};
        waves[spots[i].wave].placed += spots[i].devices;
        placed += spots[i].devices;
    }
    (void)snprintf(release, sizeof release, "%s/%s", plan->campaign->component,
                   plan->campaign->version);
    struct plan_map map = {.campaign = plan->campaign->name,
                           .release = release,
                           .digest = plan->digest,
                           .wave_count = plan->campaign->policy.wave_count,
                           .waves = waves,
                           .cell_count = count,
                           .cells = cells,
                           .no_position = total - placed,
                           .total = total};
    return plan_map_svg(&map, out, err);
}

static bool write_map(struct db *db, const struct plan *plan, const char *file,
                      struct wg_error *err)
{
    struct plan_spot *spots = NULL;
    size_t count = 0;
    struct wg_buf svg;
    if (!file) return true;
    if (!plan_spots(db, &spots, &count, err)) return false;
    struct plan_map_cell *cells = calloc(count + 1, sizeof *cells);
    wg_buf_init(&svg, PLAN_MAP_BYTES_MAX);
    bool ok = cells ? draw(plan, spots, count, cells, &svg, err) &&
                          wg_file_replace(file, wg_buf_str(&svg), svg.len, 0644, err)
                    : wg_fail_memory(err, "drawing the map");
    wg_buf_clear(&svg);
    free(cells);
    free(spots);
    return ok;
}

static bool show(struct cli *cli, const struct plan_view *view, struct wg_error *err)
{
    if (cli->screen.json) return screen_json(plan_view_json(view), err);
    plan_view_text(view, &cli->screen);
    return screen_flush(&cli->screen, err);
}

/* What a plan means for whoever called: nothing to do, or changes pending. */
static bool verdict(const struct plan *plan, struct wg_error *err)
{
    return plan_is_applied(plan) || wg_fail(err, WG_E_PENDING, "%s", "");
}

bool campaign_plan_run(struct cli *cli, struct wg_error *err)
{
    struct plan plan = {0};
    struct plan_view view = {.now = wg_now()};
    struct campaign *campaign = campaign_file_read(cli->args->positionals[0], NULL, err);
    if (!campaign) return false;
    bool ok = plan_make(&plan, cli->db, campaign, false, err) &&
              release_signature_check(cli, &plan, err) &&
              plan_view_init(&view, cli->db, &plan, args_value(cli->args, "devices"), err) &&
              write_map(cli->db, &plan, args_value(cli->args, "map"), err) &&
              saved_plan_write(cli->db, &plan, args_value(cli->args, "save"), err);
    db_rollback(cli->db);
    ok = ok && show(cli, &view, err) && verdict(&plan, err);
    plan_view_clear(&view);
    plan_clear(&plan);
    return ok;
}
