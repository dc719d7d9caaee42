/* explanation.c: the words that all explanations share, and which of them a place has. */
#include "orchestrator/status/explanation_part.h"

#include <string.h>

const char *explanation_code_text(enum explanation_code code)
{
    static const char *const texts[EXPLANATION_CODES] = {[EXPLAINED_SUCCEEDED] = "succeeded",
                                                         [EXPLAINED_SATISFIED] = "satisfied",
                                                         [EXPLAINED_FAILED] = "failed",
                                                         [EXPLAINED_WITHDRAWN] = "withdrawn",
                                                         [EXPLAINED_SUPERSEDED] = "superseded",
                                                         [EXPLAINED_MOVING] = "moving",
                                                         [EXPLAINED_UNSIGNED] = "unsigned",
                                                         [EXPLAINED_HELD] = "held",
                                                         [EXPLAINED_DEFERRED] = "deferred",
                                                         [EXPLAINED_REVOKED] = "revoked",
                                                         [EXPLAINED_QUARANTINED] = "quarantined",
                                                         [EXPLAINED_BUDGET] = "budget",
                                                         [EXPLAINED_DRAFT] = "draft",
                                                         [EXPLAINED_APPROVALS] = "approvals",
                                                         [EXPLAINED_AFTER] = "after",
                                                         [EXPLAINED_SCHEDULE] = "schedule",
                                                         [EXPLAINED_CAMPAIGN] = "campaign",
                                                         [EXPLAINED_WAVE] = "wave",
                                                         [EXPLAINED_GATE] = "gate",
                                                         [EXPLAINED_GATE_HELD] = "gate-held",
                                                         [EXPLAINED_GATE_APPROVALS] =
                                                             "gate-approvals",
                                                         [EXPLAINED_GATE_HEALTH] = "gate-health",
                                                         [EXPLAINED_GATE_HOOK] = "gate-hook",
                                                         [EXPLAINED_ZONE] = "zone",
                                                         [EXPLAINED_BACKOFF] = "backoff",
                                                         [EXPLAINED_OFFLINE] = "offline",
                                                         [EXPLAINED_GIVEN_BACK] = "given-back",
                                                         [EXPLAINED_WINDOW] = "window",
                                                         [EXPLAINED_EMERGENCY] = "emergency",
                                                         [EXPLAINED_OTHER_UPDATE] = "other-update",
                                                         [EXPLAINED_PRIORITY] = "priority",
                                                         [EXPLAINED_VALUE_CAP] = "value-cap",
                                                         [EXPLAINED_CAP] = "cap",
                                                         [EXPLAINED_RATE] = "rate",
                                                         [EXPLAINED_TURN] = "turn",
                                                         [EXPLAINED_NEXT] = "next"};
    return (unsigned)code < EXPLANATION_CODES ? texts[code] : "";
}

void say(struct explanation *out, const char *format, ...)
{
    size_t used = strlen(out->text);
    va_list args;
    va_start(args, format);
    (void)wg_format_args(out->text + used, sizeof out->text - used, format, args);
    va_end(args);
}

void say_why(struct explanation *out, const char *words)
{
    if (words[0]) say(out, " (%s)", words);
}

void say_since(struct explanation *out, wg_time then, wg_time now)
{
    char text[WG_TIME_TEXT];
    wg_duration_words(then && now > then ? now - then : 0, text);
    say(out, "%s", text);
}

void say_time(struct explanation *out, wg_time time)
{
    char text[WG_TIME_TEXT];
    wg_time_text(time, text);
    say(out, "%s", text);
}

void say_cause(struct explanation *out, const struct device_place_row *place)
{
    if (place->cause == WG_CAUSE_NONE)
        say_why(out, place->detail);
    else
        say(out, " (%s%s%s)", wg_cause_text(place->cause), place->detail[0] ? ": " : "",
            place->detail);
}

void say_away(struct explanation *out, const struct explanation_facts *facts)
{
    if (facts->device->online) return;
    say(out, "; it has been offline for ");
    say_since(out, facts->device->presence_at, facts->now);
}

void set_until(struct explanation *out, const struct explanation_facts *facts, wg_time until)
{
    if (until > facts->now) out->until = until;
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
