/* tz_test.c: offsets and changes of zones that are hard to get right, and files that are no zone.
 * tz_check.py compares all zones of the machine with those of Python. */
#include "common/tz.h"
#include "tests/unit/common/mangle.h"
#include "tests/unit/common/zones.h"

#define HEADER 44
#define COUNTS 20 /* where they stand in a header */
#define FIRST_BLOCK 10
#define H(hours) ((wg_duration)((hours)*WG_HOUR))

static void offsets_around_changes_of_the_clock(void)
{
    static const struct {
        const char *zone, *at; /* of the change */
        double before, after;  /* hours east */
    } rows[] = {
        {"Europe/Berlin", "2026-03-29T01:00:00Z", 1, 2},
        {"Europe/Berlin", "2026-10-25T01:00:00Z", 2, 1},
        {"America/New_York", "2026-03-08T07:00:00Z", -5, -4},
        {"America/New_York", "2026-11-01T06:00:00Z", -4, -5},
        {"Australia/Lord_Howe", "2026-04-04T15:00:00Z", 11, 10.5},
        {"Australia/Lord_Howe", "2026-10-03T15:30:00Z", 10.5, 11},
        {"Pacific/Apia", "2011-12-30T10:00:00Z", -10, 14},
        {"Asia/Kathmandu", "1985-12-31T18:30:00Z", 5.5, 5.75},
        {"Africa/Casablanca", "2026-02-15T02:00:00Z", 1, 0},
        {"Africa/Casablanca", "2026-03-22T02:00:00Z", 0, 1},
        {"America/Nuuk", "2023-03-26T01:00:00Z", -3, -2}, /* for good, and the next year's */
        {"America/Nuuk", "2024-03-31T01:00:00Z", -2, -1},
        {"America/Nuuk", "2024-10-27T01:00:00Z", -1, -2},
        {"Europe/Dublin", "2026-03-29T01:00:00Z", 0, 1}, /* its winter is the daylight time */
        {"Asia/Gaza", "2015-10-22T22:00:00Z", 3, 2},
        {"Africa/Monrovia", "1972-01-07T00:44:30Z", -(44 * 60 + 30) / 3600.0, 0},
        {"Europe/Berlin", "2050-03-27T01:00:00Z", 1, 2}, /* by the footer */
        {"Europe/Berlin", "2050-10-30T01:00:00Z", 2, 1},
        {"Australia/Lord_Howe", "2050-04-02T15:00:00Z", 11, 10.5},
        {"America/New_York", "2399-03-14T07:00:00Z", -5, -4},
        {"Asia/Jerusalem", "2050-03-25T00:00:00Z", 2, 3}, /* "M3.4.4/26" */
    };
    struct zone_files *files = zone_files_new(NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct wg_tz *tz = zone_named(files, rows[i].zone);
        wg_time at = time_of(rows[i].at);
        bool same = wg_tz_offset(tz, at - 1) == H(rows[i].before) &&
                    wg_tz_offset(tz, at) == H(rows[i].after);
        if (!same) printf("\n    %s %s\n", rows[i].zone, rows[i].at);
        CU_ASSERT_TRUE(same);
        same_time(wg_tz_next_change(tz, at - 1), rows[i].at, rows[i].zone);
        same_time(wg_tz_next_change(tz, at - 5 * WG_DAY), rows[i].at, rows[i].zone);
        CU_ASSERT_TRUE(wg_tz_next_change(tz, at) != at);
    }
    zone_files_free(files);
}

