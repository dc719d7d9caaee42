/* control.h: the message of the control topic: serials that are revoked from now on.
 *
 *   {"v": 1, "revoke": ["4f1d...", ...]}
 *
 * Pure. */
#ifndef WG_BROKER_CONTROL_H
#define WG_BROKER_CONTROL_H

#include "broker/revoked.h"

#define CONTROL_BYTES_MAX 16384
#define CONTROL_SERIALS_MAX 256

struct control {
    size_t count;
    struct serial serials[CONTROL_SERIALS_MAX];
};

WG_MUST_CHECK bool control_decode(const char *bytes, size_t len, struct control *out,
                                  struct wg_error *err);

#endif
