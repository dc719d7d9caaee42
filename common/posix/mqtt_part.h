/* mqtt_part.h: a session, as its two files see it. Internal to common/posix. */
#ifndef WG_COMMON_POSIX_MQTT_PART_H
#define WG_COMMON_POSIX_MQTT_PART_H

#include "common/posix/inbox.h"
#include "common/posix/outbox.h"
#include "common/posix/tls_pins.h"

#include <MQTTAsync.h>

#include <pthread.h>

#define MQTT_REFUSED 0x80 /* MQTT 5 reason codes from here on are failures (section 2.4) */

struct mqtt {
    MQTTAsync handle;
    struct inbox *inbox;
    struct outbox *outbox; /* NULL: the owner sends */
    bool v5;
    int keep_alive_s, connect_timeout_s;
    char *ca_file, *cert_file, *key_file, *will_topic, *will_payload;
    /* Paho's thread writes them until the connect has ended: */
    struct tls_pins_look look;
    char tls_error[160];
    pthread_mutex_t mutex;  /* over what follows */
    pthread_cond_t changed; /* any of it */
    size_t in_flight;
    bool disconnected;
};

/* Around what needs Paho's lock, on the owner's thread. */
void mqtt_enter(struct mqtt *mqtt);
void mqtt_leave(struct mqtt *mqtt);

void mqtt_put(struct mqtt *mqtt, enum mqtt_event_kind kind, int reason, const char *text);
/* With the library's words for the failure, or the code alone. */
void mqtt_put_failure(struct mqtt *mqtt, enum mqtt_event_kind kind, int code, int reason,
                      const char *message);
bool mqtt_fail(int code, const char *what, struct wg_error *err);
MQTTAsync_responseOptions mqtt_response(struct mqtt *mqtt);
WG_MUST_CHECK bool mqtt_open_boxes(struct mqtt *mqtt, const struct mqtt_config *config,
                                   struct wg_error *err);

#endif
