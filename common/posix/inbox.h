/* inbox.h: the bounded queue between Paho's threads and the owner of a session. Writers wait while
 * it is full; the reader is told by a file descriptor. Internal to common/posix. */
#ifndef WG_COMMON_POSIX_INBOX_H
#define WG_COMMON_POSIX_INBOX_H

#include "common/posix/mqtt.h"

struct inbox;

struct inbox *inbox_new(size_t most, struct wg_error *err);
void inbox_free(struct inbox *inbox); /* no writer may be left */
void inbox_close(
    struct inbox *inbox); /* writers return at once from now on; what they bring is dropped */
/* Takes over what event owns, always. */
void inbox_put(struct inbox *inbox, struct mqtt_event *event);
bool inbox_take(struct inbox *inbox, struct mqtt_event *out);
int inbox_fd(const struct inbox *inbox);

#endif
