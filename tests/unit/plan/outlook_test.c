/* outlook_test.c: how soon a campaign can be through at best. */
#include "orchestrator/plan/outlook.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define UPDATE (10 * WG_MINUTE) /* as long as usual */
#define DOUBLE ((int64_t)2 * POLICY_PPM)

static struct policy plain(size_t waves, int64_t in_flight)
{
    return (struct policy){.wave_count = waves, .in_flight = in_flight};
}

static void check_duration(wg_duration got, wg_duration expected)
{
    char told[WG_TIME_TEXT], wanted[WG_TIME_TEXT];
    wg_duration_text(got, told);
    wg_duration_text(expected, wanted);
    ASSERT_TEXT(told, wanted);
}

/* Of so many devices in each wave, all online: who is away changes nothing. */
static void check(const struct policy *policy, const int64_t *size, wg_duration expected)
{
    struct outlook_wave waves[POLICY_WAVES_MAX] = {0};
    for (size_t i = 0; i < policy->wave_count; i++)
        waves[i].devices = waves[i].seen[OUTLOOK_ONLINE] = size[i];
    check_duration(outlook_shortest(policy, waves, UPDATE), expected);
    check_duration(outlook_expected(policy, waves, UPDATE, 0), expected);
    for (size_t i = 0; i < policy->wave_count; i++) {
        waves[i].seen[OUTLOOK_LONGER] = size[i];
        waves[i].seen[OUTLOOK_ONLINE] = 0;
    }
    check_duration(outlook_shortest(policy, waves, UPDATE), expected);
}

static void waves_follow_each_other(void)
{
    struct policy policy = plain(3, 10);
    policy.gates[0].soak = WG_HOUR;
    policy.gates[1].soak = WG_DAY;
    policy.gates[2].soak = 2 * WG_HOUR;
    check(&policy, (int64_t[]){1, 0, 25}, UPDATE + WG_HOUR + 3 * UPDATE + 2 * WG_HOUR);
    check(&policy, (int64_t[]){10, 11, 0}, UPDATE + WG_HOUR + 2 * UPDATE + WG_DAY);
    check(&policy, (int64_t[]){0, 0, 0}, 0);
}

static void waves_that_overlap_are_one(void)
{
    struct policy policy = plain(3, 10);
    policy.overlap[1] = true;
    policy.gates[0].soak = WG_HOUR;
    policy.gates[1].soak = 2 * WG_HOUR;
    check(&policy, (int64_t[]){5, 5, 10}, UPDATE + 2 * WG_HOUR + UPDATE);
    check(&policy, (int64_t[]){5, 0, 10}, UPDATE + WG_HOUR + UPDATE);
}

static void a_metric_settles(void)
{
    struct policy policy = plain(1, 10);
    policy.gates[0].soak = WG_HOUR;
    policy.gates[0].health.settle = 3 * WG_HOUR;
    check(&policy, (int64_t[]){1}, UPDATE + WG_HOUR);
    (void)wg_copy(policy.gates[0].health.metric, WG_NAME_MAX, "restarts");
    check(&policy, (int64_t[]){1}, UPDATE + 3 * WG_HOUR);
}

static void a_rate_holds_back(void)
{
    struct policy policy = plain(1, 1000000);
    policy.rate = (struct policy_rate){.start = 50, .factor_ppm = POLICY_PPM};
    check(&policy, (int64_t[]){50}, UPDATE);
    check(&policy, (int64_t[]){51}, UPDATE + WG_MINUTE);
    check(&policy, (int64_t[]){5000}, UPDATE + 99 * WG_MINUTE);
    policy.in_flight = 10; /* then the rate is not what it waits for */
    check(&policy, (int64_t[]){100}, 10 * UPDATE);
}

/* 50 a minute until the first 50 have succeeded, after 10 minutes, then 100; the next 100 have
 * succeeded two minutes later, then 200. */
static void a_rate_grows(void)
{
    struct policy policy = plain(1, 1000000);
    policy.rate = (struct policy_rate){.start = 50, .factor_ppm = DOUBLE, .max = 200};
    check(&policy, (int64_t[]){550}, UPDATE + 10 * WG_MINUTE);
    check(&policy, (int64_t[]){551}, UPDATE + 11 * WG_MINUTE);
    check(&policy, (int64_t[]){650}, UPDATE + 11 * WG_MINUTE);
    check(&policy, (int64_t[]){651}, UPDATE + 12 * WG_MINUTE);
    check(&policy, (int64_t[]){750}, UPDATE + 12 * WG_MINUTE);
    check(&policy, (int64_t[]){950}, UPDATE + 13 * WG_MINUTE);
    check(&policy, (int64_t[]){200750}, UPDATE + 12 * WG_MINUTE + 1000 * WG_MINUTE);
}

