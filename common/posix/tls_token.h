/* tls_token.h: TLS by a client whose key is in a PKCS#11 token: wolfSSL asks back for signatures.
 */
#ifndef WG_COMMON_POSIX_TLS_TOKEN_H
#define WG_COMMON_POSIX_TLS_TOKEN_H

#include "common/error.h"

#include <stddef.h>

struct WOLFSSL_CTX;

/* Where a pair's key is said to be: a pkcs11: URI, or a file in which a line is one. out holds it;
 * false: it is in a file, as PEM. */
bool tls_token_uri(const char *key, char *out, size_t size);
/* The line of such a file's text. */
bool tls_token_uri_in(const char *text, char *out, size_t size);
/* The context signs with that key from now on. What fails is logged, and ends the handshake. */
WG_MUST_CHECK bool tls_token_use(struct WOLFSSL_CTX *ctx, const char *uri, struct wg_error *err);
/* Before the context is freed; whatever was used. */
void tls_token_drop(struct WOLFSSL_CTX *ctx);

#endif
