/* schedule_parse.c: when a campaign begins and ends, who lets it start, and the emergency lane. */
#include "orchestrator/campaign/parse.h"

#include <string.h>

#define TIME_TEXT_MAX 65
#define EMERGENCY_APPROVALS 2

/* RFC 3339 with its zone; without quotes too: a scalar is what is asked for here. */
static void read_time(struct parse *parse, const struct yaml_value *at, const char *what,
                      wg_time *out)
{
    char text[TIME_TEXT_MAX], whole[TIME_TEXT_MAX + 16];
    wg_time time = 0;
    if (!at || !yaml_read_text(&parse->doc, at, what, text, sizeof text)) return;
    if (text[0] >= '2' && wg_time_parse(text, &time)) { /* from the year 2000 on */
        *out = time;
        return;
    }
    yaml_doc_problem(&parse->doc, at,
                     "%s: expected a time like 2026-12-01T00:00:00Z or 2026-12-01T09:30:00+01:00, "
                     "got \"%s\"",
                     what, text);
    if (wg_format(whole, sizeof whole, "%sT00:00:00Z", text) && wg_time_parse(whole, &time))
        yaml_doc_hint(&parse->doc, "did you mean \"%s\"?", whole);
    else if (wg_format(whole, sizeof whole, "%sZ", text) && wg_time_parse(whole, &time))
        yaml_doc_hint(&parse->doc, "did you mean \"%s\", in UTC?", whole);
}

void parse_schedule(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"start", "end", "at_end", NULL};
    static const char *const at_ends[] = {[POLICY_END_PAUSE] = "pause",
                                          [POLICY_END_ABORT] = "abort",
                                          [POLICY_END_FINISH_STARTED] = "finish-started",
                                          NULL};
    struct policy_schedule *schedule = &parse->campaign->policy.schedule;
    size_t at_end = POLICY_END_PAUSE;
    if (!at || !parse_is_map(parse, at, "schedule")) return;
    yaml_check_keys(&parse->doc, at, "schedule", known);
    read_time(parse, yaml_get(at, "start"), "start", &schedule->start);
    read_time(parse, yaml_get(at, "end"), "end", &schedule->end);
    yaml_read_choice(&parse->doc, yaml_get(at, "at_end"), "at_end", at_ends, &at_end);
    schedule->at_end = (enum policy_at_end)at_end;
    if (yaml_get(at, "at_end") && !yaml_get(at, "end"))
        yaml_doc_problem(&parse->doc, yaml_get(at, "at_end"),
                         "at_end: the schedule has no \"end\"");
    if (schedule->start && schedule->end && schedule->end <= schedule->start)
        yaml_doc_problem(&parse->doc, yaml_get(at, "end"), "end: expected a time after the start");
}

/* It goes round what holds others back: people have to agree, and everybody sees who it is for.
 * approvals_known: they could be read. */
static void check_emergency(struct parse *parse, const struct yaml_value *at, bool approvals_known)
{
    const struct yaml_value *root = parse->doc.root, *approvals = yaml_get(root, "approvals");
    const struct policy *policy = &parse->campaign->policy;
    if (approvals_known && policy->start.count < EMERGENCY_APPROVALS)
        yaml_doc_problem(&parse->doc, approvals ? approvals : at,
                         "emergency: expected \"approvals\" with a count of at least %d, got %lld",
                         EMERGENCY_APPROVALS, (long long)policy->start.count);
    if (yaml_get(root, "window"))
        yaml_doc_problem(&parse->doc, yaml_get(root, "window"),
                         "window: an emergency skips windows: remove one of the two");
    if (policy->continuous)
        yaml_doc_problem(&parse->doc, yaml_get(root, "membership"),
                         "membership: an emergency is for who matches when it is applied: expected "
                         "snapshot");
}

static void parse_emergency(struct parse *parse, const struct yaml_value *at, bool approvals_known)
{
    static const char *const known[] = {"for", "reason", NULL};
    struct policy_emergency *emergency = &parse->campaign->policy.emergency;
    if (!at || !parse_is_map(parse, at, "emergency")) return;
    yaml_check_keys(&parse->doc, at, "emergency", known);
    for (size_t i = 0; known[i]; i++)
        if (!yaml_get(at, known[i]))
            yaml_doc_problem(&parse->doc, at, "emergency: the key \"%s\" is missing", known[i]);
    yaml_read_duration(&parse->doc, yaml_get(at, "for"), "for", WG_MINUTE, 7 * WG_DAY,
                       &emergency->length);
    yaml_read_text(&parse->doc, yaml_get(at, "reason"), "reason", emergency->reason,
                   sizeof emergency->reason);
    check_emergency(parse, at, approvals_known);
}

void parse_start(struct parse *parse)
{
    const struct yaml_value *root = parse->doc.root;
    size_t problems = parse->doc.problem_count;
    parse_approvals(parse, yaml_get(root, "approvals"), &parse->campaign->policy.start);
    parse_emergency(parse, yaml_get(root, "emergency"), parse->doc.problem_count == problems);
}
