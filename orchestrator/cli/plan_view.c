/* plan_view.c: what a plan shows, as text. */
#include "orchestrator/cli/plan_view.h"

#include "orchestrator/cli/plan_policy.h"
#include "orchestrator/plan/revision.h"

#include <stdlib.h>
#include <string.h>

#define DEVICES_MAX 1000000
#define CHANGES_MAX ((size_t)1024 * 1024)

static bool list_devices(struct plan_view *view, struct db *db, const char *which,
                         struct wg_error *err)
{
    const struct campaign *campaign = view->plan->campaign;
    int wave = -1;
    view->wave = -1;
    if (!which) return true;
    if (strcmp(which, "left-out") == 0)
        return plan_left_out_list(db, &view->plan->query, DEVICES_MAX, &view->devices,
                                  &view->device_count, err);
    for (size_t i = 0; i < campaign->policy.wave_count; i++)
        if (strcmp(campaign->waves[i].name, which) == 0) wave = (int)i;
    if (wave < 0 && strcmp(which, "all") != 0)
        return wg_fail(err, WG_E_USAGE,
                       "--devices: \"%.64s\" is no wave of this campaign: expected a wave, all or "
                       "left-out",
                       which);
    view->wave = wave;
    view->lists_strays = true;
    return plan_members_list(db, wave, DEVICES_MAX, &view->devices, &view->device_count, err);
}

bool plan_view_init(struct plan_view *view, struct db *db, const struct plan *plan,
                    const char *devices, struct wg_error *err)
{
    *view = (struct plan_view){.plan = plan, .now = view->now};
    wg_buf_init(&view->changes, CHANGES_MAX);
    return plan_shares(db, view->now, &view->shares, &view->share_count, &view->habits, err) &&
           plan_overlaps(db, plan->query.revises, &view->overlaps, &view->overlap_count, err) &&
           plan_outlook_init(view, db, err) && plan_strays_init(view, db, err) &&
           list_devices(view, db, devices, err) &&
           (!plan->standing || plan_is_applied(plan) ||
            revision_changes(plan, &view->changes, err));
}

void plan_view_clear(struct plan_view *view)
{
    free(view->shares);
    free(view->overlaps);
    free(view->devices);
    free(view->strays);
    wg_buf_clear(&view->changes);
}

static void show_shares(struct screen *screen, const struct plan_view *view, size_t wave)
{
    static const char *const whats[] = {"region", "hardware", "version"};
    for (size_t w = 0; w < sizeof whats / sizeof whats[0]; w++) {
        size_t shown = 0, more = 0;
        for (size_t i = 0; i < view->share_count; i++) {
            const struct plan_share *share = &view->shares[i];
            if (share->wave != wave || strcmp(share->what, whats[w]) != 0) continue;
            if (shown == 0) screen_coloured(screen, SCREEN_DIM, "      %-9s", whats[w]);
            if (shown++ >= 8)
                more++;
            else
                screen_text(screen, "%s%s %lld", shown > 1 ? ", " : " ",
                            share->value[0] ? share->value : "unknown", (long long)share->devices);
        }
        if (more) screen_text(screen, " and %zu more", more);
        if (shown) screen_text(screen, "\n");
    }
}

static void show_waves(struct screen *screen, const struct plan_view *view)
{
    const struct campaign *campaign = view->plan->campaign;
    int64_t members = plan_members(view->plan);
    for (size_t i = 0; i < campaign->policy.wave_count; i++) {
        int64_t size = view->plan->size[i];
        const char *note = i < plan_kept_waves(view->plan) ? "  (has opened: stays as it is)"
                           : size == 0                     ? "  (empty: skipped)"
                           : campaign->policy.overlap[i]   ? "  (opens with the one before it)"
                                                           : "";
        screen_text(screen, "  %zu. %-12s %8lld devices  %5.1f%%%s\n", i + 1,
                    campaign->waves[i].name, (long long)size,
                    members ? 100.0 * (double)size / (double)members : 0.0, note);
        show_shares(screen, view, i);
        plan_strays_text(screen, view, i);
        if (size == 0) continue;
        screen_coloured(screen, SCREEN_DIM, "      %-9s", "gate");
        screen_text(screen, " ");
        plan_gate_text(screen, &campaign->policy, i);
    }
}

