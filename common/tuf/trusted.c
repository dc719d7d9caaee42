/* trusted.c: section 5 of the specification, step by step, without the fetching. */
#include "common/tuf/trusted.h"

#include "common/tuf/digest.h"
#include "common/tuf/threshold.h"

#include <inttypes.h>

void tuf_trusted_clear(struct tuf_trusted *trusted)
{
    tuf_metadata_clear(&trusted->root);
    tuf_metadata_clear(&trusted->timestamp);
    tuf_metadata_clear(&trusted->snapshot);
    tuf_metadata_clear(&trusted->targets);
}

static void replace(struct tuf_metadata *place, const struct tuf_metadata *with)
{
    tuf_metadata_clear(place);
    *place = *with;
}

/* "The expiration timestamp must be higher than the fixed update start time." */
static bool in_date(const struct tuf_trusted *trusted, const struct tuf_metadata *metadata,
                    struct wg_error *err)
{
    char text[WG_TIME_TEXT];
    if (metadata->expires > trusted->start) return true;
    wg_time_text(metadata->expires, text);
    return wg_fail(err, WG_E_VERIFY, "expired: it was good until %s", text);
}

static bool signed_by_role(const struct tuf_metadata *metadata, const struct tuf_metadata *root,
                           struct wg_error *err)
{
    return tuf_threshold_check(metadata, tuf_root_keys(root), tuf_root_role(root, metadata->type),
                               err);
}

/* Reads it and checks that the root's role for it has signed. */
static bool read_signed(enum tuf_type type, const struct tuf_metadata *root, const void *data,
                        size_t len, struct tuf_metadata *out, struct wg_error *err)
{
    if (!tuf_metadata_parse(type, data, len, out, err)) return false;
    if (signed_by_role(out, root, err)) return true;
    tuf_metadata_clear(out);
    return false;
}

bool tuf_trusted_root_first(struct tuf_trusted *trusted, const void *data, size_t len,
                            struct wg_error *err)
{
    struct tuf_metadata root = {0};
    if (!tuf_metadata_parse(TUF_ROOT, data, len, &root, err)) return false;
    if (!signed_by_role(&root, &root, err)) {
        tuf_metadata_clear(&root);
        return false;
    }
    replace(&trusted->root, &root);
    return true;
}

static bool same_signers(const struct tuf_metadata *a, const struct tuf_metadata *b,
                         enum tuf_type type)
{
    return tuf_signers_equal(tuf_root_keys(a), tuf_root_role(a, type), tuf_root_keys(b),
                             tuf_root_role(b, type));
}

static bool is_next(const struct tuf_metadata *root, const struct tuf_metadata *next,
                    struct wg_error *err)
{
    return next->version - 1 == root->version ||
           wg_fail(err, WG_E_VERIFY, "version %" PRId64 " follows version %" PRId64, next->version,
                   root->version);
}

bool tuf_trusted_root_next(struct tuf_trusted *trusted, const void *data, size_t len, bool *rotated,
                           struct wg_error *err)
{
    struct tuf_metadata next = {0};
    const struct tuf_metadata *root = &trusted->root;
    if (!read_signed(TUF_ROOT, root, data, len, &next, err))
        return wg_context(err, "by the keys of version %" PRId64, root->version);
    if (!signed_by_role(&next, &next, err) || !is_next(root, &next, err)) {
        tuf_metadata_clear(&next);
        return false;
    }
    *rotated =
        !same_signers(root, &next, TUF_TIMESTAMP) || !same_signers(root, &next, TUF_SNAPSHOT);
    replace(&trusted->root, &next);
    return true;
}

bool tuf_trusted_root_end(const struct tuf_trusted *trusted, struct wg_error *err)
{
    return in_date(trusted, &trusted->root, err);
}

void tuf_trusted_timestamp_stored(struct tuf_trusted *trusted, const void *data, size_t len)
{
    struct tuf_metadata stored = {0};
    if (read_signed(TUF_TIMESTAMP, &trusted->root, data, len, &stored, NULL))
        replace(&trusted->timestamp, &stored);
}

void tuf_trusted_snapshot_stored(struct tuf_trusted *trusted, const void *data, size_t len)
{
    struct tuf_metadata stored = {0};
    if (read_signed(TUF_SNAPSHOT, &trusted->root, data, len, &stored, NULL))
        replace(&trusted->snapshot, &stored);
}

static struct tuf_meta snapshot_meta(const struct tuf_metadata *timestamp)
{
    struct tuf_meta meta = {0};
    (void)tuf_meta_find(timestamp, "snapshot", &meta); /* the shape was checked: it is there */
    return meta;
}

