/* session.c: what Paho tells, as three events: up, down, message. */
#include "agent/posix/session.h"

#include "common/backoff.h"
#include "common/crypto.h"
#include "common/posix/mqtt.h"

#include <stdlib.h>
#include <string.h>

#define INBOX_MAX 64
#define CONNECT_TIMEOUT_S 15
#define GOODBYE_MS 2000
#define WILL_MAX 128
#define TROUBLE_MAX 256

static const enum wg_topic topics[] = {WG_TOPIC_DOWN_ORDER, WG_TOPIC_DOWN_ACK, WG_TOPIC_DOWN_CERT};
#define TOPICS (sizeof topics / sizeof topics[0])

struct session {
    const struct settings *settings;
    struct identity *identity;
    struct mqtt *mqtt;
    struct wg_backoff backoff;
    wg_time connect_at; /* 0: connecting or connected */
    size_t subscribed;
    bool up;
    int64_t link; /* number of the connection that was begun last */
    char boot[WG_BOOT_MAX];
    char will[WILL_MAX];
    char trouble[TROUBLE_MAX];
};

static bool make_will(struct session *session, struct wg_error *err)
{
    struct wg_hello gone = {.online = false, .link = session->link};
    struct wg_buf will;
    (void)wg_copy(gone.boot, sizeof gone.boot, session->boot);
    wg_buf_init(&will, sizeof session->will - 1);
    bool ok = wg_hello_encode(&gone, &will, err);
    if (ok) (void)wg_copy(session->will, sizeof session->will, wg_buf_str(&will));
    wg_buf_clear(&will);
    return ok;
}

static bool open_mqtt(struct session *session, struct tls_pins *pins, struct wg_error *err)
{
    const struct settings *settings = session->settings;
    char topic[WG_TOPIC_MAX];
    if (!wg_topic_make(WG_TOPIC_UP_HELLO, settings->core.device, topic))
        return wg_fail(err, WG_E_BAD_INPUT, "the device's id makes no topic");
    struct mqtt_config config = {.url = settings->broker,
                                 .client_id = settings->core.device,
                                 .ca_file = settings->ca,
                                 .cert_file = settings->certificate,
                                 .key_file = settings->key,
                                 .will_topic = topic,
                                 .will_payload = session->will,
                                 .pins = pins,
                                 .version = settings->mqtt_version,
                                 .keep_alive_s = (int)(settings->keep_alive / WG_SECOND),
                                 .connect_timeout_s = CONNECT_TIMEOUT_S,
                                 .inbox_max = INBOX_MAX};
    session->mqtt = mqtt_new(&config, err);
    return session->mqtt != NULL;
}

struct session *session_new(const struct settings *settings, const char *boot,
                            struct identity *identity, struct tls_pins *pins, struct wg_error *err)
{
    struct session *session = calloc(1, sizeof *session);
    if (!session) {
        (void)wg_fail_memory(err, "opening the session");
        return NULL;
    }
    session->settings = settings;
    session->identity = identity;
    session->connect_at = 1;
    wg_backoff_init(&session->backoff, settings->reconnect_first, settings->reconnect_most);
    (void)wg_copy(session->boot, sizeof session->boot, boot);
    if (make_will(session, err) && open_mqtt(session, pins, err)) return session;
    session_free(session);
    return NULL;
}

void session_free(struct session *session)
{
    if (!session) return;
    mqtt_free(session->mqtt);
    free(session);
}

const char *session_issuer(const struct session *session)
{
    return mqtt_issuer(session->mqtt);
}

const char *session_trouble(const struct session *session)
{
    return session->trouble;
}

int session_fd(const struct session *session)
{
    return mqtt_fd(session->mqtt);
}

static bool show_pair(struct session *session, wg_time now, struct wg_error *err)
{
    const struct renewal_pair *pair = identity_pick(session->identity, now);
    return mqtt_set_pair(session->mqtt, pair->certificate, pair->key, err);
}

/* True if it was up: the core has to be told. */
static bool connect_later(struct session *session, wg_time now)
{
    uint32_t random = 0;
    if (!wg_random(&random, sizeof random, NULL)) random = 0;
    bool was_up = session->up;
    if (was_up)
        identity_down(session->identity);
    else
        identity_failed(session->identity, now);
    session->up = false;
    session->subscribed = 0;
    session->connect_at = now + wg_backoff_next(&session->backoff, random);
    return was_up;
}

