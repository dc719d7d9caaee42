/* explanation.c: the first reason that holds. What lasts goes before what passes; for the rest it
 * is the order in which the engine and the store ask. */
#include "orchestrator/status/explanation.h"

#include "orchestrator/engine/gate.h"

#include <string.h>

#define NEXT_LOOK "at the engine's next look"

const char *explanation_code_text(enum explanation_code code)
{
    static const char *const texts[EXPLANATION_CODES] = {[EXPLAINED_SUCCEEDED] = "succeeded",
                                                         [EXPLAINED_FAILED] = "failed",
                                                         [EXPLAINED_WITHDRAWN] = "withdrawn",
                                                         [EXPLAINED_MOVING] = "moving",
                                                         [EXPLAINED_DEFERRED] = "deferred",
                                                         [EXPLAINED_REVOKED] = "revoked",
                                                         [EXPLAINED_BUDGET] = "budget",
                                                         [EXPLAINED_AFTER] = "after",
                                                         [EXPLAINED_CAMPAIGN] = "campaign",
                                                         [EXPLAINED_WAVE] = "wave",
                                                         [EXPLAINED_GATE] = "gate",
                                                         [EXPLAINED_BACKOFF] = "backoff",
                                                         [EXPLAINED_OFFLINE] = "offline",
                                                         [EXPLAINED_OTHER_UPDATE] = "other-update",
                                                         [EXPLAINED_PRIORITY] = "priority",
                                                         [EXPLAINED_CAP] = "cap",
                                                         [EXPLAINED_NEXT] = "next"};
    return (unsigned)code < EXPLANATION_CODES ? texts[code] : "";
}

/* Appends. */
static void say(struct explanation *out, const char *format, ...) WG_PRINTF(2, 3);
static void say(struct explanation *out, const char *format, ...)
{
    size_t used = strlen(out->text);
    va_list args;
    va_start(args, format);
    (void)wg_format_args(out->text + used, sizeof out->text - used, format, args);
    va_end(args);
}

/* " (words)"; nothing when there are none. */
static void say_why(struct explanation *out, const char *words)
{
    if (words[0]) say(out, " (%s)", words);
}

static void say_since(struct explanation *out, wg_time then, wg_time now)
{
    char text[WG_TIME_TEXT];
    wg_duration_words(then && now > then ? now - then : 0, text);
    say(out, "%s", text);
}

/* " (download: connection reset)" */
static void say_cause(struct explanation *out, const struct device_place_row *place)
{
    if (place->cause == WG_CAUSE_NONE)
        say_why(out, place->detail);
    else
        say(out, " (%s%s%s)", wg_cause_text(place->cause), place->detail[0] ? ": " : "",
            place->detail);
}

/* " 2 of 3"; only faults are counted against the attempts that a device has. */
static void say_attempt(struct explanation *out, const struct explanation_facts *facts)
{
    const struct device_place_row *place = facts->place;
    int64_t most = facts->policy->retry.attempts;
    say(out, " %lld", (long long)place->attempt);
    if (wg_cause_is_fault(place->cause) && place->attempt <= most)
        say(out, " of %lld", (long long)most);
}

static void say_away(struct explanation *out, const struct explanation_facts *facts)
{
    if (facts->device->online) return;
    say(out, "; it has been offline for ");
    say_since(out, facts->device->presence_at, facts->now);
}

static void set_until(struct explanation *out, const struct explanation_facts *facts, wg_time until)
{
    if (until > facts->now) out->until = until;
}

static bool explain_revoked(const struct explanation_facts *facts, struct explanation *out)
{
    char text[WG_TIME_TEXT];
    if (!facts->device->revoked_at) return false;
    wg_time_text(facts->device->revoked_at, text);
    out->code = EXPLAINED_REVOKED;
    say(out, "is not offered the update: it was revoked at %s", text);
    return true;
}

