/* fetch_live_test.c: downloads from a real nginx over mutual TLS: whole, resumed, interrupted, and
 * from servers that lie or are not who they should be. */
#include "agent/posix/fetch.h"

#include "agent/posix/slot/dir.h"
#include "common/age/body.h"
#include "common/age/header.h"
#include "common/crypto.h"
#include "common/posix/tls_pins.h"
#include "common/x509.h"
#include "nginx.h"

#include <poll.h>
#include <sys/resource.h>

#define PART "state/slots/b/payload.part"
#define LENGTH 1500000

static struct nginx nginx;
static char artifact[LENGTH];

struct bench {
    struct fetch *fetch;
    struct wg_order order;
    struct slot_backend *slots;
    struct core_release release;
    struct fetch_event last;
    int64_t seen; /* furthest progress */
    struct wg_error err;
};

static char nonce_file[PATH_MAX], stamps_file[PATH_MAX];

static void open_slots(struct bench *bench)
{
    struct slot_status status;
    (void)wg_copy(nonce_file, sizeof nonce_file, folder_file(&nginx.folder, "part.nonce"));
    (void)wg_copy(stamps_file, sizeof stamps_file, folder_file(&nginx.folder, "part.stamps"));
    bench->slots = dir_new(folder_file(&nginx.folder, "state"), &bench->err);
    ASSERT_OK(bench->slots && bench->slots->ops->probe(bench->slots, &status, &bench->err),
              &bench->err);
}

static void open_pinned(struct bench *bench, const char *device, struct tls_pins *pins)
{
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX];
    memset(bench, 0, sizeof *bench);
    (void)snprintf(ca, sizeof ca, "%s/pki/server/root.crt", nginx.folder.path);
    (void)snprintf(certificate, sizeof certificate, "%s/%s.crt", nginx.folder.path, device);
    (void)snprintf(key, sizeof key, "%s/%s.key", nginx.folder.path, device);
    open_slots(bench);
    struct fetch_config config = {.ca_file = ca,
                                  .cert_file = certificate,
                                  .key_file = key,
                                  .slots = bench->slots,
                                  .nonce_file = nonce_file,
                                  .mark_file = "/none/mark",
                                  .stamps_file = stamps_file,
                                  .pins = pins};
    bench->fetch = fetch_new(&config, &bench->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bench->fetch);
    bench->order.length = LENGTH;
    ASSERT_OK(wg_sha256_of(artifact, LENGTH, bench->order.sha256, &bench->err), &bench->err);
    (void)wg_copy(bench->release.sha256, sizeof bench->release.sha256, bench->order.sha256);
    bench->release.length = LENGTH;
    (void)unlink(folder_file(&nginx.folder, PART));
}

static void open_as(struct bench *bench, const char *device)
{
    open_pinned(bench, device, NULL);
}

static void close_bench(struct bench *bench)
{
    fetch_free(bench->fetch);
    bench->slots->ops->free(bench->slots);
}

static void add(struct bench *bench, const char *host, int port, const char *path)
{
    (void)wg_format(bench->order.urls[bench->order.url_count++], WG_URL_MAX, "https://%s:%d%s",
                    host, nginx.port + port, path);
}

/* The first count bytes of the artifact, as an earlier try has left them; spoiled at one place. */
static void put_part(size_t count, bool spoiled)
{
    static char bytes[LENGTH];
    struct wg_error err = {0};
    memcpy(bytes, artifact, count);
    if (spoiled) bytes[count / 2] ^= 1;
    ASSERT_OK(wg_file_replace(folder_file(&nginx.folder, PART), bytes, count, 0600, &err), &err);
}

static int64_t part_size(void)
{
    struct stat info;
    return stat(folder_file(&nginx.folder, PART), &info) == 0 ? (int64_t)info.st_size : -1;
}

static void start(struct bench *bench)
{
    ASSERT_OK(fetch_start(bench->fetch, &bench->order, &bench->release, NULL, &bench->err),
              &bench->err);
}

static void wait_event(struct bench *bench)
{
    struct pollfd set = {.fd = fetch_fd(bench->fetch), .events = POLLIN};
    CU_ASSERT_EQUAL_FATAL(poll(&set, 1, 40000), 1);
    CU_ASSERT_TRUE_FATAL(fetch_next(bench->fetch, &bench->last));
    if (bench->last.kind != FETCH_PROGRESS) return;
    CU_ASSERT_TRUE(bench->last.done >= bench->seen && bench->last.total == bench->order.length);
    bench->seen = bench->last.done;
}

