/* vouch.c: the repository's word and the people's, held against an order. */
#include "agent/core/vouch.h"

#include "agent/core/ending.h"
#include "agent/core/table.h"
#include "common/signed.h"
#include "common/trust/envelope.h"
#include "common/trust/warrant.h"

#include <stdlib.h>
#include <string.h>

static bool check_director(const struct core_step *step, const json_t *envelope,
                           struct wg_error *why)
{
    const struct trust_policy *policy = step->run->policy;
    json_t *body = NULL;
    if (step->config->vouch && policy)
        return envelope_check(envelope, policy->directors, policy->director_count, why);
    return wg_signed_check(envelope, step->config->directors, step->config->director_count, &body,
                           why);
}

json_t *vouch_open(const struct core_step *step, struct wg_order *out, struct wg_error *why)
{
    json_t *envelope = wg_order_parse(step->event->bytes, step->event->len, why);
    if (!envelope) return NULL;
    if ((check_director(step, envelope, why) || wg_context(why, "order")) &&
        wg_order_read(envelope, out, why))
        return envelope;
    json_decref(envelope);
    return NULL;
}

bool vouch_ask(struct core_step *step, const json_t *envelope)
{
    struct core_run *run = step->run;
    char *payload = NULL;
    if (!envelope) {
        if (step->now < run->refresh_from) return true;
        run->refresh_from = step->now + CORE_REFRESH_EVERY;
    } else {
        payload = json_dumps(envelope, JSON_COMPACT);
        if (!payload) return wg_fail_memory(step->err, "asking for a release");
    }
    if (!step_do(step, CORE_DO_VOUCH)) {
        free(payload);
        return false;
    }
    struct core_action *action = &step->out->items[step->out->count - 1];
    action->payload = payload;
    action->len = payload ? strlen(payload) : 0;
    return true;
}

static const char *version_here(void *ctx, const char *component)
{
    const struct core_start *start = ctx;
    for (size_t i = 0; i < start->component_count; i++)
        if (strcmp(start->components[i].name, component) == 0) return start->components[i].version;
    return NULL;
}

static int64_t security_of(const struct core_memory *memory, const char *component)
{
    for (size_t i = 0; i < memory->security_count; i++)
        if (strcmp(memory->security[i].component, component) == 0)
            return memory->security[i].version;
    return 0;
}

/* The order says what the repository says, word for word. */
static bool is_same(const struct wg_order *order, const struct release_facts *facts)
{
    return strcmp(order->component, facts->component) == 0 &&
           strcmp(order->version, facts->version) == 0 &&
           strcmp(order->sha256, facts->sha256) == 0 && order->length == facts->length &&
           facts->is_age == (order->age[0] != '\0');
}

/* A form that only the order knows, or only the repository, is of no use. */
static void take_forms(const struct wg_order *order, const struct release_facts *facts,
                       struct core_release *out)
{
    for (size_t i = 0; i < order->form_count; i++)
        for (size_t j = 0; j < facts->form_count; j++) {
            const struct wg_order_form *offered = &order->forms[i];
            const struct release_form *known = &facts->forms[j];
            if (strcmp(offered->sha256, known->target.sha256) != 0 ||
                offered->length != known->target.length ||
                known->is_age != (offered->age[0] != '\0'))
                continue;
            struct core_form *form = &out->forms[out->form_count++];
            (void)wg_copy(form->sha256, sizeof form->sha256, known->target.sha256);
            (void)wg_copy(form->from, sizeof form->from, known->from.sha256);
            form->length = known->target.length;
            form->is_age = known->is_age;
            form->packed_length = known->plain.length;
            form->from_length = known->from.length;
            break;
        }
}

