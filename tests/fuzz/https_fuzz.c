/* https_fuzz.c: what a web server answers to the agent, in pieces of any size, and where a redirect
 * may lead. */
#include "agent/posix/https_answer.h"
#include "agent/posix/url.h"
#include "common/text.h"
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>
#include <string.h>

struct taken {
    bool begun;
    int64_t bytes;
};

static bool begin(void *ctx, const struct https_head *head, struct wg_error *err)
{
    struct taken *taken = ctx;
    MUST(!taken->begun, "begun twice");
    MUST(head->start >= 0, "begins at %lld", (long long)head->start);
    MUST(!strpbrk(head->etag, "\r\n") && !strpbrk(head->modified, "\r\n"),
         "a validator that would end the line of a request");
    taken->begun = true;
    return head->start % 7 != 3 || wg_fail(err, WG_E_LIMIT, "the sink refuses");
}

static bool body(void *ctx, const char *data, size_t len, struct wg_error *err)
{
    struct taken *taken = ctx;
    static volatile char last;
    MUST(taken->begun, "bytes before the beginning");
    MUST(len > 0, "no bytes at all");
    for (size_t i = 0; i < len; i++) last = data[i];
    taken->bytes += (int64_t)len;
    return last != '!' || wg_fail(err, WG_E_LIMIT, "the sink has enough");
}

static void read_answer(struct pieces *pieces)
{
    struct taken taken = {.begun = false};
    struct wg_error err = {0};
    const struct https_sink sink = {.begin = begin, .body = body, .ctx = &taken};
    static struct answer answer; /* large */
    char chunk[4096];
    bool ok = true;
    answer_init(&answer, "localhost", &sink, &err);
    while (ok && !answer.complete)
        ok = answer_feed(&answer, chunk, pieces_next(pieces, chunk, sizeof chunk));
    if (!ok)
        target_refused(&err);
    else
        MUST(taken.begun || answer.location[0], "an answer without a beginning");
}

static void check_address(const struct url *url, const char *text)
{
    MUST(url->host[0] && url->port[0] && url->target[0] == '/', "\"%s\" is no address", text);
    MUST(!strpbrk(url->target, " \r\n") && !strpbrk(url->host, " \r\n/"),
         "\"%s\" would end the line of the request", text);
}

static void read_address(const uint8_t *data, size_t size)
{
    const struct url base = {.host = "localhost", .port = "443", .target = "/a/b/../c?d=/e"};
    struct wg_error err = {0};
    struct url url;
    if (memchr(data, 0, size)) return;
    char *text = target_text(data, size);
    if (!url_read(text, &url, &err))
        target_refused(&err);
    else
        check_address(&url, text);
    wg_error_clear(&err);
    if (!url_resolve(&base, text, &url, &err))
        target_refused(&err);
    else
        check_address(&url, text);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pieces pieces = pieces_of(data, size);
    if (pieces.size > 0) read_address(pieces.data, pieces.size);
    read_answer(&pieces);
    return 0;
}
