/* log_fuzz.c: log excerpts: what was taken from the wire is tamed, is written back and read again
 * as the same; any text can be cut to fit. */
#include "common/message_log.h"
#include "common/redact.h"
#include "tests/fuzz/target.h"

#include <stdlib.h>

static void write_back(const struct wg_log_message *message)
{
    static struct wg_log_message again;
    struct wg_error err = {0};
    struct wg_buf bytes;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    MUST(wg_log_message_encode(message, &bytes, &err), "%s", err.text);
    MUST(wg_log_message_decode(bytes.data, bytes.len, &again, &err), "%s", err.text);
    SAME_TEXT(message->journal, again.journal);
    SAME_NUMBER(message->seq, again.seq);
    SAME_TEXT(message->order, again.order);
    SAME_TEXT(message->campaign, again.campaign);
    SAME_NUMBER(message->attempt, again.attempt);
    SAME_TEXT(message->boot, again.boot);
    SAME_NUMBER(message->at, again.at);
    SAME_NUMBER(message->source, again.source);
    SAME_NUMBER(message->cut, again.cut);
    SAME_TEXT(message->text, again.text);
    wg_buf_clear(&bytes);
}

/* The bytes, often enough to be too long, as the text of a message. */
static void fill(const uint8_t *data, size_t size)
{
    static struct wg_log_message message = {.journal = "0123456789abcdef0123456789abcdef",
                                            .seq = 1,
                                            .order = "0b0e7a52-6a5e-4d21-9f7d-0a4a4d1b1c11",
                                            .campaign = "c",
                                            .attempt = 1,
                                            .boot = "0123456789abcdef0123456789abcdef"};
    struct wg_error err = {0};
    struct wg_buf text;
    wg_buf_init(&text, (size_t)1 << 20);
    for (size_t n = 0; size > 0 && n <= WG_LOG_TEXT_MAX; n += size)
        MUST(wg_redact((const char *)data, size, false, &text, &err), "%s", err.text);
    message.cut = false;
    if (!wg_log_message_fill(&message, wg_buf_str(&text), text.len, WG_LOG_TEXT_MAX))
        MUST(text.len == 0, "%zu bytes became none", text.len);
    else
        write_back(&message);
    MUST(message.cut || text.len == 0 || strlen(message.text) == text.len, "%zu bytes, not cut",
         text.len);
    wg_buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct wg_log_message message;
    struct wg_error err = {0};
    if (wg_log_message_decode((const char *)data, size, &message, &err)) {
        target_shown(message.text, strlen(message.text));
        write_back(&message);
    } else {
        target_refused(&err);
    }
    fill(data, size);
    return 0;
}
