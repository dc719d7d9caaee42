/* part.c: bytes are decrypted, then unpacked, then kept in the slot; or some of that. */
#include "agent/posix/part.h"

#include "common/log.h"
#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_CHUNK 65536
/* What a power cut may cost: so many bytes, or so much time where bytes come faster than that. */
#define SYNC_EVERY ((int64_t)4 * 1024 * 1024)
#define SYNC_PAUSE (WG_SECOND / 4)
#define SYNC_MOST ((int64_t)64 * 1024 * 1024)

/* What the slot answers is its own affair, never the network's; but an installer may find that the
 * content is wrong. */
static bool from_slot(struct part *part, bool ok, const struct wg_error *err)
{
    if (ok) return true;
    if (err->code == WG_E_VERIFY) {
        part->wrong = true;
    } else {
        part->disk = true;
        part->later = err->code == WG_E_CONFLICT;
    }
    return false;
}

static bool sync_slot(struct part *part, struct wg_error *err)
{
    part->synced = part->have;
    part->synced_at = wg_monotonic();
    return from_slot(part, part->slots->ops->sync(part->slots, err), err) &&
           (!part->is_packed || from_slot(part, unpack_keep(&part->unpack, err), err));
}

static bool is_sync_due(const struct part *part)
{
    int64_t more = part->have - part->synced;
    return more >= SYNC_MOST ||
           (more >= SYNC_EVERY && wg_monotonic() >= part->synced_at + SYNC_PAUSE);
}

static size_t least(int64_t a, size_t b)
{
    return a < (int64_t)b ? (size_t)a : b;
}

/* The one place where content arrives. */
static bool keep_content(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct part *part = ctx;
    if ((int64_t)len > part->release.length - part->arrived)
        return wg_fail(err, WG_E_VERIFY, "the artifact opens to more than the ordered %lld bytes",
                       (long long)part->release.length);
    size_t twice = part->arrived < part->have ? least(part->have - part->arrived, len) : 0;
    const char *bytes = (const char *)data + twice;
    part->arrived += (int64_t)len;
    len -= twice;
    if (len == 0) return true;
    if (!hashing_add(part->hashing, bytes, len, err) ||
        !from_slot(part, part->slots->ops->write(part->slots, bytes, len, err), err))
        return false;
    part->have += (int64_t)len;
    /* a loss is said once: the sync at the end would know nothing of it */
    return !is_sync_due(part) || sync_slot(part, err);
}

/* What decryption gives, or the server. */
static bool take_packed(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct part *part = ctx;
    return part->is_packed ? unpack_push(&part->unpack, data, len, err)
                           : keep_content(part, data, len, err);
}

static bool new_decryptor(struct part *part, const uint8_t *nonce, int64_t chunk,
                          struct wg_error *err)
{
    const struct age_sink sink = {.write = take_packed, .ctx = part};
    age_decryptor_free(part->decryptor);
    part->nonce_kept = nonce != NULL;
    part->decryptor = nonce ? age_decryptor_resume(&part->key, nonce, chunk, sink, err)
                            : age_decryptor_new(&part->key, sink, err);
    return part->decryptor != NULL;
}

/* Hashes what the slot has. */
static bool take_over(struct part *part, int64_t have, struct wg_error *err)
{
    char *chunk = malloc(READ_CHUNK);
    bool ok = chunk || wg_fail_memory(err, "reading the part");
    while (ok && part->have < have) {
        size_t len = least(have - part->have, READ_CHUNK);
        ok = from_slot(part, part->slots->ops->read(part->slots, part->have, chunk, len, err),
                       err) &&
             hashing_add(part->hashing, chunk, len, err);
        if (ok) part->have += (int64_t)len;
        if (ok && atomic_load(part->cancel)) ok = wg_fail(err, WG_E_INTERRUPTED, "cancelled");
    }
    free(chunk);
    part->resumed = part->have > 0;
    part->synced = part->have;
    return ok;
}

