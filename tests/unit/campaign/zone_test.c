/* zone_test.c: names of time zones against the file that they come from. */
#include "orchestrator/campaign/zone.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

/* Calls back with each name that a Z or L line of the database gives; returns how many. */
static size_t each_name(void (*seen)(const char *name))
{
    char line[512], name[128];
    size_t count = 0;
    FILE *file = fopen(WG_TZDATA, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "Z %127s", name) != 1 && sscanf(line, "L %*s %127s", name) != 1) continue;
        seen(name);
        count++;
    }
    (void)fclose(file);
    return count;
}

static void is_known(const char *name)
{
    CU_ASSERT_TRUE(zone_is_known(name));
    CU_ASSERT_TRUE(zone_glob_matches_any(name));
    CU_ASSERT_TRUE(strlen(name) <= WG_ZONE_MAX);
}

/* A letter more, a letter less, another case: no zone, but near to it. */
static void is_not_known(const char *name)
{
    char wrong[ZONE_TEXT + 1], out[ZONE_TEXT];
    (void)snprintf(wrong, sizeof wrong, "%s~", name);
    CU_ASSERT_FALSE(zone_is_known(wrong));
    CU_ASSERT_FALSE(zone_glob_matches_any(wrong));
    (void)snprintf(wrong, sizeof wrong, "%s", name);
    for (char *c = wrong; *c; c++)
        if (*c >= 'A' && *c <= 'Z') *c = (char)(*c - 'A' + 'a');
    CU_ASSERT_FALSE(zone_is_known(wrong));
    CU_ASSERT_TRUE(zone_nearest(wrong, out));
    ASSERT_TEXT(out, name);
}

static void every_zone_is_known(void)
{
    CU_ASSERT_TRUE(each_name(is_known) > 500);
    CU_ASSERT_TRUE(zone_is_known("UTC"));
    CU_ASSERT_TRUE(zone_is_known("Asia/Calcutta"));
}

static void nothing_else_is_known(void)
{
    CU_ASSERT_TRUE(each_name(is_not_known) > 500);
    static const char *const wrong[] = {"", "Europe", "Europe/", "Berlin", "CEST", "+01:00", "-00"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CU_ASSERT_FALSE(zone_is_known(wrong[i]));
        CU_ASSERT_FALSE(zone_glob_matches_any(wrong[i]));
    }
}

static void globs(void)
{
    CU_ASSERT_TRUE(zone_glob_matches_any("*"));
    CU_ASSERT_TRUE(zone_glob_matches_any("Europe/*"));
    CU_ASSERT_TRUE(zone_glob_matches_any("*/Berlin"));
    CU_ASSERT_TRUE(zone_glob_matches_any("UT?"));
    CU_ASSERT_TRUE(zone_glob_matches_any("America/*/?*"));
    CU_ASSERT_FALSE(zone_glob_matches_any("Europe/?"));
    CU_ASSERT_FALSE(zone_glob_matches_any("europe/*"));
    CU_ASSERT_FALSE(zone_glob_matches_any("Europa/*"));
    CU_ASSERT_FALSE(zone_glob_matches_any("[E]urope/*"));
}

static void nearest(void)
{
    static const struct {
        const char *wrong, *meant;
    } cases[] = {
        {"europe/berlin", "Europe/Berlin"},
        {"Berlin", "Europe/Berlin"},
        {"new york", "America/New_York"},
        {"America/New York", "America/New_York"},
        {"Eruope/Berlin", "Europe/Berlin"},
        {"Europe/Berln", "Europe/Berlin"},
        {"utc", "UTC"},
        {"Eurpoe/*", "Europe/*"},
        {"europe/B*", "Europe/B*"},
        {"amerika/*", "America/*"},
        {"Europe/X*", NULL},
        {"Eurpoe/X*", NULL},
        {"europe*", NULL},
        {"Etc/GMT+15", NULL},
        {"GMT+2", NULL}, /* Etc/GMT+2 is the other side of Greenwich */
        {"CEST", NULL},
        {"Cub", NULL},
        {"Eastern", NULL}, /* Canada's or the United States' */
        {"Atlantis/Poseidonis", NULL},
        {"", NULL},
        {"*", NULL},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char out[ZONE_TEXT] = "as it was";
        CU_ASSERT_EQUAL(zone_nearest(cases[i].wrong, out), cases[i].meant != NULL);
        ASSERT_TEXT(out, cases[i].meant ? cases[i].meant : "as it was");
        CU_ASSERT_TRUE(!cases[i].meant || zone_glob_matches_any(out));
    }
    char wide[5000], out[ZONE_TEXT];
    memset(wide, 'E', sizeof wide - 1);
    wide[sizeof wide - 1] = '\0';
    CU_ASSERT_FALSE(zone_nearest(wide, out));
    wide[1] = '*';
    CU_ASSERT_FALSE(zone_nearest(wide, out));
}

WG_SUITE("zone", {"every zone is known", every_zone_is_known},
         {"nothing else is known", nothing_else_is_known}, {"globs", globs}, {"nearest", nearest})
