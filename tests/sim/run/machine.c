/* machine.c: what the world around a core does with its actions. */
#include "tests/sim/run/machine.h"

#include "tests/sim/dice.h"
#include "tests/sim/run/machine_part.h"
#include "tests/sim/run/sim.h"
#include "tests/sim/run/wall.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOST_WITHIN (60 * WG_SECOND) /* until an agent notices that its session is gone */

void machine_dice(struct machine *machine, struct sim *sim, struct chance *out, const char *what)
{
    dice_init(out, sim->setup.seed, what, machine->index, machine->asked++);
}

wg_time machine_wall(const struct machine *machine, const struct sim *sim)
{
    return machine->has_clock ? sim->now + machine->clock_off : 0;
}

static bool is_trial(const struct machine *machine)
{
    return machine->running != machine->committed;
}

/* Versions of the simulation differ in their first number. */
static uint32_t version_bit(const char *version)
{
    return 1U << (strtoul(version, NULL, 10) & 31);
}

bool machine_has_run(const struct machine *machine, const char *version)
{
    return machine->ran & version_bit(version);
}

void machine_ran(struct machine *machine)
{
    machine->ran |= version_bit(machine->slots[machine->committed].version);
}

bool machine_is_exposed(const struct machine *machine)
{
    return machine->phase >= CORE_ACTIVATING || machine->marker || is_trial(machine);
}

bool machine_is_idle(const struct machine *machine)
{
    return machine->setup->left_out || (machine->core && core_phase(machine->core) == CORE_IDLE &&
                                        core_pending(machine->core) == 0);
}

/* Rule 6, after all that touches slots. */
static void check_slots(struct machine *machine, struct sim *sim)
{
    if (!machine->slots[machine->committed].whole)
        rule_broken(sim, 6, machine->setup->id, NULL,
                    "slot %c, which boots by default, holds nothing that boots",
                    "ab"[machine->committed]);
}

void machine_later(struct machine *machine, struct sim *sim, wg_duration after, event_fn run,
                   uint64_t token, int64_t number)
{
    agenda_add(&sim->agenda, &(struct event){.at = sim->now + after,
                                             .run = run,
                                             .who = machine->index,
                                             .token = token,
                                             .number = number});
}

static void wake(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    if (event->token != machine->life || !machine->core || event->at != machine->wake_at) return;
    machine->wake_at = 0;
    machine_feed(machine, sim, &(struct core_event){.kind = CORE_EV_TICK});
}

static void plan_wake(struct machine *machine, struct sim *sim)
{
    wg_time due = machine->core ? core_wake(machine->core) : 0;
    if (due == 0) {
        machine->wake_at = 0;
        return;
    }
    wg_time at = machine->up_at + due;
    if (at < sim->now + 1) at = sim->now + 1;
    if (at == machine->wake_at) return;
    machine->wake_at = at;
    machine_later(machine, sim, at - sim->now, wake, machine->life, 0);
}

static void save(struct machine *machine, struct sim *sim)
{
    wg_buf_clear(&machine->disk);
    wg_buf_init(&machine->disk, CORE_MEMORY_MAX);
    if (!core_dump(machine->core, &machine->disk, &sim->err)) sim_fail(sim, "saving a memory");
    machine->phase = core_phase(machine->core);
}

/* Rule 7: a number is a report's for good, whatever befalls the device. */
static void check_said(struct machine *machine, struct sim *sim, const struct wg_report *report)
{
    struct machine_said *said = &machine->said[report->seq % MACHINE_SAID];
    bool same = said->state == report->state && said->cause == report->cause &&
                strcmp(said->order, report->order) == 0;
    if (report->seq == 0) return;
    if (said->seq == report->seq && !same)
        rule_broken(sim, 7, machine->setup->id, report->campaign,
                    "says %s as report %" PRId64 ", which was %s before",
                    wg_state_text(report->state), report->seq, wg_state_text(said->state));
    *said = (struct machine_said){report->seq, report->state, report->cause, ""};
    (void)wg_copy(said->order, sizeof said->order, report->order);
}

