/* campaign_plan.c: `campaign plan FILE`: who would be hit, who is left out and why; changes
 * nothing. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/plan.h"

#include <stdlib.h>
#include <string.h>

#define DEVICES_MAX 1000000

struct plan_view {
    struct plan *plan;
    struct plan_share *shares;
    size_t share_count;
    struct plan_device *devices; /* with --devices */
    size_t device_count;
    bool known, same; /* a campaign of this name is there; with this digest */
};

static json_t *share_json(const struct plan_view *view, size_t wave, const char *what)
{
    json_t *out = json_object();
    for (size_t i = 0; i < view->share_count; i++)
        if (view->shares[i].wave == wave && strcmp(view->shares[i].what, what) == 0)
            (void)json_object_set_new(out, view->shares[i].value,
                                      json_integer(view->shares[i].devices));
    return out;
}

static json_t *waves_json(const struct plan_view *view)
{
    const struct campaign *campaign = view->plan->campaign;
    json_t *out = json_array();
    for (size_t i = 0; i < campaign->policy.wave_count; i++)
        (void)json_array_append_new(
            out, json_pack("{s:s,s:I,s:o,s:o,s:o}", "name", campaign->waves[i].name, "devices",
                           (json_int_t)view->plan->size[i], "region", share_json(view, i, "region"),
                           "hardware", share_json(view, i, "hardware"), "version",
                           share_json(view, i, "version")));
    return out;
}

static json_t *left_out_json(const struct plan_view *view)
{
    json_t *out = json_array();
    char words[320];
    for (size_t i = 0; i < view->plan->counts.left_out_count; i++) {
        const struct plan_left_out *left_out = &view->plan->counts.left_out[i];
        plan_reason_words(view->plan, left_out->reason, words);
        (void)json_array_append_new(
            out, json_pack("{s:s,s:I}", "reason", words, "devices", (json_int_t)left_out->devices));
    }
    return out;
}

static json_t *devices_json(const struct plan_view *view)
{
    json_t *out = json_array();
    for (size_t i = 0; i < view->device_count; i++) {
        const struct plan_device *device = &view->devices[i];
        char words[320] = "";
        bool in = device->wave >= 0;
        if (!in) plan_reason_words(view->plan, device->reason, words);
        (void)json_array_append_new(
            out, json_pack("{s:s,s:o,s:s}", "id", device->id, "wave",
                           in ? json_string(view->plan->campaign->waves[device->wave].name)
                              : json_null(),
                           "reason", words));
    }
    return out;
}

static bool show_json(const struct plan_view *view, struct wg_error *err)
{
    const struct plan *plan = view->plan;
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:o,s:o,s:b}", "campaign", plan->campaign->name, "digest",
        plan->digest, "component", plan->campaign->component, "version", plan->campaign->version,
        "fleet", (json_int_t)plan->counts.fleet, "matched", (json_int_t)plan->counts.matched,
        "in_no_wave", (json_int_t)plan->in_no_wave, "worst_harm",
        (json_int_t)policy_worst_harm(&plan->campaign->policy, plan_members(plan)), "waves",
        waves_json(view), "left_out", left_out_json(view), "applied", view->same);
    if (out && view->devices) (void)json_object_set_new(out, "devices", devices_json(view));
    return screen_json(out, err);
}

static void show_shares(struct screen *screen, const struct plan_view *view, size_t wave)
{
    static const char *const whats[] = {"region", "hardware", "version"};
    for (size_t w = 0; w < sizeof whats / sizeof whats[0]; w++) {
        size_t shown = 0;
        for (size_t i = 0; i < view->share_count; i++) {
            const struct plan_share *share = &view->shares[i];
            if (share->wave != wave || strcmp(share->what, whats[w]) != 0) continue;
            if (shown == 0) screen_coloured(screen, SCREEN_DIM, "      %-9s", whats[w]);
            screen_text(screen, "%s%s %lld", shown ? ", " : " ",
                        share->value[0] ? share->value : "unknown", (long long)share->devices);
            shown++;
        }
        if (shown) screen_text(screen, "\n");
    }
}

static void show_devices(struct screen *screen, const struct plan_view *view)
{
    struct screen_table table;
    screen_table_init(&table, 3);
    screen_table_cell(&table, "DEVICE");
    screen_table_cell(&table, "WAVE");
    screen_table_cell(&table, "LEFT OUT BECAUSE");
    for (size_t i = 0; i < view->device_count; i++) {
        const struct plan_device *device = &view->devices[i];
        char words[320] = "";
        bool in = device->wave >= 0;
        if (!in) plan_reason_words(view->plan, device->reason, words);
        screen_table_cell(&table, "%s", device->id);
        screen_table_cell(&table, "%s", in ? view->plan->campaign->waves[device->wave].name : "-");
        screen_table_cell(&table, "%s", words);
    }
    screen_text(screen, "\n");
    screen_table_write(screen, &table);
}

