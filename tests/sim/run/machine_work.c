/* machine_work.c: fetching, installing, checking: each takes its time and may fail. */
#include "tests/sim/run/machine_part.h"
#include "tests/sim/run/sim.h"

#include <string.h>

#define ARTIFACT_LENGTH 1000000

enum outcome { DONE, PROGRESS, BROKEN, WRONG, FULL, FAILED };

static void answered(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    if (event->token != machine->work || !machine->core) return;
    machine_feed(machine, sim, &(struct core_event){.kind = (enum core_event_kind)event->number});
}

void machine_answer(struct machine *machine, struct sim *sim, wg_duration after,
                    enum core_event_kind kind)
{
    machine_later(machine, sim, after, answered, machine->work, (int64_t)kind);
}

/* How long a piece of work takes this time. */
static wg_duration effort(struct machine *machine, struct sim *sim, const char *what)
{
    struct chance chance;
    machine_dice(machine, sim, &chance, what);
    wg_duration time =
        dice_between(&chance, machine->setup->pace / 3, machine->setup->pace * 2) + 1;
    return sim_strike(sim, FAULT_SLOW, machine->index)
               ? time + dice_spread(&chance, 10, 600) * WG_MINUTE
               : time;
}

static bool is_trial(const struct machine *machine)
{
    return machine->running != machine->committed;
}

static void fetched(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    struct core_event said = {.kind = CORE_EV_FETCH_FAILED, .cause = WG_CAUSE_DOWNLOAD};
    if (event->token != machine->work || !machine->core) return;
    switch ((enum outcome)event->number) {
    case PROGRESS:
        said = (struct core_event){
            .kind = CORE_EV_PROGRESS, .done = ARTIFACT_LENGTH / 2, .total = ARTIFACT_LENGTH};
        break;
    case DONE:
        machine->fetched = true;
        said = (struct core_event){.kind = CORE_EV_FETCHED};
        break;
    case WRONG:
        said.cause = WG_CAUSE_VERIFY;
        said.text = "bad block";
        break;
    case FULL:
        said.fatal = true;
        said.text = "no space left on device";
        break;
    case BROKEN:
    case FAILED:
        said.text = "connection reset";
        break;
    }
    machine_feed(machine, sim, &said);
}

void machine_fetch(struct machine *machine, struct sim *sim)
{
    enum outcome outcome = DONE;
    size_t who = machine->index;
    if (is_trial(machine)) {
        rule_broken(sim, 6, machine->setup->id, machine->order.campaign,
                    "fetches into the committed slot");
        return;
    }
    machine->work++;
    machine->marker = machine->fetched = machine->installed = false;
    machine->slots[!machine->running].whole = false;
    if (sim_strike(sim, FAULT_STUTTER, who))
        outcome = BROKEN;
    else if (sim_strike(sim, FAULT_BAD_BLOCK, who))
        outcome = WRONG;
    else if (sim_strike(sim, FAULT_DISK_FULL, who))
        outcome = FULL;
    wg_duration time = effort(machine, sim, "fetch");
    sim_tell(sim, machine->setup->id, "fetches %s for %s", machine->order.version,
             machine->order.campaign);
    if (time % 2) machine_later(machine, sim, time / 2, fetched, machine->work, PROGRESS);
    machine_later(machine, sim, time, fetched, machine->work, (int64_t)outcome);
}

static void installed(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    struct machine_slot *slot = &machine->slots[!machine->running];
    if (event->token != machine->work || !machine->core) return;
    machine->installed = slot->whole = event->number == DONE;
    (void)wg_copy(slot->version, sizeof slot->version, machine->order.version);
    /* what does not come along stays as it is */
    (void)wg_copy(slot->companion, sizeof slot->companion,
                  machine->order.companion[0] ? machine->order.companion
                                              : machine->slots[machine->running].companion);
    if (event->number == DONE)
        machine_feed(machine, sim, &(struct core_event){.kind = CORE_EV_INSTALLED});
    else
        machine_feed(machine, sim,
                     &(struct core_event){.kind = CORE_EV_INSTALL_FAILED, .text = "payload"});
}

void machine_install(struct machine *machine, struct sim *sim)
{
    if (is_trial(machine)) {
        rule_broken(sim, 6, machine->setup->id, machine->order.campaign,
                    "installs into the committed slot");
        return;
    }
    if (!machine->fetched)
        rule_broken(sim, 6, machine->setup->id, machine->order.campaign,
                    "installs what was not fetched");
    machine->work++;
    machine->installed = machine->slots[!machine->running].whole = false;
    bool fails = sim_strike(sim, FAULT_INSTALL, machine->index);
    sim_tell(sim, machine->setup->id, "installs %s", machine->order.version);
    machine_later(machine, sim, effort(machine, sim, "install"), installed, machine->work,
                  fails ? FAILED : DONE);
}

static void dies(void *world, const struct event *event)
{
    struct sim *sim = world;
    struct machine *machine = &sim->machines[event->who];
    if (event->token != machine->work || !machine->core) return;
    sim_tell(sim, machine->setup->id, "is reset by its watchdog");
    machine_down(machine, sim, true);
    machine_up_after(machine, sim, 5 * WG_SECOND, 40 * WG_SECOND);
}

/* Is the release bad for this device? The same each time. */
static bool is_bad(const struct machine *machine, const struct sim *sim)
{
    const char *version = machine->slots[machine->running].version;
    return dice_unit(sim->setup.seed, version, machine->index, 0) < sim->setup.bad_release;
}

void machine_check(struct machine *machine, struct sim *sim, enum core_action_kind kind)
{
    bool boot = kind == CORE_DO_BOOT_CHECK;
    bool bad = is_bad(machine, sim);
    machine->work++;
    if (!is_trial(machine))
        rule_broken(sim, 6, machine->setup->id, machine->order.campaign,
                    "checks a slot that is not on trial");
    if (boot && bad && machine->index % 2 == 0) {
        machine_later(machine, sim, 20 * WG_SECOND, dies, machine->work, 0);
        return;
    }
    bool fails =
        sim_strike(sim, boot ? FAULT_BOOT_SAID : FAULT_UNHEALTHY, machine->index) || (!boot && bad);
    enum core_event_kind said = boot ? CORE_EV_BOOTED : CORE_EV_HEALTHY;
    if (fails) said = boot ? CORE_EV_BOOT_FAILED : CORE_EV_UNHEALTHY;
    wg_duration time = 500;
    if (sim_strike(sim, FAULT_SLOW, machine->index)) time = 2 * WG_HOUR;
    machine_answer(machine, sim, time, said);
}
