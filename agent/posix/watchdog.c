/* watchdog.c: the kernel's watchdog device, and systemd's socket. */
#include "agent/posix/watchdog.h"

#include "common/log.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/watchdog.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define FEEDINGS 3 /* in one time-out: two may be late */

static wg_duration shorter(wg_duration a, wg_duration b)
{
    if (a == 0 || b == 0) return a + b;
    return a < b ? a : b;
}

/* What the hardware grants counts, not what was asked for. */
static wg_duration set_timeout(int fd, wg_duration wanted)
{
    int seconds = (int)(wanted / WG_SECOND);
    if (ioctl(fd, WDIOC_SETTIMEOUT, &seconds) != 0 && ioctl(fd, WDIOC_GETTIMEOUT, &seconds) != 0) {
        wg_log(WG_LOG_WARN, "the watchdog does not tell its time-out", "reason", strerror(errno),
               NULL);
        return wanted;
    }
    return seconds > 0 ? seconds * WG_SECOND : wanted;
}

static bool open_device(struct watchdog *watchdog, const struct watchdog_settings *settings,
                        struct wg_error *err)
{
    char seconds[24];
    if (!settings->device[0]) return true;
    watchdog->fd = open(settings->device, O_WRONLY | O_CLOEXEC);
    if (watchdog->fd < 0) return wg_fail_errno(err, "watchdog %s", settings->device);
    wg_duration granted = set_timeout(watchdog->fd, settings->timeout);
    watchdog->every = granted / FEEDINGS;
    (void)snprintf(seconds, sizeof seconds, "%lld", (long long)(granted / WG_SECOND));
    wg_log(WG_LOG_INFO, "watchdog", "device", settings->device, "seconds", seconds, NULL);
    return true;
}

/* Only where it is meant for this process (sd_watchdog_enabled(3)). */
static wg_duration watchdog_of_systemd(void)
{
    const char *micros = getenv("WATCHDOG_USEC"), *pid = getenv("WATCHDOG_PID");
    char *end = NULL;
    long long value = micros ? strtoll(micros, &end, 10) : 0;
    if (value <= 0 || *end || (pid && strtoll(pid, NULL, 10) != (long long)getpid())) return 0;
    return value / 1000;
}

bool watchdog_open(struct watchdog *watchdog, const struct watchdog_settings *settings,
                   struct wg_error *err)
{
    const char *socket = getenv("NOTIFY_SOCKET");
    *watchdog = (struct watchdog){.fd = -1};
    if (socket && (socket[0] == '/' || socket[0] == '@'))
        (void)wg_copy(watchdog->notify, sizeof watchdog->notify, socket);
    watchdog->notify_timeout = watchdog->notify[0] ? watchdog_of_systemd() : 0;
    if (!open_device(watchdog, settings, err)) return false;
    watchdog->every = shorter(watchdog->every, watchdog->notify_timeout / FEEDINGS);
    return true;
}

/* sd_notify(3): one datagram; "@" is the abstract namespace. Who does not listen is not waited for.
 */
static void tell(const struct watchdog *watchdog, const char *what)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    size_t len = strlen(watchdog->notify);
    if (len == 0 || !wg_copy(at.sun_path, sizeof at.sun_path, watchdog->notify)) return;
    if (at.sun_path[0] == '@') at.sun_path[0] = '\0';
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return;
    if (sendto(fd, what, strlen(what), MSG_NOSIGNAL, (const struct sockaddr *)&at,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
        wg_log(WG_LOG_WARN, "systemd is not told", "reason", strerror(errno), NULL);
    (void)close(fd);
}

void watchdog_ready(struct watchdog *watchdog)
{
    tell(watchdog, "READY=1");
}

void watchdog_extend(const struct watchdog *watchdog, wg_duration by)
{
    char text[64];
    (void)snprintf(text, sizeof text, "EXTEND_TIMEOUT_USEC=%lld", (long long)by * 1000);
    tell(watchdog, text);
}

void watchdog_beat(struct watchdog *watchdog, bool beats, wg_time now)
{
    if (watchdog->every == 0) return;
    if (!beats) {
        if (!watchdog->starving)
            wg_log(WG_LOG_ERROR, "the watchdog is not fed any more: only a restart helps", NULL);
        watchdog->starving = true;
        return;
    }
    watchdog->starving = false;
    if (watchdog->fed_at && now < watchdog->fed_at + watchdog->every) return;
    watchdog->fed_at = now;
    if (watchdog->fd >= 0 && write(watchdog->fd, "1", 1) != 1)
        wg_log(WG_LOG_ERROR, "the watchdog takes nothing", "reason", strerror(errno), NULL);
    if (watchdog->notify_timeout) tell(watchdog, "WATCHDOG=1");
}

wg_time watchdog_wake(const struct watchdog *watchdog)
{
    return watchdog->every ? watchdog->fed_at + watchdog->every : 0;
}

void watchdog_close(struct watchdog *watchdog, bool disarm)
{
    tell(watchdog, "STOPPING=1");
    if (watchdog->fd < 0) return;
    /* the "magic close" of the watchdog API */
    if (disarm && write(watchdog->fd, "V", 1) != 1)
        wg_log(WG_LOG_WARN, "the watchdog was not stopped", "reason", strerror(errno), NULL);
    (void)close(watchdog->fd);
    watchdog->fd = -1;
}

void watchdog_pass(struct watchdog *watchdog)
{
    if (watchdog->fd >= 0) (void)close(watchdog->fd);
    watchdog->fd = -1;
}
