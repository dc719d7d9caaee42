/* seal.c: reads, encrypts and hashes in one pass, in constant memory. */
#include "orchestrator/release/seal.h"

#include "common/age/body.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define READ_CHUNK ((size_t)256 * 1024)

struct work {
    const char *file, *body_file;
    int in, out;
    struct wg_sha256 plain, body;
    struct seal *seal;
};

static bool write_body(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct work *work = ctx;
    const char *bytes = data;
    for (size_t done = 0; done < len;) {
        ssize_t wrote = write(work->out, bytes + done, len - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return wg_fail_errno(err, "%s", work->body_file);
        done += (size_t)wrote;
    }
    work->seal->body_length += (int64_t)len;
    return wg_sha256_add(&work->body, data, len, err);
}

static bool pass_through(struct work *work, struct age_encryptor *encryptor, struct wg_error *err)
{
    char *chunk = malloc(READ_CHUNK);
    bool ok = chunk || wg_fail_memory(err, "reading the file");
    ssize_t got = 1;
    while (ok && got > 0) {
        got = read(work->in, chunk, READ_CHUNK);
        if (got < 0 && errno == EINTR) {
            got = 1;
            continue;
        }
        if (got < 0) ok = wg_fail_errno(err, "%s", work->file);
        if (got <= 0) break;
        work->seal->plain_length += got;
        ok = wg_sha256_add(&work->plain, chunk, (size_t)got, err) &&
             age_encryptor_push(encryptor, chunk, (size_t)got, err);
    }
    free(chunk);
    return ok && age_encryptor_end(encryptor, err);
}

static bool finish(struct work *work, struct wg_error *err)
{
    uint8_t plain[WG_SHA256_SIZE], body[WG_SHA256_SIZE];
    if (!wg_sha256_end(&work->plain, plain, err) || !wg_sha256_end(&work->body, body, err))
        return false;
    wg_hex(plain, sizeof plain, work->seal->plain_sha256);
    wg_hex(body, sizeof body, work->seal->body_sha256);
    return fsync(work->out) == 0 || wg_fail_errno(err, "%s", work->body_file);
}

static bool encrypt(struct work *work, const struct age_recipient *recipient, struct wg_error *err)
{
    struct age_file_key key;
    const struct age_sink sink = {.write = write_body, .ctx = work};
    struct age_encryptor *encryptor = age_encryptor_new(sink, &key, err);
    if (!encryptor) return false;
    bool ok = pass_through(work, encryptor, err) && finish(work, err) &&
              age_header_make(&key, recipient, work->seal->header, err);
    age_encryptor_free(encryptor);
    age_file_key_clear(&key);
    return ok;
}

static bool open_files(struct work *work, struct wg_error *err)
{
    work->in = open(work->file, O_RDONLY | O_CLOEXEC);
    if (work->in < 0) return wg_fail_errno(err, "%s", work->file);
    work->out = open(work->body_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (work->out >= 0) return true;
    (void)wg_fail_errno(err, "%s", work->body_file);
    if (errno == EEXIST && err) err->code = WG_E_CONFLICT;
    return false;
}

bool seal_file(const char *file, const char *body_file, const struct age_recipient *recipient,
               struct seal *out, struct wg_error *err)
{
    struct work work = {.file = file, .body_file = body_file, .in = -1, .out = -1, .seal = out};
    *out = (struct seal){.plain_length = 0};
    bool opened = open_files(&work, err);
    bool ok = opened && wg_sha256_init(&work.plain, err) && wg_sha256_init(&work.body, err) &&
              encrypt(&work, recipient, err);
    wg_sha256_clear(&work.plain);
    wg_sha256_clear(&work.body);
    if (work.in >= 0) (void)close(work.in);
    if (work.out >= 0) (void)close(work.out);
    if (opened && !ok) (void)unlink(body_file);
    return ok;
}
