/* artifact_form.c: files are read in pieces; only old content is mapped. */
#include "orchestrator/release/artifact_form.h"

#include "common/zst/pack.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define PIECE ((size_t)256 * 1024)

/* What is done with each piece of a file. */
typedef bool piece_fn(void *ctx, const void *data, size_t len, struct wg_error *err);

static bool read_pieces(const char *file, piece_fn *each, void *ctx, struct wg_error *err)
{
    char *piece = malloc(PIECE);
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    bool ok = piece != NULL || wg_fail_memory(err, "reading a file");
    if (ok && fd < 0) ok = wg_fail_errno(err, "%s", file);
    for (ssize_t got = 1; ok && got != 0;) {
        got = read(fd, piece, PIECE);
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) ok = wg_fail_errno(err, "reading %s", file);
        if (got > 0) ok = each(ctx, piece, (size_t)got, err);
        if (!ok) break;
    }
    if (fd >= 0) (void)close(fd);
    free(piece);
    return ok;
}

struct measure {
    struct wg_sha256 sha;
    int64_t length;
};

static bool measure_piece(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct measure *measure = ctx;
    measure->length += (int64_t)len;
    return wg_sha256_add(&measure->sha, data, len, err);
}

static bool measure_end(struct measure *measure, struct release_content *out, struct wg_error *err)
{
    uint8_t digest[WG_SHA256_SIZE];
    if (!wg_sha256_end(&measure->sha, digest, err)) return false;
    wg_hex(digest, sizeof digest, out->sha256);
    out->length = measure->length;
    return true;
}

bool artifact_form_content(const char *file, struct release_content *out, struct wg_error *err)
{
    struct measure measure = {.length = 0};
    bool ok = wg_sha256_init(&measure.sha, err) &&
              read_pieces(file, measure_piece, &measure, err) && measure_end(&measure, out, err);
    wg_sha256_clear(&measure.sha);
    return ok && (out->length > 0 || wg_fail(err, WG_E_BAD_FILE, "%s is empty", file));
}

/* file NULL: nothing is mapped. */
static bool map_file(const char *file, struct zst_base *out, struct wg_error *err)
{
    struct stat info;
    *out = (struct zst_base){NULL, 0};
    if (!file) return true;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return wg_fail_errno(err, "%s", file);
    bool ok = fstat(fd, &info) == 0 || wg_fail_errno(err, "%s", file);
    if (ok && (!S_ISREG(info.st_mode) || info.st_size <= 0))
        ok = wg_fail(err, WG_E_BAD_FILE, "%s: expected a file with something in it", file);
    void *data = ok ? mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : MAP_FAILED;
    if (ok && data == MAP_FAILED) ok = wg_fail_errno(err, "mapping %s", file);
    if (ok) *out = (struct zst_base){data, (size_t)info.st_size};
    (void)close(fd);
    return ok;
}

static void unmap(struct zst_base *base)
{
    if (base->data) (void)munmap((void *)(uintptr_t)base->data, base->len);
}

struct packing {
    const char *path;
    int fd;
    struct zst_packer *packer;
    struct measure content, packed;
};

static bool write_packed(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct packing *packing = ctx;
    const char *bytes = data;
    for (size_t done = 0; done < len;) {
        ssize_t wrote = write(packing->fd, bytes + done, len - done);
        if (wrote < 0 && errno == EINTR) continue;
        if (wrote < 0) return wg_fail_errno(err, "%s", packing->path);
        done += (size_t)wrote;
    }
    return measure_piece(&packing->packed, data, len, err);
}

static bool pack_piece(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct packing *packing = ctx;
    return measure_piece(&packing->content, data, len, err) &&
           zst_packer_push(packing->packer, data, len, err);
}

static bool pack_file(struct packing *packing, const char *file, struct zst_base base,
                      struct release_form *form, struct wg_error *err)
{
    const struct zst_pack_config config = {.sink = {write_packed, packing}, .base = base};
    packing->packer = zst_packer_new(&config, err);
    bool ok = packing->packer && wg_sha256_init(&packing->content.sha, err) &&
              wg_sha256_init(&packing->packed.sha, err) &&
              read_pieces(file, pack_piece, packing, err) && zst_packer_end(packing->packer, err) &&
              measure_end(&packing->content, &form->to, err) &&
              measure_end(&packing->packed, &form->target, err);
    if (ok && fsync(packing->fd) != 0) ok = wg_fail_errno(err, "%s", packing->path);
    zst_packer_free(packing->packer);
    wg_sha256_clear(&packing->content.sha);
    wg_sha256_clear(&packing->packed.sha);
    return ok && (form->to.length > 0 || wg_fail(err, WG_E_BAD_FILE, "%s is empty", file));
}

