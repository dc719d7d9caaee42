/* kek_command.h: the key-encryption keys that the configuration names, for commands. */
#ifndef WG_ORCHESTRATOR_CLI_KEK_COMMAND_H
#define WG_ORCHESTRATOR_CLI_KEK_COMMAND_H

#include "orchestrator/cli/command.h"
#include "orchestrator/release/sealer.h"

/* Opens them; --passphrase-file, --passphrase-fd or the terminal give PINs that no URI has. The
 * caller frees; NULL on failure. */
struct sealer *kek_sealer(const struct cli *cli, struct wg_error *err);

#endif
