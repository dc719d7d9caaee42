/* explanation_campaign.c: what holds all devices of a campaign, or of a wave: the budget, the state
 * of the campaign, its schedule, the gates before the wave. */
#include "orchestrator/status/explanation_part.h"

#include "orchestrator/engine/gate.h"
#include "orchestrator/status/excess.h"

#include <string.h>

/* A campaign over its budget comes to nothing more, whether the engine has seen it yet or not. */
bool explain_budget(const struct explanation_facts *facts, struct explanation *out)
{
    static const char *const what_next[] = {
        [POLICY_PAUSE] = "it is paused, and cannot go on with this budget",
        [POLICY_ABORT] = "it stops " NEXT_LOOK,
        [POLICY_ROLLBACK] = "it stops " NEXT_LOOK ", and updated devices are sent back"};
    enum policy_on_exceeded how = facts->policy->budget.on_exceeded;
    enum campaign_state state = facts->view->state;
    struct excess excess;
    char words[ENGINE_CAUSE_MAX];
    if (state != CAMPAIGN_RUNNING && state != CAMPAIGN_PAUSED) return false;
    if (!excess_of(facts->policy, facts->view, &excess)) return false;
    excess_words(&excess, words);
    out->code = EXPLAINED_BUDGET;
    say(out, "%s: the failure budget of the campaign is exceeded: %s; %s",
        how == POLICY_PAUSE ? "waits" : "is not offered the update", words, what_next[how]);
    return true;
}

/* ---- before it runs ---- */

static bool schedule_is_over(const struct explanation_facts *facts)
{
    wg_time end = facts->policy->schedule.end;
    return end > 0 && facts->now >= end;
}

static void say_expired(struct explanation *out, size_t given, int64_t valid)
{
    long long expired = (long long)given - (long long)valid;
    if (expired > 0)
        say(out, "; %lld given before %s expired", expired, expired == 1 ? "has" : "have");
}

/* Before it starts, or before it goes on with another revision. */
static void explain_approvals(const struct explanation_facts *facts, struct explanation *out)
{
    const struct policy_approvals *asked = &facts->policy->start;
    out->code = EXPLAINED_APPROVALS;
    if (facts->view->approvals >= asked->count) {
        say(out, "waits: the campaign is approved and goes on " NEXT_LOOK);
        return;
    }
    say(out, "waits: the campaign %s approved: %lld of %lld approvals by %s",
        facts->view->started_at ? "goes on when this revision is" : "starts when it is",
        (long long)facts->view->approvals, (long long)asked->count, asked->role);
    if (facts->row) say_expired(out, facts->row->approval_count, facts->view->approvals);
    say(out, "; wavegate campaign approve %s", facts->place->campaign);
}

static void explain_never_begun(const struct explanation_facts *facts, struct explanation *out)
{
    bool pauses = facts->policy->schedule.at_end == POLICY_END_PAUSE;
    out->code = EXPLAINED_SCHEDULE;
    say(out, "%s: the schedule of the campaign ended at ",
        pauses ? "waits" : "is not offered the update");
    say_time(out, facts->policy->schedule.end);
    say(out, " before it %s; %s", facts->view->started_at ? "was approved" : "began",
        pauses ? "apply a later end or abort it" : "it stops " NEXT_LOOK);
}

static void explain_scheduled(const struct explanation_facts *facts, struct explanation *out)
{
    const char *others = facts->view->waits_for;
    wg_time start = facts->policy->schedule.start;
    if (others[0]) {
        out->code = EXPLAINED_AFTER;
        say(out, "waits: the campaign starts when %s %s finished", others,
            strchr(others, ',') ? "have" : "has");
        return;
    }
    out->code = EXPLAINED_SCHEDULE;
    set_until(out, facts, start);
    say(out, "waits: the campaign starts ");
    if (start <= facts->now) {
        say(out, NEXT_LOOK);
        return;
    }
    say(out, "at ");
    say_time(out, start);
}

static void explain_begin(const struct explanation_facts *facts, struct explanation *out)
{
    bool approved = facts->view->approvals >= facts->policy->start.count;
    if (schedule_is_over(facts))
        explain_never_begun(facts, out);
    else if (facts->view->state == CAMPAIGN_AWAITING_APPROVAL || !approved)
        explain_approvals(facts, out);
    else
        explain_scheduled(facts, out);
}

/* ---- while it runs, or could ---- */

/* Its time is over, and the engine has not looked since. */
static bool explain_end(const struct explanation_facts *facts, struct explanation *out)
{
    const struct policy *policy = facts->policy;
    wg_time started = facts->view->started_at, length = policy->emergency.length;
    bool emergency = length > 0 && started > 0 && facts->now >= started + length;
    if (!emergency && !schedule_is_over(facts)) return false;
    bool pauses = !emergency && policy->schedule.at_end == POLICY_END_PAUSE;
    out->code = EXPLAINED_SCHEDULE;
    say(out, "%s: the %s of the campaign ended at ", pauses ? "waits" : "is not offered the update",
        emergency ? "emergency" : "schedule");
    say_time(out, emergency ? started + length : policy->schedule.end);
    say(out, "; it %s " NEXT_LOOK, pauses ? "is paused" : "stops");
    return true;
}

static void explain_paused(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    bool over = schedule_is_over(facts);
    out->code = over ? EXPLAINED_SCHEDULE : EXPLAINED_CAMPAIGN;
    say(out, "waits: the campaign is paused");
    say_why(out, place->campaign_cause);
    if (over) {
        say(out, "; its schedule ended at ");
        say_time(out, facts->policy->schedule.end);
        say(out, ": apply a later end or abort it");
        return;
    }
    if (facts->view->held) say(out, ", and nobody switches over");
    say(out, "; wavegate campaign resume %s lets it go on", place->campaign);
}

