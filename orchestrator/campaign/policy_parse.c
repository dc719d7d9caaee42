/* policy_parse.c: gate, pace, budget, retry, timeout. */
#include "orchestrator/campaign/parse.h"

#include <string.h>

#define IN_FLIGHT_MAX 1000000
#define AMOUNT_MAX 100000000

/* "1%" or a number of devices. */
static void read_amount(struct parse *parse, const struct yaml_value *at, const char *what,
                        int64_t min, struct policy_amount *out)
{
    if (!at) return;
    if (at->kind == YAML_TEXT && strchr(at->text, '%')) {
        if (yaml_read_percent(&parse->doc, at, what, &out->value)) out->is_share = true;
    } else if (yaml_read_int(&parse->doc, at, what, min, AMOUNT_MAX, &out->value)) {
        out->is_share = false;
    }
}

/* ">= 99%": the sign says that reaching it is enough. */
static void read_success(struct parse *parse, const struct yaml_value *at, int64_t *ppm)
{
    if (!at) return;
    const char *text = at->kind == YAML_TEXT ? at->text : "";
    if (strncmp(text, ">=", 2) != 0) {
        yaml_doc_problem(&parse->doc, at,
                         "success: expected \">= PERCENT%%\", like \">= 99%%\", got \"%.40s\"",
                         text);
        return;
    }
    text += 2;
    while (*text == ' ') text++;
    struct yaml_value percent = *at;
    percent.text = (char *)(uintptr_t)text;
    percent.quoted = false; /* the sign is optional here: ">=" has made it text already */
    yaml_read_percent(&parse->doc, &percent, "success", ppm);
}

static void read_approvals(struct parse *parse, const struct yaml_value *at,
                           struct policy_gate *gate)
{
    static const char *const known[] = {"role", "count", NULL};
    if (!parse_is_map(parse, at, "approvals")) return;
    yaml_check_keys(&parse->doc, at, "approvals", known, NULL);
    char role[WG_NAME_MAX + 1] = "rollout-admin";
    gate->approval_count = 1;
    parse_name(parse, yaml_get(at, "role"), "role", role);
    yaml_read_int(&parse->doc, yaml_get(at, "count"), "count", 0, 10, &gate->approval_count);
    /* nothing stays of the default gate's role, and none is kept when nobody is asked */
    memset(gate->approval_role, 0, sizeof gate->approval_role);
    if (gate->approval_count > 0)
        (void)wg_copy(gate->approval_role, sizeof gate->approval_role, role);
}

void parse_gate(struct parse *parse, const struct yaml_value *at, struct policy_gate *gate)
{
    static const char *const known[] = {"success", "sample", "soak", "approvals", NULL};
    static const char *const later[] = {"hook", "health", NULL};
    if (!at || !parse_is_map(parse, at, "gate")) return;
    yaml_check_keys(&parse->doc, at, "gate", known, later);
    read_success(parse, yaml_get(at, "success"), &gate->success_ppm);
    read_amount(parse, yaml_get(at, "sample"), "sample", 1, &gate->sample);
    yaml_read_duration(&parse->doc, yaml_get(at, "soak"), "soak", 0, 90 * WG_DAY, &gate->soak);
    if (yaml_get(at, "approvals")) read_approvals(parse, yaml_get(at, "approvals"), gate);
}

void parse_pace(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"in_flight", NULL};
    static const char *const later[] = {"per", "rate", NULL};
    struct policy *policy = &parse->campaign->policy;
    policy->in_flight = 100;
    if (!at || !parse_is_map(parse, at, "pace")) return;
    yaml_check_keys(&parse->doc, at, "pace", known, later);
    yaml_read_int(&parse->doc, yaml_get(at, "in_flight"), "in_flight", 1, IN_FLIGHT_MAX,
                  &policy->in_flight);
}

void parse_budget(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"failures", "at_least", "on_exceeded", NULL};
    struct policy_budget *budget = &parse->campaign->policy.budget;
    char text[WG_NAME_MAX + 1] = "pause";
    *budget = (struct policy_budget){.on_exceeded = POLICY_PAUSE};
    if (!at || !parse_is_map(parse, at, "budget")) return;
    yaml_check_keys(&parse->doc, at, "budget", known, NULL);
    read_amount(parse, yaml_get(at, "failures"), "failures", 0, &budget->failures);
    yaml_read_int(&parse->doc, yaml_get(at, "at_least"), "at_least", 0, AMOUNT_MAX,
                  &budget->at_least);
    const struct yaml_value *on_exceeded = yaml_get(at, "on_exceeded");
    if (!yaml_read_text(&parse->doc, on_exceeded, "on_exceeded", text, sizeof text)) return;
    if (strcmp(text, "rollback") == 0)
        yaml_doc_problem(&parse->doc, on_exceeded,
                         "\"rollback\" is part of the campaign language, but this version does not "
                         "act on it: use pause or abort");
    else if (!policy_on_exceeded_parse(text, &budget->on_exceeded))
        yaml_doc_problem(&parse->doc, on_exceeded,
                         "on_exceeded: expected pause or abort, got \"%s\"", text);
}

void parse_retry(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"attempts", "backoff", NULL};
    struct policy_retry *retry = &parse->campaign->policy.retry;
    *retry = (struct policy_retry){.attempts = 1, .backoff = 10 * WG_MINUTE};
    if (!at || !parse_is_map(parse, at, "retry")) return;
    yaml_check_keys(&parse->doc, at, "retry", known, NULL);
    yaml_read_int(&parse->doc, yaml_get(at, "attempts"), "attempts", 1, 10, &retry->attempts);
    yaml_read_duration(&parse->doc, yaml_get(at, "backoff"), "backoff", WG_SECOND, WG_DAY,
                       &retry->backoff);
}

void parse_timeout(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"offer",     "download", "install",
                                        "probation", "silent",   NULL};
    struct policy_timeout *timeout = &parse->campaign->policy.timeout;
    struct yaml_doc *doc = &parse->doc;
    *timeout = (struct policy_timeout){.offer = 10 * WG_MINUTE,
                                       .download = 4 * WG_HOUR,
                                       .install = 30 * WG_MINUTE,
                                       .probation = 15 * WG_MINUTE,
                                       .silent = WG_DAY};
    if (!at || !parse_is_map(parse, at, "timeout")) return;
    yaml_check_keys(doc, at, "timeout", known, NULL);
    const wg_duration most = 30 * WG_DAY;
    yaml_read_duration(doc, yaml_get(at, "offer"), "offer", WG_SECOND, most, &timeout->offer);
    yaml_read_duration(doc, yaml_get(at, "download"), "download", WG_SECOND, most,
                       &timeout->download);
    yaml_read_duration(doc, yaml_get(at, "install"), "install", WG_SECOND, most, &timeout->install);
    yaml_read_duration(doc, yaml_get(at, "probation"), "probation", WG_SECOND, most,
                       &timeout->probation);
    yaml_read_duration(doc, yaml_get(at, "silent"), "silent", WG_SECOND, most, &timeout->silent);
}
