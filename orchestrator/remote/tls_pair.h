/* tls_pair.h: the operator's certificate and key, for TLS by libcurl with GnuTLS: from files, also
 * under a passphrase, or from a PKCS#11 token. The secret is never written to a disk. One at a time
 * in a process, for GnuTLS' modules and PIN are of the process. */
#ifndef WG_ORCHESTRATOR_REMOTE_TLS_PAIR_H
#define WG_ORCHESTRATOR_REMOTE_TLS_PAIR_H

#include "common/posix/passphrase.h"

#include <limits.h>

struct tls_pair {
    char certificate[PATH_MAX];
    char key[PATH_MAX]; /* a file, one of this process alone, or a pkcs11: URI */
    int fd;             /* of that file; below 0: none */
    struct wg_passphrase pin;
};

/* WG_E_NOT_FOUND, WG_E_DENIED (others may read the key), WG_E_VERIFY (wrong passphrase). */
WG_MUST_CHECK bool tls_pair_init(struct tls_pair *pair, const char *certificate, const char *key,
                                 const struct wg_passphrase_source *secret, struct wg_error *err);
void tls_pair_clear(struct tls_pair *pair); /* wipes */

#endif
