/* campaign_fuzz.c: campaign files, whole. What was taken has a canonical form that is itself a
 * campaign file of the same canonical form and digest, compiles into SQL with its parameters, and
 * its waves share out any fleet.
 *
 * A line "%file" in the input ends the campaign: what follows is the content of every file that the
 * campaign names. */
#include "orchestrator/campaign/campaign.h"
#include "orchestrator/campaign/partition.h"
#include "orchestrator/campaign/target.h"
#include "tests/fuzz/target.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define FILE_LINE "\n%file\n"
#define CANONICAL_MAX ((size_t)64 << 20)

struct input {
    const char *campaign, *file; /* file NULL: a small one by name */
    size_t campaign_len, file_len;
};

static struct input split(const uint8_t *data, size_t size)
{
    struct input input = {.campaign = (const char *)data, .campaign_len = size};
    const char *line = size > 0 ? memmem(data, size, FILE_LINE, strlen(FILE_LINE)) : NULL;
    if (!line) return input;
    input.campaign_len = (size_t)(line - input.campaign) + 1;
    input.file = line + strlen(FILE_LINE);
    input.file_len = size - input.campaign_len - strlen(FILE_LINE) + 1;
    return input;
}

static bool load(void *ctx, const char *name, struct wg_buf *out, struct wg_error *err)
{
    const struct input *input = ctx;
    char path[300];
    MUST(wg_format(path, sizeof path, "/%s/", name) && !strstr(path, "/../") && name[0] != '/',
         "asks for the file \"%s\"", name);
    if (name[0] == '-') return wg_fail(err, WG_E_NOT_FOUND, "%s: no such file", name);
    if (input->file)
        wg_buf_add(out, input->file, input->file_len);
    else if (strstr(name, "json"))
        wg_buf_text(out,
                    "{\"type\":\"Polygon\",\"coordinates\":[[[5,45],[9,45],[9,48],[5,45]]]}\n");
    else
        wg_buf_text(out, "dev-1\ndev-2\n");
    return wg_buf_check(out, err, name);
}

static void write_canonical(const struct campaign *campaign, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, CANONICAL_MAX);
    MUST(campaign_canonical(campaign, out, &err), "%s", err.text);
}

/* Every $N of the SQL, outside its own quoted text, is a parameter that is there. */
static void check_numbers(const struct target *target, const char *sql)
{
    bool quoted = false;
    for (const char *at = sql; *at; at++) {
        if (*at == '\'') quoted = !quoted;
        if (*at != '$' || quoted) continue;
        MUST(isdigit((unsigned char)at[1]), "a '$' without a number: %s", sql);
        unsigned long number = strtoul(at + 1, NULL, 10);
        MUST(number >= 1 && number <= target->param_count, "$%lu of %zu: %s", number,
             target->param_count, sql);
    }
    MUST(!quoted, "a quote that does not end: %s", sql);
}

static struct target *compile(const struct selector *all)
{
    struct wg_error err = {0};
    struct target *target = calloc(1, sizeof *target);
    MUST(target, "out of memory");
    MUST(target_compile(all, target, &err), "%s", err.text);
    for (size_t i = 0; i < target->clause_count; i++) {
        const struct target_clause *clause = &target->clauses[i];
        MUST(clause->sql && clause->sql[0], "a clause without SQL");
        target_shown(clause->words, strlen(clause->words));
        check_numbers(target, clause->sql);
    }
    for (size_t i = 0; i < target->param_count; i++)
        MUST(wg_text_is_utf8(target->params[i], strlen(target->params[i])), "$%zu is no text",
             i + 1);
    return target;
}

/* Both ask the database the same. */
static void same_target(const struct selector *one, const struct selector *other)
{
    struct target *a = compile(one), *b = compile(other);
    MUST(a->clause_count == b->clause_count && a->param_count == b->param_count, "%zu and %zu",
         a->param_count, b->param_count);
    for (size_t i = 0; i < a->clause_count; i++)
        MUST(strcmp(a->clauses[i].sql, b->clauses[i].sql) == 0, "%s\nbefore %s", b->clauses[i].sql,
             a->clauses[i].sql);
    for (size_t i = 0; i < a->param_count; i++)
        MUST(strcmp(a->params[i], b->params[i]) == 0, "$%zu: %s, before %s", i + 1, b->params[i],
             a->params[i]);
    target_clear(a);
    target_clear(b);
    free(a);
    free(b);
}

