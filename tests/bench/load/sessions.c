/* sessions.c: the loop is ours because libmosquitto's own serves one session a thread. */
#include "tests/bench/load/sessions.h"

#include <mosquitto.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <time.h>
#include <unistd.h>

#define EVENTS_MAX 256
#define KEEP_ALIVE_S 60
#define PATIENCE_NS (60 * (int64_t)1000000000)
#define MISC_NS ((int64_t)1000000000) /* between two looks after keep-alives */
#define CONNECTING_MAX ((size_t)32)
#define FILTERS_MAX ((size_t)100) /* in one packet */

const struct flag session_flags[] = {{"port", "N", "of the broker on localhost"},
                                     {"ca", "FILE", "whom to trust"},
                                     {"cert", "FILE", "certificate of all sessions"},
                                     {"key", "FILE", "its key"},
                                     {"name", "TEXT", "client ids begin with it (default load)"},
                                     {"mqtt", "VERSION", "5 or 3.1.1 (default 5)"},
                                     {NULL, NULL, NULL}};

struct session {
    struct sessions *all;
    struct mosquitto *mosquitto;
    size_t number;
    int fd;
    bool writes; /* the loop waits until it can write */
    bool connected;
};

struct sessions {
    int epoll;
    size_t count, connected, awaited; /* awaited: answers to subscriptions */
    bool denied, refused;             /* a subscription, a connection */
    int64_t misc_at;
    struct session_events events;
    struct session *items;
};

