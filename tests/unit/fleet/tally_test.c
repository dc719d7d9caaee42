/* tally_test.c: processes add up; the same numbers as text, JSON, view and answer to a command. */
#include "tests/sim/fleet/tally.h"

#include "tests/sim/fleet/control.h"
#include "tests/sim/fleet/view.h"
#include "tests/unit/harness.h"

#include <string.h>

static struct tally one, sum;

static void fill(void)
{
    memset(&one, 0, sizeof one);
    memset(&sum, 0, sizeof sum);
    one.devices = 100;
    one.connected = 98;
    one.hung = 2;
    one.pending = 5;
    one.told = 97;
    one.ordered = 96;
    one.states[WG_SUCCEEDED] = 95;
    one.states[WG_FAILED] = 3;
    one.states[WG_WAITING] = 2;
    one.causes[WG_CAUSE_INSTALL] = 3;
    one.memory_empty = 1000000;
    one.memory = 6000000;
    one.cpu = 1500000;
    for (size_t i = 0; i < TALLY_COUNTS; i++) one.counts[i] = i + 1;
    for (size_t i = 0; i < 100; i++) histogram_add(&one.times[TALLY_REPORT_ACK], (i + 1) * 1000);
    tally_merge(&sum, &one);
    tally_merge(&sum, &one);
}

static void processes_add_up(void)
{
    fill();
    CU_ASSERT_EQUAL(sum.devices, 200);
    CU_ASSERT_EQUAL(sum.connected, 196);
    CU_ASSERT_EQUAL(sum.told, 194);
    CU_ASSERT_EQUAL(sum.states[WG_SUCCEEDED], 190);
    CU_ASSERT_EQUAL(sum.causes[WG_CAUSE_INSTALL], 6);
    CU_ASSERT_EQUAL(sum.memory - sum.memory_empty, 10000000);
    for (size_t i = 0; i < TALLY_COUNTS; i++) CU_ASSERT_EQUAL(sum.counts[i], 2 * i + 2);
    CU_ASSERT_EQUAL(sum.times[TALLY_REPORT_ACK].count, 200);
}

static json_int_t number(const json_t *object, const char *group, const char *name)
{
    return json_integer_value(json_object_get(json_object_get(object, group), name));
}

static void as_json(void)
{
    fill();
    json_t *found = tally_json(&sum, 10000000);
    const json_t *times = json_object_get(json_object_get(found, "latency_ms"), "report_to_ack");
    CU_ASSERT_PTR_NOT_NULL_FATAL(found);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(found, "devices")), 200);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(found, "pending")), 10);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(found, "told")), 194);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(found, "ordered")), 192);
    CU_ASSERT_EQUAL(number(found, "states", "succeeded"), 190);
    CU_ASSERT_EQUAL(number(found, "states", "waiting"), 4);
    CU_ASSERT_EQUAL(number(found, "causes", "install"), 6);
    CU_ASSERT_EQUAL(number(found, "counts", "reports"), 2 * TALLY_REPORTS + 2);
    CU_ASSERT_EQUAL(number(found, "errors", "denied"), 2 * TALLY_ERROR_DENIED + 2);
    CU_ASSERT_PTR_NULL(json_object_get(json_object_get(found, "states"), "silent"));
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(found, "memory_bytes_each")), 50000, 1);
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(times, "p50")), 50, 1.6);
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(times, "p99")), 99, 3.2);
    CU_ASSERT_DOUBLE_EQUAL(json_real_value(json_object_get(times, "max")), 100, 1e-6);
    json_decref(found);
}

static void every_number_has_a_name(void)
{
    for (size_t i = 0; i < TALLY_COUNTS; i++)
        for (size_t j = 0; j < i; j++)
            CU_ASSERT_STRING_NOT_EQUAL(tally_count_text((enum tally_count)i),
                                       tally_count_text((enum tally_count)j));
    for (size_t i = 0; i < TALLY_TIMES; i++)
        CU_ASSERT_PTR_NOT_NULL(tally_time_text((enum tally_time)i));
}

static void as_text(void)
{
    struct wg_buf text;
    fill();
    wg_buf_init(&text, 65536);
    tally_text(&sum, 10000000, &text);
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&text), "devices   200: 196 connected, 4 hung"));
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&text), "  succeeded           190\n"));
    CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&text), "50.0 kB resident a device\n"));
    wg_buf_clear(&text);
}

static void rates_are_since_the_last_look(void)
{
    struct view view = {.picture = false};
    struct wg_buf text;
    fill();
    wg_buf_init(&text, 65536);
    view_add(&view, &one, 1000000, &text);
    view_add(&view, &sum, 3000000, &text);
    const char *second = strchr(wg_buf_str(&text), '\n') + 1;
    CU_ASSERT_PTR_NOT_NULL(strstr(second, "196/200 connected"));
    char rate[32];
    (void)snprintf(rate, sizeof rate, "  %.0f up/s", (TALLY_MESSAGES_OUT + 1) / 2.0);
    CU_ASSERT_PTR_NOT_NULL(strstr(second, rate));
    CU_ASSERT_PTR_NOT_NULL(strstr(second, "no order 4  succeeded 190"));
    wg_buf_clear(&text);
}

static void commands(void)
{
    struct control_command command;
    CU_ASSERT_TRUE(control_parse("summary", &command) && command.word == CONTROL_SUMMARY);
    CU_ASSERT_TRUE(control_parse("stop", &command) && command.word == CONTROL_STOP);
    CU_ASSERT_TRUE(control_parse("drop all", &command) && command.word == CONTROL_DROP);
    CU_ASSERT_DOUBLE_EQUAL(command.share, 1, 1e-9);
    CU_ASSERT_TRUE(control_parse("drop 10%", &command) && command.word == CONTROL_DROP);
    CU_ASSERT_DOUBLE_EQUAL(command.share, 0.1, 1e-9);
    CU_ASSERT_FALSE(control_parse("drop", &command));
    CU_ASSERT_FALSE(control_parse("drop some", &command));
    CU_ASSERT_FALSE(control_parse("", &command));
    CU_ASSERT_FALSE(control_parse("stopp", &command));
}

WG_SUITE("tally", {"processes add up", processes_add_up}, {"as JSON", as_json},
         {"every number has a name", every_number_has_a_name}, {"as text", as_text},
         {"rates are since the last look", rates_are_since_the_last_look}, {"commands", commands})