static bool timestamp_goes_on(const struct tuf_metadata *old, const struct tuf_metadata *new,
                              struct wg_error *err)
{
    int64_t before = snapshot_meta(old).version, after = snapshot_meta(new).version;
    if (new->version < old->version)
        return wg_fail(err, WG_E_VERIFY,
                       "rolled back: version %" PRId64 ", but %" PRId64 " was seen", new->version,
                       old->version);
    return after >= before ||
           wg_fail(err, WG_E_VERIFY, "rolls the snapshot back to version %" PRId64 " from %" PRId64,
                   after, before);
}

bool tuf_trusted_timestamp(struct tuf_trusted *trusted, const void *data, size_t len, bool *same,
                           struct wg_error *err)
{
    struct tuf_metadata new = {0};
    const struct tuf_metadata *old = &trusted->timestamp;
    if (!read_signed(TUF_TIMESTAMP, &trusted->root, data, len, &new, err)) return false;
    *same = old->envelope && new.version == old->version;
    /* 5.4.3.1: one of the same version is discarded, whatever it says; what is left may have
     * expired since. */
    bool ok = *same ? in_date(trusted, old, err)
                    : (!old->envelope || timestamp_goes_on(old, &new, err)) &&
                          in_date(trusted, &new, err);
    if (ok && !*same)
        replace(&trusted->timestamp, &new);
    else
        tuf_metadata_clear(&new);
    return ok;
}

/* Length (if told) and hashes (if told) of the bytes. */
static bool meta_fits(const struct tuf_meta *meta, const void *data, size_t len,
                      struct wg_error *err)
{
    if (meta->length >= 0 && (uint64_t)meta->length != len)
        return wg_fail(err, WG_E_VERIFY, "%zu bytes, expected %" PRId64, len, meta->length);
    return !meta->hashes || tuf_digest_check(meta->hashes, data, len, err);
}

static bool version_fits(const struct tuf_meta *meta, const struct tuf_metadata *metadata,
                         struct wg_error *err)
{
    return metadata->version == meta->version ||
           wg_fail(err, WG_E_VERIFY, "version %" PRId64 ", expected %" PRId64, metadata->version,
                   meta->version);
}

/* 5.5.5: every role that was listed is listed still, with no lower a version. */
static bool snapshot_goes_on(const struct tuf_metadata *old, const struct tuf_metadata *new,
                             struct wg_error *err)
{
    json_t *before = json_object_get(old->body, "meta"), *listed = NULL;
    const json_t *after = json_object_get(new->body, "meta");
    const char *name = NULL;
    json_object_foreach(before, name, listed)
    {
        const json_t *now = json_object_get(after, name);
        if (!now) return wg_fail(err, WG_E_VERIFY, "a role that was listed is missing");
        if (json_integer_value(json_object_get(now, "version")) <
            json_integer_value(json_object_get(listed, "version")))
            return wg_fail(err, WG_E_VERIFY, "a role is rolled back to an older version");
    }
    return true;
}

bool tuf_trusted_snapshot(struct tuf_trusted *trusted, const void *data, size_t len,
                          struct wg_error *err)
{
    struct tuf_metadata new = {0};
    const struct tuf_metadata *old = &trusted->snapshot;
    struct tuf_meta meta = snapshot_meta(&trusted->timestamp);
    if (!meta_fits(&meta, data, len, err) ||
        !read_signed(TUF_SNAPSHOT, &trusted->root, data, len, &new, err))
        return false;
    if (version_fits(&meta, &new, err) && (!old->envelope || snapshot_goes_on(old, &new, err)) &&
        in_date(trusted, &new, err)) {
        replace(&trusted->snapshot, &new);
        return true;
    }
    tuf_metadata_clear(&new);
    return false;
}

bool tuf_trusted_snapshot_is_current(const struct tuf_trusted *trusted, const void *data,
                                     size_t len)
{
    struct tuf_meta meta = snapshot_meta(&trusted->timestamp);
    return trusted->snapshot.envelope && version_fits(&meta, &trusted->snapshot, NULL) &&
           meta_fits(&meta, data, len, NULL) && in_date(trusted, &trusted->snapshot, NULL);
}

bool tuf_trusted_targets(const struct tuf_trusted *trusted, const char *name, const json_t *keys,
                         const json_t *role, const void *data, size_t len, struct tuf_metadata *out,
                         struct wg_error *err)
{
    struct tuf_meta meta = {0};
    if (!tuf_meta_find(&trusted->snapshot, name, &meta))
        return wg_fail(err, WG_E_VERIFY, "the snapshot does not list it");
    if (!meta_fits(&meta, data, len, err) || !tuf_metadata_parse(TUF_TARGETS, data, len, out, err))
        return false;
    if (tuf_threshold_check(out, keys, role, err) && version_fits(&meta, out, err) &&
        in_date(trusted, out, err))
        return true;
    tuf_metadata_clear(out);
    return false;
}
