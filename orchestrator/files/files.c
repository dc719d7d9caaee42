/* files.c: puts the parts together, and the slow loop beside the servers' threads: signals, nginx's
 * log, and once a second what has to be done now and then. */
#include "orchestrator/files/files.h"

#include "common/posix/file.h"
#include "common/posix/signals.h"
#include "orchestrator/files/server.h"
#include "orchestrator/files/verify.h"
#include "orchestrator/http/mhd.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define TURN_MS 500
#define URLS_MAX ((size_t)4 << 20) /* in use at a time; 40 bytes of memory each, when they are */

struct files {
    const struct options *options;
    struct ledger *ledger;
    struct admission *admission;
    struct server *server;
    struct settle *settle;
    struct verify *verify;
    int signals, log;
    bool failing; /* the ledger could not be kept the last time */
};

/* No key in a core file; a connection and a file each need a descriptor. */
static bool set_limits(struct wg_error *err)
{
    const struct rlimit none = {0};
    struct rlimit files;
    if (setrlimit(RLIMIT_CORE, &none) != 0 || getrlimit(RLIMIT_NOFILE, &files) != 0)
        return wg_fail_errno(err, "limits");
    files.rlim_cur = files.rlim_max;
    return setrlimit(RLIMIT_NOFILE, &files) == 0 || wg_fail_errno(err, "limits");
}

static bool start_verify(struct files *files, struct wg_error *err)
{
    if (files->options->settle) {
        files->settle = settle_new(files->ledger, err);
        if (!files->settle) return false;
        files->log = http_listen_unix(files->options->settle, SOCK_DGRAM, err);
        if (files->log < 0) return false;
    }
    files->verify = verify_new(files->options, files->admission, files->ledger, files->settle, err);
    return files->verify != NULL;
}

static bool start(struct files *files, struct wg_error *err)
{
    const struct options *options = files->options;
    const struct admission_config config = {.folder = options->folder,
                                            .prefix = options->prefix,
                                            .keys_file = options->keys,
                                            .bearer = options->bearer,
                                            .skew = options->skew,
                                            .longest = options->longest};
    (void)signal(SIGPIPE, SIG_IGN);
    if (!set_limits(err) || !wg_signals_open(&files->signals, err)) return false;
    files->ledger = ledger_open(options->ledger, URLS_MAX, wg_now(), err);
    if (!files->ledger) return false;
    files->admission = admission_new(&config, files->ledger, err);
    if (!files->admission) return false;
    if (options->verify_only) return start_verify(files, err);
    files->server = server_new(options, files->admission, files->ledger, err);
    return files->server != NULL;
}

static void say_started(const struct files *files)
{
    struct ledger_stats stats;
    char urls[24], skipped[24];
    ledger_look(files->ledger, &stats);
    (void)snprintf(urls, sizeof urls, "%zu", stats.entries);
    (void)snprintf(skipped, sizeof skipped, "%zu", stats.skipped);
    if (stats.skipped)
        wg_log(WG_LOG_WARN, "lines of the ledger make no sense", "count", skipped, NULL);
    wg_log(WG_LOG_INFO, "serving", "at",
           files->verify ? files->options->socket : files->options->listen, "urls", urls, NULL);
}

static bool keys_are_fine(const struct files *files, struct wg_error *err)
{
    struct url_keys keys = {0};
    bool ok = url_keys_load(files->options->keys, &keys, err);
    url_keys_clear(&keys);
    return ok;
}

/* All of it, or nothing. */
static void reload(struct files *files)
{
    struct wg_error err = {0};
    bool ok = keys_are_fine(files, &err) &&
              (!files->server || server_reload(files->server, &err)) &&
              (!files->verify || verify_reload(files->verify, &err)) &&
              admission_reload(files->admission, &err);
    if (ok)
        wg_log(WG_LOG_INFO, "read again", NULL);
    else
        wg_log_error("not read again: what was there before holds on", &err);
}

/* False: it is time to end. */
static bool take_signals(struct files *files)
{
    struct signalfd_siginfo info;
    while (read(files->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGHUP) return false;
        reload(files);
    }
    return true;
}

static void keep(struct files *files)
{
    struct wg_error err = {0};
    bool ok = ledger_keep(files->ledger, wg_now(), &err);
    if (!ok && !files->failing) wg_log_error("the ledger", &err);
    files->failing = !ok;
    if (files->server) server_look(files->server);
}

static bool serve(struct files *files, struct wg_error *err)
{
    wg_time next = wg_monotonic();
    for (;;) {
        struct pollfd set[] = {{.fd = files->signals, .events = POLLIN},
                               {.fd = files->log, .events = POLLIN}};
        if (poll(set, 2, TURN_MS) < 0 && errno != EINTR) return wg_fail_errno(err, "waiting");
        if (set[0].revents && !take_signals(files)) return true;
        if (set[1].revents) settle_read(files->settle, files->log);
        if (wg_monotonic() < next) continue;
        keep(files);
        next = wg_monotonic() + WG_SECOND;
    }
}

static void stop(struct files *files)
{
    server_free(files->server);
    verify_free(files->verify);
    if (files->log >= 0) {
        settle_read(files->settle, files->log);
        (void)close(files->log);
        (void)unlink(files->options->settle);
    }
    settle_free(files->settle);
    admission_free(files->admission);
    ledger_close(files->ledger);
    if (files->signals >= 0) (void)close(files->signals);
}

bool files_run(const struct options *options, struct wg_error *err)
{
    struct files files = {.options = options, .signals = -1, .log = -1};
    bool ok = start(&files, err);
    if (ok) {
        say_started(&files);
        ok = serve(&files, err);
    }
    stop(&files);
    return ok;
}
