/* scene.h: a device's place with all that its explanation is made from. */
#ifndef WG_TESTS_UNIT_STATUS_SCENE_H
#define WG_TESTS_UNIT_STATUS_SCENE_H

#include "orchestrator/status/explanation.h"

#define NOW ((wg_time)20000 * WG_DAY) /* 2024-10-04 */
#define BEFORE 1                      /* the wave before its own */
#define OWN 2

/* What a device and those around it can be, one at a time. */
enum plight {
    ONLINE,
    OFFLINE,
    NEVER_ONLINE,
    REVOKED,
    RETRY_LATER,
    RETRY_LATER_OFFLINE,
    HELD_IN_HAND,
    HELD_BY_PRIORITY,
    CAP_FULL,
    SLOTS_KEPT, /* for waiting devices of earlier waves */
    OVER_BUDGET,
    PLIGHTS
};

/* Facts with all they borrow. */
struct scene {
    struct device_row device;
    struct device_place_row place;
    struct device_holder_row holder;
    struct policy policy;
    struct engine_view view;
    struct explanation_facts facts;
};

static inline void set_wave(struct scene *scene, size_t wave, const char *name, int64_t waiting,
                            int64_t succeeded)
{
    struct engine_wave *to = &scene->view.waves[wave];
    *to = (struct engine_wave){.members = waiting + succeeded, .last_finish = NOW - WG_MINUTE};
    (void)wg_copy(to->name, sizeof to->name, name);
    to->count[WG_WAITING] = waiting;
    to->count[WG_SUCCEEDED] = succeeded;
}

/* dev-1 waits in the open wave rest, behind two that passed, and nothing holds it. */
static inline void scene_init(struct scene *scene)
{
    *scene =
        (struct scene){.device = {.id = "dev-1", .online = true, .presence_at = NOW - WG_HOUR},
                       .place = {.campaign = "brakes",
                                 .campaign_state = "running",
                                 .component = "app",
                                 .version = "2.4.1",
                                 .wave = "rest",
                                 .wave_number = OWN,
                                 .state = WG_WAITING,
                                 .state_at = NOW - WG_MINUTE},
                       .policy = {.wave_count = 3,
                                  .in_flight = 3,
                                  .budget = {.failures = {false, 1}},
                                  .retry = {.attempts = 3, .backoff = 10 * WG_MINUTE},
                                  .timeout = {2 * WG_MINUTE, WG_HOUR, WG_HOUR, WG_HOUR, WG_DAY}},
                       .view = {.state = CAMPAIGN_RUNNING, .wave_count = 3}};
    for (size_t i = 0; i < 3; i++)
        scene->policy.gates[i] = (struct policy_gate){.success_ppm = 990000,
                                                      .sample = {true, POLICY_PPM},
                                                      .soak = WG_HOUR,
                                                      .approval_role = "rollout-admin",
                                                      .approval_count = 2};
    set_wave(scene, 0, "canary", 0, 2);
    set_wave(scene, BEFORE, "half", 0, 5);
    set_wave(scene, OWN, "rest", 9, 0);
    scene->view.waves[0].state = scene->view.waves[BEFORE].state = WAVE_PASSED;
    scene->view.waves[OWN].state = WAVE_OPEN;
    scene->facts = (struct explanation_facts){.device = &scene->device,
                                              .place = &scene->place,
                                              .holder = &scene->holder,
                                              .policy = &scene->policy,
                                              .view = &scene->view,
                                              .now = NOW};
}

static inline void set_plight(struct scene *scene, enum plight plight)
{
    scene->device.online =
        plight != OFFLINE && plight != NEVER_ONLINE && plight != RETRY_LATER_OFFLINE;
    if (plight == NEVER_ONLINE) scene->device.presence_at = 0;
    if (plight == REVOKED) scene->device.revoked_at = NOW - WG_DAY;
    if (plight == RETRY_LATER || plight == RETRY_LATER_OFFLINE)
        scene->place.retry_at = NOW + WG_MINUTE;
    if (plight == HELD_IN_HAND || plight == HELD_BY_PRIORITY)
        scene->holder = (struct device_holder_row){"engines", plight == HELD_IN_HAND, 80, 50};
    if (plight == CAP_FULL) scene->place.in_flight = 3;
    if (plight == SLOTS_KEPT) scene->view.waves[0].count[WG_WAITING] = 3;
    if (plight == OVER_BUDGET) scene->view.waves[0].faults = 2;
}

#endif
