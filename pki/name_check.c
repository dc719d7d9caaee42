/* name_check.c: the rules about names. */
#include "pki/name_check.h"

#include <string.h>

/* Brokers' rules name them: never a device's name. */
static const char *const kept[] = {"wavegated", "wavegate-enrol"};

bool name_check(enum domain domain, const char *name, const struct ledger *own,
                const struct ledger *beside, wg_time now, struct wg_error *err)
{
    bool device = domain == DOMAIN_DEVICE;
    if (!wg_name_is_valid(name))
        return wg_fail(err, WG_E_USAGE,
                       "\"%.80s\" is no name: expected 1 to %d letters, digits, '.', '_' or '-'",
                       name, WG_NAME_MAX);
    if (ledger_live(own, name, now))
        return wg_fail(err, WG_E_CONFLICT, "%s has a certificate that is in force: revoke it first",
                       name);
    if (beside && ledger_live(beside, name, now))
        return wg_fail(err, WG_E_CONFLICT,
                       "%s is the name of a %s: a broker could not tell them apart", name,
                       device ? "server or service" : "device");
    for (size_t i = 0; device && i < sizeof kept / sizeof kept[0]; i++)
        if (strcmp(name, kept[i]) == 0)
            return wg_fail(err, WG_E_CONFLICT, "%s is kept for a service of that name", name);
    return true;
}