static bool pack_to(const char *file, const char *old, const char *out, struct release_form *form,
                    struct wg_error *err)
{
    struct zst_base base;
    struct packing packing = {.path = out};
    if (!map_file(old, &base, err)) return false;
    packing.fd = open(out, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    bool made = packing.fd >= 0, ok = made;
    if (!made) {
        (void)wg_fail_errno(err, "%s", out);
        if (errno == EEXIST && err) err->code = WG_E_CONFLICT;
    }
    ok = ok && pack_file(&packing, file, base, form, err);
    if (made) (void)close(packing.fd);
    unmap(&base);
    form->plain = form->target;
    ok =
        ok && (artifact_form_check(out, old, form, err) || wg_context(err, "reading %s back", out));
    if (made && !ok) (void)unlink(out);
    return ok;
}

bool artifact_form_pack(const char *file, const char *old, const char *out,
                        struct release_form *form, struct wg_error *err)
{
    *form = (struct release_form){.kind = old ? RELEASE_ZSTD_PATCH : RELEASE_ZSTD};
    return (!old || artifact_form_content(old, &form->from, err)) &&
           pack_to(file, old, out, form, err);
}

struct checking {
    const struct release_form *form;
    struct measure content;
};

static bool check_content(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    struct checking *checking = ctx;
    if ((int64_t)len > checking->form->to.length - checking->content.length)
        return wg_fail(err, WG_E_VERIFY, "it becomes more than the artifact's %lld bytes",
                       (long long)checking->form->to.length);
    return measure_piece(&checking->content, data, len, err);
}

static bool unpack_piece(void *ctx, const void *data, size_t len, struct wg_error *err)
{
    return zst_unpacker_push(ctx, data, len, err);
}

bool artifact_form_check(const char *packed, const char *old, const struct release_form *form,
                         struct wg_error *err)
{
    struct checking checking = {.form = form};
    struct release_content found = {.length = 0};
    struct zst_base base;
    if (!map_file(old, &base, err)) return false;
    const struct zst_unpack_config config = {.sink = {check_content, &checking}, .base = base};
    struct zst_unpacker *unpacker = zst_unpacker_new(&config, err);
    bool ok = unpacker && wg_sha256_init(&checking.content.sha, err) &&
              read_pieces(packed, unpack_piece, unpacker, err) && zst_unpacker_end(unpacker, err) &&
              measure_end(&checking.content, &found, err);
    zst_unpacker_free(unpacker);
    wg_sha256_clear(&checking.content.sha);
    unmap(&base);
    if (!ok) return wg_context(err, "%s", packed);
    return (found.length == form->to.length && strcmp(found.sha256, form->to.sha256) == 0) ||
           wg_fail(err, WG_E_VERIFY, "%s becomes content with SHA-256 %s, the artifact has %s",
                   packed, found.sha256, form->to.sha256);
}

static json_t *content_json(const struct release_content *content)
{
    return json_pack("{s:s,s:I}", "sha256", content->sha256, "length", (json_int_t)content->length);
}

json_t *artifact_form_custom(const struct release_form *form)
{
    bool patch = form->kind == RELEASE_ZSTD_PATCH;
    return json_pack("{s:{s:s,s:o,s:o*,s:o*}}", "wavegate", "form", release_form_text(form->kind),
                     "to", content_json(&form->to), "from",
                     patch ? content_json(&form->from) : NULL, "plain",
                     form->is_age ? content_json(&form->plain) : NULL);
}

void artifact_form_name(const struct release_form *form, char out[WG_NAME_MAX + 1])
{
    if (form->kind == RELEASE_ZSTD)
        (void)wg_copy(out, WG_NAME_MAX + 1, "artifact.zst");
    else
        (void)wg_format(out, WG_NAME_MAX + 1, "from-%.16s.zst", form->from.sha256);
}