/* A campaign over its budget comes to nothing more, whether the engine has seen it yet or not. */
static bool explain_budget(const struct explanation_facts *facts, struct explanation *out)
{
    const struct engine_view *view = facts->view;
    const struct policy_budget *budget = &facts->policy->budget;
    int64_t members = 0, faults = 0;
    if (view->state != CAMPAIGN_RUNNING && view->state != CAMPAIGN_PAUSED) return false;
    for (size_t i = 0; i < view->wave_count; i++) {
        members += view->waves[i].members;
        faults += view->waves[i].faults;
    }
    int64_t tolerated = policy_budget_tolerates(budget, members);
    if (faults <= tolerated) return false;
    out->code = EXPLAINED_BUDGET;
    say(out,
        "%s: the failure budget of the campaign is exceeded: %lld of %lld devices failed, "
        "%lld tolerated; ",
        budget->on_exceeded == POLICY_ABORT ? "is not offered the update" : "waits",
        (long long)faults, (long long)members, (long long)tolerated);
    if (budget->on_exceeded == POLICY_ABORT)
        say(out, "it stops " NEXT_LOOK);
    else
        say(out, "it is paused, and cannot go on with this budget");
    return true;
}

static void explain_scheduled(const struct explanation_facts *facts, struct explanation *out)
{
    const char *others = facts->view->waits_for;
    out->code = EXPLAINED_AFTER;
    if (others[0])
        say(out, "waits: the campaign starts when %s %s finished", others,
            strchr(others, ',') ? "have" : "has");
    else
        say(out, "waits: the campaign starts " NEXT_LOOK);
}

/* A campaign that offers nothing now. False: it runs. */
static bool explain_campaign(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    out->code = EXPLAINED_CAMPAIGN;
    switch (facts->view->state) {
    case CAMPAIGN_RUNNING:
        return false;
    case CAMPAIGN_SCHEDULED:
        explain_scheduled(facts, out);
        return true;
    case CAMPAIGN_PAUSED:
        say(out, "waits: the campaign is paused");
        say_why(out, place->campaign_cause);
        say(out, "; wavegate campaign resume %s lets it go on", place->campaign);
        return true;
    case CAMPAIGN_DRAFT:
    case CAMPAIGN_AWAITING_APPROVAL:
        say(out, "waits: the campaign has not been approved");
        return true;
    default:
        say(out, "is not offered the update: the campaign is %s",
            campaign_state_text(facts->view->state));
        say_why(out, place->campaign_cause);
        return true;
    }
}

static void say_gate(struct explanation *out, const struct policy_gate *gate,
                     const struct engine_wave *wave)
{
    char words[ENGINE_CAUSE_MAX];
    if (gate_sample(gate, wave, words) != GATE_PASS ||
        gate_success(gate, wave, words) != GATE_PASS ||
        gate_approvals(gate, wave, words) != GATE_PASS)
        say(out, "is at its gate: %s", words);
    else
        say(out, "passes its gate " NEXT_LOOK);
}

/* What the wave that holds back all behind it does, with its gate's figures. */
static void say_wave(struct explanation *out, const struct explanation_facts *facts)
{
    const struct policy_gate *gate = &facts->policy->gates[out->wave];
    const struct engine_wave *wave = &facts->view->waves[out->wave];
    char words[ENGINE_CAUSE_MAX];
    wg_time soaked = wave->last_finish + gate->soak;
    say(out, "wave %s ", wave->name);
    switch (wave->state) {
    case WAVE_PENDING:
        say(out, "opens " NEXT_LOOK);
        break;
    case WAVE_OPEN:
        (void)gate_sample(gate, wave, words);
        say(out, "is open: %s", words);
        break;
    case WAVE_SOAKING:
        wg_time_text(soaked, words);
        say(out, soaked > facts->now ? "soaks until %s" : "has soaked, since %s", words);
        set_until(out, facts, soaked);
        break;
    case WAVE_AT_GATE:
        say_gate(out, gate, wave);
        break;
    default:
        (void)gate_success(gate, wave, words);
        say(out, "failed its gate: %s", words);
    }
}

static bool explain_wave(const struct explanation_facts *facts, struct explanation *out)
{
    const struct engine_view *view = facts->view;
    size_t own = out->wave;
    if (view->waves[own].state != WAVE_PENDING && view->waves[own].state != WAVE_FAILED)
        return false;
    for (size_t i = own; i > 0 && view->waves[i - 1].state != WAVE_PASSED; i--) out->wave = i - 1;
    enum wave_state state = view->waves[out->wave].state;
    out->code = state == WAVE_PENDING || state == WAVE_OPEN ? EXPLAINED_WAVE : EXPLAINED_GATE;
    say(out, state == WAVE_FAILED ? "is not offered the update: " : "waits: ");
    if (out->wave == own)
        say(out, "its own ");
    else
        say(out, "its wave %s has not opened; ", view->waves[own].name);
    say_wave(out, facts);
    return true;
}

