/* explanation_test.c: every place that a device can have in a campaign has its explanation: with
 * words, with the code of what holds it, and with the time when time alone changes that. */
#include "tests/unit/harness.h"
#include "tests/unit/status/scene.h"

#include <stdlib.h>
#include <string.h>

static bool is_over(enum campaign_state state)
{
    return state == CAMPAIGN_FINISHED || state == CAMPAIGN_ABORTED || state == CAMPAIGN_ROLLED_BACK;
}

static bool has_begun(enum campaign_state state)
{
    return state != CAMPAIGN_DRAFT && state != CAMPAIGN_AWAITING_APPROVAL &&
           state != CAMPAIGN_SCHEDULED;
}

/* Waves open one behind the other; a failed one stops the campaign with it. */
static bool waves_fit(enum campaign_state campaign, enum wave_state before, enum wave_state own)
{
    bool failed = before == WAVE_FAILED || own == WAVE_FAILED;
    if (own != WAVE_PENDING && before != WAVE_PASSED) return false;
    if (failed) return campaign == CAMPAIGN_STOPPING || campaign == CAMPAIGN_ABORTED;
    if (!has_begun(campaign)) return before == WAVE_PENDING;
    return campaign != CAMPAIGN_FINISHED || own == WAVE_PASSED;
}

static bool place_fits(enum campaign_state campaign, enum wave_state own, enum wg_state state)
{
    if (is_over(campaign) && !wg_state_is_final(state)) return false;
    if (own != WAVE_PENDING) return true;
    return state == WG_WAITING || (state == WG_WITHDRAWN && has_begun(campaign)) ||
           (state == WG_SUPERSEDED && has_begun(campaign));
}

static bool cause_fits(enum wg_state state, enum wg_cause cause)
{
    switch (state) {
    case WG_WAITING:
        return cause == WG_CAUSE_NONE || wg_cause_is_retriable(cause);
    case WG_OFFERED:
    case WG_SUCCEEDED:
        return cause == WG_CAUSE_NONE;
    case WG_SILENT:
        return cause == WG_CAUSE_SILENT;
    case WG_FAILED:
    case WG_ROLLED_BACK:
        return cause != WG_CAUSE_NONE &&
               (wg_cause_is_fault(cause) || !wg_cause_is_retriable(cause));
    default: /* a device may add what it likes */
        return true;
    }
}

static bool plight_fits(enum campaign_state campaign, enum wave_state own, enum wg_state state,
                        enum wg_cause cause, enum plight plight)
{
    bool retries = plight == RETRY_LATER || plight == RETRY_LATER_OFFLINE;
    if (retries) return state == WG_WAITING && wg_cause_is_retriable(cause) && own != WAVE_PENDING;
    if (plight == HELD_IN_HAND) return !wg_state_is_in_flight(state) && state != WG_DEFERRED;
    if (plight == NEVER_ONLINE)
        return state == WG_WAITING || state == WG_WITHDRAWN || state == WG_SUPERSEDED;
    if (plight == OVER_BUDGET) return has_begun(campaign);
    return true;
}

static size_t count_of(const char *text, char what)
{
    size_t count = 0;
    for (; *text; text++) count += *text == what;
    return count;
}

static bool is_sound(const char *text)
{
    static const char *const never[] = {"unknown", "(null)", "()", "( ", "(:", " )",
                                        ": )",     ":)",     "  ", " ;", " ,", "::"};
    size_t len = strlen(text);
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++)
        if (strstr(text, never[i])) return false;
    return len > 10 && len < EXPLANATION_TEXT - 1 && !strchr(" :;,", text[len - 1]) &&
           count_of(text, '(') == count_of(text, ')');
}

static enum explanation_code code_of_final(enum wg_state state)
{
    if (state == WG_SUCCEEDED) return EXPLAINED_SUCCEEDED;
    return state == WG_WITHDRAWN || state == WG_SUPERSEDED ? EXPLAINED_WITHDRAWN : EXPLAINED_FAILED;
}

