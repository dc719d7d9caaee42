/* url_keys.c: reads and extends the file of URL keys. */
#include "orchestrator/release/url_keys.h"

#include "common/buf.h"
#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX 8192
#define LINE_TEXT_MAX 256

bool url_key_id_is_valid(const char *id)
{
    return strlen(id) <= URL_KEY_ID_MAX && wg_name_is_valid(id);
}

void url_keys_clear(struct url_keys *keys)
{
    explicit_bzero(keys, sizeof *keys);
}

const struct url_key *url_keys_find(const struct url_keys *keys, const char *id)
{
    for (size_t i = 0; i < keys->count; i++)
        if (strcmp(keys->keys[i].id, id) == 0) return &keys->keys[i];
    return NULL;
}

/* The descriptor is what is checked and read: a file put in its place in between is not believed.
 */
static bool read_private(const char *file, struct wg_buf *out, struct wg_error *err)
{
    struct stat info;
    char chunk[1024];
    ssize_t got = 0;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "URL keys %s", file);
    bool ok = fstat(fd, &info) == 0 || wg_fail_errno(err, "URL keys %s", file);
    if (ok && wg_secret_is_open(file, &info))
        ok = wg_fail(err, WG_E_DENIED, "%s: others may read these keys (mode %03o): chmod 600 it",
                     file, (unsigned)(info.st_mode & 0777));
    while (ok && (got = read(fd, chunk, sizeof chunk)) > 0) wg_buf_add(out, chunk, (size_t)got);
    if (ok && got < 0) ok = wg_fail_errno(err, "URL keys %s", file);
    explicit_bzero(chunk, sizeof chunk);
    (void)close(fd);
    return ok && wg_buf_check(out, err, file);
}

/* "NAME HEX", with blanks between and behind. */
static bool read_key(char *line, struct url_key *out)
{
    char *save = NULL;
    const char *id = strtok_r(line, " \t\r", &save), *hex = strtok_r(NULL, " \t\r", &save);
    return id && hex && !strtok_r(NULL, " \t\r", &save) && url_key_id_is_valid(id) &&
           wg_copy(out->id, sizeof out->id, id) && strlen(hex) == (size_t)2 * URL_KEY_BYTES &&
           wg_unhex(hex, out->secret, URL_KEY_BYTES);
}

static bool add_line(struct url_keys *keys, const char *text, size_t len, const char *file,
                     int number, struct wg_error *err)
{
    char line[LINE_TEXT_MAX];
    struct url_key key = {0};
    if (!wg_copy_n(line, sizeof line, text, len))
        return wg_fail(err, WG_E_BAD_FILE, "%s:%d: the line is too long", file, number);
    line[strcspn(line, "#")] = '\0';
    bool ok = true;
    if (line[strspn(line, " \t\r")] != '\0') {
        ok = read_key(line, &key);
        if (!ok)
            (void)wg_fail(err, WG_E_BAD_FILE,
                          "%s:%d: expected a name (1 to %d of A-Z a-z 0-9 . _ -) and %d hex digits",
                          file, number, URL_KEY_ID_MAX, 2 * URL_KEY_BYTES);
        else if (url_keys_find(keys, key.id))
            ok = wg_fail(err, WG_E_BAD_FILE, "%s:%d: a second key \"%s\"", file, number, key.id);
        else if (keys->count == URL_KEYS_MAX)
            ok = wg_fail(err, WG_E_LIMIT, "%s:%d: more than %d keys", file, number, URL_KEYS_MAX);
        else
            keys->keys[keys->count++] = key;
    }
    explicit_bzero(line, sizeof line);
    explicit_bzero(&key, sizeof key);
    return ok;
}

static bool read_lines(struct url_keys *keys, const struct wg_buf *bytes, const char *file,
                       struct wg_error *err)
{
    const char *at = wg_buf_str(bytes), *end = at + bytes->len;
    for (int number = 1; at < end; number++) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        if (!stop) stop = end;
        if (!add_line(keys, at, (size_t)(stop - at), file, number, err)) return false;
        at = stop + 1;
    }
    return true;
}

bool url_keys_load(const char *file, struct url_keys *out, struct wg_error *err)
{
    struct wg_buf bytes;
    memset(out, 0, sizeof *out);
    wg_buf_init(&bytes, FILE_MAX);
    bool ok = read_private(file, &bytes, err) && read_lines(out, &bytes, file, err);
    if (ok && out->count == 0) ok = wg_fail(err, WG_E_BAD_FILE, "%s: there is no key in it", file);
    if (bytes.data) explicit_bzero(bytes.data, bytes.cap);
    wg_buf_clear(&bytes);
    if (!ok) url_keys_clear(out);
    return ok;
}

static bool append_key(struct wg_buf *bytes, const char *id, struct wg_error *err)
{
    uint8_t secret[URL_KEY_BYTES];
    char hex[2 * URL_KEY_BYTES + 1];
    if (!wg_random(secret, sizeof secret, err)) return false;
    wg_hex(secret, sizeof secret, hex);
    if (bytes->len > 0 && bytes->data[bytes->len - 1] != '\n') wg_buf_char(bytes, '\n');
    wg_buf_printf(bytes, "%s %s\n", id, hex);
    explicit_bzero(secret, sizeof secret);
    explicit_bzero(hex, sizeof hex);
    return wg_buf_check(bytes, err, "URL keys");
}

bool url_keys_add(const char *file, const char *id, struct wg_error *err)
{
    struct url_keys keys = {0};
    struct wg_buf bytes;
    if (!url_key_id_is_valid(id))
        return wg_fail(err, WG_E_USAGE,
                       "\"%.40s\" is no name of a key: 1 to %d of A-Z a-z 0-9 . _ -", id,
                       URL_KEY_ID_MAX);
    struct stat info;
    wg_buf_init(&bytes, FILE_MAX);
    bool ok = true, there = stat(file, &info) == 0;
    if (there)
        ok = read_private(file, &bytes, err) && read_lines(&keys, &bytes, file, err);
    else
        wg_buf_text(&bytes, "# The first key signs, all are accepted.\n");
    if (ok && url_keys_find(&keys, id))
        ok = wg_fail(err, WG_E_CONFLICT, "%s: there is a key \"%s\" already", file, id);
    if (ok && keys.count == URL_KEYS_MAX)
        ok = wg_fail(err, WG_E_LIMIT, "%s: there are %d keys already", file, URL_KEYS_MAX);
    ok = ok && append_key(&bytes, id, err) &&
         wg_file_replace(file, bytes.data, bytes.len, 0600, err);
    /* a server that reads it as another user must be able to read it again */
    if (ok && there && info.st_uid != geteuid() && chown(file, info.st_uid, info.st_gid) != 0)
        ok = wg_fail_errno(err, "%s", file);
    if (bytes.data) explicit_bzero(bytes.data, bytes.cap);
    wg_buf_clear(&bytes);
    url_keys_clear(&keys);
    return ok;
}
