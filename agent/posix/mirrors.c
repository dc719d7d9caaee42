/* mirrors.c: a place for every URL, by the hash of device and server. */
#include "agent/posix/mirrors.h"

#include "common/crypto.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

_Static_assert(MIRRORS_MAX <= 32, "a bit for each");

struct ranked {
    const char *url;
    size_t base; /* of the settings' mirrors: its place; else SIZE_MAX */
    uint32_t bit;
    char rank[WG_SHA256_HEX];
    bool failed;
};

static void server_of(const char *text, char out[URL_AUTHORITY_MAX])
{
    struct url url;
    if (url_read(text, &url, NULL))
        url_authority(&url, out);
    else
        out[0] = '\0';
}

static bool has_failed(const struct mirrors *mirrors, const char *url, wg_time now)
{
    char server[URL_AUTHORITY_MAX];
    server_of(url, server);
    for (size_t i = 0; i < MIRRORS_FAILED_MAX; i++)
        if (mirrors->failed[i].until > now && strcmp(mirrors->failed[i].server, server) == 0)
            return true;
    return false;
}

/* The query names the device and changes with every order: the rest of the URL must do. */
static void rank(struct ranked *ranked, const char *device)
{
    char text[WG_NAME_MAX + WG_URL_MAX + 8];
    (void)wg_format(text, sizeof text, "%s\n%.*s", device, (int)strcspn(ranked->url, "?"),
                    ranked->url);
    if (!wg_sha256_of(text, strlen(text), ranked->rank, NULL)) ranked->rank[0] = '\0';
}

static int compare(const void *a, const void *b)
{
    const struct ranked *one = a, *two = b;
    if (one->failed != two->failed) return one->failed ? 1 : -1;
    if (one->base != two->base) return one->base < two->base ? -1 : 1;
    return strcmp(one->rank, two->rank);
}

void mirrors_order(const struct mirrors *mirrors, const struct download_settings *settings,
                   const char *device, const struct wg_order *order, wg_time now,
                   struct mirrors_list *out)
{
    char own[DOWNLOAD_MIRRORS_MAX][WG_URL_MAX];
    struct ranked all[MIRRORS_MAX] = {{.url = NULL}};
    size_t count = 0;
    for (size_t i = 0; i < settings->mirror_count; i++) {
        (void)wg_format(own[i], sizeof own[i], "%s%s", settings->mirrors[i], order->sha256);
        all[count++] = (struct ranked){.url = own[i], .base = i};
    }
    for (size_t i = 0; i < order->url_count; i++)
        all[count++] = (struct ranked){.url = order->urls[i], .base = SIZE_MAX};
    for (size_t i = 0; i < count; i++) {
        all[i].bit = 1u << i;
        all[i].failed = has_failed(mirrors, all[i].url, now);
        rank(&all[i], device);
    }
    qsort(all, count, sizeof all[0], compare);
    out->count = count;
    for (size_t i = 0; i < count; i++) {
        out->bits[i] = all[i].bit;
        (void)wg_copy(out->urls[i], sizeof out->urls[i], all[i].url);
    }
}

void mirrors_failed(struct mirrors *mirrors, const char *url, wg_time now)
{
    char server[URL_AUTHORITY_MAX];
    size_t at = mirrors->next;
    server_of(url, server);
    if (!server[0]) return;
    for (size_t i = 0; i < MIRRORS_FAILED_MAX; i++)
        if (strcmp(mirrors->failed[i].server, server) == 0) at = i;
    if (at == mirrors->next) mirrors->next = (mirrors->next + 1) % MIRRORS_FAILED_MAX;
    (void)wg_copy(mirrors->failed[at].server, sizeof mirrors->failed[at].server, server);
    mirrors->failed[at].until = now + MIRRORS_LAST_FOR;
}
