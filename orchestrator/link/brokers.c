/* brokers.c: one MQTT session a broker, each with a back-off of its own. */
#include "orchestrator/link/brokers.h"

#include "common/backoff.h"
#include "common/crypto.h"
#include "common/message_guard.h"
#include "common/posix/file_stamp.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECONNECT_FIRST (250 * (wg_duration)1)
#define RECONNECT_MOST (30 * WG_SECOND)
#define KEEP_ALIVE_S 30
#define CONNECT_TIMEOUT_S 10
#define INBOX_MAX 4096
#define OUTBOX_MAX 8192 /* acknowledgements and orders of several batches */

/* Every orchestrator shares the load of these, where the broker can. */
#define SHARE "$share/wavegate/"
static const char *const filters[] = {SHARE "wg/v1/d/+/up/hello", SHARE "wg/v1/d/+/up/report",
                                      SHARE "wg/v1/d/+/up/log", SHARE WG_TOPIC_GUARD};
#define RENEW_PATIENCE 500 /* ms, for what is on its way out */
#define FILTERS (sizeof filters / sizeof filters[0])

struct broker {
    char name[WG_NAME_MAX + 1];
    struct mqtt *mqtt;
    struct wg_backoff backoff;
    wg_time retry_at; /* 0: connecting or connected */
    size_t subscribed;
    bool connected;
    wg_time certificate_end; /* 0: not known */
    bool shared, mine; /* whether the broker shares messages out; if not, whether we hear it */
};

struct brokers {
    const struct settings *settings;
    struct wg_file_stamp ca, certificate, key;
    size_t count;
    struct broker items[SETTINGS_BROKERS_MAX];
};

static bool open_broker(struct broker *broker, const struct settings *settings, size_t index,
                        struct wg_error *err)
{
    char client_id[WG_NAME_MAX + 1];
    char host[32] = "";
    (void)gethostname(host, sizeof host - 1);
    (void)snprintf(client_id, sizeof client_id, "wavegated-%s-%ld-%zu", host, (long)getpid(),
                   index);
    struct mqtt_config config = {.url = settings->brokers[index].url,
                                 .client_id = client_id,
                                 .ca_file = settings->tls_ca,
                                 .cert_file = settings->tls_certificate,
                                 .key_file = settings->tls_key,
                                 .version = settings->brokers[index].version,
                                 .keep_alive_s = KEEP_ALIVE_S,
                                 .connect_timeout_s = CONNECT_TIMEOUT_S,
                                 .inbox_max = INBOX_MAX,
                                 .outbox_max = OUTBOX_MAX};
    (void)wg_copy(broker->name, sizeof broker->name, settings->brokers[index].name);
    wg_backoff_init(&broker->backoff, RECONNECT_FIRST, RECONNECT_MOST);
    broker->mqtt = mqtt_new(&config, err);
    if (broker->mqtt) mqtt_watch_server(broker->mqtt);
    broker->retry_at = 1;
    broker->shared = settings->brokers[index].shared;
    return broker->mqtt || wg_context(err, "broker %s", broker->name);
}

static bool files_moved(struct brokers *brokers)
{
    const struct settings *settings = brokers->settings;
    bool ca = wg_file_stamp_moved(settings->tls_ca, &brokers->ca);
    bool certificate = wg_file_stamp_moved(settings->tls_certificate, &brokers->certificate);
    return wg_file_stamp_moved(settings->tls_key, &brokers->key) || ca || certificate;
}

struct brokers *brokers_new(const struct settings *settings, struct wg_error *err)
{
    struct brokers *brokers = calloc(1, sizeof *brokers);
    if (!brokers) {
        (void)wg_fail_memory(err, "opening the brokers");
        return NULL;
    }
    brokers->settings = settings;
    (void)files_moved(brokers);
    for (size_t i = 0; i < settings->broker_count; i++) {
        brokers->count = i + 1;
        if (!open_broker(&brokers->items[i], settings, i, err)) {
            brokers_free(brokers);
            return NULL;
        }
    }
    return brokers;
}

