/* download_live_test.c: downloads from servers that change, break off, dawdle and lead elsewhere;
 * through a proxy; no faster than allowed, and not over a network that costs. */
#include "agent/posix/download_settings.h"
#include "agent/posix/fetch.h"
#include "agent/posix/slot/dir.h"
#include "child.h"
#include "common/crypto.h"
#include "nginx.h"

#include <poll.h>

#define PART "state/slots/b/payload.part"
#define LENGTH 1500000
#define OWN 0  /* the server of the order */
#define ELSE 1 /* another one, with a certificate of the same authority */

static struct nginx nginx; /* its folder and certificates; the server for the rate */
static struct child servers[2], proxy, guarded;
static char artifact[LENGTH];

struct bench {
    struct fetch *fetch;
    struct download_settings settings;
    struct wg_order order;
    struct slot_backend *slots;
    struct core_release release;
    struct fetch_event last;
    struct wg_error err;
};

static const char *file(const char *name)
{
    return folder_file(&nginx.folder, name);
}

static void make_fetch(struct bench *bench)
{
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX], nonce[PATH_MAX], stamps[PATH_MAX];
    (void)wg_copy(nonce, sizeof nonce, file("part.nonce"));
    (void)wg_copy(stamps, sizeof stamps, file("part.stamps"));
    (void)snprintf(ca, sizeof ca, "%s/pki/server/root.crt", nginx.folder.path);
    (void)snprintf(certificate, sizeof certificate, "%s/dev-1.crt", nginx.folder.path);
    (void)snprintf(key, sizeof key, "%s/dev-1.key", nginx.folder.path);
    const struct fetch_config config = {.ca_file = ca,
                                        .cert_file = certificate,
                                        .key_file = key,
                                        .slots = bench->slots,
                                        .nonce_file = nonce,
                                        .mark_file = "/none/mark",
                                        .stamps_file = stamps,
                                        .download = &bench->settings,
                                        .device = "dev-1"};
    bench->fetch = fetch_new(&config, &bench->err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bench->fetch);
}

static void open_slots(struct bench *bench)
{
    struct slot_status status;
    bench->slots = dir_new(file("state"), &bench->err);
    ASSERT_OK(bench->slots && bench->slots->ops->probe(bench->slots, &status, &bench->err),
              &bench->err);
}

/* A clean slate: no part, no logs. */
static void open_bench(struct bench *bench)
{
    static const char *const files[] = {PART, "part.stamps", "log0", "log1", "proxy.log"};
    memset(bench, 0, sizeof *bench);
    download_settings_init(&bench->settings);
    bench->settings.patience = WG_SECOND;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) (void)unlink(file(files[i]));
    open_slots(bench);
    make_fetch(bench);
    bench->order.length = bench->release.length = LENGTH;
    ASSERT_OK(wg_sha256_of(artifact, LENGTH, bench->order.sha256, &bench->err), &bench->err);
    (void)wg_copy(bench->release.sha256, sizeof bench->release.sha256, bench->order.sha256);
}

static void add_at(struct bench *bench, const char *host, int port, const char *path)
{
    (void)wg_format(bench->order.urls[bench->order.url_count++], WG_URL_MAX, "https://%s:%d%s",
                    host, port, path);
}

static void add(struct bench *bench, int server, const char *path)
{
    add_at(bench, "localhost", servers[server].port, path);
}

static void start(struct bench *bench)
{
    ASSERT_OK(fetch_start(bench->fetch, &bench->order, &bench->release, NULL, &bench->err),
              &bench->err);
}

/* False: nothing came in that time. */
static bool next_event(struct bench *bench, int patience)
{
    struct pollfd set = {.fd = fetch_fd(bench->fetch), .events = POLLIN};
    return poll(&set, 1, patience) == 1 && fetch_next(bench->fetch, &bench->last);
}

static void run(struct bench *bench)
{
    start(bench);
    do {
        CU_ASSERT_TRUE_FATAL(next_event(bench, 60000));
    } while (bench->last.kind == FETCH_PROGRESS);
}

