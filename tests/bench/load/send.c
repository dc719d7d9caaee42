/* send.c: the bare other side of dispatch: one session, messages as long as orders, as fast as the
 * broker acknowledges. */
#include "tests/bench/load/crowd.h"
#include "tests/bench/load/sessions.h"
#include "tests/bench/load/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct flag send_flags[] = {
    {"devices", "FILE", "to each of which one message goes"},
    {"bytes", "N", "of a message (default 2000)"},
    {"window", "N", "messages that are not acknowledged yet (default 1000)"},
    {NULL, NULL, NULL}};

struct sending {
    struct crowd crowd;
    struct sessions *sessions;
    size_t sent, acknowledged;
};

static void on_sent(void *ctx, size_t session)
{
    struct sending *sending = ctx;
    (void)session;
    sending->acknowledged++;
}

static bool send_all(struct sending *sending, const char *payload, size_t len, size_t window,
                     struct wg_error *err)
{
    while (sending->acknowledged < sending->crowd.count) {
        while (sending->sent < sending->crowd.count &&
               sending->sent - sending->acknowledged < window) {
            char topic[WG_TOPIC_MAX];
            const char *id = sending->crowd.items[sending->sent++].id;
            if (!wg_topic_make(WG_TOPIC_DOWN_ORDER, id, topic) ||
                !sessions_publish(sending->sessions, 0, topic, payload, len, err))
                return false;
        }
        if (!sessions_step(sending->sessions, 100, err)) return false;
    }
    return true;
}

bool send_run(const struct args *args, struct wg_error *err)
{
    struct sending sending = {.sent = 0};
    const struct session_events events = {&sending, NULL, on_sent};
    int64_t bytes, window;
    if (!load_number(args, "bytes", 2000, 1, &bytes, err) ||
        !load_number(args, "window", 1000, 1, &window, err))
        return false;
    if (!args_has(args, "devices")) return wg_fail(err, WG_E_USAGE, "--devices is missing");
    char *payload = malloc((size_t)bytes);
    if (!payload) return wg_fail_memory(err, "starting");
    memset(payload, 'x', (size_t)bytes);
    bool ok = crowd_load(args_value(args, "devices"), &sending.crowd, err) &&
              (sending.sessions = sessions_open(args, 1, &events, err));
    int64_t start = load_clock();
    ok = ok && send_all(&sending, payload, (size_t)bytes, (size_t)window, err);
    double seconds = (double)(load_clock() - start) / 1e9;
    if (ok)
        (void)printf("{\"sent\": %zu, \"seconds\": %.3f, \"rate\": %.0f}\n", sending.sent, seconds,
                     seconds > 0 ? (double)sending.sent / seconds : 0.0);
    sessions_close(sending.sessions);
    crowd_clear(&sending.crowd);
    free(payload);
    return ok;
}
