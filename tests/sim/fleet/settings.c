/* settings.c: flags read and checked. */
#include "tests/sim/fleet/settings.h"

#include "common/posix/file.h"
#include "tests/sim/device.h"

#include <stdlib.h>
#include <string.h>

const struct flag run_flags[] = {
    {"broker", "URL...", "mqtt://HOST:PORT or ssl://HOST:PORT; a device goes to one by its id"},
    {"director", "FILE", "public key that orders are checked with"},
    {"ca", "FILE", "whom to believe, for ssl"},
    {"certificates", "FOLDER", "ID.crt and ID.key of each device, for mutual TLS"},
    {"devices", "N", "how many (default 100)"},
    {"first", "N", "number of the first (default 1)"},
    {"seed", "S", "as of `seed`: the same gives the same devices (default wavegate)"},
    {"processes", "N", "default: one for 5000 devices"},
    {"component", "NAME=VERSION", "software that every device runs beside its own"},
    {"mqtt", "VERSION", "5 (default) or 3.1.1"},
    {"connect-rate", "N", "connections begun a second, all processes together (default 500)"},
    {"connecting", "N", "connections that may be under way at once (default 200)"},
    {"keep-alive", "TIME", "of MQTT (default 60s)"},
    {"download", "TIME", "how long it takes, as 20s or 5s..2m (default 10s..2m)"},
    {"install", "TIME", "the same (default 5s..30s)"},
    {"reboot", "TIME", "the same (default 10s..40s)"},
    {"speed", "N", "these three are so many times shorter (default 1)"},
    {"soak", "TIME", "how long a device is healthy before it commits (default 10s)"},
    {"health-every", "TIME", "between its health checks (default 5s)"},
    {"faults", "NAME=SHARE,..",
     "download, verify, install, boot, health, silent, slow, duplicate, "
     "reconnect, clock: of so many devices, as install=2%"},
    {"reconnect-every", "TIME", "of devices with the fault reconnect, on average (default 1m)"},
    {"profile", "WORD", "steady, flash-crowd, bad-network, day-and-night (default steady)"},
    {"storm-every", "TIME", "flash-crowd (default 1m)"},
    {"day", "TIME", "day-and-night: how long a day takes (default 10m)"},
    {"sleepers", "SHARE", "day-and-night: of the devices (default 50%)"},
    {"for", "TIME", "end after that (default: when told to)"},
    {"every", "TIME", "between two lines, or pictures (default 5s; 1s on a terminal)"},
    {"control", "PATH", "socket that takes: summary, drop all, drop 10%, stop"},
    {"json", NULL, "the summary as JSON"},
    {NULL, NULL, NULL}};

static bool read_number(const struct args *args, const char *name, uint64_t usual, uint64_t most,
                        uint64_t *out, struct wg_error *err)
{
    const char *text = args_value(args, name);
    char *end = NULL;
    *out = usual;
    if (!text) return true;
    unsigned long long value = strtoull(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end || value < 1 || value > most)
        return wg_fail(err, WG_E_USAGE, "--%s: expected a number from 1 to %llu, found \"%.40s\"",
                       name, (unsigned long long)most, text);
    *out = value;
    return true;
}

static bool read_time(const struct args *args, const char *name, wg_duration usual,
                      wg_duration *out, struct wg_error *err)
{
    const char *text = args_value(args, name);
    *out = usual;
    return !text || (wg_duration_parse(text, out) && *out > 0) ||
           wg_fail(err, WG_E_USAGE, "--%s: expected a time like 10s, found \"%.40s\"", name, text);
}

static bool read_spread(const struct args *args, const char *name, const char *usual,
                        struct spread *out, struct wg_error *err)
{
    const char *text = args_value(args, name);
    return spread_parse(text ? text : usual, out) ||
           wg_fail(err, WG_E_USAGE, "--%s: expected a time like 10s or 5s..2m, found \"%.40s\"",
                   name, text);
}

static bool read_speed(const struct args *args, double *out, struct wg_error *err)
{
    const char *text = args_value(args, "speed");
    char *end = NULL;
    *out = 1;
    if (!text) return true;
    *out = strtod(text, &end);
    return (end != text && !*end && *out >= 0.001 && *out <= 1e6) ||
           wg_fail(err, WG_E_USAGE, "--speed: expected a number above 0, found \"%.40s\"", text);
}

static bool read_broker(const char *url, struct fleet_broker *out, struct wg_error *err)
{
    const char *host = strstr(url, "://"), *port = strrchr(url, ':');
    char *end = NULL;
    if (!host || port == host ||
        (strncmp(url, "ssl://", 6) != 0 && strncmp(url, "mqtt://", 7) != 0))
        return wg_fail(err, WG_E_USAGE,
                       "--broker: expected mqtt://HOST:PORT or ssl://HOST:PORT, found \"%.80s\"",
                       url);
    host += 3;
    out->tls = url[0] == 's';
    unsigned long number = strtoul(port + 1, &end, 10);
    out->port = (int)number;
    return (wg_copy_n(out->host, sizeof out->host, host, (size_t)(port - host)) && port > host &&
            !*end && number >= 1 && number <= 65535) ||
           wg_fail(err, WG_E_USAGE, "--broker: \"%.80s\": expected a host and a port", url);
}

static bool read_brokers(const struct args *args, struct fleet_settings *out, struct wg_error *err)
{
    const char *url = NULL;
    bool tls = false;
    for (size_t i = 0; (url = args_value_at(args, "broker", i)); i++) {
        if (out->broker_count == FLEET_BROKERS_MAX)
            return wg_fail(err, WG_E_LIMIT, "--broker: more than %d", FLEET_BROKERS_MAX);
        if (!read_broker(url, &out->brokers[out->broker_count], err)) return false;
        tls = out->brokers[out->broker_count++].tls || tls;
    }
    out->ca = args_value(args, "ca");
    out->certificates = args_value(args, "certificates");
    if (out->broker_count == 0) return wg_fail(err, WG_E_USAGE, "expected --broker URL");
    return !tls || out->ca || wg_fail(err, WG_E_USAGE, "an ssl broker needs --ca FILE");
}

