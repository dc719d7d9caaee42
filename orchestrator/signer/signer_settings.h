/* signer_settings.h: the configuration file of wavegate-signer, with paths made absolute.
 *
 *   socket: /run/wavegate/signer.sock    # mode 0660
 *   director: director                   # secret key: a PEM file, mode 0600, or a pkcs11: URI
 *   director_secret: pin                 # its passphrase or PIN, mode 0600; may be left out
 *   repository:
 *     folder: /srv/repository
 *     root: root.json                    # the first root
 *     keep: 10m                          # keeps it fresh, looking so often; else others must
 *     keep_secret: pin                   # of the keys for that; may be left out
 *   state: /var/lib/wavegate-signer      # what it has signed for; mode 0700
 *   enrolment: enrolment.pub             # who signs what devices are; left out: nobody does
 *   refresh: 30s                         # between two looks at the repository
 *   lifetime: 7d                         # of an order, at most
 *   log: info
 */
#ifndef WG_ORCHESTRATOR_SIGNER_SIGNER_SETTINGS_H
#define WG_ORCHESTRATOR_SIGNER_SIGNER_SETTINGS_H

#include "common/log.h"
#include "common/time.h"

#include <limits.h>

struct signer_settings {
    char socket[PATH_MAX], director[PATH_MAX];
    char director_secret[PATH_MAX]; /* "" none */
    char repository[PATH_MAX], root[PATH_MAX];
    wg_duration keep;           /* 0: the repository is kept fresh by somebody else */
    char keep_secret[PATH_MAX]; /* "" none */
    char state[PATH_MAX];
    char enrolment[PATH_MAX]; /* "" none */
    wg_duration refresh, lifetime;
    enum wg_log_level log;
};

/* WG_E_BAD_FILE with file:line:col for each problem, also for what is missing. */
WG_MUST_CHECK bool signer_settings_load(struct signer_settings *out, const char *file,
                                        struct wg_error *err);
/* And what the file names. starting: credentials of systemd must be there. */
WG_MUST_CHECK bool signer_settings_check(struct signer_settings *out, const char *file,
                                         bool starting, struct wg_error *err);

#endif
