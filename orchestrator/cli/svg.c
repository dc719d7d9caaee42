/* svg.c: text, numbers and path steps of an SVG. */
#include "orchestrator/cli/svg.h"

#include "common/text.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD"
#define ELLIPSIS "\xE2\x80\xA6"
#define THIN_SPACE "\xE2\x80\x89"

/* Bytes of the character that text begins with; 1 for what is no UTF-8. */
static size_t character(const char *text)
{
    size_t left = strnlen(text, 4);
    for (size_t len = 1; len <= left; len++)
        if (wg_text_is_utf8(text, len)) return len;
    return 1;
}

/* U+FFFE and U+FFFF are UTF-8, but not XML. */
static bool is_xml(const char *at, size_t len)
{
    if (len == 1) return (unsigned char)*at >= 0x20 && (unsigned char)*at < 0x7F;
    return memcmp(at, "\xEF\xBF\xBE", 3) != 0 && memcmp(at, "\xEF\xBF\xBF", 3) != 0;
}

static void escaped(struct wg_buf *out, const char *at, size_t len)
{
    if (!is_xml(at, len))
        wg_buf_text(out, REPLACEMENT);
    else if (*at == '&')
        wg_buf_text(out, "&amp;");
    else if (*at == '<')
        wg_buf_text(out, "&lt;");
    else if (*at == '>')
        wg_buf_text(out, "&gt;");
    else if (*at == '"')
        wg_buf_text(out, "&quot;");
    else if (*at == '\'')
        wg_buf_text(out, "&#39;");
    else
        wg_buf_add(out, at, len);
}

void svg_text(struct wg_buf *out, const char *text, size_t max)
{
    for (size_t shown = 1; *text; shown++) {
        size_t len = character(text);
        if (shown == max && text[len]) {
            wg_buf_text(out, ELLIPSIS);
            return;
        }
        escaped(out, text, len);
        text += len;
    }
}

void svg_number(struct wg_buf *out, double value, int decimals)
{
    static const int64_t powers[] = {1, 10, 100, 1000};
    int64_t power = powers[decimals];
    int64_t units = llround(value * (double)power);
    if (units < 0) wg_buf_char(out, '-');
    if (units < 0) units = -units;
    while (decimals > 0 && units % 10 == 0) {
        units /= 10;
        power /= 10;
        decimals--;
    }
    wg_buf_printf(out, "%lld", (long long)(units / power));
    if (decimals > 0) wg_buf_printf(out, ".%0*lld", decimals, (long long)(units % power));
}

void svg_count(struct wg_buf *out, int64_t count)
{
    char digits[24];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)count);
    for (int i = 0; i < len; i++) {
        if (i > 0 && (len - i) % 3 == 0) wg_buf_text(out, THIN_SPACE);
        wg_buf_char(out, digits[i]);
    }
}

void svg_devices(struct wg_buf *out, int64_t count)
{
    svg_count(out, count);
    wg_buf_text(out, count == 1 ? " device" : " devices");
}

void svg_attribute(struct wg_buf *out, const char *name, double value)
{
    wg_buf_printf(out, " %s=\"", name);
    svg_number(out, value, 2);
    wg_buf_char(out, '"');
}

static void step(struct wg_buf *out, int64_t tenths, bool first)
{
    if (!first && tenths >= 0) wg_buf_char(out, ' ');
    svg_number(out, (double)tenths / 10, 1);
}

void svg_path_move(struct svg_path *path, double x, double y)
{
    path->x = llround(x * 10);
    path->y = llround(y * 10);
    path->lines = false;
    wg_buf_char(path->out, 'M');
    step(path->out, path->x, true);
    step(path->out, path->y, false);
}

void svg_path_line(struct svg_path *path, double x, double y)
{
    int64_t dx = llround(x * 10) - path->x, dy = llround(y * 10) - path->y;
    if (dx * dx + dy * dy < 25) return;
    if (!path->lines) wg_buf_char(path->out, 'l');
    step(path->out, dx, !path->lines);
    step(path->out, dy, false);
    path->lines = true;
    path->x += dx;
    path->y += dy;
}

void svg_path_close(struct svg_path *path)
{
    wg_buf_char(path->out, 'z');
}
