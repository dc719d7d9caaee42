/* ledger_test.c: bytes are counted, over restarts, torn files and many threads. */
#include "orchestrator/files/ledger.h"

#include "common/text.h"
#include "tests/unit/agent/folder.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#define ENDS ((wg_time)2000)

static struct wg_error err;
static struct folder folder;

static struct ledger_id id_of(unsigned number)
{
    struct ledger_id id = {{0}};
    memcpy(id.bytes, &number, sizeof number);
    id.bytes[15] = (uint8_t)(number * 31);
    return id;
}

static struct ledger *open_ledger(size_t most, wg_time forget)
{
    struct ledger *ledger = ledger_open(folder_file(&folder, "ledger"), most, forget, &err);
    if (!ledger) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ledger);
    return ledger;
}

static size_t lines(void)
{
    size_t count = 0;
    for (const char *at = folder_get(&folder, "ledger"); (at = strchr(at, '\n')); at++) count++;
    return count;
}

static void test_allowance(void)
{
    struct ledger_id a = id_of(1), b = id_of(2);
    folder_make(&folder);
    struct ledger *ledger = open_ledger(10, 0);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS, 100, 60), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS, 100, 41), LEDGER_USED_UP);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS, 100, 40), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &b, ENDS, 100, 100), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &a, 101), LEDGER_USED_UP);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &a, 70), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 100);
    ledger_release(ledger, &a, 30, 20);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 50);
    CU_ASSERT_EQUAL(ledger_used(ledger, &b), 100);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS, 100, 51), LEDGER_USED_UP);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS, 100, INT64_MAX), LEDGER_USED_UP);
    /* what is given back twice does not become more */
    ledger_release(ledger, &a, 1000, 1000);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 0);
    ledger_close(ledger);
    folder_remove(&folder);
}

static void test_restart(void)
{
    struct ledger_id a = id_of(1), b = id_of(2), old = id_of(3);
    folder_make(&folder);
    struct ledger *ledger = open_ledger(10, 0);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS, 100, 60), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &a, 40), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &b, ENDS, 100, 100), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &old, 500, 100, 100), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &old, 100), LEDGER_OK);
    CU_ASSERT_PTR_NULL(ledger_open(folder_file(&folder, "ledger"), 10, 0, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    ledger_close(ledger);
    ledger = open_ledger(10, 1000);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 40); /* what was only held was never sent */
    CU_ASSERT_EQUAL(ledger_used(ledger, &b), 0);
    CU_ASSERT_EQUAL(ledger_used(ledger, &old), 0);
    ledger_close(ledger);
    folder_remove(&folder);
}

/* A process that is killed leaves what it had spent. */
static void test_killed(void)
{
    struct ledger_id a = id_of(1);
    folder_make(&folder);
    pid_t child = fork();
    if (child == 0) {
        struct ledger *ledger = ledger_open(folder_file(&folder, "ledger"), 10, 0, &err);
        bool ok = ledger && ledger_hold(ledger, &a, ENDS, 100, 60) == LEDGER_OK &&
                  ledger_spend(ledger, &a, 60) == LEDGER_OK;
        (void)kill(getpid(), ok ? SIGKILL : SIGTERM);
    }
    int status = 0;
    CU_ASSERT_EQUAL(waitpid(child, &status, 0), child);
    CU_ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    struct ledger *ledger = open_ledger(10, 0);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 60);
    ledger_close(ledger);
    folder_remove(&folder);
}

static void test_strange_file(void)
{
    static const char good[] = "01000000000000000000000000000000 2000 7\n";
    struct ledger_id a = {{1}}, b = {{2}};
    struct ledger_stats stats;
    char text[1024];
    folder_make(&folder);
    (void)snprintf(text, sizeof text,
                   "%snonsense\n\n01000000000000000000000000000000 2000 -1\n"
                   "01000000000000000000000000000000 2000 9x\n"
                   "01000000000000000000000000000000 2000 99999999999999999999999\n"
                   "0100000000000000000000000000000g 2000 9\n"
                   "02000000000000000000000000000000 2000 5\n"
                   "02000000000000000000000000000000 2000 7",
                   good);
    folder_put(&folder, "ledger", text, 0600);
    struct ledger *ledger = open_ledger(10, 0);
    ledger_look(ledger, &stats);
    CU_ASSERT_EQUAL(stats.skipped, 5);
    CU_ASSERT_EQUAL(stats.entries, 2);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 7);
    CU_ASSERT_EQUAL(ledger_used(ledger, &b), 5); /* the torn line may have been a longer number */
    CU_ASSERT_EQUAL(ledger_hold(ledger, &b, ENDS, 100, 4), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &b, 4), LEDGER_OK);
    ledger_close(ledger);
    ledger = open_ledger(10, 0);
    CU_ASSERT_EQUAL(ledger_used(ledger, &b), 9);
    ledger_close(ledger);
    folder_remove(&folder);
}

