/* release_set.h: releases that are installed together: a main release and the companions that its
 * facts name ("with"). In which sequence, and whether they go together. Pure.
 *
 * Who depends on a component of the set comes after it; ties go by the name of the component. Such
 * a range is held against the set, any other against what runs on the device. Companions of a
 * companion are not followed: a release that has some cannot be one. */
#ifndef WG_COMMON_TRUST_RELEASE_SET_H
#define WG_COMMON_TRUST_RELEASE_SET_H

#include "common/trust/release_facts.h"

#define RELEASE_SET_MAX (1 + WG_COMPANIONS_MAX)

/* Borrowed. members[0]: the main release; members[i]: its companions[i - 1]. */
struct release_set {
    size_t count;
    const struct release_facts *members[RELEASE_SET_MAX];
};

/* The main release with as many of those that follow as it has companions; "" as the component of
 * one: nobody knows it. */
void release_set_init(struct release_set *set, const struct release_facts *lead,
                      const struct release_facts *companions);

/* Numbers of the members, first the one that is installed first. WG_E_BAD_INPUT: they do not go
 * together; it names the two. */
WG_MUST_CHECK bool release_set_sequence(const struct release_set *set, size_t out[RELEASE_SET_MAX],
                                        struct wg_error *err);

/* May all of them go to that device (whose coming is not looked at)? False: why names the one that
 * may not, and says why. */
bool release_set_fit(const struct release_set *set, const struct release_device *device, char *why,
                     size_t size);

#endif
