/* parent.c: one loop over children, signals, the control socket and the clock. */
#include "tests/sim/fleet/parent.h"

#include "common/posix/file.h"
#include "tests/sim/fleet/crew.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define SUMMARY_MAX 65536
#define LINE_EVERY (5 * WG_SECOND)
#define PICTURE_EVERY WG_SECOND
#define DESCRIPTORS_EACH 3
#define DESCRIPTORS_BESIDE 64

/* A client takes three descriptors. */
static bool raise_limit(size_t devices, struct wg_error *err)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return wg_fail_errno(err, "RLIMIT_NOFILE");
    limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) != 0) return wg_fail_errno(err, "RLIMIT_NOFILE");
    return devices * DESCRIPTORS_EACH + DESCRIPTORS_BESIDE <= limit.rlim_max ||
           wg_fail(err, WG_E_LIMIT,
                   "%zu devices in a process need %zu descriptors, it may have %llu: more "
                   "--processes",
                   devices, devices * DESCRIPTORS_EACH + DESCRIPTORS_BESIDE,
                   (unsigned long long)limit.rlim_max);
}

static bool open_signals(struct parent *parent, struct wg_error *err)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)sigaddset(&set, SIGUSR1);
    (void)sigaddset(&set, SIGUSR2);
    if (sigprocmask(SIG_BLOCK, &set, NULL) != 0) return wg_fail_errno(err, "blocking signals");
    parent->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return parent->signals >= 0 || wg_fail_errno(err, "opening signals");
}

/* The child's life. Signals stay blocked: it ends when its parent says so, or is gone. */
static int be_child(const struct fleet_settings *settings, uint64_t first, size_t count, int socket)
{
    struct wg_error err = {0};
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (crew_run(settings, first, count, socket, &err)) return 0;
    (void)fprintf(stderr, "wavegate-fleet: devices from %llu: %s\n", (unsigned long long)first,
                  err.text);
    return 1;
}

static bool start_child(struct parent *parent, uint64_t first, size_t count, struct wg_error *err)
{
    struct parent_child *child = &parent->children[parent->count];
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0)
        return wg_fail_errno(err, "a socket for a process");
    pid_t pid = fork();
    if (pid == 0) {
        for (size_t i = 0; i < parent->count; i++) (void)close(parent->children[i].socket);
        (void)close(pair[0]);
        if (parent->control.fd >= 0) (void)close(parent->control.fd);
        int code = be_child(parent->settings, first, count, pair[1]);
        (void)fflush(NULL);
        _exit(code);
    }
    (void)close(pair[1]);
    if (pid < 0) {
        (void)close(pair[0]);
        return wg_fail_errno(err, "starting a process");
    }
    *child = (struct parent_child){.pid = pid, .socket = pair[0]};
    parent->count++;
    return true;
}

static bool start_children(struct parent *parent, struct wg_error *err)
{
    const struct fleet_settings *settings = parent->settings;
    uint64_t first = settings->first, left = settings->devices;
    size_t most = (size_t)(left + settings->processes - 1) / settings->processes;
    if (!raise_limit(most, err)) return false;
    for (size_t i = 0; i < settings->processes; i++) {
        uint64_t count = left / (settings->processes - i);
        if (!start_child(parent, first, (size_t)count, err)) return false;
        first += count;
        left -= count;
    }
    return true;
}

static void say_all(struct parent *parent, const char *text)
{
    for (size_t i = 0; i < parent->count; i++)
        (void)send(parent->children[i].socket, text, strlen(text), MSG_NOSIGNAL);
}

static void ask(struct parent *parent)
{
    char text[32];
    parent->asking = true;
    memset(&parent->sum, 0, sizeof parent->sum);
    (void)snprintf(text, sizeof text, "tally %u", ++parent->request);
    for (size_t i = 0; i < parent->count; i++) parent->children[i].answered = false;
    say_all(parent, text);
}

static uint64_t elapsed(const struct parent *parent)
{
    return crew_micros() - parent->began;
}

static bool show(struct parent *parent, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, SUMMARY_MAX);
    view_add(&parent->view, &parent->sum, elapsed(parent), &text);
    bool ok = wg_buf_check(&text, err, "the view");
    /* a summary in JSON has standard output for itself */
    if (ok) (void)fputs(wg_buf_str(&text), parent->settings->json ? stderr : stdout);
    (void)fflush(stdout);
    wg_buf_clear(&text);
    return ok;
}

static char *summary_json(const struct parent *parent)
{
    json_t *found = tally_json(&parent->sum, elapsed(parent));
    char *text = found ? json_dumps(found, JSON_COMPACT | JSON_REAL_PRECISION(9)) : NULL;
    json_decref(found);
    return text;
}

static bool print_summary(const struct parent *parent, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, SUMMARY_MAX);
    if (parent->settings->json) {
        char *json = summary_json(parent);
        if (json) wg_buf_printf(&text, "%s\n", json);
        free(json);
    } else {
        tally_text(&parent->sum, elapsed(parent), &text);
    }
    bool ok = wg_buf_check(&text, err, "the summary") &&
              ((text.len > 0 && fputs(wg_buf_str(&text), stdout) >= 0 && fflush(stdout) == 0) ||
               wg_fail_errno(err, "the summary"));
    wg_buf_clear(&text);
    return ok;
}

static bool answer_clients(struct parent *parent, struct wg_error *err)
{
    char *text = NULL;
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        struct control_client *client = &parent->control.clients[i];
        if (client->fd < 0 || client->awaits == 0 || client->awaits > parent->request) continue;
        if (!text && !(text = summary_json(parent))) return wg_fail_memory(err, "a summary");
        control_answer(&parent->control, i, text);
    }
    free(text);
    return true;
}