static void is_done(struct bench *bench)
{
    char hex[WG_SHA256_HEX];
    struct wg_buf bytes;
    if (bench->last.kind != FETCH_DONE) printf("\n    %s\n", bench->last.text);
    CU_ASSERT_EQUAL(bench->last.kind, FETCH_DONE);
    wg_buf_init(&bytes, LENGTH + 1);
    CU_ASSERT_TRUE(wg_file_read(file(PART), &bytes, NULL));
    CU_ASSERT_TRUE(wg_sha256_of(wg_buf_str(&bytes), bytes.len, hex, NULL));
    ASSERT_TEXT(hex, bench->release.sha256);
    CU_ASSERT_FALSE(folder_has(&nginx.folder, "part.stamps"));
    wg_buf_clear(&bytes);
}

static void says(struct bench *bench, const char *words)
{
    CU_ASSERT_EQUAL(bench->last.kind, FETCH_FAILED);
    CU_ASSERT_EQUAL(bench->last.cause, WG_CAUSE_DOWNLOAD);
    CU_ASSERT_FALSE(bench->last.fatal);
    if (!strstr(bench->last.text, words)) ASSERT_TEXT(bench->last.text, words);
}

static size_t count(const char *log, const char *words)
{
    const char *text = folder_get(&nginx.folder, log);
    size_t found = 0;
    while ((text = strstr(text, words))) {
        found++;
        text += strlen(words);
    }
    return found;
}

static void close_bench(struct bench *bench)
{
    fetch_free(bench->fetch);
    bench->slots->ops->free(bench->slots);
}

/* The file becomes another one in the middle: seen by its ETag, and begun anew, once. */
static void test_changed(void)
{
    static const char *const paths[] = {"/swap/700000/a", "/swap206/700000/a", "/shrunk/700000/a"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        add(&bench, OWN, paths[i]);
        run(&bench);
        is_done(&bench);
        CU_ASSERT_EQUAL(count("log0", "bytes=700000- \"old\""), 1);
        close_bench(&bench);
    }
}

/* What the server said outlives the agent. */
static void test_changed_after_a_restart(void)
{
    struct bench bench;
    char stamps[512];
    open_bench(&bench);
    (void)snprintf(stamps, sizeof stamps,
                   "[{\"url\":\"https://localhost:%d/whole\",\"etag\":\"\\\"old\\\"\","
                   "\"modified\":\"\"}]",
                   servers[OWN].port);
    folder_put(&nginx.folder, PART, "what came of the old file", 0600);
    folder_put(&nginx.folder, "part.stamps", stamps, 0600);
    add(&bench, OWN, "/whole?m=token");
    run(&bench);
    is_done(&bench);
    CU_ASSERT_EQUAL(count("log0", "bytes=25- \"old\""), 1);
    close_bench(&bench);
}

static void test_stamps_hold_no_token(void)
{
    struct bench bench;
    open_bench(&bench);
    add(&bench, OWN, "/cut/1000/d?m=token");
    run(&bench);
    says(&bench, "connection ended early");
    CU_ASSERT_EQUAL(count("log0", "bytes=1000- \"one\""), 1);
    CU_ASSERT_EQUAL(count("part.stamps", "/cut/1000/d"), 1);
    CU_ASSERT_EQUAL(count("part.stamps", "token"), 0);
    close_bench(&bench);
}

/* Answers that break off go on by range; one that brings next to nothing is given up. */
static void test_truncated(void)
{
    static const size_t cuts[] = {0,      1,      2,      4095,    65536,   262143,
                                  262144, 262145, 500000, 1000000, 1499999, 1500000};
    for (size_t i = 0; i < sizeof cuts / sizeof cuts[0]; i++) {
        struct bench bench;
        char path[64];
        open_bench(&bench);
        (void)snprintf(path, sizeof path, "/cut/%zu/e", cuts[i]);
        add(&bench, OWN, path);
        run(&bench);
        size_t asked = count("log0", "/cut/"), needed = cuts[i] ? LENGTH / cuts[i] : 0;
        if (cuts[i] && LENGTH % cuts[i]) needed++;
        if (cuts[i] >= 262144) {
            is_done(&bench);
            CU_ASSERT_EQUAL(asked, needed);
        } else {
            says(&bench, "connection ended early");
            CU_ASSERT_EQUAL(asked, cuts[i] ? 3 : 1);
        }
        close_bench(&bench);
    }
}

