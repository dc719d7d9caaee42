/* policy.h: what the authorities of a folder go by: DIR/pki.json, written by init with the
 * defaults, to be edited by hand.
 *   {"organisation": "Wavegate", "days": {"device": 825, ...}, "permit_hosts": []} */
#ifndef WG_PKI_POLICY_H
#define WG_PKI_POLICY_H

#include "common/text.h"
#include "pki/form.h"

#define POLICY_DAYS_MAX 18250

enum policy_days {
    POLICY_ROOT,
    POLICY_ISSUING,
    POLICY_DEVICE,
    POLICY_SERVER,
    POLICY_SERVICE,
    POLICY_OPERATOR,
    POLICY_CRL,
    POLICY_DAYS
};

struct policy {
    char organisation[WG_NAME_MAX + 1];
    int days[POLICY_DAYS];
    size_t host_count; /* hosts that servers may answer to; 0: any */
    char hosts[FORM_HOSTS_MAX][128];
};

void policy_init(struct policy *policy); /* the defaults */
/* A missing file is the defaults, a missing member its default. WG_E_BAD_FILE. */
WG_MUST_CHECK bool policy_load(struct policy *policy, const char *folder, struct wg_error *err);
WG_MUST_CHECK bool policy_save(const struct policy *policy, const char *folder,
                               struct wg_error *err);
/* "a.example,10.0.0.0/8"; adds them. */
WG_MUST_CHECK bool policy_permit(struct policy *policy, const char *hosts, struct wg_error *err);
/* Fills the pointers; returns their number. */
size_t policy_hosts(const struct policy *policy, const char *out[FORM_HOSTS_MAX]);

#endif
