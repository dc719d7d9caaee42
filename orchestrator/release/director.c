/* director.c: signs orders with the key of one file. */
#include "orchestrator/release/director.h"

#include "common/posix/file.h"
#include "common/signed.h"

#include <stdlib.h>

struct director {
    struct wg_secret_key key;
};

struct director *director_new(const char *key_file, struct wg_error *err)
{
    struct director *director = calloc(1, sizeof *director);
    if (!director) {
        (void)wg_fail_memory(err, "loading the director's key");
        return NULL;
    }
    if (!wg_secret_key_load(key_file, &director->key, err)) {
        (void)wg_context(err, "director's key");
        director_free(director);
        return NULL;
    }
    return director;
}

void director_free(struct director *director)
{
    if (!director) return;
    wg_key_clear(&director->key);
    free(director);
}

static bool write_order(const json_t *envelope, struct wg_buf *out, struct wg_error *err)
{
    char *text = json_dumps(envelope, JSON_COMPACT);
    if (!text) return wg_fail_memory(err, "writing an order");
    wg_buf_text(out, text);
    free(text);
    return wg_buf_check(out, err, "an order");
}

bool director_sign(const struct director *director, const struct director_request *request,
                   struct wg_buf *out, struct wg_error *err)
{
    json_t *body = wg_order_make(request->order, request->warrant, err);
    json_t *envelope = body ? wg_signed_make(body, &director->key, err) : NULL;
    bool ok = envelope && write_order(envelope, out, err);
    json_decref(envelope);
    json_decref(body);
    return ok;
}
