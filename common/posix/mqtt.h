/* mqtt.h: one MQTT session over mutual TLS, as a queue of events that the owner reads from its own
 * loop. Behind it: Paho MQTT C (async), whose TLS is wolfSSL's (paho_tls.c).
 *
 * Paho's threads put events into a bounded inbox; when it is full they wait, so a slow owner slows
 * the broker's acknowledgements and loses nothing. Only while the owner is in one of these
 * functions they do not wait: then the inbox takes INBOX_SPILL times as much, and what is more is
 * dropped and logged. All functions here are for the owner's thread alone. */
#ifndef WG_COMMON_POSIX_MQTT_H
#define WG_COMMON_POSIX_MQTT_H

#include "common/error.h"
#include "common/time.h"

#include <stddef.h>
#include <stdint.h>

struct mqtt;
struct tls_pins;

struct mqtt_config {
    const char *url;                            /* "ssl://host:port" */
    const char *client_id;                      /* for a device: its certificate's common name */
    const char *ca_file, *cert_file, *key_file; /* PEM; the CA is the only one trusted */
    const char *will_topic;                     /* NULL: no Last Will; QoS 1 */
    const char *will_payload;
    struct tls_pins *pins; /* borrowed: what each handshake asks beside the CA; NULL: nothing */
    int version;           /* 5 or 311 */
    int keep_alive_s;
    int connect_timeout_s;
    size_t inbox_max;  /* events that may wait */
    size_t outbox_max; /* messages that wait for a thread that sends them; 0: the owner sends */
};

enum mqtt_event_kind {
    MQTT_EVENT_CONNECTED,
    MQTT_EVENT_CONNECT_FAILED, /* text says why; call mqtt_connect again after a back-off */
    MQTT_EVENT_LOST,           /* the session ended; call mqtt_connect again after a back-off */
    MQTT_EVENT_SUBSCRIBED,
    MQTT_EVENT_SUBSCRIBE_FAILED,
    MQTT_EVENT_MESSAGE,
    MQTT_EVENT_PUBLISH_FAILED /* text has the reason */
};

struct mqtt_event {
    enum mqtt_event_kind kind;
    char *topic;   /* owned by the event; message only; NUL-terminated */
    char *payload; /* owned by the event; message only; NUL-terminated for convenience */
    size_t len;
    int reason; /* MQTT 5 reason code or Paho's, for logs */
    char text[200];
};

struct mqtt *mqtt_new(const struct mqtt_config *config, struct wg_error *err); /* copies config */
void mqtt_free(struct mqtt *mqtt); /* disconnects (politely when connected), joins Paho's work */
/* For the next connection; copies it. */
WG_MUST_CHECK bool mqtt_set_will(struct mqtt *mqtt, const char *payload, struct wg_error *err);
/* The same for certificate and key. */
WG_MUST_CHECK bool mqtt_set_pair(struct mqtt *mqtt, const char *cert_file, const char *key_file,
                                 struct wg_error *err);
/* Starts to connect, clean start; the outcome is an event. */
WG_MUST_CHECK bool mqtt_connect(struct mqtt *mqtt, struct wg_error *err);
/* Polite disconnect: the broker does not send the Last Will. Waits up to timeout_ms for messages to
 * be acknowledged and for the end. */
void mqtt_disconnect(struct mqtt *mqtt, int timeout_ms);
WG_MUST_CHECK bool mqtt_subscribe(struct mqtt *mqtt, const char *filter, struct wg_error *err);
/* Hands over one message; copies it. WG_E_NETWORK while not connected, WG_E_LIMIT when the send
 * buffer is full: try again after later events. QoS 0 is for what is said again when it was not
 * heard: the broker has half the work. */
WG_MUST_CHECK bool mqtt_publish(struct mqtt *mqtt, const char *topic, const void *payload,
                                size_t len, int qos, struct wg_error *err);
int mqtt_fd(const struct mqtt *mqtt);                      /* readable while events wait */
bool mqtt_next(struct mqtt *mqtt, struct mqtt_event *out); /* false: none waits */
void mqtt_event_clear(struct mqtt_event *event);
/* Hex SHA-256 of the key that signed the certificate of the server of the last handshake; "" when
 * there are no pins to compare it with. */
const char *mqtt_issuer(const struct mqtt *mqtt);
/* From the next handshake on it is known when the certificate ends that the server shows. */
void mqtt_watch_server(struct mqtt *mqtt);
/* Of the last one, once MQTT_EVENT_CONNECTED has come; 0: not known. */
wg_time mqtt_server_end(const struct mqtt *mqtt);
size_t mqtt_in_flight(struct mqtt *mqtt); /* messages handed over and not yet acknowledged */

#endif
