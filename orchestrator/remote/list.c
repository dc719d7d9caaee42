/* list.c: pages of a list, one behind the other. */
#include "orchestrator/remote/remote.h"

#include <string.h>

#define PAGE_MOST 1000

/* The path with this page's limit and cursor. */
static void page_of(const struct remote_path *path, size_t most, size_t had, const char *cursor,
                    struct remote_path *out)
{
    size_t left = most == 0 || most - had > PAGE_MOST ? PAGE_MOST : most - had;
    *out = *path;
    remote_query_number(out, "limit", (int64_t)left);
    remote_query(out, "cursor", cursor);
}

static bool take_page(json_t *page, size_t most, size_t *had, remote_item_fn each, void *ctx,
                      struct wg_error *err)
{
    json_t *items = json_object_get(page, "items"), *item = NULL;
    size_t i = 0;
    if (!json_is_array(items))
        return wg_fail(err, WG_E_BAD_INPUT, "expected a list: is it wavegate-api?");
    json_array_foreach(items, i, item)
    {
        if (most && *had == most) return true;
        if (!each(ctx, item, err)) return false;
        ++*had;
    }
    return true;
}

struct pages {
    const struct remote_path *path;
    const char *after; /* the first is behind it; NULL: the first of all */
    size_t most;
    remote_item_fn each;
    void *ctx;
    bool more; /* out: the server has another one */
};

static bool each_page(struct remote *remote, struct pages *pages, struct wg_error *err)
{
    size_t had = 0, most = pages->most;
    json_t *page = NULL;
    bool ok = true;
    do {
        struct remote_path next;
        const char *cursor = page ? json_string_value(json_object_get(page, "next")) : pages->after;
        page_of(pages->path, most, had, cursor, &next);
        json_decref(page);
        page = remote_get(remote, &next, err);
        ok = page && take_page(page, most, &had, pages->each, pages->ctx, err);
        pages->more = ok && json_is_string(json_object_get(page, "next"));
    } while (ok && pages->more && (most == 0 || had < most));
    json_decref(page);
    return ok;
}

bool remote_each(struct remote *remote, const struct remote_path *path, size_t most,
                 remote_item_fn each, void *ctx, struct wg_error *err)
{
    struct pages pages = {.path = path, .most = most, .each = each, .ctx = ctx};
    return each_page(remote, &pages, err);
}

static bool append(void *ctx, json_t *item, struct wg_error *err)
{
    return json_array_append(ctx, item) == 0 || wg_fail_memory(err, "a list");
}

json_t *remote_list_after(struct remote *remote, const struct remote_path *path, const char *after,
                          size_t most, bool *more, struct wg_error *err)
{
    json_t *items = json_array();
    struct pages pages = {.path = path, .after = after, .most = most, .each = append, .ctx = items};
    if (!items) {
        (void)wg_fail_memory(err, "a list");
        return NULL;
    }
    bool ok = each_page(remote, &pages, err);
    if (more) *more = pages.more;
    if (ok) return items;
    json_decref(items);
    return NULL;
}

json_t *remote_list(struct remote *remote, const struct remote_path *path, size_t most, bool *more,
                    struct wg_error *err)
{
    return remote_list_after(remote, path, NULL, most, more, err);
}
