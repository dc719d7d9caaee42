/* download_settings.h: how a device fetches: through which proxy, from where first, how fast, and
 * when not at all. Part of the agent's configuration (docs/agent.md, "Downloads"). */
#ifndef WG_AGENT_POSIX_DOWNLOAD_SETTINGS_H
#define WG_AGENT_POSIX_DOWNLOAD_SETTINGS_H

#include "agent/posix/proxy.h"
#include "common/message.h"

#include <jansson.h>

#define DOWNLOAD_MIRRORS_MAX 8
#define DOWNLOAD_HOSTS_MAX 8

struct download_settings {
    struct proxy proxy;
    size_t mirror_count;
    char mirrors[DOWNLOAD_MIRRORS_MAX][WG_URL_MAX]; /* https, ending with '/'; asked first */
    size_t host_count;
    char hosts[DOWNLOAD_HOSTS_MAX][URL_HOST_MAX]; /* that see the device's certificate, beside
                                                     those of the order */
    char ca[PATH_MAX]; /* authorities of artifacts' servers, believed beside the device's; "" none
                        */
    int64_t rate;      /* bytes a second at most; 0: no limit */
    int64_t slowest;   /* bytes a second at least, over patience; else the server is left */
    wg_duration patience; /* also for each of connecting, TLS, and the head of an answer */
    int window_log; /* a compressed form may want 2^this bytes of memory for it (common/zst) */
    bool wait_metered;
    char metered_program[PATH_MAX], metered_file[PATH_MAX]; /* one of them, "" the other */
    int64_t metered_max;       /* longest artifact that is fetched all the same, bytes */
    wg_duration metered_every; /* between two looks */
    wg_duration metered_retry; /* when an update that was put off for it is best offered again */
};

void download_settings_init(struct download_settings *out); /* what holds without a word */
/* From the agent's whole configuration; paths are relative to folder. WG_E_BAD_FILE. */
WG_MUST_CHECK bool download_settings_read(const json_t *json, const char *folder,
                                          struct download_settings *out, struct wg_error *err);
/* "2MB" as bytes: B, kB, MB, GB by 1000, KiB, MiB, GiB by 1024; with rate also "/s" behind it. */
WG_MUST_CHECK bool download_size_parse(const char *text, bool rate, int64_t *out);

#endif
