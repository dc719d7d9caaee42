/* settings.h: what the broker's configuration says to the plugin: plugin_opt_KEY VALUE. Pure. */
#ifndef WG_BROKER_SETTINGS_H
#define WG_BROKER_SETTINGS_H

#include "broker/bucket.h"
#include "common/text.h"
#include "common/time.h"

#define SETTINGS_PATH_MAX 512
#define SETTINGS_SERVICES_MAX 16 /* names a role */

struct service_names {
    size_t count;
    char items[SETTINGS_SERVICES_MAX][WG_NAME_MAX + 1];
};

/* As they are written. */
struct settings {
    char device_authority[SETTINGS_PATH_MAX]; /* PEM: the certificates that issue devices' */
    char service_authority[SETTINGS_PATH_MAX];
    char crl[SETTINGS_PATH_MAX]; /* PEM: their revocation lists */
    struct service_names orchestrators, enrolment;
    int64_t clients;         /* that are remembered, and may be connected at once */
    int64_t connects;        /* a second, of all clients together */
    int64_t device_connects; /* a minute */
    int64_t connect_burst;
    int64_t messages; /* a second, of one device */
    int64_t message_burst;
    int64_t bytes; /* of payload, a second, of one device */
    int64_t byte_burst;
    int64_t subscribes; /* subscriptions and their ends a minute, of one device */
    int64_t subscribe_burst;
    int64_t drops;       /* refused messages before a device is cut off; one a second is forgiven */
    wg_duration penalty; /* for which a device is refused then */
};

void settings_init(struct settings *settings); /* the defaults */
/* One option. Errors name key, what was expected and what was found. */
WG_MUST_CHECK bool settings_take(struct settings *settings, const char *key, const char *value,
                                 struct wg_error *err);
/* All that is needed is there and fits together. */
WG_MUST_CHECK bool settings_check(const struct settings *settings, struct wg_error *err);

bool service_names_have(const struct service_names *names, const char *name);

#endif
