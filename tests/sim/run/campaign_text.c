/* campaign_text.c: writes the YAML. */
#include "tests/sim/run/campaign_text.h"

#include "tests/sim/dice.h"

#include <stdio.h>
#include <string.h>

#define WAVES_MAX 4

struct draft {
    const struct setup *setup;
    const struct setup_campaign *campaign;
    size_t index;
    struct chance chance;
    bool revised; /* another text for the same campaign */
    bool emergency, approvals;
    struct wg_buf out;
};

static bool of(struct draft *draft, double share)
{
    return chance_of(&draft->chance, share);
}

static long long between(struct draft *draft, int64_t low, int64_t high)
{
    return (long long)dice_between(&draft->chance, low, high);
}

static long long spread(struct draft *draft, int64_t low, int64_t high)
{
    return (long long)dice_spread(&draft->chance, low, high);
}

/* Each part of the file is drawn by itself. A revision may change some of them. */
static void part(struct draft *draft, const char *name, bool may_change)
{
    dice_init(&draft->chance, draft->setup->seed, name, draft->index, 0);
    if (draft->revised && may_change && of(draft, 0.5))
        dice_init(&draft->chance, draft->setup->seed, name, draft->index, 1);
}

static void put_target(struct draft *draft)
{
    const char *mark = "";
    wg_buf_text(&draft->out, "target: {attribute: {ring: [");
    for (int ring = 0; ring < SETUP_RINGS; ring++) {
        if (!draft->campaign->rings[ring]) continue;
        wg_buf_printf(&draft->out, "%sr%d", mark, ring);
        mark = ", ";
    }
    wg_buf_text(&draft->out, "]}");
    if (draft->campaign->region[0])
        wg_buf_printf(&draft->out, ", region: [%s]", draft->campaign->region);
    wg_buf_text(&draft->out, "}\n");
}

static void put_health(struct draft *draft)
{
    wg_buf_printf(&draft->out,
                  ", health: {metric: temperature, worse: %s, margin: %lld%%, alpha: %lld%%, "
                  "beta: %lld%%, settle: %llds}",
                  of(draft, 0.5) ? "higher" : "lower", between(draft, 10, 40), between(draft, 1, 5),
                  between(draft, 1, 20), spread(draft, 1, 600));
}

static void put_gate(struct draft *draft, double share, const char *before)
{
    const char *mark = "";
    if (!of(draft, share)) return;
    wg_buf_printf(&draft->out, "%sgate: {", before);
    if (of(draft, 0.7)) {
        wg_buf_printf(&draft->out, "success: \">= %lld%%\"", between(draft, 20, 100));
        mark = ", ";
    }
    if (of(draft, 0.5)) {
        wg_buf_printf(&draft->out, "%ssample: %lld%s", mark, between(draft, 1, 100),
                      of(draft, 0.8) ? "%" : "");
        mark = ", ";
    }
    wg_buf_printf(&draft->out, "%ssoak: %llds", mark, of(draft, 0.5) ? 0 : spread(draft, 1, 14400));
    if (of(draft, 0.4)) {
        wg_buf_printf(&draft->out, ", approvals: {role: rollout-admin, count: %lld",
                      between(draft, 1, 2));
        if (of(draft, 0.4)) wg_buf_printf(&draft->out, ", expires: %lldm", spread(draft, 10, 6000));
        wg_buf_text(&draft->out, "}");
    }
    if (of(draft, 0.2))
        wg_buf_printf(&draft->out, ", hook: {run: check, timeout: %llds, every: %lldm}",
                      between(draft, 1, 60), between(draft, 1, 60));
    if (of(draft, 0.1)) put_health(draft);
    wg_buf_text(&draft->out, "}");
}

static void put_wave(struct draft *draft, int number, int count)
{
    wg_buf_printf(&draft->out, "  - {name: w%d, ", number);
    if (number + 1 == count)
        wg_buf_text(&draft->out, "remaining: true");
    else if (number == 0 && of(draft, 0.2))
        wg_buf_printf(&draft->out, "devices: [dev-%03lld, dev-%03lld]",
                      between(draft, 0, (int64_t)draft->setup->device_count / 2),
                      between(draft, (int64_t)draft->setup->device_count / 2 + 1, 999));
    else if (of(draft, 0.5))
        wg_buf_printf(&draft->out, "percent: %lld%%", between(draft, 1, 30));
    else
        wg_buf_printf(&draft->out, "count: %lld", between(draft, 1, 6));
    if (number > 0 && of(draft, 0.2)) wg_buf_text(&draft->out, ", overlap: true");
    put_gate(draft, 0.3, ", ");
    wg_buf_text(&draft->out, "}\n");
}

