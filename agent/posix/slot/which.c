/* which.c: the running slot, by the kernel's command line. */
#include "agent/posix/slot/which.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define CMDLINE_MAX 65536

bool which_is_same(const char *one, const char *other)
{
    struct stat a, b;
    if (stat(one, &a) != 0 || stat(other, &b) != 0) return false;
    if (S_ISBLK(a.st_mode) && S_ISBLK(b.st_mode)) return a.st_rdev == b.st_rdev;
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* The next word; quotes hold blanks together. NULL: there is none. */
static const char *next_word(const char **rest, size_t *len)
{
    const char *word = *rest + strspn(*rest, " \t\n");
    bool quoted = false;
    size_t at = 0;
    for (; word[at] && (quoted || !strchr(" \t\n", word[at])); at++)
        if (word[at] == '"') quoted = !quoted;
    *rest = word + at;
    *len = at;
    return at > 0 ? word : NULL;
}

/* The last one counts, as for the kernel. */
static bool find_value(const char *text, const char *key, char out[PATH_MAX])
{
    size_t len, key_len = strlen(key);
    bool found = false;
    for (const char *word; (word = next_word(&text, &len));)
        if (len > key_len && strncmp(word, key, key_len) == 0 && word[key_len] == '=')
            found = wg_copy_n(out, PATH_MAX, word + key_len + 1, len - key_len - 1);
    return found;
}

static void device_of(const char *root, char out[PATH_MAX])
{
    static const struct {
        const char *prefix, *folder;
    } ways[] = {{"PARTLABEL=", "by-partlabel"},
                {"PARTUUID=", "by-partuuid"},
                {"LABEL=", "by-label"},
                {"UUID=", "by-uuid"}};
    (void)wg_copy(out, PATH_MAX, root);
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        size_t len = strlen(ways[i].prefix);
        if (strncmp(root, ways[i].prefix, len) == 0)
            (void)wg_format(out, PATH_MAX, "/dev/disk/%s/%s", ways[i].folder, root + len);
    }
}

static bool judge(const struct which *which, const char *value, char *out, struct wg_error *err)
{
    char device[PATH_MAX];
    bool root = strcmp(which->key, "root") == 0;
    *out = '\0';
    if (root) device_of(value, device);
    if (root ? which_is_same(device, which->a) : strcmp(value, "a") == 0) *out = 'a';
    if (root ? which_is_same(device, which->b) : strcmp(value, "b") == 0) *out = 'b';
    return *out || wg_fail(err, WG_E_FAILED, "%s: %s=%.80s is neither slot a nor slot b",
                           which->cmdline, which->key, value);
}

static bool read_value(const struct which *which, const char *key, char out[PATH_MAX], bool *found,
                       struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CMDLINE_MAX);
    bool ok = wg_file_read(which->cmdline, &text, err);
    *found = ok && find_value(wg_buf_str(&text), key, out);
    wg_buf_clear(&text);
    return ok;
}

enum slot_fallback which_fell_back(const struct which *which)
{
    char value[PATH_MAX] = "", starts[PATH_MAX];
    bool found, counted;
    if (!read_value(which, "wg.fallback", value, &found, NULL) || !found ||
        strcmp(value, "yes") != 0 || !read_value(which, "wg.starts", starts, &counted, NULL))
        return SLOT_AS_CHOSEN;
    return counted ? SLOT_FOR_ONE_NOT_WELL : SLOT_FOR_ONE_NOT_LOADED;
}

bool which_runs(const struct which *which, char *out, struct wg_error *err)
{
    char value[PATH_MAX] = "";
    bool found;
    bool ok = read_value(which, which->key, value, &found, err);
    if (ok && !found)
        return wg_fail(err, WG_E_FAILED,
                       "%s: there is no %s=: the boot script says with it which slot it starts",
                       which->cmdline, which->key);
    return ok && judge(which, value, out, err);
}
