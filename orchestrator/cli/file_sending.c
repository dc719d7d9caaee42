/* file_sending.c: the file through a stream that shows how far it is and hears of interruptions. */
#include "orchestrator/cli/file_sending.h"

#include "orchestrator/cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct sending {
    FILE *input; /* the file */
    struct progress progress;
    int64_t read, total; /* bytes; total -1: not known */
    struct wg_error err; /* why reading ended */
    const char *method;
};

const char *file_sending_name(const char *given)
{
    return strcmp(given, "-") == 0 ? "standard input" : given;
}

static ssize_t read_input(void *ctx, char *out, size_t size)
{
    struct sending *sending = ctx;
    int fd = fileno(sending->input);
    if (sending->err.code != WG_OK) return -1; /* a stream asks once more */
    if (!progress_wait(&sending->progress, fd, &sending->err)) return -1;
    ssize_t len = read(fd, out, size);
    if (len < 0) {
        (void)wg_fail_errno(&sending->err, "reading");
        return -1;
    }
    sending->read += len;
    if (len == 0) { /* what follows is the server's */
        progress_end(&sending->progress);
        return 0;
    }
    int64_t total = sending->total < 0 ? 0 : sending->total;
    return progress_told(&sending->progress, sending->read, total, &sending->err) ? len : -1;
}

static bool open_input(struct sending *sending, const char *given, struct wg_error *err)
{
    struct stat at;
    sending->input = strcmp(given, "-") == 0 ? stdin : fopen(given, "re");
    if (!sending->input) return wg_fail_errno(err, "%s", given);
    bool is_file = fstat(fileno(sending->input), &at) == 0 && S_ISREG(at.st_mode);
    sending->total = is_file ? at.st_size : -1;
    if (!S_ISDIR(at.st_mode)) return true;
    return wg_fail(err, WG_E_IO, "%s: it is a folder", given);
}

bool file_sending_problem(const struct cli *cli, const char *given, struct wg_error *err)
{
    const json_t *problem =
        json_array_get(json_object_get(remote_problem(cli->remote), "problems"), 0);
    const char *reason = json_string_value(json_object_get(problem, "reason"));
    long long line = (long long)json_integer_value(json_object_get(problem, "line"));
    long long feature = (long long)json_integer_value(json_object_get(problem, "feature"));
    if (!reason || line <= 0) return false;
    enum wg_error_code code = err->code;
    return feature > 0
               ? wg_fail(err, code, "%s:%lld: error: feature %lld: %s", file_sending_name(given),
                         line, feature, reason)
               : wg_fail(err, code, "%s:%lld: error: %s", file_sending_name(given), line, reason);
}

static json_t *send_opened(struct cli *cli, struct sending *sending, const struct remote_path *path,
                           const char *type, const char *given, struct wg_error *err)
{
    static const cookie_io_functions_t functions = {.read = read_input};
    FILE *stream = fopencookie(sending, "r", functions);
    if (!stream) {
        (void)wg_fail_memory(err, "sending a file");
        return NULL;
    }
    progress_begin(&sending->progress, &cli->screen, given);
    json_t *document =
        remote_upload(cli->remote, sending->method, path, type, stream, sending->total, err);
    progress_end(&sending->progress);
    (void)fclose(stream);
    if (document) return document;
    if (sending->err.code != WG_OK)
        *err = sending->err;
    else
        (void)file_sending_problem(cli, given, err);
    return NULL;
}

static json_t *send_by(struct cli *cli, const char *method, const struct remote_path *path,
                       const char *type, const char *given, struct wg_error *err)
{
    struct sending sending = {.input = NULL, .method = method};
    json_t *document = open_input(&sending, given, err)
                           ? send_opened(cli, &sending, path, type, given, err)
                           : NULL;
    if (sending.input && sending.input != stdin) (void)fclose(sending.input);
    return document;
}

json_t *file_send(struct cli *cli, const struct remote_path *path, const char *type,
                  const char *given, struct wg_error *err)
{
    return send_by(cli, "POST", path, type, given, err);
}

json_t *file_put(struct cli *cli, const struct remote_path *path, const char *type,
                 const char *given, struct wg_error *err)
{
    return send_by(cli, "PUT", path, type, given, err);
}
