/* settings.h: the configuration of wavegate-enrol: a JSON file. Paths are relative to its folder.
 */
#ifndef WG_PKI_ENROL_SETTINGS_H
#define WG_PKI_ENROL_SETTINGS_H

#include "common/log.h"
#include "common/time.h"
#include "pki/enrol/claim_settings.h"

#include <limits.h>
#include <stddef.h>
#include <stdint.h>

#define ENROL_BROKERS_MAX 8
#define ENROL_URL_MAX 256

struct enrol_settings {
    size_t broker_count;
    char brokers[ENROL_BROKERS_MAX][ENROL_URL_MAX];          /* ssl://HOST:PORT */
    int mqtt_version;                                        /* of all of them: 5 or 311 */
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX]; /* of this service */
    char pki[PATH_MAX];
    int64_t days;     /* of what is issued; 0: as pki.json says */
    int64_t renewals; /* of one device in a window */
    wg_duration window;
    char crl_file[PATH_MAX];   /* a copy of broker/crl.pem for a broker on this machine; "": none */
    char broker_pid[PATH_MAX]; /* gets SIGHUP when the list has changed; "": nobody */
    char pins[PATH_MAX];       /* a signed list of pins that is handed on to devices; "": none */
    bool control;              /* tell wavegate_guard of the broker at once */
    enum wg_log_level log;
    struct claim_settings claim;
};

/* "FILE:LINE:COLUMN: error: KEY: ..." of the first problem. */
WG_MUST_CHECK bool enrol_settings_load(struct enrol_settings *out, const char *file,
                                       struct wg_error *err);
/* And what the file names. starting: credentials of systemd must be there. */
WG_MUST_CHECK bool enrol_settings_check(struct enrol_settings *out, const char *file, bool starting,
                                        struct wg_error *err);
/* A path relative to the configuration's folder; not needed and not there: out stays. */
WG_MUST_CHECK bool enrol_path_read(const json_t *json, const char *folder, const char *key,
                                   char *out, bool needed, struct wg_error *err);

#endif
