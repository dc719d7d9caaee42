/* causes.c: failures sorted by what they have in common; runs of equals are the groups. */
#include "orchestrator/support/causes.h"

#include "orchestrator/support/tail.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_DEVICES 2 /* one device has nothing in common with itself */

static const char *const TRAITS[CAUSES_TRAITS] = {
    [CAUSES_MODEL] = "model",
    [CAUSES_REVISION] = "hardware",
    [CAUSES_REGION] = "region",
    [CAUSES_FROM] = "from",
};
static const char *const PHASES[CAUSES_PHASES] = {
    [CAUSES_UNKNOWN] = "",
    [CAUSES_OFFER] = "offered",
    [CAUSES_DOWNLOAD] = "downloading",
    [CAUSES_INSTALL] = "installing",
    [CAUSES_REBOOT] = "rebooting",
    [CAUSES_PROBATION] = "probation",
};

/* A failure on its way into a group. */
struct member {
    size_t index; /* of the failure */
    enum causes_phase phase;
    char signature[SIGNATURE_MAX];
};

struct question {
    size_t group;
    struct causes_finding finding;
};

struct causes {
    const struct causes_failure *failures;
    size_t count;
    struct member *members;
    size_t *order; /* indices of failures, group by group */
    size_t group_count;
    struct causes_group *groups;
    struct question *questions;
    size_t question_count, question_room;
};

const char *causes_trait_text(enum causes_trait trait)
{
    return (unsigned)trait < CAUSES_TRAITS ? TRAITS[trait] : "";
}

const char *causes_phase_text(enum causes_phase phase)
{
    return (unsigned)phase < CAUSES_PHASES ? PHASES[phase] : "";
}

static enum causes_phase phase_of_state(enum wg_state state)
{
    switch (state) {
    case WG_OFFERED:
    case WG_ACCEPTED:
    case WG_DEFERRED:
        return CAUSES_OFFER;
    case WG_DOWNLOADING:
        return CAUSES_DOWNLOAD;
    case WG_INSTALLING:
        return CAUSES_INSTALL;
    case WG_REBOOTING:
        return CAUSES_REBOOT;
    case WG_PROBATION:
        return CAUSES_PROBATION;
    default:
        return CAUSES_UNKNOWN;
    }
}

enum causes_phase causes_phase_of(enum wg_cause cause, enum wg_state ended_in)
{
    switch (cause) {
    case WG_CAUSE_VERIFY:
    case WG_CAUSE_DOWNLOAD:
        return CAUSES_DOWNLOAD;
    case WG_CAUSE_INSTALL:
        return CAUSES_INSTALL;
    case WG_CAUSE_BOOT:
        return CAUSES_REBOOT;
    case WG_CAUSE_HEALTH:
        return CAUSES_PROBATION;
    case WG_CAUSE_REFUSED:
    case WG_CAUSE_INCOMPATIBLE:
        return CAUSES_OFFER;
    default:
        return phase_of_state(ended_in);
    }
}

/* ---- groups ---- */

/* qsort has no context: what a member is compared by stands in it. */
static int by_cause(const struct causes_failure *failures, const struct member *a,
                    const struct member *b)
{
    int left = (int)failures[a->index].cause, right = (int)failures[b->index].cause;
    if (left != right) return left - right;
    if (a->phase != b->phase) return (int)a->phase - (int)b->phase;
    return strcmp(a->signature, b->signature);
}

/* Merge sort: glibc's qsort_r is not in every C library. */
static void sort_members(const struct causes_failure *failures, struct member *list,
                         struct member *spare, size_t count)
{
    size_t half = count / 2, left = 0, right = half, out = 0;
    if (count < 2) return;
    sort_members(failures, list, spare, half);
    sort_members(failures, list + half, spare, count - half);
    memcpy(spare, list, count * sizeof *list);
    while (left < half && right < count)
        list[out++] =
            by_cause(failures, &spare[right], &spare[left]) < 0 ? spare[right++] : spare[left++];
    while (left < half) list[out++] = spare[left++];
    while (right < count) list[out++] = spare[right++];
}

static void begin_group(struct causes *causes, size_t first)
{
    const struct member *member = &causes->members[first];
    const struct causes_failure *failure = &causes->failures[member->index];
    struct causes_group *group = &causes->groups[causes->group_count++];
    *group = (struct causes_group){.cause = failure->cause,
                                   .phase = member->phase,
                                   .first = failure->at,
                                   .last = failure->at,
                                   .members = causes->order + first};
    memcpy(group->signature, member->signature, sizeof group->signature);
}

