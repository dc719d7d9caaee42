/* https_answer.c: what http_parser makes of the bytes, and what we believe of it. */
#include "agent/posix/https_answer.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>

enum {
    FIELD_RANGE,
    FIELD_ETAG,
    FIELD_MODIFIED,
    FIELD_DATE,
    FIELD_LOCATION,
    FIELD_ENCODING,
    FIELD_RETRY
};

static const char *const names[ANSWER_FIELDS] = {
    [FIELD_RANGE] = "content-range",    [FIELD_ETAG] = "etag",
    [FIELD_MODIFIED] = "last-modified", [FIELD_DATE] = "date",
    [FIELD_LOCATION] = "location",      [FIELD_ENCODING] = "content-encoding",
    [FIELD_RETRY] = "retry-after"};

static char *place(struct answer *answer, int field, size_t *size)
{
    switch (field) {
    case FIELD_RANGE:
        *size = sizeof answer->range;
        return answer->range;
    case FIELD_ETAG:
        *size = sizeof answer->head.etag;
        return answer->head.etag;
    case FIELD_MODIFIED:
        *size = sizeof answer->head.modified;
        return answer->head.modified;
    case FIELD_DATE:
        *size = sizeof answer->date;
        return answer->date;
    case FIELD_LOCATION:
        *size = sizeof answer->location;
        return answer->location;
    case FIELD_RETRY:
        *size = sizeof answer->retry;
        return answer->retry;
    default:
        *size = sizeof answer->encoding;
        return answer->encoding;
    }
}

static int on_header_field(http_parser *parser, const char *at, size_t len)
{
    struct answer *answer = parser->data;
    if (answer->in_value) answer->name[0] = '\0';
    answer->in_value = false;
    size_t used = strlen(answer->name);
    (void)wg_copy_n(answer->name + used, sizeof answer->name - used, at, len);
    return 0;
}

static void begin_value(struct answer *answer)
{
    answer->in_value = true;
    answer->field = -1;
    for (int i = 0; i < ANSWER_FIELDS; i++)
        if (strcasecmp(answer->name, names[i]) == 0) answer->field = i;
    if (answer->field < 0 || answer->has_head) return; /* trailers of a chunked body */
    struct answer_field *field = &answer->fields[answer->field];
    field->twice = field->seen;
    field->seen = true;
}

static int on_header_value(http_parser *parser, const char *at, size_t len)
{
    struct answer *answer = parser->data;
    size_t size = 0;
    if (!answer->in_value) begin_value(answer);
    if (answer->field < 0 || answer->has_head) return 0;
    char *to = place(answer, answer->field, &size);
    size_t used = strlen(to);
    if (!wg_copy_n(to + used, size - used, at, len)) answer->fields[answer->field].cut = true;
    return 0;
}

static bool read_number(const char **text, int64_t *out)
{
    size_t digits = strspn(*text, "0123456789");
    if (digits == 0 || digits > 18) return false;
    *out = strtoll(*text, NULL, 10);
    *text += digits;
    return true;
}

/* "bytes 100-199/200": what it says of itself fits together and with the length of the body. */
static bool read_range(struct answer *answer, struct https_head *head)
{
    const char *at = answer->range;
    int64_t last = 0, body = (int64_t)answer->parser.content_length;
    if (strncasecmp(at, "bytes ", 6) != 0) return false;
    at += 6;
    if (!read_number(&at, &head->start) || *at++ != '-' || !read_number(&at, &last) ||
        *at++ != '/' || !read_number(&at, &head->total) || *at)
        return false;
    return head->start <= last && last < head->total &&
           (body < 0 || body == last - head->start + 1);
}

/* RFC 9110, section 8.8.2.2: by the server's own clock it cannot have changed twice in that second.
 */
static bool is_strong_date(const char *modified, const char *date)
{
    struct tm then = {0}, now = {0};
    static const char form[] = "%a, %d %b %Y %H:%M:%S GMT";
    const char *a = strptime(modified, form, &then), *b = strptime(date, form, &now);
    return a && !*a && b && !*b && timegm(&now) - timegm(&then) >= 1;
}

