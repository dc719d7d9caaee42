/* judge.c: one check after the other; the first that does not hold refuses. */
#include "orchestrator/signer/judge.h"

#include "common/enrolment.h"
#include "common/trust/erasure.h"
#include "common/trust/release_set.h"
#include "orchestrator/campaign/campaign.h"
#include "orchestrator/signer/testimony.h"

#include <stdlib.h>
#include <string.h>

#define CAMPAIGNS_MAX 64          /* kept */
#define ERASURE_AGE (90 * WG_DAY) /* of what people say of it, at most */
#define CLOCK_SKEW WG_DAY         /* between orchestrator and signer, at most */

struct known {
    struct campaign *campaign; /* NULL: free */
    char digest[WG_SHA256_HEX];
    uint64_t used;
};

struct judge {
    struct judge_config config;
    uint64_t clock;
    struct known known[CAMPAIGNS_MAX];
};

struct judge *judge_new(const struct judge_config *config, struct wg_error *err)
{
    struct judge *judge = calloc(1, sizeof *judge);
    if (judge)
        judge->config = *config;
    else
        (void)wg_fail_memory(err, "starting");
    return judge;
}

void judge_free(struct judge *judge)
{
    for (size_t i = 0; judge && i < CAMPAIGNS_MAX; i++) campaign_free(judge->known[i].campaign);
    free(judge);
}

static bool deny(struct wg_error *err, const char *what)
{
    return wg_fail(err, WG_E_DENIED, "%s", what);
}

static bool check_dates(const struct judge *judge, const struct wg_order *order, wg_time now,
                        struct wg_error *err)
{
    if (order->not_before > now + CLOCK_SKEW) return deny(err, "the order is for later");
    if (order->expires <= now) return deny(err, "the order has expired");
    return order->expires - order->not_before <= judge->config.lifetime ||
           deny(err, "the order would be in force for too long");
}

/* The order's release, or a companion, by what the order says of it. */
struct claimed {
    const char *component, *version, *sha256, *age;
    int64_t length;
};

static bool check_release(const struct judge *judge, const struct claimed *claimed,
                          struct release_facts *facts, struct wg_error *err)
{
    if (!truth_release(judge->config.truth, claimed->component, claimed->version, facts, err))
        return false;
    return (strcmp(claimed->component, facts->component) == 0 &&
            strcmp(claimed->version, facts->version) == 0 &&
            strcmp(claimed->sha256, facts->sha256) == 0 && claimed->length == facts->length &&
            facts->is_age == (claimed->age[0] != '\0')) ||
           wg_fail(err, WG_E_DENIED, "%s/%s is not in the repository what the order says it is",
                   claimed->component, claimed->version);
}

/* The order's companion of that name; NULL: it has none. */
static const struct wg_order_companion *companion_of(const struct wg_order *order,
                                                     const char *component)
{
    for (size_t i = 0; i < order->companion_count; i++)
        if (strcmp(order->companions[i].component, component) == 0) return &order->companions[i];
    return NULL;
}

/* Exactly those that the repository names, each as it is there; and they have a sequence. */
static bool check_companions(const struct judge *judge, const struct wg_order *order,
                             struct release_facts facts[RELEASE_SET_MAX], struct wg_error *err)
{
    struct release_set set;
    size_t sequence[RELEASE_SET_MAX];
    bool same = facts->companion_count == order->companion_count;
    for (size_t i = 0; same && i < facts->companion_count; i++)
        same = companion_of(order, facts->companions[i].name) != NULL;
    if (!same)
        return wg_fail(err, WG_E_DENIED,
                       "%s/%s has other companions in the repository than in the order",
                       order->component, order->version);
    for (size_t i = 0; i < facts->companion_count; i++) {
        const struct wg_order_companion *companion = companion_of(order, facts->companions[i].name);
        const struct claimed claimed = {companion->component, companion->version, companion->sha256,
                                        companion->age, companion->length};
        if (!check_release(judge, &claimed, &facts[i + 1], err)) return false;
    }
    release_set_init(&set, facts, facts + 1);
    return release_set_sequence(&set, sequence, err);
}

static bool check_releases(const struct judge *judge, const struct wg_order *order,
                           struct release_facts facts[RELEASE_SET_MAX], struct wg_error *err)
{
    const struct claimed claimed = {order->component, order->version, order->sha256, order->age,
                                    order->length};
    return check_release(judge, &claimed, facts, err) && check_companions(judge, order, facts, err);
}

/* What the device is, by its signed record. */
static bool read_enrolment(const struct judge *judge, const struct judge_request *request,
                           struct wg_enrolment *out, struct wg_error *err)
{
    char *text = request->enrolment ? json_dumps(request->enrolment, JSON_COMPACT) : NULL;
    bool ok = text && wg_enrolment_read(text, strlen(text), judge->config.enrolment, 1, out, err) &&
              strcmp(out->device, request->order->device) == 0;
    free(text);
    return ok || wg_fail(err, WG_E_DENIED, "there is no signed enrolment record of %s",
                         request->order->device);
}

