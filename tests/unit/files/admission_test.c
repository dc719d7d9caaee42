/* admission_test.c: what is answered, row by row, and what it takes off the allowance. */
#include "orchestrator/files/admission.h"

#include "common/text.h"
#include "tests/unit/agent/folder.h"

#include <sys/resource.h>

#define NOW ((wg_time)1800000000 * WG_SECOND)
#define KEY "k1 0101010101010101010101010101010101010101010101010101010101010101\n"
#define NONE "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define LINK "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc"
#define TREE "dddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddddd"
#define TEXT "0123456789"
#define FILE_NAME "84d89877f0d4041efb6bf91a16f0248f2fd573e6af05c19f96bedb9f882f7882"
#define ETAG "\"" FILE_NAME "\""

static struct wg_error err;
static struct folder folder;
static struct ledger *ledger;
static struct admission *admission;
static char target[WG_URL_MAX];

/* The target of a URL for dev-1 with an allowance of 25 bytes. */
static const char *target_of(const char *sha256, const char *base, wg_duration life)
{
    struct url_keys keys;
    char url[WG_URL_MAX];
    const struct url_grant grant = {
        .base = base, .sha256 = sha256, .device = "dev-1", .expires = NOW + life, .bytes = 25};
    ASSERT_OK(url_keys_load(folder_file(&folder, "keys"), &keys, &err), &err);
    ASSERT_OK(url_sign(&keys, &grant, url, &err), &err);
    (void)wg_copy(target, sizeof target, url + strlen("https://a"));
    return target;
}