void brokers_free(struct brokers *brokers)
{
    if (!brokers) return;
    for (size_t i = 0; i < brokers->count; i++) mqtt_free(brokers->items[i].mqtt);
    free(brokers);
}

size_t brokers_poll_set(const struct brokers *brokers, struct pollfd *out)
{
    for (size_t i = 0; i < brokers->count; i++)
        out[i] = (struct pollfd){.fd = mqtt_fd(brokers->items[i].mqtt), .events = POLLIN};
    return brokers->count;
}

static void retry_later(struct broker *broker, wg_time now)
{
    uint32_t random = 0;
    if (!wg_random(&random, sizeof random, NULL)) random = 0;
    broker->connected = false;
    broker->subscribed = 0;
    broker->retry_at = now + wg_backoff_next(&broker->backoff, random);
}

static void connect_broker(struct broker *broker, wg_time now)
{
    struct wg_error err = {0};
    broker->retry_at = 0;
    if (mqtt_connect(broker->mqtt, &err)) return;
    wg_log(WG_LOG_WARN, "broker connect failed", "broker", broker->name, "error", err.text, NULL);
    retry_later(broker, now);
}

wg_time brokers_keep_connected(struct brokers *brokers, wg_time now)
{
    wg_time next = 0;
    for (size_t i = 0; i < brokers->count; i++) {
        struct broker *broker = &brokers->items[i];
        if (broker->retry_at && broker->retry_at <= now) connect_broker(broker, now);
        if (broker->retry_at && (!next || broker->retry_at < next)) next = broker->retry_at;
    }
    return next;
}

static bool hears(const struct broker *broker)
{
    return broker->shared || broker->mine;
}

static void subscribe(struct broker *broker, wg_time now)
{
    struct wg_error err = {0};
    size_t skip = broker->shared ? 0 : strlen(SHARE);
    broker->subscribed = 0;
    for (size_t i = 0; i < FILTERS; i++)
        if (!mqtt_subscribe(broker->mqtt, filters[i] + skip, &err)) {
            wg_log(WG_LOG_WARN, "subscribe failed", "broker", broker->name, "error", err.text,
                   NULL);
            mqtt_disconnect(broker->mqtt, 0);
            retry_later(broker, now);
            return;
        }
}

static void on_connected(struct broker *broker, wg_time now)
{
    broker->connected = true;
    broker->certificate_end = mqtt_server_end(broker->mqtt);
    if (hears(broker)) {
        subscribe(broker, now);
        return;
    }
    wg_backoff_reset(&broker->backoff);
    wg_log(WG_LOG_INFO, "broker connected, another one hears it", "broker", broker->name, NULL);
}

static void on_message(const struct broker *broker, const struct mqtt_event *event,
                       struct batch *batch, struct log_shelf *shelf, wg_time now)
{
    char device[WG_NAME_MAX + 1];
    enum wg_topic topic;
    if (wg_topic_parse(event->topic, &topic, device) && topic == WG_TOPIC_UP_LOG)
        log_shelf_take(shelf, device, event->payload, event->len, now);
    else
        batch_take(batch, broker->name, event->topic, event->payload, event->len, now);
}

static void on_event(struct broker *broker, const struct mqtt_event *event, struct batch *batch,
                     struct log_shelf *shelf, wg_time now)
{
    switch (event->kind) {
    case MQTT_EVENT_CONNECTED:
        on_connected(broker, now);
        break;
    case MQTT_EVENT_SUBSCRIBED:
        if (++broker->subscribed < FILTERS) break;
        wg_backoff_reset(&broker->backoff);
        wg_log(WG_LOG_INFO, "broker connected", "broker", broker->name, NULL);
        break;
    case MQTT_EVENT_CONNECT_FAILED:
    case MQTT_EVENT_LOST:
        wg_log(WG_LOG_WARN, "broker lost", "broker", broker->name, "error", event->text, NULL);
        retry_later(broker, now);
        break;
    case MQTT_EVENT_SUBSCRIBE_FAILED:
        wg_log(WG_LOG_ERROR, "subscription refused", "broker", broker->name, "error", event->text,
               NULL);
        mqtt_disconnect(broker->mqtt, 0);
        retry_later(broker, now);
        break;
    case MQTT_EVENT_MESSAGE:
        on_message(broker, event, batch, shelf, now);
        break;
    case MQTT_EVENT_PUBLISH_FAILED:
        wg_log(WG_LOG_WARN, "publish failed", "broker", broker->name, "error", event->text, NULL);
        break;
    }
}

