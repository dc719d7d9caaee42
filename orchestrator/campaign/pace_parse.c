/* pace_parse.c: how fast devices are offered the update. */
#include "orchestrator/campaign/parse.h"

#include <stdlib.h>
#include <string.h>

#define IN_FLIGHT 100 /* when the file says nothing */
#define IN_FLIGHT_MAX 1000000
#define RATE_MAX 1000000
#define FACTOR_DECIMALS 4
#define FACTOR_ONE ((int64_t)10000)

static int by_attribute(const void *left, const void *right)
{
    const struct policy_per *a = left, *b = right;
    return strcmp(a->attribute, b->attribute);
}

static void read_per(struct parse *parse, const struct yaml_value *at)
{
    struct policy *policy = &parse->campaign->policy;
    if (!at || !parse_is_map(parse, at, "per")) return;
    if (at->count > POLICY_PER_MAX) {
        yaml_doc_problem(&parse->doc, at, "per: more than %d attributes", POLICY_PER_MAX);
        return;
    }
    for (size_t i = 0; i < at->count; i++) {
        struct policy_per *per = &policy->per[policy->per_count];
        if (!parse_name(parse, at->keys[i], "per", per->attribute)) continue;
        if (yaml_read_int(&parse->doc, at->items[i], per->attribute, 1, IN_FLIGHT_MAX, &per->most))
            policy->per_count++;
    }
    qsort(policy->per, policy->per_count, sizeof policy->per[0], by_attribute);
}

/* Digits, no leading zero; false: none, or too many. */
static bool read_number(const char **text, int64_t *out)
{
    const char *from = *text;
    *out = 0;
    if (*from == '0') return false;
    for (; **text >= '0' && **text <= '9' && *text - from < 9; (*text)++)
        *out = *out * 10 + (**text - '0');
    return *text > from;
}

/* "50/min": no other unit, so that two rates can be compared at a glance. */
static void read_rate(struct parse *parse, const struct yaml_value *at, const char *what,
                      int64_t *out)
{
    char text[WG_NAME_MAX + 1];
    int64_t value = 0;
    if (!at || !yaml_read_text(&parse->doc, at, what, text, sizeof text)) return;
    const char *end = text;
    bool number = read_number(&end, &value);
    if (number && strcmp(end, "/min") == 0 && value <= RATE_MAX) {
        *out = value;
        return;
    }
    yaml_doc_problem(&parse->doc, at,
                     "%s: expected devices a minute, 1/min to %d/min, got \"%.40s\"", what,
                     RATE_MAX, text);
    if (number && *end == '\0')
        yaml_doc_hint(&parse->doc, "did you mean \"%s/min\"?", text);
    else if (number && *end == '/' && strcmp(end, "/min") != 0)
        yaml_doc_hint(&parse->doc, "rates are counted by the minute: 50/min");
}

static void parse_rate(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"start", "factor", "max", NULL};
    struct policy_rate *rate = &parse->campaign->policy.rate;
    int64_t factor = 2 * FACTOR_ONE;
    if (!at || !parse_is_map(parse, at, "rate")) return;
    yaml_check_keys(&parse->doc, at, "rate", known);
    if (!yaml_get(at, "start"))
        yaml_doc_problem(&parse->doc, at,
                         "rate: the key \"start\" is missing: expected one like 50/min");
    read_rate(parse, yaml_get(at, "start"), "start", &rate->start);
    read_rate(parse, yaml_get(at, "max"), "max", &rate->max);
    if (yaml_get(at, "factor"))
        (void)parse_decimal(parse, yaml_get(at, "factor"), "factor", FACTOR_DECIMALS, FACTOR_ONE,
                            10 * FACTOR_ONE, &factor);
    rate->factor_ppm = factor * (POLICY_PPM / FACTOR_ONE);
    if (rate->max > 0 && rate->max < rate->start)
        yaml_doc_problem(&parse->doc, yaml_get(at, "max"),
                         "max: expected at least the %lld/min of start, got %lld/min",
                         (long long)rate->start, (long long)rate->max);
}

void parse_pace(struct parse *parse, const struct yaml_value *at)
{
    static const char *const known[] = {"in_flight", "per", "rate", NULL};
    struct policy *policy = &parse->campaign->policy;
    policy->in_flight = IN_FLIGHT;
    if (!at || !parse_is_map(parse, at, "pace")) return;
    yaml_check_keys(&parse->doc, at, "pace", known);
    yaml_read_int(&parse->doc, yaml_get(at, "in_flight"), "in_flight", 1, IN_FLIGHT_MAX,
                  &policy->in_flight);
    read_per(parse, yaml_get(at, "per"));
    parse_rate(parse, yaml_get(at, "rate"));
}
