/* inbox.h: the bounded queue between Paho's threads and the owner of a session. Writers wait while
 * it is full; the reader is told by a file descriptor. Internal to common/posix.
 *
 * A writer that waits holds Paho's lock. So while the owner is within Paho, and cannot make room,
 * nobody waits: the inbox spills, up to INBOX_SPILL times as much. */
#ifndef WG_COMMON_POSIX_INBOX_H
#define WG_COMMON_POSIX_INBOX_H

#include "common/posix/mqtt.h"

#define INBOX_SPILL 4

struct inbox;

struct inbox *inbox_new(size_t most, struct wg_error *err);
void inbox_free(struct inbox *inbox); /* no writer may be left */
void inbox_close(
    struct inbox *inbox); /* writers return at once from now on; what they bring is dropped */
/* Takes over what event owns, always. */
void inbox_put(struct inbox *inbox, struct mqtt_event *event);
/* The owner enters Paho, and has left it: how many messages found no place meanwhile. */
void inbox_spill(struct inbox *inbox);
size_t inbox_hold(struct inbox *inbox);
bool inbox_take(struct inbox *inbox, struct mqtt_event *out);
int inbox_fd(const struct inbox *inbox);

#endif