int64_t load_clock(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void on_connect(struct mosquitto *mosquitto, void *ctx, int code)
{
    struct session *session = ctx;
    (void)mosquitto;
    session->all->refused |= code != 0;
    session->connected = code == 0;
    session->all->connected += code == 0;
}

static void on_subscribe(struct mosquitto *mosquitto, void *ctx, int mid, int count,
                         const int *granted)
{
    struct session *session = ctx;
    (void)mosquitto, (void)mid;
    for (int i = 0; i < count; i++) session->all->denied |= granted[i] >= 0x80;
    session->all->awaited--;
}

static void on_publish(struct mosquitto *mosquitto, void *ctx, int mid)
{
    struct session *session = ctx;
    const struct session_events *events = &session->all->events;
    (void)mosquitto, (void)mid;
    if (events->sent) events->sent(events->ctx, session->number);
}

static void on_message(struct mosquitto *mosquitto, void *ctx,
                       const struct mosquitto_message *message)
{
    struct session *session = ctx;
    const struct session_events *events = &session->all->events;
    (void)mosquitto;
    if (events->message)
        events->message(events->ctx, session->number, message->topic, message->payload,
                        (size_t)message->payloadlen);
}

static bool fail(const struct session *session, int code, struct wg_error *err)
{
    return wg_fail(err, WG_E_NETWORK, "session %zu: %s", session->number, mosquitto_strerror(code));
}

static bool watch(struct session *session, int operation, struct wg_error *err)
{
    struct epoll_event event = {.events = session->writes ? EPOLLIN | EPOLLOUT : EPOLLIN,
                                .data.ptr = session};
    return epoll_ctl(session->all->epoll, operation, session->fd, &event) == 0 ||
           wg_fail_errno(err, "watching a session");
}

static bool watch_writes(struct session *session, struct wg_error *err)
{
    bool writes = mosquitto_want_write(session->mosquitto);
    if (writes == session->writes) return true;
    session->writes = writes;
    return watch(session, EPOLL_CTL_MOD, err);
}

static bool open_session(struct session *session, const struct args *args, struct wg_error *err)
{
    char id[64];
    const char *name = args_value(args, "name");
    const char *port = args_value(args, "port");
    const char *mqtt = args_value(args, "mqtt");
    int version = mqtt && strcmp(mqtt, "3.1.1") == 0 ? MQTT_PROTOCOL_V311 : MQTT_PROTOCOL_V5;
    (void)snprintf(id, sizeof id, "%s-%04zu", name ? name : "load", session->number);
    session->mosquitto = mosquitto_new(id, true, session);
    if (!session->mosquitto) return wg_fail_memory(err, "opening sessions");
    mosquitto_connect_callback_set(session->mosquitto, on_connect);
    mosquitto_subscribe_callback_set(session->mosquitto, on_subscribe);
    mosquitto_publish_callback_set(session->mosquitto, on_publish);
    mosquitto_message_callback_set(session->mosquitto, on_message);
    /* else it holds messages back by itself */
    (void)mosquitto_int_option(session->mosquitto, MOSQ_OPT_SEND_MAXIMUM, 65535);
    (void)mosquitto_int_option(session->mosquitto, MOSQ_OPT_RECEIVE_MAXIMUM, 65535);
    (void)mosquitto_int_option(session->mosquitto, MOSQ_OPT_PROTOCOL_VERSION, version);
    (void)mosquitto_int_option(session->mosquitto, MOSQ_OPT_TCP_NODELAY, 1);
    int code = mosquitto_tls_set(session->mosquitto, args_value(args, "ca"), NULL,
                                 args_value(args, "cert"), args_value(args, "key"), NULL);
    if (code == MOSQ_ERR_SUCCESS)
        code = mosquitto_connect(session->mosquitto, "localhost", (int)strtol(port, NULL, 10),
                                 KEEP_ALIVE_S);
    if (code != MOSQ_ERR_SUCCESS) return fail(session, code, err);
    session->fd = mosquitto_socket(session->mosquitto);
    session->writes = true;
    return watch(session, EPOLL_CTL_ADD, err);
}

/* Until no more than that many are still connecting; each has its time. */
static bool await(struct sessions *sessions, size_t opened, size_t most, struct wg_error *err)
{
    int64_t until = load_clock() + PATIENCE_NS;
    size_t before = sessions->connected;
    while (opened - sessions->connected > most) {
        if (sessions->refused || load_clock() >= until)
            return wg_fail(err, WG_E_NETWORK,
                           "the broker does not take %zu of the first %zu sessions",
                           opened - sessions->connected, opened);
        if (!sessions_step(sessions, 100, err)) return false;
        if (sessions->connected > before) until = load_clock() + PATIENCE_NS;
        before = sessions->connected;
    }
    return true;
}

/* Some at once: a broker takes some hundreds of handshakes a second, and between two packets of one
 * it may wait for 40 ms (Nagle's algorithm). */
static bool open_all(struct sessions *sessions, const struct args *args, struct wg_error *err)
{
    static const char *const needed[] = {"port", "ca", "cert", "key"};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++)
        if (!args_has(args, needed[i]))
            return wg_fail(err, WG_E_USAGE, "--%s is missing", needed[i]);
    for (size_t i = 0; i < sessions->count; i++) {
        struct session *session = &sessions->items[i];
        *session = (struct session){.all = sessions, .number = i, .fd = -1};
        if (!open_session(session, args, err) || !await(sessions, i + 1, CONNECTING_MAX, err))
            return false;
    }
    return await(sessions, sessions->count, 0, err);
}

struct sessions *sessions_open(const struct args *args, size_t count,
                               const struct session_events *events, struct wg_error *err)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions) sessions->items = calloc(count + 1, sizeof *sessions->items);
    if (!sessions || !sessions->items) {
        free(sessions);
        (void)wg_fail_memory(err, "opening sessions");
        return NULL;
    }
    (void)mosquitto_lib_init();
    sessions->count = count;
    sessions->events = *events;
    sessions->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (sessions->epoll < 0) (void)wg_fail_errno(err, "opening sessions");
    if (sessions->epoll >= 0 && open_all(sessions, args, err)) return sessions;
    sessions_close(sessions);
    return NULL;
}

