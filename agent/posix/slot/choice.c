/* choice.c: opens the backend that the settings name. */
#include "agent/posix/slot/choice.h"

#include "agent/posix/slot/dir.h"
#include "agent/posix/slot/exec.h"
#include "agent/posix/slot/grub.h"
#include "agent/posix/slot/uboot.h"
#include "common/json.h"
#include "common/posix/file.h"
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

static struct slot_backend *open_exec(const struct slot_exec_settings *settings, const char *state,
                                      int stop_fd, struct wg_error *err)
{
    char folder[PATH_MAX];
    struct slot_exec_config config = {.program = settings->program,
                                      .folder = folder,
                                      .quick = settings->quick,
                                      .work = settings->work,
                                      .stop_fd = stop_fd};
    size_t len = strlen(settings->settings);
    json_t *json = len ? wg_json_parse(settings->settings, len, SLOT_EXEC_TEXT_MAX, err) : NULL;
    config.settings = json;
    bool ok = (len == 0 || json) && wg_path_join(folder, sizeof folder, state, "exec", err) &&
              wg_folder_make(state, 0700, err);
    struct slot_backend *made = ok ? slot_exec_new(&config, err) : NULL;
    json_decref(json);
    return made;
}

static struct slot_backend *open_one(const struct slot_settings *settings, const char *state,
                                     int stop_fd, struct wg_error *err)
{
    switch (settings->kind) {
    case SLOT_BLOCK:
        return open_block(settings, state, err);
    case SLOT_EXEC:
        return open_exec(&settings->exec, state, stop_fd, err);
    case SLOT_DIR:
        break;
    }
    return dir_new(state, err);
}

const struct slot_settings *slot_places_find(const struct slot_places *places,
                                             const char *component)
{
    for (size_t i = 0; places && i < places->count; i++)
        if (strcmp(places->places[i].component, component) == 0) return &places->places[i].slots;
    return NULL;
}

static bool place_folder(const char *state, const char *component, char out[PATH_MAX],
                         struct wg_error *err)
{
    char folder[PATH_MAX];
    return wg_path_join(folder, sizeof folder, state, "places", err) &&
           wg_path_join(out, PATH_MAX, folder, component, err) &&
           wg_folder_make(folder, 0700, err) && wg_folder_sync(state, err) &&
           wg_folder_make(out, 0700, err) && wg_folder_sync(folder, err);
}

static struct slot_backend *open_place(const struct slot_place *place, const char *state,
                                       int stop_fd, struct wg_error *err)
{
    char folder[PATH_MAX];
    struct slot_backend *made = place_folder(state, place->component, folder, err)
                                    ? open_one(&place->slots, folder, stop_fd, err)
                                    : NULL;
    if (!made) (void)wg_context(err, "components: %s", place->component);
    return made;
}

struct slot_backend *slot_open(const struct slot_settings *settings,
                               const struct slot_places *places, const char *state, int stop_fd,
                               struct wg_error *err)
{
    struct set_part parts[SET_PLACES_MAX];
    struct slot_backend *system = open_one(settings, state, stop_fd, err);
    size_t count = 1;
    if (!system) {
        (void)wg_context(err, "slots");
        return NULL;
    }
    if (!places || places->count == 0) return system;
    parts[0] = (struct set_part){.backend = system};
    for (size_t i = 0; i < places->count; i++, count++) {
        parts[count] =
            (struct set_part){.component = places->places[i].component,
                              .backend = open_place(&places->places[i], state, stop_fd, err)};
        if (parts[count].backend) continue;
        for (size_t j = 0; j < count; j++) parts[j].backend->ops->free(parts[j].backend);
        return NULL;
    }
    return set_new(state, parts, count, err);
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

static bool provision(const struct slot_settings *settings, const char *state, const char *payload,
                      const struct slot_release *release, struct wg_error *err)
{
    if (settings->kind == SLOT_EXEC)
        return wg_fail(err, WG_E_USAGE,
                       "--provision: an installer keeps the slots: put the software there by its "
                       "own means, and say what it is in slots.settings, \"component\" and "
                       "\"version\"");
    if (settings->kind == SLOT_DIR) return dir_provision(state, payload, release, err);
    struct slot_backend *backend = open_block(settings, state, err);
    bool ok = backend && block_provision(backend, payload, release, err);
    if (backend) backend->ops->free(backend);
    return ok;
}

bool slot_provision(const struct slot_settings *settings, const struct slot_places *places,
                    const char *state, const char *payload, const char *component,
                    const char *version, struct wg_error *err)
{
    struct slot_release release = {0};
    char folder[PATH_MAX];
    const struct slot_settings *own = slot_places_find(places, component);
    if (!check_names(component, version, err)) return false;
    (void)wg_copy(release.component, sizeof release.component, component);
    (void)wg_copy(release.version, sizeof release.version, version);
    if (!own) return provision(settings, state, payload, &release, err);
    return wg_folder_make(state, 0700, err) && place_folder(state, component, folder, err) &&
           provision(own, folder, payload, &release, err);
}
