/* publishing.c: the document, the statement, the artifact, the file key, the row. */
#include "orchestrator/steering/publishing.h"

#include "common/posix/identity_file.h"
#include "orchestrator/plan/together.h"
#include "orchestrator/release/artifact.h"
#include "orchestrator/release/sealer.h"

#include <stdlib.h>
#include <string.h>

/* ---- the document ---- */

static bool read_header(const json_t *body, struct publishing *out, struct wg_error *err)
{
    if (!wg_json_text_opt(body, "header", out->header, sizeof out->header, err)) return false;
    out->row.sealed = out->header[0] != '\0';
    return true;
}

static bool read_from(const json_t *body, struct release_row *row, struct wg_error *err)
{
    if (!wg_json_text_opt(body, "from", row->from_range, sizeof row->from_range, err)) return false;
    if (!row->from_range[0]) return true;
    struct wg_range *range = calloc(1, sizeof *range);
    if (!range) return wg_fail_memory(err, "reading a range");
    bool ok = wg_version_range_parse(row->from_range, range, err) || wg_context(err, "from");
    free(range);
    return ok;
}

/* NULL: it is not there. */
static bool object_of(const json_t *body, const char *key, const json_t **out, struct wg_error *err)
{
    *out = json_object_get(body, key);
    if (json_is_null(*out)) *out = NULL;
    return !*out || json_is_object(*out) ||
           wg_fail(err, WG_E_BAD_INPUT, "%s: expected an object: component -> version", key);
}

static bool read_with(const json_t *body, struct release_row *row, struct wg_error *err)
{
    const json_t *with;
    const char *component;
    json_t *value;
    if (!object_of(body, "with", &with, err)) return false;
    if (json_object_size(with) > WG_COMPANIONS_MAX)
        return wg_fail(err, WG_E_USAGE, "with: expected at most %d releases", WG_COMPANIONS_MAX);
    json_object_foreach((json_t *)(uintptr_t)with, component, value)
    {
        struct wg_component *companion = &row->companions[row->companion_count++];
        const char *version = json_string_value(value);
        if (!wg_name_is_valid(component) || !version ||
            !wg_copy(companion->name, sizeof companion->name, component) ||
            !wg_copy(companion->version, sizeof companion->version, version))
            return wg_fail(err, WG_E_BAD_INPUT, "with: %.64s: expected a component and a version",
                           component);
    }
    return true;
}

static bool read_depends(const json_t *body, struct release_row *row, struct wg_error *err)
{
    const json_t *depends;
    const char *component;
    json_t *value;
    if (!object_of(body, "depends", &depends, err)) return false;
    if (json_object_size(depends) == 0) return true;
    json_object_foreach((json_t *)(uintptr_t)depends, component, value)
    {
        if (!wg_name_is_valid(component) || !json_is_string(value))
            return wg_fail(err, WG_E_BAD_INPUT, "depends: %.64s: expected a component and a range",
                           component);
    }
    char *text = json_dumps(depends, JSON_COMPACT);
    bool ok = text || wg_fail_memory(err, "depends");
    if (ok && !wg_copy(row->depends, sizeof row->depends, text))
        ok = wg_fail(err, WG_E_LIMIT, "depends: at most %zu bytes", sizeof row->depends - 1);
    free(text);
    return ok;
}

static bool read_sha256(const json_t *body, struct release_row *row, struct wg_error *err)
{
    return wg_json_text(body, "sha256", row->sha256, sizeof row->sha256, err);
}