static void open_all(bool bearer)
{
    char artifacts[PATH_MAX], keys[PATH_MAX];
    folder_make(&folder);
    (void)wg_copy(artifacts, sizeof artifacts, folder_file(&folder, "artifacts"));
    CU_ASSERT_EQUAL_FATAL(mkdir(artifacts, 0755), 0);
    folder_put(&folder, "secret", "secret", 0600);
    folder_put(&folder, "artifacts/" FILE_NAME, TEXT, 0644);
    CU_ASSERT_EQUAL(symlink("../secret", folder_file(&folder, "artifacts/" LINK)), 0);
    CU_ASSERT_EQUAL(mkdir(folder_file(&folder, "artifacts/" TREE), 0755), 0);
    folder_put(&folder, "keys", KEY, 0600);
    (void)wg_copy(keys, sizeof keys, folder_file(&folder, "keys"));
    ledger = ledger_open(folder_file(&folder, "ledger"), 10, NOW, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ledger);
    const struct admission_config config = {.folder = artifacts,
                                            .prefix = "/artifacts",
                                            .keys_file = keys,
                                            .bearer = bearer,
                                            .skew = WG_MINUTE,
                                            .longest = WG_DAY};
    admission = admission_new(&config, ledger, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(admission);
}

static void close_all(void)
{
    admission_free(admission);
    ledger_close(ledger);
    folder_remove(&folder);
}

/* Asks, checks the status, and closes what was opened. */
static struct admitted ask(const struct asked *asked, int status)
{
    struct admitted out;
    admission_ask(admission, asked, NOW, &out);
    if (out.status != status)
        printf("\n    %s %s: %d, %s", asked->method, asked->target, out.status,
               out.text ? out.text : "");
    CU_ASSERT_EQUAL(out.status, status);
    CU_ASSERT_EQUAL(out.fd >= 0, status == 200 || status == 206);
    if (out.fd >= 0) (void)close(out.fd);
    return out;
}

static void test_answers(void)
{
    static const struct {
        const char *range, *if_range, *if_match, *if_none_match;
        bool other_etags;
        int status;
        int64_t start, length; /* taken off the allowance */
    } rows[] = {
        {NULL, NULL, NULL, NULL, false, 200, 0, 10},
        {"bytes=0-", NULL, NULL, NULL, false, 206, 0, 10},
        {"bytes=3-4", NULL, NULL, NULL, false, 206, 3, 2},
        {"bytes=-4", NULL, NULL, NULL, true, 206, 6, 4},
        {"bytes=10-", NULL, NULL, NULL, false, 416, 0, 0},
        {"bytes=0-1,3-4", NULL, NULL, NULL, true, 416, 0, 0},
        {"bytes=3-4", ETAG, NULL, NULL, false, 206, 3, 2},
        {"bytes=3-4", "\"x\"", NULL, NULL, false, 200, 0, 10},
        {"bytes=3-4", ETAG, NULL, NULL, true, 200, 0, 10}, /* nginx has another tag: the worst */
        {NULL, NULL, NULL, ETAG, false, 304, 0, 0},
        {NULL, NULL, NULL, "\"x\", W/" ETAG, false, 304, 0, 0},
        {NULL, NULL, NULL, "*", false, 304, 0, 0},
        {NULL, NULL, NULL, "\"x\"", false, 200, 0, 10},
        {NULL, NULL, NULL, "*", true, 200, 0, 10},
        {NULL, NULL, ETAG, NULL, false, 200, 0, 10},
        {NULL, NULL, "\"x\"", NULL, false, 412, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_all(false);
        struct asked asked = {.method = "GET",
                              .device = "dev-1",
                              .range = rows[i].range,
                              .if_range = rows[i].if_range,
                              .if_match = rows[i].if_match,
                              .if_none_match = rows[i].if_none_match,
                              .other_etags = rows[i].other_etags};
        asked.target = target_of(FILE_NAME, "https://a/artifacts", WG_HOUR);
        struct admitted got = ask(&asked, rows[i].status);
        CU_ASSERT_EQUAL(got.start, rows[i].start);
        CU_ASSERT_EQUAL(got.length, rows[i].length);
        CU_ASSERT_EQUAL(ledger_used(ledger, &got.id), rows[i].length);
        asked.method = "HEAD";
        got = ask(&asked, rows[i].status);
        CU_ASSERT_EQUAL(ledger_used(ledger, &got.id), rows[i].length);
        close_all();
    }
}

static void test_refusals(void)
{
    static const struct {
        const char *method, *sha256, *base, *device;
        wg_duration life;
        int status;
    } rows[] = {
        {"GET", FILE_NAME, "https://a/artifacts", "dev-1", WG_HOUR, 200},
        {"POST", FILE_NAME, "https://a/artifacts", "dev-1", WG_HOUR, 405},
        {"get", FILE_NAME, "https://a/artifacts", "dev-1", WG_HOUR, 405},
        {"GET", FILE_NAME, "https://a/artifacts", "dev-2", WG_HOUR, 403},
        {"GET", FILE_NAME, "https://a/artifacts", "DEV-1", WG_HOUR, 403},
        {"GET", FILE_NAME, "https://a/artifacts", "", WG_HOUR, 403},
        {"GET", FILE_NAME, "https://a/artifacts", NULL, WG_HOUR, 403},
        {"GET", FILE_NAME, "https://a/other", "dev-1", WG_HOUR, 403},
        {"GET", FILE_NAME, "https://a", "dev-1", WG_HOUR, 403},
        {"GET", FILE_NAME, "https://a/artifacts", "dev-1", -WG_MINUTE, 200},
        {"GET", FILE_NAME, "https://a/artifacts", "dev-1", -WG_MINUTE - WG_SECOND, 403},
        {"GET", FILE_NAME, "https://a/artifacts", "dev-1", 2 * WG_DAY, 403},
        {"GET", NONE, "https://a/artifacts", "dev-1", WG_HOUR, 404},
        {"GET", LINK, "https://a/artifacts", "dev-1", WG_HOUR, 404},
        {"GET", TREE, "https://a/artifacts", "dev-1", WG_HOUR, 404},
    };
    open_all(false);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct asked asked = {.method = rows[i].method, .device = rows[i].device};
        asked.target = target_of(rows[i].sha256, rows[i].base, rows[i].life);
        struct admitted got = ask(&asked, rows[i].status);
        CU_ASSERT_TRUE(got.status == 200 || (got.text && got.text[0]));
    }
    struct asked asked = {.method = "GET", .device = "dev-1", .target = "/artifacts/../secret"};
    (void)ask(&asked, 403);
    close_all();
}

static void test_used_up(void)
{
    open_all(true);
    struct asked asked = {.method = "GET"}; /* --bearer: no certificate */
    asked.target = target_of(FILE_NAME, "https://a/artifacts", WG_HOUR);
    (void)ask(&asked, 200);
    (void)ask(&asked, 200);
    (void)ask(&asked, 429);
    asked.range = "bytes=0-5";
    (void)ask(&asked, 429);
    asked.range = "bytes=0-4";
    struct admitted got = ask(&asked, 206);
    asked.range = "bytes=0-0";
    (void)ask(&asked, 429);
    ledger_release(ledger, &got.id, 5, 0);
    (void)ask(&asked, 206);
    asked.device = "dev-2"; /* whoever shows a certificate all the same is held to it */
    (void)ask(&asked, 403);
    close_all();
}

/* Out of descriptors is not the same as not there. */
static void test_cannot_open(void)
{
    struct rlimit before, small;
    open_all(true);
    struct asked asked = {.method = "GET"};
    asked.target = target_of(FILE_NAME, "https://a/artifacts", WG_HOUR);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_NOFILE, &before), 0);
    small = (struct rlimit){.rlim_cur = 0, .rlim_max = before.rlim_max};
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_NOFILE, &small), 0);
    (void)ask(&asked, 503);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_NOFILE, &before), 0);
    (void)ask(&asked, 200);
    close_all();
}

static void test_keys_read_again(void)
{
    open_all(false);
    struct asked asked = {.method = "HEAD", .device = "dev-1"};
    asked.target = target_of(FILE_NAME, "https://a/artifacts", WG_HOUR);
    folder_put(&folder, "keys", "broken", 0600);
    CU_ASSERT_FALSE(admission_reload(admission, &err));
    (void)ask(&asked, 200);
    folder_put(&folder, "keys", "k2 " NONE "\n", 0600);
    ASSERT_OK(admission_reload(admission, &err), &err);
    (void)ask(&asked, 403);
    close_all();
}

WG_SUITE("orchestrator/files/admission", {"answers", test_answers}, {"refusals", test_refusals},
         {"used up", test_used_up}, {"cannot open", test_cannot_open},
         {"keys read again", test_keys_read_again})
