/* left_out.c: what keeps a device out, or that nothing does any more. */
#include "orchestrator/show/left_out.h"

#include "orchestrator/engine/engine.h"

#include <stdarg.h>
#include <string.h>

/* Appends. */
static void say(struct left_out *out, const char *format, ...) WG_PRINTF(2, 3);
static void say(struct left_out *out, const char *format, ...)
{
    size_t used = strlen(out->text);
    va_list args;
    va_start(args, format);
    (void)wg_format_args(out->text + used, sizeof out->text - used, format, args);
    va_end(args);
}

static void by_clause(const struct left_out_facts *facts, struct left_out *out)
{
    out->holds = "clause";
    say(out, "is left out: it does not meet \"%s\"",
        facts->plan->target.clauses[facts->code].words);
}

static const char *version_of(const struct device_row *device, const char *component)
{
    for (size_t i = 0; i < device->component_count; i++)
        if (strcmp(device->components[i].name, component) == 0)
            return device->components[i].version;
    return "";
}

static void by_path(const struct left_out_facts *facts, struct left_out *out)
{
    const struct campaign *campaign = facts->plan->campaign;
    const char *runs = version_of(facts->device, campaign->component);
    out->holds = "path";
    say(out, "is left out: %s %s can be installed over %s alone, and it runs %s%s",
        campaign->component, campaign->version, facts->plan->release.from_range,
        runs[0] ? "" : "no ", runs[0] ? runs : campaign->component);
}

static void by_hardware(const struct left_out_facts *facts, struct left_out *out)
{
    const char *model = facts->device->hardware_model;
    out->holds = "hardware";
    say(out, "is left out: the release fits hardware %s alone, and it %s%s",
        facts->plan->release.hardware_model, model[0] ? "is " : "has not said what it is", model);
}

static void by_exclusion(const struct left_out_facts *facts, struct left_out *out)
{
    const struct text_list *others = &facts->plan->campaign->excludes;
    out->holds = "excluded";
    say(out, "is left out: it has a place in a campaign that this one excludes");
    for (size_t i = 0; i < others->count; i++) say(out, "%s%s", i ? ", " : " (", others->items[i]);
    say(out, ")");
}

static const char *open_wave(const struct campaign_row *row)
{
    for (size_t i = row->wave_count; i-- > 0;)
        if (strcmp(row->waves[i].state, wave_state_text(WAVE_OPEN)) == 0) return row->waves[i].name;
    return NULL;
}

/* It came to match behind the plan. */
static void by_time(const struct left_out_facts *facts, struct left_out *out)
{
    const struct campaign_row *row = facts->row;
    const char *wave = open_wave(row);
    enum campaign_state state = CAMPAIGN_STATES;
    bool over = !campaign_state_parse(row->state, &state) || campaign_state_is_final(state) ||
                state == CAMPAIGN_STOPPING;
    bool closed = row->rolls_back[0] && !row->source_runs;
    out->holds = row->continuous && !over && !closed ? "joins" : "snapshot";
    say(out, "matches now, ");
    if (over)
        say(out, "but the campaign is %s", row->state);
    else if (closed)
        say(out,
            "but has no place: campaign %s, whose devices this one sends back, is over and adds no "
            "more",
            row->rolls_back);
    else if (!row->continuous)
        say(out, "but has no place: members are those who matched when the campaign was applied, "
                 "and every wave took no more than its size");
    else if (state != CAMPAIGN_RUNNING)
        say(out, "and joins when the campaign runs (it is %s)", row->state);
    else if (wave)
        say(out, "and joins wave %s at the next look for such devices", wave);
    else
        say(out, "and joins the next wave that opens");
}

void left_out_of(const struct left_out_facts *facts, struct left_out *out)
{
    const struct campaign *campaign = facts->plan->campaign;
    *out = (struct left_out){.holds = ""};
    if (facts->code >= 0 && (size_t)facts->code < facts->plan->target.clause_count) {
        by_clause(facts, out);
        return;
    }
    if (facts->code >= PLAN_UNFIT && (size_t)(facts->code - PLAN_UNFIT) < facts->plan->fit_count) {
        out->holds = "companion";
        say(out, "is left out: %s", facts->plan->fits[facts->code - PLAN_UNFIT].words);
        return;
    }
    switch (facts->code) {
    case PLAN_NO_POSITION:
        out->holds = "no-position";
        say(out, "is left out: the campaign asks where it is, and it has no position");
        break;
    case PLAN_REVOKED:
        out->holds = "revoked";
        say(out, "is left out: it is revoked");
        break;
    case PLAN_QUARANTINED:
        out->holds = "quarantined";
        say(out,
            "is left out: it is in quarantine, because it %s; wavegate device clear %s ends it",
            facts->device->held_why[0] ? "is held back by a person"
            : facts->device->tampered_why[0] && !facts->device->cloned_why[0]
                ? "says that it was tampered with"
                : "looks cloned",
            facts->device->id);
        break;
    case PLAN_ON_RELEASE:
        out->holds = "on-release";
        say(out, "is left out: it runs %s %s already", campaign->component, campaign->version);
        break;
    case PLAN_INCOMPATIBLE:
        by_hardware(facts, out);
        break;
    case PLAN_NO_PATH:
        by_path(facts, out);
        break;
    case PLAN_EXCLUDED:
        by_exclusion(facts, out);
        break;
    default:
        by_time(facts, out);
    }
}
