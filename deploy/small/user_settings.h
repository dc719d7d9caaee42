/* user_settings.h: what the small agent has of wolfSSL (docs/decisions/0029-agent-small.md).
 *
 * A TLS 1.2 and 1.3 client with forward-secret AEAD suites, X25519, Ed25519 and P-256; RSA and
 * P-384 to check what others signed; SHA-2, HKDF, ChaCha20-Poly1305 by themselves. No server, no
 * resumption, no CRL or OCSP, no PKCS#7, #11 and #12, no cipher of yesterday. */
#ifndef WG_WOLFSSL_USER_SETTINGS_H
#define WG_WOLFSSL_USER_SETTINGS_H

/* TLS */
#define WOLFSSL_TLS13
#define NO_OLD_TLS
#define NO_WOLFSSL_SERVER
#define NO_SESSION_CACHE
#define NO_PSK
#define HAVE_TLS_EXTENSIONS
#define HAVE_SUPPORTED_CURVES
#define HAVE_SNI
#define HAVE_EXTENDED_MASTER
#define HAVE_AEAD
#define WOLFSSL_AEAD_ONLY
#define HAVE_ONE_TIME_AUTH
#define WOLFSSL_ALWAYS_VERIFY_CB /* pins are asked in the callback, for good certificates too */
#define WOLFSSL_VERIFY_CB_ALL_CERTS
#define WOLFSSL_ALT_CERT_CHAINS /* as Debian builds it */
#define WOLFSSL_ALT_NAMES
#define WOLFSSL_EXTRA_ALERTS
#define WOLFSSL_SMALL_CERT_VERIFY
#define NO_WOLFSSL_DIR /* one file of authorities, no folder */

/* keys, signatures, key exchange */
#define HAVE_ECC
#define ECC_USER_CURVES
#define HAVE_ECC384
#define ECC_TIMING_RESISTANT
#define TFM_TIMING_RESISTANT
#define HAVE_CURVE25519
#define CURVE25519_SMALL
#define HAVE_ED25519
#define ED25519_SMALL
#define WOLFSSL_RSA_VERIFY_ONLY
#define WC_RSA_BLINDING
#define WC_RSA_PSS
#define WOLFSSL_PSS_LONG_SALT
#define WOLFSSL_SP_MATH_ALL
#define WOLFSSL_SP_SMALL
#define WOLFSSL_HAVE_SP_ECC
#define SP_INT_BITS 4096
#define NO_DH
#define NO_DSA

/* ciphers and hashes */
#define HAVE_AESGCM
#define GCM_TABLE_4BIT
#define NO_AES_DECRYPT
#define HAVE_AESGCM_DECRYPT
#define NO_AES_192
#define WOLFSSL_AES_SMALL_TABLES /* ChaCha20 is what is asked for first */
#define NO_AES_CBC
#define HAVE_CHACHA
#define HAVE_POLY1305
#define WOLFSSL_SHA384
#define WOLFSSL_SHA512
#define USE_SLOW_SHA512
#define HAVE_HKDF
#define HAVE_HASHDRBG
#define NO_DES3
#define NO_RC4
#define NO_MD4
#define NO_MD5
#define NO_SHA
#define NO_PWDBASED
#define NO_PKCS12

/* files of keys and certificates */
#define WOLFSSL_PEM_TO_DER
#define WOLFSSL_DER_TO_PEM
#define WOLFSSL_BASE64_ENCODE
#define WOLFSSL_KEY_TO_DER
#define WOLFSSL_CERT_GEN /* also keeps the parts of a subject that was read */
#define WOLFSSL_CERT_REQ
#define HAVE_PKCS8

/* the machine */
#ifdef __SIZEOF_INT128__
#define HAVE___UINT128_T 1
#endif
#define WC_NO_ASYNC_THREADING

#endif
