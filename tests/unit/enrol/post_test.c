/* post_test.c: requests that are whole, in any pieces, and the status of those that are refused. */
#include "pki/enrol/post.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define HOST "Host: x\r\n"
#define JSON "Content-Type: application/json\r\n"
#define RIGHT "POST /v1/claim HTTP/1.1\r\n" HOST JSON "Content-Length: 2\r\n\r\n{}"

static int fed(const char *text, size_t len, size_t piece)
{
    struct post post;
    int status = 0;
    post_init(&post);
    for (size_t at = 0; at < len; at += piece)
        status = post_feed(&post, text + at, len - at < piece ? len - at : piece);
    if (status == 200) {
        CU_ASSERT_EQUAL(post.body.len, 2);
        CU_ASSERT_EQUAL(strncmp(wg_buf_str(&post.body), "{}", 2), 0);
    } else if (status) {
        CU_ASSERT_PTR_NOT_NULL(post.why);
    }
    post_clear(&post);
    return status;
}

static void expect(const char *text, int status)
{
    static const size_t pieces[] = {1, 7, 100000};
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        int got = fed(text, strlen(text), pieces[i]);
        if (got != status) printf("\n    %d, expected %d: %.60s\n", got, status, text);
        CU_ASSERT_EQUAL(got, status);
    }
}

static void test_whole(void)
{
    expect(RIGHT, 200);
    expect(RIGHT "GET / HTTP/1.1\r\n\r\n", 200); /* what follows is not looked at */
    expect("POST /v1/claim HTTP/1.1\r\nhost: x\r\ncontent-type: Application/JSON; charset=utf-8\r\n"
           "content-length: 2\r\n\r\n{}",
           200);
    for (size_t len = 0; len < strlen(RIGHT); len++) CU_ASSERT_EQUAL(fed(RIGHT, len, len + 1), 0);
}

/* A request that lies elsewhere now goes on there, and what took its place is not touched. */
static void test_moved(void)
{
    struct post posts[2];
    post_init(&posts[0]);
    CU_ASSERT_EQUAL(post_feed(&posts[0], RIGHT, strlen(RIGHT) - 1), 0);
    posts[1] = posts[0];
    memset(&posts[0], 0, sizeof posts[0]);
    CU_ASSERT_EQUAL(post_feed(&posts[1], "}", 1), 200);
    ASSERT_TEXT(wg_buf_str(&posts[1].body), "{}");
    CU_ASSERT_EQUAL(posts[0].status, 0);
    post_clear(&posts[1]);
}

static void test_refused(void)
{
    expect("\x16\x03\x01 hello", 400);
    expect("GET /v1/claim HTTP/1.1\r\n" HOST "\r\n", 405);
    expect("PUT /v1/claim HTTP/1.1\r\n" HOST JSON "Content-Length: 2\r\n\r\n{}", 405);
    expect("POST / HTTP/1.1\r\n" HOST JSON "Content-Length: 2\r\n\r\n{}", 404);
    expect("POST /v1/claim?a HTTP/1.1\r\n" HOST JSON "Content-Length: 2\r\n\r\n{}", 404);
    expect("POST /v1/claim/../../etc/passwd HTTP/1.1\r\n" HOST "\r\n", 404);
    expect("POST /v1/claim HTTP/1.0\r\n" HOST JSON "Content-Length: 2\r\n\r\n{}", 505);
    expect("POST /v1/claim HTTP/1.1\r\n" JSON "Content-Length: 2\r\n\r\n{}", 400);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST HOST JSON "Content-Length: 2\r\n\r\n{}", 400);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST "Content-Length: 2\r\n\r\n{}", 415);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST
           "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n",
           415);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST JSON JSON "Content-Length: 2\r\n\r\n{}", 415);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST JSON "\r\n", 411);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST JSON "Transfer-Encoding: chunked\r\n\r\n2\r\n{}",
           411);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST JSON "Content-Length: 8193\r\n\r\n", 413);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST JSON
           "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
           400);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST JSON "Content-Length: -2\r\n\r\n{}", 400);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST JSON
           "Content-Length: 99999999999999999999999\r\n\r\n{}",
           400);
    expect("POST /v1/claim HTTP/1.1\r\n" HOST JSON
           "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n{}",
           417);
}

static void test_long_heads(void)
{
    char text[2 * POST_HEAD_MAX];
    size_t len = (size_t)snprintf(text, sizeof text, "POST /v1/claim HTTP/1.1\r\n" HOST "A: ");
    memset(text + len, 'a', sizeof text - len - 1);
    text[sizeof text - 1] = '\0';
    expect(text, 431);
    len = (size_t)snprintf(text, sizeof text, "POST /");
    memset(text + len, 'a', sizeof text - len - 1);
    expect(text, 431);
}

WG_SUITE("post", {"whole requests", test_whole}, {"moved between pieces", test_moved},
         {"refused", test_refused}, {"heads without an end", test_long_heads})
