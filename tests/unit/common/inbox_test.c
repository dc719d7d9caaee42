/* inbox_test.c: writers wait for room, but never while the owner is within the library. */
#include "common/posix/inbox.h"

#include "tests/unit/harness.h"

#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdlib.h>

#define MOST 4

struct writer {
    pthread_t thread;
    struct inbox *inbox;
    int count;
    atomic_int written;
};

static void put(struct inbox *inbox, enum mqtt_event_kind kind, int number)
{
    struct mqtt_event event = {.kind = kind, .reason = number};
    if (kind == MQTT_EVENT_MESSAGE) event.payload = malloc(1); /* who forgets it is found out */
    inbox_put(inbox, &event);
}

static void *write_all(void *arg)
{
    struct writer *writer = arg;
    for (int i = 0; i < writer->count; i++) {
        put(writer->inbox, MQTT_EVENT_MESSAGE, i);
        atomic_fetch_add(&writer->written, 1);
    }
    return NULL;
}

static struct writer *start(struct inbox *inbox, int count)
{
    struct writer *writer = calloc(1, sizeof *writer);
    CU_ASSERT_FATAL(writer != NULL);
    writer->inbox = inbox;
    writer->count = count;
    CU_ASSERT_EQUAL_FATAL(pthread_create(&writer->thread, NULL, write_all, writer), 0);
    return writer;
}

static void end(struct writer *writer)
{
    CU_ASSERT_EQUAL(pthread_join(writer->thread, NULL), 0);
    free(writer);
}

/* The number of the next event; waits for it. */
static int take(struct inbox *inbox)
{
    struct mqtt_event event = {.reason = -1};
    struct pollfd ready = {.fd = inbox_fd(inbox), .events = POLLIN};
    CU_ASSERT_EQUAL_FATAL(poll(&ready, 1, 10000), 1);
    CU_ASSERT_TRUE_FATAL(inbox_take(inbox, &event));
    mqtt_event_clear(&event);
    return event.reason;
}

static struct inbox *make(void)
{
    struct wg_error err = {0};
    struct inbox *inbox = inbox_new(MOST, &err);
    CU_ASSERT_FATAL(inbox != NULL);
    return inbox;
}

static void a_writer_waits_for_room(void)
{
    struct inbox *inbox = make();
    struct writer *writer = start(inbox, 10 * MOST);
    for (int i = 0; i < 10 * MOST; i++) {
        CU_ASSERT_EQUAL(take(inbox), i);
        /* one more than there was room for is on its way at most */
        CU_ASSERT(atomic_load(&writer->written) <= i + 1 + MOST + 1);
    }
    end(writer);
    CU_ASSERT_FALSE(inbox_take(inbox, &(struct mqtt_event){0}));
    inbox_free(inbox);
}

static void nobody_waits_while_it_spills(void)
{
    struct inbox *inbox = make();
    struct writer *writer = start(inbox, INBOX_SPILL * MOST);
    inbox_spill(inbox);
    end(writer); /* without anybody who takes */
    CU_ASSERT_EQUAL(inbox_hold(inbox), 0);
    for (int i = 0; i < INBOX_SPILL * MOST; i++) CU_ASSERT_EQUAL(take(inbox), i);
    inbox_free(inbox);
}

static void a_writer_that_waits_goes_on_when_it_spills(void)
{
    struct inbox *inbox = make();
    struct writer *writer = start(inbox, MOST + 1);
    while (atomic_load(&writer->written) < MOST) (void)sched_yield();
    inbox_spill(inbox);
    end(writer);
    (void)inbox_hold(inbox);
    inbox_free(inbox);
}

static void more_than_that_is_dropped_but_no_word_of_the_session(void)
{
    struct inbox *inbox = make();
    inbox_spill(inbox);
    for (int i = 0; i < INBOX_SPILL * MOST + 3; i++) put(inbox, MQTT_EVENT_MESSAGE, i);
    put(inbox, MQTT_EVENT_PUBLISH_FAILED, 0);
    put(inbox, MQTT_EVENT_LOST, 77);
    CU_ASSERT_EQUAL(inbox_hold(inbox), 4);
    inbox_spill(inbox);
    CU_ASSERT_EQUAL(inbox_hold(inbox), 0);
    for (int i = 0; i < INBOX_SPILL * MOST; i++) CU_ASSERT_EQUAL(take(inbox), i);
    CU_ASSERT_EQUAL(take(inbox), 77);
    inbox_free(inbox);
}

WG_SUITE("inbox", {"a writer waits for room", a_writer_waits_for_room},
         {"nobody waits while it spills", nobody_waits_while_it_spills},
         {"who waits goes on when it spills", a_writer_that_waits_goes_on_when_it_spills},
         {"more is dropped, but no word of the session",
          more_than_that_is_dropped_but_no_word_of_the_session})