static bool read_devices(const struct args *args, struct fleet_settings *out, struct wg_error *err)
{
    uint64_t processes = 0;
    const char *seed = args_value(args, "seed");
    out->seed = seed ? seed : "wavegate";
    if (!read_number(args, "devices", 100, DEVICE_NUMBER_MAX, &out->devices, err) ||
        !read_number(args, "first", 1, DEVICE_NUMBER_MAX, &out->first, err) ||
        !read_number(args, "processes",
                     (out->devices + FLEET_PROCESS_DEVICES - 1) / FLEET_PROCESS_DEVICES,
                     FLEET_PROCESSES_MAX, &processes, err))
        return false;
    out->processes = processes < out->devices ? (size_t)processes : (size_t)out->devices;
    if (out->processes > FLEET_PROCESSES_MAX || out->first + out->devices - 1 > DEVICE_NUMBER_MAX)
        return wg_fail(err, WG_E_LIMIT, "--devices: more than there may be");
    return true;
}

/* NAME=VERSION is taken apart where it stands. */
static bool read_component(const struct args *args, struct fleet_settings *out,
                           struct wg_error *err)
{
    static char name[WG_NAME_MAX + 1];
    const char *text = args_value(args, "component");
    const char *equals = text ? strchr(text, '=') : NULL;
    if (!text) return true;
    if (!equals || !wg_copy_n(name, sizeof name, text, (size_t)(equals - text)) ||
        !wg_name_is_valid(name) || !equals[1] || strlen(equals + 1) > WG_VERSION_MAX)
        return wg_fail(err, WG_E_USAGE, "--component: expected NAME=VERSION, found \"%.80s\"",
                       text);
    out->component = name;
    out->version = equals + 1;
    return true;
}

static bool read_mqtt(const struct args *args, struct fleet_settings *out, struct wg_error *err)
{
    const char *text = args_value(args, "mqtt");
    uint64_t rate = 0, connecting = 0;
    out->mqtt = text && !strcmp(text, "3.1.1") ? 311 : 5;
    if (text && out->mqtt == 5 && strcmp(text, "5") != 0)
        return wg_fail(err, WG_E_USAGE, "--mqtt: expected 5 or 3.1.1, found \"%.40s\"", text);
    if (!read_number(args, "connect-rate", 500, 1000000, &rate, err) ||
        !read_number(args, "connecting", 200, 100000, &connecting, err) ||
        !read_time(args, "keep-alive", WG_MINUTE, &out->keep_alive, err))
        return false;
    out->connect_rate = (double)rate;
    out->connecting = (int)connecting;
    return (out->keep_alive >= 5 * WG_SECOND && out->keep_alive <= 65535 * WG_SECOND) ||
           wg_fail(err, WG_E_USAGE, "--keep-alive: expected 5s to 65535s");
}

static bool read_work(const struct args *args, struct fleet_settings *out, struct wg_error *err)
{
    return read_spread(args, "download", "10s..2m", &out->download, err) &&
           read_spread(args, "install", "5s..30s", &out->install, err) &&
           read_spread(args, "reboot", "10s..40s", &out->reboot, err) &&
           read_speed(args, &out->speed, err) &&
           read_time(args, "soak", 10 * WG_SECOND, &out->soak, err) &&
           read_time(args, "health-every", 5 * WG_SECOND, &out->health_every, err);
}

static bool read_profile(const struct args *args, struct fleet_settings *out, struct wg_error *err)
{
    struct profile *profile = &out->profile;
    const char *word = args_value(args, "profile"), *faults = args_value(args, "faults"),
               *sleepers = args_value(args, "sleepers");
    profile_init(profile);
    if (word && !profile_parse(word, &profile->kind))
        return wg_fail(err, WG_E_USAGE,
                       "--profile: expected steady, flash-crowd, bad-network or day-and-night, "
                       "found \"%.40s\"",
                       word);
    if (sleepers && !share_parse(sleepers, &profile->sleepers))
        return wg_fail(err, WG_E_USAGE, "--sleepers: expected a share like 50%%");
    return (!faults || faults_parse(faults, &out->faults, err)) &&
           read_time(args, "storm-every", profile->storm_every, &profile->storm_every, err) &&
           read_time(args, "day", profile->day, &profile->day, err) &&
           read_time(args, "reconnect-every", WG_MINUTE, &out->reconnect_every, err);
}

bool fleet_settings_read(const struct args *args, struct fleet_settings *out, struct wg_error *err)
{
    const char *director = args_value(args, "director");
    *out = (struct fleet_settings){.control = args_value(args, "control"),
                                   .json = args_has(args, "json")};
    if (!director) return wg_fail(err, WG_E_USAGE, "expected --director FILE");
    return read_brokers(args, out, err) && read_devices(args, out, err) &&
           read_component(args, out, err) && read_mqtt(args, out, err) &&
           read_work(args, out, err) && read_profile(args, out, err) &&
           (!args_has(args, "for") || read_time(args, "for", 0, &out->run_for, err)) &&
           (!args_has(args, "every") || read_time(args, "every", 0, &out->every, err)) &&
           wg_identity_public_load(director, &out->director, err);
}

size_t fleet_broker_of(const struct fleet_settings *settings, const char *device)
{
    return (size_t)(chance_seed(device) % settings->broker_count);
}
