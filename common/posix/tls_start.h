/* tls_start.h: wolfSSL is started once in a process. Left to itself it is started by whichever
 * thread makes the first context, and in 5.5 two threads that do so at once can spoil its lock. */
#ifndef WG_COMMON_POSIX_TLS_START_H
#define WG_COMMON_POSIX_TLS_START_H

#include "common/error.h"

/* Before anything of wolfSSL's TLS is made; thread-safe, any number of times. */
WG_MUST_CHECK bool wg_tls_start(struct wg_error *err);

#endif
