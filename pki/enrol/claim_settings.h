/* claim_settings.h: "claim" in the configuration of wavegate-enrol: where devices without
 * credentials may claim theirs. Paths are relative to the file's folder. */
#ifndef WG_PKI_ENROL_CLAIM_SETTINGS_H
#define WG_PKI_ENROL_CLAIM_SETTINGS_H

#include "common/json.h"
#include "common/time.h"

#include <limits.h>

#define CLAIM_LISTEN_MAX 80

struct claim_settings {
    char listen[CLAIM_LISTEN_MAX];             /* ADDRESS:PORT; "": nobody listens */
    char certificate[PATH_MAX], key[PATH_MAX]; /* of the server, PEM */
    char records[PATH_MAX];                    /* enrolment records, a line each */
    int64_t requests;                          /* of one address in a minute */
    int64_t wrong; /* tokens that one address may show in a window, or be shown for one device */
    wg_duration window;
    wg_duration patience; /* for one request, from the connection on */
};

/* json: the whole configuration; pki: the folder of authorities. */
WG_MUST_CHECK bool claim_settings_read(const json_t *json, const char *folder, const char *pki,
                                       struct claim_settings *out, struct wg_error *err);

#endif
