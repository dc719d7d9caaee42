/* service.c: one session a broker, each with a back-off of its own. */
#include "pki/enrol/service.h"

#include "common/backoff.h"
#include "common/posix/certificate_end.h"
#include "common/posix/file.h"
#include "common/posix/file_stamp.h"
#include "common/posix/mqtt.h"
#include "common/posix/signals.h"
#include "pki/enrol/listener.h"
#include "pki/enrol/station.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Several of these services may run over one folder: each message is for one of them, where the
 * broker can share. Where it cannot each of them takes it, and the answer is the same. */
#define SHARE "$share/wavegate-enrol/"
#define FILTER "wg/v1/d/+/up/csr"
#define CONTROL_TOPIC "$CONTROL/wavegate/v1/revoke"
#define RECONNECT_FIRST (250 * (wg_duration)1)
#define RECONNECT_MOST (30 * WG_SECOND)
#define KEEP_ALIVE_S 30
#define CONNECT_TIMEOUT_S 10
#define INBOX_MAX 1024
#define OUTBOX_MAX 1024
#define HANDFUL 64 /* messages under one lock */
#define GOODBYE_MS 1000
#define LIST_RETRY (10 * WG_SECOND)

struct link {
    const char *url;
    struct mqtt *mqtt;
    struct wg_backoff backoff;
    wg_time retry_at; /* 0: connecting or connected */
    bool up;
};

struct service {
    const struct enrol_settings *settings;
    const char *file; /* that they are from */
    struct listener *listener;
    struct wg_file_stamp ca, certificate, key;
    struct station *station;
    size_t link_count;
    struct link links[ENROL_BROKERS_MAX];
    int signals;
    wg_time ends_at; /* to look when certificates end */
    wg_time list_at; /* to try to write the list again; 0: it is written */
    bool stop;
};

static bool open_link(struct service *service, size_t index, struct wg_error *err)
{
    char client_id[WG_NAME_MAX + 1], host[32] = "";
    const struct enrol_settings *settings = service->settings;
    struct link *link = &service->links[index];
    (void)gethostname(host, sizeof host - 1);
    (void)snprintf(client_id, sizeof client_id, "wavegate-enrol-%s-%ld-%zu", host, (long)getpid(),
                   index);
    struct mqtt_config config = {.url = settings->brokers[index],
                                 .client_id = client_id,
                                 .ca_file = settings->ca,
                                 .cert_file = settings->certificate,
                                 .key_file = settings->key,
                                 .version = settings->mqtt_version,
                                 .keep_alive_s = KEEP_ALIVE_S,
                                 .connect_timeout_s = CONNECT_TIMEOUT_S,
                                 .inbox_max = INBOX_MAX,
                                 .outbox_max = OUTBOX_MAX};
    link->url = settings->brokers[index];
    link->retry_at = 1;
    wg_backoff_init(&link->backoff, RECONNECT_FIRST, RECONNECT_MOST);
    link->mqtt = mqtt_new(&config, err);
    if (link->mqtt) mqtt_watch_server(link->mqtt);
    return link->mqtt || wg_context(err, "%s", link->url);
}

static void retry_later(struct link *link, const char *why, wg_time now)
{
    uint32_t random = 0;
    if (!wg_random(&random, sizeof random, NULL)) random = 0;
    wg_log(WG_LOG_WARN, "not connected", "broker", link->url, "error", why, NULL);
    link->up = false;
    link->retry_at = now + wg_backoff_next(&link->backoff, random);
}

static void keep_connected(struct link *link, wg_time now)
{
    struct wg_error err = {0};
    if (!link->retry_at || link->retry_at > now) return;
    link->retry_at = 0;
    if (!mqtt_connect(link->mqtt, &err)) retry_later(link, err.text, now);
}

static void subscribe(const struct service *service, struct link *link, wg_time now)
{
    struct wg_error err = {0};
    bool shares = service->settings->mqtt_version == 5;
    if (mqtt_subscribe(link->mqtt, shares ? SHARE FILTER : FILTER, &err)) return;
    mqtt_disconnect(link->mqtt, 0);
    retry_later(link, err.text, now);
}

