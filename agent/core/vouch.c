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

/* What the repository says of a release, and what the order says of it. */
struct pair {
    const struct release_facts *facts;
    const char *component, *version, *sha256, *age;
    int64_t length;
};

static void pair_of(const struct wg_order *order, size_t member, const struct release_facts *facts,
                    struct pair *out)
{
    *out = (struct pair){facts,         order->component, order->version,
                         order->sha256, order->age,       order->length};
    if (member == 0) return;
    const struct wg_order_companion *companion = &order->companions[member - 1];
    *out =
        (struct pair){facts,          companion->component, companion->version, companion->sha256,
                      companion->age, companion->length};
}

/* Word for word. */
static bool is_same(const struct pair *pair)
{
    const struct release_facts *facts = pair->facts;
    return strcmp(pair->component, facts->component) == 0 &&
           strcmp(pair->version, facts->version) == 0 && strcmp(pair->sha256, facts->sha256) == 0 &&
           pair->length == facts->length && facts->is_age == (pair->age[0] != '\0');
}

static void take_form(const struct wg_order_form *offered, const struct release_facts *facts,
                      struct core_release *out)
{
    for (size_t i = 0; i < facts->form_count; i++) {
        const struct release_form *known = &facts->forms[i];
        if (strcmp(offered->sha256, known->target.sha256) != 0 ||
            offered->length != known->target.length || known->is_age != (offered->age[0] != '\0'))
            continue;
        struct core_form *form = &out->forms[out->form_count++];
        form->member = offered->member;
        (void)wg_copy(form->sha256, sizeof form->sha256, known->target.sha256);
        (void)wg_copy(form->from, sizeof form->from, known->from.sha256);
        form->length = known->target.length;
        form->is_age = known->is_age;
        form->packed_length = known->plain.length;
        form->from_length = known->from.length;
        return;
    }
}

/* The facts of the event, in the sequence of the order's members. */
struct members {
    struct release_set set;     /* as the repository names them */
    size_t at[RELEASE_SET_MAX]; /* where the order's member is in it */
    size_t of[RELEASE_SET_MAX]; /* and the other way round */
};

/* The companions of the order and of the repository are the same. */
static bool match(const struct wg_order *order, const struct core_event *event, struct members *out)
{
    const struct release_facts *facts = event->facts;
    release_set_init(&out->set, facts, event->companions);
    out->at[0] = out->of[0] = 0;
    if (order->companion_count != facts->companion_count ||
        (facts->companion_count > 0 && !event->companions))
        return false;
    for (size_t i = 0; i < order->companion_count; i++) {
        size_t at = 0;
        while (at < facts->companion_count &&
               strcmp(facts->companions[at].name, order->companions[i].component) != 0)
            at++;
        if (at == facts->companion_count) return false;
        out->at[i + 1] = at + 1;
        out->of[at + 1] = i + 1;
    }
    return true;
}

static bool say_other(struct vouch_verdict *out, const struct pair *pair)
{
    if (pair->facts->component[0])
        (void)wg_format(out->text, sizeof out->text,
                        "%s/%s is not in the repository what the order says it is", pair->component,
                        pair->version);
    else
        (void)wg_format(out->text, sizeof out->text, "the repository has no release %s/%s",
                        pair->component, pair->version);
    return false;
}

/* Every member is what the repository says, and together they have a sequence. */
static bool judge_members(const struct wg_order *order, const struct members *members,
                          struct vouch_verdict *out)
{
    struct wg_error why = {0};
    size_t sequence[RELEASE_SET_MAX];
    for (size_t i = 0; i < members->set.count; i++) {
        struct pair pair;
        pair_of(order, i, members->set.members[members->at[i]], &pair);
        if (!is_same(&pair)) return say_other(out, &pair);
    }
    if (!release_set_sequence(&members->set, sequence, &why)) {
        (void)wg_copy(out->text, sizeof out->text, why.text);
        return false;
    }
    for (size_t i = 0; i < members->set.count; i++)
        out->release.sequence[i] = members->of[sequence[i]];
    return true;
}

/* A form that only the order knows, or only the repository, is of no use. */
static void take_members(const struct wg_order *order, const struct members *members,
                         struct core_release *out)
{
    const struct release_facts *const *facts = members->set.members;
    (void)wg_copy(out->sha256, sizeof out->sha256, facts[0]->plain_sha256);
    out->length = facts[0]->plain_length;
    out->security = facts[0]->security_version;
    out->companion_count = order->companion_count;
    for (size_t i = 0; i < order->companion_count; i++) {
        const struct release_facts *known = facts[members->at[i + 1]];
        struct core_companion *companion = &out->companions[i];
        (void)wg_copy(companion->sha256, sizeof companion->sha256, known->plain_sha256);
        companion->length = known->plain_length;
        companion->security = known->security_version;
    }
    for (size_t i = 0; i < order->form_count; i++)
        take_form(&order->forms[i], facts[members->at[order->forms[i].member]], out);
}

