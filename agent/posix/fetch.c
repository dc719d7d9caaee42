/* fetch.c: the download thread: what is there is hashed again, the rest is asked for and appended.
 */
#include "agent/posix/fetch.h"

#include "agent/posix/https.h"
#include "common/crypto.h"
#include "common/posix/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK 65536
#define SYNC_EVERY ((int64_t)4 * 1024 * 1024) /* bytes that a power cut may cost */
#define PROGRESS_EVERY WG_SECOND

struct fetch {
    char ca[PATH_MAX], certificate[PATH_MAX], key[PATH_MAX];
    int pipe[2]; /* whole events; smaller than PIPE_BUF, so never torn */
    pthread_t thread;
    bool started;
    atomic_bool cancel;
    struct wg_order order;
    char part[PATH_MAX];
    /* the thread's own: */
    int fd;
    struct wg_sha256 sha;
    int64_t have, synced;
    bool resumed; /* this try began with bytes of an earlier one */
    bool disk;    /* the failure is the disk's, not the network's */
    wg_time told_at;
};

struct fetch *fetch_new(const struct fetch_config *config, struct wg_error *err)
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    if (!fetch) {
        (void)wg_fail_memory(err, "preparing downloads");
        return NULL;
    }
    if (pipe2(fetch->pipe, O_CLOEXEC | O_NONBLOCK) != 0) {
        (void)wg_fail_errno(err, "preparing downloads");
        free(fetch);
        return NULL;
    }
    (void)wg_copy(fetch->ca, sizeof fetch->ca, config->ca_file);
    (void)wg_copy(fetch->certificate, sizeof fetch->certificate, config->cert_file);
    (void)wg_copy(fetch->key, sizeof fetch->key, config->key_file);
    return fetch;
}

void fetch_free(struct fetch *fetch)
{
    if (!fetch) return;
    fetch_stop(fetch);
    (void)close(fetch->pipe[0]);
    (void)close(fetch->pipe[1]);
    free(fetch);
}

static void tell(struct fetch *fetch, const struct fetch_event *event)
{
    /* a full pipe loses progress only: it holds far more events than one fetch has endings */
    if (write(fetch->pipe[1], event, sizeof *event) < 0) return;
}

static void tell_progress(struct fetch *fetch)
{
    wg_time now = wg_monotonic();
    if (now < fetch->told_at + PROGRESS_EVERY) return;
    fetch->told_at = now;
    struct fetch_event event = {
        .kind = FETCH_PROGRESS, .done = fetch->have, .total = fetch->order.length};
    tell(fetch, &event);
}

static void tell_failed(struct fetch *fetch, enum wg_cause cause, bool fatal, const char *text)
{
    struct fetch_event event = {.kind = FETCH_FAILED, .cause = cause, .fatal = fatal};
    (void)wg_copy(event.text, sizeof event.text, text);
    tell(fetch, &event);
}

static bool start_over(struct fetch *fetch, struct wg_error *err)
{
    fetch->have = fetch->synced = 0;
    fetch->resumed = false;
    wg_sha256_clear(&fetch->sha);
    if (!wg_sha256_init(&fetch->sha, err)) return false;
    if (ftruncate(fetch->fd, 0) == 0 && lseek(fetch->fd, 0, SEEK_SET) == 0) return true;
    fetch->disk = true;
    return wg_fail_errno(err, "%s", fetch->part);
}

/* The hash of what an earlier try has left. A part that is too long is not read to its end. */
static bool hash_part(struct fetch *fetch, struct wg_error *err)
{
    char *chunk = malloc(CHUNK);
    ssize_t got = 0;
    bool ok = chunk || wg_fail_memory(err, "reading the part");
    while (ok && fetch->have <= fetch->order.length && (got = read(fetch->fd, chunk, CHUNK)) > 0) {
        fetch->have += got;
        ok = wg_sha256_add(&fetch->sha, chunk, (size_t)got, err);
        if (ok && atomic_load(&fetch->cancel)) ok = wg_fail(err, WG_E_INTERRUPTED, "cancelled");
    }
    free(chunk);
    if (got < 0) ok = wg_fail_errno(err, "%s", fetch->part);
    fetch->resumed = fetch->have > 0;
    fetch->synced = fetch->have;
    return ok && (fetch->have <= fetch->order.length || start_over(fetch, err));
}

static bool open_part(struct fetch *fetch, struct wg_error *err)
{
    fetch->have = fetch->synced = 0;
    fetch->fd = open(fetch->part, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fetch->fd < 0) {
        fetch->disk = true;
        return wg_fail_errno(err, "%s", fetch->part);
    }
    return wg_sha256_init(&fetch->sha, err) && hash_part(fetch, err);
}

static bool on_begin(void *ctx, int64_t start, int64_t total, struct wg_error *err)
{
    struct fetch *fetch = ctx;
    if (total != fetch->order.length)
        return wg_fail(err, WG_E_NETWORK, "the server has %lld bytes, the order says %lld",
                       (long long)total, (long long)fetch->order.length);
    if (start == fetch->have) return true;
    if (start == 0) return start_over(fetch, err);
    return wg_fail(err, WG_E_NETWORK, "the server answers with another range");
}

