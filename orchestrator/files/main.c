/* main.c: the wavegate-files command. */
#include "common/posix/secrets.h"
#include "orchestrator/files/files.h"

#include "orchestrator/release/url_keys.h"

#include <stdio.h>

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 8192);
    options_usage(&text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    static struct options options;
    if (!options_read(&options, argc - 1, argv + 1, err)) return false;
    if (options.help) return usage(err);
    if (options.version) return puts("wavegate-files " WG_VERSION) >= 0;
    if (options.add_key) return url_keys_add(options.keys, options.add_key, err);
    if (!options_check(&options, !options.check, err)) return false;
    if (options.check) return puts("what the flags name is there") >= 0;
    wg_log_setup("wavegate-files", options.log);
    return files_run(&options, err);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    wg_keep_secrets();
    if (run(argc, argv, &err)) return 0;
    (void)fprintf(stderr, "wavegate-files: %s\n", err.text);
    return wg_error_exit(err.code);
}
