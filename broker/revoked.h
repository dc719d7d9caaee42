/* revoked.h: a set of certificates' serial numbers. Pure. */
#ifndef WG_BROKER_REVOKED_H
#define WG_BROKER_REVOKED_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define SERIAL_MAX 20       /* bytes (RFC 5280, section 4.1.2.2) */
#define REVOKED_MAX 2000000 /* serials of one authority that are kept */

/* Big-endian without leading zeros. */
struct serial {
    uint8_t len;
    uint8_t bytes[SERIAL_MAX];
};

/* False when it is longer than a serial may be, or zero. */
WG_MUST_CHECK bool serial_set(struct serial *serial, const uint8_t *bytes, size_t len);
/* From hexadecimal, of either case. */
WG_MUST_CHECK bool serial_parse(struct serial *serial, const char *hex, size_t len);

struct revoked {
    struct serial *items; /* owned */
    size_t count, room;
    bool sorted;
};

void revoked_init(struct revoked *revoked);
void revoked_clear(struct revoked *revoked);
WG_MUST_CHECK bool revoked_add(struct revoked *revoked, const struct serial *serial,
                               struct wg_error *err);
/* Sorts first, if need be. */
bool revoked_has(struct revoked *revoked, const struct serial *serial);

#endif
