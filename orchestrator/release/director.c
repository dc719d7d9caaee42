/* director.c: signs orders with the key of one file. */
#include "orchestrator/release/director.h"

#include "common/posix/file.h"

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

bool director_sign(const struct director *director, const struct wg_order *order,
                   struct wg_buf *out, struct wg_error *err)
{
    return wg_order_encode(order, &director->key, out, err);
}