static bool on_body(void *ctx, const char *data, size_t len, struct wg_error *err)
{
    struct fetch *fetch = ctx;
    if ((int64_t)len > fetch->order.length - fetch->have)
        return wg_fail(err, WG_E_NETWORK, "the server sends more than it said");
    if (!wg_sha256_add(&fetch->sha, data, len, err)) return false;
    for (size_t done = 0; done < len;) {
        ssize_t wrote = write(fetch->fd, data + done, len - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) {
            fetch->disk = true;
            return wg_fail_errno(err, "writing the artifact");
        }
        done += (size_t)wrote;
    }
    fetch->have += (int64_t)len;
    tell_progress(fetch);
    if (fetch->have - fetch->synced < SYNC_EVERY) return true;
    fetch->synced = fetch->have;
    if (fdatasync(fetch->fd) == 0) return true;
    /* the kernel says so once: the sync at the end would know nothing of it */
    fetch->disk = true;
    return wg_fail_errno(err, "writing the artifact");
}

static bool bring_rest(struct fetch *fetch, struct wg_error *err)
{
    struct https_config config = {.ca_file = fetch->ca,
                                  .cert_file = fetch->certificate,
                                  .key_file = fetch->key,
                                  .cancel = &fetch->cancel};
    struct https_sink sink = {.begin = on_begin, .body = on_body, .ctx = fetch};
    for (size_t i = 0; i < fetch->order.url_count && fetch->have < fetch->order.length; i++) {
        bool whole = https_get(&config, fetch->order.urls[i], fetch->have, &sink, err);
        if (fetch->disk || atomic_load(&fetch->cancel)) return false;
        if (whole && fetch->have < fetch->order.length)
            (void)wg_fail(err, WG_E_NETWORK, "the answer ended after %lld of %lld bytes",
                          (long long)fetch->have, (long long)fetch->order.length);
    }
    return fetch->have == fetch->order.length;
}

enum outcome { OUTCOME_GOOD, OUTCOME_OTHER_CONTENT, OUTCOME_FAILED };

static enum outcome check(struct fetch *fetch, struct wg_error *err)
{
    uint8_t digest[WG_SHA256_SIZE];
    char hex[WG_SHA256_HEX];
    if (!wg_sha256_end(&fetch->sha, digest, err)) return OUTCOME_FAILED;
    wg_hex(digest, sizeof digest, hex);
    if (strcmp(hex, fetch->order.sha256) != 0) return OUTCOME_OTHER_CONTENT;
    if (fsync(fetch->fd) == 0) return OUTCOME_GOOD;
    fetch->disk = true;
    (void)wg_fail_errno(err, "writing the artifact");
    return OUTCOME_FAILED;
}

static enum outcome try_once(struct fetch *fetch, struct wg_error *err)
{
    bool ok = open_part(fetch, err) && bring_rest(fetch, err);
    enum outcome outcome = ok ? check(fetch, err) : OUTCOME_FAILED;
    if (fetch->fd >= 0) {
        if (outcome == OUTCOME_OTHER_CONTENT) (void)unlink(fetch->part);
        (void)fdatasync(fetch->fd);
        (void)close(fetch->fd);
    }
    wg_sha256_clear(&fetch->sha);
    return outcome;
}

static void *run(void *ctx)
{
    struct fetch *fetch = ctx;
    struct wg_error err = {0};
    fetch->disk = false;
    enum outcome outcome = try_once(fetch, &err);
    /* bytes of an earlier life may have been torn: only a whole fresh copy convicts the server */
    if (outcome == OUTCOME_OTHER_CONTENT && fetch->resumed && !atomic_load(&fetch->cancel))
        outcome = try_once(fetch, &err);
    if (outcome == OUTCOME_GOOD) {
        struct fetch_event event = {
            .kind = FETCH_DONE, .done = fetch->have, .total = fetch->order.length};
        tell(fetch, &event);
    } else if (outcome == OUTCOME_OTHER_CONTENT) {
        tell_failed(fetch, WG_CAUSE_VERIFY, true, "the artifact's SHA-256 is not the ordered one");
    } else if (!atomic_load(&fetch->cancel)) {
        tell_failed(fetch, WG_CAUSE_DOWNLOAD, fetch->disk, err.text);
    }
    return NULL;
}

bool fetch_start(struct fetch *fetch, const struct wg_order *order, const char *part,
                 struct wg_error *err)
{
    fetch_stop(fetch);
    fetch->order = *order;
    fetch->told_at = 0;
    if (!wg_copy(fetch->part, sizeof fetch->part, part))
        return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", part);
    atomic_store(&fetch->cancel, false);
    int code = pthread_create(&fetch->thread, NULL, run, fetch);
    if (code != 0) return wg_fail(err, WG_E_FAILED, "starting the download: %s", strerror(code));
    fetch->started = true;
    return true;
}

void fetch_stop(struct fetch *fetch)
{
    struct fetch_event event;
    if (!fetch->started) return;
    atomic_store(&fetch->cancel, true);
    (void)pthread_join(fetch->thread, NULL);
    fetch->started = false;
    while (fetch_next(fetch, &event)) continue;
}

int fetch_fd(const struct fetch *fetch)
{
    return fetch->pipe[0];
}

bool fetch_next(struct fetch *fetch, struct fetch_event *out)
{
    return read(fetch->pipe[0], out, sizeof *out) == (ssize_t)sizeof *out;
}