/* What cannot be sent back as it came is as good as none. */
static void keep_validators(struct answer *answer)
{
    char *etag = answer->head.etag, *modified = answer->head.modified;
    size_t len = strlen(etag);
    bool quoted = len >= 2 && etag[0] == '"' && strchr(etag + 1, '"') == etag + len - 1;
    bool weak = strncmp(etag, "W/", 2) == 0;
    for (const char *at = etag; *at; at++)
        if (*at <= ' ' || *at >= 0x7f) quoted = false;
    if (answer->fields[FIELD_ETAG].cut || !quoted || weak) etag[0] = '\0';
    if (answer->fields[FIELD_MODIFIED].cut || !is_strong_date(modified, answer->date))
        modified[0] = '\0';
}

static bool is_redirect(int status)
{
    return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

static bool judge_status(struct answer *answer)
{
    struct https_head *head = &answer->head;
    if (answer->any_status || head->status == 200 || head->status == 206) return true;
    return wg_fail(answer->err, head->status == 404 ? WG_E_NOT_FOUND : WG_E_NETWORK,
                   "%s answers %d", answer->host, head->status);
}

static bool judge(struct answer *answer)
{
    struct https_head *head = &answer->head;
    for (int i = 0; i < ANSWER_FIELDS; i++)
        if (answer->fields[i].twice)
            return wg_fail(answer->err, WG_E_NETWORK, "%s: two fields \"%s\" in one answer",
                           answer->host, names[i]);
    if (!judge_status(answer)) return false;
    if (answer->encoding[0] && strcasecmp(answer->encoding, "identity") != 0)
        return wg_fail(answer->err, WG_E_NETWORK, "%s: an answer in another encoding",
                       answer->host);
    if (head->status == 206 && !answer->any_status && !read_range(answer, head))
        return wg_fail(answer->err, WG_E_NETWORK, "%s: an answer without a range that holds",
                       answer->host);
    keep_validators(answer);
    return answer->sink->begin(answer->sink->ctx, head, answer->err);
}

static int on_headers(http_parser *parser)
{
    struct answer *answer = parser->data;
    answer->has_head = true;
    answer->head.status = (int)parser->status_code;
    answer->head.total = (int64_t)parser->content_length; /* not told: all bits set */
    bool leads = !answer->any_status && is_redirect(answer->head.status) && answer->location[0] &&
                 !answer->fields[FIELD_LOCATION].twice && !answer->fields[FIELD_LOCATION].cut;
    if (leads) {
        answer->complete = true; /* its body is of no use */
        return -1;
    }
    answer->location[0] = '\0';
    answer->failed = !judge(answer);
    return answer->failed ? -1 : 0;
}

static int on_body(http_parser *parser, const char *at, size_t len)
{
    struct answer *answer = parser->data;
    answer->failed = !answer->sink->body(answer->sink->ctx, at, len, answer->err);
    return answer->failed ? -1 : 0;
}

static int on_complete(http_parser *parser)
{
    struct answer *answer = parser->data;
    answer->complete = true;
    http_parser_pause(parser, 1); /* what follows was not asked for */
    return 0;
}

void answer_init(struct answer *answer, const char *host, const struct https_sink *sink,
                 struct wg_error *err)
{
    *answer = (struct answer){.sink = sink, .err = err, .host = host, .field = -1};
    http_parser_init(&answer->parser, HTTP_RESPONSE);
    answer->parser.data = answer;
}

bool answer_feed(struct answer *answer, const char *data, size_t len)
{
    static const http_parser_settings settings = {.on_header_field = on_header_field,
                                                  .on_header_value = on_header_value,
                                                  .on_headers_complete = on_headers,
                                                  .on_body = on_body,
                                                  .on_message_complete = on_complete};
    size_t head = answer->has_head ? 0 : len;
    if (answer->complete) return true;
    size_t taken = http_parser_execute(&answer->parser, &settings, data, len);
    if (answer->complete) return true;
    if (answer->failed) return false;
    answer->head_bytes += answer->has_head ? 0 : head;
    if (answer->head_bytes > ANSWER_HEAD_MAX)
        return wg_fail(answer->err, WG_E_LIMIT, "%s: the head of the answer is too long",
                       answer->host);
    if (len == 0)
        return wg_fail(answer->err, WG_E_NETWORK, "%s: the connection ended early", answer->host);
    return taken == len ||
           wg_fail(answer->err, WG_E_NETWORK, "%s: not an HTTP answer", answer->host);
}

/* A date is not understood, and counts as none. */
int64_t answer_retry(const struct answer *answer)
{
    const char *at = answer->retry;
    int64_t seconds = 0;
    return answer->fields[FIELD_RETRY].cut || !read_number(&at, &seconds) || *at ? 0 : seconds;
}
