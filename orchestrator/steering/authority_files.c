/* authority_files.c: root, and list of those revoked. */
#include "orchestrator/steering/authority_files.h"

#include "common/posix/file.h"

#define AUTHORITY_MAX ((size_t)1024 * 1024)

bool authority_files_read(struct authority_files *files, const struct settings *settings,
                          struct wg_error *err)
{
    bool has_crl = settings->operators_crl[0] != '\0';
    wg_buf_init(&files->root, AUTHORITY_MAX);
    wg_buf_init(&files->crl, AUTHORITY_MAX);
    files->pem = (struct signature_authority){0};
    if (!settings->operators_root[0]) return true;
    if (!wg_file_read(settings->operators_root, &files->root, err) ||
        (has_crl && !wg_file_read(settings->operators_crl, &files->crl, err)))
        return false;
    files->pem.root = wg_buf_str(&files->root);
    if (has_crl) files->pem.crl = wg_buf_str(&files->crl);
    return true;
}

void authority_files_clear(struct authority_files *files)
{
    wg_buf_clear(&files->root);
    wg_buf_clear(&files->crl);
}