static void publish(struct machine *machine, struct sim *sim, const struct core_action *action)
{
    struct wg_report report;
    struct wg_error err = {0};
    if (action->topic == WG_TOPIC_UP_REPORT &&
        wg_report_decode(action->payload, action->len, &report, &err)) {
        check_said(machine, sim, &report);
        if (report.seq > machine->written) machine->written = report.seq;
        sim_tell(sim, machine->setup->id, "says %s%s%s (report %" PRId64 ", order %.8s)",
                 wg_state_text(report.state), report.cause ? " " : "", wg_cause_text(report.cause),
                 report.seq, report.order);
    } else {
        sim_tell(sim, machine->setup->id, "says hello");
    }
    post_up(sim, machine, action->topic, action->payload, action->len);
}

/* The boot-once marker is set: from here on the campaign has put the device at risk. */
static void activate(struct machine *machine, struct sim *sim)
{
    const char *id = machine->setup->id;
    const struct wg_windows *windows = &machine->order.windows;
    if (is_trial(machine) || !machine->installed)
        rule_broken(sim, 6, id, machine->order.campaign, "sets a slot to boot that is not ready");
    if (machine->has_clock && machine->clock_off == 0 &&
        !wall_is_open(windows, machine->zone, sim->now)) {
        char wall[WALL_TEXT];
        wall_text(windows->kind == WG_WINDOW_DEVICE ? machine->zone : windows->zone, sim->now,
                  wall);
        rule_broken(sim, 4, id, machine->order.campaign, "switches over outside its window, at %s",
                    wall);
    }
    if (sim_strike(sim, FAULT_ACTIVATE, machine->index)) {
        machine_answer(machine, sim, 100, CORE_EV_ACTIVATE_FAILED);
        return;
    }
    machine->marker = true;
    sim_tell(sim, id, "sets slot %c (%s) to boot once", "ab"[!machine->running],
             machine -> slots[!machine->running].version);
    machine_answer(machine, sim, 100, CORE_EV_ACTIVATED);
}

/* Rule 6: what comes together is committed together. */
static void check_whole(struct machine *machine, struct sim *sim)
{
    const struct machine_slot *slot = &machine->slots[machine->running];
    if (setup_has_companion(slot->version) && strcmp(slot->companion, slot->version) != 0)
        rule_broken(sim, 6, machine->setup->id, machine->order.campaign,
                    "commits %s with " SETUP_COMPANION " %s", slot->version,
                    slot->companion[0] ? slot->companion : "missing");
}

static void commit(struct machine *machine, struct sim *sim)
{
    check_whole(machine, sim);
    if (!is_trial(machine))
        rule_broken(sim, 6, machine->setup->id, machine->order.campaign,
                    "commits a slot that is not on trial");
    if (sim_strike(sim, FAULT_COMMIT, machine->index)) {
        machine_answer(machine, sim, 200, CORE_EV_COMMIT_FAILED);
        return;
    }
    machine->committed = machine->running;
    machine_ran(machine);
    sim_tell(sim, machine->setup->id, "commits slot %c (%s)", "ab"[machine->running],
             machine -> slots[machine->running].version);
    machine_answer(machine, sim, 200, CORE_EV_COMMITTED);
}

static void discard(struct machine *machine, struct sim *sim)
{
    if (is_trial(machine))
        rule_broken(sim, 6, machine->setup->id, machine->order.campaign,
                    "discards the committed slot");
    else
        machine->slots[!machine->running].whole = false;
    machine->fetched = machine->installed = machine->marker = false;
}

static void reboot(struct machine *machine, struct sim *sim)
{
    if (sim_strike(sim, FAULT_STUCK, machine->index)) return;
    sim_tell(sim, machine->setup->id, "reboots");
    machine_down(machine, sim, false);
    machine_up_after(machine, sim, 5 * WG_SECOND, 40 * WG_SECOND);
}

static void remember(struct machine *machine, const struct wg_order *order)
{
    (void)wg_copy(machine->order.id, sizeof machine->order.id, order->id);
    (void)wg_copy(machine->order.campaign, sizeof machine->order.campaign, order->campaign);
    (void)wg_copy(machine->order.version, sizeof machine->order.version, order->version);
    machine->order.companion[0] = '\0';
    if (order->companion_count > 0)
        (void)wg_copy(machine->order.companion, sizeof machine->order.companion,
                      order->companions[0].version);
    machine->order.windows = order->windows;
}

