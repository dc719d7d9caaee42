/* paho_rest.c: Base64, in which Paho says the password of a proxy that the environment names
 * (https_proxy), and what its WebSockets would call. Its own Base64.c asks for a library that is
 * not there; it is not linked, because all that others call of it is here. */
#include "common/posix/paho_rest.h"

#include <wolfssl/options.h>
#include <wolfssl/wolfcrypt/settings.h>

#include <wolfssl/wolfcrypt/coding.h>

#include <stdlib.h>

void paho_rest_link(void)
{
}

#pragma GCC visibility push(hidden)

unsigned Base64_encodeLength(const unsigned char *data, unsigned len);
unsigned Base64_encodeLength(const unsigned char *data, unsigned len)
{
    (void)data;
    return (len + 2) / 3 * 4;
}

/* How many bytes it has; 0: there is no room. A NUL behind them where there is room for it. */
unsigned Base64_encode(char *out, unsigned size, const unsigned char *data, unsigned len);
unsigned Base64_encode(char *out, unsigned size, const unsigned char *data, unsigned len)
{
    word32 made = size;
    if (len == 0 || Base64_Encode_NoNl(data, len, (byte *)out, &made) != 0) return 0;
    if (made < size) out[made] = '\0';
    return made;
}

/* mqtt.c refuses WebSocket URLs, so being called is a fault that ends the process. */
static void never(void)
{
    abort();
}

#define NEVER(name)                                                                                \
    void shim_##name(void) __asm__(#name);                                                         \
    void shim_##name(void)                                                                         \
    {                                                                                              \
        never();                                                                                   \
    }

NEVER(RAND_bytes)
NEVER(SHA1_Init)
NEVER(SHA1_Update)
NEVER(SHA1_Final)

#pragma GCC visibility pop
