/* buf_test.c: growth, bounds, failure that stays, and whose the bytes are. */
#include "common/buf.h"
#include "tests/unit/harness.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void appends_in_every_way(void)
{
    struct wg_buf buf;
    struct wg_error err;
    wg_buf_init(&buf, 100);
    ASSERT_TEXT(wg_buf_str(&buf), "");
    wg_buf_text(&buf, "wave");
    wg_buf_char(&buf, ' ');
    wg_buf_printf(&buf, "%d of %s", 2, "4");
    wg_buf_add(&buf, ", canary", 3);
    wg_buf_text(&buf, "");
    wg_buf_printf(&buf, "%s", "");
    wg_buf_add(&buf, NULL, 0);
    ASSERT_TEXT(wg_buf_str(&buf), "wave 2 of 4, c");
    CU_ASSERT_EQUAL(buf.len, 14);
    ASSERT_OK(wg_buf_check(&buf, &err, "status"), &err);
    wg_buf_clear(&buf);
}

static void holds_bytes_with_nul_and_ends_with_one(void)
{
    struct wg_buf buf;
    wg_buf_init(&buf, 8);
    wg_buf_add(&buf, "a\0b", 3);
    CU_ASSERT_EQUAL(buf.len, 3);
    CU_ASSERT_EQUAL(memcmp(buf.data, "a\0b", 4), 0);
    wg_buf_clear(&buf);
}

/* Every length around the capacities that doubling passes through, one byte and one piece at a
 * time. */
static void grows_to_exactly_its_bound(void)
{
    static const size_t bounds[] = {0, 1, 255, 256, 257, 511, 512, 513, 5000};
    static const char piece[5001] = {0};
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        struct wg_buf buf;
        wg_buf_init(&buf, bounds[i]);
        for (size_t n = 0; n < bounds[i]; n++) wg_buf_char(&buf, 'x');
        CU_ASSERT_EQUAL(buf.len, bounds[i]);
        CU_ASSERT_FALSE(buf.failed);
        CU_ASSERT_TRUE(buf.cap <= bounds[i] + 1);
        wg_buf_char(&buf, 'y');
        CU_ASSERT_TRUE(buf.failed);
        CU_ASSERT_EQUAL(buf.len, bounds[i]);
        wg_buf_clear(&buf);
        wg_buf_add(&buf, piece, bounds[i]);
        CU_ASSERT_FALSE(buf.failed);
        wg_buf_clear(&buf);
        wg_buf_add(&buf, piece, bounds[i] + 1);
        CU_ASSERT_TRUE(buf.failed);
        wg_buf_clear(&buf);
    }
}

static void failure_stays_and_names_the_bound(void)
{
    struct wg_buf buf;
    struct wg_error err;
    wg_buf_init(&buf, 4);
    wg_buf_text(&buf, "abc");
    wg_buf_printf(&buf, "%s", "de");
    wg_buf_char(&buf, 'f');
    ASSERT_TEXT(wg_buf_str(&buf), "abc");
    CU_ASSERT_FALSE(wg_buf_check(&buf, &err, "the order"));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    ASSERT_TEXT(err.text, "the order: more than 4 bytes");
    CU_ASSERT_PTR_NULL(wg_buf_take(&buf));
    CU_ASSERT_EQUAL(buf.len, 0);
    wg_buf_clear(&buf);
    wg_buf_text(&buf, "abcd");
    ASSERT_OK(wg_buf_check(&buf, &err, "the order"), &err);
    wg_buf_clear(&buf);
}

static void without_memory_it_says_so(void)
{
    struct wg_buf buf;
    struct wg_error err;
    wg_buf_init(&buf, 10);
    wg_buf_text(&buf, "abc");
    buf.failed = true; /* as when realloc refuses */
    CU_ASSERT_FALSE(wg_buf_check(&buf, &err, "the order"));
    CU_ASSERT_EQUAL(err.code, WG_E_MEMORY);
    wg_buf_clear(&buf);
}

static void absurd_lengths_do_not_wrap(void)
{
    struct wg_buf buf;
    wg_buf_init(&buf, SIZE_MAX);
    wg_buf_text(&buf, "abc");
    wg_buf_add(&buf, "x", SIZE_MAX - 3);
    CU_ASSERT_TRUE(buf.failed);
    ASSERT_TEXT(wg_buf_str(&buf), "abc");
    wg_buf_clear(&buf);
}

static void taking_hands_over_and_empties(void)
{
    struct wg_buf buf;
    wg_buf_init(&buf, 10);
    CU_ASSERT_PTR_NULL(wg_buf_take(&buf));
    wg_buf_text(&buf, "");
    CU_ASSERT_PTR_NULL(wg_buf_take(&buf));
    wg_buf_text(&buf, "abc");
    char *text = wg_buf_take(&buf);
    ASSERT_TEXT(text, "abc");
    ASSERT_TEXT(wg_buf_str(&buf), "");
    wg_buf_text(&buf, "0123456789");
    ASSERT_TEXT(wg_buf_str(&buf), "0123456789");
    ASSERT_TEXT(text, "abc");
    free(text);
    wg_buf_clear(&buf);
}

/* Blocks are of 4096: one byte anywhere in one, and what is behind the end. */
static void zeroing_leaves_nothing_and_ends_where_it_should(void)
{
    static const size_t lengths[] = {0, 1, 2, 4095, 4096, 4097, 8192, 8193};
    static const size_t places[] = {0, 1, 4094, 4095, 4096, 8191, 8192};
    char bytes[8194];
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        for (size_t j = 0; j < sizeof places / sizeof *places; j++) {
            memset(bytes, 0, sizeof bytes);
            bytes[places[j]] = 'x';
            bytes[lengths[i]] = 'y';
            wg_zero(bytes, lengths[i]);
            CU_ASSERT_EQUAL(bytes[lengths[i]], 'y');
            for (size_t at = 0; at < lengths[i]; at++)
                if (bytes[at]) CU_FAIL("a byte is left");
        }
}

WG_SUITE("buf", {"appends in every way", appends_in_every_way},
         {"holds bytes with NUL", holds_bytes_with_nul_and_ends_with_one},
         {"grows to exactly its bound", grows_to_exactly_its_bound},
         {"failure stays and names the bound", failure_stays_and_names_the_bound},
         {"without memory it says so", without_memory_it_says_so},
         {"absurd lengths do not wrap", absurd_lengths_do_not_wrap},
         {"taking hands over and empties", taking_hands_over_and_empties},
         {"zeroing leaves nothing and ends where it should",
          zeroing_leaves_nothing_and_ends_where_it_should})