wg_time session_keep(struct session *session, wg_time now)
{
    struct wg_error err = {0};
    if (!session->connect_at || session->connect_at > now) return session->connect_at;
    session->connect_at = 0;
    session->link++;
    if (!make_will(session, &err) || !show_pair(session, now, &err) ||
        !mqtt_set_will(session->mqtt, session->will, &err) || !mqtt_connect(session->mqtt, &err)) {
        wg_log_error("connect failed", &err);
        (void)wg_copy(session->trouble, sizeof session->trouble, err.text);
        (void)connect_later(session, now);
    }
    return session->connect_at;
}

static void subscribe(struct session *session, wg_time now)
{
    struct wg_error err = {0};
    for (size_t i = 0; i < TOPICS; i++) {
        char topic[WG_TOPIC_MAX];
        if (wg_topic_make(topics[i], session->settings->core.device, topic) &&
            mqtt_subscribe(session->mqtt, topic, &err))
            continue;
        wg_log_error("subscribe failed", &err);
        mqtt_disconnect(session->mqtt, GOODBYE_MS);
        (void)connect_later(session, now);
        return;
    }
}

static bool subscribed(struct session *session, wg_time now, struct session_event *out)
{
    if (++session->subscribed < TOPICS) return false;
    session->up = true;
    session->trouble[0] = '\0';
    identity_up(session->identity, now);
    wg_backoff_reset(&session->backoff);
    wg_log(WG_LOG_INFO, "connected", "broker", session->settings->broker, NULL);
    out->kind = SESSION_UP;
    out->link = session->link;
    return true;
}

static bool lost(struct session *session, const char *text, wg_time now, struct session_event *out)
{
    wg_log(WG_LOG_WARN, "not connected", "error", text, NULL);
    (void)wg_copy(session->trouble, sizeof session->trouble, text);
    out->kind = SESSION_DOWN;
    return connect_later(session, now);
}

static bool message(const struct session *session, struct mqtt_event *event,
                    struct session_event *out)
{
    char device[WG_NAME_MAX + 1];
    if (!wg_topic_parse(event->topic, &out->topic, device) ||
        strcmp(device, session->settings->core.device) != 0)
        return false;
    out->kind = SESSION_MESSAGE;
    out->payload = event->payload;
    out->len = event->len;
    event->payload = NULL;
    return true;
}

static bool translate(struct session *session, struct mqtt_event *event, wg_time now,
                      struct session_event *out)
{
    switch (event->kind) {
    case MQTT_EVENT_CONNECTED:
        subscribe(session, now);
        return false;
    case MQTT_EVENT_SUBSCRIBED:
        return subscribed(session, now, out);
    case MQTT_EVENT_SUBSCRIBE_FAILED:
        mqtt_disconnect(session->mqtt, GOODBYE_MS);
        return lost(session, event->text, now, out);
    case MQTT_EVENT_CONNECT_FAILED:
    case MQTT_EVENT_LOST:
        return lost(session, event->text, now, out);
    case MQTT_EVENT_MESSAGE:
        return message(session, event, out);
    case MQTT_EVENT_PUBLISH_FAILED:
        wg_log(WG_LOG_WARN, "publish failed", "error", event->text, NULL);
        return false;
    }
    return false;
}

bool session_next(struct session *session, wg_time now, struct session_event *out)
{
    struct mqtt_event event;
    bool any = false;
    *out = (struct session_event){.kind = SESSION_MESSAGE};
    while (!any && mqtt_next(session->mqtt, &event)) {
        any = translate(session, &event, now, out);
        mqtt_event_clear(&event);
    }
    return any;
}

void session_event_clear(struct session_event *event)
{
    free(event->payload);
    event->payload = NULL;
}

bool session_publish(struct session *session, enum wg_topic kind, const char *payload, size_t len)
{
    struct wg_error err = {0};
    char topic[WG_TOPIC_MAX];
    if (!session->up || !wg_topic_make(kind, session->settings->core.device, topic)) return false;
    if (mqtt_publish(session->mqtt, topic, payload, len, 1, &err)) return true;
    wg_log_error("publish failed, it is sent again later", &err);
    return false;
}

/* A polite end suppresses the Last Will, so its words are said before. */
void session_leave(struct session *session)
{
    (void)session_publish(session, WG_TOPIC_UP_HELLO, session->will, strlen(session->will));
    mqtt_disconnect(session->mqtt, GOODBYE_MS);
}

void session_again(struct session *session, wg_time now)
{
    session_leave(session);
    session->up = false;
    session->subscribed = 0;
    session->connect_at = now > 0 ? now : 1;
}
