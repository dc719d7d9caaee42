/* window_json_test.c: windows in the signed order. */
#include "common/json.h"
#include "common/window_json.h"
#include "tests/unit/common/mangle.h"

#include <stdio.h>

static json_t *json_of(const char *text)
{
    struct wg_error err = {0};
    json_t *json = wg_json_parse(text, strlen(text), 4096, &err);
    if (!json) printf("\n    %s: %s\n", text, err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    return json;
}

static void written_and_read_back(void)
{
    static const char *const texts[] = {
        "{\"daily\":[{\"days\":[\"sat\",\"sun\"],\"from\":\"02:00\",\"to\":\"05:00\"}],"
        "\"in\":\"device\"}",
        "{\"daily\":[{\"days\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\",\"sun\"],"
        "\"from\":\"23:30\",\"to\":\"00:30\"},{\"days\":[\"wed\"],\"from\":\"00:00\","
        "\"to\":\"24:00\"}],\"in\":\"Europe/Berlin\"}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct wg_error err = {0};
        struct wg_windows windows;
        struct wg_buf out;
        json_t *json = json_of(texts[i]);
        ASSERT_OK(wg_windows_from_json(json, &windows, &err), &err);
        CU_ASSERT_EQUAL(windows.kind, i == 0 ? WG_WINDOW_DEVICE : WG_WINDOW_NAMED);
        CU_ASSERT_EQUAL(windows.count, i + 1);
        json_decref(json);
        json = wg_windows_json(&windows);
        CU_ASSERT_PTR_NOT_NULL_FATAL(json);
        wg_buf_init(&out, 4096);
        ASSERT_OK(wg_json_canonical(json, &out, &err), &err);
        ASSERT_TEXT(wg_buf_str(&out), texts[i]);
        wg_buf_clear(&out);
        json_decref(json);
    }
}

static void a_site_goes_by_the_name_of_its_zone(void)
{
    struct wg_windows windows = {.count = 1, .kind = WG_WINDOW_SITE}, back;
    struct wg_error err = {0};
    CU_ASSERT_TRUE(wg_window_parse_daily("22:00-05:00", &windows.items[0]));
    CU_ASSERT_PTR_NULL(wg_windows_json(&windows)); /* where it stands is not known */
    (void)wg_copy(windows.zone, sizeof windows.zone, "Asia/Kathmandu");
    json_t *json = wg_windows_json(&windows);
    CU_ASSERT_PTR_NOT_NULL_FATAL(json);
    ASSERT_OK(wg_windows_from_json(json, &back, &err), &err);
    CU_ASSERT_EQUAL(back.kind, WG_WINDOW_NAMED);
    ASSERT_TEXT(back.zone, "Asia/Kathmandu");
    CU_ASSERT_EQUAL(back.items[0].from, 22 * 60);
    CU_ASSERT_EQUAL(back.items[0].to, 5 * 60);
    CU_ASSERT_EQUAL(back.items[0].days, WG_DAYS_ALL);
    json_decref(json);
    windows.count = 0;
    CU_ASSERT_PTR_NULL(wg_windows_json(&windows));
}

#define DAYS "\"days\":[\"sat\"]"
#define GOOD "{\"from\":\"02:00\",\"to\":\"05:00\"," DAYS "}"

static void what_is_refused(void)
{
    static const struct {
        const char *json, *words;
    } rows[] = {
        {"[]", "windows: expected an object"},
        {"{\"daily\":[" GOOD "]}", "in"},
        {"{\"in\":\"device\"}", "daily"},
        {"{\"in\":\"\",\"daily\":[" GOOD "]}", "in: expected device"},
        {"{\"in\":\"site\",\"daily\":[" GOOD "]}", "in: expected device"},
        {"{\"in\":\"../x\",\"daily\":[" GOOD "]}", "in: expected device"},
        {"{\"in\":\"Europe/Berlin \",\"daily\":[" GOOD "]}", "in: expected device"},
        {"{\"in\":7,\"daily\":[" GOOD "]}", "in"},
        {"{\"in\":\"device\",\"daily\":[]}", "1 to 16 windows, found 0"},
        {"{\"in\":\"device\",\"daily\":" GOOD "}", "daily"},
        {"{\"in\":\"device\",\"daily\":[" GOOD "],\"zone\":\"UTC\"}", "zone"},
        {"{\"in\":\"device\",\"daily\":[" GOOD ",7]}", "daily[1]: expected an object"},
        {"{\"in\":\"device\",\"daily\":[{\"to\":\"05:00\"," DAYS "}]}", "from"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\"," DAYS "}]}", "to"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\",\"to\":\"05:00\"}]}", "days"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"2:00\",\"to\":\"05:00\"," DAYS "}]}", "2:00"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"24:00\",\"to\":\"05:00\"," DAYS "}]}", "24:00"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\",\"to\":\"02:00\"," DAYS "}]}", "02:00"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\",\"to\":\"05:00:00\"," DAYS "}]}", "to"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":120,\"to\":\"05:00\"," DAYS "}]}", "from"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\",\"to\":\"05:00\",\"days\":[]}]}",
         "found none"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\",\"to\":\"05:00\",\"days\":[\"Sat\"]}]}",
         "expected mon"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\",\"to\":\"05:00\",\"days\":[6]}]}",
         "expected mon"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\",\"to\":\"05:00\","
         "\"days\":[\"sat\",\"sat\"]}]}",
         "sat stands twice"},
        {"{\"in\":\"device\",\"daily\":[{\"from\":\"02:00\",\"to\":\"05:00\"," DAYS ",\"x\":1}]}",
         "x"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        struct wg_windows windows = {.count = 42};
        json_t *json = json_of(rows[i].json);
        bool ok = wg_windows_from_json(json, &windows, &err);
        if (ok || !strstr(err.text, rows[i].words))
            printf("\n    %s: %s\n", rows[i].json, ok ? "taken" : err.text);
        CU_ASSERT_TRUE(!ok && strstr(err.text, rows[i].words));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(windows.count, 42);
        json_decref(json);
    }
}

static void sixteen_windows_and_no_more(void)
{
    struct wg_error err = {0};
    struct wg_windows windows;
    json_t *json = json_of("{\"in\":\"UTC\",\"daily\":[" GOOD "]}");
    json_t *daily = json_object_get(json, "daily"), *one = json_array_get(daily, 0);
    while (json_array_size(daily) < WG_WINDOWS_MAX)
        CU_ASSERT_EQUAL_FATAL(json_array_append(daily, one), 0);
    ASSERT_OK(wg_windows_from_json(json, &windows, &err), &err);
    CU_ASSERT_EQUAL(windows.count, WG_WINDOWS_MAX);
    CU_ASSERT_EQUAL_FATAL(json_array_append(daily, one), 0);
    CU_ASSERT_FALSE(wg_windows_from_json(json, &windows, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "found 17"));
    json_decref(json);
}

WG_SUITE("window_json", {"written and read back", written_and_read_back},
         {"a site goes by the name of its zone", a_site_goes_by_the_name_of_its_zone},
         {"what is refused", what_is_refused},
         {"sixteen windows and no more", sixteen_windows_and_no_more})
