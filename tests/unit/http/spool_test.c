/* spool_test.c: bytes in a file without a name. */
#include "orchestrator/http/spool.h"

#include "tests/unit/harness.h"

#include <string.h>

static void comes_back(void)
{
    struct wg_error err = {0};
    struct spool spool;
    char out[16];
    size_t got;
    spool_init(&spool);
    ASSERT_OK(spool_open(&spool, "/tmp", 8, &err), &err);
    ASSERT_OK(spool_add(&spool, "abc", 3, &err), &err);
    ASSERT_OK(spool_add(&spool, "defgh", 5, &err), &err);
    for (int turn = 0; turn < 2; turn++) {
        ASSERT_OK(spool_rewind(&spool, &err), &err);
        ASSERT_OK(spool_read(&spool, out, sizeof out, &got, &err), &err);
        CU_ASSERT_EQUAL_FATAL(got, 8);
        CU_ASSERT_EQUAL(memcmp(out, "abcdefgh", 8), 0);
        ASSERT_OK(spool_read(&spool, out, sizeof out, &got, &err), &err);
        CU_ASSERT_EQUAL(got, 0);
    }
    CU_ASSERT_FALSE(spool.over);
    spool_clear(&spool);
    CU_ASSERT_EQUAL(spool.fd, -1);
}

/* What is over the limit is not kept, nor what comes behind it. */
static void limits(void)
{
    struct wg_error err = {0};
    struct spool spool;
    spool_init(&spool);
    ASSERT_OK(spool_open(&spool, "/tmp", 4, &err), &err);
    ASSERT_OK(spool_add(&spool, "abc", 3, &err), &err);
    ASSERT_OK(spool_add(&spool, "de", 2, &err), &err);
    CU_ASSERT_TRUE(spool.over);
    ASSERT_OK(spool_add(&spool, "f", 1, &err), &err);
    CU_ASSERT_EQUAL(spool.len, 3);
    spool_clear(&spool);
    CU_ASSERT_FALSE(spool_open(&spool, "/nowhere", 4, &err));
    CU_ASSERT_NOT_EQUAL(err.code, WG_OK);
    spool_clear(&spool);
}

WG_SUITE("orchestrator/http/spool", {"comes_back", comes_back}, {"limits", limits})
