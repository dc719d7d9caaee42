/* report.c: devices go through their updates, report by report, and keep each until it is
 * acknowledged. Closed loop: as much as a window lets through; or open, at a rate. */
#include "tests/bench/load/crowd.h"
#include "tests/bench/load/samples.h"
#include "tests/bench/load/sessions.h"
#include "tests/bench/load/verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECOND_NS ((int64_t)1000000000)
#define PAYLOAD_MAX 640
#define WARM_NS SECOND_NS /* of the time that is not counted, at the begin */

const struct flag report_flags[] = {
    {"devices", "FILE", "a line each: ID ORDER ATTEMPT"},
    {"campaign", "NAME", "of the orders"},
    {"release", "COMPONENT/VERSION", "that they run in the end"},
    {"sessions", "N", "over which they speak (default 300)"},
    {"window", "N", "reports of a session that are not acknowledged yet (default 8)"},
    {"together", "N", "reports of one device that are sent at once, 1 to 6 (default 1)"},
    {"rate", "N", "reports a second in all; 0: as fast as they are acknowledged"},
    {"seconds", "N", "for so long, or until every device is through (default 10)"},
    {"again", "MS", "a report is sent again when it is not acknowledged (default 10000)"},
    {"patience", "N", "seconds to wait for the last acknowledgements (default 60)"},
    {"bare", NULL, "the broker's word is enough: there is no orchestrator"},
    {NULL, NULL, NULL}};

static const char *const states[] = {"accepted",  "downloading", "installing",
                                     "rebooting", "probation",   "succeeded"};
