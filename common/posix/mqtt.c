/* mqtt.c: one Paho session. Paho calls back on its own threads; all they do is to put an event into
 * the inbox, so the owner's code runs on one thread alone. They do it under Paho's lock, which most
 * of its functions want too: the owner calls those between mqtt_enter() and mqtt_leave(). */
#include "common/posix/mqtt.h"

#include "common/posix/mqtt_part.h"
#include "common/posix/paho_rest.h"
#include "common/posix/paho_tls.h"
#include "common/posix/paho_trace.h"
#include "common/posix/tls_pins.h"
#include "common/text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SEND_BUFFER_MAX 20000 /* messages handed over and not yet acknowledged by the broker */
#define DISCONNECT_MS 1000

static void on_lost(void *ctx, char *cause)
{
    mqtt_put(ctx, MQTT_EVENT_LOST, 0, cause ? cause : "connection lost");
}

static int on_message(void *ctx, char *topic, int topic_len, MQTTAsync_message *message)
{
    struct mqtt *mqtt = ctx;
    size_t name = topic_len > 0 ? (size_t)topic_len : strlen(topic);
    size_t len = message->payloadlen > 0 ? (size_t)message->payloadlen : 0;
    struct mqtt_event event = {.kind = MQTT_EVENT_MESSAGE, .len = len};
    event.topic = malloc(name + 1);
    event.payload = malloc(len + 1);
    if (!event.topic || !event.payload) {
        mqtt_event_clear(&event);
        return 0; /* Paho keeps it and calls again */
    }
    memcpy(event.topic, topic, name);
    event.topic[name] = '\0';
    if (len) memcpy(event.payload, message->payload, len);
    event.payload[len] = '\0';
    inbox_put(mqtt->inbox, &event);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);
    return 1;
}

static void on_connected(void *ctx, MQTTAsync_successData *data)
{
    (void)data;
    mqtt_put(ctx, MQTT_EVENT_CONNECTED, 0, NULL);
}

static void on_connected5(void *ctx, MQTTAsync_successData5 *data)
{
    (void)data;
    mqtt_put(ctx, MQTT_EVENT_CONNECTED, 0, NULL);
}

/* What TLS says of itself is more than Paho knows. */
static int on_tls_error(const char *text, size_t len, void *ctx)
{
    struct mqtt *mqtt = ctx;
    (void)wg_copy_n(mqtt->tls_error, sizeof mqtt->tls_error, text, len);
    return 1;
}

static void connect_failed(struct mqtt *mqtt, int code, int reason, const char *message)
{
    const char *tls = mqtt->look.why[0] ? mqtt->look.why : mqtt->tls_error;
    mqtt_put_failure(mqtt, MQTT_EVENT_CONNECT_FAILED, code, reason, tls[0] ? tls : message);
}

static void on_connect_failed(void *ctx, MQTTAsync_failureData *data)
{
    connect_failed(ctx, data ? data->code : 0, 0, data ? data->message : NULL);
}

static void on_connect_failed5(void *ctx, MQTTAsync_failureData5 *data)
{
    connect_failed(ctx, data ? data->code : 0, data ? (int)data->reasonCode : 0,
                   data ? data->message : NULL);
}

static void on_subscribed(void *ctx, MQTTAsync_successData *data)
{
    /* a broker of MQTT 3.1.1 refuses a filter by answering QoS 0x80 (section 3.9.3) */
    bool refused = data && data->alt.qos >= MQTT_REFUSED;
    mqtt_put(ctx, refused ? MQTT_EVENT_SUBSCRIBE_FAILED : MQTT_EVENT_SUBSCRIBED, 0,
             refused ? "the broker refuses the subscription" : NULL);
}

static void on_subscribed5(void *ctx, MQTTAsync_successData5 *data)
{
    if (data && (int)data->reasonCode >= MQTT_REFUSED)
        mqtt_put_failure(ctx, MQTT_EVENT_SUBSCRIBE_FAILED, 0, (int)data->reasonCode, NULL);
    else
        mqtt_put(ctx, MQTT_EVENT_SUBSCRIBED, 0, NULL);
}

