/* device_export.c: `device export`: the registry as a file that `device import` reads. */
#include "orchestrator/cli/command.h"

#include <string.h>

static bool write_block(void *ctx, const void *bytes, size_t len, struct wg_error *err)
{
    struct screen *screen = ctx;
    wg_buf_add(&screen->text, bytes, len);
    return screen_flush(screen, err);
}

bool device_export_run(struct cli *cli, struct wg_error *err)
{
    const char *format = args_value(cli->args, "format");
    struct remote_path path;
    if (format && strcmp(format, "csv") != 0 && strcmp(format, "ndjson") != 0)
        return wg_fail(err, WG_E_USAGE, "--format: expected csv or ndjson, got \"%.40s\"", format);
    remote_path(&path, "/devices/export");
    remote_query(&path, "format", format);
    remote_query(&path, "tag", args_value(cli->args, "tag"));
    remote_query(&path, "group", args_value(cli->args, "group"));
    return remote_download(cli->remote, &path, NULL, write_block, &cli->screen, err);
}
