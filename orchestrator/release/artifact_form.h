/* artifact_form.h: other forms of an artifact: packed in zstd frames (common/zst), whole or as a
 * patch over old content; and what of it goes into the repository. */
#ifndef WG_ORCHESTRATOR_RELEASE_ARTIFACT_FORM_H
#define WG_ORCHESTRATOR_RELEASE_ARTIFACT_FORM_H

#include "common/trust/release_facts.h"

/* Hashes a file; WG_E_BAD_FILE when it is empty. */
WG_MUST_CHECK bool artifact_form_content(const char *file, struct release_content *out,
                                         struct wg_error *err);

/* Packs file over old (NULL: no patch) into out, mode 0644, durably; WG_E_CONFLICT when that is
 * there. Fills kind, from, to, target, plain. What was written is read back. */
WG_MUST_CHECK bool artifact_form_pack(const char *file, const char *old, const char *out,
                                      struct release_form *form, struct wg_error *err);
/* Does that file become form->to (over old, form->from)? WG_E_VERIFY, WG_E_LIMIT: a device would
 * not open it. */
WG_MUST_CHECK bool artifact_form_check(const char *packed, const char *old,
                                       const struct release_form *form, struct wg_error *err);

/* The custom part of its target, and its name beside the artifact. NULL: out of memory. */
json_t *artifact_form_custom(const struct release_form *form);
void artifact_form_name(const struct release_form *form, char out[WG_NAME_MAX + 1]);

#endif
