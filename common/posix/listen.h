/* listen.h: a listening socket of TCP. */
#ifndef WG_COMMON_POSIX_LISTEN_H
#define WG_COMMON_POSIX_LISTEN_H

#include "common/error.h"

/* "ADDRESS:PORT" or "[ADDRESS]:PORT", numbers alone. The socket does not block, and closes on exec;
 * -1 with the error: WG_E_USAGE for the text, WG_E_IO. */
int wg_listen(const char *where, struct wg_error *err);

#endif
