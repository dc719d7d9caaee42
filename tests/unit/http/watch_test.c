/* watch_test.c: who is ended when. */
#include "orchestrator/http/watch.h"

#include "common/posix/file.h"
#include "tests/unit/harness.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

struct line {
    int ends[2];
    struct watched watched;
};

static void enter(struct watch *watch, struct line *line)
{
    *line = (struct line){.watched = {.fd = -1}};
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, line->ends), 0);
    watch_enter(watch, &line->watched, line->ends[0]);
}

static bool is_cut(const struct line *line)
{
    char byte;
    return recv(line->ends[1], &byte, 1, MSG_DONTWAIT) == 0;
}

static void leave(struct watch *watch, struct line *line)
{
    watch_leave(watch, &line->watched);
    (void)close(line->ends[0]);
    (void)close(line->ends[1]);
}

static void test_slow(void)
{
    struct wg_error err = {0};
    struct watch *watch = watch_new(10 * WG_SECOND, 1000, &err);
    struct line waits, idle, quick, slow, stuck;
    CU_ASSERT_PTR_NOT_NULL_FATAL(watch);
    wg_time before = wg_monotonic();
    enter(watch, &waits);
    enter(watch, &idle);
    enter(watch, &quick);
    enter(watch, &slow);
    enter(watch, &stuck);
    watch_turn(watch, &quick.watched, true);
    watch_turn(watch, &slow.watched, true);
    watch_turn(watch, &stuck.watched, true);
    wg_time now = wg_monotonic();
    CU_ASSERT_EQUAL(watch_look(watch, before + 9 * WG_SECOND), 0);
    watch_progress(&quick.watched, 20000);
    watch_progress(&slow.watched, 9000);
    CU_ASSERT_EQUAL(watch_look(watch, now + 10 * WG_SECOND + 50), 4);
    CU_ASSERT_TRUE(is_cut(&waits) && is_cut(&idle) && is_cut(&slow) && is_cut(&stuck));
    CU_ASSERT_FALSE(is_cut(&quick));
    /* what it took before does not help it now; nobody is counted twice */
    CU_ASSERT_EQUAL(watch_look(watch, now + 19 * WG_SECOND), 0);
    CU_ASSERT_EQUAL(watch_look(watch, now + 21 * WG_SECOND), 1);
    CU_ASSERT_TRUE(is_cut(&quick));
    leave(watch, &slow);
    leave(watch, &stuck);
    leave(watch, &waits);
    leave(watch, &quick);
    leave(watch, &idle);
    CU_ASSERT_EQUAL(watch_look(watch, now + WG_HOUR), 0);
    watch_free(watch);
}

/* The end of a request begins a new span for the next one. */
static void test_next_request(void)
{
    struct wg_error err = {0};
    struct watch *watch = watch_new(10 * WG_SECOND, 1000, &err);
    struct line line;
    CU_ASSERT_PTR_NOT_NULL_FATAL(watch);
    enter(watch, &line);
    line.watched.since -= 11 * WG_SECOND;
    watch_turn(watch, &line.watched, true);
    watch_progress(&line.watched, 5);
    wg_time before = wg_monotonic();
    watch_turn(watch, &line.watched, false);
    CU_ASSERT_EQUAL(watch_look(watch, before + 9 * WG_SECOND), 0);
    CU_ASSERT_FALSE(is_cut(&line));
    CU_ASSERT_EQUAL(watch_look(watch, wg_monotonic() + 11 * WG_SECOND), 1);
    leave(watch, &line);
    watch_free(watch);
}

/* Who works for long is not the other end's fault. */
static void test_rest(void)
{
    struct watch *watch = watch_new(10 * WG_SECOND, 100, NULL);
    struct line line;
    CU_ASSERT_PTR_NOT_NULL_FATAL(watch);
    enter(watch, &line);
    watch_rest(watch, &line.watched);
    CU_ASSERT_EQUAL(watch_look(watch, wg_monotonic() + WG_HOUR), 0);
    watch_turn(watch, &line.watched, true);
    CU_ASSERT_EQUAL(watch_look(watch, wg_monotonic() + 11 * WG_SECOND), 1);
    leave(watch, &line);
    watch_free(watch);
}

WG_SUITE("orchestrator/http/watch", {"slow", test_slow}, {"next request", test_next_request},
         {"rest", test_rest})
