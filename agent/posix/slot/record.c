/* record.c: release and progress records. */
#include "agent/posix/slot/record.h"

#include "common/json.h"
#include "common/posix/kept.h"
#include "common/text.h"
#include "common/version.h"

#include <string.h>

#define RECORD_MAX 1024

static json_t *load(const char *path)
{
    static const char *const keys[] = {"component", "version", "sha256", "length",
                                       "slot",      "done",    NULL};
    enum kept_found found;
    return kept_json_load(path, RECORD_MAX, keys, &found);
}

/* What a hello could not say would keep the agent from starting. */
bool record_read(const json_t *json, struct slot_release *out)
{
    char key[WG_SORT_KEY_MAX];
    return wg_json_text(json, "component", out->component, sizeof out->component, NULL) &&
           wg_json_text(json, "version", out->version, sizeof out->version, NULL) &&
           wg_json_text(json, "sha256", out->sha256, sizeof out->sha256, NULL) &&
           wg_json_int(json, "length", 1, INT64_MAX, &out->length, NULL) &&
           wg_name_is_valid(out->component) && wg_version_key(out->version, key, NULL);
}

bool record_load(const char *path, struct slot_release *out)
{
    json_t *json = load(path);
    bool ok = json && record_read(json, out);
    json_decref(json);
    return ok;
}

bool progress_load(const char *path, struct progress *out)
{
    json_t *json = load(path);
    bool ok = json && record_read(json, &out->release) &&
              wg_json_text(json, "slot", out->slot, sizeof out->slot, NULL) &&
              wg_json_int(json, "done", 0, out->release.length, &out->done, NULL);
    json_decref(json);
    return ok;
}

void record_tell(const struct slot_release *release, struct slot_status *status)
{
    struct wg_component *component = &status->components[0];
    status->component_count = 1;
    (void)wg_copy(component->name, sizeof component->name, release->component);
    (void)wg_copy(component->version, sizeof component->version, release->version);
    (void)wg_copy(status->sha256[0], sizeof status->sha256[0], release->sha256);
}

json_t *record_pack(const struct slot_release *release)
{
    return json_pack("{s:s,s:s,s:s,s:I}", "component", release->component, "version",
                     release->version, "sha256", release->sha256, "length",
                     (json_int_t)release->length);
}

static bool save(const char *path, json_t *json, struct wg_error *err)
{
    bool ok =
        json ? kept_json_save(path, json, err) : wg_fail_memory(err, "writing a slot's record");
    json_decref(json);
    return ok;
}

bool record_save(const char *path, const struct slot_release *release, struct wg_error *err)
{
    return save(path, record_pack(release), err);
}

bool progress_save(const char *path, const struct progress *progress, struct wg_error *err)
{
    json_t *json = record_pack(&progress->release);
    if (json && (json_object_set_new(json, "slot", json_string(progress->slot)) != 0 ||
                 json_object_set_new(json, "done", json_integer(progress->done)) != 0)) {
        json_decref(json);
        json = NULL;
    }
    return save(path, json, err);
}

bool record_remove(const char *path, struct wg_error *err)
{
    return kept_remove(path, err);
}
