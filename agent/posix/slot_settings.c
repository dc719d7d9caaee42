/* slot_settings.c: reads the key slots. */
#include "agent/posix/slot_settings.h"

#include "agent/posix/slot/exec_environment.h"
#include "common/buf.h"
#include "common/json.h"
#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

static bool read_path(const json_t *slots, const char *key, const char *folder, char out[PATH_MAX],
                      struct wg_error *err)
{
    char given[PATH_MAX] = "";
    if (!wg_json_text(slots, key, given, sizeof given, err)) return false;
    if (given[0] == '/') return wg_copy(out, PATH_MAX, given);
    return wg_path_join(out, PATH_MAX, folder, given, err);
}

/* A path, or what stands for it when it is left out. */
static bool read_path_or(const json_t *slots, const char *key, const char *folder,
                         const char *standard, char out[PATH_MAX], struct wg_error *err)
{
    if (json_object_get(slots, key)) return read_path(slots, key, folder, out, err);
    return wg_copy(out, PATH_MAX, standard);
}

static bool read_block(const json_t *slots, const char *folder, struct slot_settings *out,
                       struct wg_error *err)
{
    static const char *const keys[] = {"backend", "a",    "b",   "running",
                                       "cmdline", "boot", "env", NULL};
    struct block_settings *block = &out->block;
    char boot[16] = "";
    (void)wg_copy(block->key, sizeof block->key, "wg.slot");
    if (!wg_json_only_keys(slots, keys, err) || !read_path(slots, "a", folder, block->a, err) ||
        !read_path(slots, "b", folder, block->b, err) ||
        !wg_json_text_opt(slots, "running", block->key, sizeof block->key, err) ||
        !read_path_or(slots, "cmdline", folder, "/proc/cmdline", block->cmdline, err) ||
        !wg_json_text(slots, "boot", boot, sizeof boot, err))
        return false;
    out->boot = strcmp(boot, "grub") == 0 ? SLOT_GRUB : SLOT_UBOOT;
    if (out->boot == SLOT_UBOOT && strcmp(boot, "uboot") != 0)
        return wg_fail(err, WG_E_BAD_FILE, "boot: expected grub or uboot, got \"%s\"", boot);
    return read_path_or(slots, "env", folder,
                        out->boot == SLOT_GRUB ? "/boot/grub/grubenv" : "/etc/fw_env.config",
                        out->environment, err);
}

static bool read_limit(const json_t *slots, const char *key, wg_duration *out, struct wg_error *err)
{
    char text[WG_TIME_TEXT] = "";
    if (!wg_json_text_opt(slots, key, text, sizeof text, err)) return false;
    if (!text[0]) return true;
    return (wg_duration_parse(text, out) && *out >= WG_SECOND && *out <= WG_DAY) ||
           wg_fail(err, WG_E_BAD_FILE,
                   "%s: expected a duration like 90s or 30m, 1s to 24h, got "
                   "\"%s\"",
                   key, text);
}

/* They are handed on when the backend is opened; what cannot be is said now. */
static bool read_installers_own(const json_t *slots, char out[SLOT_EXEC_TEXT_MAX],
                                struct wg_error *err)
{
    struct exec_environment environment = {0};
    const json_t *own = json_object_get(slots, "settings");
    out[0] = '\0';
    if (!own) return true;
    bool ok = exec_environment_init(&environment, "/", own, err);
    exec_environment_clear(&environment);
    if (!ok) return false;
    char *text = json_dumps(own, JSON_COMPACT);
    if (!text) return wg_fail_memory(err, "settings");
    ok = wg_copy(out, SLOT_EXEC_TEXT_MAX, text);
    free(text);
    return ok || wg_fail(err, WG_E_BAD_FILE, "settings: expected %d bytes at most",
                         SLOT_EXEC_TEXT_MAX - 1);
}

static bool read_exec(const json_t *slots, const char *folder, struct slot_exec_settings *out,
                      struct wg_error *err)
{
    static const char *const keys[] = {"backend", "program", "settings", "quick", "work", NULL};
    return wg_json_only_keys(slots, keys, err) &&
           read_path(slots, "program", folder, out->program, err) &&
           read_installers_own(slots, out->settings, err) &&
           read_limit(slots, "quick", &out->quick, err) &&
           read_limit(slots, "work", &out->work, err);
}