static void show_warnings(struct screen *screen, const struct plan *plan)
{
    if (plan->counts.matched == 0)
        screen_coloured(screen, SCREEN_BAD, "\nThis campaign hits NO device.\n");
    else if (plan->counts.matched == plan->counts.fleet)
        screen_coloured(screen, SCREEN_BAD, "\nThis campaign hits EVERY device of the fleet.\n");
    if (plan->in_no_wave > 0)
        screen_coloured(
            screen, SCREEN_BAD,
            "\n%lld matching devices are in no wave: end with {name: rest, remaining: true} "
            "to take them.\n",
            (long long)plan->in_no_wave);
}

static void show_text(struct screen *screen, const struct plan_view *view)
{
    const struct plan *plan = view->plan;
    const struct policy *policy = &plan->campaign->policy;
    screen_coloured(screen, SCREEN_BOLD, "%s", plan->campaign->name);
    screen_text(screen, ": %s %s for %lld of %lld devices\n", plan->campaign->component,
                plan->campaign->version, (long long)plan_members(plan),
                (long long)plan->counts.fleet);
    screen_coloured(screen, SCREEN_DIM, "digest %.16s\n\n", plan->digest);
    for (size_t i = 0; i < policy->wave_count; i++) {
        screen_text(screen, "  %zu. %-12s %6lld devices%s\n", i + 1, plan->campaign->waves[i].name,
                    (long long)plan->size[i], plan->size[i] ? "" : "  (empty: skipped)");
        show_shares(screen, view, i);
    }
    screen_text(screen, "\nLeft out:\n");
    for (size_t i = 0; i < plan->counts.left_out_count; i++) {
        char words[320];
        plan_reason_words(plan, plan->counts.left_out[i].reason, words);
        screen_text(screen, "  %6lld  %s\n", (long long)plan->counts.left_out[i].devices, words);
    }
    if (plan->counts.left_out_count == 0) screen_text(screen, "  nobody\n");
    screen_text(
        screen,
        "\nAt worst %lld devices can be harmed: %lld failures are tolerated, %lld updates run "
        "at once.\n",
        (long long)policy_worst_harm(policy, plan_members(plan)),
        (long long)policy_budget_tolerates(&policy->budget, plan_members(plan)),
        (long long)policy->in_flight);
    show_warnings(screen, plan);
    if (view->devices) show_devices(screen, view);
    screen_text(
        screen, "\n%s\n",
        view->same ? "Applied already: nothing to do."
        : view->known
            ? "A campaign of this name exists with other contents: give this one another name."
            : "Nothing was changed. wavegate campaign apply FILE starts it.");
}

/* What a plan means for whoever called: nothing to do, changes pending, or a name that is taken. */
static bool verdict(const struct plan_view *view, struct wg_error *err)
{
    if (view->same) return true;
    return wg_fail(err, view->known ? WG_E_CONFLICT : WG_E_PENDING, "%s", "");
}

static bool look_up(struct cli *cli, struct plan_view *view, struct wg_error *err)
{
    struct campaign_row *row = calloc(1, sizeof *row);
    struct wg_error problem = {0};
    if (!row) return wg_fail_memory(err, "planning");
    view->known = campaign_row_get(cli->db, view->plan->campaign->name, row, &problem);
    view->same = view->known && strcmp(row->digest, view->plan->digest) == 0;
    free(row);
    if (view->known || problem.code == WG_E_NOT_FOUND) return true;
    *err = problem;
    return false;
}

bool campaign_plan_run(struct cli *cli, struct wg_error *err)
{
    struct plan plan;
    struct plan_view view = {.plan = &plan};
    bool list = args_has(cli->args, "devices");
    bool ok =
        plan_make(&plan, cli->db, cli->args->positionals[0], err) &&
        plan_shares(cli->db, plan.campaign->component, &view.shares, &view.share_count, err) &&
        (!list || plan_devices(cli->db, -1, DEVICES_MAX, &view.devices, &view.device_count, err)) &&
        look_up(cli, &view, err);
    db_rollback(cli->db);
    if (ok && cli->screen.json) ok = show_json(&view, err);
    if (ok && !cli->screen.json) {
        show_text(&cli->screen, &view);
        ok = screen_flush(&cli->screen, err);
    }
    ok = ok && verdict(&view, err);
    free(view.shares);
    free(view.devices);
    plan_clear(&plan);
    return ok;
}
