/* authority_files.h: the operators' authority, as the configuration names its files. */
#ifndef WG_ORCHESTRATOR_STEERING_AUTHORITY_FILES_H
#define WG_ORCHESTRATOR_STEERING_AUTHORITY_FILES_H

#include "common/buf.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/plan/signature.h"

struct authority_files {
    struct wg_buf root, crl;
    struct signature_authority pem; /* root NULL: none is configured */
};

/* authority_files_clear() afterwards, also when it fails. */
WG_MUST_CHECK bool authority_files_read(struct authority_files *files,
                                        const struct settings *settings, struct wg_error *err);
void authority_files_clear(struct authority_files *files);

#endif
