/* fetch_test.c: what a download does with what lies on the disk already, and without a server. */
#include "agent/posix/fetch.h"

#include "agent/posix/download_settings.h"
#include "agent/posix/slot/dir.h"
#include "common/crypto.h"
#include "folder.h"

#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#define PART "state/slots/b/payload.part"
#define BYTES "the whole artifact"

struct bench {
    struct folder folder;
    struct fetch *fetch;
    struct wg_order order;
    struct slot_backend *slots;
    struct core_release release;
    struct fetch_event last;
    struct wg_error err;
};

static void open_bench_with(struct bench *bench, const char *part,
                            const struct download_settings *download)
{
    memset(bench, 0, sizeof *bench);
    folder_make(&bench->folder);
    struct slot_status status;
    bench->slots = dir_new(folder_file(&bench->folder, "state"), &bench->err);
    ASSERT_OK(bench->slots && bench->slots->ops->probe(bench->slots, &status, &bench->err),
              &bench->err);
    struct fetch_config config = {.ca_file = "/none/ca",
                                  .cert_file = "/none/c",
                                  .key_file = "/none/k",
                                  .slots = bench->slots,
                                  .nonce_file = "/none/nonce",
                                  .mark_file = "/none/mark",
                                  .stamps_file = "/none/stamps",
                                  .download = download};
    bench->fetch = fetch_new(&config, &bench->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bench->fetch);
    bench->order.length = (int64_t)strlen(BYTES);
    ASSERT_OK(wg_sha256_of(BYTES, strlen(BYTES), bench->order.sha256, &bench->err), &bench->err);
    (void)wg_copy(bench->release.sha256, sizeof bench->release.sha256, bench->order.sha256);
    bench->release.length = bench->order.length;
    if (part) folder_put(&bench->folder, PART, part, 0600);
}

static void open_bench(struct bench *bench, const char *part)
{
    open_bench_with(bench, part, NULL);
}

static void close_bench(struct bench *bench)
{
    fetch_free(bench->fetch);
    bench->slots->ops->free(bench->slots);
    folder_remove(&bench->folder);
}

static void add_url(struct bench *bench, const char *url)
{
    (void)wg_copy(bench->order.urls[bench->order.url_count++], WG_URL_MAX, url);
}

static void start(struct bench *bench)
{
    ASSERT_OK(fetch_start(bench->fetch, &bench->order, &bench->release, NULL, &bench->err),
              &bench->err);
}

static void wait_end(struct bench *bench)
{
    do {
        struct pollfd set = {.fd = fetch_fd(bench->fetch), .events = POLLIN};
        CU_ASSERT_EQUAL_FATAL(poll(&set, 1, 20000), 1);
        CU_ASSERT_TRUE_FATAL(fetch_next(bench->fetch, &bench->last));
    } while (bench->last.kind == FETCH_PROGRESS);
}

/* A port that nothing listens on. */
static void dead_url(char url[WG_URL_MAX])
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_TRUE_FATAL(fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0 &&
                         getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    (void)wg_format(url, WG_URL_MAX, "https://127.0.0.1:%u/a", (unsigned)ntohs(at.sin_port));
    (void)close(fd);
}

