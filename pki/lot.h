/* lot.h: a production lot: the devices that a factory makes, and the statements about them that are
 * signed with the enrolment key. */
#ifndef WG_PKI_LOT_H
#define WG_PKI_LOT_H

#include "common/age/key.h"
#include "common/json.h"
#include "common/posix/signing_key.h"
#include "common/x509.h"

/* A manifest is one signed statement, and those have at most a megabyte. */
#define LOT_DEVICES_MAX 1000

struct lot_device {
    char id[WG_NAME_MAX + 1];
    char model[WG_NAME_MAX + 1], revision[WG_NAME_MAX + 1];
    /* filled when it is made */
    char serial[WG_SERIAL_MAX];
    char certificate[WG_SHA256_HEX]; /* hash of the certificate's DER */
    char bundle[WG_SHA256_HEX];      /* hash of the bundle's file */
    char age_key[AGE_BECH32_TEXT];   /* recipient */
    struct wg_identity_public public_key;
};

struct lot {
    char name[WG_NAME_MAX + 1];
    char station[AGE_BECH32_TEXT]; /* recipient that the bundles are sealed to */
    wg_time made;
    size_t count;
    struct lot_device *devices; /* owned */
};

/* Reads the devices: a JSON object a line, {"id", "hardware_model", "hardware_revision"}, as
 * `wavegate device import` takes them; other members are left to that. WG_E_BAD_FILE names file and
 * line; a device that is there twice is refused. */
WG_MUST_CHECK bool lot_read(struct lot *lot, const char *file, struct wg_error *err);
void lot_clear(struct lot *lot);

/* New references; NULL on failure. The enrolment record of a device, signed: what the registry and
 * the signer believe of its keys. */
json_t *lot_enrolment(const struct lot *lot, const struct lot_device *device,
                      struct wg_signing_key *key, struct wg_error *err);
/* All devices of the lot with the hashes of what was made for them, signed. */
json_t *lot_manifest(const struct lot *lot, struct wg_signing_key *key, struct wg_error *err);

#endif