/* False when the process that asked for it is no more. */
static bool act(struct machine *machine, struct sim *sim, const struct core_action *action)
{
    sim->rules.acted = true;
    if (action->order) remember(machine, action->order);
    switch (action->kind) {
    case CORE_DO_SAVE:
        save(machine, sim);
        break;
    case CORE_DO_PUBLISH:
        publish(machine, sim, action);
        break;
    case CORE_DO_VOUCH: /* nobody asks a repository here, nor hooks */
    case CORE_DO_HOOKS:
    case CORE_DO_ERASE: /* nor is told to erase its keys */
    case CORE_DO_END:
        break;
    case CORE_DO_FETCH:
        machine_fetch(machine, sim);
        break;
    case CORE_DO_CANCEL:
        machine->work++;
        break;
    case CORE_DO_INSTALL:
        machine_install(machine, sim);
        break;
    case CORE_DO_ACTIVATE:
        activate(machine, sim);
        break;
    case CORE_DO_BOOT_CHECK:
    case CORE_DO_HEALTH_CHECK:
        machine_check(machine, sim, action->kind);
        break;
    case CORE_DO_COMMIT:
        commit(machine, sim);
        break;
    case CORE_DO_DISCARD:
        discard(machine, sim);
        break;
    case CORE_DO_REBOOT:
        reboot(machine, sim);
        break;
    case CORE_DO_LOG:
        sim_tell(sim, machine->setup->id, "notes: %s", action->text);
        break;
    }
    check_slots(machine, sim);
    return machine->core != NULL;
}

/* Between any two actions power may go, or the process may die. */
static bool is_cut(struct machine *machine, struct sim *sim)
{
    struct chance chance;
    if (sim_strike(sim, FAULT_POWER, machine->index)) {
        machine_dice(machine, sim, &chance, "power");
        bool is_long = chance_of(&chance, 0.25);
        machine_down(machine, sim, true);
        machine_up_after(machine, sim, 5 * WG_SECOND, is_long ? 2 * WG_DAY : 40 * WG_SECOND);
        return true;
    }
    if (sim_strike(sim, FAULT_CRASH, machine->index)) {
        machine_down(machine, sim, true);
        machine_process_after(machine, sim, 1 * WG_SECOND, 10 * WG_SECOND);
        return true;
    }
    return false;
}

void machine_feed(struct machine *machine, struct sim *sim, const struct core_event *event)
{
    struct core_actions *actions = sim->ground->actions;
    if (!core_handle(machine->core, event, sim->now - machine->up_at, machine_wall(machine, sim),
                     actions, &sim->err)) {
        sim_fail(sim, "a core");
        return;
    }
    for (size_t i = 0; i < actions->count; i++)
        if (is_cut(machine, sim) || !act(machine, sim, &actions->items[i])) break;
    core_actions_clear(actions);
    if (machine->core) plan_wake(machine, sim);
}

static void notice_lost(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    if (event->token != machine->life || !machine->core || machine->connected) return;
    machine_feed(machine, sim, &(struct core_event){.kind = CORE_EV_LOST});
    machine_connect_after(machine, sim, WG_SECOND, 90 * WG_SECOND);
}

void machine_disconnect(struct machine *machine, struct sim *sim, bool will)
{
    struct chance chance;
    if (!machine->connected) return;
    machine->connected = false;
    sim_tell(sim, machine->setup->id, "is disconnected");
    if (will) post_will(sim, machine);
    machine_dice(machine, sim, &chance, "notice");
    machine_later(machine, sim, dice_spread(&chance, 10, LOST_WITHIN), notice_lost, machine->life,
                  0);
}

void machine_mail(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    struct core_event mail = {.bytes = event->bytes, .len = event->len};
    if (!machine->connected || !machine->core) return;
    if (event->topic == WG_TOPIC_DOWN_ORDER) {
        mail.kind = CORE_EV_ORDER;
        machine_feed(machine, sim, &mail);
        return;
    }
    struct wg_ack ack = {.seq = 0};
    struct wg_error err = {0};
    mail.kind = CORE_EV_ACK;
    bool is_ack = wg_ack_decode(event->bytes, event->len, &ack, &err);
    size_t before = core_pending(machine->core);
    sim_tell(sim, machine->setup->id, "is told: up to report %" PRId64 ", order %.8s%s", ack.seq,
             ack.order[0] ? ack.order : "none", ack.go ? ", go" : "");
    if (is_ack && before > 0 && ack.seq > machine->forgotten && ack.seq <= machine->written)
        rules_forgotten(sim, machine, ack.seq);
    machine_feed(machine, sim, &mail);
}
