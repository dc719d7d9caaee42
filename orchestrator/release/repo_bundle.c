/* repo_bundle.c: a bundle out of a repository's state. */
#include "orchestrator/release/repo_bundle.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define BUNDLE_TYPE "wavegate-repository"

static bool add_text(json_t *files, const char *name, const json_t *text, struct wg_error *err)
{
    char hex[WG_SHA256_HEX];
    if (!wg_sha256_of(json_string_value(text), json_string_length(text), hex, err)) return false;
    json_t *file = json_pack("{s:s,s:O}", "sha256", hex, "text", text);
    return (file && json_object_set_new(files, name, file) == 0) ||
           wg_fail_memory(err, "writing a bundle");
}

/* Places mean nothing on another machine. */
static json_t *settings_without_places(const struct repo_state *state, struct wg_error *err)
{
    json_t *copy = json_deep_copy(state->settings), *list = NULL, *entry = NULL;
    const char *role = NULL;
    size_t i = 0;
    json_object_foreach(json_object_get(copy, "roles"), role, list)
    {
        json_array_foreach(list, i, entry)(void) json_object_del(entry, "where");
    }
    json_t *text = copy ? repo_text(copy, err) : NULL;
    if (!copy) (void)wg_fail_memory(err, "writing a bundle");
    json_decref(copy);
    return text;
}

static bool add_published(const struct repo_state *state, json_t *files, struct wg_error *err)
{
    const char *name = NULL;
    json_t *text = NULL;
    json_object_foreach(state->files, name, text)
    {
        if (strncmp(name, "metadata/", 9) == 0 && !add_text(files, name, text, err)) return false;
    }
    text = settings_without_places(state, err);
    bool ok = text && add_text(files, REPO_KEYS_FILE, text, err);
    json_decref(text);
    return ok;
}

static bool add_staged(const struct repo_state *state, json_t *files, struct wg_error *err)
{
    const char *role = NULL;
    json_t *envelope = NULL;
    json_object_foreach(state->staged, role, envelope)
    {
        json_t *text = repo_text(envelope, err), *name = json_sprintf("staged/%s.json", role);
        bool ok = text && name && add_text(files, json_string_value(name), text, err);
        json_decref(text);
        json_decref(name);
        if (!ok) return false;
    }
    return true;
}

bool repo_bundle_write(const struct repo_state *state, struct wg_buf *out, struct wg_error *err)
{
    json_t *bundle = json_pack("{s:s,s:i,s:{}}", "_type", BUNDLE_TYPE, "v", 1, "files");
    json_t *files = json_object_get(bundle, "files");
    bool ok = bundle ? add_published(state, files, err) && add_staged(state, files, err)
                     : wg_fail_memory(err, "writing a bundle");
    char *text = ok ? json_dumps(bundle, JSON_INDENT(1) | JSON_SORT_KEYS) : NULL;
    if (text) {
        wg_buf_text(out, text);
        wg_buf_char(out, '\n');
    }
    ok =
        ok && (text || wg_fail_memory(err, "writing a bundle")) && wg_buf_check(out, err, "bundle");
    free(text);
    json_decref(bundle);
    return ok;
}

static json_t *read_member(void *ctx, const char *name, struct wg_error *err)
{
    char hex[WG_SHA256_HEX];
    const json_t *file = json_object_get((const json_t *)ctx, name);
    json_t *text = json_object_get(file, "text");
    const char *sha256 = json_string_value(json_object_get(file, "sha256"));
    if (!file) {
        (void)wg_fail(err, WG_E_NOT_FOUND, "the bundle has no %s", name);
        return NULL;
    }
    if (!json_is_string(text) || !sha256) {
        (void)wg_fail(err, WG_E_BAD_INPUT, "the bundle: files: %s: expected text and sha256", name);
        return NULL;
    }
    if (!wg_sha256_of(json_string_value(text), json_string_length(text), hex, err)) return NULL;
    if (strcmp(hex, sha256) == 0) return json_incref(text);
    (void)wg_fail(err, WG_E_VERIFY, "the bundle is damaged: %s has another hash", name);
    return NULL;
}

static json_t *staged_roles(const json_t *files, struct wg_error *err)
{
    json_t *roles = json_array(), *file = NULL;
    const char *name = NULL;
    json_object_foreach((json_t *)files, name, file)
    {
        char role[TUF_ROLE_NAME_MAX + 1];
        size_t len = strlen(name);
        if (strncmp(name, "staged/", 7) != 0) continue;
        if (len <= 12 || strcmp(name + len - 5, ".json") != 0 ||
            !wg_copy_n(role, sizeof role, name + 7, len - 12) || !wg_name_is_valid(role)) {
            (void)wg_fail(err, WG_E_BAD_INPUT, "the bundle: a staged file that is no role's");
            json_decref(roles);
            return NULL;
        }
        (void)json_array_append_new(roles, json_string(role));
    }
    return roles;
}

bool repo_bundle_read(const char *bytes, size_t len, struct repo_state *out, struct wg_error *err)
{
    char type[64];
    int64_t version = 0;
    json_t *files = NULL;
    *out = (struct repo_state){NULL, NULL, NULL, NULL};
    json_t *bundle = wg_json_parse(bytes, len, BUNDLE_MAX, err);
    bool ok = bundle && wg_json_text(bundle, "_type", type, sizeof type, err) &&
              (strcmp(type, BUNDLE_TYPE) == 0 ||
               wg_fail(err, WG_E_BAD_INPUT, "_type: expected \"" BUNDLE_TYPE "\"")) &&
              wg_json_int(bundle, "v", 1, 1, &version, err) &&
              wg_json_object(bundle, "files", &files, err);
    json_t *staged = ok ? staged_roles(files, err) : NULL;
    ok = staged && repo_state_load(out, read_member, files, staged, err);
    json_decref(staged);
    json_decref(bundle);
    return ok || wg_context(err, "bundle");
}