static bool judge_release(const struct core_step *step, const struct wg_order *order,
                          struct vouch_verdict *out)
{
    const struct release_facts *facts = step->event->facts;
    const struct wg_hello *identity = &step->config->identity;
    struct core_start start = step->run->start;
    const struct release_device device = {.model = identity->hardware_model,
                                          .revision = identity->hardware_revision,
                                          .version = version_here,
                                          .ctx = &start};
    out->cause = WG_CAUSE_VERIFY;
    if (!facts) {
        (void)wg_format(out->text, sizeof out->text, "the repository has no release %s/%s",
                        order->component, order->version);
        return false;
    }
    if (!is_same(order, facts)) {
        (void)wg_format(out->text, sizeof out->text,
                        "%s/%s is not in the repository what the order says it is",
                        order->component, order->version);
        return false;
    }
    out->cause = WG_CAUSE_REFUSED;
    if (step->run->policy &&
        !trust_policy_takes(step->run->policy, facts, out->text, sizeof out->text))
        return false;
    out->cause = WG_CAUSE_INCOMPATIBLE;
    if (!release_facts_fit(facts, &device, out->text, sizeof out->text)) return false;
    out->cause = WG_CAUSE_NONE;
    (void)wg_copy(out->release.sha256, sizeof out->release.sha256, facts->plain_sha256);
    out->release.length = facts->plain_length;
    out->release.security = facts->security_version;
    take_forms(order, facts, &out->release);
    return true;
}

static bool judge_warrant(const struct core_step *step, const struct wg_order *order,
                          const json_t *envelope, struct vouch_verdict *out, struct wg_error *err)
{
    char release[STATEMENT_RELEASE_TEXT];
    struct warrant_finding found;
    struct wg_error why = {0};
    int64_t least = security_of(step->memory, order->component);
    const struct warrant_claim claim = {.campaign = order->campaign,
                                        .digest = order->digest,
                                        .rolls_back = order->rolls_back,
                                        .release = release,
                                        .hardware_model = step->config->identity.hardware_model,
                                        .downgrade = out->release.security < least};
    (void)wg_format(release, sizeof release, "%s/%s", order->component, order->version);
    if (!step->run->policy)
        (void)wg_fail(&why, WG_E_DENIED, "the repository has no policy that says who may approve");
    else if (warrant_check(wg_order_warrant(envelope), step->run->policy, &claim, &found, &why))
        return true;
    if (why.code == WG_E_MEMORY) return wg_fail_memory(err, "judging a warrant");
    out->cause = WG_CAUSE_REFUSED;
    (void)wg_copy(out->text, sizeof out->text, why.text);
    return true;
}

/* A device without a clock that it trusts knows at least how late it was when the repository spoke.
 */
static bool is_over(const struct core_step *step, const struct wg_order *order,
                    struct vouch_verdict *out)
{
    char expires[WG_TIME_TEXT], issued[WG_TIME_TEXT];
    if (step->wall > 0 || step->event->issued <= order->expires + CORE_CLOCK_SKEW) return false;
    wg_time_text(order->expires, expires);
    wg_time_text(step->event->issued, issued);
    out->cause = WG_CAUSE_REFUSED;
    (void)wg_format(out->text, sizeof out->text, "expired %s, the repository says it is %s",
                    expires, issued);
    return true;
}

bool vouch_judge(const struct core_step *step, const struct wg_order *order, const json_t *envelope,
                 struct vouch_verdict *out, struct wg_error *err)
{
    *out = (struct vouch_verdict){.cause = WG_CAUSE_NONE};
    return is_over(step, order, out) || !judge_release(step, order, out) ||
           judge_warrant(step, order, envelope, out, err);
}

void vouch_plain(const struct wg_order *order, struct core_release *out)
{
    *out = (struct core_release){.length = order->length};
    (void)wg_copy(out->sha256, sizeof out->sha256, order->sha256);
}

void vouch_committed(struct core_memory *memory)
{
    const char *component = memory->order.component;
    struct core_security *entry = NULL;
    if (memory->release.security <= security_of(memory, component)) return;
    for (size_t i = 0; i < memory->security_count; i++)
        if (strcmp(memory->security[i].component, component) == 0) entry = &memory->security[i];
    if (!entry && memory->security_count == WG_COMPONENTS_MAX) return;
    if (!entry) entry = &memory->security[memory->security_count++];
    (void)wg_copy(entry->component, sizeof entry->component, component);
    entry->version = memory->release.security;
}

bool act_policy(struct core_step *step)
{
    step->run->policy = step->event->policy;
    return true;
}
