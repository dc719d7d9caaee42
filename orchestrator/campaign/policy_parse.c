/* policy_parse.c: budget, retry, timeout. */
#include "orchestrator/campaign/parse.h"

#include <string.h>

#define AMOUNT_MAX 100000000
#define ATTEMPTS_MAX 10

void parse_amount(struct parse *parse, const struct yaml_value *at, const char *what, int64_t min,
                  struct policy_amount *out)
{
    if (!at) return;
    if (at->kind == YAML_TEXT && strchr(at->text, '%')) {
        if (yaml_read_percent(&parse->doc, at, what, &out->value)) out->is_share = true;
    } else if (yaml_read_int(&parse->doc, at, what, min, AMOUNT_MAX, &out->value)) {
        out->is_share = false;
    }
}

/* The classes of failure that faults have. */
static void read_limits(struct parse *parse, const struct yaml_value *at,
                        struct policy_budget *budget)
{
    const char *known[WG_CAUSES + 1] = {NULL};
    size_t count = 0;
    if (!at || !parse_is_map(parse, at, "classes")) return;
    for (int cause = 0; cause < WG_CAUSES; cause++)
        if (wg_cause_is_fault((enum wg_cause)cause))
            known[count++] = wg_cause_text((enum wg_cause)cause);
    yaml_check_keys(&parse->doc, at, "classes", known);
    for (int cause = 0; cause < WG_CAUSES; cause++) {
        if (!wg_cause_is_fault((enum wg_cause)cause)) continue;
        const char *key = wg_cause_text((enum wg_cause)cause);
        budget->class_limited[cause] = yaml_get(at, key) != NULL;
        parse_amount(parse, yaml_get(at, key), key, 0, &budget->classes[cause]);
    }
}

static void read_on_exceeded(struct parse *parse, const struct yaml_value *at,
                             enum policy_on_exceeded *out)
{
    static const char *const choices[] = {
        [POLICY_PAUSE] = "pause", [POLICY_ABORT] = "abort", [POLICY_ROLLBACK] = "rollback", NULL};
    size_t chosen = POLICY_PAUSE;
    yaml_read_choice(&parse->doc, at, "on_exceeded", choices, &chosen);
    *out = (enum policy_on_exceeded)chosen;
    if (*out == POLICY_ROLLBACK && !yaml_get(parse->doc.root, "rollback_to"))
        yaml_doc_problem(&parse->doc, at,
                         "on_exceeded: rollback needs the key \"rollback_to\" with the release to "
                         "go back to");
}

void parse_budget(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"failures", "at_least", "classes", "on_exceeded", NULL};
    struct policy_budget *budget = &parse->campaign->policy.budget;
    *budget = (struct policy_budget){.on_exceeded = POLICY_PAUSE};
    if (!at || !parse_is_map(parse, at, "budget")) return;
    yaml_check_keys(&parse->doc, at, "budget", known);
    parse_amount(parse, yaml_get(at, "failures"), "failures", 0, &budget->failures);
    yaml_read_int(&parse->doc, yaml_get(at, "at_least"), "at_least", 0, AMOUNT_MAX,
                  &budget->at_least);
    read_limits(parse, yaml_get(at, "classes"), budget);
    read_on_exceeded(parse, yaml_get(at, "on_exceeded"), &budget->on_exceeded);
}

/* A device that was away, busy or shed has made no attempt. */
static void read_retry_class(struct parse *parse, const struct yaml_value *at, enum wg_cause cause,
                             struct policy_retry *retry)
{
    static const char *const of_fault[] = {"attempts", "backoff", NULL};
    struct policy_retry_class *out = &retry->classes[cause];
    const char *name = wg_cause_text(cause);
    if (!at || !parse_is_map(parse, at, name)) return;
    yaml_check_keys(&parse->doc, at, name, wg_cause_is_fault(cause) ? of_fault : of_fault + 1);
    if (at->count == 0)
        yaml_doc_problem(&parse->doc, at, "%s: expected %s, got nothing", name,
                         wg_cause_is_fault(cause) ? "attempts or backoff" : "backoff");
    if (wg_cause_is_fault(cause))
        yaml_read_int(&parse->doc, yaml_get(at, "attempts"), "attempts", 1, ATTEMPTS_MAX,
                      &out->attempts);
    yaml_read_duration(&parse->doc, yaml_get(at, "backoff"), "backoff", WG_SECOND, WG_DAY,
                       &out->backoff);
    retry->class_set[cause] = true;
}

static void read_retry_classes(struct parse *parse, const struct yaml_value *at,
                               struct policy_retry *retry)
{
    const char *known[WG_CAUSES + 1] = {NULL};
    size_t count = 0;
    if (!at || !parse_is_map(parse, at, "classes")) return;
    for (int cause = 0; cause < WG_CAUSES; cause++) {
        if (!wg_cause_is_retriable((enum wg_cause)cause)) continue;
        known[count] = wg_cause_text((enum wg_cause)cause);
        read_retry_class(parse, yaml_get(at, known[count]), (enum wg_cause)cause, retry);
        count++;
    }
    yaml_check_keys(&parse->doc, at, "classes", known);
}

void parse_retry(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"attempts", "backoff", "jitter", "classes", NULL};
    struct policy_retry *retry = &parse->campaign->policy.retry;
    *retry = (struct policy_retry){.attempts = 1, .backoff = 10 * WG_MINUTE, .jitter_ppm = 200000};
    if (!at || !parse_is_map(parse, at, "retry")) return;
    yaml_check_keys(&parse->doc, at, "retry", known);
    yaml_read_int(&parse->doc, yaml_get(at, "attempts"), "attempts", 1, ATTEMPTS_MAX,
                  &retry->attempts);
    yaml_read_duration(&parse->doc, yaml_get(at, "backoff"), "backoff", WG_SECOND, WG_DAY,
                       &retry->backoff);
    yaml_read_share(&parse->doc, yaml_get(at, "jitter"), "jitter", 0, 500000, &retry->jitter_ppm);
    read_retry_classes(parse, yaml_get(at, "classes"), retry);
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
    yaml_check_keys(doc, at, "timeout", known);
    const wg_duration most = 30 * WG_DAY;
    yaml_read_duration(doc, yaml_get(at, "offer"), "offer", WG_SECOND, most, &timeout->offer);
    yaml_read_duration(doc, yaml_get(at, "download"), "download", WG_SECOND, most,
                       &timeout->download);
    yaml_read_duration(doc, yaml_get(at, "install"), "install", WG_SECOND, most, &timeout->install);
    yaml_read_duration(doc, yaml_get(at, "probation"), "probation", WG_SECOND, most,
                       &timeout->probation);
    yaml_read_duration(doc, yaml_get(at, "silent"), "silent", WG_SECOND, most, &timeout->silent);
}
