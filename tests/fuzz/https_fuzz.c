/* https_fuzz.c: what a web server answers to the agent. Its source is compiled in here, with the
 * bytes of the fuzzer in the place of what TLS would deliver, in pieces of any size. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>

#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

#include <string.h>

static int answer_read(WOLFSSL *ssl, void *data, int size);
static int answer_error(WOLFSSL *ssl, int result);

#define wolfSSL_read answer_read
#define wolfSSL_get_error answer_error
#include "agent/posix/https.c"
#undef wolfSSL_read
#undef wolfSSL_get_error

static struct pieces answer; /* wolfSSL_read() knows nothing of its caller, so it stands alone */

static int answer_read(WOLFSSL *ssl, void *data, int size)
{
    (void)ssl;
    return (int)pieces_next(&answer, data, (size_t)size);
}

/* The connection has ended: neither side has to be waited for. */
static int answer_error(WOLFSSL *ssl, int result)
{
    (void)ssl;
    return result;
}

struct taken {
    bool begun;
    int64_t start, total, bytes;
};

static bool begin(void *ctx, int64_t start, int64_t total, struct wg_error *err)
{
    struct taken *taken = ctx;
    MUST(!taken->begun, "begun twice");
    MUST(start >= 0, "begins at %lld", (long long)start);
    taken->begun = true;
    taken->start = start;
    taken->total = total;
    return start % 7 != 3 || wg_fail(err, WG_E_LIMIT, "the sink refuses");
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

static void read_answer(void)
{
    atomic_bool cancel = false;
    struct taken taken = {.begun = false};
    struct wg_error err = {0};
    const struct https_config config = {.cancel = &cancel};
    const struct https_sink sink = {.begin = begin, .body = body, .ctx = &taken};
    struct https https = {.config = &config, .sink = &sink, .err = &err, .fd = -1};
    (void)wg_copy(https.host, sizeof https.host, "localhost");
    (void)wg_copy(https.path, sizeof https.path, "/a");
    if (receive(&https))
        MUST(taken.begun && https.complete, "an answer without a beginning");
    else
        target_refused(&err);
}

/* An order's URL has printable signs alone: its decoder has seen to that. */
static void read_address(const uint8_t *data, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (data[i] <= 0x20 || data[i] >= 0x7f) return;
    struct wg_error err = {0};
    struct https https = {.err = &err, .fd = -1};
    char *url = target_text(data, size);
    if (!read_url(&https, url)) {
        target_refused(&err);
    } else {
        MUST(https.host[0] && https.port[0] && https.path[0] == '/', "\"%s\" is no address", url);
        MUST(!strpbrk(https.path, " \r\n") && !strpbrk(https.host, " \r\n/"),
             "\"%s\" would end the line of the request", url);
    }
    free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    answer = pieces_of(data, size);
    read_address(answer.data, answer.size);
    read_answer();
    return 0;
}
