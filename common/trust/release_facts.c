/* release_facts.c: reads what is said of a release, and holds a device against it. */
#include "common/trust/release_facts.h"

#include <stdlib.h>
#include <string.h>

static bool read_range(const json_t *object, const char *key, enum wg_scheme scheme,
                       char out[RELEASE_RANGE_MAX], struct wg_error *err)
{
    if (!wg_json_text_opt(object, key, out, RELEASE_RANGE_MAX, err)) return false;
    if (!out[0]) return true;
    struct wg_range *range = malloc(sizeof *range);
    if (!range) return wg_fail_memory(err, "reading a release");
    bool ok = wg_scheme_range_parse(scheme, out, range, err) || wg_context(err, "%s", key);
    free(range);
    return ok;
}

static bool read_hardware(const json_t *custom, struct release_facts *out, struct wg_error *err)
{
    json_t *list = json_object_get(custom, "hardware");
    if (!list) return true;
    if (!json_is_array(list) || json_array_size(list) > RELEASE_HARDWARE_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "hardware: expected a list of at most %d models",
                       RELEASE_HARDWARE_MAX);
    for (size_t i = 0; i < json_array_size(list); i++) {
        struct release_hardware *hardware = &out->hardware[out->hardware_count++];
        const json_t *entry = json_array_get(list, i);
        struct wg_range range;
        if (!wg_json_text(entry, "model", hardware->model, sizeof hardware->model, err) ||
            !wg_json_text_opt(entry, "revision", hardware->revision, sizeof hardware->revision,
                              err) ||
            !wg_revision_range_parse(hardware->revision, &range, err))
            return wg_context(err, "hardware[%zu]", i);
    }
    return true;
}

/* Components of devices that others depend on have semantic versions, or are opaque: then only
 * "*" can be asked of them. */
static bool read_depends(const json_t *custom, struct release_facts *out, struct wg_error *err)
{
    json_t *depends = json_object_get(custom, "depends"), *range;
    const char *component;
    if (!depends) return true;
    if (!json_is_object(depends) || json_object_size(depends) > RELEASE_DEPENDS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "depends: expected an object of at most %d components",
                       RELEASE_DEPENDS_MAX);
    json_object_foreach(depends, component, range)
    {
        struct release_dependency *dependency = &out->depends[out->depends_count++];
        if (!wg_name_is_valid(component) ||
            !wg_copy(dependency->component, sizeof dependency->component, component))
            return wg_fail(err, WG_E_BAD_INPUT, "depends: \"%.64s\" is no component", component);
        if (!read_range(depends, component, WG_SCHEME_SEMVER, dependency->range, err))
            return wg_context(err, "depends");
    }
    return true;
}

static bool read_with(const json_t *custom, struct release_facts *out, struct wg_error *err)
{
    json_t *with = json_object_get(custom, "with"), *version;
    const char *component;
    if (!with) return true;
    if (!json_is_object(with) || json_object_size(with) > WG_COMPANIONS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "with: expected an object of at most %d components",
                       WG_COMPANIONS_MAX);
    json_object_foreach(with, component, version)
    {
        struct wg_component *companion = &out->companions[out->companion_count++];
        if (!wg_name_is_valid(component) || strcmp(component, out->component) == 0 ||
            !wg_copy(companion->name, sizeof companion->name, component))
            return wg_fail(err, WG_E_BAD_INPUT, "with: \"%.64s\" is no other component", component);
        if (!wg_json_text(with, component, companion->version, sizeof companion->version, err))
            return wg_context(err, "with");
        if (!companion->version[0])
            return wg_fail(err, WG_E_BAD_INPUT, "with: %s: expected a version", component);
    }
    return true;
}

static bool read_papers(const json_t *custom, struct release_facts *out, struct wg_error *err)
{
    json_t *papers = NULL;
    if (!json_object_get(custom, "papers")) return true;
    if (!wg_json_array(custom, "papers", &papers, err)) return false;
    for (size_t i = 0; i < json_array_size(papers); i++) {
        const char *paper = json_string_value(json_array_get(papers, i));
        out->has_sbom = out->has_sbom || (paper && strcmp(paper, "sbom") == 0);
        out->has_provenance = out->has_provenance || (paper && strcmp(paper, "provenance") == 0);
    }
    return true;
}

static bool is_digest(const char *hex)
{
    uint8_t bytes[WG_SHA256_SIZE];
    return wg_unhex(hex, bytes, sizeof bytes);
}

