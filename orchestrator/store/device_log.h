/* device_log.h: what devices' logs said last, after a failure. The newest DEVICE_LOG_KEPT excerpts
 * of each device are kept. */
#ifndef WG_ORCHESTRATOR_STORE_DEVICE_LOG_H
#define WG_ORCHESTRATOR_STORE_DEVICE_LOG_H

#include "common/message_log.h"
#include "orchestrator/store/db.h"

#define DEVICE_LOG_KEPT 20

struct device_log_item {
    char device[WG_NAME_MAX + 1]; /* from the topic, so from the certificate */
    wg_time received;
    /* refused: why, and how long it was; of the message nothing is kept, it may hold secrets */
    char refused[256]; /* "": it is in message */
    size_t length;
    struct wg_log_message message;
};

struct device_log_result {
    int64_t stored, refused; /* the others were there already */
};

/* In a transaction of its own; all or nothing. Refused ones, and those whose order is none of the
 * device's, become rows of rejected. */
WG_MUST_CHECK bool device_log_put(struct db *db, const struct device_log_item *items, size_t count,
                                  struct device_log_result *out, struct wg_error *err);

struct device_log_row {
    wg_time received, at; /* at: by the device's clock; 0: it has none */
    char campaign[WG_NAME_MAX + 1];
    int64_t attempt;
    char order[WG_ORDER_ID_MAX];
    char source[16];
    bool cut;
    char text[WG_LOG_TEXT_MAX + 1];
};
/* campaign NULL: of all. Newest first, at most limit; allocates. */
WG_MUST_CHECK bool device_log_list(struct db *db, const char *device, const char *campaign,
                                   size_t limit, struct device_log_row **out, size_t *count,
                                   struct wg_error *err);
/* How many there are, and when the newest came; 0 when there is none. */
WG_MUST_CHECK bool device_log_count(struct db *db, const char *device, const char *campaign,
                                    int64_t *count, wg_time *newest, struct wg_error *err);

#endif
