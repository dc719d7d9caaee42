/* control.c: a listening socket and few clients, none of which can hold anything up. */
#include "tests/sim/fleet/control.h"

#include "common/text.h"
#include "tests/sim/fleet/faults.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

static void remove_old(const char *path)
{
    struct stat info;
    if (stat(path, &info) == 0 && S_ISSOCK(info.st_mode)) (void)unlink(path);
}

bool control_open(struct control *control, const char *path, struct wg_error *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    *control = (struct control){.path = path, .fd = -1};
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) control->clients[i].fd = -1;
    if (!path) return true;
    if (!wg_copy(address.sun_path, sizeof address.sun_path, path))
        return wg_fail(err, WG_E_LIMIT, "--control: the path is too long");
    remove_old(path);
    control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return (control->fd >= 0 &&
            bind(control->fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
            listen(control->fd, CONTROL_CLIENTS) == 0) ||
           wg_fail_errno(err, "--control %s", path);
}

static void hang_up(struct control_client *client)
{
    if (client->fd >= 0) (void)close(client->fd);
    *client = (struct control_client){.fd = -1};
}

void control_close(struct control *control)
{
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) hang_up(&control->clients[i]);
    if (control->fd >= 0) {
        (void)close(control->fd);
        (void)unlink(control->path);
    }
    control->fd = -1;
}

bool control_parse(const char *line, struct control_command *out)
{
    *out = (struct control_command){.word = CONTROL_DROP, .share = 1};
    if (!strcmp(line, "drop all")) return true;
    if (!strncmp(line, "drop ", 5)) return share_parse(line + 5, &out->share);
    out->word = !strcmp(line, "summary") ? CONTROL_SUMMARY : CONTROL_STOP;
    return out->word == CONTROL_SUMMARY || !strcmp(line, "stop");
}

size_t control_poll(const struct control *control, struct pollfd *out)
{
    size_t count = 0;
    if (control->fd < 0) return 0;
    out[count++] = (struct pollfd){.fd = control->fd, .events = POLLIN};
    for (size_t i = 0; i < CONTROL_CLIENTS; i++)
        if (control->clients[i].fd >= 0)
            out[count++] = (struct pollfd){.fd = control->clients[i].fd, .events = POLLIN};
    return count;
}

static void let_in(struct control *control)
{
    for (size_t i = 0; control->fd >= 0 && i < CONTROL_CLIENTS; i++) {
        struct control_client *client = &control->clients[i];
        if (client->fd < 0) client->fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC);
    }
}

/* A whole line is in client->line, without its end. */
static bool read_line(struct control_client *client)
{
    char *room = client->line + client->len, *end = NULL;
    ssize_t got = recv(client->fd, room, sizeof client->line - 1 - client->len, MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) return false;
    if (got <= 0) {
        hang_up(client);
        return false;
    }
    client->len += (size_t)got;
    client->line[client->len] = '\0';
    end = strchr(client->line, '\n');
    if (!end && client->len < sizeof client->line - 1) return false;
    if (end) *end = '\0';
    client->len = 0;
    return true;
}

void control_answer(struct control *control, size_t client, const char *line)
{
    struct control_client *to = &control->clients[client];
    struct iovec parts[] = {{.iov_base = (void *)(uintptr_t)line, .iov_len = strlen(line)},
                            {.iov_base = (void *)(uintptr_t) "\n", .iov_len = 1}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    to->awaits = 0;
    if (to->fd >= 0 && sendmsg(to->fd, &message, MSG_NOSIGNAL | MSG_DONTWAIT) < 0) hang_up(to);
}

enum control_word control_next(struct control *control, struct control_command *out)
{
    let_in(control);
    for (size_t i = 0; i < CONTROL_CLIENTS; i++) {
        struct control_client *client = &control->clients[i];
        if (client->fd < 0 || !read_line(client)) continue;
        if (control_parse(client->line, out)) {
            out->client = i;
            return out->word;
        }
        control_answer(control, i, "error: expected summary, drop all, drop SHARE or stop");
    }
    return CONTROL_NONE;
}