static void a_rate_goes_on_in_the_next_wave(void)
{
    struct policy policy = plain(2, 1000000);
    policy.rate = (struct policy_rate){.start = 50, .factor_ppm = DOUBLE, .max = 100};
    check(&policy, (int64_t[]){50, 100}, 2 * UPDATE);
    check(&policy, (int64_t[]){50, 101}, 2 * UPDATE + WG_MINUTE);
    check(&policy, (int64_t[]){49, 100}, 2 * UPDATE + WG_MINUTE);
}

static void windows_stretch_the_work(void)
{
    struct policy policy = plain(1, 1);
    policy.gates[0].soak = WG_HOUR;
    policy.window = (struct wg_windows){
        .count = 1, .items = {{.days = WG_DAYS_ALL, .from = 22 * 60, .to = 60}}};
    check(&policy, (int64_t[]){18}, 18 * UPDATE + WG_HOUR); /* fits into one opening */
    check(&policy, (int64_t[]){36}, 2 * WG_DAY + WG_HOUR);
    policy.window.items[0].days = 0x20;
    check(&policy, (int64_t[]){36}, 14 * WG_DAY + WG_HOUR);
    policy.window = (struct wg_windows){
        .count = 2,
        .items = {{.days = 0x40, .from = 0, .to = 24 * 60}, {.days = 1, .from = 0, .to = 24 * 60}}};
    check(&policy, (int64_t[]){288}, 2 * WG_DAY + WG_HOUR); /* Sunday and Monday are one */
    check(&policy, (int64_t[]){576}, 14 * WG_DAY + WG_HOUR);
    policy.window =
        (struct wg_windows){.count = 1, .items = {{.days = WG_DAYS_ALL, .from = 0, .to = 24 * 60}}};
    check(&policy, (int64_t[]){576}, 4 * WG_DAY + WG_HOUR);
}

/* Of ten devices that are online; more are away. */
static struct outlook_wave away(enum outlook_seen seen, int64_t devices)
{
    struct outlook_wave wave = {.devices = 10 + devices, .seen = {[OUTLOOK_ONLINE] = 10}};
    wave.seen[seen] += devices;
    return wave;
}

static void the_end_waits_for_who_is_away(void)
{
    static const struct {
        enum outlook_seen seen;
        wg_duration back;
    } rows[] = {{OUTLOOK_HOUR, WG_HOUR},
                {OUTLOOK_DAY, WG_DAY},
                {OUTLOOK_WEEK, 7 * WG_DAY},
                {OUTLOOK_LONGER, 7 * WG_DAY}};
    struct policy policy = plain(1, 100);
    policy.gates[0].sample = (struct policy_amount){true, POLICY_PPM};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct outlook_wave wave = away(rows[i].seen, 1);
        check_duration(outlook_expected(&policy, &wave, UPDATE, 0), rows[i].back + UPDATE);
        check_duration(outlook_shortest(&policy, &wave, UPDATE), UPDATE);
        /* they come while it waits for its start */
        check_duration(outlook_expected(&policy, &wave, UPDATE, rows[i].back), UPDATE);
        check_duration(outlook_expected(&policy, &wave, UPDATE, 5 * WG_MINUTE),
                       rows[i].back + 5 * WG_MINUTE);
        wave.seen[OUTLOOK_LONGER] += 1;
        wave.devices += 1;
        check_duration(outlook_expected(&policy, &wave, UPDATE, 0), 7 * WG_DAY + UPDATE);
    }
    struct outlook_wave slow = away(OUTLOOK_HOUR, 990); /* work that takes longer hides it */
    check_duration(outlook_expected(&policy, &slow, UPDATE, 0), 10 * UPDATE);
}

static void a_gate_waits_for_its_sample(void)
{
    struct policy policy = plain(2, 100);
    struct outlook_wave waves[2] = {away(OUTLOOK_HOUR, 5), away(OUTLOOK_ONLINE, 0)};
    policy.gates[0].soak = WG_DAY;
    policy.gates[0].sample = (struct policy_amount){true, POLICY_PPM};
    check_duration(outlook_expected(&policy, waves, UPDATE, 0), WG_HOUR + UPDATE + WG_DAY + UPDATE);
    policy.gates[0].sample = (struct policy_amount){false, 10}; /* they are online */
    check_duration(outlook_expected(&policy, waves, UPDATE, 0), UPDATE + WG_DAY + UPDATE);
    policy.gates[0].sample.value = 11;
    check_duration(outlook_expected(&policy, waves, UPDATE, 0), WG_HOUR + UPDATE + WG_DAY + UPDATE);
    policy.gates[0].sample.value = 10; /* the end waits for all of them */
    waves[0].seen[OUTLOOK_WEEK] = waves[0].seen[OUTLOOK_HOUR];
    waves[0].seen[OUTLOOK_HOUR] = 0;
    check_duration(outlook_expected(&policy, waves, UPDATE, 0), 7 * WG_DAY + UPDATE);
}

