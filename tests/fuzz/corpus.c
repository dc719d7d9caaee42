/* corpus.c: reads seed inputs. */
#include "tests/fuzz/corpus.h"

#include "common/posix/file.h"

#include <dirent.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static bool add_file(struct corpus *corpus, const char *path, struct wg_error *err)
{
    struct wg_buf bytes;
    struct corpus_input *inputs =
        realloc(corpus->inputs, (corpus->count + 1) * sizeof *corpus->inputs);
    if (!inputs) return wg_fail_memory(err, path);
    corpus->inputs = inputs;
    wg_buf_init(&bytes, CORPUS_INPUT_MAX);
    if (!wg_file_read(path, &bytes, err)) {
        wg_buf_clear(&bytes);
        return false;
    }
    size_t len = bytes.len;
    inputs[corpus->count++] = (struct corpus_input){
        .path = strdup(path), .data = (uint8_t *)wg_buf_take(&bytes), .len = len};
    wg_buf_clear(&bytes);
    return inputs[corpus->count - 1].path != NULL || wg_fail_memory(err, path);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool add_folder(struct corpus *corpus, const char *folder, struct wg_error *err)
{
    struct dirent **entries = NULL;
    int count = scandir(folder, &entries, is_visible, alphasort);
    bool ok = count >= 0 || wg_fail_errno(err, "%s", folder);
    for (int i = 0; i < count; i++) {
        char path[PATH_MAX];
        struct stat about;
        ok = ok && wg_path_join(path, sizeof path, folder, entries[i]->d_name, err);
        if (ok && stat(path, &about) == 0 && S_ISREG(about.st_mode))
            ok = add_file(corpus, path, err);
        free(entries[i]);
    }
    free(entries);
    return ok;
}

bool corpus_add(struct corpus *corpus, const char *path, struct wg_error *err)
{
    struct stat about;
    if (stat(path, &about) != 0) return wg_fail_errno(err, "%s", path);
    return S_ISDIR(about.st_mode) ? add_folder(corpus, path, err) : add_file(corpus, path, err);
}

void corpus_clear(struct corpus *corpus)
{
    for (size_t i = 0; i < corpus->count; i++) {
        free(corpus->inputs[i].path);
        free(corpus->inputs[i].data);
    }
    free(corpus->inputs);
    *corpus = (struct corpus){0};
}