static void show_left_out(struct screen *screen, const struct plan *plan)
{
    screen_text(screen, "\nLeft out:\n");
    for (size_t i = 0; i < plan->counts.left_out_count; i++) {
        char words[PLAN_REASON_TEXT];
        plan_reason_words(plan, plan->counts.left_out[i].code, words);
        screen_text(screen, "  %8lld  %s\n", (long long)plan->counts.left_out[i].devices, words);
    }
    if (plan->in_no_wave > 0)
        screen_text(screen, "  %8lld  match, but no wave takes them\n",
                    (long long)plan->in_no_wave);
    if (plan->counts.left_out_count == 0 && plan->in_no_wave == 0)
        screen_text(screen, "  nobody\n");
}

/* Higher priority goes first, then the older campaign; this one would be the youngest. */
static void show_overlaps(struct screen *screen, const struct plan_view *view)
{
    int64_t own = view->plan->campaign->priority;
    for (size_t i = 0; i < view->overlap_count; i++) {
        const struct plan_overlap *overlap = &view->overlaps[i];
        bool older = view->plan->query.revises == 0 || overlap->id < view->plan->query.revises;
        bool waits = overlap->priority > own || (overlap->priority == own && older);
        if (i == 0) screen_text(screen, "\nAlso in campaigns that are not finished:\n");
        screen_text(screen, "  %8lld  in %s (%s, priority %lld): %s\n", (long long)overlap->devices,
                    overlap->campaign, overlap->state, (long long)overlap->priority,
                    waits ? "they do that one first" : "they do this one first");
    }
}

static void show_signer(struct screen *screen, const struct plan *plan)
{
    const struct campaign *campaign = plan->campaign;
    if (plan->rollback_unsigned[0])
        screen_coloured(screen, SCREEN_BAD,
                        "Rollback: release %s/%s fits but does not count as signed: %s.\n",
                        campaign->component, campaign->rollback, plan->rollback_unsigned);
    else if (plan->rollback_signer[0])
        screen_text(screen, "Rollback: release %s/%s exists, is signed by %s, and fits.\n",
                    campaign->component, campaign->rollback, plan->rollback_signer);
    else
        screen_text(screen,
                    "Rollback: release %s/%s exists and fits; without operators.root in the "
                    "configuration its signature was not checked.\n",
                    campaign->component, campaign->rollback);
}

static void show_rollback(struct screen *screen, const struct plan *plan)
{
    const struct campaign *campaign = plan->campaign;
    switch (plan->rollback) {
    case PLAN_ROLLBACK_NONE:
        screen_text(screen, "Rollback: none is named; devices return to their old slot by "
                            "themselves, no further.\n");
        break;
    case PLAN_ROLLBACK_MISSING:
        screen_coloured(screen, SCREEN_BAD,
                        "Rollback: release %s/%s does not exist: publish it before applying.\n",
                        campaign->component, campaign->rollback);
        break;
    case PLAN_ROLLBACK_UNFIT:
        screen_coloured(screen, SCREEN_BAD,
                        "Rollback: release %s/%s does not fit the hardware of this release.\n",
                        campaign->component, campaign->rollback);
        break;
    case PLAN_ROLLBACK_NO_PATH:
        screen_coloured(screen, SCREEN_BAD,
                        "Rollback: release %s/%s cannot be installed over %s: see release list.\n",
                        campaign->component, campaign->rollback, campaign->version);
        break;
    case PLAN_ROLLBACK_FITS:
        show_signer(screen, plan);
        break;
    }
}

