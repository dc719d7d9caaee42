/* listener.c: accepts, waits for all connections at once, and ends those that take too long.
 *
 * Whoever is slow costs a place, never time: when the places are full, of one address or of all,
 * the oldest connection that has not brought its request yet has to go. */
#include "pki/enrol/listener.h"

#include "common/posix/file.h"
#include "common/posix/listen.h"
#include "common/posix/secrets.h"
#include "common/posix/tls_start.h"
#include "common/posix/tls_suites.h"
#include "pki/enrol/visit.h"

#include <wolfssl/wolfcrypt/ecc.h>

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define VISITS_MAX 256
#define VISITS_OF_ONE 64
#define ACCEPTS_AT_ONCE 16 /* so that those that are quick are through before there is no room */
#define NO_ROOM_PAUSE 200  /* ms, when there are no more descriptors */

struct listener {
    const struct claim_settings *settings;
    int fd, wake;
    bool full; /* no descriptor was left: accept pauses for a moment */
    WOLFSSL_CTX *tls;
    _Atomic(WOLFSSL_CTX *) next; /* to be taken by the thread; NULL: none */
    atomic_bool stop;
    struct desk desk;
    size_t count;
    struct visit visits[VISITS_MAX];
    pthread_t thread;
    bool running;
};

static bool set_up(WOLFSSL_CTX *tls, const struct claim_settings *settings, struct wg_error *err)
{
    if (wolfSSL_CTX_SetMinVersion(tls, WOLFSSL_TLSV1_2) != WOLFSSL_SUCCESS ||
        wolfSSL_CTX_set_cipher_list(tls, WG_TLS_SUITES) != WOLFSSL_SUCCESS)
        return wg_fail(err, WG_E_FAILED, "wolfSSL lacks TLS 1.2 or its suites");
    wolfSSL_CTX_set_verify(tls, WOLFSSL_VERIFY_NONE, NULL);
    if (wolfSSL_CTX_use_certificate_chain_file(tls, settings->certificate) != WOLFSSL_SUCCESS)
        return wg_fail(err, WG_E_BAD_FILE, "%s: no certificate in PEM form", settings->certificate);
    return (wolfSSL_CTX_use_PrivateKey_file(tls, settings->key, WOLFSSL_FILETYPE_PEM) ==
                WOLFSSL_SUCCESS &&
            wolfSSL_CTX_check_private_key(tls) == WOLFSSL_SUCCESS) ||
           wg_fail(err, WG_E_BAD_FILE, "%s: not the key of %s", settings->key,
                   settings->certificate);
}

/* NULL with the error. */
static WOLFSSL_CTX *open_tls(const struct claim_settings *settings, struct wg_error *err)
{
    if (!wg_secret_path_check(settings->key, err) || !wg_tls_start(err)) return NULL;
    WOLFSSL_CTX *tls = wolfSSL_CTX_new(wolfTLS_server_method());
    if (!tls) (void)wg_fail_memory(err, "TLS");
    if (tls && set_up(tls, settings, err)) return tls;
    wolfSSL_CTX_free(tls);
    return NULL;
}

/* Connections that stand keep what they began with: each holds on to its own. */
static void take_next(struct listener *listener)
{
    eventfd_t times;
    (void)eventfd_read(listener->wake, &times);
    WOLFSSL_CTX *next = atomic_exchange(&listener->next, NULL);
    if (!next) return;
    wolfSSL_CTX_free(listener->tls);
    listener->tls = next;
}

bool listener_reload(struct listener *listener, struct wg_error *err)
{
    if (!listener) return true;
    WOLFSSL_CTX *next = open_tls(listener->settings, err);
    if (!next) return wg_context(err, "claim");
    wolfSSL_CTX_free(atomic_exchange(&listener->next, next));
    (void)eventfd_write(listener->wake, 1);
    return true;
}

static void drop(struct listener *listener, size_t index)
{
    visit_close(&listener->visits[index]);
    listener->visits[index] = listener->visits[--listener->count];
}

/* Of two connections the one that has to go first. */
static bool goes_before(const struct visit *a, const struct visit *b)
{
    bool busy_a = a->phase > VISIT_READ, busy_b = b->phase > VISIT_READ;
    return busy_a != busy_b ? busy_b : a->since < b->since;
}

/* address NULL: anybody's. */
static void make_room(struct listener *listener, const char *address, size_t most)
{
    size_t first = VISITS_MAX, held = 0;
    for (size_t i = 0; i < listener->count; i++) {
        const struct visit *visit = &listener->visits[i];
        if (address && strcmp(visit->address, address) != 0) continue;
        held++;
        if (first == VISITS_MAX || goes_before(visit, &listener->visits[first])) first = i;
    }
    if (held >= most && first < VISITS_MAX) drop(listener, first);
}