static void join_group(struct causes_group *group, const struct causes_failure *failure)
{
    group->devices++;
    group->state[failure->state]++;
    if (failure->at < group->first) group->first = failure->at;
    if (failure->at > group->last) group->last = failure->at;
}

static int larger_first(const void *left, const void *right)
{
    const struct causes_group *a = left, *b = right;
    if (a->devices != b->devices) return a->devices > b->devices ? -1 : 1;
    if (a->last != b->last) return a->last > b->last ? -1 : 1;
    return strcmp(a->signature, b->signature);
}

static bool make_groups(struct causes *causes, struct wg_error *err)
{
    const struct causes_failure *failures = causes->failures;
    size_t count = causes->count;
    struct member *spare = calloc(count + 1, sizeof *spare);
    if (!spare) return wg_fail_memory(err, "grouping failures");
    for (size_t i = 0; i < count; i++) {
        struct member *member = &causes->members[i];
        member->index = i;
        member->phase = causes_phase_of(failures[i].cause, failures[i].ended_in);
        signature_of(failures[i].detail, failures[i].device, member->signature);
    }
    sort_members(failures, causes->members, spare, count);
    free(spare);
    for (size_t i = 0; i < count; i++) {
        const struct member *member = &causes->members[i];
        if (i == 0 || by_cause(failures, &causes->members[i - 1], member) != 0)
            begin_group(causes, i);
        causes->order[i] = member->index;
        join_group(&causes->groups[causes->group_count - 1], &failures[member->index]);
    }
    qsort(causes->groups, causes->group_count, sizeof *causes->groups, larger_first);
    return true;
}

/* ---- how a group spreads over the values of a trait ---- */

static int by_value(const void *left, const void *right)
{
    const struct causes_count *a = left, *b = right;
    return strcmp(a->value, b->value);
}

static int most_first(const void *left, const void *right)
{
    const struct causes_count *a = left, *b = right;
    if (a->devices != b->devices) return a->devices > b->devices ? -1 : 1;
    return strcmp(a->value, b->value);
}

static bool spread(const struct causes *causes, struct causes_group *group, enum causes_trait trait,
                   struct wg_error *err)
{
    size_t count = (size_t)group->devices, kept = 0;
    struct causes_count *values = calloc(count + 1, sizeof *values);
    if (!values) return wg_fail_memory(err, "grouping failures");
    for (size_t i = 0; i < count; i++)
        values[i] = (struct causes_count){causes->failures[group->members[i]].trait[trait], 1};
    qsort(values, count, sizeof *values, by_value);
    for (size_t i = 0; i < count; i++)
        if (kept > 0 && strcmp(values[kept - 1].value, values[i].value) == 0)
            values[kept - 1].devices++;
        else
            values[kept++] = values[i];
    qsort(values, kept, sizeof *values, most_first);
    group->spread[trait] = values;
    group->spread_count[trait] = kept;
    return true;
}

/* ---- what is over-represented ---- */

struct rest { /* of one trait: who succeeded */
    const struct causes_success *all;
    size_t count;
    int64_t known[CAUSES_TRAITS];
};

static int64_t succeeded_with(const struct rest *rest, enum causes_trait trait, const char *value)
{
    for (size_t i = 0; i < rest->count; i++)
        if (rest->all[i].trait == trait && strcmp(rest->all[i].value, value) == 0)
            return rest->all[i].devices;
    return 0;
}

static bool add_question(struct causes *causes, size_t group, const struct causes_finding *finding,
                         struct wg_error *err)
{
    if (causes->question_count == causes->question_room) {
        size_t room = causes->question_room ? 2 * causes->question_room : 64;
        struct question *more = realloc(causes->questions, room * sizeof *more);
        if (!more) return wg_fail_memory(err, "grouping failures");
        causes->questions = more;
        causes->question_room = room;
    }
    causes->questions[causes->question_count++] =
        (struct question){.group = group, .finding = *finding};
    return true;
}

/* Asked of every value that two devices or more have in common: to ask only where it looks like
 * something would make chance look like something. */
static bool ask(struct causes *causes, size_t index, enum causes_trait trait,
                const struct rest *rest, struct wg_error *err)
{
    const struct causes_group *group = &causes->groups[index];
    int64_t known = 0;
    for (size_t i = 0; i < group->spread_count[trait]; i++)
        if (group->spread[trait][i].value[0]) known += group->spread[trait][i].devices;
    if (rest->known[trait] == 0) return true;
    for (size_t i = 0; i < group->spread_count[trait]; i++) {
        const struct causes_count *count = &group->spread[trait][i];
        if (!count->value[0] || count->devices < LEAST_DEVICES) continue;
        struct causes_finding finding = {.trait = trait,
                                         .value = count->value,
                                         .devices = count->devices,
                                         .of = known,
                                         .succeeded = succeeded_with(rest, trait, count->value),
                                         .succeeded_of = rest->known[trait]};
        finding.p = tail_of(finding.devices, known, finding.devices + finding.succeeded,
                            known + finding.succeeded_of);
        if (!add_question(causes, index, &finding, err)) return false;
    }
    return true;
}

