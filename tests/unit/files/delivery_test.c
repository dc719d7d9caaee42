/* delivery_test.c: what is sent, and what the account says before, during and after. */
#include "orchestrator/files/delivery.h"

#include "common/text.h"
#include "tests/unit/agent/folder.h"

#include <fcntl.h>

#define MIB ((int64_t)1 << 20)
#define LENGTH (3 * MIB + 5)

static struct wg_error err;
static struct folder folder;
static struct ledger *ledger;
static const struct ledger_id id = {{7}};
static char chunk[65536];

/* A delivery of the file's bytes from start to the end. */
static struct delivery open_all(int64_t start)
{
    struct delivery delivery;
    struct admitted admitted = {.id = id, .start = start, .length = LENGTH - start};
    folder_make(&folder);
    folder_put(&folder, "file", "begin", 0600);
    CU_ASSERT_EQUAL_FATAL(truncate(folder_file(&folder, "file"), LENGTH), 0);
    admitted.fd = open(folder_file(&folder, "file"), O_RDONLY | O_CLOEXEC);
    CU_ASSERT_TRUE_FATAL(admitted.fd >= 0);
    ledger = ledger_open(folder_file(&folder, "ledger"), 10, 0, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ledger);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &id, 1000, LENGTH, LENGTH - start), LEDGER_OK);
    delivery_begin(&delivery, ledger, &admitted);
    CU_ASSERT_EQUAL(admitted.fd, -1);
    return delivery;
}

static void close_all(void)
{
    ledger_close(ledger);
    folder_remove(&folder);
}

/* What the file says, which is what a restart would know. */
static int64_t written_down(void)
{
    const char *last = strrchr(folder_get(&folder, "ledger"), ' ');
    return last ? strtoll(last, NULL, 10) : 0;
}

static void test_broken_off(void)
{
    struct delivery delivery = open_all(0);
    CU_ASSERT_EQUAL(written_down(), 0);
    CU_ASSERT_EQUAL(delivery_read(&delivery, 0, chunk, 100), 100);
    CU_ASSERT_EQUAL(memcmp(chunk, "begin", 6), 0);
    CU_ASSERT_EQUAL(written_down(), MIB);
    CU_ASSERT_EQUAL(ledger_used(ledger, &id), LENGTH);
    delivery_end(&delivery);
    CU_ASSERT_EQUAL(ledger_used(ledger, &id), 100);
    CU_ASSERT_EQUAL(written_down(), 100);
    delivery_end(&delivery); /* once */
    CU_ASSERT_EQUAL(ledger_used(ledger, &id), 100);
    close_all();
}

static void test_whole(void)
{
    struct delivery delivery = open_all(5);
    int64_t at = 0;
    ssize_t got;
    while ((got = delivery_read(&delivery, (uint64_t)at, chunk, sizeof chunk)) > 0) {
        at += got;
        CU_ASSERT_TRUE(written_down() >= at);
        CU_ASSERT_TRUE(written_down() < at + MIB);
    }
    CU_ASSERT_EQUAL(got, 0);
    CU_ASSERT_EQUAL(at, 3 * MIB);
    delivery_end(&delivery);
    CU_ASSERT_EQUAL(ledger_used(ledger, &id), 3 * MIB);
    close_all();
}

static void test_shrunk(void)
{
    struct delivery delivery = open_all(0);
    CU_ASSERT_EQUAL(truncate(folder_file(&folder, "file"), 10), 0);
    CU_ASSERT_EQUAL(delivery_read(&delivery, 0, chunk, 100), 10);
    CU_ASSERT_EQUAL(delivery_read(&delivery, 10, chunk, 100), -1);
    delivery_end(&delivery);
    CU_ASSERT_EQUAL(ledger_used(ledger, &id), 10);
    close_all();
}

WG_SUITE("orchestrator/files/delivery", {"broken off", test_broken_off}, {"whole", test_whole},
         {"shrunk", test_shrunk})
