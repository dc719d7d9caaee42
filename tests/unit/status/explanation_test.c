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
    if (campaign == CAMPAIGN_DRAFT) return before == WAVE_PENDING;
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

/* The wave before its own is at work, and the gate is what is asked of it. */
static bool gate_fits(enum wave_state before, enum plight plight)
{
    if (plight == GATE_BY_HAND)
        return before == WAVE_OPEN || before == WAVE_SOAKING || before == WAVE_AT_GATE;
    return before == WAVE_AT_GATE;
}

static bool retry_fits(enum wave_state own, enum wg_state state, enum wg_cause cause,
                       enum plight plight)
{
    if (state != WG_WAITING || own == WAVE_PENDING) return false;
    if (plight == GIVEN_BACK || plight == RESUMES) return cause == WG_CAUSE_OFFLINE;
    return wg_cause_is_retriable(cause);
}

static bool plight_fits(enum campaign_state campaign, enum wave_state before, enum wave_state own,
                        enum wg_state state, enum wg_cause cause, enum plight plight)
{
    bool begins = campaign == CAMPAIGN_AWAITING_APPROVAL || campaign == CAMPAIGN_SCHEDULED;
    switch (plight) {
    case RETRY_LATER:
    case RETRY_LATER_OFFLINE:
    case WINDOW_AFTER_RETRY:
    case GIVEN_BACK:
    case RESUMES:
        return retry_fits(own, state, cause, plight);
    case HELD_IN_HAND:
    case EMERGENCY_IN_HAND:
        return !wg_state_is_in_flight(state) && state != WG_DEFERRED;
    case NEVER_ONLINE:
        return state == WG_WAITING || state == WG_WITHDRAWN || state == WG_SUPERSEDED ||
               state == WG_SATISFIED;
    case OVER_BUDGET:
    case OVER_CLASS:
        return has_begun(campaign);
    case APPROVALS_EXPIRED:
        return begins;
    case NOT_APPROVED:
        return campaign == CAMPAIGN_RUNNING || campaign == CAMPAIGN_AWAITING_APPROVAL;
    case STARTS_LATER:
        return campaign == CAMPAIGN_SCHEDULED;
    case TIME_OVER:
        return campaign != CAMPAIGN_DRAFT;
    case EMERGENCY_OVER:
        return campaign == CAMPAIGN_RUNNING || is_over(campaign);
    case HELD:
        return campaign == CAMPAIGN_RUNNING || campaign == CAMPAIGN_PAUSED ||
               campaign == CAMPAIGN_STOPPING;
    case READY_HELD:
        return state == WG_INSTALLING &&
               (campaign == CAMPAIGN_PAUSED || campaign == CAMPAIGN_STOPPING);
    case READY:
        return state == WG_INSTALLING;
    case UNSIGNED:
        return state == WG_OFFERED;
    case GATE_BY_HAND:
    case GATE_ADVANCED:
    case GATE_APPROVED:
    case GATE_HEALTH:
    case GATE_HOOK:
        return gate_fits(before, plight);
    default:
        return true;
    }
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
    switch (state) {
    case WG_SUCCEEDED:
        return EXPLAINED_SUCCEEDED;
    case WG_SATISFIED:
        return EXPLAINED_SATISFIED;
    case WG_WITHDRAWN:
        return EXPLAINED_WITHDRAWN;
    case WG_SUPERSEDED:
        return EXPLAINED_SUPERSEDED;
    default:
        return EXPLAINED_FAILED;
    }
}

struct axes {
    enum campaign_state campaign;
    enum wave_state before, own;
    enum wg_state state;
    enum wg_cause cause;
    enum plight plight;
    int variant; /* bit 0: the device's words; bit 1: the budget aborts */
};

/* In the words of the rules: who may be offered an update, and what asks first. */
static enum explanation_code code_of_campaign(const struct axes *axes)
{
    switch (axes->campaign) {
    case CAMPAIGN_DRAFT:
        return EXPLAINED_DRAFT;
    case CAMPAIGN_AWAITING_APPROVAL:
        return axes->plight == TIME_OVER ? EXPLAINED_SCHEDULE : EXPLAINED_APPROVALS;
    case CAMPAIGN_SCHEDULED:
        if (axes->plight == TIME_OVER) return EXPLAINED_SCHEDULE;
        if (axes->plight == APPROVALS_EXPIRED) return EXPLAINED_APPROVALS;
        return axes->variant & 1 ? EXPLAINED_SCHEDULE : EXPLAINED_AFTER;
    case CAMPAIGN_PAUSED:
        return axes->plight == TIME_OVER ? EXPLAINED_SCHEDULE : EXPLAINED_CAMPAIGN;
    case CAMPAIGN_RUNNING:
        if (axes->plight == HELD) return EXPLAINED_CAMPAIGN;
        if (axes->plight == NOT_APPROVED) return EXPLAINED_APPROVALS;
        if (axes->plight == TIME_OVER || axes->plight == EMERGENCY_OVER) return EXPLAINED_SCHEDULE;
        return EXPLANATION_CODES;
    default:
        return EXPLAINED_CAMPAIGN;
    }
}