/* facts: of the release, then of its companions.
 * For the hardware that the device is, or, where nobody signs that, for every one that the release
 * may go to: then only the orchestrator would say which it is. Without a list of hardware: for
 * every class that there is. */
static bool check_warrant(const struct judge *judge, const struct judge_request *request,
                          const struct release_facts *facts, struct wg_error *err)
{
    const struct wg_order *order = request->order;
    const struct trust_policy *policy = truth_policy(judge->config.truth);
    char release[STATEMENT_RELEASE_TEXT], why[256];
    struct warrant_finding found;
    struct warrant_claim claim = {.campaign = order->campaign,
                                  .digest = order->digest,
                                  .rolls_back = order->rolls_back,
                                  .release = release};
    (void)wg_format(release, sizeof release, "%s/%s", order->component, order->version);
    if (!policy) return deny(err, "the repository has no policy that says who may approve");
    for (size_t i = 0; i <= facts->companion_count; i++)
        if (!trust_policy_takes(policy, &facts[i], why, sizeof why)) return deny(err, why);
    if (judge->config.enrolment) {
        struct wg_enrolment record;
        if (!read_enrolment(judge, request, &record, err)) return false;
        claim.hardware_model = record.hardware_model;
        return warrant_check(request->warrant, policy, &claim, &found, err);
    }
    size_t count = facts->hardware_count > 0 ? facts->hardware_count : policy->class_count;
    for (size_t i = 0; i < count; i++) {
        claim.hardware_model =
            facts->hardware_count > 0 ? facts->hardware[i].model : policy->classes[i].patterns[0];
        if (!warrant_check(request->warrant, policy, &claim, &found, err)) return false;
    }
    return true;
}

static struct known *known_of(struct judge *judge, const char *digest)
{
    struct known *oldest = &judge->known[0];
    for (size_t i = 0; i < CAMPAIGNS_MAX; i++) {
        struct known *known = &judge->known[i];
        if (known->campaign && strcmp(known->digest, digest) == 0) {
            known->used = ++judge->clock;
            return known;
        }
        if (known->used < oldest->used) oldest = known;
    }
    campaign_free(oldest->campaign);
    *oldest = (struct known){.used = 0};
    return oldest;
}

static bool learn(struct judge *judge, struct known *known, const struct judge_request *request,
                  struct wg_error *err)
{
    const char *text = request->campaign;
    if (!wg_sha256_of(text, strlen(text), known->digest, err)) return false;
    if (strcmp(known->digest, request->order->digest) != 0)
        return deny(err, "the campaign is not the one whose digest the order has");
    known->campaign = campaign_parse("the campaign", text, strlen(text), NULL, NULL, err);
    known->used = ++judge->clock;
    return known->campaign != NULL;
}

static bool check_approvals(const struct testimony *testimony, const struct wg_order *order,
                            const struct testimony_asked *asked, wg_time now, struct wg_error *err)
{
    int64_t given = asked->count > 0 ? testimony_approvals(testimony, asked, now) : 0;
    return given >= asked->count ||
           wg_fail(err, WG_E_DENIED, "%s%s of %s has %lld of the %lld approvals by %s it asks for",
                   asked->wave[0] ? "the gate of wave " : "the start", asked->wave, order->campaign,
                   (long long)given, (long long)asked->count, asked->role);
}

/* Gates of waves that have opened before this one. One that nobody is in lets pass. */
static bool check_gates(const struct testimony *testimony, const struct campaign *campaign,
                        const struct judge_request *request, wg_time now, struct wg_error *err)
{
    const struct policy *policy = &campaign->policy;
    size_t wave = 0;
    while (wave < policy->wave_count && strcmp(campaign->waves[wave].name, request->wave) != 0)
        wave++;
    if (wave == policy->wave_count)
        return wg_fail(err, WG_E_DENIED, "campaign %s has no wave \"%s\"", campaign->name,
                       request->wave);
    for (size_t i = 0; i < wave; i++) {
        const struct policy_gate *gate = &policy->gates[i];
        const struct testimony_asked asked = {.wave = campaign->waves[i].name,
                                              .role = gate->approval_role,
                                              .count = gate->approval_count};
        if (policy->overlap[i + 1] || testimony_size(testimony, asked.wave) == 0) continue;
        if (!check_approvals(testimony, request->order, &asked, now, err)) return false;
    }
    return true;
}

/* Approvals expire for a campaign that has not begun; what has begun goes on. */
static bool check_campaign(const struct judge *judge, const struct testimony *testimony,
                           const struct campaign *campaign, const struct judge_request *request,
                           wg_time now, struct wg_error *err)
{
    bool begun = false;
    const struct wg_order *order = request->order;
    const struct policy_approvals *start = &campaign->policy.start;
    struct testimony_asked asked = {.wave = "", .role = start->role, .count = start->count};
    if (strcmp(campaign->name, order->campaign) != 0 ||
        strcmp(campaign->component, order->component) != 0 ||
        strcmp(campaign->version, order->version) != 0)
        return deny(err, "the campaign is about something else than the order");
    if (!books_has_begun(judge->config.books, order->campaign, order->digest, &begun, err))
        return false;
    if (!begun) asked.expires = start->expires;
    return check_approvals(testimony, order, &asked, now, err) &&
           check_gates(testimony, campaign, request, now, err);
}

