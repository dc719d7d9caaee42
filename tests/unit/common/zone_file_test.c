/* zone_file_test.c: zones found by name, and names that lead elsewhere. */
#include "common/posix/file.h"
#include "common/text.h"
#include "tests/unit/common/zones.h"

#include <unistd.h>

static void make_folder(char *folder, size_t size)
{
    (void)wg_copy(folder, size, "/tmp/wg-zones.XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
}

/* A zone of that many hours east. */
static void put_zone(const char *folder, const char *name, int hours)
{
    char path[256];
    struct wg_error err = {0};
    struct wg_buf bytes;
    struct tzif_block block = {
        .version = '2', .time_size = 8, .types = 1, .offset = {hours * 3600}};
    tzif_file(&bytes, &block, "");
    ASSERT_OK(wg_path_join(path, sizeof path, folder, name, &err), &err);
    ASSERT_OK(wg_file_replace(path, bytes.data, bytes.len, 0644, &err), &err);
    wg_buf_clear(&bytes);
}

static void remove_zone(const char *folder, const char *name)
{
    char path[256];
    struct wg_error err = {0};
    ASSERT_OK(wg_path_join(path, sizeof path, folder, name, &err), &err);
    CU_ASSERT_EQUAL(unlink(path), 0);
}

static void a_zone_is_read_once(void)
{
    char folder[64];
    make_folder(folder, sizeof folder);
    put_zone(folder, "Mars", 3);
    struct zone_files *files = zone_files_new(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    const struct wg_tz *mars = zone_named(files, "Mars");
    CU_ASSERT_EQUAL(wg_tz_offset(mars, 0), 3 * WG_HOUR);
    remove_zone(folder, "Mars");
    CU_ASSERT_PTR_EQUAL(zone_named(files, "Mars"), mars);
    zone_files_free(files);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void the_systems_own_zone_is_read_anew(void)
{
    char folder[64];
    make_folder(folder, sizeof folder);
    struct zone_files *files = zone_files_new(folder);
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    CU_ASSERT_EQUAL(wg_tz_offset(zone_named(files, ""), 0), 0); /* none: UTC */
    put_zone(folder, "localtime", 3);
    CU_ASSERT_EQUAL(wg_tz_offset(zone_named(files, ""), 0), 3 * WG_HOUR);
    put_zone(folder, "localtime", -5);
    CU_ASSERT_EQUAL(wg_tz_offset(zone_named(files, ""), 0), -5 * WG_HOUR);
    remove_zone(folder, "localtime");
    CU_ASSERT_EQUAL(wg_tz_offset(zone_named(files, ""), 0), 0);
    zone_files_free(files);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
}

static void this_machine_has_zones(void)
{
    struct zone_files *files = zone_files_new(NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    CU_ASSERT_PTR_NOT_NULL(zone_named(files, ""));
    CU_ASSERT_EQUAL(wg_tz_offset(zone_named(files, "Asia/Kathmandu"), 1796083200000),
                    5 * WG_HOUR + 45 * WG_MINUTE);
    CU_ASSERT_EQUAL(wg_tz_offset(zone_named(files, "Etc/GMT+5"), 0), -5 * WG_HOUR);
    CU_ASSERT_EQUAL(
        wg_tz_offset(zone_named(files, "America/Argentina/Buenos_Aires"), 1796083200000),
        -3 * WG_HOUR);
    zone_files_free(files);
    zone_files_free(NULL);
}

static void names_that_are_refused(void)
{
    static const struct {
        const char *name;
        enum wg_error_code code;
    } rows[] = {
        {"..", WG_E_BAD_INPUT},
        {"../../etc/passwd", WG_E_BAD_INPUT},
        {"/etc/localtime", WG_E_BAD_INPUT},
        {"Europe/../UTC", WG_E_BAD_INPUT},
        {"Europe//Berlin", WG_E_BAD_INPUT},
        {"Europe/", WG_E_BAD_INPUT},
        {"./UTC", WG_E_BAD_INPUT},
        {"zone.tab", WG_E_BAD_INPUT},
        {"UTC ", WG_E_BAD_INPUT},
        {"CET-1CEST,M3.5.0,M10.5.0", WG_E_BAD_INPUT},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", WG_E_BAD_INPUT},
        {"leapseconds", WG_E_BAD_INPUT}, /* a file, and no zone */
        {"Mars/Base", WG_E_NOT_FOUND},
        {"Europe", WG_E_IO}, /* a folder */
    };
    struct zone_files *files = zone_files_new(NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        bool refused = !zone_files_get(files, rows[i].name, &err) && err.code == rows[i].code &&
                       strstr(err.text, "time zone \"");
        if (!refused) printf("\n    \"%s\": %s\n", rows[i].name, err.text);
        CU_ASSERT_TRUE(refused);
    }
    zone_files_free(files);
}

static void a_folder_with_a_name_too_long(void)
{
    char folder[8192];
    memset(folder, 'a', sizeof folder);
    folder[sizeof folder - 1] = '\0';
    CU_ASSERT_PTR_NULL(zone_files_new(folder));
}

WG_SUITE("zone_file", {"a zone is read once", a_zone_is_read_once},
         {"the system's own zone is read anew", the_systems_own_zone_is_read_anew},
         {"this machine has zones", this_machine_has_zones},
         {"names that are refused", names_that_are_refused},
         {"a folder with a name too long", a_folder_with_a_name_too_long})