static void zones_that_do_not_change(void)
{
    static const struct {
        const char *zone;
        double hours;
    } rows[] = {{"UTC", 0},
                {"Asia/Kathmandu", 5.75},
                {"Pacific/Kiritimati", 14},
                {"Etc/GMT+12", -12},
                {"America/Phoenix", -7},
                {"Pacific/Apia", 13},
                {"Pacific/Marquesas", -9.5}};
    struct zone_files *files = zone_files_new(NULL);
    CU_ASSERT_PTR_NOT_NULL_FATAL(files);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct wg_tz *tz = zone_named(files, rows[i].zone);
        wg_time now = time_of("2026-06-01T00:00:00Z");
        CU_ASSERT_EQUAL(wg_tz_offset(tz, now), H(rows[i].hours));
        CU_ASSERT_EQUAL(wg_tz_next_change(tz, now), 0);
    }
    CU_ASSERT_EQUAL(wg_tz_offset(NULL, 1796083200000), 0);
    CU_ASSERT_EQUAL(wg_tz_next_change(NULL, 1796083200000), 0);
    zone_files_free(files);
}

static struct wg_tz *parse(const struct tzif_block *block, const char *footer, struct wg_error *err)
{
    struct wg_buf bytes;
    tzif_file(&bytes, block, footer);
    char *exact = mangle_copy(bytes.data, bytes.len); /* a sanitizer sees one byte too many */
    struct wg_tz *tz = wg_tz_parse(exact, bytes.len, err);
    CU_ASSERT_TRUE(tz || (err->code == WG_E_BAD_INPUT && err->text[0]));
    free(exact);
    wg_buf_clear(&bytes);
    return tz;
}

/* Two hours from 1000 s on, one before; -1 is a name's change alone. */
static const struct tzif_block usual = {.version = '2',
                                        .time_size = 8,
                                        .times = 3,
                                        .types = 3,
                                        .at = {-1, 1000, 2000},
                                        .index = {2, 1, 1},
                                        .offset = {3600, 7200, 3600}};

