/* machine_power.c: a machine's life: power, boots, sessions, weather. */
#include "tests/sim/run/campaign_text.h"
#include "tests/sim/run/machine_part.h"
#include "tests/sim/run/sim.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEATHER_EVERY (15 * WG_MINUTE) /* of the whole fleet, on average */
#define WEATHER_OFTEN (3 * WG_HOUR)    /* of one device, at most so often */
#define MONOTONIC_START 5000           /* what a device's monotonic clock shows as it starts */

static const struct wg_tz *tz(void *ctx, const char *zone)
{
    const struct machine *machine = ctx;
    struct wg_error err = {0};
    return zone_files_get(machine->zones, zone[0] ? zone : machine->zone, &err);
}

void machine_down(struct machine *machine, struct sim *sim, bool will)
{
    sim_tell(sim, machine->setup->id, "is down");
    if (machine->connected && will) post_will(sim, machine);
    machine->connected = false;
    machine->life++;
    machine->work++;
    machine->wake_at = 0;
    core_free(machine->core);
    machine->core = NULL;
}

static void connect(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    size_t brokers = sim->setup.broker_count;
    if (event->token != machine->life || !machine->core || machine->connected) return;
    for (size_t i = 0; i < brokers && !machine->connected; i++) {
        machine->broker = (machine->setup->broker + i) % brokers;
        machine->connected = post_is_up(sim, machine->broker);
    }
    if (!machine->connected) {
        machine_connect_after(machine, sim, WG_SECOND, 120 * WG_SECOND);
        return;
    }
    machine->link++;
    machine->online_at = sim->now;
    sim_tell(sim, machine->setup->id, "is connected");
    machine_feed(machine, sim,
                 &(struct core_event){.kind = CORE_EV_CONNECTED, .link = machine->link});
}

void machine_connect_after(struct machine *machine, struct sim *sim, wg_duration low,
                           wg_duration high)
{
    struct chance chance;
    machine_dice(machine, sim, &chance, "connect");
    machine_later(machine, sim, dice_spread(&chance, low, high), connect, machine->life, 0);
}

static void draw_clock(struct machine *machine, struct sim *sim)
{
    struct chance chance;
    machine->has_clock = !sim_strike(sim, FAULT_NO_CLOCK, machine->index);
    machine->clock_off = 0;
    if (!sim_strike(sim, FAULT_CLOCK, machine->index)) return;
    machine_dice(machine, sim, &chance, "clock");
    machine->clock_off = dice_spread(&chance, 1, 30 * 24 * 60) * WG_MINUTE;
    if (chance_of(&chance, 0.5)) machine->clock_off = -machine->clock_off;
}

static void tell_metrics(struct machine *machine, struct sim *sim)
{
    struct chance chance;
    struct wg_metric metric = {.name = "temperature"};
    machine_dice(machine, sim, &chance, "metric");
    metric.value = 40 + 5 * chance_normal(&chance);
    struct core_event event = {.kind = CORE_EV_METRICS, .metrics = &metric, .metric_count = 1};
    if (machine->core) machine_feed(machine, sim, &event);
}

static void start_core(struct machine *machine, struct sim *sim)
{
    struct core_start start = {.trial = machine->running != machine->committed,
                               .marked = machine->marker};
    const struct machine_slot *slot = &machine->slots[machine->running];
    (void)snprintf(machine->boot, sizeof machine->boot, "%08x%024x",
                   (unsigned)machine->index & 0xffff, ++machine->starts);
    (void)wg_copy(start.boot, sizeof start.boot, machine->boot);
    (void)snprintf(start.journal, sizeof start.journal, "%032x", (unsigned)machine->index + 1);
    (void)snprintf(start.slot, sizeof start.slot, "%c", "ab"[machine->running]);
    start.component_count = 1;
    (void)wg_copy(start.components[0].name, sizeof start.components[0].name, SETUP_COMPONENT);
    (void)wg_copy(start.components[0].version, sizeof start.components[0].version, slot->version);
    if (slot->companion[0]) {
        struct wg_component *companion = &start.components[start.component_count++];
        (void)wg_copy(companion->name, sizeof companion->name, SETUP_COMPANION);
        (void)wg_copy(companion->version, sizeof companion->version, slot->companion);
    }
    sim_tell(sim, machine->setup->id, "starts in slot %s (%s)%s", start.slot, slot->version,
             start.trial ? " on trial" : "");
    machine_feed(machine, sim, &(struct core_event){.kind = CORE_EV_START, .start = &start});
}

/* The agent, in the slot that runs. */
static void start_process(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    if (event->token != machine->life) return;
    struct core *core = core_new(&machine->config, &sim->err);
    if (!core) {
        sim_fail(sim, "making a core");
        return;
    }
    if (machine->disk.len > 0 && !core_load(core, machine->disk.data, machine->disk.len, &sim->err))
        rule_broken(sim, 7, machine->setup->id, NULL, "cannot read its memory: %s", sim->err.text);
    machine->core = core;
    machine->link = 0;
    machine->up_at = sim->now - MONOTONIC_START;
    draw_clock(machine, sim);
    start_core(machine, sim);
    if (machine->core)
        machine_feed(machine, sim,
                     &(struct core_event){.kind = CORE_EV_ZONE, .text = machine->zone});
    machine_connect_after(machine, sim, 200, 5 * WG_SECOND);
}

void machine_process_after(struct machine *machine, struct sim *sim, wg_duration low,
                           wg_duration high)
{
    struct chance chance;
    machine_dice(machine, sim, &chance, "process");
    machine_later(machine, sim, dice_spread(&chance, low, high), start_process, machine->life, 0);
}