void brokers_read(struct brokers *brokers, struct batch *batch, struct log_shelf *shelf,
                  wg_time now)
{
    bool any = true;
    while (any && !batch_is_full(batch)) {
        any = false;
        for (size_t i = 0; i < brokers->count && !batch_is_full(batch); i++) {
            struct mqtt_event event;
            if (!mqtt_next(brokers->items[i].mqtt, &event)) continue;
            on_event(&brokers->items[i], &event, batch, shelf, now);
            mqtt_event_clear(&event);
            any = true;
        }
    }
}

static bool publish(struct broker *broker, const char *topic, const void *payload, size_t len,
                    int qos)
{
    struct wg_error err = {0};
    if (!broker->connected) return false;
    if (mqtt_publish(broker->mqtt, topic, payload, len, qos, &err)) return true;
    wg_log(WG_LOG_WARN, "publish failed", "broker", broker->name, "error", err.text, NULL);
    return false;
}

/* Of that name, if it is connected; else NULL. */
static struct broker *find(struct brokers *brokers, const char *name)
{
    for (size_t i = 0; i < brokers->count; i++)
        if (brokers->items[i].connected && strcmp(brokers->items[i].name, name) == 0)
            return &brokers->items[i];
    return NULL;
}

bool brokers_publish(struct brokers *brokers, const char *name, const char *topic,
                     const void *payload, size_t len)
{
    bool taken = false;
    enum wg_topic kind;
    char device[WG_NAME_MAX + 1];
    bool is_ack = wg_topic_parse(topic, &kind, device) && kind == WG_TOPIC_DOWN_ACK;
    int qos = is_ack ? 0 : 1;
    struct broker *one = find(brokers, name);
    if (one) return publish(one, topic, payload, len, qos);
    for (size_t i = 0; i < brokers->count; i++)
        taken = publish(&brokers->items[i], topic, payload, len, qos) || taken;
    return taken;
}

bool brokers_any_connected(const struct brokers *brokers)
{
    for (size_t i = 0; i < brokers->count; i++) {
        const struct broker *broker = &brokers->items[i];
        if (broker->connected && (!hears(broker) || broker->subscribed == FILTERS)) return true;
    }
    return false;
}

wg_time brokers_certificate_end(const struct brokers *brokers, size_t index)
{
    return brokers->items[index].certificate_end;
}

size_t brokers_count(const struct brokers *brokers)
{
    return brokers->count;
}

const char *brokers_alone(const struct brokers *brokers, size_t index)
{
    const struct broker *broker = &brokers->items[index];
    return broker->shared || !broker->connected ? NULL : broker->name;
}

void brokers_hear(struct brokers *brokers, size_t index, bool mine, wg_time now)
{
    struct broker *broker = &brokers->items[index];
    if (broker->shared || broker->mine == mine) return;
    broker->mine = mine;
    if (!broker->connected) return;
    if (mine) {
        subscribe(broker, now);
        return;
    }
    wg_log(WG_LOG_INFO, "broker heard by another one", "broker", broker->name, NULL);
    mqtt_disconnect(broker->mqtt, 0);
    retry_later(broker, now);
}

bool brokers_renew(struct brokers *brokers, wg_time now)
{
    if (!files_moved(brokers)) return false;
    for (size_t i = 0; i < brokers->count; i++) {
        struct broker *broker = &brokers->items[i];
        if (!broker->connected) continue;
        mqtt_disconnect(broker->mqtt, RENEW_PATIENCE);
        wg_backoff_reset(&broker->backoff);
        retry_later(broker, now);
    }
    return true;
}