static void on_subscribe_failed(void *ctx, MQTTAsync_failureData *data)
{
    mqtt_put_failure(ctx, MQTT_EVENT_SUBSCRIBE_FAILED, data ? data->code : 0, 0,
                     data ? data->message : NULL);
}

static void on_subscribe_failed5(void *ctx, MQTTAsync_failureData5 *data)
{
    mqtt_put_failure(ctx, MQTT_EVENT_SUBSCRIBE_FAILED, data ? data->code : 0,
                     data ? (int)data->reasonCode : 0, data ? data->message : NULL);
}

static void disconnect_ended(struct mqtt *mqtt)
{
    (void)pthread_mutex_lock(&mqtt->mutex);
    mqtt->disconnected = true;
    (void)pthread_cond_signal(&mqtt->changed);
    (void)pthread_mutex_unlock(&mqtt->mutex);
}

static void on_disconnected(void *ctx, MQTTAsync_successData *data)
{
    (void)data;
    disconnect_ended(ctx);
}

static void on_disconnected5(void *ctx, MQTTAsync_successData5 *data)
{
    (void)data;
    disconnect_ended(ctx);
}

static void on_disconnect_failed(void *ctx, MQTTAsync_failureData *data)
{
    (void)data;
    disconnect_ended(ctx);
}

static void on_disconnect_failed5(void *ctx, MQTTAsync_failureData5 *data)
{
    (void)data;
    disconnect_ended(ctx);
}

static void init_library(void)
{
    MQTTAsync_init_options options = MQTTAsync_init_options_initializer;
    paho_trace_none();
    paho_rest_link();
    options.do_openssl_init = 0;
    MQTTAsync_global_init(&options);
}

static bool copy_text(char **out, const char *text)
{
    if (text) *out = strdup(text);
    return !text || *out;
}

static bool copy_config(struct mqtt *mqtt, const struct mqtt_config *config)
{
    mqtt->v5 = config->version == 5;
    mqtt->keep_alive_s = config->keep_alive_s;
    mqtt->connect_timeout_s = config->connect_timeout_s;
    mqtt->look.pins = config->pins;
    return copy_text(&mqtt->ca_file, config->ca_file) &&
           copy_text(&mqtt->cert_file, config->cert_file) &&
           copy_text(&mqtt->key_file, config->key_file) &&
           copy_text(&mqtt->will_topic, config->will_topic) &&
           copy_text(&mqtt->will_payload, config->will_payload);
}

static bool create(struct mqtt *mqtt, const struct mqtt_config *config, struct wg_error *err)
{
    MQTTAsync_createOptions options = MQTTAsync_createOptions_initializer5;
    if (!mqtt->v5) options.MQTTVersion = MQTTVERSION_3_1_1;
    options.maxBufferedMessages = SEND_BUFFER_MAX;
    int code = MQTTAsync_createWithOptions(&mqtt->handle, config->url, config->client_id,
                                           MQTTCLIENT_PERSISTENCE_NONE, NULL, &options);
    if (code != MQTTASYNC_SUCCESS) return mqtt_fail(code, config->url, err);
    code = MQTTAsync_setCallbacks(mqtt->handle, mqtt, on_lost, on_message, NULL);
    return code == MQTTASYNC_SUCCESS || mqtt_fail(code, config->url, err);
}