/* A campaign that offers nothing now. False: it runs. */
bool explain_campaign(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    out->code = EXPLAINED_CAMPAIGN;
    switch (facts->view->state) {
    case CAMPAIGN_RUNNING:
        if (explain_end(facts, out)) return true;
        if (facts->policy->start.count > 0 && !facts->view->start_approved) {
            explain_approvals(facts, out);
            return true;
        }
        if (facts->view->held) say(out, "waits: the campaign is held, nobody is offered more");
        return facts->view->held;
    case CAMPAIGN_DRAFT:
        out->code = EXPLAINED_DRAFT;
        say(out, "waits: the campaign is a draft; wavegate campaign start %s", place->campaign);
        return true;
    case CAMPAIGN_AWAITING_APPROVAL:
    case CAMPAIGN_SCHEDULED:
        explain_begin(facts, out);
        return true;
    case CAMPAIGN_PAUSED:
        explain_paused(facts, out);
        return true;
    default:
        say(out, "is not offered the update: the campaign is %s",
            campaign_state_text(facts->view->state));
        say_why(out, place->campaign_cause);
        return true;
    }
}

/* ---- the waves before its own ---- */

/* The wave that this one waits for in the end; itself: it may open. */
static size_t holding_wave(const struct explanation_facts *facts, size_t own)
{
    const struct engine_view *view = facts->view;
    while (own > 0 && facts->policy->overlap[own]) {
        if (view->waves[own - 1].state != WAVE_PENDING) return own;
        own--;
    }
    for (size_t i = 0; i < own; i++)
        if (view->waves[i].state != WAVE_PASSED) return i;
    return own;
}

/* The first condition that is not there, in the order in which the gate asks. */
static enum explanation_code gate_code(const struct policy_gate *gate,
                                       const struct engine_wave *wave, wg_time now)
{
    bool advanced = wave->manual == ENGINE_MANUAL_ADVANCE;
    if (wave->state == WAVE_PENDING) return EXPLAINED_WAVE;
    if (wave->state == WAVE_FAILED) return EXPLAINED_GATE;
    if (wave->manual == ENGINE_MANUAL_HOLD) return EXPLAINED_GATE_HELD;
    if (wave->state == WAVE_OPEN) return EXPLAINED_WAVE;
    if (!advanced && (gate_sample(gate, wave, NULL) != GATE_PASS ||
                      gate_success(gate, wave, NULL) != GATE_PASS || now < gate_soaked(gate, wave)))
        return EXPLAINED_GATE;
    if (gate_approvals(gate, wave, NULL) != GATE_PASS) return EXPLAINED_GATE_APPROVALS;
    if (!advanced && gate_health(gate, wave, NULL) != GATE_PASS) return EXPLAINED_GATE_HEALTH;
    if (!advanced && gate_hook(gate, wave, NULL) != GATE_PASS) return EXPLAINED_GATE_HOOK;
    return EXPLAINED_GATE;
}

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* What the wave that holds back all behind it does, with its gate's figures. */
static void say_wave(struct explanation *out, const struct explanation_facts *facts)
{
    const struct engine_wave *wave = &facts->view->waves[out->wave];
    char words[ENGINE_CAUSE_MAX];
    engine_wave_reason(facts->policy, facts->view, out->wave, facts->now, words);
    say(out, "wave %s ", wave->name);
    if (wave->state == WAVE_PENDING)
        say(out, "opens " NEXT_LOOK);
    else if (begins_with(words, "passes its gate"))
        say(out, "passes its gate " NEXT_LOOK);
    else if (wave->state == WAVE_OPEN)
        say(out, "is open: %s", words);
    else if (wave->state == WAVE_SOAKING)
        say(out, "%s%s", begins_with(words, "soaks") ? "" : "has finished, and waits: ", words);
    else
        say(out, "%s: %s", wave->state == WAVE_FAILED ? "failed its gate" : "is at its gate",
            words);
}

/* What a person or the clock has to do with it. */
static void say_gate_more(struct explanation *out, const struct explanation_facts *facts)
{
    const struct policy_gate *gate = &facts->policy->gates[out->wave];
    const struct engine_wave *wave = &facts->view->waves[out->wave];
    switch (out->code) {
    case EXPLAINED_GATE_HELD:
        say(out, "; wavegate campaign unhold %s lets it go on", facts->place->campaign);
        break;
    case EXPLAINED_GATE_APPROVALS:
        if (facts->row)
            say_expired(out, facts->row->waves[out->wave].approval_count, wave->approvals);
        break;
    case EXPLAINED_GATE_HOOK:
        set_until(out, facts, gate_hook_next(gate, wave));
        break;
    case EXPLAINED_GATE:
        set_until(out, facts, gate_soaked(gate, wave));
        break;
    default:
        break;
    }
}

bool explain_wave(const struct explanation_facts *facts, struct explanation *out)
{
    const struct engine_view *view = facts->view;
    size_t own = out->wave;
    const struct engine_wave *wave = &view->waves[own];
    if (wave->state != WAVE_PENDING && wave->state != WAVE_FAILED) return false;
    if (wave->state == WAVE_PENDING) out->wave = holding_wave(facts, own);
    wave = &view->waves[out->wave];
    out->code = gate_code(&facts->policy->gates[out->wave], wave, facts->now);
    say(out, wave->state == WAVE_FAILED ? "is not offered the update: " : "waits: ");
    if (out->wave == own)
        say(out, "its own ");
    else
        say(out, "its wave %s has not opened; ", view->waves[own].name);
    say_wave(out, facts);
    say_gate_more(out, facts);
    return true;
}
