/* zones_test.c: the device's own zone by configuration, environment and file, and what happens when
 * the device is carried into another. The machine's zone database is asked for. */
#include "agent/posix/zones.h"

#include "common/text.h"
#include "folder.h"

#define WINTER ((wg_time)1800000000000) /* 15 January 2027 */

static struct folder folder;
static char localtime_file[PATH_MAX], timezone_file[PATH_MAX];

static struct zones *make(const char *configured, const char *environment)
{
    struct wg_error err = {.code = WG_OK};
    const struct zones_sources sources = {configured, environment, localtime_file, timezone_file};
    struct zones *zones = zones_new(&sources, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(zones);
    return zones;
}

static void begin(void)
{
    folder_make(&folder);
    (void)wg_copy(localtime_file, sizeof localtime_file, folder_file(&folder, "localtime"));
    (void)wg_copy(timezone_file, sizeof timezone_file, folder_file(&folder, "timezone"));
}

static void link_to(const char *target)
{
    (void)unlink(localtime_file);
    CU_ASSERT_EQUAL_FATAL(symlink(target, localtime_file), 0);
}

static void copy_from(const char *zone)
{
    struct wg_buf bytes;
    struct wg_error err = {.code = WG_OK};
    wg_buf_init(&bytes, WG_TZ_BYTES_MAX);
    ASSERT_OK(wg_file_read(zone, &bytes, &err), &err);
    (void)unlink(localtime_file);
    ASSERT_OK(wg_file_replace(localtime_file, bytes.data, bytes.len, 0600, &err), &err);
    wg_buf_clear(&bytes);
}

/* hours: of the own zone in winter; -99: it is not known. */
static void assert_own(struct zones *zones, const char *name, int hours)
{
    ASSERT_TEXT(zones_own(zones), name);
    const struct wg_tz *tz = zones_get(zones, "");
    CU_ASSERT_EQUAL(tz != NULL, hours != -99);
    if (tz) CU_ASSERT_EQUAL(wg_tz_offset(tz, WINTER), hours * WG_HOUR);
}

static void test_fixed(void)
{
    static const struct {
        const char *configured, *environment, *name;
        int hours;
    } rows[] = {
        {"Asia/Tokyo", NULL, "Asia/Tokyo", 9},
        {"Asia/Tokyo", "UTC", "Asia/Tokyo", 9},
        {"Mars/Phobos", NULL, "Mars/Phobos", -99},
        {"", "Asia/Tokyo", "Asia/Tokyo", 9},
        {"", ":Asia/Tokyo", "Asia/Tokyo", 9},
        {"", ":/usr/share/zoneinfo/Asia/Tokyo", "Asia/Tokyo", 9},
        {"", "", "UTC", 0},
        {"", "CET-1CEST,M3.5.0,M10.5.0/3", "", -99},
        {"", "XYZ5", "", -99},
        {"", "/etc/passwd", "", -99},
    };
    begin();
    link_to("/usr/share/zoneinfo/Europe/Berlin"); /* not asked */
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct zones *zones = make(rows[i].configured, rows[i].environment);
        assert_own(zones, rows[i].name, rows[i].hours);
        zones_free(zones);
    }
    folder_remove(&folder);
}

static void test_by_link(void)
{
    begin();
    link_to("/usr/share/zoneinfo/Europe/Berlin");
    struct zones *zones = make("", NULL);
    assert_own(zones, "Europe/Berlin", 1);
    link_to("../../usr/share/zoneinfo/posix/Asia/Tokyo"); /* carried away */
    assert_own(zones, "Asia/Tokyo", 9);
    CU_ASSERT_EQUAL(unlink(localtime_file), 0);
    assert_own(zones, "", -99);
    link_to("/usr/share/zoneinfo/UTC");
    assert_own(zones, "UTC", 0);
    zones_free(zones);
    folder_remove(&folder);
}

static void test_by_file(void)
{
    begin();
    copy_from("/usr/share/zoneinfo/Europe/Berlin");
    struct zones *zones = make("", NULL);
    assert_own(zones, "", 1); /* known, but without a name */
    zones_free(zones);
    folder_put(&folder, "timezone", "Europe/Berlin\n", 0600);
    zones = make("", NULL);
    assert_own(zones, "Europe/Berlin", 1);
    folder_put(&folder, "timezone", "Asia/Tokyo\n", 0600);
    copy_from("/usr/share/zoneinfo/Asia/Tokyo");
    assert_own(zones, "Asia/Tokyo", 9);
    folder_put(&folder, "localtime", "no zone", 0600);
    assert_own(zones, "", -99);
    zones_free(zones);
    folder_remove(&folder);
}

static void test_others(void)
{
    begin();
    struct zones *zones = make("", NULL);
    assert_own(zones, "", -99);
    const struct wg_tz *tz = zones_get(zones, "Asia/Tokyo");
    CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
    CU_ASSERT_EQUAL(wg_tz_offset(tz, WINTER), 9 * WG_HOUR);
    CU_ASSERT_PTR_NULL(zones_get(zones, "Mars/Phobos"));
    CU_ASSERT_PTR_NULL(zones_get(zones, "../../../etc/localtime"));
    zones_free(zones);
    zones_free(NULL);
    folder_remove(&folder);
}

WG_SUITE("agent/posix/zones", {"fixed", test_fixed}, {"by link", test_by_link},
         {"by file", test_by_file}, {"others", test_others})
