/* message_log.c: log excerpts as JSON. */
#include "common/message_log.h"

#include "common/message_part.h"

#include <string.h>

#define ESCAPED_MAX (WG_MESSAGE_MAX - 1024) /* bytes of the text as JSON; the rest needs less */

static const char *const sources[WG_LOG_SOURCES] = {
    [WG_LOG_OF_AGENT] = "agent", [WG_LOG_OF_PAYLOAD] = "payload", [WG_LOG_OF_PROGRAM] = "program"};

const char *wg_log_source_text(enum wg_log_source source)
{
    return (unsigned)source < WG_LOG_SOURCES ? sources[source] : "";
}

bool wg_log_source_parse(const char *text, enum wg_log_source *out)
{
    for (unsigned i = 0; i < WG_LOG_SOURCES; i++)
        if (strcmp(text, sources[i]) == 0) {
            *out = (enum wg_log_source)i;
            return true;
        }
    return false;
}

static bool check(const struct wg_log_message *message, struct wg_error *err)
{
    return wg_part_hex("journal", message->journal, WG_PART_ID_HEX, err) &&
           wg_part_number("seq", message->seq, 1, WG_PART_NUMBER_MAX, err) &&
           wg_part_uuid("order", message->order, err) &&
           wg_part_name("campaign", message->campaign, err) &&
           wg_part_number("attempt", message->attempt, 1, WG_PART_ATTEMPT_MAX, err) &&
           wg_part_hex("boot", message->boot, WG_PART_ID_HEX, err) &&
           (message->at == 0 || wg_part_time("at", message->at, err)) &&
           (message->text[0] || wg_fail(err, WG_E_BAD_INPUT, "text: empty"));
}

static bool source_get(const json_t *json, enum wg_log_source *out, struct wg_error *err)
{
    char word[16];
    return wg_json_text(json, "source", word, sizeof word, err) &&
           (wg_log_source_parse(word, out) ||
            wg_part_bad(err, "source", "agent, payload or program", word));
}

static bool message_get(const json_t *json, struct wg_log_message *out, struct wg_error *err)
{
    if (!wg_part_format(json, err) ||
        !wg_json_text(json, "journal", out->journal, sizeof out->journal, err) ||
        !wg_json_int(json, "seq", 1, WG_PART_NUMBER_MAX, &out->seq, err) ||
        !wg_json_text(json, "order", out->order, sizeof out->order, err) ||
        !wg_json_text(json, "campaign", out->campaign, sizeof out->campaign, err) ||
        !wg_json_int(json, "attempt", 1, WG_PART_ATTEMPT_MAX, &out->attempt, err) ||
        !wg_json_text(json, "boot", out->boot, sizeof out->boot, err) ||
        (wg_part_has(json, "at") && !wg_part_time_get(json, "at", &out->at, err)) ||
        !source_get(json, &out->source, err) || !wg_json_bool(json, "cut", &out->cut, err) ||
        !wg_json_text(json, "text", out->text, sizeof out->text, err))
        return false;
    wg_text_tame(out->text);
    return check(out, err);
}

bool wg_log_message_decode(const char *bytes, size_t len, struct wg_log_message *out,
                           struct wg_error *err)
{
    struct wg_log_message read = {.seq = 0};
    json_t *json = wg_part_open(bytes, len, err);
    bool ok = json && message_get(json, &read, err);
    json_decref(json);
    if (ok) *out = read;
    return ok || wg_context(err, "log");
}

static json_t *message_make(const struct wg_log_message *message)
{
    char at[WG_TIME_TEXT];
    wg_time_text(message->at, at);
    return json_pack("{s:i,s:s,s:I,s:s,s:s,s:I,s:s,s:s*,s:s,s:b,s:s}", "v", 1, "journal",
                     message->journal, "seq", (json_int_t)message->seq, "order", message->order,
                     "campaign", message->campaign, "attempt", (json_int_t)message->attempt, "boot",
                     message->boot, "at", message->at ? at : NULL, "source",
                     wg_log_source_text(message->source), "cut", message->cut ? 1 : 0, "text",
                     message->text);
}

bool wg_log_message_encode(const struct wg_log_message *message, struct wg_buf *out,
                           struct wg_error *err)
{
    return (check(message, err) && wg_part_write(message_make(message), out, err)) ||
           wg_context(err, "log");
}

static size_t escaped(char c)
{
    return c == '"' || c == '\\' || c == '\n' || c == '\t' ? 2 : 1;
}

/* Where the longest end begins that fits; what is not tamed yet counts as what it becomes. */
static size_t tail_begins(const char *text, size_t len, size_t most)
{
    size_t from = len, size = 0;
    while (from > 0 && len - from < most && size + 2 <= ESCAPED_MAX) size += escaped(text[--from]);
    if (from == 0) return 0;
    const char *line = memchr(text + from, '\n', len - from);
    if (line && line + 1 < text + len) return (size_t)(line + 1 - text);
    while (from < len && ((unsigned char)text[from] & 0xc0) == 0x80) from++;
    return from;
}

bool wg_log_message_fill(struct wg_log_message *message, const char *text, size_t len, size_t most)
{
    size_t from = tail_begins(text, len, most < WG_LOG_TEXT_MAX ? most : WG_LOG_TEXT_MAX);
    (void)wg_copy_n(message->text, sizeof message->text, text + from, len - from);
    wg_text_tame(message->text);
    message->cut = message->cut || from > 0;
    return message->text[0] != '\0';
}
