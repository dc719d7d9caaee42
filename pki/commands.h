/* commands.h: the verbs of wavegate-pki. */
#ifndef WG_PKI_COMMANDS_H
#define WG_PKI_COMMANDS_H

#include "common/args.h"

bool pki_init_run(const struct args *args, struct wg_error *err);
bool pki_issue_run(const struct args *args, struct wg_error *err);
bool pki_batch_run(const struct args *args, struct wg_error *err);
bool pki_token_run(const struct args *args, struct wg_error *err);
bool pki_claim_run(const struct args *args, struct wg_error *err);
bool pki_pins_run(const struct args *args, struct wg_error *err);
bool pki_replace_run(const struct args *args, struct wg_error *err);
bool pki_revoke_run(const struct args *args, struct wg_error *err);
bool pki_crl_run(const struct args *args, struct wg_error *err);
bool pki_list_run(const struct args *args, struct wg_error *err);
/* "key FILE" and "key make FILE" make a pair; "key public FILE" prints the public half. */
bool pki_key_run(const struct args *args, struct wg_error *err);

#endif
