/* place.h: where a configuration says that a file is: a whole path, one relative to the
 * configuration's folder, a key in a token (pkcs11:...), or credential:NAME, which systemd has laid
 * into $CREDENTIALS_DIRECTORY (LoadCredential=). */
#ifndef WG_COMMON_POSIX_PLACE_H
#define WG_COMMON_POSIX_PLACE_H

#include "common/error.h"

#include <limits.h>

#define WG_PLACE_CREDENTIAL "credential:"

enum wg_place_kind {
    WG_PLACE_FILE,
    WG_PLACE_PEM,    /* a file in PEM form */
    WG_PLACE_SECRET, /* a file that only its owner may read; a key in a token too */
    WG_PLACE_FOLDER
};

/* The path of what was given. URIs of tokens stay as they are, and so does a credential where
 * nobody hands any over: wg_place_check() says so at the start. WG_E_BAD_FILE, WG_E_LIMIT. */
WG_MUST_CHECK bool wg_place(const char *folder, const char *given, char out[PATH_MAX],
                            struct wg_error *err);
/* Whether it is there, and of that kind; "" always is. starting: credentials must be there too; who
 * checks a configuration by hand has none. */
WG_MUST_CHECK bool wg_place_check(const char *path, enum wg_place_kind kind, bool starting,
                                  struct wg_error *err);

#endif
