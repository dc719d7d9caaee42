/* install_bench.c: how fast a streaming installation is, beside bare decryption and writing.
 *
 *     install_bench SERVED OWN CA CERTIFICATE KEY URL MB ROUNDS
 *
 * Makes an age body of MB megabytes in the folder SERVED, which a server shows below URL. Then, in
 * turns, with everything on the disk at the end: bare       read from the file, decrypted, written
 *   installed  read from the file and given to what the agent has for it: decrypted, hashed,
 * compared with what was ordered, written to the idle slot, synced on the way fetched    the same,
 * from the server over HTTPS Prints the seconds of each, a line a round. Run by speed_bench.py. */
#include "agent/posix/fetch.h"
#include "agent/posix/part.h"
#include "agent/posix/slot/dir.h"
#include "common/age/header.h"
#include "common/posix/file.h"

#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define PIECE 65536
#define MEGABYTE 1000000

struct bench {
    const char *served, *own, *ca, *certificate, *key_file, *url;
    struct age_file_key key;
    struct slot_release release;
    char header[AGE_HEADER_SIZE + 1];
    int64_t body;
    struct slot_backend *slots;
    struct fetch *fetch;
};

static double seconds(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static const char *in(const char *folder, const char *name, char out[PATH_MAX])
{
    (void)snprintf(out, PATH_MAX, "%s/%s", folder, name);
    return out;
}

static int open_in(const char *folder, const char *name, int flags, struct wg_error *err)
{
    char path[PATH_MAX];
    int fd = open(in(folder, name, path), flags | O_CLOEXEC, 0644);
    if (fd < 0) (void)wg_fail_errno(err, "%s", path);
    return fd;
}

static bool put(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    int fd = *(const int *)ctx;
    for (size_t done = 0; done < len;) {
        ssize_t wrote = write(fd, (const char *)data + done, len - done);
        if (wrote < 0) return wg_fail_errno(err, "writing");
        done += (size_t)wrote;
    }
    return true;
}

/* Content that does not compress: a counter's hashes. */
static bool fill(char piece[PIECE], int64_t number, struct wg_error *err)
{
    struct {
        int64_t number;
        int at;
    } seed = {.number = number};
    for (seed.at = 0; seed.at < PIECE / WG_SHA256_SIZE; seed.at++)
        if (!wg_sha256_digest(&seed, sizeof seed, (uint8_t *)piece + seed.at * WG_SHA256_SIZE, err))
            return false;
    return true;
}

static bool seal(struct bench *bench, struct age_encryptor *encryptor, struct wg_error *err)
{
    struct wg_sha256 sha;
    uint8_t digest[WG_SHA256_SIZE];
    char piece[PIECE];
    bool ok = wg_sha256_init(&sha, err);
    for (int64_t at = 0; ok && at < bench->release.length; at += PIECE) {
        int64_t left = bench->release.length - at;
        size_t len = left < PIECE ? (size_t)left : PIECE;
        ok = fill(piece, at / PIECE % 64, err) && wg_sha256_add(&sha, piece, len, err) &&
             age_encryptor_push(encryptor, piece, len, err);
    }
    ok = ok && age_encryptor_end(encryptor, err) && wg_sha256_end(&sha, digest, err);
    if (ok) wg_hex(digest, sizeof digest, bench->release.sha256);
    wg_sha256_clear(&sha);
    return ok;
}

static bool make_key(struct bench *bench, struct wg_error *err)
{
    struct age_identity identity;
    char text[AGE_BECH32_TEXT], path[PATH_MAX];
    return age_identity_make(&identity, err) && age_identity_write(&identity, text, err) &&
           age_header_make(&bench->key, &identity.recipient, bench->header, err) &&
           wg_file_replace(in(bench->own, "age.key", path), text, strlen(text), 0600, err);
}

static bool make(struct bench *bench, struct wg_error *err)
{
    int fd = open_in(bench->served, "body", O_WRONLY | O_CREAT | O_TRUNC, err);
    if (fd < 0) return false;
    struct age_encryptor *encryptor =
        age_encryptor_new((struct age_sink){put, &fd}, &bench->key, err);
    bool ok = encryptor && seal(bench, encryptor, err) && make_key(bench, err) &&
              age_body_length(bench->release.length, &bench->body, err);
    age_encryptor_free(encryptor);
    (void)fsync(fd);
    (void)close(fd);
    return ok;
}

typedef bool take_fn(void *ctx, const void *data, size_t len, struct wg_error *err);

/* The body, piece by piece, to somebody. */
static bool read_body(const struct bench *bench, take_fn *take, void *ctx, struct wg_error *err)
{
    char piece[PIECE];
    ssize_t got = 0;
    int fd = open_in(bench->served, "body", O_RDONLY, err);
    bool ok = fd >= 0;
    while (ok && (got = read(fd, piece, sizeof piece)) > 0) ok = take(ctx, piece, (size_t)got, err);
    if (ok && got < 0) ok = wg_fail_errno(err, "reading the body");
    if (fd >= 0) (void)close(fd);
    return ok;
}

static bool take_bare(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    return age_decryptor_push(ctx, data, len, err);
}

static bool run_bare(struct bench *bench, struct wg_error *err)
{
    char path[PATH_MAX];
    int fd = open_in(bench->own, "bare", O_WRONLY | O_CREAT | O_TRUNC, err);
    if (fd < 0) return false;
    struct age_decryptor *decryptor =
        age_decryptor_new(&bench->key, (struct age_sink){put, &fd}, err);
    bool ok = decryptor && read_body(bench, take_bare, decryptor, err) &&
              age_decryptor_end(decryptor, err) &&
              (fdatasync(fd) == 0 || wg_fail_errno(err, "writing"));
    age_decryptor_free(decryptor);
    (void)close(fd);
    (void)unlink(in(bench->own, "bare", path));
    return ok;
}

static bool take_part(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    return part_add(ctx, data, len, err);
}

static bool run_installed(struct bench *bench, struct wg_error *err)
{
    static const atomic_bool cancel;
    static struct part part;
    char nonce[PATH_MAX];
    const struct part_source source = {.slots = bench->slots,
                                       .nonce_file = in(bench->own, "part.nonce", nonce),
                                       .length = bench->body,
                                       .key = &bench->key,
                                       .cancel = &cancel};
    bool ok = part_open(&part, &source, &bench->release, true, err) &&
              read_body(bench, take_part, &part, err) && part_end(&part, err);
    part_close(&part);
    return ok;
}

static bool await(struct bench *bench, struct wg_error *err)
{
    struct fetch_event event;
    for (;;) {
        struct pollfd set = {.fd = fetch_fd(bench->fetch), .events = POLLIN};
        (void)poll(&set, 1, -1);
        while (fetch_next(bench->fetch, &event)) {
            if (event.kind == FETCH_DONE) return true;
            if (event.kind == FETCH_FAILED) return wg_fail(err, WG_E_FAILED, "%s", event.text);
        }
    }
}

static bool run_fetched(struct bench *bench, struct wg_error *err)
{
    static struct wg_order order;
    static struct core_release release;
    (void)wg_copy(order.id, sizeof order.id, "bench");
    (void)wg_copy(order.component, sizeof order.component, bench->release.component);
    (void)wg_copy(order.version, sizeof order.version, bench->release.version);
    (void)wg_copy(release.sha256, sizeof release.sha256, bench->release.sha256);
    release.length = bench->release.length;
    (void)wg_copy(order.sha256, sizeof order.sha256, bench->release.sha256);
    (void)wg_copy(order.age, sizeof order.age, bench->header);
    (void)snprintf(order.urls[0], sizeof order.urls[0], "%s/body", bench->url);
    order.url_count = 1;
    order.length = bench->body;
    return fetch_start(bench->fetch, &order, &release, NULL, err) && await(bench, err);
}

/* Nothing of an earlier round is left, and the disk has come to rest. */
static bool timed(struct bench *bench, const char *name,
                  bool (*run)(struct bench *bench, struct wg_error *err), struct wg_error *err)
{
    bench->slots->ops->discard(bench->slots);
    sync();
    double start = seconds();
    if (!run(bench, err)) return false;
    (void)printf("%s %.3f ", name, seconds() - start);
    return true;
}

static bool set_up(struct bench *bench, struct wg_error *err)
{
    struct slot_status status;
    char state[PATH_MAX], age[PATH_MAX], nonce[PATH_MAX], stamps[PATH_MAX], mark[PATH_MAX];
    const struct fetch_config config = {.ca_file = bench->ca,
                                        .cert_file = bench->certificate,
                                        .key_file = bench->key_file,
                                        .identity_file = in(bench->own, "age.key", age),
                                        .nonce_file = in(bench->own, "part.nonce", nonce),
                                        .mark_file = in(bench->own, "part.mark", mark),
                                        .stamps_file = in(bench->own, "part.stamps", stamps),
                                        .device = "bench"};
    bench->slots = dir_new(in(bench->own, "state", state), err);
    if (!bench->slots || !bench->slots->ops->probe(bench->slots, &status, err)) return false;
    struct fetch_config whole = config;
    whole.slots = bench->slots;
    bench->fetch = fetch_new(&whole, err);
    return bench->fetch && make(bench, err);
}

static bool run(struct bench *bench, int rounds, struct wg_error *err)
{
    bool ok = set_up(bench, err);
    for (int i = 0; ok && i < rounds; i++) {
        ok = timed(bench, "bare", run_bare, err) && timed(bench, "installed", run_installed, err) &&
             timed(bench, "fetched", run_fetched, err);
        (void)puts("");
        (void)fflush(stdout);
    }
    fetch_free(bench->fetch);
    if (bench->slots) bench->slots->ops->free(bench->slots);
    return ok;
}

int main(int argc, char **argv)
{
    static struct bench bench;
    struct wg_error err = {0};
    if (argc != 9) {
        (void)fputs("usage: install_bench SERVED OWN CA CERTIFICATE KEY URL MB ROUNDS\n", stderr);
        return 2;
    }
    bench.served = argv[1];
    bench.own = argv[2];
    bench.ca = argv[3];
    bench.certificate = argv[4];
    bench.key_file = argv[5];
    bench.url = argv[6];
    bench.release.length = strtoll(argv[7], NULL, 10) * MEGABYTE;
    if (run(&bench, (int)strtol(argv[8], NULL, 10), &err)) return 0;
    (void)fprintf(stderr, "install_bench: %s\n", err.text);
    return 1;
}