static bool read_plain(const json_t *custom, struct release_facts *out, struct wg_error *err)
{
    json_t *plain = NULL;
    (void)wg_copy(out->plain_sha256, sizeof out->plain_sha256, out->sha256);
    out->plain_length = out->length;
    if (!json_object_get(custom, "plain")) return true;
    out->is_age = true;
    if (!wg_json_object(custom, "plain", &plain, err) ||
        !wg_json_text(plain, "sha256", out->plain_sha256, sizeof out->plain_sha256, err) ||
        !wg_json_int(plain, "length", 0, INT64_MAX, &out->plain_length, err))
        return wg_context(err, "plain");
    return is_digest(out->plain_sha256) ||
           wg_fail(err, WG_E_BAD_INPUT, "plain.sha256: expected 64 lower-case hex digits");
}

static bool read_form_names(const json_t *custom, struct release_facts *out, struct wg_error *err)
{
    json_t *names = NULL;
    if (!json_object_get(custom, "forms")) return true;
    if (!wg_json_array(custom, "forms", &names, err)) return false;
    if (json_array_size(names) > RELEASE_FORMS_MAX)
        return wg_fail(err, WG_E_BAD_INPUT, "forms: expected at most %d", RELEASE_FORMS_MAX);
    for (size_t i = 0; i < json_array_size(names); i++) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!name || !wg_name_is_valid(name) ||
            !wg_copy(out->form_names[out->form_name_count++], WG_NAME_MAX + 1, name))
            return wg_fail(err, WG_E_BAD_INPUT, "forms[%zu]: expected the name of a target", i);
    }
    return true;
}

static bool read_content(const json_t *object, const char *key, struct release_content *out,
                         struct wg_error *err)
{
    json_t *content = NULL;
    if (!wg_json_object(object, key, &content, err) ||
        !wg_json_text(content, "sha256", out->sha256, sizeof out->sha256, err) ||
        !wg_json_int(content, "length", 0, INT64_MAX, &out->length, err))
        return wg_context(err, "%s", key);
    return is_digest(out->sha256) ||
           wg_fail(err, WG_E_BAD_INPUT, "%s.sha256: expected 64 lower-case hex digits", key);
}

static const char *const FORMS[] = {[RELEASE_ZSTD] = "zstd", [RELEASE_ZSTD_PATCH] = "zstd-patch"};

const char *release_form_text(enum release_form_kind kind)
{
    return FORMS[kind];
}

static bool read_form(const json_t *custom, struct release_form *out, struct wg_error *err)
{
    char text[WG_NAME_MAX + 1];
    if (!wg_json_text(custom, "form", text, sizeof text, err)) return false;
    out->kind = strcmp(text, FORMS[RELEASE_ZSTD]) == 0 ? RELEASE_ZSTD : RELEASE_ZSTD_PATCH;
    if (strcmp(text, FORMS[out->kind]) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "form: expected zstd or zstd-patch, found \"%s\"",
                       text);
    out->is_age = json_object_get(custom, "plain") != NULL;
    out->plain = out->target;
    return read_content(custom, "to", &out->to, err) &&
           (out->kind != RELEASE_ZSTD_PATCH || read_content(custom, "from", &out->from, err)) &&
           (!out->is_age || read_content(custom, "plain", &out->plain, err));
}

bool release_form_read(const json_t *custom, struct release_form *form, struct wg_error *err)
{
    json_t *ours = NULL;
    struct release_form read = {.target = form->target};
    if (!wg_json_object(custom, "wavegate", &ours, err) || !read_form(ours, &read, err))
        return wg_context(err, "form of a release");
    *form = read;
    return true;
}

bool release_facts_add_form(struct release_facts *facts, const struct release_form *form)
{
    if (facts->form_count == RELEASE_FORMS_MAX || form->to.length != facts->plain_length ||
        strcmp(form->to.sha256, facts->plain_sha256) != 0)
        return false;
    facts->forms[facts->form_count++] = *form;
    return true;
}

static bool read_scheme(const json_t *custom, struct release_facts *out, struct wg_error *err)
{
    char text[16] = "semver";
    if (!wg_json_text_opt(custom, "scheme", text, sizeof text, err)) return false;
    return wg_scheme_parse(text, &out->scheme) ||
           wg_fail(err, WG_E_BAD_INPUT,
                   "scheme: expected semver, debian, calver or opaque, found \"%s\"", text);
}

