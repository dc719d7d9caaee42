/* name_check.h: may a certificate be issued to that name? */
#ifndef WG_PKI_NAME_CHECK_H
#define WG_PKI_NAME_CHECK_H

#include "pki/authority.h"

/* One broker trusts devices and services: a name must not stand for both. beside: the ledger of the
 * other one; NULL when domain is the operators'. WG_E_USAGE: it is no name; WG_E_CONFLICT. */
WG_MUST_CHECK bool name_check(enum domain domain, const char *name, const struct ledger *own,
                              const struct ledger *beside, wg_time now, struct wg_error *err);

#endif