static void test_what_is_there(void)
{
    static const struct {
        const char *part; /* NULL: none */
        enum fetch_kind kind;
        const char *left;
    } rows[] = {
        {BYTES, FETCH_DONE, BYTES},
        {"the whole artifacT", FETCH_FAILED, ""}, /* not believed; nobody to ask for another */
        {"the whole artifact and more", FETCH_FAILED, ""},
        {"the whole", FETCH_FAILED, "the whole"},
        {NULL, FETCH_FAILED, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        char url[WG_URL_MAX];
        open_bench(&bench, rows[i].part);
        dead_url(url);
        add_url(&bench, url);
        start(&bench);
        wait_end(&bench);
        CU_ASSERT_EQUAL(bench.last.kind, rows[i].kind);
        if (rows[i].kind == FETCH_FAILED) {
            CU_ASSERT_EQUAL(bench.last.cause, WG_CAUSE_DOWNLOAD);
            CU_ASSERT_FALSE(bench.last.fatal);
            CU_ASSERT_PTR_NOT_NULL(strstr(bench.last.text, "Connection refused"));
        }
        ASSERT_TEXT(folder_get(&bench.folder, PART), rows[i].left);
        close_bench(&bench);
    }
}

static void test_bad_urls(void)
{
    static const char *const urls[] = {"http://localhost/a", "https://",
                                       "artifact",           "",
                                       "https://localhost",  "https://nowhere.invalid/a"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct bench bench;
        open_bench(&bench, NULL);
        add_url(&bench, urls[i]);
        start(&bench);
        wait_end(&bench);
        CU_ASSERT_EQUAL(bench.last.kind, FETCH_FAILED);
        CU_ASSERT_NOT_EQUAL(bench.last.text[0], '\0');
        close_bench(&bench);
    }
}

static void test_a_disk_that_takes_nothing_is_fatal(void)
{
    struct bench bench;
    open_bench(&bench, NULL);
    CU_ASSERT_EQUAL(rmdir(folder_file(&bench.folder, "state/slots/b")), 0);
    start(&bench);
    wait_end(&bench);
    CU_ASSERT_EQUAL(bench.last.kind, FETCH_FAILED);
    CU_ASSERT_EQUAL(bench.last.cause, WG_CAUSE_DOWNLOAD);
    CU_ASSERT_TRUE(bench.last.fatal);
    CU_ASSERT_PTR_NOT_NULL(strstr(bench.last.text, "No such file"));
    close_bench(&bench);
}

/* A server that takes the connection and then is silent. */
static void test_stop(void)
{
    struct bench bench;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    char url[WG_URL_MAX];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CU_ASSERT_TRUE_FATAL(fd >= 0 && bind(fd, (struct sockaddr *)&at, len) == 0 &&
                         listen(fd, 1) == 0 && getsockname(fd, (struct sockaddr *)&at, &len) == 0);
    (void)wg_format(url, sizeof url, "https://127.0.0.1:%u/a", (unsigned)ntohs(at.sin_port));
    open_bench(&bench, "the whole");
    add_url(&bench, url);
    start(&bench);
    int met = accept4(fd, NULL, NULL, SOCK_CLOEXEC);
    CU_ASSERT_TRUE(met >= 0);
    wg_time before = wg_monotonic();
    fetch_stop(bench.fetch);
    CU_ASSERT_TRUE(wg_monotonic() < before + 20 * WG_SECOND);
    CU_ASSERT_FALSE(fetch_next(bench.fetch, &bench.last));
    ASSERT_TEXT(folder_get(&bench.folder, PART), "the whole");
    (void)close(met);
    (void)close(fd);
    /* and it can be used again */
    folder_put(&bench.folder, PART, BYTES, 0600);
    start(&bench);
    wait_end(&bench);
    CU_ASSERT_EQUAL(bench.last.kind, FETCH_DONE);
    close_bench(&bench);
}

/* It gives way, and says so: nobody is asked, what is there stays. */
static void test_metered(void)
{
    struct bench bench;
    struct folder says;
    char url[WG_URL_MAX];
    struct download_settings download;
    download_settings_init(&download);
    folder_make(&says);
    folder_put(&says, "metered", "yes\n", 0600);
    download.wait_metered = true;
    download.metered_every = 100;
    download.metered_retry = 7 * WG_MINUTE;
    (void)wg_copy(download.metered_file, sizeof download.metered_file,
                  folder_file(&says, "metered"));
    open_bench_with(&bench, NULL, &download);
    for (int i = 0; i < 2; i++) { /* it is the same for every server */
        dead_url(url);
        add_url(&bench, url);
    }
    start(&bench);
    wait_end(&bench);
    CU_ASSERT_EQUAL(bench.last.kind, FETCH_LATER);
    CU_ASSERT_EQUAL(bench.last.delay, 7 * WG_MINUTE);
    ASSERT_TEXT(bench.last.text, "the network is metered");
    CU_ASSERT_FALSE(fetch_is_on(bench.fetch));
    folder_put(&says, "metered", "no\n", 0600);
    start(&bench);
    wait_end(&bench);
    CU_ASSERT_EQUAL(bench.last.kind, FETCH_FAILED); /* the server is asked, and is dead */
    close_bench(&bench);
    folder_remove(&says);
}

WG_SUITE("agent/posix/fetch", {"what is there already", test_what_is_there},
         {"bad URLs", test_bad_urls},
         {"a disk that takes nothing is fatal", test_a_disk_that_takes_nothing_is_fatal},
         {"stop", test_stop}, {"metered", test_metered})