static bool is_awaited(const struct parent *parent)
{
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (parent->control.clients[i].fd >= 0 && parent->control.clients[i].awaits > 0)
            return true;
    return false;
}

/* All have answered. */
static bool summed(struct parent *parent, struct wg_error *err)
{
    parent->asking = false;
    if (!answer_clients(parent, err)) return false;
    if (parent->ending) {
        parent->ended = true;
        return print_summary(parent, err);
    }
    wg_duration usual = parent->view.picture ? PICTURE_EVERY : LINE_EVERY;
    if (wg_monotonic() < parent->view_at) return true;
    parent->view_at =
        wg_monotonic() + (parent->settings->every > 0 ? parent->settings->every : usual);
    return show(parent, err);
}

static bool hear_child(struct parent *parent, struct parent_child *child, struct wg_error *err)
{
    ssize_t len = recv(child->socket, &parent->heard, sizeof parent->heard, MSG_DONTWAIT);
    if (len < 0 && (errno == EAGAIN || errno == EINTR)) return true;
    if (len != (ssize_t)sizeof parent->heard)
        return wg_fail(err, WG_E_FAILED, "process %ld of the fleet has ended", (long)child->pid);
    if (!parent->asking || child->answered || parent->heard.request != parent->request) return true;
    child->answered = true;
    tally_merge(&parent->sum, &parent->heard);
    for (size_t i = 0; i < parent->count; i++)
        if (!parent->children[i].answered) return true;
    return summed(parent, err);
}

static void drop(struct parent *parent, double share)
{
    char text[32];
    (void)snprintf(text, sizeof text, "drop %.6f", share);
    say_all(parent, text);
}

static void take_signal(struct parent *parent)
{
    struct signalfd_siginfo info;
    if (read(parent->signals, &info, sizeof info) != (ssize_t)sizeof info) return;
    if (info.ssi_signo == SIGUSR1)
        parent->view_at = 0;
    else if (info.ssi_signo == SIGUSR2)
        drop(parent, 1);
    else
        parent->ending = true;
}

static void take_commands(struct parent *parent)
{
    struct control_command command;
    while (control_next(&parent->control, &command) != CONTROL_NONE) {
        if (command.word == CONTROL_SUMMARY) {
            parent->control.clients[command.client].awaits = parent->request + 1;
            continue;
        }
        if (command.word == CONTROL_DROP) drop(parent, command.share);
        if (command.word == CONTROL_STOP) parent->ending = true;
        control_answer(&parent->control, command.client, "ok");
    }
}

static void look_at_clock(struct parent *parent)
{
    const struct fleet_settings *settings = parent->settings;
    wg_time now = wg_monotonic();
    if (settings->run_for > 0 && elapsed(parent) >= (uint64_t)settings->run_for * 1000)
        parent->ending = true;
    if (settings->profile.kind == PROFILE_FLASH_CROWD && now >= parent->storm_at) {
        if (parent->storm_at != 0) drop(parent, 1);
        parent->storm_at = now + settings->profile.storm_every;
    }
    if (!parent->asking && (parent->ending || now >= parent->view_at || is_awaited(parent)))
        ask(parent);
}

static int wait_time(const struct parent *parent)
{
    wg_time now = wg_monotonic();
    wg_duration wait = WG_SECOND;
    if (!parent->asking && parent->view_at - now < wait) wait = parent->view_at - now;
    if (parent->settings->run_for > 0) {
        wg_duration left = parent->settings->run_for - (wg_duration)(elapsed(parent) / 1000);
        if (left < wait) wait = left;
    }
    return wait > 1 ? (int)wait : 1;
}

static bool turn(struct parent *parent, struct wg_error *err)
{
    struct pollfd ready[FLEET_PROCESSES_MAX + CONTROL_CLIENTS + 2];
    size_t count = 0;
    for (size_t i = 0; i < parent->count; i++)
        ready[count++] = (struct pollfd){.fd = parent->children[i].socket, .events = POLLIN};
    ready[count++] = (struct pollfd){.fd = parent->signals, .events = POLLIN};
    count += control_poll(&parent->control, &ready[count]);
    look_at_clock(parent);
    if (poll(ready, count, wait_time(parent)) < 0 && errno != EINTR)
        return wg_fail_errno(err, "waiting");
    take_signal(parent);
    take_commands(parent);
    for (size_t i = 0; i < parent->count && !parent->ended; i++)
        if (ready[i].revents && !hear_child(parent, &parent->children[i], err)) return false;
    return true;
}

static bool end_children(struct parent *parent, bool ok, struct wg_error *err)
{
    say_all(parent, "stop");
    for (size_t i = 0; i < parent->count; i++) {
        struct parent_child *child = &parent->children[i];
        int status = 0;
        (void)close(child->socket);
        while (waitpid(child->pid, &status, 0) < 0 && errno == EINTR) continue;
        if (ok && (!WIFEXITED(status) || WEXITSTATUS(status) != 0))
            ok = wg_fail(err, WG_E_FAILED, "process %ld of the fleet failed", (long)child->pid);
    }
    return ok;
}

bool parent_run(struct parent *parent, const struct fleet_settings *settings, struct wg_error *err)
{
    parent->settings = settings;
    parent->signals = -1;
    parent->view.picture = !settings->json && isatty(STDOUT_FILENO);
    parent->began = crew_micros();
    bool ok = open_signals(parent, err) && control_open(&parent->control, settings->control, err) &&
              start_children(parent, err);
    parent->view_at = wg_monotonic();
    while (ok && !parent->ended) ok = turn(parent, err);
    ok = end_children(parent, ok, err);
    control_close(&parent->control);
    if (parent->signals >= 0) (void)close(parent->signals);
    return ok;
}
