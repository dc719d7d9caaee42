/* director.h: who signs orders: the signer, a process of its own that believes nothing the
 * orchestrator says (orchestrator/signer), asked over its socket; or, where none is set up, a key
 * in a file: then whoever takes over the orchestrator can sign what he likes. */
#ifndef WG_ORCHESTRATOR_RELEASE_DIRECTOR_H
#define WG_ORCHESTRATOR_RELEASE_DIRECTOR_H

#include "common/message.h"

struct director;

/* Reads the secret key file (mode 0600). */
struct director *director_new(const char *key_file, struct wg_error *err);
/* Asks the signer at that socket; it need not be there yet. */
struct director *director_remote(const char *socket, struct wg_error *err);
void director_free(struct director *director); /* wipes the key */
/* What the director is asked to sign; borrowed. */
struct director_request {
    const struct wg_order *order;
    const json_t *warrant; /* the statements that entitle it; NULL for a withdrawal */
    const json_t *gates;   /* approvals of the gates before the wave; NULL: none */
    const char *wave;      /* the device's, by name */
    const char *enrolment; /* the device's signed record; "" none */
    /* The campaign's canonical JSON, when the signer asks for it; appended to out. */
    bool (*campaign)(void *ctx, struct wg_buf *out, struct wg_error *err);
    void *ctx;
};

/* Appends the signed order as it goes on the wire. WG_E_DENIED: the signer refuses, and says why;
 * WG_E_NETWORK: it cannot be asked now. */
WG_MUST_CHECK bool director_sign(struct director *director, const struct director_request *request,
                                 struct wg_buf *out, struct wg_error *err);

#endif