static void same_list(const struct text_list *a, const struct text_list *b)
{
    MUST(a->count == b->count, "%zu, before %zu", b->count, a->count);
    for (size_t i = 0; i < a->count; i++)
        MUST(strcmp(a->items[i], b->items[i]) == 0, "\"%s\", before \"%s\"", b->items[i],
             a->items[i]);
}

static void same_wave(const struct campaign_wave *a, const struct campaign_wave *b)
{
    MUST(strcmp(a->name, b->name) == 0 && a->kind == b->kind, "wave %s", a->name);
    MUST(a->percent_ppm == b->percent_ppm && a->count == b->count, "size of wave %s", a->name);
    MUST(a->spread_count == b->spread_count, "spread of wave %s", a->name);
    for (size_t i = 0; i < a->spread_count; i++)
        MUST(strcmp(a->spread[i], b->spread[i]) == 0, "spread of wave %s", a->name);
    same_list(&a->devices, &b->devices);
    MUST(!a->select == !b->select, "select of wave %s", a->name);
    if (a->select) same_target(a->select, b->select);
}

/* A share of nothing is written as no devices. */
static bool same_amount(const struct policy_amount *a, const struct policy_amount *b)
{
    return a->value == b->value && (a->is_share == b->is_share || a->value == 0);
}

static void same_hook(const struct policy_hook *a, const struct policy_hook *b)
{
    MUST(strcmp(a->run, b->run) == 0 && strcmp(a->url, b->url) == 0 && a->timeout == b->timeout &&
             a->every == b->every,
         "the hook %s%s", a->run, a->url);
    MUST(!a->run[0] || !a->url[0], "a hook of two kinds");
}

static void same_health(const struct policy_health *a, const struct policy_health *b)
{
    MUST(strcmp(a->metric, b->metric) == 0 && a->lower_is_worse == b->lower_is_worse &&
             a->margin_ppm == b->margin_ppm && a->alpha_ppm == b->alpha_ppm &&
             a->beta_ppm == b->beta_ppm && a->settle == b->settle,
         "the health %s", a->metric);
}

static void same_gate(const struct policy_gate *a, const struct policy_gate *b)
{
    MUST(a->success_ppm == b->success_ppm && same_amount(&a->sample, &b->sample) &&
             a->soak == b->soak && a->approval_count == b->approval_count,
         "a gate");
    MUST(a->approval_count == 0 || strcmp(a->approval_role, b->approval_role) == 0,
         "who approves: %s, before %s", b->approval_role, a->approval_role);
    MUST(a->approval_expires == b->approval_expires, "for how long it is approved");
    same_hook(&a->hook, &b->hook);
    same_health(&a->health, &b->health);
}

static void same_pace(const struct policy *a, const struct policy *b)
{
    SAME_NUMBER(a->in_flight, b->in_flight);
    SAME_NUMBER(a->per_count, b->per_count);
    for (size_t i = 0; i < a->per_count; i++)
        MUST(strcmp(a->per[i].attribute, b->per[i].attribute) == 0 &&
                 a->per[i].most == b->per[i].most,
             "the cap per %s", a->per[i].attribute);
    SAME_NUMBER(a->rate.start, b->rate.start);
    SAME_NUMBER(a->rate.factor_ppm, b->rate.factor_ppm);
    SAME_NUMBER(a->rate.max, b->rate.max);
}

static void same_classes(const struct policy *a, const struct policy *b)
{
    for (int cause = 0; cause < WG_CAUSES; cause++) {
        const struct policy_retry_class *x = &a->retry.classes[cause],
                                        *y = &b->retry.classes[cause];
        MUST(a->budget.class_limited[cause] == b->budget.class_limited[cause] &&
                 same_amount(&a->budget.classes[cause], &b->budget.classes[cause]),
             "the limit of %s", wg_cause_text((enum wg_cause)cause));
        MUST(a->retry.class_set[cause] == b->retry.class_set[cause] && x->attempts == y->attempts &&
                 x->backoff == y->backoff,
             "retries of %s", wg_cause_text((enum wg_cause)cause));
    }
}

