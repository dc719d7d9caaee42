/* redact_forms.c: what is a secret by its own form, whatever stands before it. */
#include "common/redact_part.h"

#include <string.h>

#define LABEL_MAX 64 /* bytes between BEGIN and the dashes behind it */
#define KEY_LINE_MIN 40
#define JWT_MIN 16
#define AGE_KEY_BYTES 74
#define BARE_MIN 40 /* of a run in mixed letters and digits */

/* "BEGIN ... PRIVATE KEY" at at; *end: behind it. */
static bool is_mark(const struct redact *redact, size_t at, const char *word, size_t *end)
{
    if (!redact_is(redact, at, word)) return false;
    for (size_t i = at + strlen(word); i < at + LABEL_MAX; i++) {
        if (redact_at(redact, i) == '\n' || redact_at(redact, i) == '\0') return false;
        if (!redact_is(redact, i, "private key")) continue;
        *end = i + strlen("private key");
        return true;
    }
    return false;
}

/* From BEGIN to END; an END alone ends what began before the text, a BEGIN alone has all behind it.
 */
static void hide_pem(struct redact *redact)
{
    size_t from = 0, end = 0;
    bool open = false;
    for (size_t at = 0; at < redact->len; at++) {
        if (is_mark(redact, at, "begin", &end)) {
            if (!open) from = end;
            open = true;
        } else if (is_mark(redact, at, "end", &end)) {
            redact_hide(redact, from, at);
            from = end;
            open = false;
        }
    }
    if (open) redact_hide(redact, from, redact->len);
}

/* AGE-SECRET-KEY-1..., also when a line ends within it. */
static void hide_age(struct redact *redact, size_t at)
{
    size_t end = at, seen = 0;
    while (end < redact->len) {
        char c = redact->text[end];
        if (redact_is_code(c))
            seen++;
        else if (seen >= AGE_KEY_BYTES || !strchr("\n \t\\", c))
            break;
        end++;
    }
    (void)redact_hide_wrapped(redact, at, end);
}

static size_t count_upper(const struct redact *redact, size_t at)
{
    size_t n = 0;
    while ((redact_at(redact, at + n) >= 'A' && redact_at(redact, at + n) <= 'Z') ||
           redact_is_digit(redact_at(redact, at + n)))
        n++;
    return n;
}

/* Header, claims and signature stand between dots. */
static void hide_jwt(struct redact *redact, size_t at)
{
    size_t end = at;
    while (redact_is_code(redact_at(redact, end)) || redact_at(redact, end) == '.') end++;
    if (end - at >= JWT_MIN) (void)redact_hide_wrapped(redact, at, end);
}

/* Names that services put before their keys. */
static const char *const prefixes[] = {
    "ghp_",  "gho_",     "ghs_",     "ghu_",     "github_pat_", "glpat-", "xoxb-", "xoxp-",
    "xoxa-", "sk_live_", "rk_live_", "sk-proj-", "aiza",        "npm_",   "pypi-", "dop_v1_",
    "hvs.",  "sk-ant-",  "wgt_",     "wgs_",     "wgo_",        "wgi_",   "wgb_"};

static void hide_service_key(struct redact *redact, size_t at)
{
    if ((memcmp(redact->text + at, "AKIA", 4) == 0 || memcmp(redact->text + at, "ASIA", 4) == 0) &&
        count_upper(redact, at) >= 16)
        redact_hide(redact, at, at + count_upper(redact, at));
    for (size_t i = 0; i < sizeof prefixes / sizeof prefixes[0]; i++) {
        if (!redact_is(redact, at, prefixes[i])) continue;
        size_t end = redact_run_end(redact, at + strlen(prefixes[i]));
        if (end - at >= JWT_MIN) (void)redact_hide_wrapped(redact, at, end);
    }
}

struct letters {
    bool upper, lower, digit;
};

static struct letters letters_in(const struct redact *redact, size_t from, size_t end)
{
    struct letters in = {.upper = false};
    for (size_t i = from; i < end; i++) {
        char c = redact->text[i];
        in.digit = in.digit || redact_is_digit(c);
        in.upper = in.upper || (c >= 'A' && c <= 'Z');
        in.lower = in.lower || (c >= 'a' && c <= 'z');
    }
    return in;
}

/* A long run of upper and lower case and digits; a path has slashes, a digest one case. */
static void hide_bare(struct redact *redact, size_t from, size_t end)
{
    struct letters in = letters_in(redact, from, end);
    if (end - from >= BARE_MIN && in.upper && in.lower && in.digit) redact_hide(redact, from, end);
}

static void hide_runs(struct redact *redact)
{
    for (size_t at = 0; at < redact->len; at++) {
        size_t from = at;
        while (redact_is_code(redact_at(redact, at)) && redact->text[at] != '/') at++;
        hide_bare(redact, from, at);
    }
}

/* Nothing but base64, in both cases, as so many random bytes have. */
static bool is_key_line(const struct redact *redact, size_t from, size_t end)
{
    struct letters in = letters_in(redact, from, end);
    return end - from >= KEY_LINE_MIN && in.upper && in.lower &&
           redact_is_code_line(redact, from, end) &&
           !memchr(redact->text + from, '-', end - from) &&
           redact->text[redact_skip_blank(redact, from)] != '/';
}

/* The body of a key whose beginning is elsewhere. */
static void hide_key_lines(struct redact *redact)
{
    for (size_t at = 0; at < redact->len;) {
        size_t end = redact_line_end(redact, at);
        if (is_key_line(redact, at, end)) end = redact_hide_wrapped(redact, at, end);
        at = end + 1;
    }
}

void redact_forms(struct redact *redact)
{
    hide_pem(redact);
    hide_key_lines(redact);
    hide_runs(redact);
    for (size_t at = 0; at < redact->len; at++) {
        if (redact_is(redact, at, "age-secret-key-")) hide_age(redact, at);
        if (redact_is(redact, at, "eyj")) hide_jwt(redact, at);
        if (at + 4 <= redact->len) hide_service_key(redact, at);
    }
}
