/* der.h: writes ASN.1 DER (X.690) from the outside in: a value that holds others is opened, filled
 * and closed. Into a wg_buf, whose check at the end covers all of it. Pure. */
#ifndef WG_COMMON_DER_H
#define WG_COMMON_DER_H

#include "common/buf.h"
#include "common/time.h"

enum wg_der_tag {
    WG_DER_BOOLEAN = 0x01,
    WG_DER_INTEGER = 0x02,
    WG_DER_BITS = 0x03,
    WG_DER_OCTETS = 0x04,
    WG_DER_OID = 0x06,
    WG_DER_UTF8 = 0x0c,
    WG_DER_UTC_TIME = 0x17,
    WG_DER_TIME = 0x18,
    WG_DER_SEQUENCE = 0x30,
    WG_DER_SET = 0x31,
    WG_DER_CONTEXT = 0x80,             /* plus the number: implicit, plain */
    WG_DER_CONTEXT_CONSTRUCTED = 0xa0, /* plus the number: explicit, or implicit around others */
};

void wg_der_put(struct wg_buf *out, unsigned tag, const void *value, size_t len);
/* Returns where it stands, for wg_der_close(). */
size_t wg_der_open(struct wg_buf *out, unsigned tag);
void wg_der_close(struct wg_buf *out, size_t at);

/* A number from its bytes, the greatest first; never negative. */
void wg_der_integer(struct wg_buf *out, const void *bytes, size_t len);
void wg_der_number(struct wg_buf *out, uint64_t number);
void wg_der_text(struct wg_buf *out, const char *text); /* UTF8String */
/* UTCTime until 2049, GeneralizedTime from then on (RFC 5280, section 4.1.2.5); whole seconds. */
void wg_der_time(struct wg_buf *out, wg_time time);
/* A BIT STRING of whole bytes. */
void wg_der_bits(struct wg_buf *out, const void *bytes, size_t len);

#endif