static void same_times(const struct policy *a, const struct policy *b)
{
    MUST(a->window.count == b->window.count && a->window.kind == b->window.kind &&
             strcmp(a->window.zone, b->window.zone) == 0,
         "the windows");
    for (size_t i = 0; i < a->window.count; i++) {
        const struct wg_window *x = &a->window.items[i], *y = &b->window.items[i];
        MUST(x->days == y->days && x->from == y->from && x->to == y->to && x->days != 0 &&
                 x->from != x->to,
             "window %zu", i);
    }
    SAME_NUMBER(a->schedule.start, b->schedule.start);
    SAME_NUMBER(a->schedule.end, b->schedule.end);
    SAME_NUMBER(a->schedule.at_end, b->schedule.at_end);
    MUST(a->start.count == b->start.count && a->start.expires == b->start.expires &&
             strcmp(a->start.role, b->start.role) == 0,
         "approvals to start");
    MUST(a->emergency.length == b->emergency.length &&
             strcmp(a->emergency.reason, b->emergency.reason) == 0,
         "the emergency");
    MUST(a->emergency.length == 0 || (a->start.count >= 2 && a->window.count == 0),
         "an emergency on its own");
}

static void same_policy(const struct policy *a, const struct policy *b)
{
    MUST(a->wave_count == b->wave_count && a->continuous == b->continuous, "waves, membership");
    MUST(same_amount(&a->budget.failures, &b->budget.failures) &&
             a->budget.at_least == b->budget.at_least &&
             a->budget.on_exceeded == b->budget.on_exceeded,
         "the budget");
    MUST(a->retry.attempts == b->retry.attempts && a->retry.backoff == b->retry.backoff &&
             a->retry.jitter_ppm == b->retry.jitter_ppm,
         "retry");
    same_pace(a, b);
    same_classes(a, b);
    same_times(a, b);
    MUST(memcmp(&a->timeout, &b->timeout, sizeof a->timeout) == 0, "time-outs");
    for (size_t i = 0; i < a->wave_count; i++) {
        same_gate(&a->gates[i], &b->gates[i]);
        MUST(a->overlap[i] == b->overlap[i] && (i > 0 || !a->overlap[i]), "overlap of wave %zu", i);
    }
}

/* The canonical form leaves nothing out. */
static void same_campaign(const struct campaign *a, const struct campaign *b)
{
    MUST(strcmp(a->name, b->name) == 0 && strcmp(a->component, b->component) == 0 &&
             strcmp(a->version, b->version) == 0 && strcmp(a->rollback, b->rollback) == 0,
         "what it is called, or what goes out");
    SAME_NUMBER(a->priority, b->priority);
    same_policy(&a->policy, &b->policy);
    same_list(&a->after, &b->after);
    same_list(&a->excludes, &b->excludes);
    same_list(&a->supersedes, &b->supersedes);
    same_target(a->target, b->target);
    for (size_t i = 0; i < a->policy.wave_count; i++) same_wave(&a->waves[i], &b->waves[i]);
}

static void read_back(const struct campaign *campaign)
{
    struct wg_error err = {0};
    struct wg_buf first, second;
    char digest[WG_SHA256_HEX], again[WG_SHA256_HEX];
    write_canonical(campaign, &first);
    struct campaign *back = campaign_parse("canonical", first.data, first.len, NULL, NULL, &err);
    MUST(back, "%s\nof %s", err.text, first.data);
    same_campaign(campaign, back);
    write_canonical(back, &second);
    target_same(&second, &first, "campaign");
    MUST(campaign_digest(campaign, digest, &err) && campaign_digest(back, again, &err), "%s",
         err.text);
    MUST(strcmp(digest, again) == 0, "digest %s, before %s", again, digest);
    campaign_free(back);
    wg_buf_clear(&first);
    wg_buf_clear(&second);
}

static void share_out(const struct campaign *campaign)
{
    static const int64_t fleets[] = {0, 1, 3, 1000, 1000003};
    for (size_t f = 0; f < sizeof fleets / sizeof fleets[0]; f++) {
        int64_t listed[POLICY_WAVES_MAX] = {0}, size[POLICY_WAVES_MAX] = {0}, sum = 0;
        int64_t left = partition_sizes(campaign, 0, fleets[f], listed, size);
        for (size_t i = 0; i < campaign->policy.wave_count; i++) {
            MUST(size[i] >= 0, "wave %zu has %lld devices", i, (long long)size[i]);
            sum += size[i];
        }
        MUST(left >= 0 && sum + left == fleets[f], "%lld and %lld left of %lld", (long long)sum,
             (long long)left, (long long)fleets[f]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct input input = split(data, size);
    struct wg_error err = {0};
    struct campaign *campaign =
        campaign_parse("fuzz.yaml", input.campaign, input.campaign_len, load, &input, &err);
    if (!campaign) {
        target_refused(&err);
        return 0;
    }
    read_back(campaign);
    share_out(campaign);
    campaign_free(campaign);
    return 0;
}
