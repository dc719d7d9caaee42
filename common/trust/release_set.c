/* release_set.c: holds the members of a set against each other, and against a device. */
#include "common/trust/release_set.h"

#include <string.h>

void release_set_init(struct release_set *set, const struct release_facts *lead,
                      const struct release_facts *companions)
{
    *set = (struct release_set){.count = 1 + lead->companion_count, .members = {lead}};
    for (size_t i = 1; i < set->count; i++) set->members[i] = &companions[i - 1];
}

/* The number of the member that is of that component; the count: none is. */
static size_t find(const struct release_set *set, const char *component)
{
    size_t i = 0;
    while (i < set->count && strcmp(set->members[i]->component, component) != 0) i++;
    return i;
}

static bool check_companion(const struct release_set *set, size_t member, struct wg_error *err)
{
    const struct release_facts *lead = set->members[0], *found = set->members[member];
    const struct wg_component *named = &lead->companions[member - 1];
    if (strcmp(named->name, found->component) != 0 || strcmp(named->version, found->version) != 0)
        return wg_fail(err, WG_E_BAD_INPUT,
                       "%s/%s comes with %s/%s, which is not in the repository", lead->component,
                       lead->version, named->name, named->version);
    if (found->companion_count > 0)
        return wg_fail(
            err, WG_E_BAD_INPUT,
            "%s/%s comes with %s/%s, which has companions of its own: expected a release "
            "without",
            lead->component, lead->version, found->component, found->version);
    return find(set, found->component) == member ||
           wg_fail(err, WG_E_BAD_INPUT, "%s/%s comes with %s twice", lead->component, lead->version,
                   found->component);
}

static bool check_ranges(const struct release_set *set, const struct release_facts *facts,
                         struct wg_error *err)
{
    for (size_t i = 0; i < facts->depends_count; i++) {
        const struct release_dependency *dependency = &facts->depends[i];
        size_t other = find(set, dependency->component);
        if (other == set->count || set->members[other] == facts) continue;
        if (release_depends_hold(dependency, set->members[other]->version)) continue;
        return wg_fail(err, WG_E_BAD_INPUT, "%s/%s needs %s %s, together with it comes %s/%s",
                       facts->component, facts->version, dependency->component, dependency->range,
                       dependency->component, set->members[other]->version);
    }
    return true;
}

/* A member that this one waits for; the count: none. */
static size_t waits_for(const struct release_set *set, const bool *placed, size_t member)
{
    const struct release_facts *facts = set->members[member];
    for (size_t i = 0; i < facts->depends_count; i++) {
        size_t other = find(set, facts->depends[i].component);
        if (other < set->count && other != member && !placed[other]) return other;
    }
    return set->count;
}

/* The first by name of those that wait for none; the count: all that are left do. */
static size_t next(const struct release_set *set, const bool *placed)
{
    size_t best = set->count;
    for (size_t i = 0; i < set->count; i++) {
        if (placed[i] || waits_for(set, placed, i) < set->count) continue;
        if (best == set->count ||
            strcmp(set->members[i]->component, set->members[best]->component) < 0)
            best = i;
    }
    return best;
}

/* Whoever waits is followed as often as there are members: then it is one of the circle. */
static bool fail_circle(const struct release_set *set, const bool *placed, struct wg_error *err)
{
    size_t member = 0;
    while (placed[member]) member++;
    for (size_t i = 0; i < set->count; i++) member = waits_for(set, placed, member);
    const struct release_facts *one = set->members[member],
                               *other = set->members[waits_for(set, placed, member)];
    return wg_fail(err, WG_E_BAD_INPUT, "%s/%s and %s/%s need each other: neither can come first",
                   one->component, one->version, other->component, other->version);
}

bool release_set_sequence(const struct release_set *set, size_t out[RELEASE_SET_MAX],
                          struct wg_error *err)
{
    bool placed[RELEASE_SET_MAX] = {false};
    for (size_t i = 1; i < set->count; i++)
        if (!check_companion(set, i, err)) return false;
    for (size_t i = 0; i < set->count; i++)
        if (!check_ranges(set, set->members[i], err)) return false;
    for (size_t i = 0; i < set->count; i++) {
        size_t member = next(set, placed);
        if (member == set->count) return fail_circle(set, placed, err);
        placed[member] = true;
        out[i] = member;
    }
    return true;
}

/* The device of a member, seen with those that come along. */
struct together {
    const struct release_set *set;
    const struct release_device *device;
    const struct release_facts *member;
};

static const char *version_there(void *ctx, const char *component)
{
    const struct together *together = ctx;
    return together->device->version(together->device->ctx, component);
}

static const char *version_coming(void *ctx, const char *component)
{
    const struct together *together = ctx;
    size_t other = find(together->set, component);
    if (other == together->set->count || together->set->members[other] == together->member)
        return NULL;
    return together->set->members[other]->version;
}

bool release_set_fit(const struct release_set *set, const struct release_device *device, char *why,
                     size_t size)
{
    struct together together = {.set = set, .device = device};
    const struct release_device seen = {.model = device->model,
                                        .revision = device->revision,
                                        .version = version_there,
                                        .coming = version_coming,
                                        .ctx = &together};
    for (size_t i = 0; i < set->count; i++) {
        together.member = set->members[i];
        if (!release_facts_fit(set->members[i], &seen, why, size)) return false;
    }
    return true;
}
