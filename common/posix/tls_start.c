/* tls_start.c: wolfSSL_Init(), once. */
#include <wolfssl/options.h>

#include "common/posix/tls_start.h"

#include <wolfssl/ssl.h>

#include <pthread.h>

static int result; /* of the one call; written before pthread_once() returns to anybody */

static void start(void)
{
    result = wolfSSL_Init();
}

bool wg_tls_start(struct wg_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, start);
    return result == WOLFSSL_SUCCESS ||
           wg_fail(err, WG_E_FAILED, "wolfSSL does not start: %d", result);
}
