/* seal.h: makes an encrypted artifact of a file: an age body, once, and a header for whoever hands
 * it on (common/age). */
#ifndef WG_ORCHESTRATOR_RELEASE_SEAL_H
#define WG_ORCHESTRATOR_RELEASE_SEAL_H

#include "common/age/header.h"
#include "common/crypto.h"

struct seal {
    char plain_sha256[WG_SHA256_HEX], body_sha256[WG_SHA256_HEX];
    int64_t plain_length, body_length;
    char header[AGE_HEADER_SIZE + 1];
};

/* Writes body_file, mode 0644, durably; WG_E_CONFLICT when it is there already. */
WG_MUST_CHECK bool seal_file(const char *file, const char *body_file,
                             const struct age_recipient *recipient, struct seal *out,
                             struct wg_error *err);

#endif
