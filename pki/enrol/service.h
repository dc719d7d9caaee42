/* service.h: wavegate-enrol's loop: sessions with the brokers, messages to the station, answers
 * back. */
#ifndef WG_PKI_ENROL_SERVICE_H
#define WG_PKI_ENROL_SERVICE_H

#include "common/error.h"
#include "pki/enrol/settings.h"

/* Runs until SIGTERM or SIGINT. SIGHUP reads the log level of the file again, and the certificates
 * and keys that it shows to brokers and claimants. */
WG_MUST_CHECK bool service_run(const struct enrol_settings *settings, const char *file,
                               struct wg_error *err);

#endif
