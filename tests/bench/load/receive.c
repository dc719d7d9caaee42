/* receive.c: the bare other side: a subscriber that counts. It says "ready" when it hears, and what
 * it heard when nothing more comes, or when it is told to end; several times if asked to, over the
 * same sessions. */
#include "tests/bench/load/crowd.h"
#include "tests/bench/load/sessions.h"
#include "tests/bench/load/verbs.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS ((int64_t)1000000000)

const struct flag receive_flags[] = {
    {"filter", "TOPIC", "that the only session hears"},
    {"devices", "FILE", "whose orders are heard instead, each by one of the sessions"},
    {"sessions", "N", "over which they hear (default 300)"},
    {"most", "N", "says so behind so many messages, and ends"},
    {"times", "N", "ends when it has said so this often (default 1)"},
    {NULL, NULL, NULL}};

static volatile sig_atomic_t ended;

struct heard {
    struct crowd crowd;
    struct sessions *sessions;
    int64_t count, first, last, twice, bytes;
    int64_t *counter; /* of each device's last order */
};

static void on_end(int number)
{
    (void)number;
    ended = 1;
}

/* A counter that does not grow: the same order again. */
static void look(struct heard *heard, const char *topic, const char *payload)
{
    size_t device = crowd_find(&heard->crowd, topic);
    const char *at = strstr(payload, "\"counter\":");
    int64_t counter = at ? strtoll(at + strlen("\"counter\":"), NULL, 10) : 0;
    if (device == heard->crowd.count) return;
    if (counter <= heard->counter[device]) heard->twice++;
    heard->counter[device] = counter;
}

static void on_message(void *ctx, size_t session, const char *topic, const char *payload,
                       size_t len)
{
    struct heard *heard = ctx;
    (void)session;
    heard->last = load_clock();
    if (heard->count++ == 0) heard->first = heard->last;
    heard->bytes += (int64_t)len;
    if (heard->crowd.count > 0 && len > 0) look(heard, topic, payload);
}

static bool hear_devices(struct heard *heard, size_t sessions, struct wg_error *err)
{
    for (size_t i = 0; i < heard->crowd.count; i += 100 * sessions)
        for (size_t line = 0; line < sessions; line++) {
            char topics[100][WG_TOPIC_MAX];
            const char *filters[100];
            size_t count = 0;
            for (size_t at = i + line; at < heard->crowd.count && count < 100; at += sessions) {
                if (!wg_topic_make(WG_TOPIC_DOWN_ORDER, heard->crowd.items[at].id, topics[count]))
                    return wg_fail(err, WG_E_BAD_INPUT, "a device's name is none");
                filters[count] = topics[count];
                count++;
            }
            if (!sessions_subscribe(heard->sessions, line, filters, count, err)) return false;
        }
    return true;
}

static bool say(const struct heard *heard, struct wg_error *err)
{
    double seconds = (double)(heard->last - heard->first) / 1e9;
    (void)printf("{\"received\": %lld, \"twice\": %lld, \"bytes\": %lld, \"first_ns\": %lld, "
                 "\"last_ns\": %lld, \"seconds\": %.3f, \"rate\": %.0f}\n",
                 (long long)heard->count, (long long)heard->twice, (long long)heard->bytes,
                 (long long)heard->first, (long long)heard->last, seconds,
                 seconds > 0 ? (double)heard->count / seconds : 0.0);
    return fflush(stdout) == 0 || wg_fail_errno(err, "writing");
}

static bool hear(struct heard *heard, int64_t most, int64_t times, struct wg_error *err)
{
    struct sigaction action = {.sa_handler = on_end};
    (void)sigaction(SIGTERM, &action, NULL);
    if (puts("ready") < 0 || fflush(stdout) != 0) return wg_fail_errno(err, "writing");
    for (int64_t i = 0; i < times && !ended; i++) {
        heard->count = heard->first = heard->last = heard->twice = heard->bytes = 0;
        while (!ended && heard->count < most)
            if (!sessions_step(heard->sessions, 100, err)) return false;
        if (!say(heard, err)) return false;
    }
    return true;
}

bool receive_run(const struct args *args, struct wg_error *err)
{
    struct heard heard = {.count = 0};
    const char *filter = args_value(args, "filter"), *devices = args_value(args, "devices");
    const struct session_events events = {&heard, on_message, NULL};
    int64_t most, sessions, times;
    if (!load_number(args, "most", INT64_MAX, 1, &most, err) ||
        !load_number(args, "sessions", 300, 1, &sessions, err) ||
        !load_number(args, "times", 1, 1, &times, err))
        return false;
    if (!filter == !devices) return wg_fail(err, WG_E_USAGE, "expected --filter or --devices");
    if (filter) sessions = 1;
    bool ok = (filter || crowd_load(devices, &heard.crowd, err)) &&
              ((heard.counter = calloc(heard.crowd.count + 1, sizeof *heard.counter)) ||
               wg_fail_memory(err, "starting")) &&
              (heard.sessions = sessions_open(args, (size_t)sessions, &events, err)) &&
              (filter ? sessions_subscribe(heard.sessions, 0, &filter, 1, err)
                      : hear_devices(&heard, (size_t)sessions, err)) &&
              hear(&heard, most, times, err);
    sessions_close(heard.sessions);
    crowd_clear(&heard.crowd);
    free(heard.counter);
    return ok;
}
