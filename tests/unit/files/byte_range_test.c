/* byte_range_test.c: Range headers, good and abused. */
#include "orchestrator/files/byte_range.h"

#include "tests/unit/harness.h"

#include <stdio.h>

static void test_ranges(void)
{
    static const struct {
        const char *header;
        int64_t total, start, length; /* length 0: refused */
    } rows[] = {
        {"bytes=0-", 100, 0, 100},
        {"bytes=0-0", 100, 0, 1},
        {"bytes=99-", 100, 99, 1},
        {"bytes=99-99", 100, 99, 1},
        {"bytes=10-19", 100, 10, 10},
        {"bytes=10-1000", 100, 10, 90},
        {"bytes=-1", 100, 99, 1},
        {"bytes=-100", 100, 0, 100},
        {"bytes=-1000", 100, 0, 100},
        {"bytes=00-007", 100, 0, 8},
        {"bytes=0-999999999999999999", 100, 0, 100},
        {"bytes=100-", 100, 0, 0},
        {"bytes=100-200", 100, 0, 0},
        {"bytes=2-1", 100, 0, 0},
        {"bytes=-0", 100, 0, 0},
        {"bytes=0-0", 0, 0, 0},
        {"bytes=-5", 0, 0, 0},
        {"", 100, 0, 0},
        {"bytes", 100, 0, 0},
        {"bytes=", 100, 0, 0},
        {"bytes=-", 100, 0, 0},
        {"bytes=--1", 100, 0, 0},
        {"bytes=1", 100, 0, 0},
        {"bytes=a-b", 100, 0, 0},
        {"bytes=0x1-2", 100, 0, 0},
        {"bytes=+1-2", 100, 0, 0},
        {"bytes=0-1,3-4", 100, 0, 0},
        {"bytes=0-,0-,0-", 100, 0, 0},
        {"bytes=0-1,", 100, 0, 0},
        {"bytes= 0-1", 100, 0, 0},
        {"bytes=0 -1", 100, 0, 0},
        {"bytes=0-1 ", 100, 0, 0},
        {"Bytes=0-1", 100, 0, 0},
        {" bytes=0-1", 100, 0, 0},
        {"lines=0-1", 100, 0, 0},
        {"bytes=18446744073709551616-", 100, 0, 0},
        {"bytes=0-18446744073709551616", 100, 0, 0},
        {"bytes=-18446744073709551617", 100, 0, 0},
        {"bytes=9223372036854775807-", 100, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct byte_range range = {0};
        bool ok = byte_range_read(rows[i].header, rows[i].total, &range);
        if (ok != (rows[i].length > 0) || range.start != rows[i].start ||
            range.length != rows[i].length)
            printf("\n    %s: %lld, %lld", rows[i].header, (long long)range.start,
                   (long long)range.length);
        CU_ASSERT_EQUAL(ok, rows[i].length > 0);
        CU_ASSERT_EQUAL(range.start, rows[i].start);
        CU_ASSERT_EQUAL(range.length, rows[i].length);
    }
}

WG_SUITE("orchestrator/files/byte_range", {"ranges", test_ranges})
