/* watchdog.h: what resets the device, or restarts the agent, when the agent hangs: the hardware's
 * watchdog (Linux watchdog API, /dev/watchdog) and systemd's (sd_notify(3), WatchdogSec=). Both are
 * fed by the same heart (agent/core/heart.h). */
#ifndef WG_AGENT_POSIX_WATCHDOG_H
#define WG_AGENT_POSIX_WATCHDOG_H

#include "common/error.h"
#include "common/time.h"

#include <limits.h>

struct watchdog_settings {
    char device[PATH_MAX]; /* "": none */
    wg_duration timeout;   /* whole seconds; what the hardware is asked for */
};

struct watchdog {
    int fd;                     /* -1: none */
    wg_duration every;          /* between two feedings; 0: nothing is fed */
    wg_time fed_at;             /* monotonic */
    bool starving;              /* it was said that it is not fed */
    char notify[PATH_MAX];      /* systemd's socket; "": none */
    wg_duration notify_timeout; /* 0: systemd does not watch */
};

/* WG_E_NOT_FOUND: there is no such device. From now on it must be fed. */
WG_MUST_CHECK bool watchdog_open(struct watchdog *watchdog,
                                 const struct watchdog_settings *settings, struct wg_error *err);
/* The agent is up: systemd goes on. */
void watchdog_ready(struct watchdog *watchdog);
/* It comes up, and will say so, or say this again, within that time: systemd waits so long. */
void watchdog_extend(const struct watchdog *watchdog, wg_duration by);
/* Feeds when it is time and the heart beats; says once that it does not. */
void watchdog_beat(struct watchdog *watchdog, bool beats, wg_time now);
/* When to call watchdog_beat() next; monotonic; 0: no need. */
wg_time watchdog_wake(const struct watchdog *watchdog);
/* The end of the agent. disarm: in good order, nobody need feed it any more; else the timer runs
 * on, and whoever starts next must feed it. */
void watchdog_close(struct watchdog *watchdog, bool disarm);
/* The agent starts anew, as the same process: the timer runs on, systemd is told nothing. */
void watchdog_pass(struct watchdog *watchdog);

#endif