static void a_table_without_a_rule_ends_with_its_last_offset(void)
{
    struct wg_error err = {0};
    struct wg_tz *tz = parse(&usual, "", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
    CU_ASSERT_EQUAL(wg_tz_offset(tz, INT64_MIN), H(1));
    CU_ASSERT_EQUAL(wg_tz_offset(tz, -1), H(1));
    CU_ASSERT_EQUAL(wg_tz_offset(tz, 999999), H(1));
    CU_ASSERT_EQUAL(wg_tz_offset(tz, 1000000), H(2));
    CU_ASSERT_EQUAL(wg_tz_offset(tz, INT64_MAX), H(2));
    CU_ASSERT_EQUAL(wg_tz_next_change(tz, -5000), 1000000);
    CU_ASSERT_EQUAL(wg_tz_next_change(tz, 999999), 1000000);
    CU_ASSERT_EQUAL(wg_tz_next_change(tz, 1000000), 0);
    CU_ASSERT_EQUAL(wg_tz_next_change(tz, INT64_MIN), 0); /* beyond the horizon */
    CU_ASSERT_EQUAL(wg_tz_next_change(tz, INT64_MAX), 0);
    wg_tz_free(tz);
}

static void milliseconds_before_a_change_before_1970(void)
{
    struct wg_error err = {0};
    struct tzif_block block = usual;
    block.at[0] = -100;
    block.index[0] = 1;
    struct wg_tz *tz = parse(&block, "", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
    CU_ASSERT_EQUAL(wg_tz_offset(tz, -100001), H(1));
    CU_ASSERT_EQUAL(wg_tz_offset(tz, -100000), H(2));
    CU_ASSERT_EQUAL(wg_tz_next_change(tz, -100001), -100000);
    wg_tz_free(tz);
}

static void version_1_has_32_bits_and_no_rule(void)
{
    struct wg_error err = {0};
    struct tzif_block block = usual;
    block.version = 0;
    block.time_size = 4;
    struct wg_tz *tz = parse(&block, "", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
    CU_ASSERT_EQUAL(wg_tz_offset(tz, 999999), H(1));
    CU_ASSERT_EQUAL(wg_tz_offset(tz, 1000000), H(2));
    wg_tz_free(tz);
}

static void versions_3_and_4_are_read_as_2(void)
{
    for (int version = '2'; version <= '4'; version++) {
        struct wg_error err = {0};
        struct tzif_block block = usual;
        block.version = (char)version;
        block.isstd = block.isut = 3;
        struct wg_tz *tz = parse(&block, "<-02>2<-01>,M3.5.0/-1,M10.5.0/0", &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
        CU_ASSERT_EQUAL(wg_tz_offset(tz, 1999999), H(2));
        CU_ASSERT_EQUAL(wg_tz_offset(tz, 2000000), H(-2)); /* the rule holds from the last on */
        CU_ASSERT_EQUAL(wg_tz_offset(tz, time_of("2026-07-01T00:00:00Z")), H(-1));
        same_time(wg_tz_next_change(tz, time_of("2026-03-01T00:00:00Z")), "2026-03-29T01:00:00Z",
                  "rule");
        wg_tz_free(tz);
    }
}

static void a_rule_alone_holds_for_all_times(void)
{
    struct wg_error err = {0};
    struct tzif_block block = usual;
    block.times = 0;
    struct wg_tz *tz = parse(&block, "<+0530>-5:30", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
    CU_ASSERT_EQUAL(wg_tz_offset(tz, 0), H(5.5));
    CU_ASSERT_EQUAL(wg_tz_offset(tz, INT64_MIN), H(5.5));
    wg_tz_free(tz);
    tz = parse(&block, "", &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(tz);
    CU_ASSERT_EQUAL(wg_tz_offset(tz, 0), H(1));
    wg_tz_free(tz);
}

static void refuse(const struct tzif_block *block, const char *footer, const char *words)
{
    struct wg_error err = {0};
    struct wg_tz *tz = parse(block, footer, &err);
    if (tz || !strstr(err.text, words)) printf("\n    %s: %s\n", words, tz ? "taken" : err.text);
    CU_ASSERT_TRUE(!tz && strstr(err.text, words));
    wg_tz_free(tz);
}

static void what_is_no_zone(void)
{
    struct tzif_block block = usual;
    refuse(&block, "CET-1CEST", "date");
    refuse(&block, "CET-1\nCET-1", "bytes behind the end");
    block.version = '1';
    refuse(&block, "", "version");
    block.version = '5';
    refuse(&block, "", "version");
    block = usual;
    block.types = 0;
    refuse(&block, "", "types of local time");
    block = usual;
    block.leap = 1;
    refuse(&block, "", "leap seconds");
    block = usual;
    block.isstd = 2;
    refuse(&block, "", "indicator");
    block = usual;
    block.index[1] = 3;
    refuse(&block, "", "not there");
    block = usual;
    block.at[1] = block.at[2];
    refuse(&block, "", "order");
    block = usual;
    block.offset[2] = 26 * 3600;
    refuse(&block, "", "26 hours");
    block.offset[2] = -25 * 3600;
    refuse(&block, "", "26 hours");
    block.offset[2] = -25 * 3600 + 1;
    struct wg_error err = {0};
    struct wg_tz *tz = parse(&block, "", &err);
    CU_ASSERT_PTR_NOT_NULL(tz);
    wg_tz_free(tz);
}

/* Where things lie in a file of the usual zone with indicators. */
#define DATA (2 * HEADER + FIRST_BLOCK)
#define TYPES (DATA + 3 * 8 + 3)
#define NAMES (TYPES + 3 * 6)
#define INDICATORS (NAMES + 4)

static void one_byte_that_does_not_fit(void)
{
    static const struct {
        size_t at;
        char byte;
        const char *words;
    } rows[] = {
        {0, 'X', "byte 0: expected \"TZif\""},
        {HEADER + FIRST_BLOCK + 3, 'X', "byte 54: expected \"TZif\""},
        {HEADER + FIRST_BLOCK + 4, '3', "versions differ"},
        {TYPES + 4, 2, "neither 0 nor 1"},
        {TYPES + 5, 4, "outside the names"},
        {NAMES + 3, 'X', "outside the names"},
        {INDICATORS, 2, "indicator"},
        {INDICATORS + 5, 2, "indicator"},
        {INDICATORS + 6, 'X', "expected a footer"},
        {INDICATORS + 7, 'X', "no end"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        struct wg_buf bytes;
        struct tzif_block block = usual;
        block.isstd = block.isut = 3;
        tzif_file(&bytes, &block, "");
        bytes.data[rows[i].at] = rows[i].byte;
        struct wg_tz *tz = wg_tz_parse(bytes.data, bytes.len, &err);
        if (tz || !strstr(err.text, rows[i].words))
            printf("\n    %s: %s\n", rows[i].words, tz ? "taken" : err.text);
        CU_ASSERT_TRUE(!tz && strstr(err.text, rows[i].words));
        wg_tz_free(tz);
        wg_buf_clear(&bytes);
    }
}

static bool taken(const char *bytes, size_t len, struct wg_error *err)
{
    struct wg_tz *tz = wg_tz_parse(bytes, len, err);
    wg_time change = wg_tz_next_change(tz, 0);
    bool sound = change == 0 || wg_tz_offset(tz, change) != wg_tz_offset(tz, change - 1);
    CU_ASSERT_TRUE(sound);
    wg_tz_free(tz);
    return tz != NULL;
}

static void bytes_that_are_cut_or_changed(void)
{
    struct wg_buf bytes;
    struct tzif_block block = usual;
    block.isstd = block.isut = 3;
    tzif_file(&bytes, &block, "CET-1CEST,M3.5.0,M10.5.0/3");
    mangle_prefixes(bytes.data, bytes.len, taken);
    CU_ASSERT_TRUE(mangle_mutations(bytes.data, bytes.len, taken, 20000, 4) < 20000);
    wg_buf_clear(&bytes);
}

static void bytes_of_version_1_that_are_cut(void)
{
    struct wg_buf bytes;
    struct tzif_block block = usual;
    block.version = 0;
    block.time_size = 4;
    tzif_file(&bytes, &block, "");
    mangle_prefixes(bytes.data, bytes.len, taken);
    wg_buf_clear(&bytes);
}

static void a_count_beyond_all_bytes(void)
{
    for (size_t field = 0; field < 6; field++) {
        struct wg_error err = {0};
        struct wg_buf bytes;
        tzif_file(&bytes, &usual, "");
        memset(bytes.data + HEADER + FIRST_BLOCK + COUNTS + field * 4, 0xff, 4);
        struct wg_tz *tz = wg_tz_parse(bytes.data, bytes.len, &err);
        CU_ASSERT_TRUE(!tz && err.code == WG_E_BAD_INPUT);
        wg_tz_free(tz);
        wg_buf_clear(&bytes);
    }
}

static void more_bytes_than_a_zone_has(void)
{
    struct wg_error err = {0};
    struct wg_buf bytes;
    tzif_file(&bytes, &usual, "");
    while (bytes.len <= WG_TZ_BYTES_MAX) wg_buf_char(&bytes, ' ');
    CU_ASSERT_PTR_NULL(wg_tz_parse(bytes.data, bytes.len, &err));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "65537 bytes"));
    wg_buf_clear(&bytes);
}

WG_SUITE("tz", {"offsets around changes of the clock", offsets_around_changes_of_the_clock},
         {"zones that do not change", zones_that_do_not_change},
         {"a table without a rule ends with its last offset",
          a_table_without_a_rule_ends_with_its_last_offset},
         {"milliseconds before a change before 1970", milliseconds_before_a_change_before_1970},
         {"version 1 has 32 bits and no rule", version_1_has_32_bits_and_no_rule},
         {"versions 3 and 4 are read as 2", versions_3_and_4_are_read_as_2},
         {"a rule alone holds for all times", a_rule_alone_holds_for_all_times},
         {"what is no zone", what_is_no_zone},
         {"bytes that are cut or changed", bytes_that_are_cut_or_changed},
         {"one byte that does not fit", one_byte_that_does_not_fit},
         {"bytes of version 1 that are cut", bytes_of_version_1_that_are_cut},
         {"a count beyond all bytes", a_count_beyond_all_bytes},
         {"more bytes than a zone has", more_bytes_than_a_zone_has})