static bool explain_backoff(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    char text[WG_TIME_TEXT];
    if (place->retry_at <= facts->now) return false;
    wg_time_text(place->retry_at, text);
    out->code = EXPLAINED_BACKOFF;
    out->until = place->retry_at;
    say(out, "waits: attempt");
    say_attempt(out, facts);
    if (place->cause == WG_CAUSE_OFFLINE)
        say(out, " was not answered in time");
    else {
        say(out, " ended");
        say_cause(out, place);
    }
    say(out, "; it is tried again at %s", text);
    say_away(out, facts);
    return true;
}

static bool explain_offline(const struct explanation_facts *facts, struct explanation *out)
{
    if (facts->device->online) return false;
    out->code = EXPLAINED_OFFLINE;
    if (facts->device->presence_at) {
        say(out, "waits: the device has been offline for ");
        say_since(out, facts->device->presence_at, facts->now);
        say(out, "; it is offered the update when it is back");
    } else {
        say(out, "waits: the device has never been online; it is offered the update when it is");
    }
    return true;
}

static bool explain_others(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_holder_row *holder = facts->holder;
    if (!holder->campaign[0]) return false;
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

static void say_ahead(struct explanation *out, int64_t ahead)
{
    if (ahead == 0)
        say(out, "; no device of its wave is before it");
    else
        say(out, "; %lld %s of its wave %s before it", (long long)ahead,
            ahead == 1 ? "device" : "devices", ahead == 1 ? "is" : "are");
}

/* Those that the engine offers free slots to first, whether they can take them or not. */
static int64_t waiting_before(const struct engine_view *view, size_t own)
{
    int64_t sum = 0;
    for (size_t i = 0; i < own; i++) sum += view->waves[i].count[WG_WAITING];
    return sum;
}

static void explain_turn(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    int64_t most = facts->policy->in_flight, slots = most - place->in_flight;
    int64_t before = waiting_before(facts->view, out->wave);
    int64_t a_look = slots < ENGINE_CLAIM_MAX ? slots : ENGINE_CLAIM_MAX;
    out->code = EXPLAINED_CAP;
    if (slots <= 0) {
        say(out, "waits: %lld of %lld updates run at once", (long long)place->in_flight,
            (long long)most);
        say_ahead(out, place->ahead);
    } else if (a_look <= before) {
        say(out,
            "waits: of %lld updates at once %lld can still start, kept for %lld waiting devices of "
            "the waves before its own",
            (long long)most, (long long)slots, (long long)before);
    } else {
        out->code = EXPLAINED_NEXT;
        say(out, "is offered the update next");
        say_ahead(out, place->ahead);
    }
}

/* What holds back a waiting device: the first of these that does. */
static void explain_waiting(const struct explanation_facts *facts, struct explanation *out)
{
    bool held = explain_revoked(facts, out) || explain_budget(facts, out) ||
                explain_campaign(facts, out) || explain_wave(facts, out) ||
                explain_backoff(facts, out) || explain_offline(facts, out) ||
                explain_others(facts, out);
    if (!held) explain_turn(facts, out);
}

/* How long the engine lets a state last. */
static wg_duration limit_of(const struct policy *policy, enum wg_state state)
{
    const struct policy_timeout *timeout = &policy->timeout;
    switch (state) {
    case WG_OFFERED:
        return timeout->offer;
    case WG_DEFERRED:
        return policy->retry.backoff;
    case WG_INSTALLING:
        return timeout->install + ENGINE_GRACE;
    case WG_REBOOTING:
        return timeout->silent;
    case WG_PROBATION:
        return timeout->probation + timeout->silent;
    default: /* accepted, downloading */
        return timeout->download + ENGINE_GRACE;
    }
}

static void explain_deferred(const struct explanation_facts *facts, struct explanation *out)
{
    enum campaign_state state = facts->view->state;
    char text[WG_TIME_TEXT];
    out->code = EXPLAINED_DEFERRED;
    say(out, "put the update off itself, ");
    say_since(out, facts->place->state_at, facts->now);
    say(out, " ago");
    if (facts->place->detail[0]) say(out, ": %s", facts->place->detail);
    if (state != CAMPAIGN_RUNNING) {
        say(out, "; the campaign is %s", campaign_state_text(state));
    } else if (out->until) {
        wg_time_text(out->until, text);
        say(out, "; it is asked again at %s", text);
    } else {
        say(out, "; it is asked again " NEXT_LOOK);
    }
    say_away(out, facts);
}

static void explain_moving(const struct explanation_facts *facts, struct explanation *out)
{
    static const struct {
        const char *does, *more;
        bool withdrawn; /* when the campaign stops */
    } words[WG_STATES] = {
        [WG_OFFERED] = {"was offered the update", " ago and has not answered yet", true},
        [WG_ACCEPTED] = {"accepted its order", " ago", true},
        [WG_DOWNLOADING] = {"has been downloading the artifact for", "", true},
        [WG_INSTALLING] = {"has been installing into its idle slot for", "", false},
        [WG_REBOOTING] = {"has been rebooting into the new slot for", "", false},
        [WG_PROBATION] = {"has been running the new version on probation for", "", false}};
    const struct device_place_row *place = facts->place;
    set_until(out, facts, place->state_at + limit_of(facts->policy, place->state));
    if (place->state == WG_DEFERRED) {
        explain_deferred(facts, out);
        return;
    }
    out->code = EXPLAINED_MOVING;
    say(out, "%s ", words[place->state].does);
    say_since(out, place->state_at, facts->now);
    say(out, "%s", words[place->state].more);
    if (place->state == WG_DOWNLOADING && place->bytes_total > 0)
        say(out, " (%lld of %lld bytes)", (long long)place->bytes, (long long)place->bytes_total);
    if (facts->view->state == CAMPAIGN_STOPPING && words[place->state].withdrawn)
        say(out, "; the campaign is stopping, and this update is being withdrawn");
    say_away(out, facts);
}

static void explain_success(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    const struct device_row *device = facts->device;
    const char *runs = "";
    for (size_t i = 0; i < device->component_count; i++)
        if (strcmp(device->components[i].name, place->component) == 0)
            runs = device->components[i].version;
    out->code = EXPLAINED_SUCCEEDED;
    if (strcmp(runs, place->version) == 0)
        say(out, "runs %s %s: booted, healthy and reporting it", place->component, place->version);
    else
        say(out, "succeeded: booted, healthy and reporting %s %s; now it runs %s%s",
            place->component, place->version, runs[0] ? "" : "no ",
            runs[0] ? runs : place->component);
}

static void explain_failure(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    if (place->cause == WG_CAUSE_REFUSED) {
        say(out, "refused the update");
        say_why(out, place->detail);
    } else if (place->cause == WG_CAUSE_INCOMPATIBLE) {
        say(out, "said that the release does not fit it");
        say_why(out, place->detail);
    } else {
        say(out, "failed in attempt");
        say_attempt(out, facts);
        say_cause(out, place);
    }
}

static void explain_ended(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    out->code = EXPLAINED_FAILED;
    switch (place->state) {
    case WG_SUCCEEDED:
        explain_success(facts, out);
        break;
    case WG_ROLLED_BACK:
        say(out, "went back to its old slot by itself");
        say_cause(out, place);
        break;
    case WG_WITHDRAWN:
        out->code = EXPLAINED_WITHDRAWN;
        say(out, "was not updated: its place was withdrawn when the campaign was stopped");
        say_why(out, place->campaign_cause);
        break;
    case WG_SUPERSEDED:
        out->code = EXPLAINED_WITHDRAWN;
        say(out, "was not updated: a later campaign took its place");
        say_why(out, place->detail);
        break;
    case WG_SILENT:
        say(out, "rebooted into the new version and was not heard of again in time");
        say_why(out, place->detail);
        break;
    default:
        explain_failure(facts, out);
    }
}

void explanation_of(const struct explanation_facts *facts, struct explanation *out)
{
    *out = (struct explanation){.wave = (size_t)facts->place->wave_number};
    if (facts->place->state == WG_WAITING)
        explain_waiting(facts, out);
    else if (wg_state_is_final(facts->place->state))
        explain_ended(facts, out);
    else
        explain_moving(facts, out);
}
