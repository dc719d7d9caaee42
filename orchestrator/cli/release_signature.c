/* release_signature.c: reads the operators' authority, and asks. */
#include "orchestrator/cli/release_signature.h"

#include "common/posix/file.h"

#define AUTHORITY_MAX ((size_t)1024 * 1024)

bool release_signature_check(const struct cli *cli, struct plan *plan, struct wg_error *err)
{
    const struct settings *settings = cli->settings;
    bool has_crl = settings->operators_crl[0] != '\0';
    struct wg_buf root, crl;
    if (!settings->operators_root[0]) return true;
    wg_buf_init(&root, AUTHORITY_MAX);
    wg_buf_init(&crl, AUTHORITY_MAX);
    bool ok = wg_file_read(settings->operators_root, &root, err) &&
              (!has_crl || wg_file_read(settings->operators_crl, &crl, err));
    const struct signature_authority authority = {.root = wg_buf_str(&root),
                                                  .crl = has_crl ? wg_buf_str(&crl) : NULL};
    ok = ok && signature_check(plan, cli->db, &authority, err);
    wg_buf_clear(&root);
    wg_buf_clear(&crl);
    return ok;
}
