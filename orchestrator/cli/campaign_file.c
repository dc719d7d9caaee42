/* campaign_file.c: loads campaign files. */
#include "orchestrator/cli/campaign_file.h"

#include "common/posix/file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* Names beside the campaign are taken from its folder; a link must not lead out of it. */
static bool load_beside(void *ctx, const char *name, struct wg_buf *out, struct wg_error *err)
{
    const char *folder = ctx;
    char path[PATH_MAX], real[PATH_MAX];
    size_t len = strlen(folder);
    if (!wg_path_join(path, sizeof path, folder, name, err)) return false;
    if (!realpath(path, real)) return wg_fail_errno(err, "%s", name);
    if (strncmp(real, folder, len) != 0 || real[len] != '/')
        return wg_fail(err, WG_E_DENIED, "%s leads out of the campaign's folder", name);
    return wg_file_read(real, out, err);
}

struct campaign *campaign_file_read(const char *file, struct wg_buf *text, struct wg_error *err)
{
    char real[PATH_MAX];
    struct wg_buf own;
    struct campaign *campaign = NULL;
    if (!realpath(file, real)) {
        (void)wg_fail_errno(err, "campaign file %s", file);
        return NULL;
    }
    char *slash = strrchr(real, '/');
    wg_buf_init(&own, CAMPAIGN_FILE_MAX);
    if (wg_file_read(file, &own, err)) {
        *slash = '\0';
        campaign = campaign_parse(file, wg_buf_str(&own), own.len, load_beside, real, err);
    }
    if (text && campaign) wg_buf_add(text, wg_buf_str(&own), own.len);
    wg_buf_clear(&own);
    return campaign;
}