static void put_waves(struct draft *draft)
{
    int count = (int)between(draft, 1, WAVES_MAX);
    wg_buf_text(&draft->out, "waves:\n");
    for (int i = 0; i < count; i++) put_wave(draft, i, count);
    put_gate(draft, 0.8, "");
    wg_buf_text(&draft->out, "\n");
}

static void put_pace(struct draft *draft)
{
    int64_t fleet = (int64_t)draft->setup->device_count;
    wg_buf_printf(&draft->out, "pace: {in_flight: %lld", spread(draft, 1, fleet));
    if (draft->setup->per_site)
        wg_buf_printf(&draft->out, ", per: {site: %lld}", (long long)draft->setup->per_site);
    if (of(draft, 0.3)) {
        long long start = spread(draft, 1, 20);
        wg_buf_printf(&draft->out, ", rate: {start: %lld/min, factor: %lld, max: %lld/min}", start,
                      between(draft, 2, 4), start + spread(draft, 1, 100));
    }
    wg_buf_text(&draft->out, "}\n");
}

static void put_budget(struct draft *draft)
{
    static const char *const classes[] = {"silent", "boot", "health", "install", "download"};
    static const char *const ends[] = {"pause", "abort", "rollback"};
    size_t end = chance_below(&draft->chance, 3);
    if (of(draft, 0.5))
        wg_buf_printf(&draft->out, "budget: {failures: %lld%%, at_least: %lld",
                      between(draft, 0, 40), spread(draft, 1, 6));
    else
        wg_buf_printf(&draft->out, "budget: {failures: %lld", spread(draft, 1, 12) - 1);
    if (of(draft, 0.25))
        wg_buf_printf(&draft->out, ", classes: {%s: %lld}",
                      classes[chance_below(&draft->chance, 5)], between(draft, 0, 3));
    wg_buf_printf(&draft->out, ", on_exceeded: %s}\n", ends[end]);
    wg_buf_text(&draft->out, "rollback_to: " SETUP_COMPONENT "/1.0.0\n");
}

static void put_daily(struct draft *draft)
{
    int from = (int)between(draft, 0, 95) * 15;
    int to = (from + (int)between(draft, 2, 40) * 15) % (24 * 60);
    wg_buf_printf(&draft->out, "{daily: \"%02d:%02d-%02d:%02d\"", from / 60, from % 60, to / 60,
                  to % 60);
    int zone = (int)between(draft, 0, 8);
    if (zone < 4)
        wg_buf_text(&draft->out, ", zone: device");
    else if (zone < 5)
        wg_buf_text(&draft->out, ", zone: site");
    else
        wg_buf_printf(&draft->out, ", zone: %s", setup_zone((size_t)zone));
    if (of(draft, 0.25)) {
        static const char *const days[] = {"[sat, sun]", "[mon, wed, fri, sun]",
                                           "[mon, tue, wed, thu, fri]"};
        wg_buf_printf(&draft->out, ", days: %s", days[chance_below(&draft->chance, 3)]);
    }
    wg_buf_text(&draft->out, "}");
}

static void put_times(struct draft *draft)
{
    static const char *const ends[] = {"pause", "abort", "finish-started"};
    char start[WG_TIME_TEXT], end[WG_TIME_TEXT];
    wg_time from = draft->setup->start + draft->campaign->at;
    bool window = of(draft, 0.3), schedule = of(draft, 0.2);
    if (window && !draft->emergency) {
        wg_buf_text(&draft->out, "window: ");
        put_daily(draft);
        wg_buf_text(&draft->out, "\n");
    }
    if (!schedule) return;
    from += spread(draft, 1, 12 * 60) * WG_MINUTE;
    wg_time_text(from, start);
    wg_time_text(from + spread(draft, 10, 48 * 60) * WG_MINUTE, end);
    wg_buf_printf(&draft->out, "schedule: {start: \"%s\", end: \"%s\", at_end: %s}\n", start, end,
                  ends[chance_below(&draft->chance, 3)]);
}

