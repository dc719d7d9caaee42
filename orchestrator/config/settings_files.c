/* settings_files.c: which keys name files, of what kind, and whose. */
#include "orchestrator/config/settings_files.h"

#include "common/posix/place.h"
#include "common/text.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <string.h>

#define BOTH (SETTINGS_OF_DAEMON | SETTINGS_OF_API)

/* The folder of wrapped keys is made when it is needed first; the signer's socket is there when the
 * signer is. */
static const struct rule {
    const char *path; /* keys with '.' between */
    unsigned programs;
    enum wg_place_kind kind;
} rules[] = {
    {"database_secret", BOTH, WG_PLACE_SECRET},
    {"tls.ca", SETTINGS_OF_DAEMON, WG_PLACE_PEM},
    {"tls.certificate", SETTINGS_OF_DAEMON, WG_PLACE_PEM},
    {"tls.key", SETTINGS_OF_DAEMON, WG_PLACE_SECRET},
    {"operators.root", BOTH, WG_PLACE_PEM},
    {"operators.crl", BOTH, WG_PLACE_PEM},
    {"director", SETTINGS_OF_DAEMON, WG_PLACE_SECRET},
    {"enrolment", BOTH, WG_PLACE_PEM},
    {"artifacts.folder", SETTINGS_OF_API, WG_PLACE_FOLDER},
    {"artifacts.kek", BOTH, WG_PLACE_SECRET},
    {"artifacts.identity", SETTINGS_OF_API, WG_PLACE_SECRET},
    {"artifacts.url_keys", SETTINGS_OF_DAEMON, WG_PLACE_SECRET},
    {"artifacts.urls.secret_key_file", SETTINGS_OF_DAEMON, WG_PLACE_SECRET},
    {"repository", SETTINGS_OF_API, WG_PLACE_FOLDER},
    {"gate_hooks", SETTINGS_OF_DAEMON, WG_PLACE_FOLDER},
    {"gate_hooks_ca", SETTINGS_OF_DAEMON, WG_PLACE_PEM},
    {"api.certificate", SETTINGS_OF_API, WG_PLACE_PEM},
    {"api.certificates", SETTINGS_OF_API, WG_PLACE_PEM},
    {"api.key", SETTINGS_OF_API, WG_PLACE_SECRET},
    {"api.database_secret", SETTINGS_OF_API, WG_PLACE_SECRET},
    {"api.web", SETTINGS_OF_API, WG_PLACE_FOLDER},
    {"api.files", SETTINGS_OF_API, WG_PLACE_FOLDER},
    {"api.webhook_ca", SETTINGS_OF_API, WG_PLACE_PEM},
    {"api.oidc.client_secret_file", SETTINGS_OF_API, WG_PLACE_SECRET},
    {"api.oidc.ca", SETTINGS_OF_API, WG_PLACE_PEM},
};

struct check {
    struct yaml_doc *doc;
    const char *folder;
    const struct rule *rule;
    bool starting;
};

static void check_file(const struct check *check, const struct yaml_value *at)
{
    char path[PATH_MAX] = "";
    struct wg_error problem = {0};
    if (at->kind != YAML_TEXT || !wg_place(check->folder, at->text, path, NULL))
        return; /* told already */
    if (!wg_place_check(path, check->rule->kind, check->starting, &problem))
        yaml_doc_problem(check->doc, at, "%s: %s", check->rule->path, problem.text);
}

/* What the keys lead to from here; in a list, from each of its items. */
static void check_at(const struct check *check, const struct yaml_value *at, const char *keys)
{
    char key[64];
    size_t len = strcspn(keys, ".");
    if (!at) return;
    if (at->kind == YAML_LIST)
        for (size_t i = 0; i < at->count; i++) check_at(check, at->items[i], keys);
    else if (!keys[0])
        check_file(check, at);
    else if (at->kind == YAML_MAP && wg_copy_n(key, sizeof key, keys, len))
        check_at(check, yaml_get(at, key), keys + len + (keys[len] == '.'));
}

void settings_files_check(struct yaml_doc *doc, const char *folder, unsigned programs,
                          bool starting)
{
    struct check check = {.doc = doc, .folder = folder, .starting = starting};
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        check.rule = &rules[i];
        if (rules[i].programs & programs) check_at(&check, doc->root, rules[i].path);
    }
}
