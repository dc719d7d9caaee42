/* enrolment_key.h: the key that signs enrolment records and lots' manifests, in the folder of
 * authorities: device/enrolment.key, which pki/key_place.h describes, and enrolment.pub. */
#ifndef WG_PKI_ENROLMENT_KEY_H
#define WG_PKI_ENROLMENT_KEY_H

#include "common/posix/signing_key.h"

/* Makes one in a file. The folder has a folder of devices. */
WG_MUST_CHECK bool enrolment_key_make(const char *folder, enum wg_identity_kind kind,
                                      struct wg_error *err);
/* Takes the one in a token, made before: uri is pkcs11:... */
WG_MUST_CHECK bool enrolment_key_name(const char *folder, const char *uri, struct wg_error *err);
/* Opens it; an Ed25519 key is made when there is none. The caller frees; NULL on failure. */
struct wg_signing_key *enrolment_key_open(const char *folder, struct wg_error *err);

#endif