/* The boot loader: the other slot once if it is marked, else the committed one. */
static void boot(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    struct chance chance;
    if (event->token != machine->life) return;
    machine->running = machine->marker ? !machine->committed : machine->committed;
    machine->marker = false;
    sim->rules.acted = true;
    bool trial = machine->running != machine->committed;
    machine_dice(machine, sim, &chance, "boot");
    if (trial && (!machine->slots[machine->running].whole ||
                  sim_strike(sim, FAULT_NO_BOOT, machine->index))) {
        sim_tell(sim, machine->setup->id, "slot %c does not come up", "ab"[machine->running]);
        machine->running = machine->committed;
        machine_process_after(machine, sim, 60 * WG_SECOND, 120 * WG_SECOND);
        return;
    }
    if (trial && sim_strike(sim, FAULT_MUTE, machine->index)) {
        sim_tell(sim, machine->setup->id, "hangs");
        machine->mute = true;
        machine_later(machine, sim, dice_spread(&chance, 600, 5 * 86400) * WG_SECOND, boot,
                      machine->life, 0);
        return;
    }
    machine->mute = false;
    machine_process_after(machine, sim, WG_SECOND, 10 * WG_SECOND);
}

void machine_up_after(struct machine *machine, struct sim *sim, wg_duration low, wg_duration high)
{
    struct chance chance;
    machine_dice(machine, sim, &chance, "up");
    machine_later(machine, sim, dice_spread(&chance, low, high), boot, machine->life, 0);
}

static void move(struct machine *machine, struct sim *sim, struct chance *chance)
{
    (void)wg_copy(machine->zone, sizeof machine->zone, setup_zone(chance_below(chance, 6)));
    sim_tell(sim, machine->setup->id, "is in %s now", machine->zone);
    if (machine->core)
        machine_feed(machine, sim,
                     &(struct core_event){.kind = CORE_EV_ZONE, .text = machine->zone});
}

/* What befalls a device without its doing. */
static void weather(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    struct chance chance;
    if (sim->faults.calm) return;
    machine_dice(machine, sim, &chance, "weather");
    wg_duration apart = WEATHER_EVERY * (wg_duration)sim->setup.device_count;
    if (apart < WEATHER_OFTEN) apart = WEATHER_OFTEN;
    machine_later(machine, sim, dice_between(&chance, WG_MINUTE, 2 * apart), weather, 0, 0);
    if (sim_strike(sim, FAULT_MOVE, machine->index)) move(machine, sim, &chance);
    if (machine->core && sim_strike(sim, FAULT_DISCONNECT, machine->index))
        machine_disconnect(machine, sim, chance_of(&chance, 0.8));
    if (machine->core && sim_strike(sim, FAULT_OFF, machine->index)) {
        machine_down(machine, sim, true);
        machine_up_after(machine, sim, 5 * WG_SECOND, 3 * WG_DAY);
    }
    if (sim->setup.metrics) tell_metrics(machine, sim);
}

void machine_plan(struct machine *machine, struct sim *sim)
{
    if (machine->setup->left_out) return;
    machine_later(machine, sim, machine->setup->joins + 1, boot, machine->life, 0);
    machine_later(machine, sim, machine->setup->joins + WG_MINUTE, weather, 0, 0);
}

void machine_mend(struct machine *machine, struct sim *sim)
{
    if (machine->setup->left_out || (machine->core && machine->has_clock && !machine->clock_off))
        return;
    machine_down(machine, sim, true);
    machine->mute = false;
    machine_up_after(machine, sim, 5 * WG_SECOND, 60 * WG_SECOND);
}

bool machine_init(struct machine *machine, struct sim *sim, size_t index)
{
    const struct setup_device *setup = &sim->setup.devices[index];
    struct core_config *config = &machine->config;
    memset(machine, 0, sizeof *machine);
    machine->index = index;
    machine->setup = setup;
    machine->zones = sim->ground->zones;
    (void)wg_copy(machine->zone, sizeof machine->zone, setup->zone);
    for (int slot = 0; slot < 2; slot++)
        (void)wg_copy(machine->slots[slot].version, sizeof machine->slots[slot].version,
                      setup->version);
    if (setup_has_companion(setup->version))
        (void)wg_copy(machine->slots[0].companion, sizeof machine->slots[0].companion,
                      setup->version);
    machine->slots[0].whole = true;
    machine_ran(machine);
    wg_buf_init(&machine->disk, CORE_MEMORY_MAX);
    (void)wg_copy(config->device, sizeof config->device, setup->id);
    (void)wg_copy(config->identity.agent, sizeof config->identity.agent, "1.0.0");
    (void)wg_copy(config->identity.hardware_model, sizeof config->identity.hardware_model, "box");
    (void)wg_copy(config->identity.hardware_revision, sizeof config->identity.hardware_revision,
                  "C");
    (void)wg_copy(config->identity.zone, sizeof config->identity.zone, setup->zone);
    (void)wg_copy(config->identity.region, sizeof config->identity.region, setup->region);
    (void)snprintf(config->identity.attributes, sizeof config->identity.attributes,
                   "{\"ring\":\"%s\",\"site\":\"%s\"}", setup->ring, setup->site);
    config->director_count = 1;
    config->directors[0] = sim->ground->director_key;
    config->soak = setup->soak;
    config->health_every = setup->health_every;
    config->resend = CORE_RESEND;
    config->tz = tz;
    config->tz_ctx = machine;
    return true;
}

void machine_clear(struct machine *machine)
{
    core_free(machine->core);
    wg_buf_clear(&machine->disk);
    machine->core = NULL;
}