void sessions_close(struct sessions *sessions)
{
    if (!sessions) return;
    for (size_t i = 0; i < sessions->count; i++) {
        if (!sessions->items[i].mosquitto) continue;
        (void)mosquitto_disconnect(sessions->items[i].mosquitto);
        mosquitto_destroy(sessions->items[i].mosquitto);
    }
    if (sessions->epoll >= 0) (void)close(sessions->epoll);
    free(sessions->items);
    free(sessions);
    (void)mosquitto_lib_cleanup();
}

bool sessions_subscribe(struct sessions *sessions, size_t number, const char *const *filters,
                        size_t count, struct wg_error *err)
{
    struct session *session = &sessions->items[number];
    for (size_t i = 0; i < count; i += FILTERS_MAX) {
        char *part[FILTERS_MAX];
        size_t left = count - i < FILTERS_MAX ? count - i : FILTERS_MAX;
        /* the library does not write to them */
        for (size_t j = 0; j < left; j++) part[j] = (char *)(uintptr_t)filters[i + j];
        int code =
            mosquitto_subscribe_multiple(session->mosquitto, NULL, (int)left, part, 1, 0, NULL);
        if (code != MOSQ_ERR_SUCCESS) return fail(session, code, err);
        sessions->awaited++;
    }
    int64_t until = load_clock() + PATIENCE_NS;
    while (sessions->awaited > 0 && load_clock() < until)
        if (!sessions_step(sessions, 100, err)) return false;
    return (sessions->awaited == 0 && !sessions->denied) ||
           wg_fail(err, WG_E_NETWORK, "the broker does not grant a subscription");
}

static bool publish(struct sessions *sessions, size_t number, const char *topic,
                    const void *payload, size_t len, int qos, struct wg_error *err)
{
    struct session *session = &sessions->items[number];
    int code = mosquitto_publish(session->mosquitto, NULL, topic, (int)len, payload, qos, false);
    return code == MOSQ_ERR_SUCCESS ? watch_writes(session, err) : fail(session, code, err);
}

bool sessions_publish(struct sessions *sessions, size_t number, const char *topic,
                      const void *payload, size_t len, struct wg_error *err)
{
    return publish(sessions, number, topic, payload, len, 1, err);
}

bool sessions_tell(struct sessions *sessions, size_t number, const char *topic, const void *payload,
                   size_t len, struct wg_error *err)
{
    return publish(sessions, number, topic, payload, len, 0, err);
}

static bool serve(struct session *session, uint32_t ready, struct wg_error *err)
{
    int code = MOSQ_ERR_SUCCESS;
    if (ready & (EPOLLIN | EPOLLERR | EPOLLHUP)) code = mosquitto_loop_read(session->mosquitto, 1);
    if (code == MOSQ_ERR_SUCCESS && (ready & EPOLLOUT || mosquitto_want_write(session->mosquitto)))
        code = mosquitto_loop_write(session->mosquitto, 1);
    return code == MOSQ_ERR_SUCCESS ? watch_writes(session, err) : fail(session, code, err);
}

static bool keep_alive(struct sessions *sessions, struct wg_error *err)
{
    int64_t now = load_clock();
    if (now < sessions->misc_at) return true;
    sessions->misc_at = now + MISC_NS;
    for (size_t i = 0; i < sessions->count; i++) {
        struct session *session = &sessions->items[i];
        if (!session->connected) continue;
        int code = mosquitto_loop_misc(session->mosquitto);
        if (code != MOSQ_ERR_SUCCESS) return fail(session, code, err);
    }
    return true;
}

bool sessions_step(struct sessions *sessions, int timeout_ms, struct wg_error *err)
{
    struct epoll_event ready[EVENTS_MAX];
    int count = epoll_wait(sessions->epoll, ready, EVENTS_MAX, timeout_ms);
    for (int i = 0; i < count; i++)
        if (!serve(ready[i].data.ptr, ready[i].events, err)) return false;
    return keep_alive(sessions, err);
}
