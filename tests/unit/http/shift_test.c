/* shift_test.c: daemons that follow each other at one socket. */
#include "orchestrator/http/shift.h"

#include "common/posix/listen.h"
#include "tests/unit/harness.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define VISITORS 4
#define TURNS 40

static atomic_uint aborts;

/* The library's own would end the process. */
static void on_panic(void *ctx, const char *file, unsigned line, const char *reason)
{
    (void)ctx;
    (void)file;
    (void)line;
    (void)reason;
    (void)atomic_fetch_add(&aborts, 1);
}

static enum MHD_Result answer(void *ctx, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *body,
                              size_t *body_len, void **place)
{
    (void)ctx, (void)url, (void)method, (void)version, (void)body, (void)place;
    *body_len = 0;
    struct MHD_Response *response =
        MHD_create_response_from_buffer(2, (char *)(uintptr_t) "ok", MHD_RESPMEM_PERSISTENT);
    enum MHD_Result result = MHD_queue_response(connection, 200, response);
    MHD_destroy_response(response);
    return result;
}

static struct MHD_Daemon *start(int fd)
{
    const unsigned flags = MHD_USE_POLL_INTERNAL_THREAD | MHD_USE_ITC;
    return MHD_start_daemon(flags, 0, NULL, NULL, answer, NULL, MHD_OPTION_LISTEN_SOCKET, fd,
                            MHD_OPTION_THREAD_POOL_SIZE, 8U, MHD_OPTION_END);
}

static struct sockaddr_in at;

static int listen_somewhere(void)
{
    struct wg_error err = {0};
    socklen_t len = sizeof at;
    int fd = wg_listen("127.0.0.1:0", &err);
    CU_ASSERT_TRUE_FATAL(fd >= 0 && getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    return fd;
}

static int visit(void)
{
    static const char request[] = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_EQUAL_FATAL(connect(fd, (struct sockaddr *)&at, sizeof at), 0);
    CU_ASSERT_EQUAL_FATAL(write(fd, request, sizeof request - 1), (ssize_t)sizeof request - 1);
    return fd;
}

static void is_answered(int fd)
{
    char text[512];
    struct pollfd readable = {.fd = fd, .events = POLLIN};
    CU_ASSERT_EQUAL(poll(&readable, 1, 10000), 1);
    ssize_t len = read(fd, text, sizeof text);
    CU_ASSERT_TRUE(len > 12 && strncmp(text, "HTTP/1.1 200", 12) == 0);
    (void)close(fd);
}

static atomic_bool ended;
static atomic_uint answered;

static void *visitor(void *ctx)
{
    (void)ctx;
    while (!atomic_load(&ended)) {
        is_answered(visit());
        (void)atomic_fetch_add(&answered, 1);
    }
    return NULL;
}

/* The library ends the process over a socket that is closed before its threads have let go of it:
 * sometimes. */
static void daemons_follow_each_other_while_clients_come(void)
{
    struct http_shift shift = {.count = 0};
    struct wg_error err = {0};
    pthread_t visitors[VISITORS];
    MHD_set_panic_func(on_panic, NULL);
    struct MHD_Daemon *daemon = start(listen_somewhere());
    CU_ASSERT_PTR_NOT_NULL_FATAL(daemon);
    for (size_t i = 0; i < VISITORS; i++)
        CU_ASSERT_EQUAL_FATAL(pthread_create(&visitors[i], NULL, visitor, NULL), 0);
    for (int turn = 0; turn < TURNS; turn++) {
        unsigned before = atomic_load(&answered);
        struct MHD_Daemon *next = start(http_shift_socket(&shift, daemon, &err));
        CU_ASSERT_PTR_NOT_NULL_FATAL(next);
        http_shift_retire(&shift, daemon);
        daemon = next;
        while (shift.count == HTTP_SHIFTS_MAX || atomic_load(&answered) < before + 10) {
            http_shift_look(&shift);
            (void)poll(NULL, 0, 1);
        }
    }
    atomic_store(&ended, true);
    for (size_t i = 0; i < VISITORS; i++) (void)pthread_join(visitors[i], NULL);
    CU_ASSERT_EQUAL(atomic_load(&aborts), 0);
    http_shift_retire(&shift, daemon);
    http_shift_clear(&shift);
    CU_ASSERT_EQUAL(shift.count, 0);
}

/* Also one without connections may just be taking one, and its threads look at its socket. */
static void a_daemon_that_was_followed_is_not_ended_at_once(void)
{
    struct http_shift shift = {.count = 0};
    struct MHD_Daemon *before = start(listen_somewhere());
    CU_ASSERT_PTR_NOT_NULL_FATAL(before);
    http_shift_retire(&shift, before);
    http_shift_look(&shift);
    CU_ASSERT_EQUAL(shift.count, 1);
    CU_ASSERT_TRUE(fcntl(shift.old[0].fd, F_GETFD) >= 0);
    http_shift_clear(&shift);
    CU_ASSERT_EQUAL(shift.count, 0);
}

WG_SUITE("orchestrator/http/shift",
         {"daemons follow each other while clients come",
          daemons_follow_each_other_while_clients_come},
         {"a daemon that was followed is not ended at once",
          a_daemon_that_was_followed_is_not_ended_at_once})
