/* settings.h: the configuration file of wavegated and wavegate, checked, with paths made absolute.
 */
#ifndef WG_ORCHESTRATOR_CONFIG_SETTINGS_H
#define WG_ORCHESTRATOR_CONFIG_SETTINGS_H

#include "common/log.h"
#include "common/message.h"
#include "orchestrator/config/settings_openid.h"
#include "orchestrator/config/settings_places.h"

#include <limits.h>

#define SETTINGS_BROKERS_MAX 16
#define SETTINGS_DATABASE_MAX 1024
#define SETTINGS_LISTED_MAX 16

struct settings_broker {
    char name[WG_NAME_MAX + 1];
    char url[WG_URL_MAX];
    int version; /* of MQTT: 5 or 311 */
    bool shared; /* it shares messages out between subscribers ($share); else one of us hears it */
};

/* Of the command: where the API is. */
struct settings_server {
    char url[WG_URL_MAX];      /* "https://HOST[:PORT]"; "" the section is not there */
    char ca[PATH_MAX];         /* who vouches for it; "" the system's */
    char token_file[PATH_MAX]; /* a token instead of the operator's certificate; "" none */
};

/* Of wavegate-api. */
struct settings_api {
    char listen[64]; /* "ADDRESS:PORT"; "" the section is not there */
    char certificate[PATH_MAX], key[PATH_MAX];
    char database[SETTINGS_DATABASE_MAX]; /* "" that of all */
    char database_secret[PATH_MAX];
    char web[PATH_MAX];               /* folder of the dashboard's built files; "" none */
    char metrics_listen[64];          /* loopback, without TLS; "" none */
    char url[WG_URL_MAX];             /* as people reach it; "" https:// and listen */
    int64_t connections, per_address; /* at a time */
    int64_t database_connections;
    int64_t rate, burst;  /* requests a minute of one address; 0: any */
    int64_t body_max;     /* bytes */
    int64_t file_max;     /* bytes of a file that is sent: devices, boundaries, records, ids */
    char files[PATH_MAX]; /* folder that such a file is kept in while it is taken in */
    int64_t upload_max;   /* bytes of an artifact */
    wg_duration patience;
    size_t listed_count;
    char listed[SETTINGS_LISTED_MAX][PATH_MAX]; /* certificates of others, whose end is told */
    bool webhook_http, webhook_private;         /* URLs without TLS; addresses of our own network */
    char webhook_ca[PATH_MAX];                  /* authorities of their servers; "" the system's */
    wg_duration webhook_retry, webhook_retry_most, webhook_give_up;
    struct settings_openid oidc;
};

struct settings {
    char file[PATH_MAX];
    char database[SETTINGS_DATABASE_MAX]; /* libpq connection string; may hold a secret: never
                                             logged */
    char database_secret[PATH_MAX];       /* file with its password; "" none */
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
    char artifact_urls[WG_URLS_MAX][WG_URL_MAX];          /* without the last '/' */
    struct settings_bucket artifact_buckets[WG_URLS_MAX]; /* of the URL in the same place */
    int64_t release_approvals; /* by others than its publisher, before a campaign may install one */
    char repository[PATH_MAX]; /* folder of the TUF repository, whose policy plans tell; "" none */
    char gate_hooks[PATH_MAX]; /* folder of programs that gates may ask; "" none */
    char gate_hooks_ca[PATH_MAX]; /* authorities of web services that gates ask; "" the system's */
    int64_t intake_batch;         /* messages in one transaction at most */
    wg_duration intake_wait;      /* a batch is committed after this, full or not; under load
                                     after two and a half times that */
    wg_duration tick;
    wg_duration order_resend, order_lifetime;
    wg_duration keep_reports, keep_campaigns; /* 0: for ever */
    bool tolerate_clones;   /* devices that look cloned are offered updates all the same */
    bool tolerate_tampered; /* the same, of devices that say that they were tampered with */
    enum wg_log_level log;
    struct settings_server server;
    struct settings_api api;
};

/* Which parts the caller cannot do without. */
enum settings_need {
    SETTINGS_DATABASE = 1,
    SETTINGS_BROKERS = 2,  /* brokers and tls */
    SETTINGS_DIRECTOR = 4, /* signer or director key, and artifact urls */
    SETTINGS_OPERATORS = 8,
    SETTINGS_OPERATOR = 16,
    SETTINGS_ARTIFACTS = 32,
    SETTINGS_API = 128,
    SETTINGS_SERVER = 256, /* the API, and how to come in: the operator or a token */
    SETTINGS_KEYS = 64     /* wrapped file keys, and what they are wrapped under */
};

/* WG_E_BAD_FILE with file:line:col for each problem; WG_E_NOT_FOUND names the file and how to give
 * one. */
WG_MUST_CHECK bool settings_load(struct settings *out, const char *file, struct wg_error *err);
/* Whose files are looked at: they must be there, and secrets be nobody else's. */
enum settings_program { SETTINGS_OF_DAEMON = 1, SETTINGS_OF_API = 2 };
/* The same as settings_load(), and what the file names. starting: credentials of systemd must be
 * there. */
WG_MUST_CHECK bool settings_check(struct settings *out, const char *file,
                                  enum settings_program program, bool starting,
                                  struct wg_error *err);
/* Puts the passwords of database_secret into the logins. */
WG_MUST_CHECK bool settings_login(struct settings *settings, struct wg_error *err);
/* WG_E_USAGE naming the keys that are missing and what for. */
WG_MUST_CHECK bool settings_need(const struct settings *settings, unsigned need,
                                 struct wg_error *err);

#endif
