/* url_fuzz.c: what anybody may ask the artifact server for. The first line of the input is a
 * request's target, the others are Range headers. There is one text for each URL, nobody guesses
 * its signature, and a range lies within its file. */
#include "common/text.h"
#include "orchestrator/files/byte_range.h"
#include "orchestrator/release/url_token.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

#define BASE "https://h"

static const struct url_keys keys = {.count = 1, .keys = {{"k1", {1, 2, 3}}}};

static struct url_times times_of(const struct url_token *token)
{
    return (struct url_times){.now = token->expires, .longest = WG_MINUTE};
}

/* The same URL, signed by who may. */
static void check_signed(const struct url_token *token, const char *text)
{
    char base[sizeof BASE + URL_PREFIX_MAX], url[WG_URL_MAX];
    struct wg_error err = {0};
    struct url_token again;
    struct url_times times = times_of(token);
    MUST(wg_format(base, sizeof base, BASE "%s", token->prefix), "\"%s\": prefix", text);
    const struct url_grant grant = {.base = base,
                                    .sha256 = token->sha256,
                                    .device = token->device,
                                    .expires = token->expires,
                                    .bytes = token->bytes};
    MUST(url_sign(&keys, &grant, url, &err), "\"%s\": %s", text, err.text);
    const char *target = url + sizeof BASE - 1;
    MUST(url_token_parse(target, &again, &err), "\"%s\": %s", target, err.text);
    MUST(url_token_check(&again, &keys, &times, &err), "\"%s\": %s", target, err.text);
    SAME_TEXT(again.device, token->device);
    SAME_TEXT(again.sha256, token->sha256);
    SAME_NUMBER(again.bytes, token->bytes);
}

static void read_target(const char *text)
{
    struct url_token token;
    struct wg_error err = {0};
    char again[URL_TARGET_MAX];
    if (!url_token_parse(text, &token, &err)) {
        target_refused(&err);
        return;
    }
    MUST(text[0] == '/' && !strpbrk(text, "% \\\r\n") && !strstr(text, "/../"), "\"%s\"", text);
    MUST(url_token_text(&token, again, &err), "\"%s\": %s", text, err.text);
    SAME_TEXT(again, text);
    struct url_times times = times_of(&token);
    if (!url_token_check(&token, &keys, &times, &err)) target_refused(&err);
    check_signed(&token, text);
}

static void read_range(const char *text, int64_t total)
{
    struct byte_range range = {0};
    if (!byte_range_read(text, total, &range)) return;
    MUST(range.start >= 0 && range.length > 0 && range.start <= total - range.length,
         "\"%s\" of %lld: %lld, %lld", text, (long long)total, (long long)range.start,
         (long long)range.length);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const int64_t totals[] = {0, 1, 1000, INT64_MAX};
    char *line = target_line(&data, &size);
    if (line) read_target(line);
    while (line) {
        free(line);
        line = target_line(&data, &size);
        for (size_t i = 0; line && i < sizeof totals / sizeof totals[0]; i++)
            read_range(line, totals[i]);
    }
    return 0;
}
