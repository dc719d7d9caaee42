/* publishing.h: a release, or another form of one, as a person says it in a document: read,
 * checked, signed, stored. The artifact is in the folder already. */
#ifndef WG_ORCHESTRATOR_STEERING_PUBLISHING_H
#define WG_ORCHESTRATOR_STEERING_PUBLISHING_H

#include "common/json.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/steering/signing.h"
#include "orchestrator/store/device_row.h"

#define PUBLISHING_HEADER_MAX 4096

struct publishing {
    struct release_row row;
    char header[PUBLISHING_HEADER_MAX]; /* of an age body, for the orchestrator; "" it is none */
    struct release_signature signature;
};

/* {"component", "version", "sha256", "from"?, "notes"?, "hardware_model"?, "depends"?: {COMPONENT:
 * RANGE}, "with"?: {COMPONENT: VERSION}, "header"?}. Other keys are the caller's. WG_E_BAD_INPUT,
 * WG_E_USAGE, WG_E_LIMIT. Large: on the heap. */
WG_MUST_CHECK bool publishing_read(const json_t *body, struct publishing *out,
                                   struct wg_error *err);
/* {"sha256", "header"?}: a further form of that release. */
WG_MUST_CHECK bool publishing_read_form(const json_t *body, const char *component,
                                        const char *version, struct publishing *out,
                                        struct wg_error *err);

/* All that can be asked without the artifact: companions are published and go together; the
 * statement holds. row: added_by, added_at are filled in before. */
WG_MUST_CHECK bool publishing_sign(struct publishing *publishing, struct db *db,
                                   const struct signing *signing, struct wg_error *err);
/* The artifact is there, and is as long as it is; the file key of an age body is taken over from
 * its header. WG_E_NOT_FOUND; WG_E_USAGE: what this machine lacks. */
WG_MUST_CHECK bool publishing_take(struct publishing *publishing, const struct settings *settings,
                                   struct wg_error *err);
/* What was signed and taken is stored, in the caller's transaction. *added: it was not there yet.
 */
WG_MUST_CHECK bool publishing_add(const struct publishing *publishing, struct db *db, bool *added,
                                  struct wg_error *err);

#endif