static void wait_end(struct bench *bench)
{
    do wait_event(bench);
    while (bench->last.kind == FETCH_PROGRESS);
}

static void is_done(struct bench *bench)
{
    char hex[WG_SHA256_HEX];
    struct wg_buf bytes;
    if (bench->last.kind != FETCH_DONE) printf("\n    %s\n", bench->last.text);
    CU_ASSERT_EQUAL(bench->last.kind, FETCH_DONE);
    wg_buf_init(&bytes, LENGTH + 1);
    CU_ASSERT_TRUE(wg_file_read(folder_file(&nginx.folder, PART), &bytes, NULL));
    CU_ASSERT_TRUE(wg_sha256_of(wg_buf_str(&bytes), bytes.len, hex, NULL));
    ASSERT_TEXT(hex, bench->release.sha256);
    wg_buf_clear(&bytes);
}

static void has_failed(struct bench *bench, enum wg_cause cause, bool fatal, const char *says)
{
    CU_ASSERT_EQUAL(bench->last.kind, FETCH_FAILED);
    CU_ASSERT_EQUAL(bench->last.cause, cause);
    CU_ASSERT_EQUAL(bench->last.fatal, fatal);
    if (!strstr(bench->last.text, says)) ASSERT_TEXT(bench->last.text, says);
}

static void test_whole(void)
{
    static const struct {
        const char *device, *host, *path;
        int port;
    } rows[] = {
        {"dev-1", "localhost", "/files/artifact", 0},
        {"dev-1", "localhost", "/plain/artifact", 0},
        {"dev-1", "localhost", "/files/artifact?a=1", 0},
        {"dev-1", "localhost", "/gone/artifact", 0},
        {"dev-1", "127.0.0.1", "/artifact", 2},
        {"dev-2", "localhost", "/files/artifact", 0}, /* P-256 */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        open_as(&bench, rows[i].device);
        add(&bench, rows[i].host, rows[i].port, rows[i].path);
        start(&bench);
        wait_end(&bench);
        is_done(&bench);
        close_bench(&bench);
    }
}

/* What was there is not asked for again, or all of it where the server has no ranges, or where it
 * turns out to be wrong. */
