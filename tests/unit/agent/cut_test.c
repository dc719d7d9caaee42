/* cut_test.c: the power, or the agent's process, is cut before every single action of an update,
 * and for some fates again before every action after that. However it goes, the update ends, on a
 * committed slot, with one final report that tells the truth. */
#include "tests/unit/agent/world.h"

#define BIT(state) (1U << (state))
#define FATE_FAILED(point)                                                                         \
    [FATE_HOOK_FAILS + (point)] = {"hook " #point " fails", WG_FAILED, BIT(WG_FAILED)}
#define FATE_LATER(point)                                                                          \
    [FATE_HOOK_LATER + (point)] = {"hook " #point " later", WG_SUCCEEDED,                          \
                                   BIT(WG_SUCCEEDED) | BIT(WG_ROLLED_BACK)}

/* How an update of each fate may end when it is cut; the first is how it ends when it is not. */
static const struct {
    const char *what;
    enum wg_state plain;
    unsigned ends;
} fates[FATES] = {
    [FATE_GOOD] = {"good", WG_SUCCEEDED, BIT(WG_SUCCEEDED) | BIT(WG_ROLLED_BACK)},
    [FATE_FETCH_STUTTERS] = {"fetch stutters", WG_SUCCEEDED,
                             BIT(WG_SUCCEEDED) | BIT(WG_ROLLED_BACK)},
    [FATE_FETCH_WRONG] = {"fetch wrong", WG_FAILED, BIT(WG_FAILED)},
    [FATE_INSTALL_FAILS] = {"install fails", WG_FAILED, BIT(WG_FAILED)},
    [FATE_BOOT_DIES] = {"boot dies", WG_ROLLED_BACK, BIT(WG_ROLLED_BACK)},
    [FATE_BOOT_SAYS_NO] = {"boot says no", WG_ROLLED_BACK, BIT(WG_ROLLED_BACK)},
    [FATE_UNHEALTHY] = {"unhealthy", WG_ROLLED_BACK, BIT(WG_ROLLED_BACK)},
    [FATE_COMMIT_FAILS] = {"commit fails", WG_ROLLED_BACK, BIT(WG_ROLLED_BACK)},
    [FATE_WITHDRAWN] = {"withdrawn", WG_WITHDRAWN, BIT(WG_WITHDRAWN)},
    [FATE_HELD] = {"held", WG_SUCCEEDED, BIT(WG_SUCCEEDED) | BIT(WG_ROLLED_BACK)},
    [FATE_ABANDONED] = {"abandoned", WG_WITHDRAWN, BIT(WG_WITHDRAWN)},
    [FATE_PUT_OFF] = {"put off", WG_SUCCEEDED, BIT(WG_SUCCEEDED) | BIT(WG_ROLLED_BACK)},
    [FATE_HOOKS_GO] = {"hooks go", WG_SUCCEEDED, BIT(WG_SUCCEEDED) | BIT(WG_ROLLED_BACK)},
    [FATE_HEALTH_LATER] = {"health later", WG_SUCCEEDED, BIT(WG_SUCCEEDED) | BIT(WG_ROLLED_BACK)},
    FATE_FAILED(0),
    FATE_FAILED(1),
    FATE_FAILED(2),
    FATE_FAILED(3),
    FATE_FAILED(4),
    FATE_FAILED(5),
    FATE_LATER(0),
    FATE_LATER(1),
    FATE_LATER(2),
    FATE_LATER(3),
    FATE_LATER(4),
    FATE_LATER(5),
};

/* The state of the only final report; WG_WAITING when there is none, more than one, or progress
 * went back. */
static enum wg_state final_state(const struct world *world)
{
    enum wg_state state = WG_WAITING;
    enum wg_state told = WG_WAITING;
    int finals = 0;
    for (int64_t seq = 1; seq <= world->highest; seq++) {
        CU_ASSERT_PTR_NOT_NULL(world->payloads[seq]); /* none is missing */
        if (world->reports[seq].state == WG_DEFERRED) {
            /* by a hook between the word and the mark: then nothing is kept, and all begins anew */
            if (world->fate >= FATE_HOOKS_GO) told = WG_WAITING;
            continue;
        }
        if (world->reports[seq].state < told) return WG_WAITING;
        told = world->reports[seq].state;
        if (!wg_state_is_final(world->reports[seq].state)) continue;
        state = world->reports[seq].state;
        finals++;
    }
    return finals == 1 ? state : WG_WAITING;
}

static bool ended_well(const struct world *world)
{
    enum wg_state state = final_state(world);
    const char *expected = state == WG_SUCCEEDED ? "2.0.0" : "1.0.0";
    return (fates[world->fate].ends & BIT(state)) && core_phase(world->core) == CORE_IDLE &&
           core_pending(world->core) == 0 && !world->order_open &&
           world->running == world->committed &&
           strcmp(world->versions[world->committed], expected) == 0;
}

static void say_cuts(const struct world *world)
{
    printf("\n    %s, lossy %zu, cut (%s) before action %zu, then (%s) before %zu: %s, phase %s\n",
           fates[world->fate].what, world->lossy, world->cuts[0].kind ? "process" : "power",
           world->cuts[0].before, world->cuts[1].kind ? "process" : "power", world->cuts[1].before,
           wg_state_text(final_state(world)), core_phase_text(core_phase(world->core)));
    for (int64_t seq = 1; seq <= world->highest; seq++)
        printf("    %s", wg_state_text(world->reports[seq].state));
    printf("\n");
}

/* Runs the update, boots once more, and returns how many actions it took. */
static size_t run(enum fate fate, size_t lossy, struct cut first, struct cut second,
                  char trace[WG_SHA256_HEX])
{
    static struct world world;
    uint8_t digest[WG_SHA256_SIZE];
    world_init(&world, fate, lossy);
    world.cuts[0] = first;
    world.cuts[1] = second;
    world_start(&world);
    world_run(&world);
    size_t actions = world.actions;
    bool cut = first.before > 0, fails = fates[fate].plain == WG_FAILED;
    if (!cut && !lossy) CU_ASSERT_EQUAL(final_state(&world), fates[fate].plain);
    if (!cut && fate >= FATE_HOOKS_GO) CU_ASSERT_EQUAL(world.errors, fails ? 1 : 0);
    if (fate == FATE_HEALTH_LATER || fate >= FATE_HOOK_LATER)
        CU_ASSERT_TRUE(cut || world.laters >= WORLD_LATERS);
    world_boot(&world);
    world_run(&world);
    bool well = ended_well(&world);
    CU_ASSERT_TRUE(well);
    if (!well) say_cuts(&world);
    ASSERT_OK(wg_sha256_end(&world.trace, digest, &world.err), &world.err);
    wg_hex(digest, sizeof digest, trace);
    world_clear(&world);
    return actions;
}

static const struct cut NO_CUT = {.before = 0};

static void test_uncut(void)
{
    char trace[WG_SHA256_HEX];
    for (int fate = 0; fate < FATES; fate++)
        for (size_t lossy = 0; lossy <= 4; lossy++)
            if (lossy != 1) (void)run((enum fate)fate, lossy, NO_CUT, NO_CUT, trace);
}

static void test_cut_once(void)
{
    char trace[WG_SHA256_HEX];
    size_t every = (size_t)harness_every(1, 4);
    for (int fate = 0; fate < FATES; fate++)
        for (size_t lossy = 0; lossy <= 3; lossy += 3) {
            size_t actions = run((enum fate)fate, lossy, NO_CUT, NO_CUT, trace);
            for (size_t at = 1 + (size_t)fate % every; at <= actions; at += every) {
                (void)run((enum fate)fate, lossy, (struct cut){at, CUT_POWER}, NO_CUT, trace);
                (void)run((enum fate)fate, lossy, (struct cut){at, CUT_PROCESS}, NO_CUT, trace);
            }
        }
}

static void cut_twice(enum fate fate, enum cut_kind one, enum cut_kind two)
{
    char trace[WG_SHA256_HEX];
    size_t actions = run(fate, 0, NO_CUT, NO_CUT, trace), every = (size_t)harness_every(3, 12);
    for (size_t at = 1; at <= actions; at++) {
        struct cut first = {at, one};
        size_t more = run(fate, 0, first, NO_CUT, trace);
        for (size_t then = at + at % every; then <= more; then += every)
            (void)run(fate, 0, first, (struct cut){then, two}, trace);
    }
}

/* The second cut falls before an action of a run that was cut once already: before each of them,
 * from one first cut or another, and for each first cut with WAVEGATE_CUTS=all. */
static void test_cut_twice(void)
{
    cut_twice(FATE_GOOD, CUT_POWER, CUT_POWER);
    cut_twice(FATE_GOOD, CUT_POWER, CUT_PROCESS);
    cut_twice(FATE_GOOD, CUT_PROCESS, CUT_POWER);
    cut_twice(FATE_UNHEALTHY, CUT_POWER, CUT_POWER);
    cut_twice(FATE_WITHDRAWN, CUT_PROCESS, CUT_POWER);
    cut_twice(FATE_ABANDONED, CUT_POWER, CUT_POWER);
    cut_twice(FATE_PUT_OFF, CUT_PROCESS, CUT_POWER);
    cut_twice(FATE_HOOKS_GO, CUT_POWER, CUT_PROCESS);
    cut_twice((enum fate)(FATE_HOOK_LATER + 3), CUT_POWER, CUT_POWER);
    cut_twice((enum fate)(FATE_HOOK_LATER + 5), CUT_PROCESS, CUT_POWER);
}

static void test_same_again(void)
{
    for (int fate = 0; fate < FATES; fate++) {
        char first[WG_SHA256_HEX], second[WG_SHA256_HEX];
        (void)run((enum fate)fate, 3, (struct cut){7, CUT_POWER}, NO_CUT, first);
        (void)run((enum fate)fate, 3, (struct cut){7, CUT_POWER}, NO_CUT, second);
        ASSERT_TEXT(first, second);
    }
}

WG_SUITE("agent/cut", {"no cut", test_uncut}, {"cut once", test_cut_once},
         {"cut twice", test_cut_twice}, {"same events, same bytes", test_same_again})