static void publish(struct link *link, const char *topic, const struct wg_buf *payload)
{
    struct wg_error err = {0};
    if (payload->len == 0 || payload->failed) return;
    if (!mqtt_publish(link->mqtt, topic, payload->data, payload->len, 1, &err))
        wg_log(WG_LOG_WARN, "answer not sent: it is asked for again", "broker", link->url, "error",
               err.text, NULL);
}

static void on_message(struct service *service, struct link *link, const struct mqtt_event *event)
{
    char topic[WG_TOPIC_MAX] = "";
    struct wg_buf answer;
    wg_buf_init(&answer, WG_MESSAGE_MAX);
    station_take(service->station, event->topic, event->payload, event->len, wg_now(), topic,
                 &answer);
    publish(link, topic, &answer);
    wg_buf_clear(&answer);
}

static void warn_of_broker(const struct link *link)
{
    wg_time end = mqtt_server_end(link->mqtt);
    if (end) certificate_end_warn("broker", link->url, end, wg_now());
}

/* Once a day. The authority that issues tells of itself where it is asked (wavegate-pki). */
static void look_at_ends(struct service *service, wg_time now)
{
    const struct enrol_settings *settings = service->settings;
    const struct {
        const char *of, *file;
    } all[] = {{"wavegate-enrol", settings->certificate},
               {"server-authority", settings->ca},
               {"claim", settings->claim.certificate}};
    if (now < service->ends_at) return;
    service->ends_at = now + CERTIFICATE_END_LOOK;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i].file[0])
            certificate_end_warn(all[i].of, all[i].file, certificate_file_end(all[i].file),
                                 wg_now());
    for (size_t i = 0; i < service->link_count; i++) warn_of_broker(&service->links[i]);
}

static void on_event(struct service *service, struct link *link, const struct mqtt_event *event,
                     wg_time now)
{
    switch (event->kind) {
    case MQTT_EVENT_CONNECTED:
        subscribe(service, link, now);
        break;
    case MQTT_EVENT_SUBSCRIBED:
        link->up = true;
        wg_backoff_reset(&link->backoff);
        wg_log(WG_LOG_INFO, "broker connected", "broker", link->url, NULL);
        warn_of_broker(link);
        break;
    case MQTT_EVENT_SUBSCRIBE_FAILED:
        mqtt_disconnect(link->mqtt, 0);
        retry_later(link, event->text, now);
        break;
    case MQTT_EVENT_CONNECT_FAILED:
    case MQTT_EVENT_LOST:
        retry_later(link, event->text, now);
        break;
    case MQTT_EVENT_MESSAGE:
        on_message(service, link, event);
        break;
    case MQTT_EVENT_PUBLISH_FAILED:
        wg_log(WG_LOG_WARN, "publish failed", "broker", link->url, "error", event->text, NULL);
        break;
    }
}

/* True when there may be more. */
static bool read_handful(struct service *service, wg_time now)
{
    size_t taken = 0;
    for (size_t i = 0; i < service->link_count; i++) {
        struct mqtt_event event;
        while (taken < HANDFUL && mqtt_next(service->links[i].mqtt, &event)) {
            on_event(service, &service->links[i], &event, now);
            mqtt_event_clear(&event);
            taken++;
        }
    }
    return taken == HANDFUL;
}

/* Every broker may have the session of a device whose certificate fell. */
static void tell_brokers(struct service *service)
{
    struct wg_buf message;
    wg_buf_init(&message, WG_MESSAGE_MAX);
    if (station_told(service->station, &message) && service->settings->control)
        for (size_t i = 0; i < service->link_count; i++)
            if (service->links[i].up) publish(&service->links[i], CONTROL_TOPIC, &message);
    wg_buf_clear(&message);
}

static void step(struct service *service)
{
    wg_time now = wg_monotonic();
    bool more = true;
    while (more && !service->stop) {
        more = read_handful(service, now);
        bool may_write = service->list_at <= now;
        station_rest(service->station, may_write, wg_now());
        tell_brokers(service);
        if (!service->station->list_due) service->list_at = 0;
        if (service->station->list_due && may_write) service->list_at = now + LIST_RETRY;
    }
    for (size_t i = 0; i < service->link_count; i++) keep_connected(&service->links[i], now);
    look_at_ends(service, now);
}

