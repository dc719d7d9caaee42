/* update.c: the client's questions, answered by files and the web. */
#include "agent/tuf/update.h"

#include "agent/tuf/store.h"
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

static bool fetch(const struct update *update, const struct tuf_ask *ask, struct wg_buf *bytes,
                  bool *there, struct wg_error *err)
{
    char url[URL_MAX];
    struct wg_error own = {0};
    if (!update_url(update->metadata_url, ask->name, url, sizeof url, err)) return false;
    *there = http_get(&update->http, url, (int64_t)ask->max, body_add, bytes, &own);
    if (*there || own.code == WG_E_NOT_FOUND) return true;
    return wg_fail(err, own.code, "%s: %s", ask->name, own.text);
}

static bool answer(const struct update *update, struct tuf_client *client,
                   const struct tuf_ask *ask, struct wg_error *err)
{
    struct wg_buf bytes;
    bool there = false, ok = false;
    wg_buf_init(&bytes, ask->max);
    switch (ask->kind) {
    case TUF_LOAD:
        ok = store_load(update->folder, ask->name, &bytes, &there, err);
        break;
    case TUF_FETCH:
        ok = fetch(update, ask, &bytes, &there, err);
        break;
    case TUF_STORE:
        ok = store_put(update->folder, ask->name, ask->data, ask->len, err);
        break;
    case TUF_FORGET:
        ok = store_remove(update->folder, ask->name, err);
        break;
    case TUF_READY:
        break;
    }
    ok = ok && tuf_client_answer(client, there ? wg_buf_str(&bytes) : NULL, bytes.len, err);
    wg_buf_clear(&bytes);
    return ok;
}

bool update_run(const struct update *update, struct tuf_client *client, struct wg_error *err)
{
    struct tuf_ask ask;
    for (;;) {
        if (!tuf_client_ask(client, &ask, err)) return false;
        if (ask.kind == TUF_READY) return true;
        if (!answer(update, client, &ask, err)) return false;
    }
}
