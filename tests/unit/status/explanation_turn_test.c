/* explanation_turn_test.c: said and done: who is said to be next, and whom the engine claims for.
 */
#include "tests/unit/harness.h"
#include "tests/unit/status/scene.h"

static uint64_t seed;

static int64_t draw(int64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

static void draw_scene(struct scene *scene)
{
    static const enum campaign_state states[] = {CAMPAIGN_RUNNING, CAMPAIGN_RUNNING,
                                                 CAMPAIGN_PAUSED, CAMPAIGN_STOPPING};
    scene_init(scene);
    scene->view.state = states[draw(4)];
    scene->policy.in_flight = draw(5) + 1;
    scene->policy.continuous = draw(2) == 1;
    scene->policy.overlap[1] = draw(4) == 0;
    scene->policy.overlap[2] = draw(4) == 0;
    if (draw(4) == 0) {
        scene->policy.rate.start = draw(3) + 1;
        scene->view.offered = draw(4);
        scene->view.offered_first = NOW - WG_SECOND;
    }
    scene->view.stop = ENGINE_STOP_ABORT;
    scene->place.wave_number = draw(3);
    for (size_t i = 0; i < 3; i++) {
        struct engine_wave *wave = &scene->view.waves[i];
        scene->policy.gates[i].sample.value = (draw(2) + 1) * POLICY_PPM / 2;
        scene->policy.gates[i].approval_count = draw(2);
        set_wave(scene, i, "wave", draw(4), draw(4));
        wave->state = WAVE_PENDING;
        wave->count[WG_DOWNLOADING] = draw(2);
        wave->faults = wave->count[WG_ROLLED_BACK] = draw(8) / 7;
        wave->members += wave->count[WG_DOWNLOADING] + wave->faults;
        wave->last_finish = NOW - draw(2) * 2 * WG_HOUR;
    }
    scene->view.waves[scene->place.wave_number].count[WG_WAITING]++;
    scene->view.waves[scene->place.wave_number].members++;
}

/* Lets the engine change states until it is content; its last answer is in actions. */
static void come_to_rest(struct scene *scene, struct engine_actions *actions)
{
    bool changed = true;
    while (changed) {
        changed = false;
        engine_decide(&scene->policy, &scene->view, NOW, actions);
        for (size_t i = 0; i < actions->count; i++) {
            const struct engine_action *action = &actions->items[i];
            if (action->kind == ENGINE_SET_CAMPAIGN) {
                scene->view.state = action->campaign;
                scene->view.held = action->held;
                scene->view.stop = action->stop;
            }
            if (action->kind == ENGINE_SET_WAVE)
                scene->view.waves[action->wave].state = action->wave_state;
            changed =
                changed || action->kind == ENGINE_SET_CAMPAIGN || action->kind == ENGINE_SET_WAVE;
        }
    }
}

static bool claims(const struct engine_actions *actions, int64_t wave)
{
    for (size_t i = 0; i < actions->count; i++)
        if (actions->items[i].kind == ENGINE_CLAIM && actions->items[i].wave == (size_t)wave)
            return true;
    return false;
}

/* A device that the store would take is said to be next exactly when the engine claims for it. */
static void next_is_who_the_engine_claims_for(void)
{
    static struct scene scene;
    static struct engine_actions actions;
    struct explanation why;
    int next = 0, held = 0, other = 0;
    seed = 20261201;
    for (int round = 0; round < 20000; round++) {
        draw_scene(&scene);
        come_to_rest(&scene, &actions);
        explanation_of(&scene.facts, &why);
        bool claimed = claims(&actions, scene.place.wave_number);
        other += (why.code == EXPLAINED_NEXT || why.code == EXPLAINED_TURN) != claimed;
        next += claimed;
        held += why.code == EXPLAINED_CAP || why.code == EXPLAINED_RATE;
    }
    CU_ASSERT_EQUAL(other, 0);
    CU_ASSERT_TRUE(next > 1000 && held > 100);
}

WG_SUITE("turns in explanations",
         {"next is who the engine claims for", next_is_who_the_engine_claims_for})
