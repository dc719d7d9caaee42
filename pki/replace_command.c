/* replace_command.c: `wavegate-pki replace server`: the authority that was kept back takes the
 * place of the one in force. */
#include "common/posix/file.h"
#include "pki/authority.h"
#include "pki/commands.h"

#include <stdio.h>
#include <string.h>

static const char done[] = "The authority is replaced. Issue its servers and services anew, give "
                           "broker/ to the brokers,\nthen sign a list of pins with a new backup.";

bool pki_replace_run(const struct args *args, struct wg_error *err)
{
    const char *folder = args_has(args, "pki") ? args_value(args, "pki") : "pki";
    const char *file = args_value(args, "key");
    struct wg_identity_key key;
    if (strcmp(args->positionals[0], "server") != 0)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\": expected server", args->positionals[0]);
    if (!file) return wg_fail(err, WG_E_USAGE, "it needs --key FILE: the key that was kept back");
    bool ok = wg_identity_load(file, &key, err) && authority_lock(folder, err) &&
              authority_replace_server(folder, &key, args_value(args, "root-key"), wg_now(), err);
    wg_identity_clear(&key);
    return ok && (puts(args_has(args, "json") ? "{\"replaced\": \"server\"}" : done) >= 0 ||
                  wg_fail_errno(err, "writing"));
}