#define STATES (sizeof states / sizeof states[0])
static const char journal[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

struct life {
    uint8_t sent, acknowledged;
    int64_t at[STATES], again_at;
};

struct line {
    size_t next, pass; /* device of its own that speaks next, for the so-manieth time */
    size_t outstanding;
    bool waits; /* in the list of those that may send */
};

struct run {
    struct crowd crowd;
    struct sessions *sessions;
    const char *campaign, *component, *version;
    size_t lines, together, window;
    struct line *line;
    struct life *life;
    size_t *ready, ready_count;
    int64_t sent, answered, counted, repeated, odd;
    int64_t begin, end, again_ns; /* answers in between count */
    int64_t first, last;          /* of all */
    bool bare, open;
    struct samples samples;
};

static size_t own_devices(const struct run *run, size_t line)
{
    return (run->crowd.count - line + run->lines - 1) / run->lines;
}

static void may_send(struct run *run, size_t line)
{
    if (run->line[line].waits || run->open) return;
    run->line[line].waits = true;
    run->ready[run->ready_count++] = line;
}

static void answered(struct run *run, size_t line, int64_t ns)
{
    int64_t now = load_clock();
    run->answered++;
    run->last = now;
    if (run->line[line].outstanding > 0) run->line[line].outstanding--;
    if (now >= run->begin && now < run->end) run->counted++;
    if (now >= run->begin) samples_add(&run->samples, ns);
    may_send(run, line);
}

static void on_sent(void *ctx, size_t line)
{
    struct run *run = ctx;
    if (run->bare) answered(run, line, 0);
}

static int64_t member(const char *payload, const char *name)
{
    const char *at = strstr(payload, name);
    return at ? strtoll(at + strlen(name), NULL, 10) : -1;
}

static void on_message(void *ctx, size_t line, const char *topic, const char *payload, size_t len)
{
    struct run *run = ctx;
    size_t device = crowd_find(&run->crowd, topic);
    int64_t seq = len > 0 ? member(payload, "\"seq\":") : -1;
    if (device == run->crowd.count || seq < 0 || seq > run->life[device].sent) {
        run->odd++;
        return;
    }
    struct life *life = &run->life[device];
    int64_t now = load_clock();
    while (life->acknowledged < seq) answered(run, line, now - life->at[life->acknowledged++]);
}

static bool publish(struct run *run, size_t line, size_t device, size_t step, struct wg_error *err)
{
    const struct crowd_device *who = &run->crowd.items[device];
    char topic[WG_TOPIC_MAX], payload[PAYLOAD_MAX], versions[2 * WG_NAME_MAX + 40] = "";
    if (step == STATES - 1)
        (void)snprintf(versions, sizeof versions, ",\"versions\":{\"%s\":\"%s\"}", run->component,
                       run->version);
    int len = snprintf(payload, sizeof payload,
                       "{\"v\":1,\"journal\":\"%s\",\"order\":\"%s\",\"campaign\":\"%s\","
                       "\"attempt\":%lld,\"state\":\"%s\",\"seq\":%zu%s}",
                       journal, who->order, run->campaign, (long long)who->attempt, states[step],
                       step + 1, versions);
    return wg_topic_make(WG_TOPIC_UP_REPORT, who->id, topic) &&
           sessions_publish(run->sessions, line, topic, payload, (size_t)len, err);
}

/* The next report of the session's devices, pass by pass; *done: all have said everything. */
static bool send_next(struct run *run, size_t number, bool *done, struct wg_error *err)
{
    struct line *line = &run->line[number];
    size_t count = own_devices(run, number);
    *done = line->pass * run->together >= STATES || count == 0;
    if (*done) return true;
    size_t device = number + line->next * run->lines;
    struct life *life = &run->life[device];
    size_t step = life->sent++;
    line->outstanding++;
    run->sent++;
    life->at[step] = load_clock();
    life->again_at = life->at[step] + run->again_ns;
    bool ok = publish(run, number, device, step, err);
    if (life->sent % run->together == 0 || life->sent == STATES) line->next++;
    if (line->next == count) {
        line->next = 0;
        line->pass++;
    }
    return ok;
}

static bool fill_windows(struct run *run, struct wg_error *err)
{
    while (run->ready_count > 0) {
        size_t number = run->ready[--run->ready_count];
        struct line *line = &run->line[number];
        bool done = false;
        line->waits = false;
        while (!done && line->outstanding < run->window)
            if (!send_next(run, number, &done, err)) return false;
    }
    return true;
}

/* What is due by now, line by line in turns. */
static bool keep_rate(struct run *run, int64_t start, int64_t rate, size_t *turn,
                      struct wg_error *err)
{
    int64_t due = (int64_t)((double)(load_clock() - start) / 1e9 * (double)rate);
    size_t idle = 0;
    while (run->sent < due && idle < run->lines) {
        bool done = false;
        if (!send_next(run, (*turn)++ % run->lines, &done, err)) return false;
        idle = done ? idle + 1 : 0;
    }
    return true;
}

/* As agents do with what is not acknowledged. */
static bool repeat(struct run *run, struct wg_error *err)
{
    int64_t now = load_clock();
    for (size_t i = 0; i < run->crowd.count && !run->bare; i++) {
        struct life *life = &run->life[i];
        if (life->acknowledged == life->sent || now < life->again_at) continue;
        life->again_at = now + run->again_ns;
        for (size_t step = life->acknowledged; step < life->sent; step++) {
            run->repeated++;
            if (!publish(run, i % run->lines, i, step, err)) return false;
        }
    }
    return true;
}

static bool drive(struct run *run, int64_t rate, int64_t patience, struct wg_error *err)
{
    int64_t start = load_clock(), look_at = start + SECOND_NS;
    int64_t most = (int64_t)(run->crowd.count * STATES), until = 0;
    size_t turn = 0;
    run->first = start;
    run->end += start;
    run->begin += start;
    for (size_t i = 0; i < run->lines; i++) may_send(run, i);
    for (;;) {
        int64_t now = load_clock();
        if (!until && (now >= run->end || run->sent == most)) {
            if (now < run->end) run->end = now;
            until = now + patience * SECOND_NS;
        }
        if (until && (run->answered == run->sent || now >= until)) return true;
        if (!until && !(rate ? keep_rate(run, start, rate, &turn, err) : fill_windows(run, err)))
            return false;
        if (now >= look_at) {
            if (!repeat(run, err)) return false;
            look_at = now + SECOND_NS / 4;
        }
        if (!sessions_step(run->sessions, rate ? 1 : 100, err)) return false;
    }
}

static bool subscribe(struct run *run, struct wg_error *err)
{
    size_t most = own_devices(run, 0);
    char(*topics)[WG_TOPIC_MAX] = calloc(most + 1, sizeof *topics);
    const char **filters = calloc(most + 1, sizeof(*filters));
    bool ok = (topics && filters) || wg_fail_memory(err, "subscribing");
    for (size_t line = 0; ok && line < run->lines; line++) {
        size_t count = 0;
        for (size_t i = line; ok && i < run->crowd.count; i += run->lines) {
            ok = wg_topic_make(WG_TOPIC_DOWN_ACK, run->crowd.items[i].id, topics[count]) ||
                 wg_fail(err, WG_E_BAD_INPUT, "a device's name is none");
            filters[count] = topics[count];
            count++;
        }
        ok = ok && sessions_subscribe(run->sessions, line, filters, count, err);
    }
    free(topics);
    free(filters);
    return ok;
}

static double rate_of(int64_t count, int64_t ns)
{
    return ns > 0 ? (double)count / ((double)ns / 1e9) : 0.0;
}

static void print(struct run *run)
{
    int64_t ns = run->end - run->begin;
    (void)printf("{\"sent\": %lld, \"acknowledged\": %lld, \"repeated\": %lld, \"odd\": %lld, "
                 "\"seconds\": %.3f, \"rate\": %.0f, \"whole_rate\": %.0f, ",
                 (long long)run->sent, (long long)run->answered, (long long)run->repeated,
                 (long long)run->odd, (double)ns / 1e9, rate_of(run->counted, ns),
                 rate_of(run->answered, run->last - run->first));
    samples_print(&run->samples);
    (void)printf("}\n");
}

static bool make_room(struct run *run, struct wg_error *err)
{
    run->line = calloc(run->lines, sizeof *run->line);
    run->ready = calloc(run->lines, sizeof *run->ready);
    run->life = calloc(run->crowd.count, sizeof *run->life);
    return (run->line && run->ready && run->life &&
            samples_init(&run->samples, run->crowd.count * STATES, err)) ||
           wg_fail_memory(err, "starting");
}

static bool read_release(const struct args *args, struct run *run, char out[2 * WG_NAME_MAX],
                         struct wg_error *err)
{
    const char *release = args_value(args, "release");
    if (!release || !strchr(release, '/') || !wg_copy(out, 2 * (size_t)WG_NAME_MAX, release))
        return wg_fail(err, WG_E_USAGE, "--release: expected COMPONENT/VERSION");
    char *slash = strchr(out, '/');
    *slash = '\0';
    run->component = out;
    run->version = slash + 1;
    return true;
}

bool report_run(const struct args *args, struct wg_error *err)
{
    struct run run = {.bare = args_has(args, "bare"), .begin = WARM_NS};
    char release[2 * WG_NAME_MAX];
    int64_t lines, window, together, rate, seconds, again, patience;
    if (!load_number(args, "sessions", 300, 1, &lines, err) ||
        !load_number(args, "window", 8, 1, &window, err) ||
        !load_number(args, "together", 1, 1, &together, err) ||
        !load_number(args, "rate", 0, 0, &rate, err) ||
        !load_number(args, "seconds", 10, 2, &seconds, err) ||
        !load_number(args, "again", 10000, 100, &again, err) ||
        !load_number(args, "patience", 60, 1, &patience, err) ||
        !read_release(args, &run, release, err))
        return false;
    run.campaign = args_value(args, "campaign");
    if (!run.campaign || !args_has(args, "devices"))
        return wg_fail(err, WG_E_USAGE, "--campaign and --devices are missing");
    run.lines = (size_t)lines;
    run.window = (size_t)window;
    run.together = (size_t)together;
    run.end = seconds * SECOND_NS;
    run.again_ns = again * (SECOND_NS / 1000);
    run.open = rate > 0;
    const struct session_events events = {&run, on_message, on_sent};
    bool ok = crowd_load(args_value(args, "devices"), &run.crowd, err) && make_room(&run, err) &&
              (run.sessions = sessions_open(args, run.lines, &events, err)) &&
              (run.bare || subscribe(&run, err)) && drive(&run, rate, patience, err);
    if (ok) print(&run);
    sessions_close(run.sessions);
    crowd_clear(&run.crowd);
    samples_clear(&run.samples);
    free(run.line);
    free(run.ready);
    free(run.life);
    return ok;
}
