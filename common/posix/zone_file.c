/* zone_file.c: finds, reads and keeps time zones. */
#include "common/posix/zone_file.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ZONE_FOLDER "/usr/share/zoneinfo"
#define ETC "/etc"
#define SYSTEM_ZONE "localtime"

struct entry {
    struct entry *next;
    struct wg_tz *tz;
    char name[WG_ZONE_MAX + 1];
};

struct zone_files {
    struct entry *entries; /* there are 600 zones; a fleet of one place has a handful */
    struct wg_tz *system;  /* as last read */
    char folder[PATH_MAX];
    bool given; /* the folder is not the system's */
};

struct zone_files *zone_files_new(const char *folder)
{
    struct zone_files *files = calloc(1, sizeof *files);
    if (!files) return NULL;
    files->given = folder != NULL;
    if (wg_copy(files->folder, sizeof files->folder, folder ? folder : ZONE_FOLDER)) return files;
    free(files);
    return NULL;
}

void zone_files_free(struct zone_files *files)
{
    while (files && files->entries) {
        struct entry *entry = files->entries;
        files->entries = entry->next;
        wg_tz_free(entry->tz);
        free(entry);
    }
    if (files) wg_tz_free(files->system);
    free(files);
}

/* Names that stay inside the folder: no dots at all, no empty part. */
static bool name_is_safe(const char *name)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    size_t len = strlen(name);
    return len > 0 && len <= WG_ZONE_MAX && strspn(name, allowed) == len && name[0] != '/' &&
           name[len - 1] != '/' && !strstr(name, "//");
}

static struct wg_tz *read_zone(const char *folder, const char *name, struct wg_error *err)
{
    char path[PATH_MAX];
    struct wg_tz *tz = NULL;
    struct wg_buf bytes;
    if (!wg_path_join(path, sizeof path, folder, name, err)) return NULL;
    wg_buf_init(&bytes, WG_TZ_BYTES_MAX);
    if (wg_file_read(path, &bytes, err)) tz = wg_tz_parse(wg_buf_str(&bytes), bytes.len, err);
    wg_buf_clear(&bytes);
    return tz;
}

/* Read anew each time: a device that is moved gets another zone while the agent runs. */
static const struct wg_tz *system_zone(struct zone_files *files, struct wg_error *err)
{
    struct wg_error missing = {0};
    struct wg_tz *tz = read_zone(files->given ? files->folder : ETC, SYSTEM_ZONE, &missing);
    if (!tz && missing.code == WG_E_NOT_FOUND) { /* localtime(5): then it is UTC */
        tz = wg_tz_utc(err);
    } else if (!tz) {
        (void)wg_fail(err, missing.code, "the system's time zone: %s", missing.text);
    }
    if (!tz) return NULL;
    wg_tz_free(files->system);
    files->system = tz;
    return tz;
}

static struct entry *entry_new(const struct zone_files *files, const char *name,
                               struct wg_error *err)
{
    if (!name_is_safe(name)) {
        (void)wg_fail(err, WG_E_BAD_INPUT, "not the name of a time zone");
        return NULL;
    }
    struct wg_tz *tz = read_zone(files->folder, name, err);
    if (!tz) return NULL;
    struct entry *entry = calloc(1, sizeof *entry);
    if (!entry) {
        wg_tz_free(tz);
        (void)wg_fail_memory(err, "keeping it");
        return NULL;
    }
    (void)wg_copy(entry->name, sizeof entry->name, name);
    entry->tz = tz;
    return entry;
}

const struct wg_tz *zone_files_get(struct zone_files *files, const char *name, struct wg_error *err)
{
    if (!*name) return system_zone(files, err);
    for (struct entry *entry = files->entries; entry; entry = entry->next)
        if (strcmp(entry->name, name) == 0) return entry->tz;
    struct entry *entry = entry_new(files, name, err);
    if (!entry) {
        (void)wg_context(err, "time zone \"%.64s\"", name);
        return NULL;
    }
    entry->next = files->entries;
    files->entries = entry;
    return entry->tz;
}
