/* artifact.h: the folder of artifacts that a web server gives out: content-addressed, so a name
 * says what is in it and nothing is ever overwritten. */
#ifndef WG_ORCHESTRATOR_RELEASE_ARTIFACT_H
#define WG_ORCHESTRATOR_RELEASE_ARTIFACT_H

#include "common/crypto.h"

#define ARTIFACT_BYTES_MAX ((int64_t)64 * 1024 * 1024 * 1024)

struct artifact {
    char sha256[WG_SHA256_HEX];
    int64_t length; /* bytes, 1.. */
};

/* Copies the file into folder under its hash, durably; the same content twice is stored once. */
WG_MUST_CHECK bool artifact_add(const char *folder, const char *file, struct artifact *out,
                                struct wg_error *err);

#endif
