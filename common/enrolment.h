/* enrolment.h: the enrolment record of a device: what its keys are, said and signed when it was
 * enrolled. Who seals something for a device, or lets it speak, believes this and no database.
 *
 *   common/signed.h around {"type": "wavegate-enrolment", "v": 1, "device": "dev-1",
 *   "hardware": {"model": "ecu", "revision": "C"}, "identity_key": "<hex SubjectPublicKeyInfo>",
 *   "age_key": "age1...", "lot": "lot-7", "enrolled": "2026-12-01T00:00:00.000Z"}
 *
 * The identity key is the first one; renewals change it, and the certificate vouches then. Pure. */
#ifndef WG_COMMON_ENROLMENT_H
#define WG_COMMON_ENROLMENT_H

#include "common/identity_key.h"
#include "common/json.h"
#include "common/text.h"
#include "common/time.h"

#define WG_ENROLMENT_BYTES_MAX 8192
#define WG_AGE_RECIPIENT_TEXT 63 /* "age1" and 58 characters, with NUL */

struct wg_enrolment {
    char device[WG_NAME_MAX + 1];
    char hardware_model[WG_NAME_MAX + 1];
    char hardware_revision[WG_NAME_MAX + 1]; /* "" not told */
    struct wg_identity_public identity_key;
    char age_key[WG_AGE_RECIPIENT_TEXT]; /* its form is checked, its checksum is not */
    char lot[WG_NAME_MAX + 1];
    wg_time enrolled;
};

/* WG_E_VERIFY when none of keys has signed it, or a key in it is weak; WG_E_BAD_INPUT. Fills the
 * whole of out or nothing. */
WG_MUST_CHECK bool wg_enrolment_read(const char *bytes, size_t len,
                                     const struct wg_identity_public *keys, size_t key_count,
                                     struct wg_enrolment *out, struct wg_error *err);
/* New reference to the signed record; NULL on failure. */
json_t *wg_enrolment_sign(const struct wg_enrolment *record, const struct wg_identity_key *key,
                          struct wg_error *err);
/* The same without a signature: for lists that are signed as a whole. New reference, or NULL. */
json_t *wg_enrolment_make(const struct wg_enrolment *record, struct wg_error *err);

#endif
