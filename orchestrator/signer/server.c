/* server.c: a few connections, each asked after the other; a stream that does not keep to the
 * frames is closed. */
#include "orchestrator/signer/server.h"

#include "common/posix/file.h"
#include "common/posix/signals.h"
#include "common/text.h"
#include "orchestrator/release/signer_wire.h"
#include "orchestrator/signer/answer.h"
#include "orchestrator/signer/keeper.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define CLIENTS_MAX 16
#define SYNC_EVERY 1000 /* ms that a power cut may take from the books */
#define SOCKET_MODE 0660

struct server {
    const struct signer_settings *settings;
    const char *file; /* that they are from */
    struct wg_signing_key *director;
    struct wg_identity_public enrolment;
    struct keeper *keeper; /* NULL: somebody else keeps the repository fresh */
    struct truth *truth;
    struct books *books;
    struct judge *judge;
    int signals, listener;
    size_t client_count;
    int clients[CLIENTS_MAX];
    bool stop;
};

/* One that nobody listens on any more is in the way. */
static bool clear_way(const char *path, struct wg_error *err)
{
    struct wg_error nobody = {0};
    int fd = signer_wire_connect(path, &nobody);
    if (fd >= 0) {
        (void)close(fd);
        return wg_fail(err, WG_E_CONFLICT, "%s: another signer listens there", path);
    }
    return unlink(path) == 0 || errno == ENOENT || wg_fail_errno(err, "%s", path);
}

static bool open_listener(struct server *server, struct wg_error *err)
{
    const char *path = server->settings->socket;
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!wg_copy(at.sun_path, sizeof at.sun_path, path))
        return wg_fail(err, WG_E_LIMIT, "%s: the path is too long for a socket", path);
    if (!clear_way(path, err)) return false;
    server->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (server->listener < 0 ||
        bind(server->listener, (const struct sockaddr *)&at, sizeof at) != 0 ||
        chmod(path, SOCKET_MODE) != 0 || listen(server->listener, CLIENTS_MAX) != 0)
        return wg_fail_errno(err, "%s", path);
    return true;
}

static bool open_books(struct server *server, struct wg_error *err)
{
    char tuf[PATH_MAX], books[PATH_MAX];
    const struct signer_settings *settings = server->settings;
    if (!wg_folder_make(settings->state, 0700, err) ||
        !wg_path_join(tuf, sizeof tuf, settings->state, "tuf", err) ||
        !wg_path_join(books, sizeof books, settings->state, "books", err))
        return false;
    const struct truth_source source = {.repository = settings->repository,
                                        .root = settings->root,
                                        .folder = tuf,
                                        .refresh = settings->refresh};
    server->truth = truth_new(&source, err);
    server->books = server->truth ? books_new(books, err) : NULL;
    struct judge_config config = {
        .truth = server->truth, .books = server->books, .lifetime = settings->lifetime};
    if (settings->enrolment[0]) {
        if (!wg_identity_public_load(settings->enrolment, &server->enrolment, err)) return false;
        config.enrolment = &server->enrolment;
    }
    server->judge = server->books ? judge_new(&config, err) : NULL;
    return server->judge != NULL;
}

static bool open_keeper(struct server *server, struct wg_error *err)
{
    const struct signer_settings *settings = server->settings;
    const struct keeper_config config = {.repository = settings->repository,
                                         .secret = settings->keep_secret,
                                         .every = settings->keep};
    if (settings->keep == 0) return true;
    server->keeper = keeper_new(&config, err);
    return server->keeper != NULL;
}

static void take_client(struct server *server)
{
    int fd = accept4(server->listener, NULL, NULL, SOCK_CLOEXEC);
    if (fd < 0) return;
    if (server->client_count < CLIENTS_MAX)
        server->clients[server->client_count++] = fd;
    else
        (void)close(fd);
}

/* False: the connection is over. */
static bool serve(struct server *server, int fd)
{
    struct wg_error err = {0};
    bool ended = false;
    json_t *request = signer_wire_receive(fd, &ended, &err);
    json_t *answer =
        request ? answer_to(server->judge, server->director, request, wg_now(), &err) : NULL;
    bool ok = answer && signer_wire_send(fd, answer, &err);
    json_decref(request);
    json_decref(answer);
    if (!ok && !ended) wg_log_error("a connection was given up", &err);
    return ok;
}

static void drop(struct server *server, size_t index)
{
    (void)close(server->clients[index]);
    server->clients[index] = server->clients[--server->client_count];
}

static void sync_books(struct server *server)
{
    struct wg_error err = {0};
    if (!books_sync(server->books, &err)) wg_log_error("the books are not durable", &err);
}

static void reload(const struct server *server)
{
    struct signer_settings fresh;
    struct wg_error err = {0};
    if (!signer_settings_check(&fresh, server->file, true, &err)) {
        wg_log_error("not read again: what was there before holds on", &err);
        return;
    }
    wg_log_set(fresh.log);
    wg_log(WG_LOG_INFO, "read again", NULL);
}

static void take_signal(struct server *server)
{
    struct signalfd_siginfo info;
    if (read(server->signals, &info, sizeof info) != (ssize_t)sizeof info) return;
    if (info.ssi_signo == SIGHUP)
        reload(server);
    else
        server->stop = true;
}

static void look(struct server *server)
{
    struct pollfd set[2 + CLIENTS_MAX] = {{.fd = server->signals, .events = POLLIN},
                                          {.fd = server->listener, .events = POLLIN}};
    size_t count = server->client_count;
    for (size_t i = 0; i < count; i++)
        set[2 + i] = (struct pollfd){.fd = server->clients[i], .events = POLLIN};
    if (poll(set, (nfds_t)(2 + count), SYNC_EVERY) < 0) return;
    if (set[0].revents) take_signal(server);
    for (size_t i = count; i-- > 0;)
        if (set[2 + i].revents && !serve(server, server->clients[i])) drop(server, i);
    if (set[1].revents) take_client(server);
    sync_books(server);
    if (server->keeper) (void)keeper_look(server->keeper, wg_now());
}

static void close_all(struct server *server)
{
    while (server->client_count > 0) drop(server, 0);
    if (server->listener >= 0) {
        (void)close(server->listener);
        (void)unlink(server->settings->socket);
    }
    if (server->signals >= 0) (void)close(server->signals);
    judge_free(server->judge);
    books_free(server->books);
    keeper_free(server->keeper);
    truth_free(server->truth);
    wg_signing_key_free(server->director);
}

/* A service has nobody to ask. */
static bool open_director(struct server *server, struct wg_error *err)
{
    const struct signer_settings *settings = server->settings;
    const struct wg_passphrase_source secret = {
        .file = settings->director_secret[0] ? settings->director_secret : NULL, .fd = -1};
    server->director = wg_signing_key_open(settings->director, &secret, err);
    return server->director || wg_context(err, "the director's key");
}

bool server_run(const struct signer_settings *settings, const char *file, struct wg_error *err)
{
    struct server server = {.settings = settings, .file = file, .signals = -1, .listener = -1};
    bool ok = open_director(&server, err) && open_books(&server, err) &&
              open_keeper(&server, err) && wg_signals_open(&server.signals, err) &&
              open_listener(&server, err);
    if (ok) wg_log(WG_LOG_INFO, "listening", "socket", settings->socket, NULL);
    while (ok && !server.stop) look(&server);
    if (ok) sync_books(&server);
    close_all(&server);
    return ok;
}
