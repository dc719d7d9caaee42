/* tls_bulk.h: many small messages over one session of TLS. What has come is read from the socket at
 * once, however many records it is; what is written while more of it is there goes out behind it,
 * together, as one record. A session that has little to say costs two kilobytes; one that has much,
 * 32. Used by one thread at a time, as wolfSSL's own session. */
#ifndef WG_COMMON_POSIX_TLS_BULK_H
#define WG_COMMON_POSIX_TLS_BULK_H

#include <wolfssl/options.h>

#include <wolfssl/ssl.h>

#include <stdbool.h>
#include <stddef.h>

/* From its making to its end; the session's receive callback and its context are taken. false: no
 * memory. */
bool tls_bulk_take(WOLFSSL *ssl);
void tls_bulk_drop(WOLFSSL *ssl);

/* Instead of wolfSSL_set_fd: a socket that does not block. */
bool tls_bulk_set_fd(WOLFSSL *ssl, int fd);

/* A whole record is there that was not read: reading goes on without waiting for the socket. */
bool tls_bulk_has_more(WOLFSSL *ssl);

/* As wolfSSL_read and wolfSSL_write; both send what was held back as soon as nothing more is there
 * to be read, and wait for that up to ten seconds. */
int tls_bulk_read(WOLFSSL *ssl, void *data, int len);
int tls_bulk_write(WOLFSSL *ssl, const void *data, int len);

/* Before the session ends. */
void tls_bulk_flush(WOLFSSL *ssl);

#endif