static bool check_size(const struct judge *judge, const struct testimony *testimony,
                       const struct judge_request *request, struct wg_error *err)
{
    const struct wg_order *order = request->order;
    const struct books_entry entry = {order->campaign, order->digest, request->wave, order->device};
    int64_t size = testimony_size(testimony, request->wave), devices = 0;
    bool has = false;
    if (size == TESTIMONY_UNSAID)
        return wg_fail(err, WG_E_DENIED, "nobody has signed how many devices wave %s has",
                       request->wave);
    if (!books_count(judge->config.books, &entry, &devices, &has, err)) return false;
    if (has) return true;
    if (size >= 0 && devices >= size)
        return wg_fail(err, WG_E_DENIED,
                       "wave %s has %lld devices by what people have signed: %s would be one more",
                       request->wave, (long long)size, order->device);
    return books_enter(judge->config.books, &entry, err);
}

static bool check_rollback(const struct judge *judge, const struct wg_order *order,
                           struct wg_error *err)
{
    bool has = false;
    if (!books_has_sent(judge->config.books, order->rolls_back, order->device, &has, err))
        return false;
    return has || wg_fail(err, WG_E_DENIED, "%s was never sent campaign %s: nothing to take back",
                          order->device, order->rolls_back);
}

struct revisions {
    struct books *books;
    const char *campaign;
};

static bool has_begun(void *ctx, const char *digest)
{
    struct wg_error ignored = {0};
    const struct revisions *revisions = ctx;
    bool begun = false;
    return books_has_begun(revisions->books, revisions->campaign, digest, &begun, &ignored) &&
           begun;
}

static enum judge_answer judge_campaign(struct judge *judge, const struct judge_request *request,
                                        wg_time now, struct wg_error *err)
{
    struct known *known = known_of(judge, request->order->digest);
    if (!known->campaign && !request->campaign) return JUDGE_NEEDS_CAMPAIGN;
    if (!known->campaign && !learn(judge, known, request, err)) return JUDGE_REFUSE;
    struct revisions revisions = {judge->config.books, request->order->campaign};
    const struct testimony_source source = {.order = request->order,
                                            .policy = truth_policy(judge->config.truth),
                                            .warrant = request->warrant,
                                            .gates = request->gates,
                                            .has_begun = has_begun,
                                            .ctx = &revisions};
    struct testimony *testimony = testimony_new(&source, err);
    bool ok = testimony && check_campaign(judge, testimony, known->campaign, request, now, err) &&
              check_size(judge, testimony, request, err);
    testimony_free(testimony);
    return ok ? JUDGE_SIGN : JUDGE_REFUSE;
}

static enum judge_answer judge_install(struct judge *judge, const struct judge_request *request,
                                       wg_time now, struct wg_error *err)
{
    const struct wg_order *order = request->order;
    struct release_facts *facts = calloc(RELEASE_SET_MAX, sizeof *facts);
    bool ok = facts ? check_dates(judge, order, now, err) &&
                          truth_refresh(judge->config.truth, now, err) &&
                          check_releases(judge, order, facts, err) &&
                          check_warrant(judge, request, facts, err)
                    : wg_fail_memory(err, "judging");
    free(facts);
    if (!ok) return JUDGE_REFUSE;
    if (order->rolls_back[0]) return check_rollback(judge, order, err) ? JUDGE_SIGN : JUDGE_REFUSE;
    return judge_campaign(judge, request, now, err);
}

/* It cannot be taken back, so people must have said it of this very device, not long ago. */
static bool judge_erasure(const struct judge *judge, const struct judge_request *request,
                          wg_time now, struct wg_error *err)
{
    struct erasure_finding found;
    const struct erasure_claim claim = {.device = request->order->device,
                                        .after = now - ERASURE_AGE};
    if (!check_dates(judge, request->order, now, err) ||
        !truth_refresh(judge->config.truth, now, err))
        return false;
    const struct trust_policy *policy = truth_policy(judge->config.truth);
    if (!policy) return deny(err, "the repository has no policy that says who may erase");
    if (!erasure_check(request->warrant, policy, &claim, &found, err)) return false;
    return found.latest <= now + CLOCK_SKEW ||
           deny(err, "what people say of the erasure is of a time that has not come");
}

enum judge_answer judge_order(struct judge *judge, const struct judge_request *request, wg_time now,
                              struct wg_error *err)
{
    /* it takes back, and can do no more than delay */
    if (request->order->kind == WG_ORDER_WITHDRAW)
        return check_dates(judge, request->order, now, err) ? JUDGE_SIGN : JUDGE_REFUSE;
    if (request->order->kind == WG_ORDER_ERASE)
        return judge_erasure(judge, request, now, err) ? JUDGE_SIGN : JUDGE_REFUSE;
    return judge_install(judge, request, now, err);
}
