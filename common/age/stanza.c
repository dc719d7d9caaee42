/* stanza.c: reads and writes the lines of an age header. */
#include "common/age/stanza.h"

#include "common/age/base64.h"

#include <string.h>

#define VERSION_PREFIX "age-encryption.org/"
#define VERSION_LINE VERSION_PREFIX "v1"
#define ARMOR "-----BEGIN AGE ENCRYPTED FILE-----"
#define STANZA_MARK "-> "
#define END_MARK "---"
#define COLUMNS 64
#define COLUMN_BYTES 48 /* that a full line stands for */
#define MAC_TEXT AGE_BASE64_LEN(AGE_MAC)

/* What is left to read, a line at a time. */
struct lines {
    const char *data;
    size_t len, at;
    bool cut; /* the bytes were cut at AGE_HEADER_MAX */
};

static bool next_line(struct lines *lines, const char **line, size_t *len, struct wg_error *err)
{
    *line = lines->data + lines->at;
    *len = 0;
    size_t left = lines->len - lines->at;
    const char *end = left > 0 ? memchr(*line, '\n', left) : NULL;
    if (!end && lines->cut)
        return wg_fail(err, WG_E_LIMIT, "age header: no end within %d bytes", AGE_HEADER_MAX);
    if (!end) return wg_fail(err, WG_E_BAD_INPUT, "age header: it ends too early");
    *len = (size_t)(end - *line);
    lines->at += *len + 1;
    return true;
}

static bool begins(const char *line, size_t len, const char *with)
{
    size_t n = strlen(with);
    return len >= n && memcmp(line, with, n) == 0;
}

static bool read_version(struct lines *lines, struct wg_error *err)
{
    const char *line;
    size_t len;
    if (begins(lines->data, lines->len, ARMOR))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "age header: the file is armored (ASCII); only binary age files are read");
    if (!begins(lines->data, lines->len, VERSION_PREFIX))
        return wg_fail(err, WG_E_BAD_INPUT, "age header: expected " VERSION_LINE " first");
    if (!next_line(lines, &line, &len, err)) return false;
    return (len == strlen(VERSION_LINE) && begins(line, len, VERSION_LINE)) ||
           wg_fail(err, WG_E_BAD_INPUT,
                   "age header: expected version " VERSION_LINE ", found another");
}

/* One or more words of visible ASCII with one space between. */
static bool args_are_sound(const char *args, size_t len)
{
    bool in_word = false;
    for (size_t i = 0; i < len; i++) {
        bool visible = args[i] > 0x20 && args[i] < 0x7f;
        if (!visible && (args[i] != ' ' || !in_word)) return false;
        in_word = visible;
    }
    return in_word;
}

static bool read_body(struct lines *lines, struct age_stanza *stanza, struct wg_error *err)
{
    const char *line;
    size_t len, bytes;
    stanza->body = lines->data + lines->at;
    stanza->body_len = 0;
    do {
        if (!next_line(lines, &line, &len, err)) return false;
        if (len > COLUMNS || !age_base64_read(line, len, NULL, 0, &bytes))
            return wg_fail(err, WG_E_BAD_INPUT,
                           "age header: a stanza's body is not canonical Base 64 in lines of %d",
                           COLUMNS);
        stanza->body_len += bytes;
    } while (len == COLUMNS);
    stanza->body_text_len = (size_t)(lines->data + lines->at - stanza->body);
    return true;
}

static bool read_stanza(struct lines *lines, struct age_stanza *stanza, struct wg_error *err)
{
    const char *line;
    size_t len, mark = strlen(STANZA_MARK);
    if (!next_line(lines, &line, &len, err)) return false;
    if (!begins(line, len, STANZA_MARK) || !args_are_sound(line + mark, len - mark))
        return wg_fail(err, WG_E_BAD_INPUT,
                       "age header: expected a stanza: -> and words of visible ASCII");
    stanza->args = line + mark;
    stanza->args_len = len - mark;
    return read_body(lines, stanza, err);
}

static bool read_end(struct lines *lines, struct age_header_end *end, struct wg_error *err)
{
    const char *line;
    size_t len, bytes, mark = strlen(END_MARK);
    end->authenticated = lines->at + mark;
    if (!next_line(lines, &line, &len, err)) return false;
    end->len = lines->at;
    return (len == mark + 1 + MAC_TEXT && line[mark] == ' ' &&
            age_base64_read(line + mark + 1, MAC_TEXT, end->mac, AGE_MAC, &bytes)) ||
           wg_fail(err, WG_E_BAD_INPUT, "age header: expected --- and a MAC of %d bytes", AGE_MAC);
}

static bool at_end_mark(const struct lines *lines)
{
    return begins(lines->data + lines->at, lines->len - lines->at, END_MARK);
}

bool age_header_scan(const char *data, size_t len, age_stanza_fn *each, void *ctx,
                     struct age_header_end *end, struct wg_error *err)
{
    struct age_header_end found;
    struct lines lines = {.data = data, .len = len, .cut = len > AGE_HEADER_MAX};
    if (lines.cut) lines.len = AGE_HEADER_MAX;
    if (!read_version(&lines, err)) return false;
    do {
        struct age_stanza stanza;
        if (!read_stanza(&lines, &stanza, err)) return false;
        if (each && !each(ctx, &stanza, err)) return false;
    } while (!at_end_mark(&lines));
    if (!read_end(&lines, &found, err)) return false;
    *end = found;
    return true;
}

const char *age_stanza_arg(const struct age_stanza *stanza, size_t number, size_t *len)
{
    const char *at = stanza->args, *end = stanza->args + stanza->args_len;
    for (;;) {
        const char *space = memchr(at, ' ', (size_t)(end - at));
        *len = (size_t)((space ? space : end) - at);
        if (number-- == 0) return at;
        if (!space) return NULL;
        at = space + 1;
    }
}

bool age_stanza_body(const struct age_stanza *stanza, uint8_t *out, size_t size)
{
    const char *at = stanza->body, *end = stanza->body + stanza->body_text_len;
    if (stanza->body_len != size) return false;
    while (at < end) {
        const char *line_end = memchr(at, '\n', (size_t)(end - at));
        size_t bytes;
        if (!line_end || !age_base64_read(at, (size_t)(line_end - at), out, size, &bytes))
            return false;
        out += bytes;
        size -= bytes;
        at = line_end + 1;
    }
    return true;
}

static void write_base64(struct wg_buf *out, const uint8_t *data, size_t len)
{
    char text[COLUMNS];
    age_base64_write(data, len, text);
    wg_buf_add(out, text, AGE_BASE64_LEN(len));
}

void age_header_begin(struct wg_buf *out)
{
    wg_buf_text(out, VERSION_LINE "\n");
}

void age_stanza_write(struct wg_buf *out, const char *args, size_t args_len, const uint8_t *body,
                      size_t body_len)
{
    wg_buf_text(out, STANZA_MARK);
    wg_buf_add(out, args, args_len);
    wg_buf_char(out, '\n');
    for (; body_len >= COLUMN_BYTES; body += COLUMN_BYTES, body_len -= COLUMN_BYTES) {
        write_base64(out, body, COLUMN_BYTES);
        wg_buf_char(out, '\n');
    }
    if (body_len > 0) write_base64(out, body, body_len);
    wg_buf_char(out, '\n');
}

void age_header_mark(struct wg_buf *out)
{
    wg_buf_text(out, END_MARK);
}

void age_header_finish(struct wg_buf *out, const uint8_t mac[AGE_MAC])
{
    wg_buf_char(out, ' ');
    write_base64(out, mac, AGE_MAC);
    wg_buf_char(out, '\n');
}
