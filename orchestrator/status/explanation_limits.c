/* explanation_limits.c: what lets a device wait that nothing else holds: its window, caps for each
 * value of an attribute, the cap in flight, the rate. */
#include "orchestrator/status/explanation_part.h"

#include <string.h>

/* ---- window ---- */

bool explanation_has_window(const struct policy *policy)
{
    return policy->window.count > 0 && policy->emergency.length == 0;
}

wg_time window_opens(const struct explanation_facts *facts)
{
    if (!explanation_has_window(facts->policy) || !facts->tz) return 0;
    wg_time next = wg_windows_next(&facts->policy->window, facts->tz, facts->now);
    return next > facts->now ? next : 0;
}

void say_window(struct explanation *out, const struct explanation_facts *facts)
{
    struct wg_windows windows = facts->policy->window;
    char words[WG_WINDOWS_WORDS];
    (void)wg_copy(windows.zone, sizeof windows.zone, facts->zone);
    wg_windows_words(&windows, facts->tz, facts->now, words);
    say(out, "%s", words);
}

static void say_unknown_zone(struct explanation *out, const struct explanation_facts *facts)
{
    bool site = facts->policy->window.kind == WG_WINDOW_SITE;
    if (facts->zone && facts->zone[0])
        say(out, "%s time zone %s is none that is known here",
            facts->policy->window.kind == WG_WINDOW_NAMED ? "the window's" : "its", facts->zone);
    else if (site)
        say(out, "the time zone of where it stands is not known; wavegate device import gives it a "
                 "time zone or a position, wavegate boundary import the zones of positions");
    else
        say(out, "it has not said its time zone; wavegate device import gives it one");
}

bool explain_zone(const struct explanation_facts *facts, struct explanation *out)
{
    const struct wg_windows *windows = &facts->policy->window;
    if (!explanation_has_window(facts->policy)) return false;
    if (facts->tz && wg_windows_next(windows, facts->tz, facts->now) > 0) return false;
    out->code = facts->tz ? EXPLAINED_WINDOW : EXPLAINED_ZONE;
    say(out, "waits: ");
    if (facts->tz)
        say(out, "its maintenance window does not open within a year in %s", facts->zone);
    else
        say_unknown_zone(out, facts);
    return true;
}

bool explain_window(const struct explanation_facts *facts, struct explanation *out)
{
    wg_time opens = window_opens(facts);
    if (opens == 0) return false;
    out->code = EXPLAINED_WINDOW;
    out->until = opens;
    say(out, "waits: its maintenance window ");
    say_window(out, facts);
    return true;
}

/* ---- caps for each value ---- */

static void say_holder(struct explanation *out, const struct explanation_facts *facts,
                       const struct device_cap_holder *holder)
{
    if (holder->state != WG_SILENT) {
        say(out, "%s (%s in campaign %s)", holder->device, wg_state_text(holder->state),
            holder->campaign);
        return;
    }
    say(out, "%s (went silent in campaign %s ", holder->device, holder->campaign);
    say_since(out, holder->since, facts->now);
    say(out, " ago, and counts until it is heard)");
}

static void say_cap(struct explanation *out, const struct explanation_facts *facts,
                    const struct policy_per *per, const struct device_cap_row *cap)
{
    say(out, "waits: %lld of %lld %s with %s %s %s an update in hand: ", (long long)cap->devices,
        (long long)per->most, per->most == 1 ? "device" : "devices", per->attribute, cap->value,
        cap->devices == 1 ? "has" : "have");
    for (size_t i = 0; i < cap->shown; i++) {
        if (i > 0) say(out, ", ");
        say_holder(out, facts, &cap->holders[i]);
    }
    if (cap->devices > (int64_t)cap->shown)
        say(out, " and %lld more", (long long)cap->devices - (long long)cap->shown);
}

bool explain_caps(const struct explanation_facts *facts, struct explanation *out)
{
    const struct policy *policy = facts->policy;
    for (size_t i = 0; facts->caps && i < policy->per_count; i++) {
        if (facts->caps[i].devices < policy->per[i].most) continue;
        out->code = EXPLAINED_VALUE_CAP;
        say_cap(out, facts, &policy->per[i], &facts->caps[i]);
        return true;
    }
    return false;
}

/* ---- its turn ---- */

/* Those that the engine offers free slots to first, whether they can take them or not. */
static int64_t waiting_before(const struct explanation_facts *facts, size_t own)
{
    int64_t sum = facts->place->ahead;
    for (size_t i = 0; i < own; i++) {
        const struct engine_wave *wave = &facts->view->waves[i];
        if (wave->state != WAVE_PENDING && wave->state != WAVE_FAILED)
            sum += wave->count[WG_WAITING];
    }
    return sum;
}

static void say_before(struct explanation *out, int64_t before)
{
    if (before == 0)
        say(out, "; no device is before it");
    else
        say(out, "; %lld %s before it", (long long)before,
            before == 1 ? "device is" : "devices are");
}

static void explain_rate(const struct explanation_facts *facts, const struct engine_pace *pace,
                         struct explanation *out)
{
    out->code = EXPLAINED_RATE;
    say(out, "waits: %lld %s offered the update in the last minute, %lld may be",
        (long long)facts->view->offered, facts->view->offered == 1 ? "device was" : "devices were",
        (long long)pace->rate);
    set_until(out, facts, pace->next);
    if (out->until) {
        say(out, "; the next at ");
        say_time(out, out->until);
    }
}

void explain_turn(const struct explanation_facts *facts, struct explanation *out)
{
    struct engine_pace pace;
    int64_t before = waiting_before(facts, out->wave);
    engine_pace(facts->policy, facts->view, facts->now, &pace);
    if (pace.slots > 0) {
        bool next = before < pace.slots;
        out->code = next ? EXPLAINED_NEXT : EXPLAINED_TURN;
        if (next)
            say(out, "is offered the update next");
        else
            say(out, "waits for its turn: %lld more %s start now", (long long)pace.slots,
                pace.slots == 1 ? "update may" : "updates may");
    } else if (pace.in_flight >= facts->policy->in_flight) {
        out->code = EXPLAINED_CAP;
        say(out, "waits: %lld of %lld updates run at once", (long long)pace.in_flight,
            (long long)facts->policy->in_flight);
    } else {
        explain_rate(facts, &pace, out);
    }
    say_before(out, before);
    if (is_given_back(facts->place)) say(out, "; it goes on with what it has done of its update");
}
