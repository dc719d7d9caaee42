/* zone.c: looks names up in the table that cmake/zone_table.cmake makes. */
#include "orchestrator/campaign/zone.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "zone_table.inc"

#define ZONES (sizeof zones / sizeof zones[0])
#define SLIPS_MAX 2 /* letters wrong, missing or too many */
#define SLIPS_LEN 5 /* a shorter name says too little to tell a slip from another name */

static int by_name(const void *key, const void *entry)
{
    return strcmp(key, *(const char *const *)entry);
}

bool zone_is_known(const char *name)
{
    return bsearch(name, zones, ZONES, sizeof zones[0], by_name) != NULL;
}

bool zone_glob_matches_any(const char *glob)
{
    for (size_t i = 0; i < ZONES; i++)
        if (wg_glob_match(glob, zones[i])) return true;
    return false;
}

/* Small letters, '_' for a space. False: longer than any zone. */
static bool normalise(const char *text, char out[ZONE_TEXT])
{
    if (!wg_copy(out, ZONE_TEXT, text)) return false;
    for (char *c = out; *c; c++) {
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
        if (*c == ' ') *c = '_';
    }
    return true;
}

/* "berlin" of "europe/berlin"; nothing of etc, where Etc/GMT+2 is two hours behind, not ahead. */
static const char *place_of(const char *zone)
{
    const char *slash = strrchr(zone, '/');
    return slash && strncmp(zone, "etc/", 4) != 0 ? slash + 1 : "";
}

/* 0: the same name; 1: its last part; more: slips. A number is no slip for another number. */
static size_t distance(const char *wrong, const char *zone)
{
    char name[ZONE_TEXT];
    if (!normalise(zone, name)) return SIZE_MAX;
    if (strcmp(wrong, name) == 0) return 0;
    if (strcmp(wrong, place_of(name)) == 0) return 1;
    if (strlen(wrong) < SLIPS_LEN || strpbrk(wrong, "0123456789")) return SIZE_MAX;
    size_t slips = wg_text_distance(wrong, name, SLIPS_MAX);
    return slips > SLIPS_MAX ? SIZE_MAX : 1 + slips;
}

static bool nearest_name(const char *wrong, char out[ZONE_TEXT])
{
    size_t best = SIZE_MAX;
    const char *found = NULL;
    for (size_t i = 0; i < ZONES; i++) {
        size_t far = distance(wrong, zones[i]);
        if (far > best || far == SIZE_MAX) continue;
        found = far == best ? NULL : zones[i];
        best = far;
    }
    return found && wg_copy(out, ZONE_TEXT, found);
}

/* A glob with the area before its first '/' put right: "Eurpoe/B*" is "Europe/B*". */
static bool nearest_glob(const char *wrong, char out[ZONE_TEXT])
{
    char area[ZONE_TEXT], own[ZONE_TEXT], fixed[ZONE_TEXT], found[ZONE_TEXT] = "";
    size_t best = SLIPS_MAX + 1, area_len = strcspn(wrong, "/");
    if (!normalise(wrong, area)) return false;
    area[area_len] = '\0';
    for (size_t i = 0; i < ZONES; i++) {
        int len = (int)strcspn(zones[i], "/");
        if (!wg_format(fixed, sizeof fixed, "%.*s%s", len, zones[i], wrong + area_len)) continue;
        (void)normalise(zones[i], own);
        own[len] = '\0';
        size_t far = wg_text_distance(area, own, SLIPS_MAX);
        if (far > best || far > SLIPS_MAX || strcmp(fixed, found) == 0) continue;
        if (!zone_glob_matches_any(fixed)) continue;
        (void)wg_copy(found, sizeof found, far == best ? "" : fixed);
        best = far;
    }
    return *found && wg_copy(out, ZONE_TEXT, found);
}

bool zone_nearest(const char *wrong, char out[ZONE_TEXT])
{
    char name[ZONE_TEXT];
    if (!normalise(wrong, name)) return false;
    return strpbrk(name, "*?") ? nearest_glob(wrong, out) : nearest_name(name, out);
}
