/* name.c: names of roles and targets, made safe for files and URLs. */
#include "common/tuf/name.h"

#include "common/text.h"

#include <inttypes.h>
#include <string.h>

bool tuf_role_is_top_level(const char *name)
{
    static const char *const names[] = {"root", "timestamp", "snapshot", "targets"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(name, names[i]) == 0) return true;
    return false;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c));
}

/* False when it does not fit. keep: one more byte that stays as it is. */
static bool encode(const char *text, char keep, char *out, size_t size)
{
    static const char digits[] = "0123456789ABCDEF";
    size_t n = 0;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        bool plain = is_plain(*text) || *text == keep;
        if (n + (plain ? 1 : 3) >= size) return false;
        if (plain) {
            out[n++] = *text;
        } else {
            out[n++] = '%';
            out[n++] = digits[c >> 4];
            out[n++] = digits[c & 15];
        }
    }
    out[n] = '\0';
    return true;
}

bool tuf_file_name(const char *role, int64_t version, char out[TUF_FILE_NAME_MAX],
                   struct wg_error *err)
{
    char encoded[3 * TUF_ROLE_NAME_MAX + 1];
    if (strlen(role) > TUF_ROLE_NAME_MAX || !encode(role, '\0', encoded, sizeof encoded))
        return wg_fail(err, WG_E_LIMIT, "a role's name has %zu bytes, at most %d allowed",
                       strlen(role), TUF_ROLE_NAME_MAX);
    if (version > 0)
        (void)wg_format(out, TUF_FILE_NAME_MAX, "%" PRId64 ".%s.json", version, encoded);
    else
        (void)wg_format(out, TUF_FILE_NAME_MAX, "%s.json", encoded);
    return true;
}

static bool part_is_sound(const char *part, size_t len)
{
    if (len == 0 || (len == 1 && part[0] == '.') || (len == 2 && memcmp(part, "..", 2) == 0))
        return false;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)part[i] < 0x20 || part[i] == 0x7f) return false;
    return true;
}

bool tuf_target_path_check(const char *path, struct wg_error *err)
{
    if (strlen(path) > TUF_PATH_MAX)
        return wg_fail(err, WG_E_LIMIT, "the target's path has %zu bytes, at most %d allowed",
                       strlen(path), TUF_PATH_MAX);
    for (const char *part = path;; part++) {
        size_t len = strcspn(part, "/");
        if (!part_is_sound(part, len))
            return wg_fail(err, WG_E_BAD_INPUT,
                           "the target's path must be relative, without empty parts, \".\", \"..\" "
                           "and control characters");
        part += len;
        if (*part == '\0') return true;
    }
}

bool tuf_target_url(const char *path, const char *hash, char out[TUF_TARGET_URL_MAX],
                    struct wg_error *err)
{
    char encoded[3 * TUF_PATH_MAX + 1];
    if (!encode(path, '/', encoded, sizeof encoded))
        return wg_fail(err, WG_E_LIMIT, "the target's path is too long");
    const char *slash = strrchr(encoded, '/');
    int folder = slash ? (int)(slash - encoded) + 1 : 0;
    bool fits = hash ? wg_format(out, TUF_TARGET_URL_MAX, "%.*s%s.%s", folder, encoded, hash,
                                 encoded + folder)
                     : wg_copy(out, TUF_TARGET_URL_MAX, encoded);
    return fits || wg_fail(err, WG_E_LIMIT, "the target's URL is too long");
}

bool tuf_target_file_name(const char *path, char *out, size_t size, struct wg_error *err)
{
    return encode(path, '\0', out, size) ||
           wg_fail(err, WG_E_LIMIT, "the target's path, encoded, is no name for a file: too long");
}