struct mqtt *mqtt_new(const struct mqtt_config *config, struct wg_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (!paho_tls_ready(err)) return NULL;
    (void)pthread_once(&once, init_library);
    if (strncmp(config->url, "ssl://", 6) != 0) {
        (void)wg_fail(err, WG_E_USAGE, "broker \"%s\": expected ssl://HOST:PORT", config->url);
        return NULL;
    }
    struct mqtt *mqtt = calloc(1, sizeof *mqtt);
    if (!mqtt) {
        (void)wg_fail_memory(err, "opening a session");
        return NULL;
    }
    (void)pthread_mutex_init(&mqtt->mutex, NULL);
    (void)pthread_cond_init(&mqtt->changed, NULL);
    bool ok = copy_config(mqtt, config) || wg_fail_memory(err, "opening a session");
    ok = ok && mqtt_open_boxes(mqtt, config, err) && create(mqtt, config, err);
    if (ok) return mqtt;
    mqtt_free(mqtt);
    return NULL;
}

bool mqtt_set_will(struct mqtt *mqtt, const char *payload, struct wg_error *err)
{
    char *copy = strdup(payload);
    if (!copy) return wg_fail_memory(err, "opening a session");
    free(mqtt->will_payload);
    mqtt->will_payload = copy;
    return true;
}

bool mqtt_set_pair(struct mqtt *mqtt, const char *cert_file, const char *key_file,
                   struct wg_error *err)
{
    char *certificate = strdup(cert_file), *key = strdup(key_file);
    if (!certificate || !key) {
        free(certificate);
        free(key);
        return wg_fail_memory(err, "MQTT");
    }
    free(mqtt->cert_file);
    free(mqtt->key_file);
    mqtt->cert_file = certificate;
    mqtt->key_file = key;
    return true;
}

void mqtt_free(struct mqtt *mqtt)
{
    if (!mqtt) return;
    if (mqtt->inbox) inbox_close(mqtt->inbox);
    if (mqtt->handle) {
        mqtt_disconnect(mqtt, DISCONNECT_MS);
        outbox_free(mqtt->outbox);
        mqtt->outbox = NULL;
        MQTTAsync_destroy(&mqtt->handle);
    }
    outbox_free(mqtt->outbox);
    inbox_free(mqtt->inbox);
    (void)pthread_cond_destroy(&mqtt->changed);
    (void)pthread_mutex_destroy(&mqtt->mutex);
    free(mqtt->ca_file);
    free(mqtt->cert_file);
    free(mqtt->key_file);
    free(mqtt->will_topic);
    free(mqtt->will_payload);
    free(mqtt);
}

static void set_tls(struct mqtt *mqtt, MQTTAsync_SSLOptions *tls)
{
    mqtt->look.issuer[0] = mqtt->look.why[0] = mqtt->tls_error[0] = '\0';
    tls->trustStore = mqtt->ca_file;
    tls->keyStore = mqtt->cert_file;
    tls->privateKey = mqtt->key_file;
    tls->enableServerCertAuth = 1;
    tls->verify = 1;
    tls->ssl_error_cb = on_tls_error;
    tls->ssl_error_context = mqtt;
    tls->ssl_psk_cb = paho_tls_pins_pass;
    tls->ssl_psk_context = &mqtt->look;
}

bool mqtt_connect(struct mqtt *mqtt, struct wg_error *err)
{
    MQTTAsync_connectOptions v3 = MQTTAsync_connectOptions_initializer;
    MQTTAsync_connectOptions v5 = MQTTAsync_connectOptions_initializer5;
    MQTTAsync_SSLOptions tls = MQTTAsync_SSLOptions_initializer;
    MQTTAsync_willOptions will = MQTTAsync_willOptions_initializer;
    MQTTAsync_connectOptions *options = mqtt->v5 ? &v5 : &v3;
    set_tls(mqtt, &tls);
    will.topicName = mqtt->will_topic;
    will.message = mqtt->will_payload;
    will.qos = 1;
    options->ssl = &tls;
    options->will = mqtt->will_topic ? &will : NULL;
    options->keepAliveInterval = mqtt->keep_alive_s;
    options->connectTimeout = mqtt->connect_timeout_s;
    options->maxInflight = 1000;
    options->context = mqtt;
    if (mqtt->v5) {
        v5.cleanstart = 1;
        v5.onSuccess5 = on_connected5;
        v5.onFailure5 = on_connect_failed5;
    } else {
        v3.cleansession = 1;
        v3.MQTTVersion = MQTTVERSION_3_1_1;
        v3.onSuccess = on_connected;
        v3.onFailure = on_connect_failed;
    }
    mqtt_enter(mqtt);
    int code = MQTTAsync_connect(mqtt->handle, options);
    mqtt_leave(mqtt);
    return code == MQTTASYNC_SUCCESS || mqtt_fail(code, "connect", err);
}

