/* explanation_waiting.c: what holds back a waiting device: the first reason that does. What lasts
 * goes before what passes; for the rest it is the order in which the engine and the store ask. */
#include "orchestrator/status/explanation_part.h"

static bool explain_revoked(const struct explanation_facts *facts, struct explanation *out)
{
    if (!facts->device->revoked_at) return false;
    out->code = EXPLAINED_REVOKED;
    say(out, "is not offered the update: it was revoked at ");
    say_time(out, facts->device->revoked_at);
    return true;
}

static bool explain_quarantine(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_row *device = facts->device;
    if (!device->quarantined_at) return false;
    out->code = EXPLAINED_QUARANTINED;
    say(out, "is not offered the update: it is in quarantine since ");
    say_time(out, device->quarantined_at);
    if (device->held_why[0]) {
        say(out, ", because a person holds it back");
        say_why(out, device->held_why);
    } else if (device->tampered_why[0] && !device->cloned_why[0]) {
        say(out, ", because it says that it was tampered with");
        say_why(out, device->tampered_why);
    } else {
        say(out, ", because it looks cloned");
        say_why(out, device->cloned_why);
    }
    say(out, "; wavegate device clear %s ends it", device->id);
    return true;
}

/* ---- its last attempt ---- */

bool is_given_back(const struct device_place_row *place)
{
    return place->cause == WG_CAUSE_OFFLINE && place->attempt > 0 &&
           place->retry_at <= place->state_at;
}

/* Only faults are counted against the attempts that a device has. */
static void say_attempt(struct explanation *out, const struct explanation_facts *facts)
{
    const struct device_place_row *place = facts->place;
    int64_t most = policy_retry_of(&facts->policy->retry, place->cause).attempts;
    if (wg_cause_is_fault(place->cause))
        say(out, "attempt %lld of %lld failed", (long long)place->spent, (long long)most);
    else
        say(out, "attempt %lld was given up", (long long)place->attempt);
    say_cause(out, place);
}

static void say_put_off(struct explanation *out, const struct explanation_facts *facts)
{
    say(out, "put the update off itself, ");
    say_since(out, facts->place->state_at, facts->now);
    say(out, " ago");
    if (facts->place->detail[0]) say(out, ": %s", facts->place->detail);
    say(out, "; it is asked again at ");
}

/* Who did not answer is asked as soon as it is back. */
static bool is_back(const struct explanation_facts *facts)
{
    return facts->place->cause == WG_CAUSE_OFFLINE && facts->device->online &&
           facts->device->presence_at > facts->place->state_at;
}

static bool explain_backoff(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    if (place->retry_at <= facts->now || is_back(facts)) return false;
    if (facts->device->online && window_opens(facts) > place->retry_at) return false;
    out->code = place->cause == WG_CAUSE_DEFERRED ? EXPLAINED_DEFERRED : EXPLAINED_BACKOFF;
    out->until = place->retry_at;
    if (place->cause == WG_CAUSE_DEFERRED) {
        say_put_off(out, facts);
    } else {
        say(out, "waits: ");
        if (place->cause == WG_CAUSE_OFFLINE)
            say(out, "attempt %lld was not answered in time", (long long)place->attempt);
        else
            say_attempt(out, facts);
        say(out, "; it is tried again at ");
    }
    say_time(out, place->retry_at);
    say_away(out, facts);
    return true;
}

static bool explain_offline(const struct explanation_facts *facts, struct explanation *out)
{
    if (facts->device->online) return false;
    out->code = EXPLAINED_OFFLINE;
    if (!facts->device->presence_at) {
        say(out, "waits: the device has never been online; it is offered the update when it is");
    } else if (is_given_back(facts->place)) {
        out->code = EXPLAINED_GIVEN_BACK;
        say(out, "waits: it went offline with its update in hand ");
        say_since(out, facts->place->state_at, facts->now);
        say(out, " ago, and its slot was given back; it keeps what it has done, and goes on when "
                 "it is back and has a slot again");
    } else {
        say(out, "waits: the device has been offline for ");
        say_since(out, facts->device->presence_at, facts->now);
        say(out, "; it is offered the update when it is back");
    }
    if (window_opens(facts) > 0) {
        say(out, "; its maintenance window ");
        say_window(out, facts);
    }
    return true;
}

/* ---- other campaigns ---- */

static void explain_emergency(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_holder_row *holder = facts->holder;
    out->code = EXPLAINED_EMERGENCY;
    say(out, "waits: the emergency campaign %s ", holder->campaign);
    if (holder->in_hand && facts->place->cause == WG_CAUSE_SHED)
        say(out, "took it over, and its update is in hand");
    else if (holder->in_hand)
        say(out, "has its update in hand, and it does one at a time");
    else
        say(out, "goes first");
}

static bool explain_others(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_holder_row *holder = facts->holder;
    if (!holder->campaign[0]) return false;
    if (holder->emergency) {
        explain_emergency(facts, out);
        return true;
    }
    out->code = holder->in_hand ? EXPLAINED_OTHER_UPDATE : EXPLAINED_PRIORITY;
    if (holder->in_hand)
        say(out, "waits: it does one update at a time, and that of campaign %s is in hand",
            holder->campaign);
    else if (holder->priority == holder->own_priority)
        say(out,
            "waits: campaign %s offers it an update first (both have priority %lld; that one is "
            "older)",
            holder->campaign, (long long)holder->priority);
    else
        say(out, "waits: campaign %s offers it an update first (priority %lld, this one %lld)",
            holder->campaign, (long long)holder->priority, (long long)holder->own_priority);
    return true;
}

void explain_waiting(const struct explanation_facts *facts, struct explanation *out)
{
    static bool (*const reasons[])(const struct explanation_facts *, struct explanation *) = {
        explain_revoked, explain_quarantine, explain_budget,  explain_campaign,
        explain_wave,    explain_zone,       explain_backoff, explain_offline,
        explain_window,  explain_others,     explain_caps};
    for (size_t i = 0; i < sizeof reasons / sizeof reasons[0]; i++)
        if (reasons[i](facts, out)) return;
    explain_turn(facts, out);
}