static void test_resumed(void)
{
    static const struct {
        const char *path;
        size_t part;
        bool spoiled;
        const char *asked; /* the last line of the server's log */
    } rows[] = {
        {"/files/artifact", 1000000, false, "206 bytes=1000000- 500000"},
        {"/files/artifact", LENGTH - 1, false, "206 bytes=1499999- 1"},
        {"/plain/artifact", 1000000, false, "200 bytes=1000000- 1500000"},
        {"/files/artifact", 1000000, true, "206 bytes=0- 1500000"},
        {"/files/artifact", LENGTH, true, "206 bytes=0- 1500000"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        struct timespec wait = {.tv_nsec = 20000000};
        open_as(&bench, "dev-1");
        add(&bench, "localhost", 0, rows[i].path);
        put_part(rows[i].part, rows[i].spoiled);
        CU_ASSERT_EQUAL(truncate(folder_file(&nginx.folder, "access.log"), 0), 0);
        start(&bench);
        wait_end(&bench);
        is_done(&bench);
        const char *found = NULL; /* nginx writes the line when it has closed the request */
        for (int tries = 0; tries < 250 && !found; tries++) {
            found = strstr(folder_get(&nginx.folder, "access.log"), rows[i].asked);
            if (!found) (void)nanosleep(&wait, NULL);
        }
        if (!found) ASSERT_TEXT(folder_get(&nginx.folder, "access.log"), rows[i].asked);
        close_bench(&bench);
    }
}

static void test_refused(void)
{
    static const struct {
        const char *device, *host, *path;
        int port;
        enum wg_cause cause;
        bool fatal;
        const char *says;
    } rows[] = {
        {"dev-1", "localhost", "/files/none", 0, WG_CAUSE_DOWNLOAD, false, "404"},
        {"dev-1", "localhost", "/plainly/artifact", 0, WG_CAUSE_DOWNLOAD, false, "no https URL"},
        {"dev-1", "localhost", "/around", 0, WG_CAUSE_DOWNLOAD, false, "more than 5 redirects"},
        {"dev-1", "localhost", "/files/longer", 0, WG_CAUSE_DOWNLOAD, false,
         "the server has 1500001 bytes, the order says 1500000"},
        {"dev-1", "localhost", "/files/changed", 0, WG_CAUSE_VERIFY, true, "SHA-256"},
        {"dev-1", "localhost", "/short", 0, WG_CAUSE_DOWNLOAD, false,
         "answers with another range"}, /* the first was short, the second begins anew */
        {"dev-1", "localhost", "/shifted", 0, WG_CAUSE_DOWNLOAD, false, "another range"},
        {"dev-1", "localhost", "/bare", 0, WG_CAUSE_DOWNLOAD, false, "without a range"},
        {"dev-1", "localhost", "/artifact", 1, WG_CAUSE_DOWNLOAD, false, "connecting to localhost"},
        {"dev-1", "localhost", "/artifact", 2, WG_CAUSE_DOWNLOAD, false, "peer subject name"},
        {"dev-1", "127.0.0.1", "/files/artifact", 0, WG_CAUSE_DOWNLOAD, false, "peer subject name"},
        {"dev-1", "localhost", "/artifact", 3, WG_CAUSE_DOWNLOAD, false, "connecting to localhost"},
        {"dev-1", "localhost", "/artifact", 4, WG_CAUSE_DOWNLOAD, false, "connecting to localhost"},
        {"foreign/dev-1", "localhost", "/files/artifact", 0, WG_CAUSE_DOWNLOAD, false, "400"},
        {"none", "localhost", "/files/artifact", 0, WG_CAUSE_DOWNLOAD, false, "certificate"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        open_as(&bench, rows[i].device);
        add(&bench, rows[i].host, rows[i].port, rows[i].path);
        start(&bench);
        wait_end(&bench);
        has_failed(&bench, rows[i].cause, rows[i].fatal, rows[i].says);
        /* what is wrong must not stay to be built upon */
        CU_ASSERT_TRUE(part_size() <= 4);
        close_bench(&bench);
    }
}

static void test_more_than_said(void)
{
    struct bench bench;
    open_as(&bench, "dev-1");
    bench.order.length = bench.release.length = 4;
    add(&bench, "localhost", 0, "/much");
    start(&bench);
    wait_end(&bench);
    has_failed(&bench, WG_CAUSE_DOWNLOAD, false, "without a range that holds");
    CU_ASSERT_TRUE(part_size() <= 4);
    close_bench(&bench);
}

static void test_next_url(void)
{
    struct bench bench;
    open_as(&bench, "dev-1");
    add(&bench, "localhost", 0, "/files/none");
    add(&bench, "localhost", 1, "/artifact");
    add(&bench, "localhost", 0, "/files/artifact");
    start(&bench);
    wait_end(&bench);
    is_done(&bench);
    close_bench(&bench);
}

static void test_cancelled_then_resumed(void)
{
    struct bench bench;
    open_as(&bench, "dev-1");
    add(&bench, "localhost", 0, "/slow/artifact");
    start(&bench);
    do wait_event(&bench);
    while (bench.last.kind == FETCH_PROGRESS && bench.last.done < LENGTH / 4);
    CU_ASSERT_EQUAL(bench.last.kind, FETCH_PROGRESS);
    wg_time before = wg_monotonic();
    fetch_stop(bench.fetch);
    CU_ASSERT_TRUE(wg_monotonic() < before + 20 * WG_SECOND);
    CU_ASSERT_FALSE(fetch_next(bench.fetch, &bench.last));
    CU_ASSERT_TRUE(part_size() >= LENGTH / 4 && part_size() < LENGTH);
    bench.order.url_count = 0;
    add(&bench, "localhost", 0, "/files/artifact");
    start(&bench);
    wait_end(&bench);
    is_done(&bench);
    close_bench(&bench);
}

static void test_killed_then_resumed(void)
{
    struct bench bench;
    char asked[64];
    struct timespec wait = {.tv_nsec = 10000000};
    open_as(&bench, "dev-1");
    add(&bench, "localhost", 0, "/slow/artifact");
    pid_t agent = fork();
    CU_ASSERT_TRUE_FATAL(agent >= 0);
    if (agent == 0) {
        start(&bench);
        for (;;) (void)pause();
    }
    for (int tries = 0; tries < 2000 && part_size() < LENGTH / 4; tries++)
        (void)nanosleep(&wait, NULL);
    CU_ASSERT_EQUAL(kill(agent, SIGKILL), 0);
    CU_ASSERT_EQUAL(waitpid(agent, NULL, 0), agent);
    CU_ASSERT_TRUE(part_size() >= LENGTH / 4 && part_size() < LENGTH);
    (void)snprintf(asked, sizeof asked, "bytes=%lld- ", (long long)part_size());
    bench.order.url_count = 0;
    add(&bench, "localhost", 0, "/files/artifact");
    start(&bench);
    wait_end(&bench);
    is_done(&bench);
    for (int tries = 0; tries < 250 && !strstr(folder_get(&nginx.folder, "access.log"), asked);
         tries++)
        (void)nanosleep(&wait, NULL);
    CU_ASSERT_PTR_NOT_NULL(strstr(folder_get(&nginx.folder, "access.log"), asked));
    close_bench(&bench);
}

static bool collect(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    wg_buf_add(ctx, data, len);
    return wg_buf_check(ctx, err, "the body");
}

/* The artifact as an age body in files/sealed, its header for a new identity in the order. */
static void seal(struct bench *bench, const struct age_recipient *recipient)
{
    struct age_file_key key;
    struct wg_buf body;
    wg_buf_init(&body, (size_t)2 * LENGTH);
    struct age_encryptor *encryptor =
        age_encryptor_new((struct age_sink){.write = collect, .ctx = &body}, &key, &bench->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(encryptor);
    ASSERT_OK(age_encryptor_push(encryptor, artifact, LENGTH, &bench->err) &&
                  age_encryptor_end(encryptor, &bench->err) &&
                  age_header_make(&key, recipient, bench->order.age, &bench->err) &&
                  wg_file_replace(folder_file(&nginx.folder, "files/sealed"), body.data, body.len,
                                  0644, &bench->err),
              &bench->err);
    bench->order.length = (int64_t)body.len;
    age_encryptor_free(encryptor);
    age_file_key_clear(&key);
    wg_buf_clear(&body);
}

static void open_sealed(struct bench *bench, const char *url)
{
    struct age_identity identity;
    char text[AGE_BECH32_TEXT];
    open_as(bench, "dev-1");
    fetch_free(bench->fetch);
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX], age_key[PATH_MAX];
    (void)snprintf(ca, sizeof ca, "%s/pki/server/root.crt", nginx.folder.path);
    (void)snprintf(certificate, sizeof certificate, "%s/dev-1.crt", nginx.folder.path);
    (void)snprintf(key, sizeof key, "%s/dev-1.key", nginx.folder.path);
    (void)snprintf(age_key, sizeof age_key, "%s/dev-1.age", nginx.folder.path);
    const struct fetch_config config = {.ca_file = ca,
                                        .cert_file = certificate,
                                        .key_file = key,
                                        .identity_file = age_key,
                                        .slots = bench->slots,
                                        .nonce_file = nonce_file,
                                        .mark_file = "/none/mark",
                                        .stamps_file = stamps_file};
    bench->fetch = fetch_new(&config, &bench->err);
    ASSERT_OK(age_identity_make(&identity, &bench->err), &bench->err);
    ASSERT_OK(age_identity_write(&identity, text, &bench->err), &bench->err);
    folder_put(&nginx.folder, "dev-1.age", text, 0600);
    seal(bench, &identity.recipient);
    add(bench, "localhost", 0, url);
}

static void test_sealed(void)
{
    struct bench bench;
    open_sealed(&bench, "/files/sealed");
    start(&bench);
    wait_end(&bench);
    is_done(&bench);
    close_bench(&bench);
}

static void test_sealed_goes_on(void)
{
    struct bench bench;
    open_sealed(&bench, "/slow/sealed");
    start(&bench);
    do wait_event(&bench);
    while (bench.last.kind == FETCH_PROGRESS && bench.last.done < LENGTH / 4);
    fetch_stop(bench.fetch);
    int64_t before = part_size();
    CU_ASSERT_TRUE(before > 0 && before % AGE_CHUNK == 0);
    bench.order.url_count = 0;
    bench.seen = 0;
    add(&bench, "localhost", 0, "/files/sealed");
    start(&bench);
    wait_end(&bench);
    is_done(&bench);
    close_bench(&bench);
}

/* For another device: its header does not open, and nothing is fetched. */
static void test_sealed_for_another(void)
{
    struct bench bench;
    struct age_identity other;
    open_sealed(&bench, "/files/sealed");
    ASSERT_OK(age_identity_make(&other, &bench.err), &bench.err);
    seal(&bench, &other.recipient);
    start(&bench);
    wait_end(&bench);
    has_failed(&bench, WG_CAUSE_VERIFY, true, "header of the encrypted artifact");
    CU_ASSERT_EQUAL(part_size(), -1);
    close_bench(&bench);
}

/* A limit on file size stands for the end of the disk: the same answer of write(). */
static void test_full_disk(void)
{
    struct bench bench;
    struct rlimit before, small = {.rlim_cur = 500000};
    open_as(&bench, "dev-1");
    add(&bench, "localhost", 0, "/files/artifact");
    add(&bench, "localhost", 0, "/files/artifact");
    void (*handler)(int) = signal(SIGXFSZ, SIG_IGN);
    CU_ASSERT_EQUAL_FATAL(getrlimit(RLIMIT_FSIZE, &before), 0);
    small.rlim_max = before.rlim_max;
    CU_ASSERT_EQUAL_FATAL(setrlimit(RLIMIT_FSIZE, &small), 0);
    start(&bench);
    wait_end(&bench);
    CU_ASSERT_EQUAL(setrlimit(RLIMIT_FSIZE, &before), 0);
    (void)signal(SIGXFSZ, handler);
    has_failed(&bench, WG_CAUSE_DOWNLOAD, true, "writing the artifact: File too large");
    close_bench(&bench);
}

static void put_files(void)
{
    struct wg_error err = {0};
    uint32_t state = 1;
    for (size_t i = 0; i < LENGTH; i++) {
        state = state * 1664525u + 1013904223u;
        artifact[i] = (char)(state >> 24);
    }
    ASSERT_OK(
        wg_file_replace(folder_file(&nginx.folder, "files/artifact"), artifact, LENGTH, 0644, &err),
        &err);
    nginx_run(&nginx, "{ cat files/artifact; printf x; } >files/longer && "
                      "{ head -c 1499999 files/artifact; printf x; } >files/changed");
}

/* The server's authority is pinned, or somebody else is. */
static void test_pinned(void)
{
    struct bench bench;
    struct wg_error err = {0};
    struct wg_buf pem;
    struct wg_x509 issuing;
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    struct wg_pins list = {.number = 1, .count = 1};
    struct tls_pins *pins = tls_pins_new(&err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(pins);
    wg_buf_init(&pem, WG_X509_PEM_MAX);
    ASSERT_OK(wg_file_read(folder_file(&nginx.folder, "pki/server/issuing.crt"), &pem, &err), &err);
    ASSERT_OK(wg_x509_from_pem(wg_buf_str(&pem), pem.len, der, &len, &err), &err);
    ASSERT_OK(wg_x509_read(der, len, &issuing, &err), &err);
    ASSERT_OK(wg_identity_id(&issuing.key, list.pins[0].sha256, &err), &err);
    for (int right = 1; right >= 0; right--) {
        if (!right) memset(list.pins[0].sha256, 'a', WG_SHA256_HEX - 1);
        tls_pins_set(pins, &list);
        open_pinned(&bench, "dev-1", pins);
        add(&bench, "localhost", 0, "/files/artifact");
        start(&bench);
        wait_end(&bench);
        if (right)
            is_done(&bench);
        else
            has_failed(&bench, WG_CAUSE_DOWNLOAD, false,
                       "connecting to localhost: no pin fits: use server, list 1, found ");
        close_bench(&bench);
    }
    wg_buf_clear(&pem);
    tls_pins_free(pins);
}

static void test_server_starts(void)
{
    folder_make(&nginx.folder);
    nginx_certificates(&nginx);
    put_files();
    nginx_start(&nginx, LENGTH);
}

static void test_server_stops(void)
{
    nginx_stop(&nginx);
}

WG_SUITE("agent/posix/fetch, live", {"server starts", test_server_starts}, {"whole", test_whole},
         {"pinned", test_pinned}, {"resumed", test_resumed}, {"refused", test_refused},
         {"more than said", test_more_than_said}, {"next URL", test_next_url},
         {"cancelled, then resumed", test_cancelled_then_resumed},
         {"killed, then resumed", test_killed_then_resumed}, {"full disk", test_full_disk},
         {"sealed", test_sealed}, {"sealed, goes on", test_sealed_goes_on},
         {"sealed for another", test_sealed_for_another}, {"server stops", test_server_stops})
