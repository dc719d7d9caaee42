/* tuf_http_fuzz.c: what a web server answers to wavegate-tuf, and addresses. http.c is compiled in
 * here over a link that hands out the bytes of the fuzzer, in pieces of any size. */
#include "tests/fuzz/pieces.h"
#include "tests/fuzz/target.h"

#include "agent/tuf/http.c"

#include <stdlib.h>

#define MAX 64

struct link {
    struct pieces pieces;
};

static struct link the_link; /* link_open() knows nothing of its caller, so it stands alone */

struct link *link_open(const char *host, const char *port, const struct link_tls *tls,
                       const struct link_pace *pace, struct wg_error *err)
{
    (void)host, (void)port, (void)tls, (void)pace, (void)err;
    return &the_link;
}

void link_close(struct link *link)
{
    (void)link;
}

bool link_write(struct link *link, const void *data, size_t len, struct wg_error *err)
{
    (void)link, (void)err;
    MUST(len > 4 && memcmp((const char *)data + len - 4, "\r\n\r\n", 4) == 0,
         "a request cut short");
    return true;
}

bool link_read(struct link *link, void *out, size_t size, size_t *got, struct wg_error *err)
{
    return pieces_read(&link->pieces, out, size, got, err);
}

void link_credit(struct link *link, size_t bytes)
{
    (void)link, (void)bytes;
}

static bool body(void *ctx, const char *data, size_t len, struct wg_error *err)
{
    size_t *taken = ctx;
    (void)data, (void)err;
    *taken += len;
    MUST(*taken <= MAX, "%zu bytes handed on", *taken);
    return true;
}

static void get(const char *address)
{
    size_t taken = 0;
    struct wg_error err = {0};
    const struct http_options options = {.pace = {.grace = WG_SECOND, .rate = 1}};
    if (!http_get(&options, address, MAX, body, &taken, &err)) target_refused(&err);
}

static void read_address(const char *text, size_t size)
{
    struct url to;
    struct wg_error err = {0};
    for (size_t i = 0; i < size; i++)
        if (text[i] <= 0x20 || text[i] >= 0x7f) return;
    if (!url_read(text, &to, &err)) {
        target_refused(&err);
        return;
    }
    MUST(to.host[0] && to.port[0] && to.path[0] == '/', "\"%s\" is no address", text);
    MUST(!strpbrk(to.host, "/@"), "\"%s\" has no such host", text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    the_link.pieces = pieces_of(data, size);
    char *text = target_text(data, size);
    read_address(text, size);
    get("http://localhost/a");
    free(text);
    return 0;
}
