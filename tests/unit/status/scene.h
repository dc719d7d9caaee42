/* scene.h: a device's place with all that its explanation is made from. */
#ifndef WG_TESTS_UNIT_STATUS_SCENE_H
#define WG_TESTS_UNIT_STATUS_SCENE_H

#include "orchestrator/status/explanation.h"

#include "common/tz.h"

#define NOW ((wg_time)20000 * WG_DAY) /* 2024-10-04 */
#define BEFORE 1                      /* the wave before its own */
#define OWN 2

/* What a device and those around it can be, one at a time. */
enum plight {
    ONLINE,
    OFFLINE,
    NEVER_ONLINE,
    REVOKED,
    QUARANTINED,
    RETRY_LATER,
    RETRY_LATER_OFFLINE,
    GIVEN_BACK, /* it went offline with its update in hand */
    RESUMES,    /* and came back */
    HELD_IN_HAND,
    HELD_BY_PRIORITY,
    EMERGENCY_IN_HAND,
    EMERGENCY_FIRST,
    WINDOW_CLOSED,
    WINDOW_CLOSED_OFFLINE,
    WINDOW_AFTER_RETRY,
    WINDOW_NEVER,
    WINDOW_OPEN,
    ZONE_NOT_SAID,
    ZONE_OF_SITE,
    ZONE_NOT_THERE,
    VALUE_TAKEN,  /* of an attribute with a cap, by another device */
    VALUE_SILENT, /* by one that went silent */
    CAP_FULL,
    RATE_USED,
    MANY_BEFORE, /* in waves before its own */
    OVER_BUDGET,
    OVER_CLASS, /* the budget of one class */
    APPROVALS_EXPIRED,
    NOT_APPROVED, /* this revision of a campaign that runs */
    STARTS_LATER,
    TIME_OVER, /* its schedule */
    EMERGENCY_OVER,
    HELD, /* nobody switches over */
    READY_HELD,
    READY,    /* has installed, waits for the word */
    UNSIGNED, /* its order is not signed */
    GATE_BY_HAND,
    GATE_ADVANCED,
    GATE_APPROVED,
    GATE_HEALTH,
    GATE_HOOK,
    PLIGHTS
};

/* Facts with all they borrow. */
struct scene {
    struct device_row device;
    struct device_place_row place;
    struct device_holder_row holder;
    struct device_cap_row caps[POLICY_PER_MAX];
    struct campaign_row row;
    struct policy policy;
    struct engine_view view;
    struct explanation_facts facts;
    struct wg_tz *utc; /* made once, for a scene that lasts as long as the program */
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
    struct wg_tz *utc = scene->utc ? scene->utc : wg_tz_utc(NULL);
    *scene = (struct scene){
        .utc = utc,
        .device = {.id = "dev-1", .online = true, .presence_at = NOW - WG_HOUR},
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
                   .start = {"rollout-admin", 2, WG_DAY},
                   .retry = {.attempts = 3, .backoff = 10 * WG_MINUTE},
                   .timeout = {2 * WG_MINUTE, WG_HOUR, WG_HOUR, WG_HOUR, WG_DAY}},
        .view = {
            .state = CAMPAIGN_RUNNING, .approvals = 2, .start_approved = true, .wave_count = 3}};
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
                                              .caps = scene->caps,
                                              .row = &scene->row,
                                              .zone = "",
                                              .policy = &scene->policy,
                                              .view = &scene->view,
                                              .now = NOW};
}

/* A window of 03:00 to 04:00 UTC: NOW is midnight. No zone known keeps one shut for a year, so
 * WINDOW_NEVER has one without days. */
static inline void set_window(struct scene *scene, enum plight plight)
{
    struct wg_windows *windows = &scene->policy.window;
    static const struct wg_window window = {WG_DAYS_ALL, 3 * 60, 4 * 60};
    *windows = (struct wg_windows){.count = 1, .items = {window}};
    if (plight == WINDOW_NEVER) windows->items[0].days = 0;
    if (plight == WINDOW_OPEN) windows->items[0].from = 0;
    if (plight == ZONE_OF_SITE) windows->kind = WG_WINDOW_SITE;
    if (plight == ZONE_NOT_SAID || plight == ZONE_OF_SITE) return;
    scene->facts.zone = plight == ZONE_NOT_THERE ? "Mars/Base" : "Etc/UTC";
    if (plight != ZONE_NOT_THERE) scene->facts.tz = scene->utc;
}

static inline void set_value_cap(struct scene *scene, bool silent)
{
    scene->policy.per_count = 1;
    scene->policy.per[0] = (struct policy_per){"site", 1};
    scene->caps[0] = (struct device_cap_row){
        "plant-7",
        1,
        1,
        {{"dev-9", "engines", silent ? WG_SILENT : WG_REBOOTING, NOW - 2 * WG_HOUR}}};
}

