/* message_log.h: the message by which a device shows the last lines of its logs after a failure
 * (up/log): one message a source. It carries the number of the report that told of the failure, so
 * that a repetition is known as one. Pure. */
#ifndef WG_COMMON_MESSAGE_LOG_H
#define WG_COMMON_MESSAGE_LOG_H

#include "common/message.h"

#define WG_LOG_TEXT_MAX 16384 /* bytes of the text, without NUL */

enum wg_log_source {
    WG_LOG_OF_AGENT,
    WG_LOG_OF_PAYLOAD, /* what install, boot and health printed */
    WG_LOG_OF_PROGRAM, /* what the device's own program for logs printed */
    WG_LOG_SOURCES
};

struct wg_log_message {
    char journal[WG_JOURNAL_MAX];
    int64_t seq; /* with journal: the report that it belongs to; 1.. */
    char order[WG_ORDER_ID_MAX];
    char campaign[WG_NAME_MAX + 1];
    int64_t attempt;
    char boot[WG_BOOT_MAX]; /* of the start that sends it */
    wg_time at;             /* device's clock; 0 if it has none */
    enum wg_log_source source;
    bool cut;                       /* the beginning was left out */
    char text[WG_LOG_TEXT_MAX + 1]; /* UTF-8, tamed (wg_text_tame); never empty */
};

/* The text is tamed, not refused, for what it says; for its length it is. */
WG_MUST_CHECK bool wg_log_message_decode(const char *bytes, size_t len, struct wg_log_message *out,
                                         struct wg_error *err);
WG_MUST_CHECK bool wg_log_message_encode(const struct wg_log_message *message, struct wg_buf *out,
                                         struct wg_error *err);
/* Fills text with the end of a longer one, tamed: as much as fits into most bytes and a message,
 * from the beginning of a line on; sets cut when that is not all. UTF-8 without NUL. False: nothing
 * is left to say. */
bool wg_log_message_fill(struct wg_log_message *message, const char *text, size_t len, size_t most);

const char *wg_log_source_text(enum wg_log_source source);
WG_MUST_CHECK bool wg_log_source_parse(const char *text, enum wg_log_source *out);

#endif
