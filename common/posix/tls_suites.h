/* tls_suites.h: the suites of every connection that wolfSSL makes or takes: forward-secret AEAD
 * alone, though it would offer far weaker ones too. ChaCha20 comes first where it has AES without
 * the processor's help, as in Debian: it is three times as fast there. A server that prefers
 * another takes that. */
#ifndef WG_COMMON_POSIX_TLS_SUITES_H
#define WG_COMMON_POSIX_TLS_SUITES_H

#include <wolfssl/options.h>

#define WG_TLS_AES                                                                                 \
    "TLS13-AES128-GCM-SHA256:TLS13-AES256-GCM-SHA384:"                                             \
    "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:"                                 \
    "ECDHE-RSA-AES128-GCM-SHA256:ECDHE-RSA-AES256-GCM-SHA384"
#define WG_TLS_CHACHA20                                                                            \
    "TLS13-CHACHA20-POLY1305-SHA256:ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305"

#if defined(WOLFSSL_AESNI) || defined(WOLFSSL_ARMASM)
#define WG_TLS_SUITES WG_TLS_AES ":" WG_TLS_CHACHA20
#else
#define WG_TLS_SUITES WG_TLS_CHACHA20 ":" WG_TLS_AES
#endif

#endif
