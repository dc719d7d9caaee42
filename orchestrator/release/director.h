/* director.h: the key that makes an order an order. Here it lives in the orchestrator's process;
 * the signer, a process of its own that trusts nothing the orchestrator says (DESIGN.md section 7),
 * takes this header's place. */
#ifndef WG_ORCHESTRATOR_RELEASE_DIRECTOR_H
#define WG_ORCHESTRATOR_RELEASE_DIRECTOR_H

#include "common/message.h"

struct director;

/* Reads the secret key file (mode 0600). */
struct director *director_new(const char *key_file, struct wg_error *err);
void director_free(struct director *director); /* wipes the key */
/* What the director is asked to sign; borrowed. */
struct director_request {
    const struct wg_order *order;
    const json_t *warrant; /* the statements that entitle it; NULL for a withdrawal */
    const char *wave;      /* the device's, by name */
};

/* Appends the signed order as it goes on the wire. */
WG_MUST_CHECK bool director_sign(const struct director *director,
                                 const struct director_request *request, struct wg_buf *out,
                                 struct wg_error *err);

#endif
