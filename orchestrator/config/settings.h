/* settings.h: the configuration file of wavegated and wavegate, checked, with paths made absolute.
 */
#ifndef WG_ORCHESTRATOR_CONFIG_SETTINGS_H
#define WG_ORCHESTRATOR_CONFIG_SETTINGS_H

#include "common/log.h"
#include "common/message.h"

#include <limits.h>

#define SETTINGS_BROKERS_MAX 16
#define SETTINGS_DATABASE_MAX 1024

struct settings_broker {
    char name[WG_NAME_MAX + 1];
    char url[WG_URL_MAX];
};

struct settings {
    char file[PATH_MAX];
    char database[SETTINGS_DATABASE_MAX]; /* libpq connection string; may hold a secret: never
                                             logged */
    size_t broker_count;
    struct settings_broker brokers[SETTINGS_BROKERS_MAX];
    char tls_ca[PATH_MAX], tls_certificate[PATH_MAX], tls_key[PATH_MAX];
    char director_key[PATH_MAX];                            /* "" with a signer */
    char signer[PATH_MAX];                                  /* socket of wavegate-signer; "" none */
    char operators_root[PATH_MAX], operators_crl[PATH_MAX]; /* crl "" none */
    char operator_certificate[PATH_MAX], operator_key[PATH_MAX]; /* who runs `wavegate` */
    char artifacts_folder[PATH_MAX];
    char artifact_keys[PATH_MAX]; /* folder of wrapped file keys; "" no artifact is encrypted */
    size_t artifact_kek_count;
    char artifact_keks[2][PATH_MAX];  /* files, pkcs11: URIs: the present one, and the one before */
    char artifact_url_keys[PATH_MAX]; /* secrets that URLs are signed under; "" they are not */
    char artifact_identity[PATH_MAX]; /* age key that headers for the orchestrator are for; "" none
                                       */
    char enrolment[PATH_MAX]; /* public key of enrolment records; "": the database is believed */
    size_t artifact_url_count;
    char artifact_urls[WG_URLS_MAX][WG_URL_MAX]; /* without the last '/' */
    char gate_hooks[PATH_MAX];    /* folder of programs that gates may ask; "" none */
    char gate_hooks_ca[PATH_MAX]; /* authorities of web services that gates ask; "" the system's */
    int64_t intake_batch;         /* messages in one transaction at most */
    wg_duration intake_wait;      /* a batch is committed after this, full or not */
    wg_duration tick;
    wg_duration order_resend, order_lifetime;
    bool tolerate_clones;   /* devices that look cloned are offered updates all the same */
    bool tolerate_tampered; /* the same, of devices that say that they were tampered with */
    enum wg_log_level log;
};

/* Which parts the caller cannot do without. */
enum settings_need {
    SETTINGS_DATABASE = 1,
    SETTINGS_BROKERS = 2,  /* brokers and tls */
    SETTINGS_DIRECTOR = 4, /* signer or director key, and artifact urls */
    SETTINGS_OPERATORS = 8,
    SETTINGS_OPERATOR = 16,
    SETTINGS_ARTIFACTS = 32,
    SETTINGS_KEYS = 64 /* wrapped file keys, and what they are wrapped under */
};

/* WG_E_BAD_FILE with file:line:col for each problem; WG_E_NOT_FOUND names the file and how to give
 * one. */
WG_MUST_CHECK bool settings_load(struct settings *out, const char *file, struct wg_error *err);
/* WG_E_USAGE naming the keys that are missing and what for. */
WG_MUST_CHECK bool settings_need(const struct settings *settings, unsigned need,
                                 struct wg_error *err);

#endif
