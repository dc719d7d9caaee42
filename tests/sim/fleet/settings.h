/* settings.h: the flags of `wavegate-fleet run`. */
#ifndef WG_TESTS_SIM_FLEET_SETTINGS_H
#define WG_TESTS_SIM_FLEET_SETTINGS_H

#include "common/args.h"
#include "common/identity_key.h"
#include "tests/sim/fleet/faults.h"
#include "tests/sim/fleet/profile.h"
#include "tests/sim/fleet/spread.h"

#define FLEET_BROKERS_MAX 8
#define FLEET_PROCESS_DEVICES 5000 /* three descriptors each */
#define FLEET_PROCESSES_MAX 64
#define FLEET_HOST_MAX 254

struct fleet_broker {
    char host[FLEET_HOST_MAX];
    int port;
    bool tls;
};

struct fleet_settings {
    uint64_t first, devices; /* numbers first .. first + devices - 1 */
    size_t processes;
    const char *seed; /* borrowed, as all below */
    size_t broker_count;
    struct fleet_broker brokers[FLEET_BROKERS_MAX];
    const char *ca, *certificates; /* NULL: none; certificates: folder with ID.crt and ID.key */
    struct wg_identity_public director;
    int mqtt;                        /* 5 or 311 */
    double connect_rate;             /* sessions that are begun a second, of all processes */
    int connecting;                  /* that are under way at once, of all processes */
    const char *component, *version; /* what every device runs beside its own; NULL: nothing */
    struct spread download, install, reboot;
    double speed;
    wg_duration soak, health_every, keep_alive, reconnect_every;
    struct faults faults;
    struct profile profile;
    wg_duration run_for; /* 0: until it is told to stop */
    wg_duration every;   /* between lines, or pictures on a terminal */
    const char *control; /* path of a socket; NULL: none */
    bool json;
};

extern const struct flag run_flags[];
WG_MUST_CHECK bool fleet_settings_read(const struct args *args, struct fleet_settings *out,
                                       struct wg_error *err);
/* The broker of a device: the same in every run with as many brokers. */
size_t fleet_broker_of(const struct fleet_settings *settings, const char *device);

#endif
