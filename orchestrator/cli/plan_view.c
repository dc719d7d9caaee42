/* plan_view.c: what a plan shows, as text. */
#include "orchestrator/cli/plan_view.h"

#include "orchestrator/cli/document.h"
#include "orchestrator/cli/list.h"
#include "orchestrator/cli/plan_policy.h"
#include "orchestrator/cli/plan_quorum.h"

#include <string.h>

#define SHARES_SHOWN 8
#define DIGEST_SHOWN 16

static void show_share(struct screen *screen, const char *what, const json_t *shares)
{
    size_t shown = 0, more = 0;
    const char *value;
    json_t *devices;
    if (json_object_size(shares) == 0) return;
    screen_coloured(screen, SCREEN_DIM, "      %-9s", what);
    json_object_foreach((json_t *)(uintptr_t)shares, value, devices)
    {
        if (shown++ >= SHARES_SHOWN)
            more++;
        else
            screen_text(screen, "%s%s %lld", shown > 1 ? ", " : " ", value[0] ? value : "unknown",
                        (long long)json_integer_value(devices));
    }
    if (more) screen_text(screen, " and %zu more", more);
    screen_text(screen, "\n");
}

static void show_wave(struct screen *screen, const struct campaign *campaign, size_t number,
                      const json_t *wave, long long members)
{
    static const char *const whats[] = {"region", "hardware", "version"};
    long long size = document_number(wave, "devices");
    const char *note = document_is(wave, "opened")    ? "  (has opened: stays as it is)"
                       : size == 0                    ? "  (empty: skipped)"
                       : document_is(wave, "overlap") ? "  (opens with the one before it)"
                                                      : "";
    screen_text(screen, "  %zu. %-12s %8lld devices  %5.1f%%%s\n", number + 1,
                document_text(wave, "name"), size,
                members ? 100.0 * (double)size / (double)members : 0.0, note);
    for (size_t i = 0; i < sizeof whats / sizeof whats[0]; i++)
        show_share(screen, whats[i], json_object_get(wave, whats[i]));
    if (number >= campaign->policy.wave_count) return;
    plan_strays_text(screen, &campaign->waves[number], json_object_get(wave, "strays"));
    if (size == 0) return;
    screen_coloured(screen, SCREEN_DIM, "      %-9s", "gate");
    screen_text(screen, " ");
    plan_gate_text(screen, &campaign->policy, number);
}

static void show_left_out(struct screen *screen, const json_t *plan)
{
    const json_t *one, *all = json_object_get(plan, "left_out");
    long long nowhere = document_number(plan, "in_no_wave");
    size_t i;
    screen_text(screen, "\nLeft out:\n");
    json_array_foreach(all, i, one) screen_text(
        screen, "  %8lld  %s\n", document_number(one, "devices"), document_text(one, "reason"));
    if (nowhere > 0) screen_text(screen, "  %8lld  match, but no wave takes them\n", nowhere);
    if (json_array_size(all) == 0 && nowhere == 0) screen_text(screen, "  nobody\n");
}

static void show_overlaps(struct screen *screen, const json_t *plan)
{
    const json_t *one;
    size_t i;
    json_array_foreach(json_object_get(plan, "overlaps"), i, one)
    {
        if (i == 0) screen_text(screen, "\nAlso in campaigns that are not finished:\n");
        screen_text(screen, "  %8lld  in %s (%s, priority %lld): %s\n",
                    document_number(one, "devices"), document_text(one, "campaign"),
                    document_text(one, "state"), document_number(one, "priority"),
                    document_is(one, "goes_first") ? "they do that one first"
                                                   : "they do this one first");
    }
}

static void show_signer(struct screen *screen, const char *release, const json_t *rollback)
{
    const char *not_signed = document_text(rollback, "unsigned");
    const char *signer = document_text(rollback, "signed_by");
    if (not_signed[0])
        screen_coloured(screen, SCREEN_BAD,
                        "Rollback: release %s fits but does not count as signed: %s.\n", release,
                        not_signed);
    else if (signer[0])
        screen_text(screen, "Rollback: release %s exists, is signed by %s, and fits.\n", release,
                    signer);
    else
        screen_text(screen,
                    "Rollback: release %s exists and fits; without operators.root in the "
                    "configuration its signature was not checked.\n",
                    release);
}

static void show_rollback(struct screen *screen, const struct campaign *campaign,
                          const json_t *rollback)
{
    const char *state = document_text(rollback, "state");
    char release[WG_NAME_MAX + WG_VERSION_MAX + 2];
    (void)wg_format(release, sizeof release, "%s/%s", campaign->component, campaign->rollback);
    if (strcmp(state, "none") == 0)
        screen_text(screen, "Rollback: none is named; devices return to their old slot by "
                            "themselves, no further.\n");
    else if (strcmp(state, "missing") == 0)
        screen_coloured(screen, SCREEN_BAD,
                        "Rollback: release %s does not exist: publish it before applying.\n",
                        release);
    else if (strcmp(state, "unfit") == 0)
        screen_coloured(screen, SCREEN_BAD,
                        "Rollback: release %s does not fit the hardware of this release.\n",
                        release);
    else if (strcmp(state, "no path") == 0)
        screen_coloured(screen, SCREEN_BAD,
                        "Rollback: release %s cannot be installed over %s: see release list.\n",
                        release, campaign->version);
    else
        show_signer(screen, release, rollback);
}

static const struct list_column device_columns[] = {
    {"device", .key = "device"}, {"wave, or why not", .key = "where"}, {NULL}};
