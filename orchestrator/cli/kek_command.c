/* kek_command.c: `kek make`: a key-encryption key. What is under it is looked after where it is:
 * wavegated --kek-list, --kek-rewrap. */
#include "orchestrator/cli/command.h"
#include "orchestrator/cli/repository.h"
#include "orchestrator/release/kek.h"

bool kek_make_run(struct cli *cli, struct wg_error *err)
{
    const char *where = cli->args->positionals[0];
    struct wg_passphrase_source secret;
    struct kek kek;
    if (!repository_secret(cli->args, &secret, err) || !kek_make(where, &secret, &kek, err))
        return false;
    if (cli->screen.json)
        return screen_json(json_pack("{s:s,s:s}", "where", where, "id", kek.id), err);
    if (cli->screen.quiet) screen_line(&cli->screen, "%s", kek.id);
    screen_text(
        &cli->screen,
        "%s: key-encryption key %s is made\nin the configuration: artifacts: {kek: \"%s\"}; "
        "in place of another: kek: [\"%s\", OLD], then wavegated --kek-rewrap\n",
        where, kek.id, where, where);
    return screen_flush(&cli->screen, err);
}