static bool begin(struct part *part, bool fresh, int64_t *have, struct wg_error *err)
{
    const struct slot_backend_ops *ops = part->slots->ops;
    part->at = part->arrived = part->have = part->synced = 0;
    part->resumed = false;
    part->is_open = false;
    hashing_free(part->hashing);
    part->hashing = hashing_new(err);
    if (!part->hashing) return false;
    part->is_open = ops->begin(part->slots, &part->release, fresh || !ops->read, have, err);
    return from_slot(part, part->is_open, err);
}

bool part_restart(struct part *part, struct wg_error *err)
{
    int64_t none = 0;
    if (part->is_packed) unpack_forget(&part->unpack);
    return begin(part, true, &none, err) && (!part->is_age || new_decryptor(part, NULL, 0, err)) &&
           (!part->is_packed || unpack_begin(&part->unpack, 0, 0, err));
}

static bool read_nonce(const struct part *part, uint8_t out[AGE_NONCE])
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, AGE_NONCE);
    bool ok = wg_file_read(part->nonce_file, &bytes, NULL) && bytes.len == AGE_NONCE;
    if (ok) memcpy(out, bytes.data, AGE_NONCE);
    wg_buf_clear(&bytes);
    return ok;
}

/* From a whole chunk on; the last one comes again, because it alone proves that it is the last. */
static bool resume_age(struct part *part, int64_t have, struct wg_error *err)
{
    uint8_t nonce[AGE_NONCE];
    if (have == 0 || !read_nonce(part, nonce)) return part_restart(part, err);
    int64_t chunk = age_chunk_to_resume(have, part->release.length);
    if (!take_over(part, have, err)) return false;
    part->arrived = age_chunk_content(chunk);
    part->at = age_chunk_body(chunk);
    return new_decryptor(part, nonce, chunk, err);
}

/* From the mark on; what the slot has behind it comes twice. */
static bool resume_packed(struct part *part, int64_t have, struct wg_error *err)
{
    uint8_t nonce[AGE_NONCE];
    struct unpack *unpack = &part->unpack;
    int64_t at = unpack_resume(unpack, have);
    if (at == 0 || at > part->packed_length || (part->is_age && !read_nonce(part, nonce)))
        return part_restart(part, err);
    if (!take_over(part, have, err)) return false;
    part->at = at;
    part->arrived = unpack->marked.content;
    if (!part->is_age) return unpack_begin(unpack, part->arrived, at, err);
    int64_t chunk = age_chunk_to_resume(at, part->packed_length);
    part->at = age_chunk_body(chunk);
    return unpack_begin(unpack, part->arrived, age_chunk_content(chunk), err) &&
           new_decryptor(part, nonce, chunk, err);
}

static bool resume_plain(struct part *part, int64_t have, struct wg_error *err)
{
    if (!take_over(part, have, err)) return false;
    part->at = part->arrived = part->have;
    return true;
}

static bool resume(struct part *part, int64_t have, struct wg_error *err)
{
    if (part->is_packed) return resume_packed(part, have, err);
    return part->is_age ? resume_age(part, have, err) : resume_plain(part, have, err);
}

static bool check_lengths(struct part *part, struct wg_error *err)
{
    int64_t packed = part->length;
    part->wrong = true;
    if (part->is_age && !age_content_length(part->length, &packed, err)) return false;
    part->wrong = packed != part->packed_length;
    return !part->wrong ||
           wg_fail(err, WG_E_VERIFY, "an artifact of %lld bytes cannot hold the ordered %lld",
                   (long long)part->length, (long long)part->packed_length);
}

static void set_form(struct part *part, const struct part_source *source)
{
    const struct unpack_config config = {.mark = source->mark_file,
                                         .form = source->form->sha256,
                                         .base = source->base,
                                         .window_log = source->window_log,
                                         .sink = {keep_content, part}};
    part->packed_length = source->form->packed_length;
    unpack_init(&part->unpack, &config);
}