static int wait_ms(const struct service *service, wg_time now)
{
    wg_time next = service->list_at;
    for (size_t i = 0; i < service->link_count; i++)
        if (service->links[i].retry_at && (!next || service->links[i].retry_at < next))
            next = service->links[i].retry_at;
    if (!next) return WG_MINUTE; /* the list runs out without any event */
    return next <= now ? 0 : (int)(next - now < WG_MINUTE ? next - now : WG_MINUTE);
}

static bool files_moved(struct service *service)
{
    const struct enrol_settings *settings = service->settings;
    bool ca = wg_file_stamp_moved(settings->ca, &service->ca);
    bool certificate = wg_file_stamp_moved(settings->certificate, &service->certificate);
    return wg_file_stamp_moved(settings->key, &service->key) || ca || certificate;
}

/* Comes back to the brokers with what the files have now. */
static void renew_links(struct service *service)
{
    for (size_t i = 0; i < service->link_count; i++) {
        struct link *link = &service->links[i];
        if (!link->up) continue;
        mqtt_disconnect(link->mqtt, GOODBYE_MS);
        wg_backoff_reset(&link->backoff);
        retry_later(link, "its certificate is another one now", wg_monotonic());
    }
}

static void reload(struct service *service)
{
    struct enrol_settings fresh;
    struct wg_error err = {0};
    if (!enrol_settings_check(&fresh, service->file, true, &err) ||
        !listener_reload(service->listener, &err)) {
        wg_log_error("not read again: what was there before holds on", &err);
        return;
    }
    wg_log_set(fresh.log);
    if (files_moved(service)) renew_links(service);
    wg_log(WG_LOG_INFO, "read again", NULL);
}

static void take_signal(struct service *service)
{
    struct signalfd_siginfo info;
    if (read(service->signals, &info, sizeof info) != (ssize_t)sizeof info) return;
    if (info.ssi_signo == SIGHUP)
        reload(service);
    else
        service->stop = true;
}

static bool wait_for_events(struct service *service, struct wg_error *err)
{
    struct pollfd fds[ENROL_BROKERS_MAX + 1];
    for (size_t i = 0; i < service->link_count; i++)
        fds[i] = (struct pollfd){.fd = mqtt_fd(service->links[i].mqtt), .events = POLLIN};
    fds[service->link_count] = (struct pollfd){.fd = service->signals, .events = POLLIN};
    int ready = poll(fds, (nfds_t)service->link_count + 1, wait_ms(service, wg_monotonic()));
    if (ready < 0 && errno != EINTR) return wg_fail_errno(err, "waiting");
    if (ready > 0 && (fds[service->link_count].revents & POLLIN)) take_signal(service);
    return true;
}

static bool open_all(struct service *service, struct wg_error *err)
{
    service->station = calloc(1, sizeof *service->station);
    if (!service->station) return wg_fail_memory(err, "starting");
    station_init(service->station, service->settings);
    (void)files_moved(service);
    if (!wg_signals_open(&service->signals, err)) return false;
    for (size_t i = 0; i < service->settings->broker_count; i++) {
        service->link_count = i + 1;
        if (!open_link(service, i, err)) return false;
    }
    return true;
}

/* A folder that cannot be used shall be told at once, not with the first device. */
static bool check_folder(const struct enrol_settings *settings, struct wg_error *err)
{
    struct authority authority;
    int lock = -1;
    if (!authority_lock_now(settings->pki, &lock, err)) return false;
    bool ok = authority_open(settings->pki, DOMAIN_DEVICE, &authority, err);
    authority_clear(&authority);
    authority_unlock(lock);
    return ok;
}

bool service_run(const struct enrol_settings *settings, const char *file, struct wg_error *err)
{
    struct service service = {.settings = settings, .file = file, .signals = -1};
    bool ok = check_folder(settings, err) && open_all(&service, err) &&
              listener_start(settings, &service.listener, err);
    while (ok && !service.stop) {
        step(&service);
        ok = wait_for_events(&service, err);
    }
    listener_stop(service.listener);
    for (size_t i = 0; i < service.link_count; i++) {
        if (service.links[i].up) mqtt_disconnect(service.links[i].mqtt, GOODBYE_MS);
        mqtt_free(service.links[i].mqtt);
    }
    if (service.signals >= 0) (void)close(service.signals);
    free(service.station);
    return ok;
}