static bool read_custom(const json_t *custom, struct release_facts *out, struct wg_error *err)
{
    if (!wg_json_text(custom, "component", out->component, sizeof out->component, err) ||
        !wg_json_text(custom, "version", out->version, sizeof out->version, err) ||
        !read_scheme(custom, out, err) ||
        !wg_json_int_opt(custom, "security_version", 0, RELEASE_SECURITY_MAX,
                         &out->security_version, err) ||
        !read_range(custom, "from", out->scheme, out->from, err))
        return false;
    if (!wg_name_is_valid(out->component) || !out->version[0])
        return wg_fail(err, WG_E_BAD_INPUT, "component, version: expected a name and a version");
    return read_hardware(custom, out, err) && read_depends(custom, out, err) &&
           read_with(custom, out, err) && read_papers(custom, out, err) &&
           read_plain(custom, out, err) && read_form_names(custom, out, err);
}

bool release_facts_read(const json_t *custom, struct release_facts *facts, struct wg_error *err)
{
    json_t *ours = NULL;
    struct release_facts *read = calloc(1, sizeof *read);
    if (!read) return wg_fail_memory(err, "reading a release");
    read->length = facts->length;
    (void)wg_copy(read->sha256, sizeof read->sha256, facts->sha256);
    bool ok = wg_json_object(custom, "wavegate", &ours, err) && read_custom(ours, read, err);
    if (ok) *facts = *read;
    free(read);
    return ok || wg_context(err, "release");
}

static bool holds_revision(const struct release_hardware *hardware, const char *revision)
{
    struct wg_error ignored = {0};
    struct wg_range range;
    char key[WG_SORT_KEY_MAX];
    if (!hardware->revision[0]) return true;
    return revision[0] && wg_revision_range_parse(hardware->revision, &range, &ignored) &&
           wg_revision_key(revision, key, &ignored) && wg_range_holds(&range, key);
}

static bool fits_hardware(const struct release_facts *facts, const struct release_device *device)
{
    for (size_t i = 0; i < facts->hardware_count; i++)
        if (strcmp(facts->hardware[i].model, device->model) == 0 &&
            holds_revision(&facts->hardware[i], device->revision))
            return true;
    return facts->hardware_count == 0;
}

/* version NULL: there is none. A version without order is in no range but "*". */
static bool in_range(enum wg_scheme scheme, const char *text, const char *version)
{
    struct wg_error ignored = {0};
    char key[WG_SORT_KEY_MAX] = "";
    if (!version) return false;
    struct wg_range *range = malloc(sizeof *range);
    if (!range) return false;
    if (!wg_scheme_key(scheme, version, key, &ignored)) key[0] = '\0';
    bool ok = wg_scheme_range_parse(scheme, text, range, &ignored) && wg_range_holds(range, key);
    free(range);
    return ok;
}

bool release_depends_hold(const struct release_dependency *dependency, const char *version)
{
    return in_range(WG_SCHEME_SEMVER, dependency->range, version);
}

static const char *or_none(const char *version)
{
    return version ? version : "none";
}

static const char *coming(const struct release_device *device, const char *component)
{
    return device->coming ? device->coming(device->ctx, component) : NULL;
}

/* What there is once all that comes is there. */
static const char *there_is(const struct release_device *device, const char *component)
{
    const char *version = coming(device, component);
    return version ? version : device->version(device->ctx, component);
}

static bool fits_dependency(const struct release_device *device,
                            const struct release_dependency *dependency)
{
    return release_depends_hold(dependency, there_is(device, dependency->component));
}

bool release_facts_fit(const struct release_facts *facts, const struct release_device *device,
                       char *why, size_t size)
{
    if (!fits_hardware(facts, device)) {
        (void)wg_format(why, size, "%s/%s does not fit hardware %s%s%s", facts->component,
                        facts->version, device->model, device->revision[0] ? " " : "",
                        device->revision);
        return false;
    }
    const char *runs = device->version(device->ctx, facts->component);
    bool stays = runs && strcmp(runs, facts->version) == 0;
    if (facts->from[0] && !stays && !in_range(facts->scheme, facts->from, runs)) {
        (void)wg_format(why, size, "%s/%s can be installed over %s, here runs %s", facts->component,
                        facts->version, facts->from, or_none(runs));
        return false;
    }
    for (size_t i = 0; i < facts->depends_count; i++) {
        const struct release_dependency *dependency = &facts->depends[i];
        if (fits_dependency(device, dependency)) continue;
        (void)wg_format(why, size, "%s/%s needs %s %s, here %s %s", facts->component,
                        facts->version, dependency->component, dependency->range,
                        coming(device, dependency->component) ? "comes" : "runs",
                        or_none(there_is(device, dependency->component)));
        return false;
    }
    return true;
}
