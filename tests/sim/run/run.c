/* run.c: chaos, then calm, then the end. */
#include "tests/sim/run/run.h"

#include "tests/sim/run/watch.h"

#include <stdlib.h>
#include <string.h>

#define STEPS_MOST 3000000 /* a run that does not end by itself is told as such */

bool sim_strike(struct sim *sim, enum fault_kind kind, size_t who)
{
    if (!faults_strike(&sim->faults, kind, who, sim->now, sim->step)) return false;
    sim_tell(sim, "fault", "%s %zu", fault_text(kind), who);
    return true;
}

void sim_fail(struct sim *sim, const char *what)
{
    if (sim->err.code == WG_OK) (void)wg_fail_memory(&sim->err, "simulating");
    (void)wg_context(&sim->err, "%s", what);
    sim->failed = true;
}

bool sim_goes_on(const struct sim *sim)
{
    return !sim->failed && sim->broken.rule == 0 && !sim->agenda.failed;
}

static void step(struct sim *sim)
{
    struct event event = agenda_take(&sim->agenda);
    if (event.at > sim->now) sim->now = event.at;
    sim->step++;
    event.run(sim, &event);
    free(event.bytes);
    rules_step(sim);
}

void sim_run_until(struct sim *sim, wg_time until)
{
    wg_time next;
    while (sim_goes_on(sim) && (next = agenda_next(&sim->agenda)) != 0 && next <= until) step(sim);
    if (sim_goes_on(sim) && sim->now < until) sim->now = until;
}

static bool begin(struct sim *sim, struct ground *ground, uint64_t seed,
                  const struct run_mask *mask)
{
    sim->ground = ground;
    setup_draw(&sim->setup, seed, &mask->setup);
    sim->now = sim->setup.start;
    agenda_init(&sim->agenda);
    faults_init(&sim->faults, seed, &mask->faults, ground->without);
    history_init(&sim->history, sim->setup.start);
    mirror_init(&sim->mirror);
    if (!watch_reset(ground->watch, &sim->err) || !operators_init(&sim->operators, sim))
        return false;
    for (size_t i = 0; i < sim->setup.device_count; i++) {
        machine_init(&sim->machines[i], sim, i);
        machine_plan(&sim->machines[i], sim);
    }
    for (size_t i = 0; i < sim->setup.server_count; i++)
        if (!server_init(&sim->servers[i], sim, i)) return false;
    post_plan(sim);
    operators_plan(&sim->operators);
    return true;
}

/* Nothing goes wrong from here on, and what is broken is mended. */
static void calm(struct sim *sim)
{
    sim_tell(sim, "calm", "from here on nothing goes wrong");
    sim->faults.calm = true;
    sim->database_back = 0;
    post_mend(sim);
    for (size_t i = 0; i < sim->setup.server_count; i++) server_mend(&sim->servers[i]);
    for (size_t i = 0; i < sim->setup.device_count; i++) machine_mend(&sim->machines[i], sim);
    operators_care(&sim->operators);
}

static bool is_over(const struct sim *sim)
{
    if (mirror_is_active(&sim->mirror)) return false;
    for (size_t i = 0; i < sim->setup.device_count; i++)
        if (!machine_is_idle(&sim->machines[i])) return false;
    return true;
}

static void live(struct sim *sim)
{
    wg_time end = sim->setup.start + RUN_DAYS * WG_DAY;
    wg_time chaos = sim->setup.start + sim->setup.chaos;
    while (sim_goes_on(sim) && sim->now < chaos &&
           (operators_want(&sim->operators) || mirror_is_active(&sim->mirror)))
        sim_run_until(sim, sim->now + WG_HOUR < chaos ? sim->now + WG_HOUR : chaos);
    if (!sim_goes_on(sim)) return;
    calm(sim);
    while (sim_goes_on(sim) && sim->now < end && sim->step < STEPS_MOST && !is_over(sim))
        sim_run_until(sim, sim->now + 2 * WG_HOUR);
    if (sim_goes_on(sim)) rules_end(sim);
}

static void count(const struct sim *sim, struct run *out)
{
    for (size_t i = 0; i < sim->setup.server_count; i++) {
        out->statements += sim->servers[i].statements;
        out->batches += sim->servers[i].batches;
        out->ticks += sim->servers[i].ticks;
    }
    for (size_t c = 0; c < sim->mirror.campaign_count; c++) {
        const struct mirror_campaign *campaign = &sim->mirror.campaigns[c];
        for (size_t d = 0; d < sim->setup.device_count; d++)
            if (campaign->places[d].there) out->finished[campaign->places[d].state]++;
        for (size_t w = 0; w < campaign->wave_count; w++)
            out->gates += campaign->waves[w].state == WAVE_PASSED;
    }
}

static void end(struct sim *sim, struct run *out)
{
    for (size_t i = 0; i < SETUP_SERVERS_MAX; i++) server_clear(&sim->servers[i]);
    for (size_t i = 0; i < sim->setup.device_count; i++) machine_clear(&sim->machines[i]);
    operators_clear(&sim->operators);
    agenda_clear(&sim->agenda);
    mirror_clear(&sim->mirror);
    out->broken = sim->broken;
    out->steps = sim->step;
    out->lasted = sim->now - sim->setup.start;
    out->devices = sim->setup.device_count;
    out->campaigns = sim->setup.campaign_count;
    out->strike_count = sim->faults.count;
    out->strikes = sim->faults.strikes;
    out->history = sim->history;
    out->looks = sim->rules.checked;
}

bool run_seed(struct ground *ground, uint64_t seed, const struct run_mask *mask, struct run *out,
              struct wg_error *err)
{
    struct sim *sim = calloc(1, sizeof *sim);
    memset(out, 0, sizeof *out);
    out->seed = seed;
    if (!sim) return wg_fail_memory(err, "simulating");
    if (begin(sim, ground, seed, mask))
        live(sim);
    else
        sim_fail(sim, "beginning");
    count(sim, out);
    end(sim, out);
    bool ok = !sim->failed && !sim->agenda.failed;
    if (!ok && err) *err = sim->err;
    free(sim);
    return ok || wg_context(err, "seed %llu", (unsigned long long)seed);
}

void run_clear(struct run *run)
{
    history_clear(&run->history);
    free(run->strikes);
    run->strikes = NULL;
}