const struct list plan_devices = {"campaign", "plan", device_columns, .empty = NULL};

static void add_row(json_t *rows, const char *device, const char *where)
{
    (void)json_array_append_new(rows, json_pack("{s:s,s:s}", "device", device, "where", where));
}

/* Who was meant to be among the members. */
static void list_strays(json_t *rows, const json_t *plan, const char *devices)
{
    const json_t *wave, *stray;
    size_t i, k;
    json_array_foreach(json_object_get(plan, "waves"), i, wave)
    {
        const char *name = document_text(wave, "name");
        if (strcmp(devices, "all") != 0 && strcmp(devices, name) != 0) continue;
        json_array_foreach(json_object_get(wave, "strays"), k, stray)
        {
            char where[1024];
            (void)wg_format(where, sizeof where, "listed by %s; %s", name,
                            document_text(stray, "reason"));
            add_row(rows, document_text(stray, "id"), where);
        }
    }
}

static void show_devices(struct screen *screen, const json_t *plan, const char *devices)
{
    json_t *rows = json_array();
    const json_t *device;
    size_t i;
    json_array_foreach(json_object_get(plan, "devices"), i, device)
    {
        const char *wave = document_text(device, "wave");
        add_row(rows, document_text(device, "id"),
                wave[0] ? wave : document_text(device, "reason"));
    }
    list_strays(rows, plan, devices);
    screen_text(screen, "\n");
    list_add(screen, &plan_devices, rows);
    json_decref(rows);
}

static void show_warnings(struct screen *screen, const json_t *plan)
{
    long long members = document_number(plan, "members");
    long long nowhere = document_number(plan, "in_no_wave");
    const char *unready = json_string_value(json_object_get(plan, "unready"));
    if (unready && !json_is_true(json_object_get(plan, "applied")))
        screen_coloured(screen, SCREEN_BAD, "\nIt cannot be applied yet: %s\n", unready);
    if (members == 0)
        screen_coloured(screen, SCREEN_BAD, "\nThis campaign hits NO device.\n");
    else if (members == document_number(plan, "fleet"))
        screen_coloured(screen, SCREEN_BAD, "\nThis campaign hits EVERY device of the fleet.\n");
    if (nowhere > 0)
        screen_coloured(
            screen, SCREEN_BAD,
            "\n%lld matching devices are in no wave: end with {name: rest, remaining: true} "
            "to take them.\n",
            nowhere);
}

static void show_changes(struct screen *screen, const json_t *plan)
{
    const char *line = document_text(plan, "changes");
    if (!line[0]) return;
    screen_text(screen, "\nChanges to revision %lld:\n",
                document_number(plan, "standing_revision"));
    while (*line) {
        size_t len = strcspn(line, "\n");
        screen_text(screen, "  %.*s\n", (int)len, line);
        line += len + (line[len] == '\n');
    }
}

static void show_head(struct screen *screen, const json_t *plan)
{
    const char *name, *before = " with ";
    json_t *version;
    screen_coloured(screen, SCREEN_BOLD, "%s", document_text(plan, "campaign"));
    screen_text(screen, ": %s %s", document_text(plan, "component"),
                document_text(plan, "version"));
    json_object_foreach(json_object_get(plan, "with"), name, version)
    {
        screen_text(screen, "%s%s %s", before, name, json_string_value(version));
        before = ", ";
    }
    screen_text(screen, " for %lld of %lld devices\n", document_number(plan, "members"),
                document_number(plan, "fleet"));
    screen_coloured(screen, SCREEN_DIM, "digest %.*s\n\n", DIGEST_SHOWN,
                    document_text(plan, "digest"));
}

static void show_outlook(struct screen *screen, const json_t *plan)
{
    const json_t *line;
    size_t i;
    json_array_foreach(json_object_get(plan, "words"), i, line)
        screen_coloured(screen, document_is(line, "bad") ? SCREEN_BAD : SCREEN_PLAIN, "%s\n",
                        document_text(line, "text"));
}

static void show_end(struct screen *screen, const json_t *plan)
{
    bool stands = json_is_integer(json_object_get(plan, "standing_revision"));
    screen_text(screen, "\n%s\n",
                document_is(plan, "applied") ? "Applied already: nothing to do."
                : stands ? "Nothing was changed. wavegate campaign apply FILE revises the campaign."
                         : "Nothing was changed. wavegate campaign apply FILE starts it.");
}

void plan_view_text(struct screen *screen, const struct campaign *campaign, const json_t *plan,
                    const char *devices)
{
    const struct policy *policy = &campaign->policy;
    long long members = document_number(plan, "members");
    const json_t *wave;
    size_t i;
    show_head(screen, plan);
    json_array_foreach(json_object_get(plan, "waves"), i, wave)
        show_wave(screen, campaign, i, wave, members);
    show_left_out(screen, plan);
    show_overlaps(screen, plan);
    screen_text(screen, "\n");
    plan_policy_text(screen, campaign);
    plan_quorum_text(screen, json_object_get(plan, "repository_policy"));
    screen_text(
        screen,
        "At worst %lld devices can be harmed: %lld failures are tolerated, %lld updates run "
        "at once.\n",
        (long long)policy_worst_harm(policy, members),
        (long long)policy_budget_tolerates(&policy->budget, members), (long long)policy->in_flight);
    show_rollback(screen, campaign, json_object_get(plan, "rollback"));
    show_outlook(screen, plan);
    show_warnings(screen, plan);
    show_changes(screen, plan);
    if (devices) show_devices(screen, plan, devices);
    show_end(screen, plan);
}
