/* setup.c: fleet, people, services. */
#include "tests/sim/run/setup.h"

#include "tests/sim/dice.h"
#include "tests/sim/run/campaign_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *setup_verb_text(enum setup_verb verb)
{
    static const char *const texts[SETUP_VERBS] = {
        [SETUP_APPLY] = "apply",       [SETUP_REVISE] = "revise",     [SETUP_APPROVE] = "approve",
        [SETUP_PAUSE] = "pause",       [SETUP_HOLD] = "pause --hold", [SETUP_RESUME] = "resume",
        [SETUP_ABORT] = "abort",       [SETUP_ADVANCE] = "advance",   [SETUP_HOLD_GATE] = "hold",
        [SETUP_ROLLBACK] = "rollback", [SETUP_REVOKE] = "revoke",
    };
    return (unsigned)verb < SETUP_VERBS ? texts[verb] : "";
}

bool setup_mask_has(const uint64_t *bits, size_t number)
{
    return bits[number / 64] >> number % 64 & 1;
}

void setup_mask_set(uint64_t *bits, size_t number, bool on)
{
    uint64_t bit = (uint64_t)1 << number % 64;
    bits[number / 64] = on ? bits[number / 64] | bit : bits[number / 64] & ~bit;
}

static const char *const zones[] = {"Europe/Berlin",       "America/New_York",   "Asia/Kolkata",
                                    "Australia/Lord_Howe", "Pacific/Kiritimati", "Etc/UTC"};
#define ZONES (sizeof zones / sizeof zones[0])

const char *setup_zone(size_t number)
{
    return zones[number % ZONES];
}

static wg_time draw_start(struct chance *chance)
{
    /* days before the clocks change in Europe, America and on Lord Howe, and an ordinary one; in
     * the past, because the database's own clock stamps some rows */
    static const wg_time days[] = {1711584000000, 1729814400000, 1709856000000,
                                   1730419200000, 1712275200000, 1717200000000};
    wg_time day = days[chance_below(chance, sizeof days / sizeof days[0])];
    return day + dice_between(chance, 0, 24 * 60 - 1) * WG_MINUTE;
}

/* Most are small: they are quick, and most of what can happen happens among few. Now and then there
 * are hundreds. */
static size_t draw_size(struct chance *chance)
{
    double kind = chance_unit(chance);
    if (kind < 0.40) return (size_t)dice_between(chance, 2, 7);
    if (kind < 0.86) return (size_t)dice_between(chance, 8, 24);
    if (kind < 0.96) return (size_t)dice_between(chance, 25, 99);
    return (size_t)dice_between(chance, 100, SETUP_DEVICES_MAX);
}

static void draw_device(struct setup *setup, size_t index, size_t sites)
{
    struct setup_device *device = &setup->devices[index];
    struct chance chance;
    static const char *const regions[] = {"DE", "AT", "US"};
    dice_init(&chance, setup->seed, "device", index, 0);
    (void)snprintf(device->id, sizeof device->id, "dev-%03u", (unsigned)(index & 0xfff));
    (void)snprintf(device->site, sizeof device->site, "s%u",
                   (unsigned)(chance_below(&chance, sites) & 0xfff));
    (void)snprintf(device->ring, sizeof device->ring, "r%u",
                   (unsigned)(chance_below(&chance, SETUP_RINGS) & 0xf));
    (void)wg_copy(device->region, sizeof device->region, regions[chance_below(&chance, 3)]);
    (void)wg_copy(device->zone, sizeof device->zone, setup_zone(chance_below(&chance, ZONES)));
    device->version = chance_of(&chance, 0.06) ? "2.0.0" : "1.0.0";
    device->joins = chance_of(&chance, 0.85) ? dice_between(&chance, 0, 120) * WG_SECOND
                                             : dice_spread(&chance, 1, 24 * 60) * WG_MINUTE;
    device->soak = dice_spread(&chance, 10, 300) * WG_SECOND;
    device->health_every = device->soak / dice_between(&chance, 1, 4) + 1;
    device->pace = dice_spread(&chance, 2, 300) * WG_SECOND;
    device->broker = chance_below(&chance, SETUP_BROKERS_MAX);
}

static void add_command(struct setup *setup, wg_duration at, enum setup_verb verb, size_t campaign,
                        int wave, int operator_number)
{
    if (setup->command_count == SETUP_COMMANDS_MAX) return;
    setup->commands[setup->command_count++] =
        (struct setup_command){at, verb, campaign, wave, operator_number};
}

/* Some time after the campaign was applied. */
static wg_duration later(const struct setup *setup, struct chance *chance, size_t campaign)
{
    wg_duration room = setup->chaos - setup->campaigns[campaign].at;
    return setup->campaigns[campaign].at + dice_spread(chance, 1, room / WG_SECOND) * WG_SECOND;
}

