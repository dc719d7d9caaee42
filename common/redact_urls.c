/* redact_urls.c: what a URL holds beside host and path: who logs in, and a query that may open it
 * (RFC 3986). */
#include "common/redact_part.h"

#include <string.h>

static bool is_url_end(char c)
{
    return c == '\0' || strchr(" \t\n\"'<>`", c);
}

/* Behind the authority: the first of "/?#" or the end. */
static size_t authority_end(const struct redact *redact, size_t at, size_t end)
{
    while (at < end && !strchr("/?#", redact->text[at])) at++;
    return at;
}

/* Is what stands behind the last colon no port? Then it is a password that somebody broke off. */
static bool is_broken_off(const struct redact *redact, size_t from, size_t end)
{
    size_t colon = end;
    for (size_t at = from; at < end && redact->text[at] != ']'; at++)
        if (redact->text[at] == ':') colon = at;
    if (redact_at(redact, from) == '[') return false;
    for (size_t at = colon + 1; at < end; at++)
        if (!redact_is_digit(redact->text[at])) return !strchr(",;.)}]", redact->text[at]);
    return false;
}

/* A password may hold anything, also a slash: the last '@' before the query counts. */
static void hide_user(struct redact *redact, size_t from, size_t end)
{
    size_t user = from, query = from;
    while (query < end && !strchr("?#", redact->text[query])) query++;
    for (size_t at = from; at < end; at++)
        if (redact->text[at] == '@' && (at < query || user == from)) user = at;
    if (user > from) redact_hide(redact, from, user);
    size_t authority = authority_end(redact, from, end);
    if (user == from && is_broken_off(redact, from, authority)) redact_hide(redact, from, end);
}

static void hide_query(struct redact *redact, size_t from, size_t end)
{
    for (size_t at = from; at < end; at++) {
        if (!strchr("?#", redact->text[at])) continue;
        (void)redact_hide_wrapped(redact, at + 1, end);
        return;
    }
}

void redact_urls(struct redact *redact)
{
    for (size_t at = 0; at + 3 <= redact->len; at++) {
        if (!redact_is(redact, at, "://")) continue;
        size_t from = at + 3, end = from;
        while (!is_url_end(redact_at(redact, end))) end++;
        hide_user(redact, from, end);
        hide_query(redact, from, end);
        /* the text ends here: whether an '@' follows is not known */
        if (end == redact->len && memchr(redact->text + from, ':', end - from))
            redact_hide(redact, from, end);
    }
}
