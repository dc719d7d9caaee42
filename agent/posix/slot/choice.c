/* choice.c: opens the backend that the settings name. */
#include "agent/posix/slot/choice.h"

#include "agent/posix/slot/dir.h"
#include "agent/posix/slot/grub.h"
#include "agent/posix/slot/uboot.h"
#include "common/text.h"
#include "common/version.h"

#include <string.h>

static struct slot_backend *open_block(const struct slot_settings *settings, const char *state,
                                       struct wg_error *err)
{
    struct boot *boot = settings->boot == SLOT_GRUB ? grub_new(settings->environment, err)
                                                    : uboot_new(settings->environment, NULL, err);
    return boot ? block_new(&settings->block, state, boot, err) : NULL;
}

struct slot_backend *slot_open(const struct slot_settings *settings, const char *state,
                               struct wg_error *err)
{
    return settings->kind == SLOT_BLOCK ? open_block(settings, state, err) : dir_new(state, err);
}

/* What a hello could not say later would keep the agent from starting. */
static bool check_names(const char *component, const char *version, struct wg_error *err)
{
    char key[WG_SORT_KEY_MAX];
    if (!wg_name_is_valid(component))
        return wg_fail(err, WG_E_USAGE,
                       "component \"%.80s\": expected 1 to %d letters, digits, '.', '_', '-'",
                       component, WG_NAME_MAX);
    if (!wg_version_key(version, key, err)) {
        if (err) err->code = WG_E_USAGE;
        return wg_context(err, "version \"%.80s\"", version);
    }
    return strlen(version) <= WG_VERSION_MAX ||
           wg_fail(err, WG_E_USAGE, "version: more than %d bytes", WG_VERSION_MAX);
}

bool slot_provision(const struct slot_settings *settings, const char *state, const char *payload,
                    const char *component, const char *version, struct wg_error *err)
{
    struct slot_release release = {0};
    if (!check_names(component, version, err)) return false;
    (void)wg_copy(release.component, sizeof release.component, component);
    (void)wg_copy(release.version, sizeof release.version, version);
    if (settings->kind == SLOT_DIR) return dir_provision(state, payload, &release, err);
    struct slot_backend *backend = open_block(settings, state, err);
    bool ok = backend && block_provision(backend, payload, &release, err);
    if (backend) backend->ops->free(backend);
    return ok;
}