bool publishing_read(const json_t *body, struct publishing *out, struct wg_error *err)
{
    char key[WG_SORT_KEY_MAX];
    struct release_row *row = &out->row;
    memset(out, 0, sizeof *out);
    if (!wg_json_text(body, "component", row->component, sizeof row->component, err) ||
        !wg_json_text(body, "version", row->version, sizeof row->version, err) ||
        !read_sha256(body, row, err) ||
        !wg_json_text_opt(body, "hardware_model", row->hardware_model, sizeof row->hardware_model,
                          err) ||
        !wg_json_text_opt(body, "notes", row->notes, sizeof row->notes, err))
        return false;
    if (!wg_name_is_valid(row->component) ||
        (row->hardware_model[0] && !wg_name_is_valid(row->hardware_model)))
        return wg_fail(err, WG_E_USAGE,
                       "component and hardware: expected letters, digits, '.', '_' or '-'");
    if (!wg_version_key(row->version, key, err)) return wg_context(err, "version");
    return read_from(body, row, err) && read_with(body, row, err) && read_depends(body, row, err) &&
           read_header(body, out, err);
}

bool publishing_read_form(const json_t *body, const char *component, const char *version,
                          struct publishing *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    (void)wg_copy(out->row.component, sizeof out->row.component, component);
    (void)wg_copy(out->row.version, sizeof out->row.version, version);
    return read_sha256(body, &out->row, err) && read_header(body, out, err);
}

/* ---- the artifact ---- */

static bool take_header(const struct publishing *publishing, const struct settings *settings,
                        struct wg_error *err)
{
    struct age_identity identity;
    const struct sealer_config config = {
        .folder = settings->artifact_keys,
        .kek_count = settings->artifact_kek_count,
        .keks = {settings->artifact_keks[0], settings->artifact_keks[1]},
        .secret = {.fd = -1}};
    if (!settings->artifact_keys[0] || !settings->artifact_identity[0])
        return wg_fail(err, WG_E_USAGE,
                       "artifacts.keys, kek and identity are needed for encrypted artifacts, in "
                       "the server's configuration");
    struct sealer *sealer = sealer_new(&config, err);
    bool ok = sealer && identity_file_load(settings->artifact_identity, &identity, err);
    if (ok) {
        ok = sealer_take(sealer, publishing->row.sha256, publishing->header,
                         strlen(publishing->header), &identity, err);
        age_identity_clear(&identity);
    }
    sealer_free(sealer);
    return ok;
}

bool publishing_take(struct publishing *publishing, const struct settings *settings,
                     struct wg_error *err)
{
    struct artifact artifact;
    if (!artifact_find(settings->artifacts_folder, publishing->row.sha256, &artifact, err))
        return false;
    publishing->row.length = artifact.length;
    return !publishing->header[0] || take_header(publishing, settings, err) ||
           wg_context(err, "header");
}

/* ---- the row ---- */

/* Companions must be published, and all must go together. */
static bool check_together(const struct release_row *row, struct db *db, struct wg_error *err)
{
    struct together *together = together_read(db, row, err);
    bool ok = together != NULL;
    free(together);
    return ok || wg_context(err, row->companion_count > 0 ? "with" : "depends");
}

static bool sign(const struct release_row *row, const struct signing *signing,
                 struct release_signature *out, struct wg_error *err)
{
    struct statement say = {.kind = STATEMENT_RELEASE};
    struct wg_buf text;
    (void)wg_format(say.release, sizeof say.release, "%s/%s", row->component, row->version);
    (void)wg_copy(say.digest, sizeof say.digest, row->sha256);
    wg_buf_init(&text, STATEMENT_MAX);
    bool ok = signing->sign(signing->ctx, &say, &text, err);
    if (ok && (!wg_copy(out->statement, sizeof out->statement, wg_buf_str(&text)) ||
               !wg_copy(out->added_by, sizeof out->added_by, signing->who->name) ||
               !wg_copy(out->chain, sizeof out->chain, signing->who->chain)))
        ok = wg_fail(err, WG_E_LIMIT, "the statement or the certificate is too long");
    wg_buf_clear(&text);
    return ok;
}

bool publishing_sign(struct publishing *publishing, struct db *db, const struct signing *signing,
                     struct wg_error *err)
{
    return check_together(&publishing->row, db, err) &&
           sign(&publishing->row, signing, &publishing->signature, err);
}

bool publishing_add(const struct publishing *publishing, struct db *db, bool *added,
                    struct wg_error *err)
{
    return release_row_add(db, &publishing->row, &publishing->signature, added, err);
}
