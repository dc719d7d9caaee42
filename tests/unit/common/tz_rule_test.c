/* tz_rule_test.c: POSIX TZ rules as footers have them. */
#include "common/tz_rule.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/common/zones.h"

static bool parse(const char *text, struct wg_tz_rule *out, struct wg_error *err)
{
    size_t len = strlen(text);
    char *exact = mangle_copy(text, len);
    bool ok = wg_tz_rule_parse(exact, len, out, err);
    free(exact);
    return ok;
}

static void rules_that_are_read(void)
{
    static const struct {
        const char *text, *at; /* "": at any time */
        int32_t before, after; /* offsets in seconds, a second before and then */
    } rows[] = {
        {"UTC0", "", 0, 0},
        {"<+03>-3", "", 3 * 3600, 3 * 3600},
        {"<-00>0", "", 0, 0},
        {"<+0545>-5:45", "", 20700, 20700},
        {"LMT+0:44:30", "", -2670, -2670},
        {"ABC-24:59:59", "", 89999, 89999},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-03-29T01:00:00Z", 3600, 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2026-10-25T01:00:00Z", 7200, 3600},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "2000-03-26T01:00:00Z", 3600, 7200},
        {"CET-1CEST,M3.5.0,M10.5.0/3", "1970-03-29T01:00:00Z", 3600, 7200},
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-04-04T14:00:00Z", 13 * 3600, 12 * 3600},
        {"NZST-12NZDT,M9.5.0,M4.1.0/3", "2026-09-26T14:00:00Z", 12 * 3600, 13 * 3600},
        {"<+1030>-10:30<+11>-11,M10.1.0,M4.1.0", "2026-10-03T15:30:00Z", 37800, 39600},
        {"<-02>2<-01>,M3.5.0/-1,M10.5.0/0", "2026-03-29T01:00:00Z", -7200, -3600},
        {"EET-2EEST,M3.4.4/50,M10.4.4/50", "2026-03-28T00:00:00Z", 7200, 10800},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2026-10-25T01:00:00Z", 3600, 0},
        {"IST-1GMT0,M10.5.0,M3.5.0/1", "2027-03-28T01:00:00Z", 0, 3600},
        {"AAA0BBB,J60/0,J300/0", "2028-03-01T00:00:00Z", 0, 3600}, /* J60 is 1 March in any year */
        {"AAA0BBB,J60/0,J300/0", "2027-03-01T00:00:00Z", 0, 3600},
        {"AAA0BBB,59/0,300/0", "2027-03-01T00:00:00Z", 0, 3600},
        {"AAA0BBB,59/0,300/0", "2028-02-29T00:00:00Z", 0, 3600},
        {"AAA0BBB,J59/0,J300/0", "2028-02-28T00:00:00Z", 0, 3600},
        {"AAA0BBB,M2.5.2/0,M12.5.4/0", "2028-02-29T00:00:00Z", 0, 3600}, /* the leap day */
        {"AAA0BBB,J1/-167,J180/0", "2026-12-25T01:00:00Z", 0, 3600},     /* the year before */
        {"AAA0BBB,J180/0,J365/167", "2027-01-06T22:00:00Z", 3600, 0},    /* the year after */
        {"AAA0BBB,M2.1.2/0,M12.5.4/0", "2028-02-01T00:00:00Z", 0, 3600},
        {"AAA3BBB,J1/0,J365/99", "2026-01-01T03:00:00Z", -10800, -7200}, /* and back on the 4th */
        {"AAA3BBB,J1/0,J365/99", "2026-01-04T05:00:00Z", -7200, -10800},
        {"AAA0BBB+1:30,J10/0,J20/0", "2026-01-10T00:00:00Z", 0, -5400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        struct wg_tz_rule rule;
        int64_t at = *rows[i].at ? time_of(rows[i].at) / WG_SECOND : 1800000000;
        ASSERT_OK(parse(rows[i].text, &rule, &err), &err);
        bool same = wg_tz_rule_offset(&rule, at - 1) == rows[i].before &&
                    wg_tz_rule_offset(&rule, at) == rows[i].after;
        if (!same) printf("\n    %s at %s\n", rows[i].text, rows[i].at);
        CU_ASSERT_TRUE(same);
        CU_ASSERT_EQUAL(wg_tz_rule_next(&rule, at - 1), *rows[i].at ? at : WG_TZ_NEVER);
    }
}

/* RFC 9636, 3.3.1: how a zone says that it is daylight time all year. */
static void daylight_time_all_year(void)
{
    static const char *const rules[] = {"XXX3EDT4,0/0,J365/23", "XXX3EDT4,J1/0,J365/23"};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        struct wg_error err = {0};
        struct wg_tz_rule rule;
        int wrong = 0;
        int64_t begin = time_of("2026-01-01T00:00:00Z") / WG_SECOND;
        ASSERT_OK(parse(rules[i], &rule, &err), &err);
        for (int64_t at = begin; at < begin + (int64_t)3 * 366 * 86400; at += 1800)
            wrong += wg_tz_rule_offset(&rule, at) != -4 * 3600;
        CU_ASSERT_EQUAL(wrong, 0);
    }
}

static void what_is_no_rule(void)
{
    static const struct {
        const char *text, *words;
    } rows[] = {
        {"", "three letters"},
        {"CE-1", "three letters"},
        {"<+3>-3", "three letters"},
        {"<+03-3", "'>'"},
        {"<+03", "'>'"},
        {"CET", "hours"},
        {"CET-", "hours"},
        {"CET-25", "hours from 0 to 24"},
        {"CET-1:60", "minutes"},
        {"CET-1:00:60", "seconds"},
        {"CET-1 ", "three letters"},
        {"CET-1CEST", "',' and a date"},
        {"CET-1CEST,", "a day"},
        {"CET-1CEST,M3.5.0", "',' and a date"},
        {"CET-1CEST,M3.5.0,", "a day"},
        {"CET-1CEST,M0.5.0,M10.5.0", "a month"},
        {"CET-1CEST,M13.5.0,M10.5.0", "a month"},
        {"CET-1CEST,M3.0.0,M10.5.0", "a week"},
        {"CET-1CEST,M3.6.0,M10.5.0", "a week"},
        {"CET-1CEST,M3.5.7,M10.5.0", "a weekday"},
        {"CET-1CEST,M3-5-0,M10.5.0", "'.'"},
        {"CET-1CEST,J0,M10.5.0", "a day from 1"},
        {"CET-1CEST,J366,M10.5.0", "a day from 1 to 365"},
        {"CET-1CEST,366,M10.5.0", "a day from 0 to 365"},
        {"CET-1CEST,99999999999999999999,M10.5.0", "a day"},
        {"CET-1CEST,M3.5.0/168,M10.5.0", "hours from 0 to 167"},
        {"CET-1CEST,M3.5.0/-168,M10.5.0", "hours"},
        {"CET-1CEST,M3.5.0,M10.5.0/3,", "the end"},
        {"CET-1CEST,M3.5.0,M10.5.0 ", "the end"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        struct wg_tz_rule rule = {.standard = 42};
        bool ok = parse(rows[i].text, &rule, &err);
        if (ok || !strstr(err.text, rows[i].words))
            printf("\n    \"%s\": %s\n", rows[i].text, ok ? "taken" : err.text);
        CU_ASSERT_TRUE(!ok && strstr(err.text, rows[i].words));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        CU_ASSERT_EQUAL(rule.standard, 42);
    }
}

WG_SUITE("tz_rule", {"rules that are read", rules_that_are_read},
         {"daylight time all year", daylight_time_all_year}, {"what is no rule", what_is_no_rule})
