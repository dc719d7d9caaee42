/* main.c: the wavegate-tuf command: a TUF client with the command line that the TUF project's
 * conformance suite drives. Ends with 0, or with 1 and one line about what failed. */
#include "agent/tuf/download.h"
#include "common/args.h"
#include "common/posix/file.h"
#include "common/posix/tuf_run.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEM_CA "/etc/ssl/certs/ca-certificates.crt"
#define LEAST_RATE 1024 /* bytes a second */

static const struct flag flags[] = {
    {"metadata-dir", "DIR", "the folder of trusted metadata"},
    {"metadata-url", "URL", "the repository's metadata"},
    {"target-name", "PATH", "download: the target's path"},
    {"target-base-url", "URL", "download: the repository's targets"},
    {"target-dir", "DIR", "download: where the target goes"},
    {"ca", "FILE", "https: the authorities to believe (default " SYSTEM_CA ")"},
    {"cert", "FILE", "https: our certificate, if the server wants one"},
    {"key", "FILE", "https: its key"},
    {"max-metadata", "BYTES", "of a targets file (default 1048576)"},
    {"grace", "TIME", "for a connection before it must keep the least rate (default 30s)"},
    {"rate", "BYTES", "the least rate, a second (default 1024)"},
    {"help", NULL, "print this, end"},
    {"version", NULL, "print the version, end"},
    {NULL, NULL, NULL}};

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 8192);
    wg_buf_text(&text, "usage: wavegate-tuf [flags] init ROOT | refresh | download\n\n"
                       "init      trust the root metadata in the file ROOT\n"
                       "refresh   update the trusted metadata\n"
                       "download  update, then fetch one target\n");
    args_usage(flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool required(const struct args *args, const char *name, const char **out,
                     struct wg_error *err)
{
    *out = args_value(args, name);
    return *out || wg_fail(err, WG_E_USAGE, "--%s is missing: try wavegate-tuf --help", name);
}

static bool number(const struct args *args, const char *name, long long least, long long *out,
                   struct wg_error *err)
{
    const char *text = args_value(args, name);
    char *end = NULL;
    if (!text) return true;
    *out = strtoll(text, &end, 10);
    return (*end == '\0' && *out >= least && *out <= 1LL << 40) ||
           wg_fail(err, WG_E_USAGE, "--%s: expected a number of bytes from %lld on", name, least);
}

/* The root is checked here already: better to be told now than at the first update. */
static bool run_init(const struct args *args, struct wg_error *err)
{
    struct tuf_run run = {.folder = NULL};
    struct wg_buf root;
    struct tuf_metadata metadata = {0};
    if (args->positional_count != 2)
        return wg_fail(err, WG_E_USAGE, "expected: wavegate-tuf --metadata-dir DIR init ROOT");
    if (!required(args, "metadata-dir", &run.folder, err)) return false;
    wg_buf_init(&root, tuf_limits_default().root);
    bool ok = wg_file_read(args->positionals[1], &root, err) &&
              (tuf_metadata_parse(TUF_ROOT, wg_buf_str(&root), root.len, &metadata, err) ||
               wg_context(err, "%s", args->positionals[1]));
    tuf_metadata_clear(&metadata);
    ok = ok && wg_folder_make(run.folder, 0755, err) &&
         tuf_run_store(&run, "root.json", root.data, root.len, err);
    wg_buf_clear(&root);
    return ok;
}

static bool update_read(const struct args *args, struct update *out, struct wg_error *err)
{
    const char *ca = args_value(args, "ca"), *grace = args_value(args, "grace");
    long long targets = (long long)tuf_limits_default().targets, rate = LEAST_RATE;
    *out = (struct update){.limits = tuf_limits_default()};
    out->http.tls = (struct link_tls){.ca_file = ca ? ca : SYSTEM_CA,
                                      .cert_file = args_value(args, "cert"),
                                      .key_file = args_value(args, "key")};
    out->http.pace.grace = 30 * WG_SECOND;
    if (!out->http.tls.cert_file != !out->http.tls.key_file)
        return wg_fail(err, WG_E_USAGE, "--cert and --key belong together");
    if (grace && (!wg_duration_parse(grace, &out->http.pace.grace) || out->http.pace.grace == 0))
        return wg_fail(err, WG_E_USAGE, "--grace: expected a time, like 30s");
    if (!number(args, "max-metadata", 1, &targets, err) || !number(args, "rate", 1, &rate, err))
        return false;
    out->limits.targets = (size_t)targets;
    out->http.pace.rate = rate;
    return required(args, "metadata-dir", &out->folder, err) &&
           required(args, "metadata-url", &out->metadata_url, err);
}

static bool run_refresh(const struct args *args, const struct download *download,
                        struct wg_error *err)
{
    struct update update;
    if (args->positional_count != 1)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\" is too much: try wavegate-tuf --help",
                       args->positionals[1]);
    if (!update_read(args, &update, err)) return false;
    struct tuf_client *client = tuf_client_new(&update.limits, wg_now(), err);
    if (!client) return false;
    bool ok = update_run(&update, client, err) &&
              (!download || download_run(&update, download, client, err));
    tuf_client_free(client);
    return ok;
}

static bool run_download(const struct args *args, struct wg_error *err)
{
    struct download download;
    return required(args, "target-name", &download.name, err) &&
           required(args, "target-base-url", &download.target_url, err) &&
           required(args, "target-dir", &download.folder, err) &&
           wg_folder_make(download.folder, 0755, err) && run_refresh(args, &download, err);
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    struct args args;
    const struct flag *const tables[] = {flags, NULL};
    if (!args_read(&args, argc - 1, argv + 1, tables, err)) return false;
    if (args_has(&args, "version")) return puts("wavegate-tuf " WG_VERSION) >= 0;
    if (args_has(&args, "help")) return usage(err);
    const char *verb = args.positional_count > 0 ? args.positionals[0] : "";
    if (strcmp(verb, "init") == 0) return run_init(&args, err);
    if (strcmp(verb, "refresh") == 0) return run_refresh(&args, NULL, err);
    if (strcmp(verb, "download") == 0) return run_download(&args, err);
    return wg_fail(err, WG_E_USAGE, "expected init, refresh or download: try wavegate-tuf --help");
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    if (run(argc, argv, &err)) return 0;
    for (char *at = err.text; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f) *at = ' ';
    (void)fprintf(stderr, "wavegate-tuf: %s\n", err.text);
    return 1;
}
