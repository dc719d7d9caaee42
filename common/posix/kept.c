/* kept.c: two copies of a file. */
#include "common/posix/kept.h"

#include "common/crypto.h"
#include "common/json.h"
#include "common/log.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHECKSUM "checksum"

/* Some of these files hold keys. */
static void wipe(struct wg_buf *bytes)
{
    if (bytes->data) explicit_bzero(bytes->data, bytes->cap);
    wg_buf_clear(bytes);
}

static bool name_of(const char *path, const char *ending, char out[PATH_MAX], struct wg_error *err)
{
    return wg_format(out, PATH_MAX, "%s%s", path, ending) ||
           wg_fail(err, WG_E_LIMIT, "%s: the path is too long", path);
}

bool kept_save(const char *path, const void *bytes, size_t len, struct wg_error *err)
{
    char second[PATH_MAX];
    struct wg_error problem = {0};
    if (!name_of(path, ".1", second, err) || !wg_file_replace(path, bytes, len, 0600, err))
        return false;
    if (!wg_file_replace(second, bytes, len, 0600, &problem))
        wg_log_error("a second copy could not be kept", &problem);
    return true;
}

/* One copy. *there: something is. */
static bool load_one(const char *path, size_t max, kept_check *check, void *ctx,
                     struct wg_buf *bytes, bool *there, struct wg_error *why)
{
    wipe(bytes);
    wg_buf_init(bytes, max);
    bool ok = wg_file_read(path, bytes, why);
    *there = ok || why->code != WG_E_NOT_FOUND;
    return ok && (check(ctx, wg_buf_str(bytes), bytes->len, why) || wg_context(why, "%s", path));
}

/* The next save would not need it; people may want to know what has become of it. */
static void set_aside(const char *path)
{
    char damaged[PATH_MAX];
    if (!name_of(path, ".damaged", damaged, NULL)) return;
    (void)rename(path, damaged); /* on a disk that cannot be written it stays, and is found again */
}

/* The other copy becomes the first one too. */
static void heal(const char *path, const struct wg_buf *bytes)
{
    struct wg_error problem = {0};
    if (!wg_file_replace(path, wg_buf_str(bytes), bytes->len, 0600, &problem))
        wg_log_error("a copy could not be replaced", &problem);
}

/* A power cut between the two writes leaves the second copy missing, or as it was before: alone, it
 * would take the device back in time. */
static void heal_second(const char *second, size_t max, const struct wg_buf *first)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, max);
    bool same = wg_file_read(second, &bytes, NULL) && bytes.len == first->len &&
                memcmp(wg_buf_str(&bytes), wg_buf_str(first), first->len) == 0;
    wipe(&bytes);
    if (!same) heal(second, first);
}

enum kept_found kept_load(const char *path, size_t max, kept_check *check, void *ctx,
                          struct wg_error *err)
{
    char second[PATH_MAX];
    struct wg_buf bytes = {0};
    struct wg_error first_why = {0}, second_why = {0};
    bool first_there = false, second_there = false;
    enum kept_found found = KEPT_WHOLE;
    if (!name_of(path, ".1", second, err)) return KEPT_FAILED;
    bool ok = load_one(path, max, check, ctx, &bytes, &first_there, &first_why);
    if (ok) {
        heal_second(second, max, &bytes);
    } else if (first_why.code != WG_E_MEMORY) {
        ok = load_one(second, max, check, ctx, &bytes, &second_there, &second_why);
        if (first_there) wg_log_error("a file cannot be used", &first_why);
        if (first_there && second_why.code != WG_E_MEMORY) set_aside(path);
        if (ok) {
            wg_log(WG_LOG_WARN, "its second copy is used", "file", second, NULL);
            heal(path, &bytes);
        } else if (second_there) {
            wg_log_error("its second copy cannot be used", &second_why);
        }
    }
    if (!ok) found = first_there || second_there ? KEPT_DAMAGED : KEPT_NONE;
    if (!ok && (first_why.code == WG_E_MEMORY || second_why.code == WG_E_MEMORY)) {
        found = KEPT_FAILED;
        (void)wg_fail_memory(err, path);
    }
    wipe(&bytes);
    return found;
}

static bool remove_one(const char *path, struct wg_error *err)
{
    return unlink(path) == 0 || errno == ENOENT || wg_fail_errno(err, "removing %s", path);
}

/* The second copy first: alone it would stand for the first one. */
bool kept_remove(const char *path, struct wg_error *err)
{
    char second[PATH_MAX], folder[PATH_MAX];
    if (!name_of(path, ".1", second, err) || !name_of(path, "", folder, err)) return false;
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    /* the folder also when they are gone: who removed them may have been cut before that */
    return remove_one(second, err) && remove_one(path, err) &&
           wg_folder_sync(slash ? folder : ".", err);
}

static bool sum_of(const json_t *object, char hex[WG_SHA256_HEX], struct wg_error *err)
{
    char *text = json_dumps(object, JSON_COMPACT | JSON_SORT_KEYS);
    bool ok = text ? wg_sha256_of(text, strlen(text), hex, err)
                   : wg_fail_memory(err, "making a checksum");
    free(text);
    return ok;
}

bool kept_json_save(const char *path, const json_t *object, struct wg_error *err)
{
    char sum[WG_SHA256_HEX];
    if (!sum_of(object, sum, err)) return false;
    json_t *whole = json_copy((json_t *)(uintptr_t)object);
    bool ok = whole && json_object_set_new(whole, CHECKSUM, json_string(sum)) == 0;
    char *text = ok ? json_dumps(whole, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    ok = text ? kept_save(path, text, strlen(text), err) : wg_fail_memory(err, path);
    free(text);
    json_decref(whole);
    return ok;
}

struct reading {
    size_t max;
    const char *const *keys;
    json_t *object;
};

static bool check_sum(json_t *object, struct wg_error *err)
{
    char told[WG_SHA256_HEX], sum[WG_SHA256_HEX];
    if (!json_object_get(object, CHECKSUM)) return true;
    if (!wg_json_text(object, CHECKSUM, told, sizeof told, err)) return false;
    (void)json_object_del(object, CHECKSUM);
    if (!sum_of(object, sum, err)) return false;
    return strcmp(told, sum) == 0 ||
           wg_fail(err, WG_E_VERIFY, "its checksum is %s, it says %s", sum, told);
}

static bool check_json(void *ctx, const char *bytes, size_t len, struct wg_error *err)
{
    struct reading *reading = ctx;
    json_t *object = wg_json_parse(bytes, len, reading->max, err);
    bool ok =
        object && (json_is_object(object) || wg_fail(err, WG_E_BAD_INPUT, "expected an object"));
    ok = ok && check_sum(object, err) && wg_json_only_keys(object, reading->keys, err);
    if (ok)
        reading->object = object;
    else
        json_decref(object);
    return ok;
}

json_t *kept_json_load(const char *path, size_t max, const char *const keys[],
                       enum kept_found *found)
{
    struct reading reading = {.max = max, .keys = keys};
    struct wg_error ignored = {0};
    *found = kept_load(path, max, check_json, &reading, &ignored);
    return reading.object;
}
