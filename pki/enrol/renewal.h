/* renewal.h: judges what a device asks for, and answers. Holds no connection: the folder of the
 * authority is all it knows, and the caller holds that folder's lock. */
#ifndef WG_PKI_ENROL_RENEWAL_H
#define WG_PKI_ENROL_RENEWAL_H

#include "common/message_csr.h"
#include "pki/authority.h"

struct renewal_rules {
    const char *pki;
    int days; /* lifetime of what is issued; 0: as pki.json says */
    /* certificates that one device is given in a window */
    int64_t most;
    wg_duration window;
};

#define RENEWAL_REVOKED_MAX 2

struct renewal_outcome {
    struct wg_cert_message answer;
    bool issued; /* a certificate was made; false: none, or the same as before */
    /* what fell: to be told to the brokers, and the revocation list to be written anew */
    size_t revoked_count;
    char revoked[RENEWAL_REVOKED_MAX][WG_SERIAL_MAX];
};

/* authority: the device authority, just opened. Whatever the device did wrong is an answer; false
 * is for what went wrong here (disk, memory), and what was then not answered is asked again. */
WG_MUST_CHECK bool renewal_judge(const struct renewal_rules *rules, struct authority *authority,
                                 const char *device, const struct wg_csr_message *message,
                                 wg_time now, struct renewal_outcome *out, struct wg_error *err);

#endif
