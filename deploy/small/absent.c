/* absent.c: what wolfSSL's TLS would call for RSA keys of our own, or to send secrets under them.
 * No device has such a key and no such suite is offered, so the reduced wolfCrypt only verifies. */
#include <wolfssl/wolfcrypt/error-crypt.h>
#include <wolfssl/wolfcrypt/rsa.h>

int wc_RsaPSS_Sign(const byte *in, word32 in_len, byte *out, word32 out_len, enum wc_HashType hash,
                   int mgf, RsaKey *key, WC_RNG *rng);
int wc_RsaPSS_Sign(const byte *in, word32 in_len, byte *out, word32 out_len, enum wc_HashType hash,
                   int mgf, RsaKey *key, WC_RNG *rng)
{
    (void)in;
    (void)in_len;
    (void)out;
    (void)out_len;
    (void)hash;
    (void)mgf;
    (void)key;
    (void)rng;
    return NOT_COMPILED_IN;
}

#define ABSENT(name)                                                                               \
    int name(const byte *in, word32 in_len, byte *out, word32 out_len, RsaKey *key, WC_RNG *rng);  \
    int name(const byte *in, word32 in_len, byte *out, word32 out_len, RsaKey *key, WC_RNG *rng)   \
    {                                                                                              \
        (void)in;                                                                                  \
        (void)in_len;                                                                              \
        (void)out;                                                                                 \
        (void)out_len;                                                                             \
        (void)key;                                                                                 \
        (void)rng;                                                                                 \
        return NOT_COMPILED_IN;                                                                    \
    }

ABSENT(wc_RsaSSL_Sign)
ABSENT(wc_RsaPublicEncrypt)