static void test_given_up_for_the_next(void)
{
    static const struct {
        const char *path, *says;
    } rows[] = {{"/cut/100/f", "ended early"},
                {"/wrong_range", "without a range that holds"},
                {"/two_ranges", "two fields"},
                {"/gzip", "another encoding"},
                {"/big_head", "the head of the answer is too long"},
                {"/endless_head", "head"},
                {"/drip_head", "too slow"},
                {"/drip", "too slow"},
                {"/silent", "too slow"},
                {"/loop", "more than 5 redirects"},
                {"/hops/6", "more than 5 redirects"},
                {"/to?http://localhost:1/x", "no https URL"},
                {"/to?file:///etc/passwd", "no https URL"},
                {"/status/300?/whole", "answers 300"},
                {"/none", "404"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        add(&bench, OWN, rows[i].path);
        run(&bench);
        says(&bench, rows[i].says);
        add(&bench, ELSE, "/whole");
        run(&bench); /* the one that failed is put last now, but for 404 */
        is_done(&bench);
        CU_ASSERT_TRUE(count("log1", "/whole") > 0);
        close_bench(&bench);
    }
}

/* That all turn its URLs down is for the order; that one of them is away is not. */
static void test_refused_by_all(void)
{
    static const struct {
        const char *one, *other; /* NULL: none */
        bool refused;
    } rows[] = {{"/status/403?/whole", NULL, true},
                {"/status/400?/whole", "/status/401?/whole", true},
                {"/status/410?/whole", "/none", false},
                {"/status/403?/whole", "/silent", false},
                {"/status/500?/whole", "/status/403?/whole", false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        add(&bench, OWN, rows[i].one);
        if (rows[i].other) add(&bench, ELSE, rows[i].other);
        run(&bench);
        says(&bench, "localhost");
        CU_ASSERT_EQUAL(bench.last.refused, rows[i].refused);
        close_bench(&bench);
    }
}

static void test_odd_but_good(void)
{
    static const char *const paths[] = {"/chunked",
                                        "/hops/1",
                                        "/hops/5",
                                        "/status/301?/whole",
                                        "/status/303?/whole",
                                        "/status/307?../whole",
                                        "/chunked_more" /* what is too much is not taken */,
                                        "/status/308?//localhost:%d/whole"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        if (strstr(paths[i], "%d")) {
            char path[128];
            (void)snprintf(path, sizeof path, "/status/308?//localhost:%d/whole",
                           servers[OWN].port);
            add(&bench, OWN, path);
        } else {
            add(&bench, OWN, paths[i]);
        }
        run(&bench);
        is_done(&bench);
        close_bench(&bench);
    }
}

/* The other server is one that nobody named in the order: it sees neither certificate nor token. */
static void test_redirect_elsewhere(void)
{
    for (int allowed = 0; allowed <= 2; allowed++) {
        struct bench bench;
        char path[128];
        open_bench(&bench);
        (void)snprintf(path, sizeof path, "/to?https://localhost:%d/whole?e=1", servers[ELSE].port);
        add(&bench, OWN, path);
        if (allowed == 1) { /* by the settings */
            bench.settings.host_count = 1;
            (void)wg_copy(bench.settings.hosts[0], URL_HOST_MAX, "localhost");
        }
        if (allowed == 2) { /* by the order */
            add(&bench, ELSE, "/cut/0/x");
        }
        run(&bench);
        is_done(&bench);
        CU_ASSERT_TRUE(count("log0", " dev-1 -\n") >= 1); /* certificate, and no Referer */
        CU_ASSERT_EQUAL(count("log1", "/whole?e=1 bytes=0- - dev-1 -\n"), allowed ? 1 : 0);
        CU_ASSERT_EQUAL(count("log1", "/whole?e=1 bytes=0- - - -\n"), allowed ? 0 : 1);
        close_bench(&bench);
    }
}

static void test_dead_mirror_first(void)
{
    struct bench bench;
    open_bench(&bench);
    bench.settings.mirror_count = 2;
    (void)wg_copy(bench.settings.mirrors[0], WG_URL_MAX, "https://localhost:1/artifacts/");
    (void)wg_format(bench.settings.mirrors[1], WG_URL_MAX, "https://localhost:%d/artifacts/",
                    servers[ELSE].port);
    add(&bench, OWN, "/whole?m=token");
    run(&bench);
    is_done(&bench);
    CU_ASSERT_EQUAL(count("log0", "/"), 0);
    CU_ASSERT_EQUAL(count("log1", "/artifacts/"), 1);
    CU_ASSERT_EQUAL(count("log1", bench.order.sha256), 1);
    CU_ASSERT_EQUAL(count("log1", "token"), 0);
    CU_ASSERT_EQUAL(count("log1", "dev-1"), 0); /* a mirror sees no certificate unasked */
    close_bench(&bench);
}

/* Half from one, the rest from another. */
static void test_resumed_across_mirrors(void)
{
    struct bench bench;
    open_bench(&bench);
    add(&bench, OWN, "/cut/200000/g");
    bench.settings.mirror_count = 1;
    (void)wg_format(bench.settings.mirrors[0], WG_URL_MAX, "https://localhost:%d/cut/200000/",
                    servers[ELSE].port);
    run(&bench);
    says(&bench, "ended early");
    CU_ASSERT_EQUAL(count("log1", "bytes=0- -"), 1);
    CU_ASSERT_EQUAL(count("log0", "bytes=600000- - dev-1"), 1); /* not with the other's ETag */
    bench.order.url_count = 0;
    bench.settings.mirror_count = 0;
    add(&bench, OWN, "/whole");
    run(&bench);
    is_done(&bench);
    CU_ASSERT_EQUAL(count("log0", "/whole bytes=1200000-"), 1);
    close_bench(&bench);
}

/* A mirror with other bytes spoils nothing but time; one server alone with them is convicted. */
static void test_a_mirror_that_lies(void)
{
    struct bench bench;
    open_bench(&bench);
    bench.settings.mirror_count = 1;
    (void)wg_format(bench.settings.mirrors[0], WG_URL_MAX, "https://localhost:%d/other/",
                    servers[ELSE].port);
    add(&bench, OWN, "/whole");
    run(&bench);
    is_done(&bench);
    CU_ASSERT_EQUAL(count("log1", "/other/"), 1);
    (void)unlink(file(PART));
    run(&bench); /* it comes last now */
    is_done(&bench);
    CU_ASSERT_EQUAL(count("log1", "/other/"), 1);
    close_bench(&bench);

    open_bench(&bench); /* both have a share in what is wrong: each is asked for all of it */
    bench.settings.mirror_count = 1;
    (void)wg_format(bench.settings.mirrors[0], WG_URL_MAX, "https://localhost:%d/swap206/300000/",
                    servers[ELSE].port); /* other bytes, then an end; good ones from then on */
    add(&bench, OWN, "/other");
    run(&bench);
    CU_ASSERT_NOT_EQUAL(bench.last.kind, FETCH_PROGRESS);
    is_done(&bench);
    close_bench(&bench);

    open_bench(&bench);
    add(&bench, OWN, "/other");
    add(&bench, ELSE, "/other");
    run(&bench);
    CU_ASSERT_EQUAL(bench.last.kind, FETCH_FAILED);
    CU_ASSERT_EQUAL(bench.last.cause, WG_CAUSE_VERIFY);
    CU_ASSERT_TRUE(bench.last.fatal);
    CU_ASSERT_EQUAL(count("log0", "/other") + count("log1", "/other"), 2);
    close_bench(&bench);
}

static void use_proxy(struct bench *bench, int port)
{
    (void)wg_copy(bench->settings.proxy.host, URL_HOST_MAX, "127.0.0.1");
    (void)wg_format(bench->settings.proxy.port, 8, "%d", port);
}

static void test_proxy(void)
{
    struct bench bench;
    char line[128];
    open_bench(&bench);
    use_proxy(&bench, proxy.port);
    add(&bench, OWN, "/whole?m=token");
    run(&bench);
    is_done(&bench);
    (void)snprintf(line, sizeof line, "CONNECT localhost:%d HTTP/1.1\n", servers[OWN].port);
    ASSERT_TEXT(folder_get(&nginx.folder, "proxy.log"), line);
    CU_ASSERT_EQUAL(count("log0", "dev-1"), 1); /* TLS is the server's, through the tunnel */
    (void)unlink(file("proxy.log"));
    bench.settings.proxy.exception_count = 1;
    (void)wg_copy(bench.settings.proxy.exceptions[0], URL_HOST_MAX, "localhost");
    (void)unlink(file(PART));
    run(&bench);
    is_done(&bench);
    CU_ASSERT_FALSE(folder_has(&nginx.folder, "proxy.log"));
    close_bench(&bench);
}

/* The name is the origin's, also where the proxy resolves it. */
static void test_proxy_is_not_believed(void)
{
    struct bench bench;
    open_bench(&bench);
    use_proxy(&bench, proxy.port);
    add_at(&bench, "files.behind", servers[OWN].port, "/whole");
    run(&bench);
    says(&bench, "peer subject name");
    CU_ASSERT_EQUAL(count("log0", "/"), 0);
    CU_ASSERT_EQUAL(count("proxy.log", "CONNECT files.behind:"), 1);
    close_bench(&bench);
}

static void test_proxy_refuses(void)
{
    static const struct {
        const char *credentials, *says; /* NULL: works */
    } rows[] = {{NULL, "set proxy_credentials"},
                {"u:wrong", "look into the file of proxy_credentials"},
                {"u:right", NULL}};
    struct bench bench;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        open_bench(&bench);
        use_proxy(&bench, guarded.port);
        if (rows[i].credentials) {
            folder_put(&nginx.folder, "credentials", rows[i].credentials, 0600);
            (void)wg_copy(bench.settings.proxy.credentials, PATH_MAX, file("credentials"));
        }
        add(&bench, OWN, "/whole");
        run(&bench);
        if (rows[i].says)
            says(&bench, rows[i].says);
        else
            is_done(&bench);
        close_bench(&bench);
    }
    open_bench(&bench);
    use_proxy(&bench, proxy.port);
    add_at(&bench, "refused.example", 443, "/whole");
    run(&bench);
    says(&bench, "answers 403 to CONNECT");
    close_bench(&bench);
    open_bench(&bench);
    use_proxy(&bench, 1);
    add(&bench, OWN, "/whole");
    run(&bench);
    says(&bench, "proxy: 127.0.0.1:1: Connection refused");
    close_bench(&bench);
    open_bench(&bench); /* a TLS server is no proxy: it is silent or talks of other things */
    use_proxy(&bench, servers[ELSE].port);
    add(&bench, OWN, "/whole");
    run(&bench);
    says(&bench, "proxy 127.0.0.1");
    close_bench(&bench);
}

/* 300 kB/s over the five seconds that 1.5 MB take then. */
static void test_rate(void)
{
    struct bench bench;
    struct timespec before, after;
    open_bench(&bench);
    bench.settings.rate = LENGTH / 5;
    add_at(&bench, "localhost", nginx.port, "/files/artifact");
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    wg_time from = wg_monotonic();
    run(&bench);
    wg_duration took = wg_monotonic() - from;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    is_done(&bench);
    if (took < 4500 || took > 10000) printf("\n    %lld ms", (long long)took);
    CU_ASSERT_TRUE(took >= 4500 && took <= 10000);    /* on a busy machine up to twice as long */
    CU_ASSERT_TRUE(after.tv_sec - before.tv_sec < 2); /* it waits without work */
    close_bench(&bench);
}

static void write_metered(const char *word)
{
    struct wg_error err = {0};
    ASSERT_OK(wg_file_replace(file("metered"), word, strlen(word), 0600, &err), &err);
}

/* Begun on a free network, which becomes metered in the middle of a slow answer: it gives way, and
 * what came is there when it is begun again. */
static void test_metered(void)
{
    struct bench bench;
    open_bench(&bench);
    bench.settings.wait_metered = true;
    bench.settings.metered_every = 100;
    (void)wg_copy(bench.settings.metered_file, PATH_MAX, file("metered"));
    write_metered("no\n");
    add_at(&bench, "localhost", nginx.port, "/slow/artifact");
    start(&bench);
    do {
        CU_ASSERT_TRUE_FATAL(next_event(&bench, 10000));
    } while (bench.last.done < LENGTH / 4);
    write_metered("yes (guessed)\n");
    do {
        CU_ASSERT_TRUE_FATAL(next_event(&bench, 10000));
    } while (bench.last.kind == FETCH_PROGRESS);
    CU_ASSERT_EQUAL(bench.last.kind, FETCH_LATER);
    write_metered("no");
    run(&bench);
    is_done(&bench);
    close_bench(&bench);
}

static void test_metered_by_program(void)
{
    static const struct {
        const char *program;
        bool waits;
    } rows[] = {{"#!/bin/sh\nexit 1\n", false},
                {"#!/bin/sh\nexit 0\n", true},
                {"#!/bin/sh\nexit 3\n", true},
                {"no program", true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench bench;
        open_bench(&bench);
        bench.settings.wait_metered = true;
        bench.settings.metered_every = 100;
        folder_put(&nginx.folder, "metered.sh", rows[i].program, 0700);
        (void)wg_copy(bench.settings.metered_program, PATH_MAX, file("metered.sh"));
        add(&bench, OWN, "/whole");
        if (rows[i].waits) {
            run(&bench);
            CU_ASSERT_EQUAL(bench.last.kind, FETCH_LATER);
            bench.settings.metered_every = WG_MINUTE;
            start(&bench);
            fetch_stop(bench.fetch); /* and it can be stopped */
            CU_ASSERT_EQUAL(count("log0", "/"), 0);
            bench.settings.metered_max = LENGTH; /* a small one goes all the same */
        }
        run(&bench);
        is_done(&bench);
        close_bench(&bench);
    }
}

static void start_servers(void)
{
    char certificate[PATH_MAX], content[PATH_MAX], log[PATH_MAX], program[PATH_MAX];
    for (int i = 0; i < 2; i++) {
        (void)wg_copy(certificate, sizeof certificate, file("localhost"));
        (void)wg_copy(content, sizeof content, file("files/artifact"));
        (void)wg_copy(log, sizeof log, file(i == 0 ? "log0" : "log1"));
        const char *const arguments[] = {nginx.folder.path, certificate, content, log, NULL};
        child_start(&servers[i], WG_SOURCE_DIR "/tests/live/hostile.py", arguments);
    }
    (void)wg_copy(program, sizeof program, WG_SOURCE_DIR "/tests/lab/proxy.py");
    (void)wg_copy(log, sizeof log, file("proxy.log"));
    const char *const open[] = {log, NULL}, *const with[] = {log, "u:right", NULL};
    child_start(&proxy, program, open);
    child_start(&guarded, program, with);
}

static void test_servers_start(void)
{
    struct wg_error err = {0};
    uint32_t state = 7;
    folder_make(&nginx.folder);
    nginx_certificates(&nginx);
    for (size_t i = 0; i < LENGTH; i++) {
        state = state * 1664525u + 1013904223u;
        artifact[i] = (char)(state >> 24);
    }
    ASSERT_OK(wg_file_replace(file("files/artifact"), artifact, LENGTH, 0644, &err), &err);
    nginx_start(&nginx, LENGTH);
    start_servers();
}

static void test_servers_stop(void)
{
    child_stop(&servers[OWN]);
    child_stop(&servers[ELSE]);
    child_stop(&proxy);
    child_stop(&guarded);
    nginx_stop(&nginx);
}

WG_SUITE("agent/posix/bring, live", {"servers start", test_servers_start},
         {"changed", test_changed}, {"changed, after a restart", test_changed_after_a_restart},
         {"stamps hold no token", test_stamps_hold_no_token}, {"truncated", test_truncated},
         {"given up for the next", test_given_up_for_the_next},
         {"refused by all", test_refused_by_all}, {"odd but good", test_odd_but_good},
         {"redirect elsewhere", test_redirect_elsewhere},
         {"dead mirror first", test_dead_mirror_first},
         {"resumed across mirrors", test_resumed_across_mirrors},
         {"a mirror that lies", test_a_mirror_that_lies}, {"proxy", test_proxy},
         {"proxy is not believed", test_proxy_is_not_believed},
         {"proxy refuses", test_proxy_refuses}, {"rate", test_rate}, {"metered", test_metered},
         {"metered, by a program", test_metered_by_program}, {"servers stop", test_servers_stop})
