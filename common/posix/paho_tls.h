/* paho_tls.h: makes wolfSSL answer for Paho. A program that calls this gets the whole of
 * paho_tls.c, and with it every name that Paho's archive looks for. */
#ifndef WG_COMMON_POSIX_PAHO_TLS_H
#define WG_COMMON_POSIX_PAHO_TLS_H

#include "common/error.h"

/* Once before Paho is used; may be called again. */
bool paho_tls_ready(struct wg_error *err);

/* How a session's pins (a struct tls_pins_look, borrowed for as long as it connects) pass Paho, who
 * knows no pins: as the context of a callback for pre-shared keys, which is never called. */
unsigned paho_tls_pins_pass(const char *hint, char *identity, unsigned identity_max,
                            unsigned char *key, unsigned key_max, void *look);

#endif