static inline void set_others(struct scene *scene, enum plight plight)
{
    bool in_hand = plight == HELD_IN_HAND || plight == EMERGENCY_IN_HAND;
    bool emergency = plight == EMERGENCY_IN_HAND || plight == EMERGENCY_FIRST;
    scene->holder = (struct device_holder_row){"engines", in_hand, 80, 50, emergency};
}

/* The gate of the wave before its own, and what it asks. */
static inline void set_gate(struct scene *scene, enum plight plight)
{
    struct policy_gate *gate = &scene->policy.gates[BEFORE];
    struct engine_wave *wave = &scene->view.waves[BEFORE];
    wave->approvals = plight == GATE_BY_HAND ? 0 : 2;
    if (plight == GATE_BY_HAND) wave->manual = ENGINE_MANUAL_HOLD;
    if (plight == GATE_ADVANCED) wave->manual = ENGINE_MANUAL_ADVANCE;
    (void)wg_copy(wave->manual_words, sizeof wave->manual_words, "by anna: look first");
    if (plight == GATE_HEALTH)
        gate->health = (struct policy_health){"crashes", false, 200000, 10000, 50000, WG_MINUTE};
    if (plight != GATE_HOOK) return;
    gate->hook = (struct policy_hook){.run = "error-rate", .every = 5 * WG_MINUTE};
    wave->hook = ENGINE_HOOK_HOLD;
    wave->hook_at = NOW - WG_MINUTE;
    (void)wg_copy(wave->hook_words, sizeof wave->hook_words, "too many errors");
}

/* What is of the whole campaign. */
static inline void set_campaign_plight(struct scene *scene, enum plight plight)
{
    struct engine_view *view = &scene->view;
    struct policy *policy = &scene->policy;
    if (plight == OVER_BUDGET) view->waves[0].faults = 2;
    if (plight == OVER_CLASS) {
        view->waves[0].faults = view->waves[0].fault_class[WG_CAUSE_BOOT] = 1;
        policy->budget.class_limited[WG_CAUSE_BOOT] = true;
    }
    if (plight == APPROVALS_EXPIRED) view->approvals = 1, scene->row.approval_count = 2;
    if (plight == NOT_APPROVED) {
        view->start_approved = false;
        view->approvals = 0;
        view->started_at = NOW - WG_HOUR;
    }
    if (plight == STARTS_LATER) policy->schedule.start = NOW + WG_HOUR;
    if (plight == TIME_OVER) policy->schedule.end = NOW - WG_MINUTE;
    if (plight == EMERGENCY_OVER) {
        policy->emergency.length = WG_HOUR;
        view->started_at = NOW - 2 * WG_HOUR;
    }
    view->held = plight == HELD || plight == READY_HELD;
}

static inline void set_plight(struct scene *scene, enum plight plight)
{
    struct device_place_row *place = &scene->place;
    scene->device.online = plight != OFFLINE && plight != NEVER_ONLINE &&
                           plight != RETRY_LATER_OFFLINE && plight != GIVEN_BACK &&
                           plight != WINDOW_CLOSED_OFFLINE;
    if (plight == NEVER_ONLINE) scene->device.presence_at = 0;
    if (plight == REVOKED) scene->device.revoked_at = NOW - WG_DAY;
    if (plight == QUARANTINED) {
        scene->device.quarantined_at = NOW - WG_DAY;
        (void)wg_copy(scene->device.cloned_why, sizeof scene->device.cloned_why,
                      "two boots take turns");
    }
    if (plight == RETRY_LATER || plight == RETRY_LATER_OFFLINE || plight == WINDOW_AFTER_RETRY)
        place->retry_at = NOW + WG_MINUTE;
    if (plight == READY || plight == READY_HELD) place->ready_at = place->state_at;
    if (plight == UNSIGNED) (void)wg_copy(place->refusal, sizeof place->refusal, "nobody approved");
    if (plight >= HELD_IN_HAND && plight <= EMERGENCY_FIRST) set_others(scene, plight);
    if (plight >= WINDOW_CLOSED && plight <= ZONE_NOT_THERE) set_window(scene, plight);
    if (plight == VALUE_TAKEN || plight == VALUE_SILENT)
        set_value_cap(scene, plight == VALUE_SILENT);
    if (plight == CAP_FULL) scene->view.waves[BEFORE].count[WG_DOWNLOADING] = 3;
    if (plight == MANY_BEFORE) scene->view.waves[0].count[WG_WAITING] = 3;
    if (plight == RATE_USED) {
        scene->policy.rate.start = 2;
        scene->view.offered = 2;
        scene->view.offered_first = NOW - 10 * WG_SECOND;
    }
    if (plight >= GATE_BY_HAND) set_gate(scene, plight);
    set_campaign_plight(scene, plight);
}

#endif
