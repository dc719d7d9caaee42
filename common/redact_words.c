/* redact_words.c: what is a secret by the word before it: values of "password=", headers that log
 * in, options, and long runs of hex or base64 behind words like "key". */
#include "common/redact.h"
#include "common/redact_part.h"

#include <string.h>

#define NAME_MAX_BYTES 96 /* that are looked at before a delimiter */
#define VALUE_MAX 8192    /* between quotes or brackets */
#define RUN_MIN 16        /* of hex or base64 */
#define BEFORE_RUN 48     /* bytes before a run in which its word stands */
#define BEARER_MIN 6

/* Anywhere in a name: what it names is secret, whatever it looks like. */
static const char *const strong_parts[] = {
    "passw",      "passphrase", "pass-phrase", "pass_phrase",   "pass phrase", "passcode",
    "secret",     "token",      "credential",  "apikey",        "api_key",     "api-key",
    "api key",    "privatekey", "private_key", "private-key",   "private key", "privkey",
    "accesskey",  "access_key", "access-key",  "access key",    "privateexp",  "prime1",
    "prime2",     "exponent1",  "exponent2",   "sharedkey",     "shared_key",  "shared-key",
    "shared key", "masterkey",  "master_key",  "master-key",    "master key",  "kennwort",
    "passkey",    "priv:",      "jwt",         "x-wavegate-key"};
/* The same, as words of their own. */
static const char *const strong_words[] = {"pwd", "pass", "pin", "psk", "puk", "otp", "pw", "priv"};
/* Headers have the whole line, and lines that begin with a space behind it (RFC 9110 5.5). */
static const char *const headers[] = {"authorization", "cookie"};
/* What they name is secret when it is long and made of hex or base64. */
static const char *const weak_words[] = {"key", "keys",    "auth",      "sig",  "signature",
                                         "sid", "session", "sessionid", "seed", "hmac",
                                         "mac", "bearer",  "basic"};

struct name {
    size_t from, end;
};

static bool is_name(char c)
{
    return redact_is_letter(c) || redact_is_digit(c) || (c && strchr("_-.", c));
}

static bool is_upper(char c)
{
    return c >= 'A' && c <= 'Z';
}

/* wifiPsk, PIN_CODE, sim-pin2: the word is a part of the name by itself. */
static bool is_own_word(const struct redact *redact, size_t at, size_t len, size_t from)
{
    char before = '\0', first = redact->text[at];
    char last = redact->text[at + len - 1], after = redact_at(redact, at + len);
    if (at > from) before = redact->text[at - 1];
    bool begins = !redact_is_letter(before) || (!is_upper(before) && is_upper(first));
    bool ends = !redact_is_letter(after) || (!is_upper(last) && is_upper(after));
    return begins && ends;
}

static bool has_part(const struct redact *redact, const struct name *name, const char *const *words,
                     size_t count, bool own)
{
    for (size_t at = name->from; at < name->end; at++)
        for (size_t i = 0; i < count; i++) {
            size_t len = strlen(words[i]);
            if (at + len <= name->end && redact_is(redact, at, words[i]) &&
                (!own || is_own_word(redact, at, len, name->from)))
                return true;
        }
    return false;
}

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

static bool is_strong(const struct redact *redact, const struct name *name)
{
    return has_part(redact, name, strong_parts, COUNT(strong_parts), false) ||
           has_part(redact, name, strong_words, COUNT(strong_words), true);
}

static bool is_header(const struct redact *redact, const struct name *name)
{
    return has_part(redact, name, headers, COUNT(headers), false);
}

static bool is_weak(const struct redact *redact, const struct name *name)
{
    return has_part(redact, name, weak_words, COUNT(weak_words), true);
}

/* The two words, of letters, digits, '_', '-', '.', that end before at, behind quotes and spaces.
 */
static struct name name_before(const struct redact *redact, size_t at)
{
    struct name name;
    size_t least = at > NAME_MAX_BYTES ? at - NAME_MAX_BYTES : 0;
    while (at > least && strchr(" \t\"'`\\]):+?*>", redact->text[at - 1])) at--;
    name.end = at;
    while (at > least && is_name(redact->text[at - 1])) at--;
    if (at > least + 1 && redact->text[at - 1] == ' ' && is_name(redact->text[at - 2])) {
        at--;
        while (at > least && is_name(redact->text[at - 1])) at--;
    }
    name.from = at;
    return name;
}

/* Behind the quote that closes what is quoted from at on; quotes of two bytes are \" and \'. */
static size_t quote_end(const struct redact *redact, size_t at)
{
    bool escaped = redact->text[at] == '\\';
    char quote = redact_at(redact, at + escaped);
    size_t most = at + VALUE_MAX < redact->len ? at + VALUE_MAX : redact->len;
    for (at += 1U + escaped; at < most; at++) {
        if (redact->text[at] == quote && !escaped) return at + 1;
        if (redact->text[at] != '\\') continue;
        at++;
        if (escaped && redact_at(redact, at) == quote) return at + 1;
    }
    return most;
}

static size_t bracket_end(const struct redact *redact, size_t at)
{
    char close = redact->text[at] == '[' ? ']' : '}';
    size_t most = at + VALUE_MAX < redact->len ? at + VALUE_MAX : redact->len;
    while (at < most && redact->text[at] != close) at++;
    return at + 1 < most ? at + 1 : most;
}

static bool is_quote(const struct redact *redact, size_t at)
{
    char c = redact_at(redact, at), next = redact_at(redact, at + 1);
    return c == '"' || c == '\'' || c == '`' || (c == '\\' && (next == '"' || next == '\''));
}

