/* crl.h: revocation lists in PEM form (RFC 5280, section 5), of any of the authorities. */
#ifndef WG_BROKER_MOSQUITTO_CRL_H
#define WG_BROKER_MOSQUITTO_CRL_H

#include "broker/mosquitto/authorities.h"

#define CRL_BYTES_MAX ((size_t)128 * 1024 * 1024)

struct crl {
    bool found;
    int64_t number; /* 0: it has none */
    wg_time ends;   /* when the next one was promised for; 0: not told. Not judged here */
    struct revoked revoked;
};

/* One list an authority; all of them or nothing: every list of a known authority must bear its
 * signature. Lists of others are passed over. Clear it in either case. */
struct crl_set {
    struct crl items[GUARD_AUTHORITIES_MAX];
};
void crl_set_init(struct crl_set *set);
void crl_set_clear(struct crl_set *set);
WG_MUST_CHECK bool crl_parse(const char *pem, size_t len, const struct authorities *authorities,
                             struct crl_set *out, struct wg_error *err);

#endif
