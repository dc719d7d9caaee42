/* token_session.h: a session with a PKCS#11 token, logged in, and the objects that it sees. Inner
 * part of token_key and token_cipher. Not shared between threads. */
#ifndef WG_COMMON_POSIX_TOKEN_SESSION_H
#define WG_COMMON_POSIX_TOKEN_SESSION_H

#include <wolfssl/options.h>

#include "common/posix/passphrase.h"
#include "common/posix/token_uri.h"

#include <wolfssl/wolfcrypt/wc_pkcs11.h>

struct wg_token_session {
    CK_FUNCTION_LIST *call; /* of the module, which stays loaded until the process ends */
    bool opened;
    CK_SESSION_HANDLE handle;
};

/* Finds the token, opens a session (to_write: objects can be made) and logs in. WG_E_NOT_FOUND: no
 * such module or token; WG_E_CONFLICT: several fit; WG_E_DENIED: the PIN; WG_E_IO: the rest. What
 * was opened of it is closed by wg_token_session_close(), in any case. */
WG_MUST_CHECK bool wg_token_session_open(struct wg_token_session *session,
                                         const struct wg_token_uri *uri,
                                         const struct wg_passphrase_source *pin, bool to_write,
                                         struct wg_error *err);
void wg_token_session_close(struct wg_token_session *session);

/* The one object of that class with the URI's label and id. WG_E_NOT_FOUND; WG_E_USAGE when the
 * name is another kind of object's; WG_E_CONFLICT when there are several. */
WG_MUST_CHECK bool wg_token_session_find(const struct wg_token_session *session,
                                         const struct wg_token_uri *uri, CK_OBJECT_CLASS class,
                                         CK_OBJECT_HANDLE *out, struct wg_error *err);

/* Ends the module's work, and every session that this process has with it: a module that lost its
 * token often finds it again only so. Other holders of sessions must not go on using them; a
 * wg_token_key notices, and opens its own again. */
void wg_token_module_end(const struct wg_token_uri *uri);

/* "the token: WHAT (PKCS#11 error ...)", WG_E_IO; always returns false. */
bool wg_token_fail(struct wg_error *err, const char *what, CK_RV code);

#endif
