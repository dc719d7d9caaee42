/* mhd.c: headers, answers and listening sockets. */
#include "orchestrator/http/mhd.h"

#include "common/log.h"
#include "common/text.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 512

struct look {
    const char *name, *value;
    int count;
};

static enum MHD_Result look_at(void *ctx, enum MHD_ValueKind kind, const char *name,
                               const char *value)
{
    struct look *look = ctx;
    (void)kind;
    if (strcasecmp(name, look->name) != 0) return MHD_YES;
    look->value = value ? value : "";
    look->count++;
    return MHD_YES;
}

bool http_header(struct MHD_Connection *connection, const char *name, const char **value)
{
    struct look look = {.name = name};
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, look_at, &look);
    *value = look.value;
    return look.count <= 1;
}

static enum MHD_Result check_name(void *ctx, enum MHD_ValueKind kind, const char *name,
                                  const char *value)
{
    static const char signs[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ"; /* RFC 9110, section 5.6.2 */
    bool *clean = ctx;
    (void)kind;
    (void)value;
    if (name[0] == '\0' || name[strspn(name, signs)] != '\0') *clean = false;
    return MHD_YES;
}

bool http_has_body(struct MHD_Connection *connection)
{
    bool clean = true;
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, check_name, &clean);
    if (!clean) return true;
    const char *length = NULL, *coding = NULL;
    return !http_header(connection, MHD_HTTP_HEADER_TRANSFER_ENCODING, &coding) || coding ||
           !http_header(connection, MHD_HTTP_HEADER_CONTENT_LENGTH, &length) ||
           (length && strcmp(length, "0") != 0);
}

bool http_headers_are_sound(struct MHD_Connection *connection)
{
    static const char *const decisive[] = {
        "Host",         "Authorization", "Cookie", "Content-Length", "Transfer-Encoding",
        "Content-Type", "If-Match",      "Origin", "If-None-Match",  "Idempotency-Key",
        "X-CSRF-Token", "Last-Event-ID", "Accept"};
    bool clean = true;
    (void)MHD_get_connection_values(connection, MHD_HEADER_KIND, check_name, &clean);
    for (size_t i = 0; clean && i < sizeof decisive / sizeof decisive[0]; i++) {
        const char *value;
        clean = http_header(connection, decisive[i], &value);
    }
    return clean;
}

struct MHD_Response *http_text(const char *text)
{
    char line[256] = "";
    if (text[0]) (void)wg_format(line, sizeof line, "%s\n", text);
    return MHD_create_response_from_buffer(strlen(line), line, MHD_RESPMEM_MUST_COPY);
}

enum MHD_Result http_answer(struct MHD_Connection *connection, unsigned status,
                            struct MHD_Response *response, ...)
{
    va_list pairs;
    const char *name;
    if (!response) return MHD_NO;
    bool ok = true;
    va_start(pairs, response);
    while (ok && (name = va_arg(pairs, const char *)) != NULL)
        ok = MHD_add_response_header(response, name, va_arg(pairs, const char *)) == MHD_YES;
    va_end(pairs);
    enum MHD_Result result = ok ? MHD_queue_response(connection, status, response) : MHD_NO;
    MHD_destroy_response(response);
    return result;
}

size_t http_unescape_nothing(void *ctx, struct MHD_Connection *connection, char *text)
{
    (void)ctx;
    (void)connection;
    return strlen(text);
}

/* Strangers cause these lines, handshakes that fail above all, so they are not worth more. */
void http_log(void *ctx, const char *format, va_list args)
{
    char text[256];
    (void)ctx;
    (void)wg_format_args(text, sizeof text, format, args);
    text[strcspn(text, "\r\n")] = '\0';
    wg_log(WG_LOG_DEBUG, "http", "says", text, NULL);
}

/* A socket that the last run left is in the way; anything else of that name is not ours. */
static bool clear_path(const char *path, struct wg_error *err)
{
    struct stat info;
    if (lstat(path, &info) != 0) return true;
    if (!S_ISSOCK(info.st_mode))
        return wg_fail(err, WG_E_CONFLICT, "%s: there is something that is no socket", path);
    return unlink(path) == 0 || wg_fail_errno(err, "%s", path);
}

int http_listen_unix(const char *path, int type, struct wg_error *err)
{
    struct sockaddr_un at = {.sun_family = AF_UNIX};
    if (!wg_copy(at.sun_path, sizeof at.sun_path, path)) {
        (void)wg_fail(err, WG_E_LIMIT, "%.120s: too long for a socket", path);
        return -1;
    }
    if (!clear_path(path, err)) return -1;
    int fd = socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    mode_t before = umask(0117); /* owner and group */
    bool ok = fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof at) == 0;
    (void)umask(before);
    if (ok && type == SOCK_STREAM) ok = listen(fd, BACKLOG) == 0;
    if (ok) return fd;
    (void)wg_fail_errno(err, "listening at %s", path);
    if (fd >= 0) (void)close(fd);
    return -1;
}