/* The file stays short, and says the same. */
static void test_rewritten(void)
{
    struct ledger_id a = id_of(1), old = id_of(2);
    folder_make(&folder);
    struct ledger *ledger = open_ledger(10, 0);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &old, 500, 100, 1), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &old, 1), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS + WG_HOUR, 100000, 5000), LEDGER_OK);
    for (int i = 0; i < 5000; i++) CU_ASSERT_EQUAL(ledger_spend(ledger, &a, 1), LEDGER_OK);
    CU_ASSERT_EQUAL(lines(), 5001);
    ASSERT_OK(ledger_keep(ledger, WG_MINUTE, &err), &err);
    CU_ASSERT_EQUAL(lines(), 1);
    CU_ASSERT_EQUAL(ledger_used(ledger, &old), 0);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS + WG_HOUR, 100000, 1), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &a, 1), LEDGER_OK);
    ledger_close(ledger);
    ledger = open_ledger(10, WG_MINUTE);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 5001);
    ledger_close(ledger);
    folder_remove(&folder);
}

static void test_full(void)
{
    folder_make(&folder);
    struct ledger *ledger = open_ledger(3000, 0);
    for (unsigned i = 1; i <= 3000; i++) {
        struct ledger_id id = id_of(i);
        wg_time ends = i % 2 ? 500 : WG_HOUR;
        CU_ASSERT_EQUAL(ledger_hold(ledger, &id, ends, 100, i % 100), LEDGER_OK);
        if (i != 7) CU_ASSERT_EQUAL(ledger_spend(ledger, &id, i % 100), LEDGER_OK);
    }
    struct ledger_id more = id_of(3001), held = id_of(7), kept = id_of(8);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &more, ENDS, 100, 1), LEDGER_FULL);
    ASSERT_OK(ledger_keep(ledger, 1000, &err), &err);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &more, ENDS, 100, 1), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_used(ledger, &held), 7); /* ended, but still being sent */
    CU_ASSERT_EQUAL(ledger_used(ledger, &kept), 8);
    struct ledger_stats stats;
    ledger_look(ledger, &stats);
    CU_ASSERT_EQUAL(stats.entries, 1502);
    ledger_close(ledger);
    folder_remove(&folder);
}

/* A limit on file size stands for the end of the disk. */
static void test_full_disk(void)
{
    struct rlimit before, small;
    struct ledger_id a = id_of(1);
    folder_make(&folder);
    struct ledger *ledger = open_ledger(10, 0);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &a, ENDS, 1000, 1000), LEDGER_OK);
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    small = (struct rlimit){.rlim_cur = 50, .rlim_max = before.rlim_max};
    CU_ASSERT_EQUAL(ledger_spend(ledger, &a, 1), LEDGER_OK);
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &a, 1), LEDGER_BROKEN);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &a, 8), LEDGER_OK);
    ledger_close(ledger);
    ledger = open_ledger(10, 0);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 10);
    ledger_close(ledger);
    folder_remove(&folder);
}

static void *take_all(void *ctx)
{
    struct ledger *ledger = ctx;
    struct ledger_id a = id_of(1);
    size_t taken = 0;
    while (ledger_hold(ledger, &a, ENDS, 10000, 1) == LEDGER_OK)
        taken += ledger_spend(ledger, &a, 1) == LEDGER_OK;
    return (void *)taken; /* NOLINT(performance-no-int-to-ptr) */
}

static void test_threads(void)
{
    pthread_t threads[8];
    size_t sum = 0;
    folder_make(&folder);
    struct ledger *ledger = open_ledger(10, 0);
    for (size_t i = 0; i < 8; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, take_all, ledger), 0);
    for (int i = 0; i < 20; i++) ASSERT_OK(ledger_keep(ledger, 0, &err), &err);
    for (size_t i = 0; i < 8; i++) {
        void *taken = NULL;
        CU_ASSERT_EQUAL(pthread_join(threads[i], &taken), 0);
        sum += (size_t)taken;
    }
    CU_ASSERT_EQUAL(sum, 10000);
    ledger_close(ledger);
    ledger = open_ledger(10, 0);
    struct ledger_id a = id_of(1);
    CU_ASSERT_EQUAL(ledger_used(ledger, &a), 10000);
    ledger_close(ledger);
    folder_remove(&folder);
}

WG_SUITE("orchestrator/files/ledger", {"allowance", test_allowance}, {"restart", test_restart},
         {"killed", test_killed}, {"strange file", test_strange_file},
         {"rewritten", test_rewritten}, {"full", test_full}, {"full disk", test_full_disk},
         {"threads", test_threads})
