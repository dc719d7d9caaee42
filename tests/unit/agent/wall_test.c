/* wall_test.c: a clock that stands before what was verified is none. */
#include "agent/posix/wall.h"

#include "common/posix/file.h"
#include "common/text.h"
#include "folder.h"

static struct folder folder;
static struct wg_error err;
static struct wall wall;

static void open_wall(void)
{
    ASSERT_OK(wall_open(&wall, folder_file(&folder, ""), &err), &err);
}

static void test_floor(void)
{
    wg_time now = wg_now();
    folder_make(&folder);
    open_wall();
    CU_ASSERT_TRUE(wall_now(&wall) >= now && wall_least(&wall) >= now);
    ASSERT_OK(wall_raise(&wall, now - WG_DAY, &err), &err);
    CU_ASSERT_TRUE(wall_now(&wall) >= now);
    ASSERT_OK(wall_raise(&wall, now + WG_DAY, &err), &err);
    ASSERT_OK(wall_raise(&wall, now - WG_DAY, &err), &err); /* never back */
    for (int round = 0; round < 2; round++) {
        CU_ASSERT_EQUAL(wall_now(&wall), 0);
        CU_ASSERT_EQUAL(wall_least(&wall), now + WG_DAY);
        open_wall();
    }
    ASSERT_OK(wall_raise(&wall, INT64_MAX, &err), &err); /* no time at all */
    CU_ASSERT_EQUAL(wall_least(&wall), now + WG_DAY);
    folder_remove(&folder);
}

static void test_damaged(void)
{
    static const char *const texts[] = {"",
                                        "x",
                                        "{\"time\":-5}",
                                        "{\"time\":\"17\"}",
                                        "{\"time\":17,\"x\":1}",
                                        "{\"time\":99999999999999999}",
                                        "{\"checksum\":\"00\",\"time\":17}"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        folder_make(&folder);
        folder_put_twice(&folder, "time.json", texts[i]);
        open_wall();
        CU_ASSERT_EQUAL(wall.floor, 0);
        folder_remove(&folder);
    }
}

/* A clock that was verified to be in the year 2200 would have no metadata believed for ever. */
static void test_flipped(void)
{
    wg_time now = wg_now();
    folder_make(&folder);
    open_wall();
    ASSERT_OK(wall_raise(&wall, now + WG_DAY, &err), &err);
    char text[256];
    (void)wg_copy(text, sizeof text, folder_get(&folder, "time.json"));
    char *digit = strstr(text, "\"time\":") + strlen("\"time\":");
    *digit = '9';
    folder_put(&folder, "time.json", text, 0600);
    open_wall();
    CU_ASSERT_EQUAL(wall.floor, now + WG_DAY);
    CU_ASSERT_TRUE(folder_has(&folder, "time.json.damaged"));
    folder_put_twice(&folder, "time.json", text);
    open_wall();
    CU_ASSERT_EQUAL(wall.floor, 0);
    folder_remove(&folder);
}

WG_SUITE("agent/posix/wall", {"floor", test_floor}, {"damaged", test_damaged},
         {"a bit flips", test_flipped})