static bool judge_fit(const struct core_step *step, const struct members *members,
                      struct vouch_verdict *out)
{
    const struct wg_hello *identity = &step->config->identity;
    const struct trust_policy *policy = step->run->policy;
    const struct release_device device = {.model = identity->hardware_model,
                                          .revision = identity->hardware_revision,
                                          .version = version_here,
                                          .ctx = &step->run->start};
    out->cause = WG_CAUSE_REFUSED;
    for (size_t i = 0; policy && i < members->set.count; i++)
        if (!trust_policy_takes(policy, members->set.members[i], out->text, sizeof out->text))
            return false;
    out->cause = WG_CAUSE_INCOMPATIBLE;
    return release_set_fit(&members->set, &device, out->text, sizeof out->text);
}

static bool judge_release(const struct core_step *step, const struct wg_order *order,
                          struct vouch_verdict *out)
{
    const struct release_facts *facts = step->event->facts;
    struct members members;
    struct pair pair;
    out->cause = WG_CAUSE_VERIFY;
    if (!facts) {
        (void)wg_format(out->text, sizeof out->text, "the repository has no release %s/%s",
                        order->component, order->version);
        return false;
    }
    pair_of(order, 0, facts, &pair);
    if (!is_same(&pair)) return say_other(out, &pair);
    if (!match(order, step->event, &members)) {
        (void)wg_format(out->text, sizeof out->text,
                        "%s/%s has other companions in the repository than in the order",
                        order->component, order->version);
        return false;
    }
    if (!judge_members(order, &members, out) || !judge_fit(step, &members, out)) return false;
    out->cause = WG_CAUSE_NONE;
    take_members(order, &members, &out->release);
    return true;
}

/* Would a component go back behind what was committed here? */
static bool goes_back(const struct core_memory *memory, const struct wg_order *order,
                      const struct core_release *release)
{
    bool back = release->security < security_of(memory, order->component);
    for (size_t i = 0; i < release->companion_count; i++)
        back = back || release->companions[i].security <
                           security_of(memory, order->companions[i].component);
    return back;
}

static bool judge_warrant(const struct core_step *step, const struct wg_order *order,
                          const json_t *envelope, struct vouch_verdict *out, struct wg_error *err)
{
    char release[STATEMENT_RELEASE_TEXT];
    struct warrant_finding found;
    struct wg_error why = {0};
    const struct warrant_claim claim = {.campaign = order->campaign,
                                        .digest = order->digest,
                                        .rolls_back = order->rolls_back,
                                        .release = release,
                                        .hardware_model = step->config->identity.hardware_model,
                                        .downgrade = goes_back(step->memory, order, &out->release)};
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

/* Nobody says who needs whom: as the order names them, its own release last. */
void vouch_plain(const struct wg_order *order, struct core_release *out)
{
    *out =
        (struct core_release){.length = order->length, .companion_count = order->companion_count};
    (void)wg_copy(out->sha256, sizeof out->sha256, order->sha256);
    for (size_t i = 0; i < order->companion_count; i++) {
        struct core_companion *companion = &out->companions[i];
        (void)wg_copy(companion->sha256, sizeof companion->sha256, order->companions[i].sha256);
        companion->length = order->companions[i].length;
        out->sequence[i] = i + 1;
    }
}

static void keep_security(struct core_memory *memory, const char *component, int64_t version)
{
    struct core_security *entry = NULL;
    if (version <= security_of(memory, component)) return;
    for (size_t i = 0; i < memory->security_count; i++)
        if (strcmp(memory->security[i].component, component) == 0) entry = &memory->security[i];
    if (!entry && memory->security_count == WG_COMPONENTS_MAX) return;
    if (!entry) entry = &memory->security[memory->security_count++];
    (void)wg_copy(entry->component, sizeof entry->component, component);
    entry->version = version;
}

void vouch_committed(struct core_memory *memory)
{
    const struct core_release *release = task_release(memory->task);
    keep_security(memory, task_order(memory->task)->component, release->security);
    for (size_t i = 0; i < release->companion_count; i++)
        keep_security(memory, task_order(memory->task)->companions[i].component,
                      release->companions[i].security);
}

bool act_policy(struct core_step *step)
{
    step->run->policy = step->event->policy;
    return true;
}