static void take_in(struct listener *listener, int fd, const struct sockaddr_storage *from)
{
    char address[GATE_ADDRESS_MAX];
    wg_time now = wg_monotonic();
    gate_address(from, address);
    if (!gate_connect(&listener->desk.gate, address, now)) {
        (void)close(fd);
        return;
    }
    make_room(listener, address, VISITS_OF_ONE);
    make_room(listener, NULL, VISITS_MAX);
    if (visit_open(&listener->visits[listener->count], listener->tls, fd, address, now,
                   listener->settings->patience))
        listener->count++;
}

static void accept_some(struct listener *listener)
{
    for (int i = 0; i < ACCEPTS_AT_ONCE; i++) {
        struct sockaddr_storage from = {.ss_family = AF_UNSPEC};
        socklen_t len = sizeof from;
        int fd =
            accept4(listener->fd, (struct sockaddr *)&from, &len, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) {
            listener->full =
                errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
            return;
        }
        take_in(listener, fd, &from);
    }
}

static int wait_ms(const struct listener *listener, wg_time now)
{
    wg_time next = listener->full ? now + NO_ROOM_PAUSE : 0;
    for (size_t i = 0; i < listener->count; i++)
        if (!next || listener->visits[i].deadline < next) next = listener->visits[i].deadline;
    if (!next) return -1;
    return next <= now ? 0 : (int)(next - now < WG_MINUTE ? next - now : WG_MINUTE);
}

/* From the last to the first: dropping moves the last one. */
static void step_visits(struct listener *listener, const struct pollfd *fds)
{
    for (size_t i = listener->count; i-- > 0;) {
        struct visit *visit = &listener->visits[i];
        if (fds[i].revents)
            visit_step(visit, &listener->desk, wg_monotonic(), listener->settings->patience);
        if (visit->phase == VISIT_OVER || visit->deadline <= wg_monotonic()) drop(listener, i);
    }
}

static void *run(void *ctx)
{
    struct listener *listener = ctx;
    struct pollfd fds[VISITS_MAX + 2];
    for (;;) {
        size_t count = listener->count;
        for (size_t i = 0; i < count; i++)
            fds[i] =
                (struct pollfd){.fd = listener->visits[i].fd, .events = listener->visits[i].events};
        fds[count] = (struct pollfd){.fd = listener->wake, .events = POLLIN};
        fds[count + 1] =
            (struct pollfd){.fd = listener->full ? -1 : listener->fd, .events = POLLIN};
        if (poll(fds, (nfds_t)count + 2, wait_ms(listener, wg_monotonic())) < 0 && errno != EINTR)
            wg_log(WG_LOG_ERROR, "waiting for claims failed", "error", strerror(errno), NULL);
        if (atomic_load(&listener->stop)) break;
        if (fds[count].revents) take_next(listener);
        listener->full = false;
        step_visits(listener, fds);
        if (fds[count + 1].revents) accept_some(listener);
    }
#ifdef FP_ECC
    wc_ecc_fp_free(); /* the curve's cache of this thread would be lost with it */
#endif
    return NULL;
}

static bool start(struct listener *listener, const struct enrol_settings *settings,
                  struct wg_error *err)
{
    if (!desk_init(&listener->desk, settings, err)) return false;
    listener->tls = open_tls(listener->settings, err);
    if (!listener->tls) return false;
    listener->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (listener->wake < 0) return wg_fail_errno(err, "starting");
    listener->fd = wg_listen(listener->settings->listen, err);
    if (listener->fd < 0) return false;
    listener->running = pthread_create(&listener->thread, NULL, run, listener) == 0;
    if (!listener->running) return wg_fail(err, WG_E_FAILED, "a thread could not be started");
    wg_log(WG_LOG_INFO, "claims are listened for", "at", listener->settings->listen, NULL);
    return true;
}

bool listener_start(const struct enrol_settings *settings, struct listener **out,
                    struct wg_error *err)
{
    *out = NULL;
    if (!settings->claim.listen[0]) return true;
    struct listener *listener = calloc(1, sizeof *listener);
    if (!listener) return wg_fail_memory(err, "starting");
    listener->settings = &settings->claim;
    listener->fd = listener->wake = -1;
    if (start(listener, settings, err)) {
        *out = listener;
        return true;
    }
    listener_stop(listener);
    return wg_context(err, "claim");
}

void listener_stop(struct listener *listener)
{
    if (!listener) return;
    if (listener->running) {
        atomic_store(&listener->stop, true);
        (void)eventfd_write(listener->wake, 1);
        (void)pthread_join(listener->thread, NULL);
    }
    while (listener->count > 0) drop(listener, listener->count - 1);
    wolfSSL_CTX_free(listener->tls);
    wolfSSL_CTX_free(atomic_load(&listener->next));
    if (listener->fd >= 0) (void)close(listener->fd);
    if (listener->wake >= 0) (void)close(listener->wake);
    free(listener);
}
