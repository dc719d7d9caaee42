/* release_seal.c: `release seal FILE --for RECIPIENT`. */
#include "orchestrator/cli/command.h"

#include "orchestrator/release/seal.h"

#include "common/posix/file.h"

#include <stdlib.h>
#include <string.h>

struct sealing {
    const char *file;
    char body[PATH_MAX], header[PATH_MAX];
    struct age_recipient recipient;
    struct seal seal;
};

static bool read_arguments(const struct cli *cli, struct sealing *with, struct wg_error *err)
{
    const char *recipient = args_value(cli->args, "for"), *out = args_value(cli->args, "out");
    with->file = cli->args->positionals[0];
    if (!recipient)
        return wg_fail(err, WG_E_USAGE, "--for age1... is missing: who makes the devices' headers");
    if (!age_recipient_read(recipient, &with->recipient, err)) return wg_context(err, "--for");
    return (wg_format(with->body, PATH_MAX, "%s.body", out ? out : with->file) &&
            wg_format(with->header, PATH_MAX, "%s.header", out ? out : with->file)) ||
           wg_fail(err, WG_E_LIMIT, "--out: the path is too long");
}

static bool report(struct cli *cli, const struct sealing *with, struct wg_error *err)
{
    const struct seal *seal = &with->seal;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:s,s:s,s:I,s:s,s:I}", "body", with->body, "header",
                                     with->header, "sha256", seal->body_sha256, "length",
                                     (json_int_t)seal->body_length, "plain_sha256",
                                     seal->plain_sha256, "plain_length",
                                     (json_int_t)seal->plain_length),
                           err);
    screen_text(&cli->screen,
                "%s: %lld bytes, sha256 %s\n%s: opens it, for that recipient alone\n"
                "then: wavegate release add %s --plain-sha256 %s --plain-length %lld --repository "
                "...\nand:  wavegate release add %s --header %s ...\n",
                with->body, (long long)seal->body_length, seal->body_sha256, with->header,
                with->body, seal->plain_sha256, (long long)seal->plain_length, with->body,
                with->header);
    return screen_flush(&cli->screen, err);
}

bool release_seal_run(struct cli *cli, struct wg_error *err)
{
    struct sealing *with = calloc(1, sizeof *with);
    if (!with) return wg_fail_memory(err, "sealing");
    bool ok =
        read_arguments(cli, with, err) &&
        seal_file(with->file, with->body, &with->recipient, &with->seal, err) &&
        wg_file_replace(with->header, with->seal.header, strlen(with->seal.header), 0644, err) &&
        report(cli, with, err);
    free(with);
    return ok;
}
