/* secrets.h: what a program with secret keys does before it reads them. */
#ifndef WG_COMMON_POSIX_SECRETS_H
#define WG_COMMON_POSIX_SECRETS_H

#include "common/error.h"

/* No core is dumped of this process, and others of its user can neither trace it nor read its
 * memory. Programs that it starts may dump cores again, if they raise the limit. At the start of
 * main. */
void wg_keep_secrets(void);

/* False with WG_E_DENIED when others may read that file, for keys that a library opens itself. */
WG_MUST_CHECK bool wg_secret_path_check(const char *path, struct wg_error *err);

#endif
