/* settings.h: the agent's configuration: a JSON file, and flags that override it. */
#ifndef WG_AGENT_POSIX_SETTINGS_H
#define WG_AGENT_POSIX_SETTINGS_H

#include "agent/core/core.h"
#include "agent/posix/download_settings.h"
#include "agent/posix/slot/choice.h"
#include "agent/posix/watchdog.h"
#include "common/log.h"

#include <limits.h>

struct last_logs_settings {
    char program[PATH_MAX]; /* prints more of the last logs; "": none */
    size_t max;             /* bytes of one excerpt, WG_LOG_TEXT_MAX at most */
    int64_t per_day;        /* failures of which logs are sent; 0: of none */
};

struct settings {
    char file[PATH_MAX];     /* that they are from */
    char broker[WG_URL_MAX]; /* ssl://HOST:PORT */
    int mqtt_version;        /* 5 or 311 */
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX];
    char state[PATH_MAX];            /* folder that survives power cuts; 0700 */
    char component[WG_NAME_MAX + 1]; /* what the payload in the slots is */
    /* the factory's list of pins, and the public key that signs such lists; "": no pins */
    char pins[PATH_MAX], pins_key[PATH_MAX];
    char hooks[PATH_MAX];        /* folder of the device's own programs; "": none */
    wg_duration hook_timeout;    /* of one of them */
    char tamper[PATH_MAX];       /* a file that says the device was tampered with; "": none */
    char metrics[PATH_MAX];      /* a file that says how the device does; "": none */
    char repository[WG_URL_MAX]; /* https; "": orders need no more than a director's signature */
    char age_key[PATH_MAX];  /* AGE-SECRET-KEY-1..., mode 0600; "": no artifact may be encrypted */
    char root[PATH_MAX];     /* the repository's first root metadata */
    struct core_config core; /* identity.zone: "" for the system's own */
    wg_duration reconnect_first, reconnect_most, keep_alive;
    struct watchdog_settings watchdog;
    struct download_settings download;
    char reboot[PATH_MAX]; /* program that reboots the device; "": exec of the agent itself */
    struct slot_settings slots;
    struct slot_places places; /* of components that do not lie in the slots */
    enum wg_log_level log;
    bool log_is_given; /* by the command line, which stands above the file */
    struct last_logs_settings logs;
};

/* "FILE:LINE:COLUMN: error: KEY: ..." of the first problem. Paths in the file are relative to its
 * folder. The id is the certificate's common name unless the file says otherwise; saying something
 * else than the certificate is an error. */
WG_MUST_CHECK bool settings_load(struct settings *out, const char *file, struct wg_error *err);
/* And whether all that the file names is there. */
WG_MUST_CHECK bool settings_check(struct settings *out, const char *file, struct wg_error *err);
/* The same of a device that has no certificate yet: its id is what the file says; "" nothing. */
WG_MUST_CHECK bool settings_load_unclaimed(struct settings *out, const char *file,
                                           struct wg_error *err);
/* Overrides the file's state folder; relative to the working folder, and kept as a whole path,
 * because payloads run in folders of their own. */
WG_MUST_CHECK bool settings_set_state(struct settings *settings, const char *folder,
                                      struct wg_error *err);

#endif
