/* claim.h: a device that was born without credentials gets them: the files of it, step by step.
 *
 *   1. the keys are made, where the settings say, and on disk, before anything is asked;
 *   2. the certificate that comes back is put beside them;
 *   3. the token's file is removed.
 *
 * A step that was done before is not done again, so that a power cut anywhere is mended by running
 * all of it once more: the same keys ask for the same certificate. */
#ifndef WG_AGENT_POSIX_CLAIM_H
#define WG_AGENT_POSIX_CLAIM_H

#include "agent/posix/device_key.h"
#include "agent/posix/settings.h"
#include "common/message_claim.h"

struct claim {
    const struct settings *settings; /* borrowed; core.device says who it is */
    const char *token_file;          /* borrowed */
    int lock;
    bool done; /* the certificate is there: step 3 alone is left */
    wg_time not_after;
    struct wg_claim_request request; /* when it is not done */
    struct device_key key;
};

/* Locks the state folder and does step 1. WG_E_CONFLICT: an agent runs here, or there is a
 * certificate of another device or key; WG_E_NOT_FOUND: neither certificate nor token.
 * claim_close() afterwards, also when it fails. */
WG_MUST_CHECK bool claim_open(struct claim *claim, const struct settings *settings,
                              const char *token_file, struct wg_error *err);
void claim_close(struct claim *claim); /* wipes */
/* Step 2. WG_E_VERIFY when the certificate or the record is not what was asked for. */
WG_MUST_CHECK bool claim_keep(struct claim *claim, const struct wg_claim_answer *answer,
                              struct wg_error *err);
/* Step 3. */
WG_MUST_CHECK bool claim_finish(struct claim *claim, struct wg_error *err);

#endif
