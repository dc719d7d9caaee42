/* file_key_folder.h: the folder of wrapped file keys: ARTIFACT.json each, mode 0600. */
#ifndef WG_ORCHESTRATOR_RELEASE_FILE_KEY_FOLDER_H
#define WG_ORCHESTRATOR_RELEASE_FILE_KEY_FOLDER_H

#include "orchestrator/release/file_key.h"

WG_MUST_CHECK bool file_key_save(const char *folder, const struct kek *kek, const char *artifact,
                                 const struct age_file_key *key, struct wg_error *err);
/* As file_key_unwrap; WG_E_NOT_FOUND also when there is none for the artifact. */
WG_MUST_CHECK bool file_key_load(const char *folder, struct kek_ring ring, const char *artifact,
                                 struct age_file_key *out, struct wg_error *err);
/* Calls each() for every file key of the folder, with the id of its key-encryption key, which is
 * not checked. Ends with the first that cannot be read, or when each() is false. */
typedef bool (*file_key_fn)(void *ctx, const char *artifact, const char *kek, struct wg_error *err);
WG_MUST_CHECK bool file_key_each(const char *folder, file_key_fn each, void *ctx,
                                 struct wg_error *err);
/* Brings all that is not yet under `to` under it, one file after the other, each atomically: it may
 * be cut off anywhere and done again. *changed counts. Ends with the first that cannot be opened.
 */
WG_MUST_CHECK bool file_key_rewrap_all(const char *folder, struct kek_ring ring,
                                       const struct kek *to, size_t *changed, struct wg_error *err);

#endif
