/* mirrors_test.c: who is asked first. */
#include "agent/posix/mirrors.h"

#include "common/text.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

static struct wg_order order;
static struct download_settings settings;
static struct mirrors mirrors;
static struct mirrors_list list;

static void set_up(const char *query)
{
    memset(&order, 0, sizeof order);
    memset(&mirrors, 0, sizeof mirrors);
    download_settings_init(&settings);
    (void)wg_copy(order.sha256, sizeof order.sha256, "abcd");
    for (order.url_count = 0; order.url_count < 3; order.url_count++)
        (void)wg_format(order.urls[order.url_count], WG_URL_MAX, "https://m%zu.example/abcd%s",
                        order.url_count, query);
}

static void arrange(const char *device, wg_time now)
{
    mirrors_order(&mirrors, &settings, device, &order, now, &list);
}

static void test_devices_spread(void)
{
    int first[3] = {0};
    set_up("");
    for (int i = 0; i < 3000; i++) {
        char device[32];
        (void)snprintf(device, sizeof device, "dev-%d", i);
        arrange(device, 0);
        CU_ASSERT_EQUAL_FATAL(list.count, 3);
        CU_ASSERT_EQUAL(list.bits[0] | list.bits[1] | list.bits[2], 7);
        first[list.urls[0][9] - '0']++;
    }
    for (int i = 0; i < 3; i++) CU_ASSERT_TRUE(first[i] > 850 && first[i] < 1150);
}

/* An order that comes again has other signatures in its URLs, and a part that lies here. */
static void test_a_device_keeps_its_order(void)
{
    struct mirrors_list before;
    set_up("?m=1");
    arrange("dev-1", 0);
    before = list;
    set_up("?m=2");
    arrange("dev-1", 0);
    for (size_t i = 0; i < 3; i++) CU_ASSERT_EQUAL(strncmp(list.urls[i], before.urls[i], 26), 0);
}

static void test_own_mirrors_first(void)
{
    set_up("?m=token");
    settings.mirror_count = 2;
    (void)wg_copy(settings.mirrors[0], WG_URL_MAX, "https://cache.local/artifacts/");
    (void)wg_copy(settings.mirrors[1], WG_URL_MAX, "https://second.local/");
    arrange("dev-1", 0);
    CU_ASSERT_EQUAL(list.count, 5);
    ASSERT_TEXT(list.urls[0], "https://cache.local/artifacts/abcd"); /* and no token */
    ASSERT_TEXT(list.urls[1], "https://second.local/abcd");
}

static void test_failed_last_for_a_while(void)
{
    char first[WG_URL_MAX], second[WG_URL_MAX];
    set_up("?m=1");
    arrange("dev-1", 1000);
    (void)wg_copy(first, sizeof first, list.urls[0]);
    (void)wg_copy(second, sizeof second, list.urls[1]);
    mirrors_failed(&mirrors, first, 1000);
    arrange("dev-1", 1000 + MIRRORS_LAST_FOR - 1);
    ASSERT_TEXT(list.urls[0], second);
    ASSERT_TEXT(list.urls[2], first);
    arrange("dev-1", 1000 + MIRRORS_LAST_FOR);
    ASSERT_TEXT(list.urls[0], first);
}

static void test_many_failures(void)
{
    set_up("");
    for (int i = 0; i < 100; i++) {
        char url[WG_URL_MAX];
        (void)wg_format(url, sizeof url, "https://h%d.example/x", i);
        mirrors_failed(&mirrors, url, 10);
        mirrors_failed(&mirrors, url, 10); /* takes no second place */
    }
    mirrors_failed(&mirrors, "https://m1.example/abcd", 10);
    arrange("dev-1", 11);
    CU_ASSERT_EQUAL(strncmp(list.urls[2], "https://m1.example/", 19), 0);
}

WG_SUITE("agent/posix/mirrors", {"devices spread", test_devices_spread},
         {"a device keeps its order", test_a_device_keeps_its_order},
         {"own mirrors first", test_own_mirrors_first},
         {"failed last for a while", test_failed_last_for_a_while},
         {"many failures", test_many_failures})
