/* post.c: http_parser's callbacks. */
#include "pki/enrol/post.h"

#include "common/message_claim.h"

#include <string.h>
#include <strings.h>

static int refuse(struct post *post, int status, const char *why)
{
    post->status = status;
    post->why = why;
    return -1;
}

static int on_url(http_parser *parser, const char *at, size_t len)
{
    struct post *post = parser->data;
    size_t used = strlen(post->target);
    if (!wg_copy_n(post->target + used, sizeof post->target - used, at, len))
        (void)wg_copy(post->target, sizeof post->target, "*");
    return 0;
}

/* A header is whole when the next one begins, or all are there. */
static void end_header(struct post *post)
{
    if (strcasecmp(post->name, "host") == 0) post->hosts++;
    if (strcasecmp(post->name, "content-type") == 0) {
        size_t word = strcspn(post->value, "; \t");
        bool json = word == strlen("application/json") &&
                    strncasecmp(post->value, "application/json", word) == 0;
        post->types += json ? 1 : 2; /* twice, or another: neither is one */
    }
    if (strcasecmp(post->name, "expect") == 0) (void)refuse(post, 417, "Expect is not understood");
    post->name[0] = post->value[0] = '\0';
    post->in_value = false;
}

static int on_field(http_parser *parser, const char *at, size_t len)
{
    struct post *post = parser->data;
    if (post->in_value) end_header(post);
    size_t used = strlen(post->name);
    (void)wg_copy_n(post->name + used, sizeof post->name - used, at, len);
    return post->status ? -1 : 0;
}

static int on_value(http_parser *parser, const char *at, size_t len)
{
    struct post *post = parser->data;
    size_t used = strlen(post->value);
    post->in_value = true;
    (void)wg_copy_n(post->value + used, sizeof post->value - used, at, len);
    return 0;
}

/* In the order of who can be wrong about what: version, place, method, form, size. */
static int on_head(http_parser *parser)
{
    struct post *post = parser->data;
    end_header(post);
    post->headed = true;
    if (post->status) return -1;
    if (parser->http_major != 1 || parser->http_minor != 1)
        return refuse(post, 505, "HTTP/1.1 is expected");
    if (parser->upgrade || post->hosts != 1) return refuse(post, 400, "expected one Host header");
    if (strcmp(post->target, WG_CLAIM_PATH) != 0)
        return refuse(post, 404, "there is " WG_CLAIM_PATH " here, and nothing else");
    if (parser->method != HTTP_POST) return refuse(post, 405, "a claim is a POST");
    if (post->types != 1) return refuse(post, 415, "a claim is application/json");
    if ((parser->flags & F_CHUNKED) || !(parser->flags & F_CONTENTLENGTH))
        return refuse(post, 411, "expected a Content-Length");
    if (parser->content_length > WG_CLAIM_BYTES_MAX)
        return refuse(post, 413, "a claim has at most 8192 bytes");
    return 0;
}

static int on_body(http_parser *parser, const char *at, size_t len)
{
    struct post *post = parser->data;
    wg_buf_add(&post->body, at, len);
    return post->body.failed ? refuse(post, 503, "out of memory") : 0;
}

static int on_whole(http_parser *parser)
{
    struct post *post = parser->data;
    post->status = 200;
    http_parser_pause(parser, 1);
    return 0;
}

void post_init(struct post *post)
{
    memset(post, 0, sizeof *post);
    http_parser_init(&post->parser, HTTP_REQUEST);
    wg_buf_init(&post->body, WG_CLAIM_BYTES_MAX);
}

void post_clear(struct post *post)
{
    if (post->body.data) explicit_bzero(post->body.data, post->body.cap);
    wg_buf_clear(&post->body);
}

int post_feed(struct post *post, const char *bytes, size_t len)
{
    static const http_parser_settings settings = {.on_url = on_url,
                                                  .on_header_field = on_field,
                                                  .on_header_value = on_value,
                                                  .on_headers_complete = on_head,
                                                  .on_body = on_body,
                                                  .on_message_complete = on_whole};
    if (post->status) return post->status;
    post->parser.data = post; /* it may have been moved since */
    size_t room = POST_HEAD_MAX - post->head;
    size_t now = post->headed || len <= room ? len : room;
    size_t read = http_parser_execute(&post->parser, &settings, bytes, now);
    post->head += post->headed ? 0 : now;
    if (!post->status && (read != now || HTTP_PARSER_ERRNO(&post->parser) != HPE_OK))
        (void)refuse(post, 400, "this is not HTTP");
    if (!post->status && !post->headed && post->head >= POST_HEAD_MAX)
        (void)refuse(post, 431, "the headers are too long");
    if (!post->status && now < len) return post_feed(post, bytes + now, len - now);
    return post->status;
}
