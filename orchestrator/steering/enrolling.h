/* enrolling.h: signed enrolment records of devices, a line each (docs/identity.md): all of them are
 * taken in, or none. */
#ifndef WG_ORCHESTRATOR_STEERING_ENROLLING_H
#define WG_ORCHESTRATOR_STEERING_ENROLLING_H

#include "orchestrator/registry/source.h"
#include "orchestrator/store/db.h"

struct enrolling {
    source_read_fn read; /* borrowed, with ctx */
    void *ctx;
    const char *key; /* file of the public key whose signature on records counts; "" none is set */
    int64_t line;    /* out: of the record that is bad; 0: it was none */
    int64_t devices; /* out */
};
/* In a transaction of its own. WG_E_USAGE: there is no key. WG_E_BAD_FILE with the line. */
WG_MUST_CHECK bool enrolling_run(struct db *db, struct enrolling *with, wg_time now,
                                 struct wg_error *err);

#endif
