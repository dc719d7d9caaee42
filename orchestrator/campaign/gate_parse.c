/* gate_parse.c: the gate behind a wave: success, soak, approvals, hook, health. */
#include "orchestrator/campaign/parse.h"

#include <string.h>

#define SOAK_MAX (90 * WG_DAY)
#define EXPIRES_MAX (365 * WG_DAY)

#define DIGITS "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define PORT_MAX 65535

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

void parse_approvals(struct parse *parse, const struct yaml_value *at, struct policy_approvals *out)
{
    static const char *const known[] = {"role", "count", "expires", NULL};
    struct policy_approvals asked = {.role = "rollout-admin", .count = 1};
    if (!at || !parse_is_map(parse, at, "approvals")) return;
    yaml_check_keys(&parse->doc, at, "approvals", known);
    parse_name(parse, yaml_get(at, "role"), "role", asked.role);
    yaml_read_int(&parse->doc, yaml_get(at, "count"), "count", 0, 10, &asked.count);
    yaml_read_duration(&parse->doc, yaml_get(at, "expires"), "expires", WG_MINUTE, EXPIRES_MAX,
                       &asked.expires);
    /* when nobody is asked it does not matter who */
    *out = asked.count > 0 ? asked : (struct policy_approvals){0};
}

/* Nothing stays of the default gate's. */
static void read_approvals(struct parse *parse, const struct yaml_value *at,
                           struct policy_gate *gate)
{
    struct policy_approvals asked = {0};
    if (!at) return;
    parse_approvals(parse, at, &asked);
    memcpy(gate->approval_role, asked.role, sizeof gate->approval_role);
    gate->approval_count = asked.count;
    gate->approval_expires = asked.expires;
}

/* "none": not what the default gate says. */
static bool is_none(const struct yaml_value *at)
{
    return at->kind == YAML_TEXT && strcmp(at->text, "none") == 0;
}

static bool port_is_good(const char **text)
{
    long port = 0;
    if (**text != ':') return true;
    (*text)++;
    if (**text == '0') return false;
    for (; **text >= '0' && **text <= '9' && port <= PORT_MAX; (*text)++)
        port = port * 10 + (**text - '0');
    return port > 0 && port <= PORT_MAX;
}

/* https://HOST[:PORT][/PATH][?QUERY]: no user, whose password a log would show, and no fragment,
 * which is not sent. */
static bool url_is_good(const char *url)
{
    static const char scheme[] = "https://";
    if (strncmp(url, scheme, strlen(scheme)) != 0) return false;
    url += strlen(scheme);
    size_t host = strspn(url, DIGITS LETTERS ".-");
    url += host;
    if (host == 0 || !port_is_good(&url) || (*url && *url != '/' && *url != '?')) return false;
    return url[strspn(url, DIGITS LETTERS "-._~:/?@!$&'()*+,;=%")] == '\0';
}

static void read_url(struct parse *parse, const struct yaml_value *at, char out[POLICY_URL_MAX])
{
    char text[POLICY_URL_MAX];
    if (!at || !yaml_read_text(&parse->doc, at, "url", text, sizeof text)) return;
    if (url_is_good(text)) {
        (void)wg_copy(out, POLICY_URL_MAX, text);
        return;
    }
    yaml_doc_problem(&parse->doc, at, "url: expected https://HOST/PATH, got \"%.80s\"", text);
    if (strncmp(text, "http://", strlen("http://")) == 0)
        yaml_doc_hint(&parse->doc, "who answers has to be known for sure: https alone is asked");
}

static void read_run(struct parse *parse, const struct yaml_value *at, char out[WG_NAME_MAX + 1])
{
    size_t problems = parse->doc.problem_count;
    parse_name(parse, at, "run", out);
    if (at && at->kind == YAML_TEXT && strchr(at->text, '/') && parse->doc.problem_count > problems)
        yaml_doc_hint(&parse->doc, "the program's name alone: it lies in the orchestrator's folder "
                                   "of hooks");
}

static void read_hook(struct parse *parse, const struct yaml_value *at, struct policy_hook *out)
{
    static const char *const known[] = {"run", "url", "timeout", "every", NULL};
    struct policy_hook hook = {.timeout = 30 * WG_SECOND, .every = WG_MINUTE};
    if (!at) return;
    memset(out, 0, sizeof *out);
    if (is_none(at) || !parse_is_map(parse, at, "hook")) return;
    yaml_check_keys(&parse->doc, at, "hook", known);
    const struct yaml_value *run = yaml_get(at, "run"), *url = yaml_get(at, "url");
    if (!run == !url)
        yaml_doc_problem(&parse->doc, at, "hook: expected one of \"run\" and \"url\", got %s",
                         run ? "both" : "neither");
    read_run(parse, run, hook.run);
    read_url(parse, url, hook.url);
    yaml_read_duration(&parse->doc, yaml_get(at, "timeout"), "timeout", WG_SECOND, 10 * WG_MINUTE,
                       &hook.timeout);
    yaml_read_duration(&parse->doc, yaml_get(at, "every"), "every", WG_SECOND, WG_DAY, &hook.every);
    *out = hook;
}

static void read_health(struct parse *parse, const struct yaml_value *at, struct policy_health *out)
{
    static const char *const known[] = {"metric", "worse",  "margin", "alpha",
                                        "beta",   "settle", NULL};
    static const char *const worse[] = {"higher", "lower", NULL};
    struct policy_health health = {
        .margin_ppm = 200000, .alpha_ppm = 10000, .beta_ppm = 50000, .settle = 10 * WG_MINUTE};
    struct yaml_doc *doc = &parse->doc;
    size_t lower = 0;
    if (!at) return;
    memset(out, 0, sizeof *out);
    if (is_none(at) || !parse_is_map(parse, at, "health")) return;
    yaml_check_keys(doc, at, "health", known);
    if (!yaml_get(at, "metric"))
        yaml_doc_problem(doc, at, "health: the key \"metric\" is missing: what is compared?");
    parse_name(parse, yaml_get(at, "metric"), "metric", health.metric);
    yaml_read_choice(doc, yaml_get(at, "worse"), "worse", worse, &lower);
    health.lower_is_worse = lower == 1;
    yaml_read_share(doc, yaml_get(at, "margin"), "margin", 10000, 1000000, &health.margin_ppm);
    yaml_read_share(doc, yaml_get(at, "alpha"), "alpha", 100, 200000, &health.alpha_ppm);
    yaml_read_share(doc, yaml_get(at, "beta"), "beta", 100, 200000, &health.beta_ppm);
    yaml_read_duration(doc, yaml_get(at, "settle"), "settle", 0, SOAK_MAX, &health.settle);
    *out = health;
}

void parse_gate(struct parse *parse, const struct yaml_value *at, struct policy_gate *gate)
{
    static const char *const known[] = {"success", "sample", "soak", "approvals",
                                        "hook",    "health", NULL};
    if (!at || !parse_is_map(parse, at, "gate")) return;
    yaml_check_keys(&parse->doc, at, "gate", known);
    read_success(parse, yaml_get(at, "success"), &gate->success_ppm);
    parse_amount(parse, yaml_get(at, "sample"), "sample", 1, &gate->sample);
    yaml_read_duration(&parse->doc, yaml_get(at, "soak"), "soak", 0, SOAK_MAX, &gate->soak);
    read_approvals(parse, yaml_get(at, "approvals"), gate);
    read_hook(parse, yaml_get(at, "hook"), &gate->hook);
    read_health(parse, yaml_get(at, "health"), &gate->health);
}
