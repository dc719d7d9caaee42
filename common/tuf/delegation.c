/* delegation.c: delegations by path patterns, by prefixes of the path's hash, and succinct ones
 * into numbered bins (TAP 15). */
#include "common/tuf/delegation.h"

#include "common/crypto.h"
#include "common/text.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static bool part_matches(const char *pattern, size_t pattern_len, const char *part, size_t len)
{
    char a[TUF_PATTERN_MAX + 1], b[TUF_PATH_MAX + 1];
    return wg_copy_n(a, sizeof a, pattern, pattern_len) && wg_copy_n(b, sizeof b, part, len) &&
           wg_glob_match(a, b);
}

bool tuf_pattern_matches(const char *pattern, const char *path)
{
    for (;; pattern++, path++) {
        size_t pattern_len = strcspn(pattern, "/"), len = strcspn(path, "/");
        if (!part_matches(pattern, pattern_len, path, len)) return false;
        pattern += pattern_len;
        path += len;
        if (*pattern == '\0' || *path == '\0') return *pattern == *path;
    }
}

static bool role_takes(const json_t *role, const char *path, const char *hash)
{
    const json_t *paths = json_object_get(role, "paths");
    const json_t *list = paths ? paths : json_object_get(role, "path_hash_prefixes");
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *text = json_string_value(json_array_get(list, i));
        if (paths ? tuf_pattern_matches(text, path) : strncmp(hash, text, strlen(text)) == 0)
            return true;
    }
    return false;
}

/* The bin is the path's hash cut to so many bits; its name ends in as many hex digits as the last
 * bin's has. */
static void bin_name(const json_t *bins, const char *hash, char out[TUF_ROLE_NAME_MAX + 1])
{
    char first[9];
    int bits = (int)json_integer_value(json_object_get(bins, "bit_length"));
    (void)wg_copy_n(first, sizeof first, hash, 8);
    unsigned long bin = strtoul(first, NULL, 16) >> (32 - bits);
    (void)wg_format(out, TUF_ROLE_NAME_MAX + 1, "%s-%0*lx",
                    json_string_value(json_object_get(bins, "name_prefix")), (bits + 3) / 4, bin);
}

static bool bin_visit(const json_t *delegations, const char *hash, tuf_delegation_fn fn, void *ctx,
                      struct wg_error *err)
{
    struct tuf_delegation delegation = {.terminating = true};
    delegation.keys = json_object_get(delegations, "keys");
    delegation.role = json_object_get(delegations, "succinct_roles");
    bin_name(delegation.role, hash, delegation.name);
    return fn(ctx, &delegation, err);
}

bool tuf_delegations_of(const struct tuf_metadata *delegator, const char *path,
                        tuf_delegation_fn fn, void *ctx, struct wg_error *err)
{
    char hash[WG_SHA256_HEX];
    const json_t *delegations = json_object_get(delegator->body, "delegations");
    if (!delegations) return true;
    if (!wg_sha256_of(path, strlen(path), hash, err)) return false;
    if (json_object_get(delegations, "succinct_roles"))
        return bin_visit(delegations, hash, fn, ctx, err);
    const json_t *roles = json_object_get(delegations, "roles");
    for (size_t i = 0; i < json_array_size(roles); i++) {
        struct tuf_delegation delegation = {.role = json_array_get(roles, i)};
        if (!role_takes(delegation.role, path, hash)) continue;
        delegation.keys = json_object_get(delegations, "keys");
        delegation.terminating = json_is_true(json_object_get(delegation.role, "terminating"));
        (void)wg_copy(delegation.name, sizeof delegation.name,
                      json_string_value(json_object_get(delegation.role, "name")));
        if (!fn(ctx, &delegation, err)) return false;
        if (delegation.terminating) return true;
    }
    return true;
}