static bool read_backend(const json_t *slots, const char *folder, struct slot_settings *out,
                         struct wg_error *err)
{
    static const char *const dir_keys[] = {"backend", NULL};
    char backend[16] = "dir";
    if (!wg_json_text_opt(slots, "backend", backend, sizeof backend, err)) return false;
    if (strcmp(backend, "block") == 0) {
        out->kind = SLOT_BLOCK;
        return read_block(slots, folder, out, err);
    }
    if (strcmp(backend, "exec") == 0) {
        out->kind = SLOT_EXEC;
        return read_exec(slots, folder, &out->exec, err);
    }
    out->kind = SLOT_DIR;
    return strcmp(backend, "dir") == 0
               ? wg_json_only_keys(slots, dir_keys, err)
               : wg_fail(err, WG_E_BAD_FILE, "backend: expected dir, block or exec, got \"%s\"",
                         backend);
}

bool slot_settings_read_one(const json_t *slots, const char *folder, struct slot_settings *out,
                            struct wg_error *err)
{
    wg_zero(out, sizeof *out);
    return read_backend(slots, folder, out, err);
}

bool slot_settings_read(const json_t *json, const char *folder, struct slot_settings *out,
                        struct wg_error *err)
{
    json_t *slots = NULL;
    wg_zero(out, sizeof *out);
    if (!json_object_get(json, "slots")) return true;
    return (wg_json_object(json, "slots", &slots, err) &&
            slot_settings_read_one(slots, folder, out, err)) ||
           wg_context(err, "slots");
}

static bool read_place(const char *component, const json_t *slots, const char *folder,
                       struct slot_place *out, struct wg_error *err)
{
    if (!wg_name_is_valid(component) || !wg_copy(out->component, sizeof out->component, component))
        return wg_fail(err, WG_E_BAD_FILE,
                       "\"%.80s\": expected a component's name, 1 to %d letters, digits, '.', "
                       "'_', '-'",
                       component, WG_NAME_MAX);
    return (json_is_object(slots)
                ? slot_settings_read_one(slots, folder, &out->slots, err)
                : wg_fail(err, WG_E_BAD_FILE, "expected an object like that of slots")) ||
           wg_context(err, "%s", component);
}

/* Two components in one partition, or under one name, would overwrite each other. */
static bool share(const struct slot_settings *one, const struct slot_settings *other)
{
    if (one->kind != SLOT_BLOCK || other->kind != SLOT_BLOCK) return false;
    const struct block_settings *a = &one->block, *b = &other->block;
    return strcmp(a->a, b->a) == 0 || strcmp(a->a, b->b) == 0 || strcmp(a->b, b->a) == 0 ||
           strcmp(a->b, b->b) == 0 || strcmp(one->environment, other->environment) == 0;
}

bool slot_places_read(const json_t *json, const char *folder, struct slot_places *out,
                      struct wg_error *err)
{
    json_t *components = NULL, *slots;
    const char *component;
    wg_zero(out, sizeof *out);
    if (!json_object_get(json, "components")) return true;
    if (!wg_json_object(json, "components", &components, err)) return false;
    if (json_object_size(components) > SET_PLACES_MAX - 1)
        return wg_fail(err, WG_E_BAD_FILE, "components: expected %d at most", SET_PLACES_MAX - 1);
    json_object_foreach(components, component, slots)
    {
        struct slot_place *place = &out->places[out->count];
        if (!read_place(component, slots, folder, place, err)) return wg_context(err, "components");
        for (size_t i = 0; i < out->count; i++)
            if (share(&out->places[i].slots, &place->slots))
                return wg_fail(err, WG_E_BAD_FILE,
                               "components: %s and %s share a partition or a boot environment",
                               out->places[i].component, component);
        out->count++;
    }
    return true;
}

bool slot_places_check(const struct slot_settings *slots, const struct slot_places *places,
                       const char *main, struct wg_error *err)
{
    for (size_t i = 0; i < places->count; i++) {
        const char *component = places->places[i].component;
        if (strcmp(component, main) == 0)
            return wg_fail(err, WG_E_BAD_FILE,
                           "components: %s is what lies in the slots: its place is \"slots\"",
                           component);
        if (share(slots, &places->places[i].slots))
            return wg_fail(err, WG_E_BAD_FILE,
                           "components: %s and the slots share a partition or a boot environment",
                           component);
    }
    return true;
}
