/* url_test.c: addresses, and where redirects lead. */
#include "agent/posix/url.h"

#include "common/text.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

static void test_read(void)
{
    static const struct {
        const char *text, *authority, *target; /* authority NULL: refused */
    } rows[] = {
        {"https://a/b", "a:443", "/b"},
        {"HTTPS://a:8443/b?c=d", "a:8443", "/b?c=d"},
        {"https://[::1]:9/b", "[::1]:9", "/b"},
        {"https://a/b#c", "a:443", "/b"},
        {"https://a", NULL, NULL},
        {"http://a/b", NULL, NULL},
        {"https://user:secret@a/b", NULL, NULL},
        {"https://a/b c", NULL, NULL},
        {"https://a/b\r\nX: y", NULL, NULL},
        {"ftp://a/b", NULL, NULL},
        {"", NULL, NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct url url;
        struct wg_error err = {0};
        char authority[URL_AUTHORITY_MAX];
        bool ok = url_read(rows[i].text, &url, &err);
        if (ok != (rows[i].authority != NULL)) printf("\n    %s", rows[i].text);
        CU_ASSERT_EQUAL_FATAL(ok, rows[i].authority != NULL);
        if (!ok) continue;
        url_authority(&url, authority);
        ASSERT_TEXT(authority, rows[i].authority);
        ASSERT_TEXT(url.target, rows[i].target);
    }
}

static void test_host(void)
{
    static const char *const rows[][2] = {{"https://a/b", "a"},
                                          {"https://a:443/b", "a"},
                                          {"https://a:8443/b", "a:8443"},
                                          {"https://[::1]:443/b", "[::1]"},
                                          {"https://[::1]:4430/b", "[::1]:4430"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct url url;
        struct wg_error err = {0};
        char host[URL_AUTHORITY_MAX];
        ASSERT_OK(url_read(rows[i][0], &url, &err), &err);
        url_host(&url, host);
        ASSERT_TEXT(host, rows[i][1]);
    }
}

/* RFC 3986, section 5.4, as far as https allows it. */
static void test_resolve(void)
{
    static const struct {
        const char *location, *authority, *target;
    } rows[] = {
        {"g", "a:443", "/b/c/g"},
        {"./g", "a:443", "/b/c/g"},
        {"g/", "a:443", "/b/c/g/"},
        {"/g", "a:443", "/g"},
        {"//g/h", "g:443", "/h"},
        {"?y", "a:443", "/b/c/d;p?y"},
        {"g?y", "a:443", "/b/c/g?y"},
        {"g?y/../x", "a:443", "/b/c/g?y/../x"},
        {"g#s/../x", "a:443", "/b/c/g"},
        {".", "a:443", "/b/c/"},
        {"..", "a:443", "/b/"},
        {"../g", "a:443", "/b/g"},
        {"../../g", "a:443", "/g"},
        {"../../../g", "a:443", "/g"},
        {"/./g", "a:443", "/g"},
        {"/../g", "a:443", "/g"},
        {"g.", "a:443", "/b/c/g."},
        {"..g", "a:443", "/b/c/..g"},
        {"./g/.", "a:443", "/b/c/g/"},
        {"g;x=1/../y", "a:443", "/b/c/y"},
        {"https://h:1/x?y", "h:1", "/x?y"},
        {"http://a/b", NULL, NULL},
        {"file:///etc/passwd", NULL, NULL},
        {"javascript:0", NULL, NULL},
        {"", NULL, NULL},
        {"#s", NULL, NULL},
        {"https://user@h/x", NULL, NULL},
        {"g h", NULL, NULL},
    };
    struct url base, url;
    struct wg_error err = {0};
    char authority[URL_AUTHORITY_MAX];
    ASSERT_OK(url_read("https://a/b/c/d;p?q", &base, &err), &err);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool ok = url_resolve(&base, rows[i].location, &url, &err);
        if (ok != (rows[i].authority != NULL)) printf("\n    %s", rows[i].location);
        CU_ASSERT_EQUAL_FATAL(ok, rows[i].authority != NULL);
        if (!ok) continue;
        url_authority(&url, authority);
        ASSERT_TEXT(authority, rows[i].authority);
        ASSERT_TEXT(url.target, rows[i].target);
    }
}

static void test_no_secret_in_messages(void)
{
    struct url url, base;
    struct wg_error err = {0};
    CU_ASSERT_FALSE(url_read("http://a/b?m=token", &url, &err));
    CU_ASSERT_PTR_NULL(strstr(err.text, "token"));
    ASSERT_OK(url_read("https://a/b", &base, &err), &err);
    CU_ASSERT_FALSE(url_resolve(&base, "http://cdn/b?m=token", &url, &err));
    CU_ASSERT_PTR_NULL(strstr(err.text, "token"));
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "http://cdn/b"));
}

static void test_origin(void)
{
    struct url a, b;
    struct wg_error err = {0};
    ASSERT_OK(url_read("https://Files.example/x", &a, &err), &err);
    ASSERT_OK(url_read("https://files.example:443/y", &b, &err), &err);
    CU_ASSERT_TRUE(url_same_origin(&a, &b));
    ASSERT_OK(url_read("https://files.example:444/y", &b, &err), &err);
    CU_ASSERT_FALSE(url_same_origin(&a, &b));
    ASSERT_OK(url_read("https://files.example.org/y", &b, &err), &err);
    CU_ASSERT_FALSE(url_same_origin(&a, &b));
}

static void test_too_long(void)
{
    static char text[9000], location[URL_TARGET_MAX];
    struct url url;
    struct wg_error err = {0};
    for (size_t len = 4000; len < 8500; len += 7) {
        (void)wg_copy(text, sizeof text, "https://a/");
        memset(text + 10, 'b', len);
        text[10 + len] = '\0';
        CU_ASSERT_EQUAL(url_read(text, &url, &err), len + 1 < URL_TARGET_MAX);
    }
    ASSERT_OK(url_read("https://a/b/c?d", &url, &err), &err);
    for (size_t len = URL_TARGET_MAX - 20; len < URL_TARGET_MAX; len++) {
        struct url out;
        memset(location, 'b', len);
        location[len] = '\0';
        CU_ASSERT_EQUAL(url_resolve(&url, location, &out, &err), len + 3 < URL_TARGET_MAX);
    }
}

WG_SUITE("agent/posix/url", {"read", test_read}, {"host", test_host}, {"resolve", test_resolve},
         {"no secret in messages", test_no_secret_in_messages}, {"origin", test_origin},
         {"too long", test_too_long})