static void put_retry(struct draft *draft)
{
    wg_buf_printf(&draft->out, "retry: {attempts: %lld, backoff: %llds", between(draft, 1, 3),
                  spread(draft, 10, 1800));
    if (of(draft, 0.4)) wg_buf_printf(&draft->out, ", jitter: %lld%%", between(draft, 1, 50));
    if (of(draft, 0.2))
        wg_buf_printf(&draft->out,
                      ", classes: {download: {attempts: %lld, backoff: %llds}, offline: {backoff: "
                      "%llds}}",
                      between(draft, 1, 4), spread(draft, 10, 600), spread(draft, 10, 600));
    wg_buf_text(&draft->out, "}\n");
    wg_buf_printf(&draft->out,
                  "timeout: {offer: %lldm, download: %lldm, install: %lldm, probation: %lldm, "
                  "silent: %lldm}\n",
                  spread(draft, 2, 120), spread(draft, 20, 300), spread(draft, 10, 60),
                  spread(draft, 8, 60), spread(draft, 10, 24 * 60));
}

static void put_others(struct draft *draft)
{
    static const char *const keys[] = {"after", "excludes", "supersedes"};
    if (of(draft, 0.3)) wg_buf_printf(&draft->out, "priority: %lld\n", between(draft, 0, 100));
    if (of(draft, 0.25)) wg_buf_text(&draft->out, "membership: continuous\n");
    for (size_t i = 0; i < 3; i++) {
        bool wanted = of(draft, i == 0 ? 0.2 : 0.25);
        size_t other = draft->index ? chance_below(&draft->chance, draft->index) : 0;
        if (wanted && draft->index > 0) wg_buf_printf(&draft->out, "%s: [c%zu]\n", keys[i], other);
    }
    if (draft->approvals)
        wg_buf_printf(&draft->out, "approvals: {role: rollout-admin, count: %lld%s}\n",
                      draft->emergency ? 2LL : between(draft, 1, 2),
                      of(draft, 0.3) ? ", expires: 2d" : "");
    if (draft->emergency)
        wg_buf_printf(&draft->out, "emergency: {for: %lldh, reason: \"brakes\"}\n",
                      between(draft, 1, 24));
}

static void write_text(struct draft *draft, bool revised, char *out)
{
    wg_buf_init(&draft->out, SETUP_TEXT_MAX - 1);
    draft->revised = revised;
    part(draft, "file head", false);
    draft->emergency = of(draft, 0.06);
    draft->approvals = draft->emergency || of(draft, 0.15);
    wg_buf_printf(&draft->out, "wavegate: 1\ncampaign: %s\nrelease: " SETUP_COMPONENT "/%s\n",
                  draft->campaign->name, draft->campaign->version);
    put_target(draft);
    part(draft, "file waves", false);
    put_waves(draft);
    part(draft, "file pace", true);
    put_pace(draft);
    part(draft, "file budget", true);
    put_budget(draft);
    part(draft, "file times", true);
    put_times(draft);
    part(draft, "file retry", true);
    put_retry(draft);
    part(draft, "file others", false);
    put_others(draft);
    (void)wg_copy(out, SETUP_TEXT_MAX, wg_buf_str(&draft->out));
    wg_buf_clear(&draft->out);
}

void campaign_text_draw(struct setup *setup, size_t index)
{
    struct setup_campaign *campaign = &setup->campaigns[index];
    struct draft draft = {.setup = setup, .campaign = campaign, .index = index};
    struct chance chance;
    dice_init(&chance, setup->seed, "campaign", index, 0);
    (void)snprintf(campaign->name, sizeof campaign->name, "c%u", (unsigned)(index & 0xff));
    (void)snprintf(campaign->version, sizeof campaign->version, "%u.0.0",
                   (unsigned)(index & 0xff) + 2);
    campaign->at = dice_between(&chance, 1, 5) * WG_MINUTE;
    if (index > 0)
        campaign->at = dice_spread(&chance, 60, setup->chaos / 2 / WG_SECOND) * WG_SECOND;
    for (int ring = 0; ring < SETUP_RINGS; ring++) campaign->rings[ring] = chance_of(&chance, 0.75);
    campaign->rings[chance_below(&chance, SETUP_RINGS)] = 1;
    if (chance_of(&chance, 0.15)) (void)wg_copy(campaign->region, sizeof campaign->region, "DE");
    write_text(&draft, false, campaign->text);
    write_text(&draft, true, campaign->other);
}