static enum explanation_code code_of_gate(const struct axes *axes)
{
    bool at_work =
        axes->before == WAVE_OPEN || axes->before == WAVE_SOAKING || axes->before == WAVE_AT_GATE;
    if (at_work && axes->plight == GATE_BY_HAND) return EXPLAINED_GATE_HELD;
    if (axes->before == WAVE_SOAKING) return EXPLAINED_GATE;
    if (axes->before != WAVE_AT_GATE) return EXPLAINED_WAVE;
    switch (axes->plight) {
    case GATE_ADVANCED:
    case GATE_APPROVED:
        return EXPLAINED_GATE;
    case GATE_HEALTH:
        return EXPLAINED_GATE_HEALTH;
    case GATE_HOOK:
        return EXPLAINED_GATE_HOOK;
    default:
        return EXPLAINED_GATE_APPROVALS;
    }
}

static enum explanation_code code_of_device(const struct axes *axes)
{
    static const enum explanation_code codes[PLIGHTS] = {[OFFLINE] = EXPLAINED_OFFLINE,
                                                         [NEVER_ONLINE] = EXPLAINED_OFFLINE,
                                                         [GIVEN_BACK] = EXPLAINED_GIVEN_BACK,
                                                         [HELD_IN_HAND] = EXPLAINED_OTHER_UPDATE,
                                                         [HELD_BY_PRIORITY] = EXPLAINED_PRIORITY,
                                                         [EMERGENCY_IN_HAND] = EXPLAINED_EMERGENCY,
                                                         [EMERGENCY_FIRST] = EXPLAINED_EMERGENCY,
                                                         [WINDOW_CLOSED] = EXPLAINED_WINDOW,
                                                         [WINDOW_CLOSED_OFFLINE] =
                                                             EXPLAINED_OFFLINE,
                                                         [WINDOW_AFTER_RETRY] = EXPLAINED_WINDOW,
                                                         [WINDOW_NEVER] = EXPLAINED_WINDOW,
                                                         [ZONE_NOT_SAID] = EXPLAINED_ZONE,
                                                         [ZONE_OF_SITE] = EXPLAINED_ZONE,
                                                         [ZONE_NOT_THERE] = EXPLAINED_ZONE,
                                                         [VALUE_TAKEN] = EXPLAINED_VALUE_CAP,
                                                         [VALUE_SILENT] = EXPLAINED_VALUE_CAP,
                                                         [CAP_FULL] = EXPLAINED_CAP,
                                                         [RATE_USED] = EXPLAINED_RATE,
                                                         [MANY_BEFORE] = EXPLAINED_TURN};
    bool back = axes->cause == WG_CAUSE_OFFLINE;
    switch (axes->plight) {
    case RETRY_LATER:
    case RETRY_LATER_OFFLINE:
        return axes->cause == WG_CAUSE_DEFERRED ? EXPLAINED_DEFERRED : EXPLAINED_BACKOFF;
    case OFFLINE:
    case WINDOW_CLOSED_OFFLINE:
        return back ? EXPLAINED_GIVEN_BACK : EXPLAINED_OFFLINE;
    default:
        return codes[axes->plight] ? codes[axes->plight] : EXPLAINED_NEXT;
    }
}

static enum explanation_code code_of_waiting(const struct axes *axes)
{
    bool counts = axes->campaign == CAMPAIGN_RUNNING || axes->campaign == CAMPAIGN_PAUSED;
    if (axes->plight == REVOKED) return EXPLAINED_REVOKED;
    if (axes->plight == QUARANTINED) return EXPLAINED_QUARANTINED;
    if (counts && (axes->plight == OVER_BUDGET || axes->plight == OVER_CLASS))
        return EXPLAINED_BUDGET;
    enum explanation_code code = code_of_campaign(axes);
    if (code != EXPLANATION_CODES) return code;
    return axes->own == WAVE_PENDING ? code_of_gate(axes) : code_of_device(axes);
}

