/* bulk_absent.c: an agent has little to say, and little to hear. */
#include "common/posix/tls_bulk.h"

bool tls_bulk_take(WOLFSSL *ssl)
{
    (void)ssl;
    return true;
}

void tls_bulk_drop(WOLFSSL *ssl)
{
    (void)ssl;
}

bool tls_bulk_set_fd(WOLFSSL *ssl, int fd)
{
    return wolfSSL_set_fd(ssl, fd) == WOLFSSL_SUCCESS;
}

bool tls_bulk_has_more(WOLFSSL *ssl)
{
    (void)ssl;
    return false;
}

int tls_bulk_read(WOLFSSL *ssl, void *data, int len)
{
    return wolfSSL_read(ssl, data, len);
}

int tls_bulk_write(WOLFSSL *ssl, const void *data, int len)
{
    return wolfSSL_write(ssl, data, len);
}

void tls_bulk_flush(WOLFSSL *ssl)
{
    (void)ssl;
}