/* All devices of a model that failed are of one revision: that says more. */
static bool is_said_by_revision(const struct causes_group *group,
                                const struct causes_finding *finding)
{
    size_t len = strlen(finding->value);
    if (finding->trait != CAUSES_MODEL) return false;
    for (size_t i = 0; i < group->finding_count; i++) {
        const struct causes_finding *other = &group->findings[i];
        if (other->trait == CAUSES_REVISION && other->devices == finding->devices &&
            strncmp(other->value, finding->value, len) == 0 && other->value[len] == '/')
            return true;
    }
    return false;
}

/* In the order of their likelihood, revisions before their models. */
static void take_findings(struct causes *causes, const double *corrected, const size_t *order)
{
    for (int models = 0; models < 2; models++)
        for (size_t rank = 0; rank < causes->question_count; rank++) {
            struct question *question = &causes->questions[order[rank]];
            struct causes_group *group = &causes->groups[question->group];
            question->finding.corrected = corrected[order[rank]];
            if (question->finding.corrected >= CAUSES_ALPHA ||
                group->finding_count == CAUSES_FINDINGS_MAX ||
                (question->finding.trait == CAUSES_MODEL) != (models == 1) ||
                is_said_by_revision(group, &question->finding))
                continue;
            group->findings[group->finding_count++] = question->finding;
        }
}

static bool answer(struct causes *causes, struct wg_error *err)
{
    size_t count = causes->question_count;
    double *p = calloc(count + 1, sizeof *p);
    size_t *order = calloc(count + 1, sizeof *order);
    bool ok = p && order;
    for (size_t i = 0; ok && i < count; i++) p[i] = causes->questions[i].finding.p;
    if (ok) {
        tail_correct(p, order, count);
        take_findings(causes, p, order);
    }
    free(p);
    free(order);
    return ok || wg_fail_memory(err, "grouping failures");
}

static bool compare(struct causes *causes, const struct causes_success *successes,
                    size_t success_count, size_t most, struct wg_error *err)
{
    struct rest rest = {.all = successes, .count = success_count};
    for (size_t i = 0; i < success_count; i++)
        if (successes[i].value[0]) rest.known[successes[i].trait] += successes[i].devices;
    for (size_t i = 0; i < causes->group_count && i < most; i++)
        for (int trait = 0; trait < CAUSES_TRAITS; trait++)
            if (!spread(causes, &causes->groups[i], (enum causes_trait)trait, err) ||
                !ask(causes, i, (enum causes_trait)trait, &rest, err))
                return false;
    return answer(causes, err);
}

struct causes *causes_judge(const struct causes_failure *failures, size_t count,
                            const struct causes_success *successes, size_t success_count,
                            size_t most, struct wg_error *err)
{
    struct causes *causes = calloc(1, sizeof *causes);
    if (!causes) {
        (void)wg_fail_memory(err, "grouping failures");
        return NULL;
    }
    causes->failures = failures;
    causes->count = count;
    causes->members = calloc(count + 1, sizeof *causes->members);
    causes->order = calloc(count + 1, sizeof *causes->order);
    causes->groups = calloc(count + 1, sizeof *causes->groups);
    bool ok = causes->members && causes->order && causes->groups
                  ? make_groups(causes, err) && compare(causes, successes, success_count, most, err)
                  : wg_fail_memory(err, "grouping failures");
    if (ok) return causes;
    causes_free(causes);
    return NULL;
}

void causes_free(struct causes *causes)
{
    if (!causes) return;
    for (size_t i = 0; i < causes->group_count; i++)
        for (int trait = 0; trait < CAUSES_TRAITS; trait++) free(causes->groups[i].spread[trait]);
    free(causes->questions);
    free(causes->groups);
    free(causes->order);
    free(causes->members);
    free(causes);
}

size_t causes_count(const struct causes *causes)
{
    return causes->group_count;
}

const struct causes_group *causes_group(const struct causes *causes, size_t index)
{
    return &causes->groups[index];
}

size_t causes_comparisons(const struct causes *causes)
{
    return causes->question_count;
}
