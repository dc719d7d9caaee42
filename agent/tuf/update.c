/* update.c: what the client fetches comes from the web; the rest is common/posix/tuf_run. */
#include "agent/tuf/update.h"

#include "common/posix/tuf_run.h"
#include "common/text.h"

#include <string.h>

#define URL_MAX 4096

bool update_url(const char *base, const char *name, char *out, size_t size, struct wg_error *err)
{
    int len = (int)strlen(base);
    while (len > 0 && base[len - 1] == '/') len--;
    return wg_format(out, size, "%.*s/%s", len, base, name) ||
           wg_fail(err, WG_E_LIMIT, "the URL is too long");
}

static bool body_add(void *ctx, const char *data, size_t len, struct wg_error *err)
{
    struct wg_buf *bytes = ctx;
    wg_buf_add(bytes, data, len);
    return wg_buf_check(bytes, err, "metadata");
}

static bool fetch(void *ctx, const char *name, struct wg_buf *out, bool *found,
                  struct wg_error *err)
{
    const struct update *update = ctx;
    char url[URL_MAX];
    struct wg_error own = {0};
    if (!update_url(update->metadata_url, name, url, sizeof url, err)) return false;
    *found = http_get(&update->http, url, (int64_t)out->max, body_add, out, &own);
    if (*found || own.code == WG_E_NOT_FOUND) return true;
    return wg_fail(err, own.code, "%s: %s", name, own.text);
}

bool update_run(const struct update *update, struct tuf_client *client, struct wg_error *err)
{
    const struct tuf_run run = {.folder = update->folder, .fetch = fetch, .ctx = (void *)update};
    return tuf_run_go(&run, client, err);
}