/* In the words of the rules: who may be offered an update, and what asks first. */
static enum explanation_code code_of_waiting(enum campaign_state campaign, enum wave_state before,
                                             enum wave_state own, enum plight plight)
{
    bool runs = campaign == CAMPAIGN_RUNNING;
    if (plight == REVOKED) return EXPLAINED_REVOKED;
    if (plight == OVER_BUDGET && (runs || campaign == CAMPAIGN_PAUSED)) return EXPLAINED_BUDGET;
    if (campaign == CAMPAIGN_SCHEDULED) return EXPLAINED_AFTER;
    if (!runs) return EXPLAINED_CAMPAIGN;
    if (own == WAVE_PENDING)
        return before == WAVE_SOAKING || before == WAVE_AT_GATE ? EXPLAINED_GATE : EXPLAINED_WAVE;
    switch (plight) {
    case OFFLINE:
    case NEVER_ONLINE:
        return EXPLAINED_OFFLINE;
    case RETRY_LATER:
    case RETRY_LATER_OFFLINE:
        return EXPLAINED_BACKOFF;
    case HELD_IN_HAND:
        return EXPLAINED_OTHER_UPDATE;
    case HELD_BY_PRIORITY:
        return EXPLAINED_PRIORITY;
    case CAP_FULL:
    case SLOTS_KEPT:
        return EXPLAINED_CAP;
    default:
        return EXPLAINED_NEXT;
    }
}

static enum explanation_code code_of(enum campaign_state campaign, enum wave_state before,
                                     enum wave_state own, enum wg_state state, enum plight plight)
{
    if (state == WG_WAITING) return code_of_waiting(campaign, before, own, plight);
    if (wg_state_is_final(state)) return code_of_final(state);
    return state == WG_DEFERRED ? EXPLAINED_DEFERRED : EXPLAINED_MOVING;
}

static wg_time until_of(const struct scene *scene, enum explanation_code code)
{
    static const wg_duration limits[WG_STATES] = {[WG_OFFERED] = 2 * WG_MINUTE,
                                                  [WG_DEFERRED] = 10 * WG_MINUTE,
                                                  [WG_ACCEPTED] = WG_HOUR + ENGINE_GRACE,
                                                  [WG_DOWNLOADING] = WG_HOUR + ENGINE_GRACE,
                                                  [WG_INSTALLING] = WG_HOUR + ENGINE_GRACE,
                                                  [WG_REBOOTING] = WG_DAY,
                                                  [WG_PROBATION] = WG_HOUR + WG_DAY};
    if (code == EXPLAINED_BACKOFF) return NOW + WG_MINUTE;
    if (code == EXPLAINED_GATE && scene->view.waves[BEFORE].state == WAVE_SOAKING)
        return NOW - WG_MINUTE + WG_HOUR;
    if (code == EXPLAINED_MOVING || code == EXPLAINED_DEFERRED)
        return NOW - WG_MINUTE + limits[scene->place.state];
    return 0;
}

struct axes {
    enum campaign_state campaign;
    enum wave_state before, own;
    enum wg_state state;
    enum wg_cause cause;
    enum plight plight;
    int variant; /* bit 0: the device's words; bit 1: the budget aborts */
};

static bool is_reachable(const struct axes *axes)
{
    return waves_fit(axes->campaign, axes->before, axes->own) &&
           place_fits(axes->campaign, axes->own, axes->state) &&
           cause_fits(axes->state, axes->cause) &&
           plight_fits(axes->campaign, axes->own, axes->state, axes->cause, axes->plight);
}

static void set_scene(struct scene *scene, const struct axes *axes)
{
    scene_init(scene);
    scene->view.state = axes->campaign;
    (void)wg_copy(scene->place.campaign_state, sizeof scene->place.campaign_state,
                  campaign_state_text(axes->campaign));
    (void)wg_copy(scene->place.campaign_cause, sizeof scene->place.campaign_cause,
                  axes->campaign == CAMPAIGN_RUNNING ? "applied" : "aborted by alice");
    if (axes->campaign == CAMPAIGN_SCHEDULED && !(axes->variant & 1))
        (void)wg_copy(scene->view.waits_for, sizeof scene->view.waits_for, "engines");
    scene->view.waves[0].state = axes->before == WAVE_PENDING ? WAVE_PENDING : WAVE_PASSED;
    scene->view.waves[BEFORE].state = axes->before;
    scene->view.waves[OWN].state = axes->own;
    scene->place.state = axes->state;
    scene->place.cause = axes->cause;
    scene->place.attempt = axes->state == WG_WAITING && axes->cause == WG_CAUSE_NONE ? 0 : 2;
    if (axes->variant & 1)
        (void)wg_copy(scene->place.detail, sizeof scene->place.detail, "the engine runs");
    if (axes->variant & 2) scene->policy.budget.on_exceeded = POLICY_ABORT;
    set_plight(scene, axes->plight);
}