/* Who was meant to be among the members. */
static void list_strays(struct screen_table *table, const struct plan_view *view)
{
    for (size_t i = 0; i < view->stray_count && view->lists_strays; i++) {
        const struct plan_device *stray = &view->strays[i];
        char words[PLAN_REASON_TEXT];
        if (view->wave >= 0 && stray->wave != view->wave) continue;
        plan_stray_words(view->plan, stray, words);
        screen_table_cell(table, "%s", stray->id);
        screen_table_cell(table, "listed by %s; %s", view->plan->campaign->waves[stray->wave].name,
                          words);
    }
}

static void show_devices(struct screen *screen, const struct plan_view *view)
{
    struct screen_table table;
    screen_table_init(&table, 2);
    screen_table_cell(&table, "DEVICE");
    screen_table_cell(&table, "WAVE, OR WHY NOT");
    for (size_t i = 0; i < view->device_count; i++) {
        const struct plan_device *device = &view->devices[i];
        char words[PLAN_REASON_TEXT] = "";
        if (device->wave < 0) plan_reason_words(view->plan, device->code, words);
        screen_table_cell(&table, "%s", device->id);
        screen_table_cell(&table, "%s",
                          device->wave >= 0 ? view->plan->campaign->waves[device->wave].name
                                            : words);
    }
    list_strays(&table, view);
    screen_text(screen, "\n");
    screen_table_write(screen, &table);
}

static void show_warnings(struct screen *screen, const struct plan *plan)
{
    if (plan_members(plan) == 0)
        screen_coloured(screen, SCREEN_BAD, "\nThis campaign hits NO device.\n");
    else if (plan_members(plan) == plan->counts.fleet)
        screen_coloured(screen, SCREEN_BAD, "\nThis campaign hits EVERY device of the fleet.\n");
    if (plan->in_no_wave > 0)
        screen_coloured(
            screen, SCREEN_BAD,
            "\n%lld matching devices are in no wave: end with {name: rest, remaining: true} "
            "to take them.\n",
            (long long)plan->in_no_wave);
}

static void show_changes(struct screen *screen, const struct plan_view *view)
{
    if (view->changes.len == 0) return;
    screen_text(screen, "\nChanges to revision %lld:\n", (long long)view->plan->standing->revision);
    for (const char *line = wg_buf_str(&view->changes); *line;) {
        size_t len = strcspn(line, "\n");
        screen_text(screen, "  %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

void plan_view_text(const struct plan_view *view, struct screen *screen)
{
    const struct plan *plan = view->plan;
    const struct policy *policy = &plan->campaign->policy;
    int64_t members = plan_members(plan);
    screen_coloured(screen, SCREEN_BOLD, "%s", plan->campaign->name);
    screen_text(screen, ": %s %s for %lld of %lld devices\n", plan->campaign->component,
                plan->campaign->version, (long long)members, (long long)plan->counts.fleet);
    screen_coloured(screen, SCREEN_DIM, "digest %.16s\n\n", plan->digest);
    show_waves(screen, view);
    show_left_out(screen, plan);
    show_overlaps(screen, view);
    screen_text(screen, "\n");
    plan_policy_text(screen, plan->campaign);
    screen_text(
        screen,
        "At worst %lld devices can be harmed: %lld failures are tolerated, %lld updates run "
        "at once.\n",
        (long long)policy_worst_harm(policy, members),
        (long long)policy_budget_tolerates(&policy->budget, members), (long long)policy->in_flight);
    show_rollback(screen, plan);
    plan_outlook_text(screen, view);
    show_warnings(screen, plan);
    show_changes(screen, view);
    if (view->devices) show_devices(screen, view);
    screen_text(screen, "\n%s\n",
                plan_is_applied(plan) ? "Applied already: nothing to do."
                : plan->standing
                    ? "Nothing was changed. wavegate campaign apply FILE revises the campaign."
                    : "Nothing was changed. wavegate campaign apply FILE starts it.");
}
