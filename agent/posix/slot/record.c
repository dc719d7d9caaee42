/* record.c: release and progress records. */
#include "agent/posix/slot/record.h"

#include "common/json.h"
#include "common/posix/file.h"
#include "common/text.h"
#include "common/version.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORD_MAX 1024

static json_t *load(const char *path)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, RECORD_MAX);
    json_t *json = wg_file_read(path, &bytes, NULL)
                       ? wg_json_parse(wg_buf_str(&bytes), bytes.len, RECORD_MAX, NULL)
                       : NULL;
    wg_buf_clear(&bytes);
    return json;
}

/* What a hello could not say would keep the agent from starting. */
static bool read_release(const json_t *json, struct slot_release *out)
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
    bool ok = json && read_release(json, out);
    json_decref(json);
    return ok;
}

bool progress_load(const char *path, struct progress *out)
{
    json_t *json = load(path);
    bool ok = json && read_release(json, &out->release) &&
              wg_json_text(json, "slot", out->slot, sizeof out->slot, NULL) &&
              wg_json_int(json, "done", 0, out->release.length, &out->done, NULL);
    json_decref(json);
    return ok;
}

static json_t *pack(const struct slot_release *release)
{
    return json_pack("{s:s,s:s,s:s,s:I}", "component", release->component, "version",
                     release->version, "sha256", release->sha256, "length",
                     (json_int_t)release->length);
}

static bool save(const char *path, json_t *json, struct wg_error *err)
{
    char *text = json ? json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    bool ok = text ? wg_file_replace(path, text, strlen(text), 0600, err)
                   : wg_fail_memory(err, "writing a slot's record");
    free(text);
    json_decref(json);
    return ok;
}

bool record_save(const char *path, const struct slot_release *release, struct wg_error *err)
{
    return save(path, pack(release), err);
}

bool progress_save(const char *path, const struct progress *progress, struct wg_error *err)
{
    json_t *json = pack(&progress->release);
    if (json && (json_object_set_new(json, "slot", json_string(progress->slot)) != 0 ||
                 json_object_set_new(json, "done", json_integer(progress->done)) != 0)) {
        json_decref(json);
        json = NULL;
    }
    return save(path, json, err);
}

bool record_remove(const char *path, struct wg_error *err)
{
    char folder[PATH_MAX];
    /* also when it is gone: whoever removed it may have been cut before it was durable */
    if (unlink(path) != 0 && errno != ENOENT) return wg_fail_errno(err, "removing %s", path);
    (void)wg_copy(folder, sizeof folder, path);
    char *slash = strrchr(folder, '/');
    if (slash) *slash = '\0';
    return wg_folder_sync(slash ? folder : ".", err);
}