static void check(const struct axes *axes)
{
    static struct scene scene;
    struct explanation why;
    set_scene(&scene, axes);
    explanation_of(&scene.facts, &why);
    enum explanation_code code =
        code_of(axes->campaign, axes->before, axes->own, axes->state, axes->plight);
    bool ok = is_sound(why.text) && why.code == code && why.until == until_of(&scene, code);
    CU_ASSERT_TRUE(ok);
    if (!ok)
        printf("\n    %s, waves %s %s, %s (%s), plight %d: %s, until %lld: \"%s\"",
               campaign_state_text(axes->campaign), wave_state_text(axes->before),
               wave_state_text(axes->own), wg_state_text(axes->state), wg_cause_text(axes->cause),
               (int)axes->plight, explanation_code_text(why.code), (long long)why.until, why.text);
}

/* Calls for every combination that can be; returns how many. */
static int for_each(void (*call)(const struct axes *axes))
{
    const int sizes[] = {
        CAMPAIGN_STATES, WAVE_STATES, WAVE_STATES, WG_STATES, WG_CAUSES, PLIGHTS, 4};
    int count = 0, all = 1;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) all *= sizes[i];
    for (int n = 0; n < all; n++) {
        int at[7], rest = n;
        for (size_t i = 0; i < 7; i++) {
            at[i] = rest % sizes[i];
            rest /= sizes[i];
        }
        struct axes axes = {(enum campaign_state)at[0],
                            (enum wave_state)at[1],
                            (enum wave_state)at[2],
                            (enum wg_state)at[3],
                            (enum wg_cause)at[4],
                            (enum plight)at[5],
                            at[6]};
        if (!is_reachable(&axes)) continue;
        call(&axes);
        count++;
    }
    return count;
}

static void every_reachable_state_is_explained(void)
{
    CU_ASSERT_TRUE(for_each(check) > 10000);
}

static bool seen[EXPLANATION_CODES];

static void note(const struct axes *axes)
{
    static struct scene scene;
    struct explanation why;
    set_scene(&scene, axes);
    explanation_of(&scene.facts, &why);
    seen[why.code] = true;
}

static void every_code_is_reached_and_has_its_word(void)
{
    (void)for_each(note);
    for (int i = 0; i < EXPLANATION_CODES; i++) {
        const char *word = explanation_code_text((enum explanation_code)i);
        CU_ASSERT_TRUE(seen[i]);
        CU_ASSERT_TRUE(strlen(word) > 2);
        for (int j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(word, explanation_code_text((enum explanation_code)j));
    }
}

/* ---- said and done ---- */

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
        scene->place.in_flight += wave->count[WG_DOWNLOADING];
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
            if (action->kind == ENGINE_SET_CAMPAIGN) scene->view.state = action->campaign;
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
    int next = 0, held = 0;
    seed = 20261201;
    for (int round = 0; round < 20000; round++) {
        draw_scene(&scene);
        come_to_rest(&scene, &actions);
        explanation_of(&scene.facts, &why);
        bool claimed = claims(&actions, scene.place.wave_number);
        CU_ASSERT_EQUAL(why.code == EXPLAINED_NEXT, claimed);
        next += claimed;
        held += why.code == EXPLAINED_CAP;
    }
    CU_ASSERT_TRUE(next > 1000 && held > 100);
}

WG_SUITE("explanation", {"every reachable state is explained", every_reachable_state_is_explained},
         {"every code is reached", every_code_is_reached_and_has_its_word},
         {"next is who the engine claims for", next_is_who_the_engine_claims_for})