static void draw_approvals(struct setup *setup, struct chance *chance, size_t campaign)
{
    bool eager = chance_of(chance, 0.7);
    for (int wave = -1; wave < 4; wave++)
        for (int who = 0; who < 3; who++)
            if (chance_of(chance, eager ? 0.7 : 0.15))
                add_command(setup, later(setup, chance, campaign), SETUP_APPROVE, campaign, wave,
                            who);
}

static void draw_commands(struct setup *setup, size_t campaign)
{
    static const struct {
        enum setup_verb verb;
        double share;
    } rare[] = {{SETUP_PAUSE, 0.15},   {SETUP_HOLD, 0.15},      {SETUP_ABORT, 0.06},
                {SETUP_ADVANCE, 0.15}, {SETUP_HOLD_GATE, 0.08}, {SETUP_ROLLBACK, 0.06},
                {SETUP_REVISE, 0.2},   {SETUP_PAUSE, 0.05},     {SETUP_HOLD, 0.05},
                {SETUP_RESUME, 0.1}};
    struct chance chance;
    dice_init(&chance, setup->seed, "commands", campaign, 0);
    add_command(setup, setup->campaigns[campaign].at, SETUP_APPLY, campaign, 0, 0);
    draw_approvals(setup, &chance, campaign);
    for (size_t i = 0; i < sizeof rare / sizeof rare[0]; i++) {
        bool wanted = chance_of(&chance, rare[i].share);
        wg_duration at = later(setup, &chance, campaign);
        wg_duration end = at + dice_spread(&chance, 10, 12 * 3600) * WG_SECOND;
        int wave = (int)dice_between(&chance, 0, 3);
        if (!wanted) continue;
        add_command(setup, at, rare[i].verb, campaign, wave, 0);
        if (rare[i].verb == SETUP_PAUSE || rare[i].verb == SETUP_HOLD)
            add_command(setup, end, SETUP_RESUME, campaign, 0, 0);
    }
}

static void draw_services(struct setup *setup, size_t size)
{
    struct chance chance;
    dice_init(&chance, setup->seed, "services", 0, 0);
    setup->start = draw_start(&chance);
    setup->device_count = draw_size(&chance);
    if (size > 0) setup->device_count = size;
    setup->campaign_count = 1;
    while (setup->campaign_count < SETUP_CAMPAIGNS_MAX && chance_of(&chance, 0.35))
        setup->campaign_count++;
    setup->server_count = 1;
    while (setup->server_count < SETUP_SERVERS_MAX && chance_of(&chance, 0.4))
        setup->server_count++;
    setup->broker_count = (size_t)dice_between(&chance, 1, SETUP_BROKERS_MAX);
    setup->chaos = dice_spread(&chance, 4, 3 * 24) * WG_HOUR;
    setup->per_site = chance_of(&chance, 0.4) ? dice_between(&chance, 1, 2) : 0;
    setup->intake_wait = dice_spread(&chance, 500, 15000);
    setup->order_resend = dice_spread(&chance, 10, 120) * WG_SECOND;
    setup->order_lifetime = dice_spread(&chance, 5, 24 * 60) * WG_MINUTE;
    setup->bad_release = chance_of(&chance, 0.3) ? chance_unit(&chance) * 0.6 : 0;
}

void setup_draw(struct setup *setup, uint64_t seed, const struct setup_mask *mask)
{
    struct chance chance;
    memset(setup, 0, sizeof *setup);
    setup->seed = seed;
    draw_services(setup, mask->size);
    dice_init(&chance, seed, "sites", 0, 0);
    size_t sites = setup->device_count / (size_t)dice_between(&chance, 1, 6) + 1;
    for (size_t i = 0; i < setup->device_count; i++) {
        draw_device(setup, i, sites);
        setup->devices[i].left_out = setup_mask_has(mask->devices, i);
    }
    for (size_t i = 0; i < setup->campaign_count; i++) {
        campaign_text_draw(setup, i);
        setup->metrics = setup->metrics || strstr(setup->campaigns[i].text, "health:") ||
                         strstr(setup->campaigns[i].other, "health:");
        setup->campaigns[i].left_out = setup_mask_has(&mask->campaigns, i);
        draw_commands(setup, i);
    }
    dice_init(&chance, seed, "revoked", 0, 0);
    while (chance_of(&chance, 0.2))
        add_command(setup, dice_spread(&chance, 60, setup->chaos / WG_SECOND) * WG_SECOND,
                    SETUP_REVOKE, chance_below(&chance, setup->device_count), 0, 0);
}

bool setup_matches(const struct setup_campaign *campaign, const struct setup_device *device)
{
    size_t ring = (size_t)(device->ring[1] - '0');
    return campaign->rings[ring] &&
           (!campaign->region[0] || !strcmp(campaign->region, device->region));
}

bool setup_has_companion(const char *version)
{
    return strtoul(version, NULL, 10) % 2 == 0;
}
