/* mqtt_send.c: messages out, by the owner or by its outbox, and what becomes of them. */
#include "common/posix/mqtt_part.h"

#include "common/log.h"
#include "common/text.h"

#include <stdio.h>

void mqtt_enter(struct mqtt *mqtt)
{
    inbox_spill(mqtt->inbox);
}

void mqtt_leave(struct mqtt *mqtt)
{
    char count[24];
    size_t dropped = inbox_hold(mqtt->inbox);
    if (dropped == 0) return;
    (void)snprintf(count, sizeof count, "%zu", dropped);
    wg_log(WG_LOG_WARN, "messages dropped, there was no room", "count", count, NULL);
}

void mqtt_put(struct mqtt *mqtt, enum mqtt_event_kind kind, int reason, const char *text)
{
    struct mqtt_event event = {.kind = kind, .reason = reason};
    (void)wg_copy(event.text, sizeof event.text, text ? text : "");
    inbox_put(mqtt->inbox, &event);
}

/* The words that the library has for a failure, or the code alone. */
void mqtt_put_failure(struct mqtt *mqtt, enum mqtt_event_kind kind, int code, int reason,
                      const char *message)
{
    char text[200];
    const char *words = message ? message
                        : reason >= MQTT_REFUSED
                            ? MQTTReasonCode_toString((enum MQTTReasonCodes)reason)
                            : MQTTAsync_strerror(code);
    (void)snprintf(text, sizeof text, "%s (%d)", words ? words : "refused", reason ? reason : code);
    mqtt_put(mqtt, kind, reason ? reason : code, text);
}

bool mqtt_fail(int code, const char *what, struct wg_error *err)
{
    const char *words = MQTTAsync_strerror(code);
    enum wg_error_code kind = code == MQTTASYNC_MAX_BUFFERED_MESSAGES ? WG_E_LIMIT : WG_E_NETWORK;
    return wg_fail(err, kind, "%s: %s (%d)", what, words ? words : "refused", code);
}

MQTTAsync_responseOptions mqtt_response(struct mqtt *mqtt)
{
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.context = mqtt;
    return options;
}

static void sent(struct mqtt *mqtt)
{
    (void)pthread_mutex_lock(&mqtt->mutex);
    mqtt->in_flight--;
    (void)pthread_cond_signal(&mqtt->changed);
    (void)pthread_mutex_unlock(&mqtt->mutex);
}

static void on_published(void *ctx, MQTTAsync_successData *data)
{
    (void)data;
    sent(ctx);
}

static void on_published5(void *ctx, MQTTAsync_successData5 *data)
{
    sent(ctx);
    if (data && (int)data->reasonCode >= MQTT_REFUSED)
        mqtt_put_failure(ctx, MQTT_EVENT_PUBLISH_FAILED, 0, (int)data->reasonCode, NULL);
}

static void on_publish_failed(void *ctx, MQTTAsync_failureData *data)
{
    sent(ctx);
    mqtt_put_failure(ctx, MQTT_EVENT_PUBLISH_FAILED, data ? data->code : 0, 0,
                     data ? data->message : NULL);
}

static void on_publish_failed5(void *ctx, MQTTAsync_failureData5 *data)
{
    sent(ctx);
    mqtt_put_failure(ctx, MQTT_EVENT_PUBLISH_FAILED, data ? data->code : 0,
                     data ? (int)data->reasonCode : 0, data ? data->message : NULL);
}

static int publish(struct mqtt *mqtt, const char *topic, const void *payload, size_t len, int qos)
{
    MQTTAsync_responseOptions options = mqtt_response(mqtt);
    MQTTAsync_message message = MQTTAsync_message_initializer;
    if (mqtt->v5) {
        options.onSuccess5 = on_published5;
        options.onFailure5 = on_publish_failed5;
    } else {
        options.onSuccess = on_published;
        options.onFailure = on_publish_failed;
    }
    message.payload = (void *)(uintptr_t)payload; /* copied by Paho, never written to */
    message.payloadlen = (int)len;
    message.qos = qos;
    return MQTTAsync_sendMessage(mqtt->handle, topic, &message, &options);
}

/* In the outbox's thread, which may wait for Paho's lock. */
static void send_item(void *ctx, const struct outbox_item *item)
{
    struct mqtt *mqtt = ctx;
    int code = publish(mqtt, item->topic, item->payload, item->len, item->qos);
    if (code == MQTTASYNC_SUCCESS) return;
    sent(mqtt);
    mqtt_put_failure(mqtt, MQTT_EVENT_PUBLISH_FAILED, code, 0, NULL);
}

bool mqtt_publish(struct mqtt *mqtt, const char *topic, const void *payload, size_t len, int qos,
                  struct wg_error *err)
{
    (void)pthread_mutex_lock(&mqtt->mutex);
    mqtt->in_flight++;
    (void)pthread_mutex_unlock(&mqtt->mutex);
    if (mqtt->outbox) {
        if (outbox_put(mqtt->outbox, topic, payload, len, qos, err)) return true;
        sent(mqtt);
        return false;
    }
    mqtt_enter(mqtt);
    int code = publish(mqtt, topic, payload, len, qos);
    mqtt_leave(mqtt);
    if (code == MQTTASYNC_SUCCESS) return true;
    sent(mqtt);
    return mqtt_fail(code, topic, err);
}

bool mqtt_open_boxes(struct mqtt *mqtt, const struct mqtt_config *config, struct wg_error *err)
{
    mqtt->inbox = inbox_new(config->inbox_max, err);
    if (mqtt->inbox && config->outbox_max > 0)
        mqtt->outbox = outbox_new(config->outbox_max, send_item, mqtt, err);
    return mqtt->inbox && (mqtt->outbox || config->outbox_max == 0);
}

size_t mqtt_in_flight(struct mqtt *mqtt)
{
    (void)pthread_mutex_lock(&mqtt->mutex);
    size_t in_flight = mqtt->in_flight;
    (void)pthread_mutex_unlock(&mqtt->mutex);
    return in_flight;
}