bool part_open(struct part *part, const struct part_source *source,
               const struct slot_release *release, bool fresh, struct wg_error *err)
{
    int64_t have = 0;
    *part = (struct part){.slots = source->slots,
                          .release = *release,
                          .length = source->length,
                          .packed_length = release->length,
                          .cancel = source->cancel,
                          .is_age = source->key != NULL,
                          .is_packed = source->form != NULL};
    if (source->key) part->key = *source->key;
    if (!wg_copy(part->nonce_file, sizeof part->nonce_file, source->nonce_file))
        return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", source->nonce_file);
    if (source->form) set_form(part, source);
    return check_lengths(part, err) && begin(part, fresh, &have, err) && resume(part, have, err);
}

/* What came so far is kept for the next try, as far as the slot can. */
void part_close(struct part *part)
{
    struct wg_error why = {0};
    age_decryptor_free(part->decryptor);
    age_file_key_clear(&part->key);
    hashing_free(part->hashing);
    part->hashing = NULL;
    if (part->is_open && !part->disk && !part->wrong && part->have > part->synced &&
        !sync_slot(part, &why))
        wg_log_error("what came last comes again", &why);
    unpack_clear(&part->unpack);
    part->is_open = false;
    part->decryptor = NULL;
}

/* Before any content: without it the content could not be gone on with. */
static bool keep_nonce(struct part *part, struct wg_error *err)
{
    const uint8_t *nonce = age_decryptor_nonce(part->decryptor);
    if (part->nonce_kept || !nonce) return true;
    part->nonce_kept = wg_file_replace(part->nonce_file, nonce, AGE_NONCE, 0600, err);
    return from_slot(part, part->nonce_kept, err);
}

/* What is not as it was made will not be so the next time; nor will a frame want less memory. */
static bool judge(struct part *part, bool ok, const struct wg_error *err)
{
    if (ok || part->disk) return ok;
    part->wrong = err->code == WG_E_VERIFY ||
                  (part->is_packed && (err->code == WG_E_LIMIT || err->code == WG_E_MEMORY));
    return false;
}

static bool push(struct part *part, const void *data, size_t len, struct wg_error *err)
{
    return judge(part, age_decryptor_push(part->decryptor, data, len, err), err);
}

bool part_add(struct part *part, const void *data, size_t len, struct wg_error *err)
{
    if ((int64_t)len > part->length - part->at)
        return wg_fail(err, WG_E_NETWORK, "the server sends more than it said");
    part->at += (int64_t)len;
    if (!part->is_age) return judge(part, take_packed(part, data, len, err), err);
    if (part->nonce_kept) return push(part, data, len, err);
    size_t first = len < AGE_NONCE ? len : AGE_NONCE;
    return push(part, data, first, err) && keep_nonce(part, err) &&
           (first == len || push(part, (const char *)data + first, len - first, err));
}

bool part_end(struct part *part, struct wg_error *err)
{
    uint8_t digest[WG_SHA256_SIZE];
    char hex[WG_SHA256_HEX];
    if ((part->is_age && !age_decryptor_end(part->decryptor, err)) ||
        (part->is_packed && !unpack_end(&part->unpack, err))) {
        part->wrong = true;
        return false;
    }
    if (!hashing_end(part->hashing, digest, err)) return false;
    wg_hex(digest, sizeof digest, hex);
    part->wrong = part->have != part->release.length || strcmp(hex, part->release.sha256) != 0;
    if (part->wrong)
        return wg_fail(err, WG_E_VERIFY, "the artifact's SHA-256 is not the ordered one");
    if (!sync_slot(part, err)) return false;
    if (part->is_age) (void)unlink(part->nonce_file);
    if (part->is_packed) unpack_forget(&part->unpack);
    return true;
}

void part_remove(const struct part *part)
{
    if (part->is_open) part->slots->ops->discard(part->slots);
    if (part->is_age) (void)unlink(part->nonce_file);
    if (part->is_packed) (void)unlink(part->unpack.mark);
}