static size_t word_end(const struct redact *redact, size_t at)
{
    while (at < redact->len && !strchr(" \t\n", redact->text[at])) at++;
    return at;
}

/* The lines behind at that begin with a space, or are empty. */
static size_t folded_end(const struct redact *redact, size_t at)
{
    while (redact_at(redact, at) == '\n') {
        char c = redact_at(redact, at + 1);
        if (c != ' ' && c != '\t' && c != '\n') break;
        at = redact_line_end(redact, at + 1);
    }
    return at;
}

/* Nothing, or the sign of a block, on the line of the name: the value begins on the next. */
static bool is_on_next_line(const struct redact *redact, size_t at)
{
    while (redact_at(redact, at) && strchr("\\|>+- \t", redact->text[at])) at++;
    return redact_at(redact, at) == '\n';
}

static void hide_next_line(struct redact *redact, size_t at)
{
    size_t line = redact_line_end(redact, at);
    while (redact_at(redact, line) == '\n') line++;
    size_t end = redact_hide_wrapped(redact, line, redact_line_end(redact, line));
    redact_hide(redact, line, folded_end(redact, end));
}

/* whole: to the end of the line, for values with spaces that nothing encloses. */
static void hide_value(struct redact *redact, size_t at, bool whole)
{
    at = redact_skip_blank(redact, at);
    if (redact_is(redact, at, WG_REDACTED)) return;
    if (is_on_next_line(redact, at)) {
        hide_next_line(redact, at);
        return;
    }
    size_t end = at;
    if (is_quote(redact, at)) {
        end = quote_end(redact, at);
        if (redact_at(redact, end - 1) != '\n') end = word_end(redact, end);
    } else if (redact_at(redact, at) == '[' || redact_at(redact, at) == '{') {
        end = bracket_end(redact, at);
    } else {
        end = whole ? redact_line_end(redact, at) : word_end(redact, at);
    }
    end = redact_hide_wrapped(redact, at, end);
    if (end > at && redact->text[end - 1] == '\\' && redact_at(redact, end) == '\n')
        hide_next_line(redact, end);
}

static void hide_header(struct redact *redact, size_t at)
{
    size_t end = redact_line_end(redact, at);
    if (redact_is(redact, redact_skip_blank(redact, at), WG_REDACTED)) return;
    if (is_on_next_line(redact, at)) hide_next_line(redact, at);
    redact_hide(redact, redact_skip_blank(redact, at), folded_end(redact, end));
}

static bool is_delimiter(const struct redact *redact, size_t at)
{
    char c = redact->text[at];
    if (c == '=') return true;
    return c == ':' && redact_at(redact, at + 1) != '/';
}

/* name=value, name: value, "name": "value", name => value. */
static void look_behind_delimiter(struct redact *redact, size_t at)
{
    struct name name = name_before(redact, at);
    if (name.from == name.end) return;
    bool header = is_header(redact, &name);
    if (!header && !is_strong(redact, &name)) return;
    bool spaced = at > 0 && redact->text[at - 1] == ' ';
    size_t value = at + 1;
    while (redact_at(redact, value) && strchr("=>:", redact->text[value])) value++;
    char next = redact_at(redact, value);
    if (header && !is_quote(redact, redact_skip_blank(redact, value)))
        hide_header(redact, value);
    else
        hide_value(redact, value, spaced || next == ' ' || next == '\t');
}

/* "--password value", "password is value", "Bearer value". */
static void look_behind_word(struct redact *redact, size_t at, size_t end)
{
    struct name name = {.from = at, .end = end};
    size_t value = redact_skip_blank(redact, end);
    if (value == end) return;
    if (redact_is(redact, at, "bearer ") || redact_is(redact, at, "basic ")) {
        size_t run = word_end(redact, value);
        if (run - value >= BEARER_MIN) (void)redact_hide_wrapped(redact, value, run);
    }
    if (!is_strong(redact, &name)) return;
    if (redact->text[at] == '-')
        hide_value(redact, value, false);
    else if (redact_is(redact, value, "is ") || redact_is(redact, value, "was "))
        hide_value(redact, word_end(redact, value), true);
}

/* A long run of hex or base64 with a word like key shortly before it. */
static void look_before_run(struct redact *redact, size_t at, size_t end)
{
    bool digit = false;
    struct name near = {.from = at > BEFORE_RUN ? at - BEFORE_RUN : 0, .end = at};
    for (size_t i = at; i < end; i++) digit = digit || redact_is_digit(redact->text[i]);
    if (end - at < RUN_MIN || !digit) return;
    if (is_strong(redact, &near) || is_weak(redact, &near))
        (void)redact_hide_wrapped(redact, at, end);
}

void redact_words(struct redact *redact)
{
    for (size_t at = 0; at < redact->len; at++) {
        bool begins = at == 0 || !is_name(redact->text[at - 1]);
        if (is_delimiter(redact, at)) look_behind_delimiter(redact, at);
        if (!begins || !is_name(redact->text[at])) continue;
        size_t end = at;
        while (is_name(redact_at(redact, end))) end++;
        look_behind_word(redact, at, end);
    }
    for (size_t at = 0; at < redact->len; at++) {
        size_t end = at;
        while (redact_is_code(redact_at(redact, end)) && redact->text[end] != '=') end++;
        if (end == at) continue;
        look_before_run(redact, at, end);
        at = end;
    }
}
