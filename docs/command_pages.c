/* command_pages.c: prints docs/command.md, or with a folder the man pages into it (make docs). */
#include "orchestrator/cli/pages.h"

#include "common/posix/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

static bool keep(void *ctx, const char *name, const struct wg_buf *text, struct wg_error *err)
{
    char folder[PATH_MAX], file[PATH_MAX];
    return wg_path_join(folder, sizeof folder, ctx, name[strlen(name) - 1] == '7' ? "man7" : "man1",
                        err) &&
           wg_folder_make(folder, 0755, err) &&
           wg_path_join(file, sizeof file, folder, name, err) &&
           wg_file_replace(file, wg_buf_str(text), text->len, 0644, err);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    struct wg_buf page;
    bool ok = true;
    wg_buf_init(&page, 1 << 20);
    if (argc > 1) {
        ok = pages_each(keep, argv[1], &err);
    } else {
        pages_markdown(&page);
        ok = wg_buf_check(&page, &err, "docs/command.md") &&
             fwrite(page.data, 1, page.len, stdout) == page.len;
    }
    if (!ok) (void)fprintf(stderr, "command_pages: %s\n", err.text);
    wg_buf_clear(&page);
    return ok ? 0 : 1;
}
