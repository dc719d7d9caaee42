/* zones.c: finds out which zone the device is in, and what the clocks say there. */
#include "agent/posix/zones.h"

#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/zone_file.h"
#include "common/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ZONE_FOLDER "zoneinfo/" /* what stands before the name in the target of a link */
#define TIMEZONE_BYTES_MAX ((size_t)4 << 10)

/* Another link, or another file behind it. */
struct version {
    struct stat link, file;
};

struct zones {
    struct zone_files *files;
    bool fixed;                /* by configuration or environment: not looked at again */
    char own[WG_ZONE_MAX + 1]; /* its name; "" not known */
    struct wg_tz *local;       /* the system's own, when it is not fixed; NULL not known */
    struct version seen;
    char localtime[PATH_MAX], timezone[PATH_MAX];
};

static bool is_name(const char *text)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t len = strlen(text);
    return len > 0 && len <= WG_ZONE_MAX && strspn(text, allowed) == len && text[0] != '/';
}

/* "/usr/share/zoneinfo/Europe/Berlin" names Europe/Berlin; NULL: no zone of the system's. */
static const char *name_of_path(const char *path)
{
    const char *name = strstr(path, ZONE_FOLDER);
    if (!name) return NULL;
    name += strlen(ZONE_FOLDER);
    return strncmp(name, "posix/", 6) == 0 ? name + 6 : name; /* the same files once more */
}

static void set_own(struct zones *zones, const char *name)
{
    (void)wg_copy(zones->own, sizeof zones->own, name && is_name(name) ? name : "");
}

static bool name_by_link(struct zones *zones)
{
    char target[PATH_MAX];
    ssize_t len = readlink(zones->localtime, target, sizeof target - 1);
    if (len <= 0) return false;
    target[len] = '\0';
    set_own(zones, name_of_path(target));
    return zones->own[0] != '\0';
}

static void name_by_file(struct zones *zones)
{
    struct wg_buf bytes;
    char name[WG_ZONE_MAX + 2] = "";
    wg_buf_init(&bytes, TIMEZONE_BYTES_MAX);
    if (wg_file_read(zones->timezone, &bytes, NULL))
        (void)wg_copy_n(name, sizeof name, wg_buf_str(&bytes),
                        strcspn(wg_buf_str(&bytes), " \t\r\n"));
    wg_buf_clear(&bytes);
    set_own(zones, name);
}

static void read_local(struct zones *zones)
{
    struct wg_buf bytes;
    struct wg_error err = {.code = WG_OK};
    wg_tz_free(zones->local);
    wg_buf_init(&bytes, WG_TZ_BYTES_MAX);
    zones->local = wg_file_read(zones->localtime, &bytes, &err)
                       ? wg_tz_parse(wg_buf_str(&bytes), bytes.len, &err)
                       : NULL;
    wg_buf_clear(&bytes);
    if (!zones->local) wg_log_error("the device's own time zone is not known", &err);
    if (!zones->local || name_by_link(zones)) return;
    name_by_file(zones);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
    return a->st_dev == b->st_dev && a->st_ino == b->st_ino && a->st_size == b->st_size &&
           a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

static void look(struct zones *zones)
{
    struct version now;
    if (zones->fixed) return;
    memset(&now, 0, sizeof now);
    if (lstat(zones->localtime, &now.link) != 0) memset(&now.link, 0, sizeof now.link);
    if (stat(zones->localtime, &now.file) != 0) memset(&now.file, 0, sizeof now.file);
    if (same_file(&now.link, &zones->seen.link) && same_file(&now.file, &zones->seen.file)) return;
    zones->seen = now;
    zones->own[0] = '\0';
    read_local(zones);
    wg_log(WG_LOG_INFO, "time zone", "zone", zones->own[0] ? zones->own : "not known", NULL);
}

/* What was configured is said in the hello even if there is no such zone here. */
static void fix(struct zones *zones, const char *name)
{
    struct wg_error err = {.code = WG_OK};
    zones->fixed = true;
    (void)wg_copy(zones->own, sizeof zones->own, name);
    if (!zone_files_get(zones->files, name, &err))
        wg_log_error("the device's own time zone is not known", &err);
}

/* As the C library reads it: empty is UTC, a colon may stand before a name or a path. A rule
 * instead has no name, so the zone stays unknown. */
static void fix_by(struct zones *zones, const char *environment)
{
    struct wg_error err = {.code = WG_OK};
    if (*environment == ':') environment++;
    const char *name = *environment == '/' ? name_of_path(environment) : environment;
    if (!*environment) name = "UTC";
    zones->fixed = true;
    set_own(zones, name);
    if (zones->own[0] && zone_files_get(zones->files, zones->own, &err)) return;
    zones->own[0] = '\0';
    wg_log(WG_LOG_WARN, "the device's own time zone is not known", "TZ", environment, NULL);
}

struct zones *zones_new(const struct zones_sources *sources, struct wg_error *err)
{
    struct zones *zones = calloc(1, sizeof *zones);
    if (zones) zones->files = zone_files_new(NULL);
    if (!zones || !zones->files) {
        (void)wg_fail_memory(err, "opening the time zones");
        zones_free(zones);
        return NULL;
    }
    if (!wg_copy(zones->localtime, sizeof zones->localtime, sources->localtime) ||
        !wg_copy(zones->timezone, sizeof zones->timezone, sources->timezone)) {
        (void)wg_fail(err, WG_E_LIMIT, "the path of the system's time zone is too long");
        zones_free(zones);
        return NULL;
    }
    zones->seen.link.st_size = -1; /* nothing was seen */
    if (sources->configured[0])
        fix(zones, sources->configured);
    else if (sources->environment)
        fix_by(zones, sources->environment);
    return zones;
}

void zones_free(struct zones *zones)
{
    if (!zones) return;
    zone_files_free(zones->files);
    wg_tz_free(zones->local);
    free(zones);
}

const char *zones_own(struct zones *zones)
{
    look(zones);
    return zones->own;
}

const struct wg_tz *zones_get(void *ctx, const char *name)
{
    struct zones *zones = ctx;
    if (name[0]) return zone_files_get(zones->files, name, NULL);
    look(zones);
    if (!zones->fixed) return zones->local;
    return zones->own[0] ? zone_files_get(zones->files, zones->own, NULL) : NULL;
}
