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

/* Told now and then how much of the file is copied; false stops. */
struct artifact_told {
    bool (*told)(void *ctx, int64_t done, int64_t total, struct wg_error *err);
    void *ctx;
};

/* Copies the file into folder under its hash, durably; the same content twice is stored once. */
WG_MUST_CHECK bool artifact_add(const char *folder, const char *file, struct artifact *out,
                                struct wg_error *err);
/* The same; told may be NULL. When it stops, nothing is stored. */
WG_MUST_CHECK bool artifact_add_told(const char *folder, const char *file,
                                     const struct artifact_told *told, struct artifact *out,
                                     struct wg_error *err);

/* Is one of that hash there? WG_E_NOT_FOUND; WG_E_USAGE: that is no SHA-256 in lower-case hex. */
WG_MUST_CHECK bool artifact_find(const char *folder, const char *sha256, struct artifact *out,
                                 struct wg_error *err);

/* One on its way into the folder, piece by piece, in a file that no web server gives out. */
struct artifact_intake;

/* Makes the folder when it is not there. NULL on failure. */
struct artifact_intake *artifact_intake_new(const char *folder, struct wg_error *err);
/* Removes what was not ended. */
void artifact_intake_free(struct artifact_intake *intake);
/* WG_E_LIMIT: it is larger than an artifact may be; WG_E_IO. */
WG_MUST_CHECK bool artifact_intake_push(struct artifact_intake *intake, const void *data,
                                        size_t len, struct wg_error *err);
/* Stores it durably under its hash. wanted: that hash, or NULL: any; WG_E_VERIFY when it is
 * another, and nothing is stored. WG_E_BAD_FILE: it is empty. */
WG_MUST_CHECK bool artifact_intake_end(struct artifact_intake *intake, const char *wanted,
                                       struct artifact *out, struct wg_error *err);
/* Removes what was left there, long ago, by a process that died; how many. */
size_t artifact_sweep(const char *folder);

#endif
