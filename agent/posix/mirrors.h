/* mirrors.h: from where an artifact is fetched, in what order: the device's own mirrors first, then
 * the order's URLs, in an order of this device's own, so that a fleet spreads over them. What has
 * failed comes last for a while. Pure: the caller keeps the time. */
#ifndef WG_AGENT_POSIX_MIRRORS_H
#define WG_AGENT_POSIX_MIRRORS_H

#include "agent/posix/download_settings.h"
#include "common/time.h"

#define MIRRORS_MAX (DOWNLOAD_MIRRORS_MAX + WG_URLS_MAX)
#define MIRRORS_FAILED_MAX 16
#define MIRRORS_LAST_FOR (10 * WG_MINUTE)

struct mirrors {
    struct {
        char server[URL_AUTHORITY_MAX];
        wg_time until;
    } failed[MIRRORS_FAILED_MAX];
    size_t next; /* to be replaced when all are in use */
};

struct mirrors_list {
    size_t count;
    uint32_t bits[MIRRORS_MAX]; /* one for each, whatever its place */
    char urls[MIRRORS_MAX][WG_URL_MAX];
};

void mirrors_order(const struct mirrors *mirrors, const struct download_settings *settings,
                   const char *device, const struct wg_order *order, wg_time now,
                   struct mirrors_list *out);
void mirrors_failed(struct mirrors *mirrors, const char *url, wg_time now);

#endif