static void caps_make_rounds(void)
{
    struct policy policy = plain(2, 100);
    struct outlook_wave waves[2] = {away(OUTLOOK_ONLINE, 0), away(OUTLOOK_ONLINE, 90)};
    policy.per_count = 2;
    policy.per[0].most = 1;
    policy.per[1].most = 4;
    check_duration(outlook_shortest(&policy, waves, UPDATE), 2 * UPDATE);
    waves[0].crowd[0] = 3;
    waves[1].crowd[1] = 9;
    check_duration(outlook_shortest(&policy, waves, UPDATE), 3 * UPDATE + 3 * UPDATE);
    check_duration(outlook_expected(&policy, waves, UPDATE, 0), 3 * UPDATE + 3 * UPDATE);
    policy.in_flight = 10; /* then it is the pace that holds the second */
    check_duration(outlook_shortest(&policy, waves, UPDATE), 3 * UPDATE + 10 * UPDATE);
    policy.overlap[1] = true;
    waves[0].crowd[0] = 40;
    check_duration(outlook_shortest(&policy, waves, UPDATE), 40 * UPDATE);
    CU_ASSERT_EQUAL(outlook_rounds(9, 4), 3);
    CU_ASSERT_EQUAL(outlook_rounds(8, 4), 2);
    CU_ASSERT_EQUAL(outlook_rounds(0, 4), 0);
}

static wg_time at(const char *text)
{
    wg_time time = 0;
    CU_ASSERT_TRUE(wg_time_parse(text, &time));
    return time;
}

static void schedule_and_windows_say_when_it_starts(void)
{
    struct policy policy = plain(1, 1);
    wg_time now = at("2026-12-01T12:00:00Z");
    CU_ASSERT_EQUAL(outlook_start(&policy, NULL, now), now);
    policy.schedule.start = at("2026-11-01T00:00:00Z");
    CU_ASSERT_EQUAL(outlook_start(&policy, NULL, now), now);
    policy.schedule.start = at("2026-12-02T12:00:00Z");
    CU_ASSERT_EQUAL(outlook_start(&policy, NULL, now), policy.schedule.start);
    policy.window =
        (struct wg_windows){.count = 1, .items = {{.days = WG_DAYS_ALL, .from = 120, .to = 300}}};
    CU_ASSERT_EQUAL(outlook_start(&policy, NULL, now), policy.schedule.start);
    policy.window.kind =
        WG_WINDOW_NAMED; /* in a device's own zone it is always two o'clock somewhere */
    CU_ASSERT_EQUAL(outlook_start(&policy, NULL, now), at("2026-12-03T02:00:00Z"));
}

static void schedule_and_emergency_say_when_it_is_cut(void)
{
    struct policy policy = plain(1, 1);
    wg_time start = at("2026-12-01T12:00:00Z"), end = at("2026-12-01T15:00:00Z");
    CU_ASSERT_EQUAL(outlook_cut(&policy, start), 0);
    policy.schedule.end = end;
    CU_ASSERT_EQUAL(outlook_cut(&policy, start), end);
    policy.emergency.length = WG_HOUR;
    CU_ASSERT_EQUAL(outlook_cut(&policy, start), start + WG_HOUR);
    policy.emergency.length = WG_DAY;
    CU_ASSERT_EQUAL(outlook_cut(&policy, start), end);
    policy.schedule.end = 0;
    CU_ASSERT_EQUAL(outlook_cut(&policy, start), start + WG_DAY);
}

WG_SUITE("outlook", {"waves follow each other", waves_follow_each_other},
         {"waves that overlap are one", waves_that_overlap_are_one},
         {"a metric settles", a_metric_settles}, {"a rate holds back", a_rate_holds_back},
         {"a rate grows", a_rate_grows},
         {"a rate goes on in the next wave", a_rate_goes_on_in_the_next_wave},
         {"windows stretch the work", windows_stretch_the_work},
         {"the end waits for who is away", the_end_waits_for_who_is_away},
         {"a gate waits for its sample", a_gate_waits_for_its_sample},
         {"caps make rounds", caps_make_rounds},
         {"schedule and windows say when it starts", schedule_and_windows_say_when_it_starts},
         {"schedule and emergency say when it is cut", schedule_and_emergency_say_when_it_is_cut})