static enum explanation_code code_of(const struct axes *axes)
{
    bool ready = axes->plight == READY || axes->plight == READY_HELD;
    if (axes->state == WG_WAITING) return code_of_waiting(axes);
    if (wg_state_is_final(axes->state)) return code_of_final(axes->state);
    if (ready && axes->state == WG_INSTALLING) return EXPLAINED_HELD;
    if (axes->plight == UNSIGNED) return EXPLAINED_UNSIGNED;
    return axes->state == WG_DEFERRED ? EXPLAINED_DEFERRED : EXPLAINED_MOVING;
}

static wg_time until_of_waiting(const struct axes *axes, enum explanation_code code)
{
    switch (code) {
    case EXPLAINED_DEFERRED:
    case EXPLAINED_BACKOFF:
        return NOW + WG_MINUTE;
    case EXPLAINED_GATE:
        return axes->before == WAVE_SOAKING ? NOW - WG_MINUTE + WG_HOUR : 0;
    case EXPLAINED_GATE_HOOK:
        return NOW - WG_MINUTE + 5 * WG_MINUTE;
    case EXPLAINED_WINDOW:
        return axes->plight == WINDOW_NEVER ? 0 : NOW + 3 * WG_HOUR;
    case EXPLAINED_RATE:
        return NOW - 10 * WG_SECOND + WG_MINUTE;
    case EXPLAINED_SCHEDULE:
        return axes->plight == STARTS_LATER ? NOW + WG_HOUR : 0;
    default:
        return 0;
    }
}

static wg_time until_of(const struct axes *axes, enum explanation_code code)
{
    static const wg_duration limits[WG_STATES] = {[WG_OFFERED] = 2 * WG_MINUTE,
                                                  [WG_DEFERRED] = 10 * WG_MINUTE,
                                                  [WG_ACCEPTED] = WG_HOUR + ENGINE_GRACE,
                                                  [WG_DOWNLOADING] = WG_HOUR + ENGINE_GRACE,
                                                  [WG_INSTALLING] = WG_HOUR + ENGINE_GRACE,
                                                  [WG_REBOOTING] = WG_DAY,
                                                  [WG_PROBATION] = WG_HOUR + WG_DAY};
    if (axes->state == WG_WAITING) return until_of_waiting(axes, code);
    if (code == EXPLAINED_MOVING || code == EXPLAINED_UNSIGNED || code == EXPLAINED_DEFERRED)
        return NOW - WG_MINUTE + limits[axes->state];
    return 0;
}

static bool is_reachable(const struct axes *axes)
{
    return waves_fit(axes->campaign, axes->before, axes->own) &&
           place_fits(axes->campaign, axes->own, axes->state) &&
           cause_fits(axes->state, axes->cause) &&
           plight_fits(axes->campaign, axes->before, axes->own, axes->state, axes->cause,
                       axes->plight);
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
    if (axes->before == WAVE_AT_GATE) scene->view.waves[BEFORE].last_finish = NOW - 2 * WG_HOUR;
    if (!has_begun(axes->campaign) && axes->before != WAVE_PENDING)
        scene->view.started_at = NOW - WG_DAY; /* another revision of what has begun */
    scene->place.state = axes->state;
    scene->place.cause = axes->cause;
    scene->place.attempt = axes->state == WG_WAITING && axes->cause == WG_CAUSE_NONE ? 0 : 2;
    scene->place.spent = wg_cause_is_fault(axes->cause) ? 2 : 0;
    if (axes->variant & 1)
        (void)wg_copy(scene->place.detail, sizeof scene->place.detail, "the engine runs");
    if (axes->variant & 2) scene->policy.budget.on_exceeded = POLICY_ABORT;
    set_plight(scene, axes->plight);
}

static int wrong;

/* Tells the first that are wrong; there may be very many. */
static void check(const struct axes *axes)
{
    static struct scene scene;
    struct explanation why;
    set_scene(&scene, axes);
    explanation_of(&scene.facts, &why);
    enum explanation_code code = code_of(axes);
    bool ok = is_sound(why.text) && why.code == code && why.until == until_of(axes, code);
    if (!ok && wrong++ < 20)
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
    wrong = 0;
    CU_ASSERT_TRUE(for_each(check) > 10000);
    CU_ASSERT_EQUAL(wrong, 0);
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

WG_SUITE("explanation", {"every reachable state is explained", every_reachable_state_is_explained},
         {"every code is reached", every_code_is_reached_and_has_its_word})
