/* kek.h: the key-encryption keys that the configuration names, where they are: `wavegated
 * --kek-list`, `wavegated --kek-rewrap`. */
#ifndef WG_ORCHESTRATOR_DAEMON_KEK_H
#define WG_ORCHESTRATOR_DAEMON_KEK_H

#include "common/posix/passphrase.h"
#include "orchestrator/config/settings.h"

struct kek_asked {                      /* borrowed */
    const struct settings *settings;    /* with SETTINGS_KEYS */
    struct wg_passphrase_source secret; /* PINs that no URI has */
    bool json;
};

/* Prints how many file keys are under each key of the ring, and under none of them. */
WG_MUST_CHECK bool kek_list(const struct kek_asked *asked, struct wg_error *err);
/* Brings all file keys under the first; says how many were not. */
WG_MUST_CHECK bool kek_rewrap(const struct kek_asked *asked, struct wg_error *err);

#endif
