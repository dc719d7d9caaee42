/* release_facts.h: what the repository says of a release, in a TUF target's "custom" under
 * "wavegate": what it is, and which devices it may go to. Pure.
 *
 *   {"wavegate": {"component": "brake-controller", "version": "2.4.1", "scheme": "semver",
 *                 "hardware": [{"model": "brake-controller", "revision": ">=C"}],
 *                 "from": ">=2.3.0 <2.4.1", "depends": {"gateway": "^5"}, "security_version": 3,
 *                 "with": {"gateway": "5.0.1"}, "papers": ["sbom", "provenance"], "plain":
 * {"sha256": "...", "length": 1234}, "forms": ["artifact.zst", "from-2.4.0.zst"]}}
 *
 * "with": releases of the repository that are installed together with it (release_set.h). Without
 * "hardware" it fits every device; without "from" it can follow on any version; without
 * "plain" the target itself is what gets installed, with it the target is an age body that opens to
 * that. "papers" are further targets beside it, and so are "forms", by name: other files that
 * become what gets installed, each a target with a custom part of its own:
 *
 *   {"wavegate": {"form": "zstd-patch", "from": {"sha256": "...", "length": 1200},
 *                 "to": {"sha256": "...", "length": 1234}, "plain": {"sha256": "...", "length":
 * 99}}}
 *
 * "form": zstd or zstd-patch (common/zst); "from": the old content of a patch; "to": what gets
 * installed; "plain": as above. Further members are ignored. */
#ifndef WG_COMMON_TRUST_RELEASE_FACTS_H
#define WG_COMMON_TRUST_RELEASE_FACTS_H

#include "common/crypto.h"
#include "common/json.h"
#include "common/message.h"
#include "common/text.h"
#include "common/version.h"

#define RELEASE_HARDWARE_MAX 32
#define RELEASE_DEPENDS_MAX 16
#define RELEASE_FORMS_MAX 8
#define RELEASE_RANGE_MAX 256 /* bytes of a range, with NUL */
#define RELEASE_SECURITY_MAX INT32_MAX

struct release_hardware {
    char model[WG_NAME_MAX + 1];
    char revision[RELEASE_RANGE_MAX]; /* "" any */
};

struct release_dependency {
    char component[WG_NAME_MAX + 1];
    char range[RELEASE_RANGE_MAX];
};

enum release_form_kind { RELEASE_ZSTD, RELEASE_ZSTD_PATCH };

struct release_content {
    char sha256[WG_SHA256_HEX];
    int64_t length;
};

struct release_form {
    struct release_content target; /* as the metadata name it; filled by the caller */
    enum release_form_kind kind;
    struct release_content from; /* zstd-patch only */
    struct release_content to;
    bool is_age;
    struct release_content plain; /* after decryption; the target's without age */
};

struct release_facts {
    /* of the target, as the metadata names it; filled by the caller */
    char sha256[WG_SHA256_HEX];
    int64_t length;
    /* of its custom part */
    char component[WG_NAME_MAX + 1];
    char version[WG_VERSION_MAX + 1];
    enum wg_scheme scheme;
    int64_t security_version; /* 0 when nothing is said */
    char from[RELEASE_RANGE_MAX];
    bool is_age;
    bool has_sbom, has_provenance;
    char plain_sha256[WG_SHA256_HEX]; /* of what gets installed; sha256 and length without age */
    int64_t plain_length;
    size_t hardware_count;
    struct release_hardware hardware[RELEASE_HARDWARE_MAX];
    size_t depends_count;
    struct release_dependency depends[RELEASE_DEPENDS_MAX];
    size_t companion_count;
    struct wg_component companions[WG_COMPANIONS_MAX];
    size_t form_name_count; /* targets beside this one */
    char form_names[RELEASE_FORMS_MAX][WG_NAME_MAX + 1];
    size_t form_count; /* those that were found; filled by the caller */
    struct release_form forms[RELEASE_FORMS_MAX];
};

/* Fills the custom part; sha256 and length must be there. The whole struct or nothing.
 * WG_E_BAD_INPUT names what is wrong. */
WG_MUST_CHECK bool release_facts_read(const json_t *custom, struct release_facts *facts,
                                      struct wg_error *err);

/* Fills all but the target, which must be there. The whole struct or nothing. WG_E_BAD_INPUT also
 * for a form that is not known here. */
WG_MUST_CHECK bool release_form_read(const json_t *custom, struct release_form *form,
                                     struct wg_error *err);
/* Adds it when it becomes what gets installed, and there is room; false: it was passed over. */
bool release_facts_add_form(struct release_facts *facts, const struct release_form *form);
const char *release_form_text(enum release_form_kind kind);

/* Is that a version that a dependency's range holds? NULL, none, is not. */
bool release_depends_hold(const struct release_dependency *dependency, const char *version);

/* A device as it is. Borrowed. */
struct release_device {
    const char *model, *revision; /* revision "": not known */
    /* The version of a component that runs there; NULL: it has none. */
    const char *(*version)(void *ctx, const char *component);
    /* The version that there will be of a component that comes with it; NULL: none comes. NULL,
     * also as the function. */
    const char *(*coming)(void *ctx, const char *component);
    void *ctx;
};

/* May it go to that device, alone? What runs there already is not held against "from". False: why
 * says why not, for a person. */
bool release_facts_fit(const struct release_facts *facts, const struct release_device *device,
                       char *why, size_t size);

#endif
