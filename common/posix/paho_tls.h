/* paho_tls.h: makes wolfSSL answer for Paho. A program that calls this gets the whole of
 * paho_tls.c, and with it every name that Paho's archive looks for. */
#ifndef WG_COMMON_POSIX_PAHO_TLS_H
#define WG_COMMON_POSIX_PAHO_TLS_H

#include <stdbool.h>

/* Once before Paho is used; may be called again. */
bool paho_tls_ready(void);

#endif
