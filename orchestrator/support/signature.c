/* signature.c: a walk over the words; at each beginning of one the shapes are tried in turn. */
#include "orchestrator/support/signature.h"

#include "common/text.h"

#include <stdbool.h>
#include <string.h>

#define QUOTED_MAX 200
#define HEX_LEAST 6      /* letters and digits mixed: shorter ones may be words */
#define ID_LEAST 8       /* as long must a jumble be that is an id */
#define ID_SWITCHES 3    /* between letters and digits, in it */
#define ADDRESS_GROUPS 8 /* of IPv6 */

struct walk {
    const char *at;
    char before; /* the byte before it; 0: none */
    const char *device;
    char *out;
    size_t len;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_word(char c)
{
    return is_digit(c) || is_letter(c) || c == '_' || (unsigned char)c >= 0x80;
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_space(char c)
{
    return (unsigned char)c <= ' ' || c == 0x7f;
}

static size_t run_of(const char *at, bool (*is)(char))
{
    size_t len = 0;
    while (at[len] && is(at[len])) len++;
    return len;
}

/* Bytes of a pattern: 'd' a digit, 'x' a hex digit, any other itself. 0: it does not fit. */
static size_t fits(const char *at, const char *pattern)
{
    size_t i = 0;
    for (; pattern[i]; i++) {
        bool ok = pattern[i] == 'd'   ? is_digit(at[i])
                  : pattern[i] == 'x' ? is_hex(at[i])
                                      : at[i] == pattern[i];
        if (!at[i] || !ok) return 0;
    }
    return i;
}

/* ---- shapes: bytes that belong to one, 0 when none stands here ---- */

static size_t device_id(const struct walk *walk)
{
    size_t len = strlen(walk->device);
    if (len == 0 || strncmp(walk->at, walk->device, len) != 0) return 0;
    char next = walk->at[len];
    return is_word(next) || next == '-' ? 0 : len;
}

static size_t quoted(const struct walk *walk)
{
    char quote = walk->at[0];
    if (quote != '"' && quote != '\'' && quote != '`') return 0;
    for (size_t i = 1; walk->at[i] && i < QUOTED_MAX; i++)
        if (walk->at[i] == quote && !is_word(walk->at[i + 1])) return i > 1 ? i + 1 : 0;
    return 0;
}

static bool is_of_path(char c)
{
    return !is_space(c) && !strchr(",:;\"'`()<>[]{}|", c);
}

static bool is_of_url(char c)
{
    return !is_space(c) && !strchr(",;\"'`()<>[]{}|", c);
}

/* The full stop behind it ends a sentence. */
static size_t without_stop(const char *at, size_t len)
{
    return len > 0 && at[len - 1] == '.' ? len - 1 : len;
}

static size_t url(const struct walk *walk)
{
    size_t scheme = run_of(walk->at, is_letter);
    if (scheme == 0 || strncmp(walk->at + scheme, "://", 3) != 0) return 0;
    return without_stop(walk->at, scheme + 3 + run_of(walk->at + scheme + 3, is_of_url));
}

static size_t path(const struct walk *walk)
{
    size_t start = walk->at[0] == '~' || walk->at[0] == '.' ? 1 : 0;
    if (walk->at[start] == '.') start++;
    if (walk->at[start] != '/' || walk->before == '/') return 0;
    size_t len = without_stop(walk->at, start + run_of(walk->at + start, is_of_path));
    return len > start + 1 ? len : 0;
}

static size_t fraction(const char *at)
{
    size_t len = at[0] == '.' || at[0] == ',' ? run_of(at + 1, is_digit) : 0;
    return len > 0 ? len + 1 : 0;
}

/* 10:20, 10:20:30.123 */
static size_t clock_time(const char *at)
{
    size_t len = fits(at, "dd:dd");
    if (len == 0) len = fits(at, "d:dd");
    if (len == 0) return 0;
    size_t seconds = fits(at + len, ":dd");
    len += seconds;
    return seconds > 0 ? len + fraction(at + len) : len;
}

static size_t zone(const char *at)
{
    if (*at == 'Z') return 1;
    if (*at != '+' && *at != '-') return 0;
    size_t len = fits(at + 1, "dd:dd");
    if (len == 0) len = fits(at + 1, "dddd");
    return len > 0 ? len + 1 : 0;
}

/* A date, with the time of day or without; or the time of day alone. */
static size_t moment(const struct walk *walk)
{
    const char *at = walk->at;
    size_t day = fits(at, "dddd-dd-dd"), len = 0;
    if (day == 0) day = fits(at, "dddd/dd/dd");
    if (day > 0 && (at[day] == 'T' || at[day] == ' ')) len = clock_time(at + day + 1);
    len = day > 0 ? day + (len > 0 ? len + 1 : 0) : clock_time(at);
    if (len > day) len += zone(at + len);
    return len > 0 && !is_word(at[len]) ? len : 0;
}

static size_t uuid(const struct walk *walk)
{
    size_t len = fits(walk->at, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx");
    return len > 0 && !is_word(walk->at[len]) ? len : 0;
}

static size_t port(const char *at)
{
    size_t len = *at == ':' ? run_of(at + 1, is_digit) : 0;
    return len > 0 ? len + 1 : 0;
}

static size_t address4(const char *at)
{
    size_t len = 0;
    for (int part = 0; part < 4; part++) {
        size_t digits = run_of(at + len, is_digit);
        if (digits == 0 || digits > 3) return 0;
        len += digits;
        if (part < 3 && at[len++] != '.') return 0;
    }
    return at[len] == '.' && is_digit(at[len + 1]) ? 0 : len;
}

static bool is_of_address6(char c)
{
    return is_hex(c) || c == ':';
}

static size_t address6(const char *at)
{
    size_t len = run_of(at, is_of_address6), colons = 0;
    bool gap = false;
    for (size_t i = 0; i < len; i++) {
        colons += at[i] == ':';
        gap = gap || (i > 0 && at[i] == ':' && at[i - 1] == ':');
    }
    while (len > 2 && at[len - 1] == ':' && at[len - 2] != ':') len--;
    return len > 2 && (gap || colons == ADDRESS_GROUPS - 1) ? len : 0;
}

static size_t address(const struct walk *walk)
{
    const char *at = walk->at;
    size_t len = fits(at, "xx:xx:xx:xx:xx:xx");
    if (len == 0) len = address6(at);
    if (len == 0) {
        len = address4(at);
        if (len > 0) len += port(at + len);
    }
    return len > 0 && !is_word(at[len]) ? len : 0;
}

static size_t hex(const struct walk *walk)
{
    const char *at = walk->at;
    if (at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        size_t len = run_of(at + 2, is_hex);
        return len > 0 ? len + 2 : 0;
    }
    size_t len = run_of(at, is_hex), digits = 0;
    for (size_t i = 0; i < len; i++) digits += is_digit(at[i]);
    return len >= HEX_LEAST && digits > 0 && digits < len && !is_word(at[len]) ? len : 0;
}

/* Letters and digits in a jumble: serial numbers, names of sessions. */
static size_t jumble(const struct walk *walk)
{
    size_t len = run_of(walk->at, is_word), switches = 0;
    for (size_t i = 1; i < len; i++) switches += is_digit(walk->at[i]) != is_digit(walk->at[i - 1]);
    return len >= ID_LEAST && switches >= ID_SWITCHES ? len : 0;
}

/* 12, 1.5, 1,000,000, 2.4.1; a sign only where no word stands before it. */
static size_t number(const struct walk *walk)
{
    const char *at = walk->at;
    bool sign = (*at == '-' || *at == '+') && (is_space(walk->before) || walk->before == '=');
    size_t len = sign ? 1 : 0;
    size_t digits = run_of(at + len, is_digit);
    if (digits == 0) return 0;
    len += digits;
    for (size_t more; (more = fraction(at + len)) > 0;) len += more;
    return len;
}

struct shape {
    size_t (*match)(const struct walk *walk);
    const char *fold;
};

/* The first that fits: a time is no address, an address no number. */
static const struct shape shapes[] = {
    {device_id, "<device>"}, {quoted, "<name>"}, {url, "<url>"},         {path, "<path>"},
    {moment, "<time>"},      {uuid, "<id>"},     {address, "<address>"}, {hex, "<hex>"},
    {jumble, "<id>"},        {number, "<n>"},
};

static void put(struct walk *walk, const char *text, size_t len)
{
    size_t room = SIGNATURE_MAX - 1 - walk->len;
    if (len > room) len = room;
    memcpy(walk->out + walk->len, text, len);
    walk->len += len;
}

static void step(struct walk *walk, size_t len)
{
    walk->before = walk->at[len - 1];
    walk->at += len;
}

static bool fold_here(struct walk *walk)
{
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        size_t len = shapes[i].match(walk);
        if (len == 0) continue;
        put(walk, shapes[i].fold, strlen(shapes[i].fold));
        step(walk, len);
        return true;
    }
    return false;
}

/* What is none of the shapes stays; only digits within a word are folded. */
static void copy_one(struct walk *walk)
{
    size_t len = 1;
    if (is_space(*walk->at)) {
        if (walk->len > 0 && walk->out[walk->len - 1] != ' ') put(walk, " ", 1);
    } else if (is_digit(*walk->at)) {
        len = run_of(walk->at, is_digit);
        put(walk, "<n>", 3);
    } else {
        put(walk, walk->at, 1);
    }
    step(walk, len);
}

void signature_of(const char *detail, const char *device, char out[SIGNATURE_MAX])
{
    char whole[SIGNATURE_MAX];
    struct walk walk = {.at = detail, .device = device, .out = whole};
    while (*walk.at && walk.len < SIGNATURE_MAX - 1) {
        bool begins = !is_word(walk.before);
        if (!begins || !fold_here(&walk)) copy_one(&walk);
    }
    while (walk.len > 0 && whole[walk.len - 1] == ' ') walk.len--;
    whole[walk.len] = '\0';
    /* a cut may have fallen into a letter */
    size_t end = walk.len;
    while (end > 0 && !wg_text_is_utf8(whole, end)) end--;
    (void)wg_copy_n(out, SIGNATURE_MAX, whole, end);
}
