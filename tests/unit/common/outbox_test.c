/* outbox_test.c: what is put in is sent in its order by another thread, and nobody waits for that.
 */
#include "common/posix/outbox.h"

#include "tests/unit/harness.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#define MOST 4

struct line {
    pthread_mutex_t busy; /* held: nothing gets through */
    atomic_int begun, sent;
    char said[64];
};

static void send_one(void *ctx, const struct outbox_item *item)
{
    struct line *line = ctx;
    atomic_fetch_add(&line->begun, 1);
    (void)pthread_mutex_lock(&line->busy);
    size_t len = strlen(line->said);
    (void)snprintf(line->said + len, sizeof line->said - len, "%s:%.*s:%d ", item->topic,
                   (int)item->len, item->payload, item->qos);
    (void)pthread_mutex_unlock(&line->busy);
    atomic_fetch_add(&line->sent, 1);
}

static void init(struct line *line)
{
    *line = (struct line){.said = ""};
    (void)pthread_mutex_init(&line->busy, NULL);
}

static void until(atomic_int *count, int wanted)
{
    while (atomic_load(count) < wanted) (void)sched_yield();
}

static void messages_go_out_in_their_order(void)
{
    struct line line;
    struct wg_error err = {0};
    init(&line);
    struct outbox *outbox = outbox_new(MOST, send_one, &line, &err);
    CU_ASSERT_FATAL(outbox != NULL);
    ASSERT_OK(outbox_put(outbox, "a", "12", 2, 1, &err), &err);
    ASSERT_OK(outbox_put(outbox, "b", NULL, 0, 0, &err), &err);
    ASSERT_OK(outbox_put(outbox, "a", "3", 1, 1, &err), &err);
    until(&line.sent, 3);
    outbox_free(outbox);
    ASSERT_TEXT(line.said, "a:12:1 b::0 a:3:1 ");
    (void)pthread_mutex_destroy(&line.busy);
}

static void a_full_one_says_so_and_does_not_wait(void)
{
    struct line line;
    struct wg_error err = {0};
    init(&line);
    (void)pthread_mutex_lock(&line.busy);
    struct outbox *outbox = outbox_new(MOST, send_one, &line, &err);
    CU_ASSERT_FATAL(outbox != NULL);
    ASSERT_OK(outbox_put(outbox, "0", "", 0, 0, &err), &err);
    until(&line.begun, 1); /* it is on its way, and has left its place */
    for (int i = 0; i < MOST; i++) ASSERT_OK(outbox_put(outbox, "x", "", 0, 0, &err), &err);
    CU_ASSERT_FALSE(outbox_put(outbox, "y", "", 0, 0, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    (void)pthread_mutex_unlock(&line.busy);
    until(&line.sent, 1 + MOST);
    ASSERT_OK(outbox_put(outbox, "z", "", 0, 0, &err), &err);
    until(&line.sent, 2 + MOST);
    outbox_free(outbox);
    ASSERT_TEXT(line.said, "0::0 x::0 x::0 x::0 x::0 z::0 ");
    (void)pthread_mutex_destroy(&line.busy);
}

static void what_waits_at_the_end_is_let_go(void)
{
    struct line line;
    struct wg_error err = {0};
    init(&line);
    struct outbox *outbox = outbox_new(MOST, send_one, &line, &err);
    CU_ASSERT_FATAL(outbox != NULL);
    for (int i = 0; i < MOST; i++) ASSERT_OK(outbox_put(outbox, "x", "1", 1, 0, &err), &err);
    outbox_free(outbox); /* leaks are the sanitizer's to find */
    CU_ASSERT(atomic_load(&line.sent) <= MOST);
    (void)pthread_mutex_destroy(&line.busy);
}

WG_SUITE("outbox", {"messages go out in their order", messages_go_out_in_their_order},
         {"a full one says so and does not wait", a_full_one_says_so_and_does_not_wait},
         {"what waits at the end is let go", what_waits_at_the_end_is_let_go})
