/* repo_evidence.c: looks into bills of materials and provenance. The signature of a DSSE envelope
 * is the builder's affair; what counts here is the repository admin's over the whole file. */
#include <wolfssl/options.h>

#include "orchestrator/release/repo_evidence.h"

#include "common/text.h"

#include <wolfssl/wolfcrypt/coding.h>

#include <stdlib.h>
#include <string.h>

#define SHOWN_MAX 160

static json_t *parse(const char *bytes, size_t len, const char *what, struct wg_error *err)
{
    json_t *value = wg_json_parse(bytes, len, EVIDENCE_MAX, err);
    if (json_is_object(value)) return value;
    if (value) (void)wg_fail(err, WG_E_BAD_FILE, "expected an object");
    json_decref(value);
    if (err && err->code == WG_E_BAD_INPUT) err->code = WG_E_BAD_FILE;
    (void)wg_context(err, "the %s is not JSON as expected", what);
    return NULL;
}

/* What a stranger wrote, fit for a terminal. */
static void shown(const json_t *text, char out[SHOWN_MAX], const char *otherwise)
{
    (void)wg_copy(out, SHOWN_MAX, json_is_string(text) ? json_string_value(text) : otherwise);
    for (char *c = out; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
}

bool evidence_sbom(const char *bytes, size_t len, char out[EVIDENCE_SUMMARY_MAX],
                   struct wg_error *err)
{
    char version[SHOWN_MAX];
    json_t *file = parse(bytes, len, "SBOM", err);
    if (!file) return false;
    const char *format = json_string_value(json_object_get(file, "bomFormat"));
    const json_t *spdx = json_object_get(file, "spdxVersion");
    bool ok = true;
    if (format && strcmp(format, "CycloneDX") == 0) {
        shown(json_object_get(file, "specVersion"), version, "?");
        (void)wg_format(out, EVIDENCE_SUMMARY_MAX, "CycloneDX %s, %zu components", version,
                        json_array_size(json_object_get(file, "components")));
    } else if (json_is_string(spdx)) {
        shown(spdx, version, "?");
        (void)wg_format(out, EVIDENCE_SUMMARY_MAX, "%s, %zu packages", version,
                        json_array_size(json_object_get(file, "packages")));
    } else {
        ok = wg_fail(err, WG_E_BAD_FILE,
                     "the SBOM is neither CycloneDX (bomFormat) nor SPDX (spdxVersion) in JSON");
    }
    json_decref(file);
    return ok;
}

/* The statement within a DSSE envelope; takes the envelope over. */
static json_t *unwrap(json_t *envelope, struct wg_error *err)
{
    const json_t *payload = json_object_get(envelope, "payload");
    if (!payload) return envelope;
    size_t len = json_string_length(payload);
    word32 size = (word32)len;
    char *text = malloc(len + 1);
    json_t *statement = NULL;
    if (!text)
        (void)wg_fail_memory(err, "reading provenance");
    else if (len == 0 || Base64_Decode((const byte *)json_string_value(payload), (word32)len,
                                       (byte *)text, &size) != 0)
        (void)wg_fail(err, WG_E_BAD_FILE, "the provenance: its payload is not base64");
    else
        statement = parse(text, size, "provenance's payload", err);
    free(text);
    json_decref(envelope);
    return statement;
}

static bool names_digest(const json_t *statement, const char *const *sha256s)
{
    const json_t *subjects = json_object_get(statement, "subject"), *subject = NULL;
    size_t i = 0;
    if (!*sha256s) return true;
    json_array_foreach(subjects, i, subject)
    {
        const char *hex =
            json_string_value(json_object_get(json_object_get(subject, "digest"), "sha256"));
        for (const char *const *at = sha256s; hex && *at; at++)
            if (strcmp(hex, *at) == 0) return true;
    }
    return false;
}

static void summarise(const json_t *statement, char out[EVIDENCE_SUMMARY_MAX])
{
    char type[SHOWN_MAX], builder[SHOWN_MAX], build[SHOWN_MAX];
    const json_t *predicate = json_object_get(statement, "predicate");
    const json_t *details = json_object_get(predicate, "runDetails"); /* SLSA 1; 0.2 has it above */
    const json_t *by = json_object_get(details ? details : predicate, "builder");
    const json_t *definition = json_object_get(predicate, "buildDefinition");
    shown(json_object_get(statement, "predicateType"), type, "no predicate");
    shown(json_object_get(by, "id"), builder, "an unnamed builder");
    shown(json_object_get(definition ? definition : predicate, "buildType"), build, "not told");
    (void)wg_format(out, EVIDENCE_SUMMARY_MAX, "%s, by %s, build type %s", type, builder, build);
}

bool evidence_provenance(const char *bytes, size_t len, const char *const *sha256s,
                         char out[EVIDENCE_SUMMARY_MAX], struct wg_error *err)
{
    static const char prefix[] = "https://in-toto.io/Statement/";
    json_t *statement = parse(bytes, len, "provenance", err);
    if (statement) statement = unwrap(statement, err);
    if (!statement) return false;
    const char *type = json_string_value(json_object_get(statement, "_type"));
    bool ok =
        (type && strncmp(type, prefix, sizeof prefix - 1) == 0) ||
        wg_fail(err, WG_E_BAD_FILE, "the provenance is no in-toto statement (_type %s...)", prefix);
    ok = ok && (names_digest(statement, sha256s) ||
                wg_fail(err, WG_E_VERIFY,
                        "the provenance is of something else: no subject has the artifact's "
                        "sha256 %s",
                        sha256s[0]));
    if (ok) summarise(statement, out);
    json_decref(statement);
    return ok;
}
