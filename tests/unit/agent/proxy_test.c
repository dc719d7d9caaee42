/* proxy_test.c: which servers are asked through the proxy, and with what words. */
#include "agent/posix/proxy.h"

#include "common/text.h"
#include "folder.h"

static void set(struct proxy *proxy, const char *exception)
{
    struct wg_error err = {0};
    *proxy = (struct proxy){.host = "proxy", .port = "3128", .exception_count = 1};
    (void)wg_copy(proxy->exceptions[0], URL_HOST_MAX, exception);
    ASSERT_OK(proxy_exception_check(exception, &err), &err);
}

static void test_exceptions(void)
{
    static const struct {
        const char *exception, *host, *port;
        bool straight;
    } rows[] = {
        {"*", "any", "443", true},
        {"files.example", "files.example", "443", true},
        {"files.example", "FILES.example", "8443", true},
        {"files.example", "a.files.example", "443", false},
        {"files.example", "files.example.org", "443", false},
        {"files.example:443", "files.example", "443", true},
        {"files.example:443", "files.example", "8443", false},
        {".example", "files.example", "443", true},
        {".example", "a.files.example", "443", true},
        {".example", "example", "443", true},
        {".example", "badexample", "443", false},
        {".files.example:1", "a.files.example", "1", true},
        {".files.example:1", "a.files.example", "2", false},
        {"10.1.2.3", "10.1.2.3", "443", true},
        {"10.1.2.3", "10.1.2.4", "443", false},
        {"10.0.0.0/8", "10.200.3.4", "443", true},
        {"10.0.0.0/8", "11.0.0.1", "443", false},
        {"10.128.0.0/9", "10.127.0.1", "443", false},
        {"10.128.0.0/9", "10.129.0.1", "443", true},
        {"0.0.0.0/0", "8.8.8.8", "443", true},
        {"0.0.0.0/0", "files.example", "443", false},
        {"10.1.2.3/32", "10.1.2.3", "443", true},
        {"::1", "::1", "443", true},
        {"[::1]:443", "::1", "443", true},
        {"[::1]:443", "::1", "444", false},
        {"fd00::/8", "fd12::1", "443", true},
        {"fd00::/8", "fe80::1", "443", false},
        {"fd00::/8", "10.0.0.1", "443", false},
        {"2001:DB8::1", "2001:db8:0::1", "443", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct proxy proxy;
        struct url url = {.target = "/"};
        set(&proxy, rows[i].exception);
        (void)wg_copy(url.host, sizeof url.host, rows[i].host);
        (void)wg_copy(url.port, sizeof url.port, rows[i].port);
        if (proxy_is_for(&proxy, &url) == rows[i].straight)
            printf("\n    %s: %s:%s", rows[i].exception, rows[i].host, rows[i].port);
        CU_ASSERT_EQUAL(proxy_is_for(&proxy, &url), !rows[i].straight);
        proxy.host[0] = '\0';
        CU_ASSERT_FALSE(proxy_is_for(&proxy, &url));
    }
}

static void test_no_exceptions(void)
{
    static const char *const texts[] = {"",          "a*",       "10.0.0.0/33", "10.0.0.0/",
                                        "a/8",       "::1/129",  "a:",          "a:b",
                                        "[::1",      "[::1]x",   "a b",         "10.0.0.0/-1",
                                        "user@host", "fd00::/8x"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct wg_error err = {0};
        if (proxy_exception_check(texts[i], &err)) printf("\n    \"%s\" is taken", texts[i]);
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
    }
}

static void test_read(void)
{
    static const struct {
        const char *text, *host; /* NULL: refused */
    } rows[] = {{"http://proxy:3128", "proxy"},
                {"http://proxy:3128/", "proxy"},
                {"http://[::1]:3128", "::1"},
                {"http://proxy", NULL},
                {"https://proxy:3128", NULL},
                {"http://u:p@proxy:3128", NULL},
                {"http://proxy:3128/path", NULL},
                {"socks5://proxy:1080", NULL},
                {"proxy:3128", NULL},
                {"", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct proxy proxy = {.host = ""};
        struct wg_error err = {0};
        bool ok = proxy_read(rows[i].text, &proxy, &err);
        CU_ASSERT_EQUAL(ok, rows[i].host != NULL);
        if (ok && rows[i].host) ASSERT_TEXT(proxy.host, rows[i].host);
        CU_ASSERT_PTR_NULL(strstr(err.text, "u:p"));
    }
}

static void test_words(void)
{
    struct folder folder;
    struct proxy proxy = {.host = "proxy", .port = "3128"};
    const struct url url = {.host = "files.example", .port = "8443", .target = "/a?m=token"};
    struct wg_error err = {0};
    char request[PROXY_REQUEST_MAX];
    folder_make(&folder);
    ASSERT_OK(proxy_request(&proxy, &url, request, &err), &err);
    ASSERT_TEXT(request, "CONNECT files.example:8443 HTTP/1.1\r\nHost: files.example:8443\r\n\r\n");
    folder_put(&folder, "credentials", "aladdin:opensesame\n", 0600);
    (void)wg_copy(proxy.credentials, sizeof proxy.credentials, folder_file(&folder, "credentials"));
    ASSERT_OK(proxy_request(&proxy, &url, request, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(
        strstr(request, "\r\nProxy-Authorization: Basic YWxhZGRpbjpvcGVuc2VzYW1l\r\n"));
    folder_put(&folder, "credentials", "a:b", 0600); /* RFC 7617 with padding left out: YTpi */
    ASSERT_OK(proxy_request(&proxy, &url, request, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(request, "Basic YTpi\r\n"));
    folder_put(&folder, "credentials", "a:bc", 0600);
    ASSERT_OK(proxy_request(&proxy, &url, request, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(request, "Basic YTpiYw==\r\n"));
    folder_put(&folder, "credentials", "no colon", 0600);
    CU_ASSERT_FALSE(proxy_request(&proxy, &url, request, &err));
    folder_put(&folder, "credentials", "a:b\nX-Header: c", 0600);
    CU_ASSERT_FALSE(proxy_request(&proxy, &url, request, &err));
    folder_put(&folder, "credentials", "a:b", 0644);
    CU_ASSERT_FALSE(proxy_request(&proxy, &url, request, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    folder_remove(&folder);
}

static void test_answers(void)
{
    static const struct {
        const char *head, *says; /* NULL: open */
    } rows[] = {{"HTTP/1.1 200 Connection established\r\n\r\n", NULL},
                {"HTTP/1.0 200\r\n\r\n", NULL},
                {"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n", "proxy_credentials"},
                {"HTTP/1.1 403 Forbidden\r\n\r\n", "403"},
                {"HTTP/1.1 301 Moved\r\nLocation: https://x/\r\n\r\n", "301"},
                {"HTTP/2 200\r\n\r\n", "not an HTTP answer"},
                {"HTTP/1.1 20\r\n\r\n", "not an HTTP answer"},
                {"\r\n\r\n", "not an HTTP answer"}};
    const struct proxy proxy = {.host = "proxy", .port = "3128"};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct wg_error err = {0};
        CU_ASSERT_EQUAL(proxy_answer(&proxy, rows[i].head, &err), rows[i].says == NULL);
        if (rows[i].says) CU_ASSERT_PTR_NOT_NULL(strstr(err.text, rows[i].says));
    }
}

WG_SUITE("agent/posix/proxy", {"exceptions", test_exceptions},
         {"no exceptions", test_no_exceptions}, {"read", test_read}, {"words", test_words},
         {"answers", test_answers})
