/* delegation.h: which roles a targets role delegates a path to (specification 4.5). Pure. */
#ifndef WG_COMMON_TUF_DELEGATION_H
#define WG_COMMON_TUF_DELEGATION_H

#include "common/tuf/metadata.h"

/* Shell-style, '*' and '?' alone, neither matching a '/'. */
bool tuf_pattern_matches(const char *pattern, const char *path);

struct tuf_delegation {
    char name[TUF_ROLE_NAME_MAX + 1];
    const json_t *keys, *role; /* who signs for it; borrowed from the delegator */
    bool terminating;
};

/* For each delegation of the path, in order, until fn says no or one is terminating. False when fn
 * said no, or with WG_E_MEMORY, WG_E_FAILED. */
typedef bool (*tuf_delegation_fn)(void *ctx, const struct tuf_delegation *delegation,
                                  struct wg_error *err);
WG_MUST_CHECK bool tuf_delegations_of(const struct tuf_metadata *delegator, const char *path,
                                      tuf_delegation_fn fn, void *ctx, struct wg_error *err);

#endif
