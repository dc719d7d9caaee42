/* passphrase.h: how a person or a service hands over a passphrase or a PIN: from a file that only
 * its owner may read, from a file descriptor, or from the terminal. Never from arguments or the
 * environment: other processes can see those. */
#ifndef WG_COMMON_POSIX_PASSPHRASE_H
#define WG_COMMON_POSIX_PASSPHRASE_H

#include "common/pkcs8.h"

struct wg_passphrase {
    size_t len;
    char text[WG_PASSPHRASE_MAX + 1];
};

struct wg_passphrase_source {
    const char *file;           /* NULL: none */
    int fd;                     /* below 0: none; read to its end, once */
    bool ask;                   /* with neither of the two: on the terminal */
    struct wg_passphrase *kept; /* what was read once is kept here, for its second use; NULL: not */
};

/* The first line, or all that there is. what: "passphrase of FILE", for the prompt and errors.
 * WG_E_DENIED when others may read the file, or nobody can be asked. */
WG_MUST_CHECK bool wg_passphrase_read(const struct wg_passphrase_source *source, const char *what,
                                      struct wg_passphrase *out, struct wg_error *err);
void wg_passphrase_clear(struct wg_passphrase *passphrase); /* wipes */

/* False with WG_E_DENIED when group or others may do anything with that file. */
WG_MUST_CHECK bool wg_secret_file_check(int fd, const char *path, struct wg_error *err);

#endif