static struct timespec deadline_in(int timeout_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    if (until.tv_nsec >= 1000000000) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000;
    }
    return until;
}

/* Paho looks after a disconnect that waits for messages every few seconds only; so the waiting is
 * done here, and it is told to leave at once. */
static void wait_sent(struct mqtt *mqtt, const struct timespec *until)
{
    (void)pthread_mutex_lock(&mqtt->mutex);
    while (mqtt->in_flight > 0)
        if (pthread_cond_timedwait(&mqtt->changed, &mqtt->mutex, until) != 0) break;
    mqtt->disconnected = false;
    (void)pthread_mutex_unlock(&mqtt->mutex);
}

static void wait_disconnected(struct mqtt *mqtt, const struct timespec *until)
{
    (void)pthread_mutex_lock(&mqtt->mutex);
    while (!mqtt->disconnected)
        if (pthread_cond_timedwait(&mqtt->changed, &mqtt->mutex, until) != 0) break;
    (void)pthread_mutex_unlock(&mqtt->mutex);
}

static void disconnect(struct mqtt *mqtt, int timeout_ms)
{
    MQTTAsync_disconnectOptions v3 = MQTTAsync_disconnectOptions_initializer;
    MQTTAsync_disconnectOptions v5 = MQTTAsync_disconnectOptions_initializer5;
    MQTTAsync_disconnectOptions *options = mqtt->v5 ? &v5 : &v3;
    if (!MQTTAsync_isConnected(mqtt->handle)) return;
    struct timespec until = deadline_in(timeout_ms);
    wait_sent(mqtt, &until);
    options->timeout = 0;
    options->context = mqtt;
    if (mqtt->v5) {
        v5.onSuccess5 = on_disconnected5;
        v5.onFailure5 = on_disconnect_failed5;
    } else {
        v3.onSuccess = on_disconnected;
        v3.onFailure = on_disconnect_failed;
    }
    if (MQTTAsync_disconnect(mqtt->handle, options) == MQTTASYNC_SUCCESS && timeout_ms > 0)
        wait_disconnected(mqtt, &until);
}

void mqtt_disconnect(struct mqtt *mqtt, int timeout_ms)
{
    mqtt_enter(mqtt);
    disconnect(mqtt, timeout_ms);
    mqtt_leave(mqtt);
}

bool mqtt_subscribe(struct mqtt *mqtt, const char *filter, struct wg_error *err)
{
    MQTTAsync_responseOptions options = mqtt_response(mqtt);
    if (mqtt->v5) {
        options.onSuccess5 = on_subscribed5;
        options.onFailure5 = on_subscribe_failed5;
    } else {
        options.onSuccess = on_subscribed;
        options.onFailure = on_subscribe_failed;
    }
    mqtt_enter(mqtt);
    int code = MQTTAsync_subscribe(mqtt->handle, filter, 1, &options);
    mqtt_leave(mqtt);
    return code == MQTTASYNC_SUCCESS || mqtt_fail(code, filter, err);
}

int mqtt_fd(const struct mqtt *mqtt)
{
    return inbox_fd(mqtt->inbox);
}

bool mqtt_next(struct mqtt *mqtt, struct mqtt_event *out)
{
    return inbox_take(mqtt->inbox, out);
}

void mqtt_event_clear(struct mqtt_event *event)
{
    free(event->topic);
    free(event->payload);
    event->topic = event->payload = NULL;
}

const char *mqtt_issuer(const struct mqtt *mqtt)
{
    return mqtt->look.issuer;
}
