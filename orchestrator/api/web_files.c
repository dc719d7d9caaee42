/* web_files.c: a table of files, with their types and tags. */
#include "orchestrator/api/web_files.h"

#include "common/crypto.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FILES_MAX 64
#define FILE_MAX ((size_t)4 * 1024 * 1024)
#define FILE_NAME_MAX 80

/* What pages may load and call: us, and nothing else. */
static const char policy[] =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' "
    "data:; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'";

struct web_file {
    char name[FILE_NAME_MAX];
    struct wg_buf bytes;
    char tag[40];
};

struct web_files {
    size_t count;
    struct web_file files[FILES_MAX];
};

static bool load(struct web_files *files, const char *folder, const char *name,
                 struct wg_error *err)
{
    char path[PATH_MAX], hex[WG_SHA256_HEX];
    uint8_t hash[WG_SHA256_SIZE];
    if (files->count == FILES_MAX)
        return wg_fail(err, WG_E_LIMIT, "%s: more than %d files", folder, FILES_MAX);
    struct web_file *file = &files->files[files->count++];
    wg_buf_init(&file->bytes, FILE_MAX);
    if (!wg_copy(file->name, sizeof file->name, name) ||
        !wg_path_join(path, sizeof path, folder, name, err))
        return wg_fail(err, WG_E_LIMIT, "%s: the name %.80s is too long", folder, name);
    if (!wg_file_read(path, &file->bytes, err) ||
        !wg_sha256_digest(file->bytes.data, file->bytes.len, hash, err))
        return false;
    wg_hex(hash, 16, hex);
    (void)snprintf(file->tag, sizeof file->tag, "\"%.32s\"", hex);
    return true;
}

static bool load_all(struct web_files *files, const char *folder, DIR *dir, struct wg_error *err)
{
    for (struct dirent *entry; (entry = readdir(dir)) != NULL;)
        if (entry->d_name[0] != '.' && entry->d_type != DT_DIR &&
            !load(files, folder, entry->d_name, err))
            return false;
    return true;
}

struct web_files *web_files_new(const char *folder, struct wg_error *err)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        (void)wg_fail_errno(err, "%s", folder);
        return NULL;
    }
    struct web_files *files = calloc(1, sizeof *files);
    bool ok =
        files ? load_all(files, folder, dir, err) : wg_fail_memory(err, "the dashboard's files");
    (void)closedir(dir);
    if (ok) return files;
    web_files_free(files);
    return NULL;
}

void web_files_free(struct web_files *files)
{
    if (!files) return;
    for (size_t i = 0; i < files->count; i++) wg_buf_clear(&files->files[i].bytes);
    free(files);
}

static const struct web_file *find(const struct web_files *files, const char *name)
{
    for (size_t i = 0; i < files->count; i++)
        if (strcmp(files->files[i].name, name) == 0) return &files->files[i];
    return NULL;
}

static const char *type_of(const char *name)
{
    static const char *const types[][2] = {{".html", "text/html; charset=utf-8"},
                                           {".js", "text/javascript; charset=utf-8"},
                                           {".css", "text/css; charset=utf-8"},
                                           {".json", "application/json"},
                                           {".svg", "image/svg+xml"},
                                           {".png", "image/png"},
                                           {".txt", "text/plain; charset=utf-8"},
                                           {".woff2", "font/woff2"}};
    const char *dot = strrchr(name, '.');
    for (size_t i = 0; dot && i < sizeof types / sizeof types[0]; i++)
        if (strcmp(dot, types[i][0]) == 0) return types[i][1];
    return "application/octet-stream";
}

static const struct web_file *packed_of(const struct web_files *files, const char *name,
                                        const struct http_request *request)
{
    char packed[FILE_NAME_MAX + 4];
    const char *codings = http_request_header(request, "Accept-Encoding");
    (void)snprintf(packed, sizeof packed, "%s.gz", name);
    return codings && strstr(codings, "gzip") ? find(files, packed) : NULL;
}

static void put_headers(struct http_answer *answer, const struct web_file *file, bool packed)
{
    (void)http_answer_header(answer, "ETag", file->tag);
    (void)http_answer_header(answer, "Cache-Control", "no-cache");
    (void)http_answer_header(answer, "Vary", "Accept-Encoding");
    (void)http_answer_header(answer, "Content-Security-Policy", policy);
    (void)http_answer_header(answer, "Referrer-Policy", "no-referrer");
    (void)http_answer_header(answer, "Cross-Origin-Opener-Policy", "same-origin");
    (void)http_answer_header(answer, "Cross-Origin-Resource-Policy", "same-origin");
    if (packed) (void)http_answer_header(answer, "Content-Encoding", "gzip");
}

bool web_files_answer(const struct web_files *files, const struct http_request *request,
                      struct http_answer *answer)
{
    const char *path = request->target->path;
    bool reads = strcmp(request->method, "GET") == 0 || strcmp(request->method, "HEAD") == 0;
    const char *name = strcmp(path, "/") == 0 ? "index.html" : path + (path[0] == '/');
    const struct web_file *file = reads ? find(files, name) : NULL;
    if (!file) return false;
    const struct web_file *packed = packed_of(files, name, request);
    const struct web_file *given = packed ? packed : file;
    const char *known = http_request_header(request, "If-None-Match");
    put_headers(answer, given, packed != NULL);
    answer->status = known && strstr(known, given->tag) ? 304 : 200;
    if (answer->status == 304) return true;
    (void)wg_copy(answer->type, sizeof answer->type, type_of(name));
    wg_buf_add(&answer->body, given->bytes.data, given->bytes.len);
    return true;
}
