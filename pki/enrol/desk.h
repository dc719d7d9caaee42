/* desk.h: one claim: what a device without credentials asks for, judged and answered. Holds no
 * connection. The authority's folder is locked for a token alone that is good: strangers cannot
 * keep renewals waiting. Not shared between threads. */
#ifndef WG_PKI_ENROL_DESK_H
#define WG_PKI_ENROL_DESK_H

#include "pki/enrol/gate.h"
#include "pki/enrol/reply.h"
#include "pki/enrol/settings.h"

struct desk {
    const struct enrol_settings *settings; /* borrowed */
    struct gate gate;
};

/* Large: allocate it. WG_E_NOT_FOUND when the key that signs enrolment records is not there. */
WG_MUST_CHECK bool desk_init(struct desk *desk, const struct enrol_settings *settings,
                             struct wg_error *err);
/* body: of the request. address: as gate_address() says. */
void desk_take(struct desk *desk, const char *address, const char *body, size_t len, wg_time now,
               wg_time monotonic, struct reply *reply);

#endif
