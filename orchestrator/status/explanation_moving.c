/* explanation_moving.c: what a device with its update in hand does, and how a place ended. */
#include "orchestrator/status/explanation_part.h"

#include <string.h>

/* How long the engine lets a state last. */
static wg_duration limit_of(const struct policy *policy, enum wg_state state)
{
    const struct policy_timeout *timeout = &policy->timeout;
    switch (state) {
    case WG_OFFERED:
        return timeout->offer;
    case WG_DEFERRED:
        return policy_retry_of(&policy->retry, WG_CAUSE_DEFERRED).backoff;
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

static bool is_withdrawn(const struct engine_view *view)
{
    return view->state == CAMPAIGN_STOPPING && view->stop != ENGINE_STOP_FINISH_STARTED;
}

static void explain_deferred(const struct explanation_facts *facts, struct explanation *out)
{
    enum campaign_state state = facts->view->state;
    out->code = EXPLAINED_DEFERRED;
    say(out, "put the update off itself, ");
    say_since(out, facts->place->state_at, facts->now);
    say(out, " ago");
    if (facts->place->detail[0]) say(out, ": %s", facts->place->detail);
    if (state != CAMPAIGN_RUNNING) {
        say(out, "; the campaign is %s", campaign_state_text(state));
    } else if (out->until) {
        say(out, "; it is asked again at ");
        say_time(out, out->until);
    } else {
        say(out, "; it is asked again " NEXT_LOOK);
    }
    say_away(out, facts);
}

static void explain_held(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    const struct engine_view *view = facts->view;
    out->code = EXPLAINED_HELD;
    say(out, "has installed, and has waited for the word to switch over for ");
    say_since(out, place->ready_at, facts->now);
    if (is_withdrawn(view))
        say(out, "; the campaign is stopping, and this update is being withdrawn");
    else if (view->state == CAMPAIGN_AWAITING_APPROVAL || view->state == CAMPAIGN_SCHEDULED) {
        say(out, ": the campaign is %s", campaign_state_text(view->state));
        say_why(out, place->campaign_cause);
    } else if (view->held || view->state == CAMPAIGN_PAUSED) {
        say(out, ": the campaign is held");
        say_why(out, place->campaign_cause);
        say(out, "; wavegate campaign resume %s gives it", place->campaign);
    } else {
        say(out, "; it comes " NEXT_LOOK);
    }
    say_away(out, facts);
}

static void explain_unsigned(const struct explanation_facts *facts, struct explanation *out)
{
    out->code = EXPLAINED_UNSIGNED;
    say(out, "has been due for its order for ");
    say_since(out, facts->place->state_at, facts->now);
    say(out,
        ", and it is not signed: %s; it is "
        "tried again",
        facts->place->refusal);
    if (is_withdrawn(facts->view))
        say(out, "; the campaign is stopping, and this update is being withdrawn");
    say_away(out, facts);
}

void explain_moving(const struct explanation_facts *facts, struct explanation *out)
{
    static const struct {
        const char *does, *more;
        bool withdrawn; /* when the campaign stops */
    } words[WG_STATES] = {
        [WG_OFFERED] = {"was offered the update", " ago and has not answered yet", true},
        [WG_ACCEPTED] = {"accepted its order", " ago", true},
        [WG_DOWNLOADING] = {"has been downloading the artifact for", "", true},
        [WG_INSTALLING] = {"has been installing into its idle slot for", "", true},
        [WG_REBOOTING] = {"has been rebooting into the new slot for", "", false},
        [WG_PROBATION] = {"has been running the new version on probation for", "", false}};
    const struct device_place_row *place = facts->place;
    if (place->ready_at && place->state == WG_INSTALLING) {
        explain_held(facts, out);
        return;
    }
    set_until(out, facts, place->state_at + limit_of(facts->policy, place->state));
    if (place->state == WG_DEFERRED) {
        explain_deferred(facts, out);
        return;
    }
    if (place->state == WG_OFFERED && place->refusal[0]) {
        explain_unsigned(facts, out);
        return;
    }
    out->code = EXPLAINED_MOVING;
    say(out, "%s ", words[place->state].does);
    say_since(out, place->state_at, facts->now);
    say(out, "%s", words[place->state].more);
    if (place->state == WG_DOWNLOADING && place->bytes_total > 0)
        say(out, " (%lld of %lld bytes)", (long long)place->bytes, (long long)place->bytes_total);
    if (is_withdrawn(facts->view))
        say(out, "; the campaign is stopping, and this update %s",
            words[place->state].withdrawn ? "is being withdrawn" : "cannot be recalled any more");
    say_away(out, facts);
}

/* ---- how it ended ---- */

static const char *runs_of(const struct device_row *device, const char *component)
{
    for (size_t i = 0; i < device->component_count; i++)
        if (strcmp(device->components[i].name, component) == 0)
            return device->components[i].version;
    return "";
}

static void explain_success(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    const char *runs = runs_of(facts->device, place->component);
    bool satisfied = place->state == WG_SATISFIED;
    out->code = satisfied ? EXPLAINED_SATISFIED : EXPLAINED_SUCCEEDED;
    if (satisfied)
        say(out, "ran %s %s already when its turn came: nothing was to be done", place->component,
            place->version);
    else if (strcmp(runs, place->version) == 0)
        say(out, "runs %s %s: booted, healthy and reporting it", place->component, place->version);
    else
        say(out, "succeeded: booted, healthy and reporting %s %s", place->component,
            place->version);
    if (strcmp(runs, place->version) != 0)
        say(out, "; now it runs %s%s", runs[0] ? "" : "no ", runs[0] ? runs : place->component);
}

static void explain_failure(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    int64_t most = policy_retry_of(&facts->policy->retry, place->cause).attempts;
    if (place->cause == WG_CAUSE_REFUSED) {
        say(out, "refused the update");
        say_why(out, place->detail);
    } else if (place->cause == WG_CAUSE_INCOMPATIBLE) {
        say(out, "said that the release does not fit it");
        say_why(out, place->detail);
    } else {
        say(out, "failed in attempt %lld", (long long)(place->spent ? place->spent : 1));
        if (place->spent <= most) say(out, " of %lld", (long long)most);
        say_cause(out, place);
    }
}

static void explain_superseded(const struct explanation_facts *facts, struct explanation *out)
{
    const char *detail = facts->place->detail;
    out->code = EXPLAINED_SUPERSEDED;
    say(out, "was not updated: ");
    if (detail[0])
        say(out, "%s", detail);
    else
        say(out, "a later campaign took its place");
}

void explain_ended(const struct explanation_facts *facts, struct explanation *out)
{
    const struct device_place_row *place = facts->place;
    out->code = EXPLAINED_FAILED;
    switch (place->state) {
    case WG_SUCCEEDED:
    case WG_SATISFIED:
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
        explain_superseded(facts, out);
        break;
    case WG_SILENT:
        say(out, "rebooted into the new version and was not heard of again in time");
        say_why(out, place->detail);
        break;
    default:
        explain_failure(facts, out);
    }
}
