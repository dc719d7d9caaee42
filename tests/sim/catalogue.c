/* catalogue.c: the tables, and the keys of their versions. */
#include "tests/sim/catalogue.h"

#include <string.h>

const struct catalogue_model catalogue_models[] = {
    {"edge-gateway", 42, {3, 12, 40, 35, 10}, {256, 512, 512, 1024, 1024}},
    {"telematics-unit", 30, {8, 22, 45, 25, 0}, {128, 128, 256, 256, 256}},
    {"charge-controller", 18, {0, 30, 50, 20, 0}, {512, 512, 1024, 1024, 1024}},
    {"display-panel", 10, {15, 0, 60, 25, 0}, {1024, 1024, 2048, 2048, 2048}},
};
const size_t catalogue_model_count = sizeof catalogue_models / sizeof catalogue_models[0];

const struct catalogue_tag catalogue_tags[CATALOGUE_TAGS] = {
    {"cellular", 0.45},       {"outdoor", 0.22}, {"leased", 0.12}, {"beta", 0.03},
    {"do-not-disturb", 0.01}, {"vip", 0.005},    {"lab", 0.002},   {"recall-2024", 0.0004},
};

struct weighted_version {
    const char *text;
    double weight;
};

/* Most run one of the last few releases; then a tail as long as the product is old. */
static const struct weighted_version firmware[] = {
    {"2.7.1", 24},
    {"2.7.0", 11},
    {"2.6.4", 14},
    {"2.6.3", 8},
    {"2.6.2", 4.5},
    {"2.6.1", 2.2},
    {"2.6.0", 1.6},
    {"2.5.3", 7},
    {"2.5.2", 3.5},
    {"2.5.1", 1.8},
    {"2.5.0", 1.1},
    {"2.4.9", 4},
    {"2.4.7", 1.6},
    {"2.4.6", 1.1},
    {"2.4.5", 0.8},
    {"2.4.1", 0.7},
    {"2.4.0", 0.5},
    {"2.3.12", 2.4},
    {"2.3.11", 1.0},
    {"2.3.10", 0.7},
    {"2.3.9", 0.6},
    {"2.3.7", 0.5},
    {"2.3.0", 0.35},
    {"2.2.5", 1.3},
    {"2.2.4", 0.5},
    {"2.2.0", 0.3},
    {"2.1.8", 0.8},
    {"2.1.3", 0.3},
    {"2.1.0", 0.2},
    {"2.0.10", 0.4},
    {"2.0.9", 0.2},
    {"2.0.0", 0.15},
    {"1.12.4", 0.5},
    {"1.12.0", 0.2},
    {"1.11.2", 0.2},
    {"1.10.0", 0.15},
    {"1.9.7", 0.12},
    {"1.8.1", 0.08},
    {"1.6.0", 0.06},
    {"1.4.2", 0.05},
    {"1.2.0", 0.03},
    {"1.0.3", 0.02},
    {"0.9.8", 0.01},
    {"3.0.0-alpha.2", 0.03},
    {"3.0.0-alpha.1", 0.01},
    {"2.8.0-rc.2", 0.45},
    {"2.8.0-rc.1", 0.25},
    {"2.8.0-beta.11", 0.12},
    {"2.8.0-beta.2", 0.05},
    {"2.7.0-rc.1", 0.06},
    {"2.5.0-rc.3", 0.03},
    {"2.6.4+hotfix.1", 0.3},
    {"2.5.3+site.7", 0.1},
    {"factory", 0.04}, /* flashed by hand: no order in any scheme */
    {NULL, 0},
};

static const struct weighted_version base_os[] = {
    {"12.7-2+wg1", 22},
    {"12.7-1+wg3", 12},
    {"12.6-4+wg1", 15},
    {"12.6-3", 8},
    {"12.5-9", 7},
    {"12.5-8", 4},
    {"12.5-2~bpo11+1", 3},
    {"12.4-1", 3},
    {"12.2-5", 2},
    {"12.1-1", 1.2},
    {"12.0-3~rc2", 0.2},
    {"12.0-3", 1},
    {"11.11-1+deb11u2", 6},
    {"11.10-2", 3},
    {"11.9-1", 2.5},
    {"11.8-1~wg1", 1.2},
    {"11.6-4", 1},
    {"11.3-1", 0.6},
    {"11.0-1", 0.3},
    {"1:10.13-1", 0.8},
    {"1:10.12-3", 0.4},
    {"1:10.9-1", 0.2},
    {"9.13-0wg2", 0.1},
    {"13.0~alpha3-1", 0.05},
    {NULL, 0},
};

static const struct weighted_version map_data[] = {
    {"2026.2", 30},  {"2026.1.2", 8},    {"2026.1", 20},  {"2025.4", 14},  {"2025.3.1", 6},
    {"2025.3", 5},   {"2025.2", 4},      {"2025.1", 3},   {"2024.4", 3},   {"2024.3", 2},
    {"2024.2", 1.5}, {"2024.1", 1},      {"2023.4", 0.8}, {"2023.2", 0.6}, {"2022.4", 0.4},
    {"2022.1", 0.3}, {"2021.11.2", 0.2}, {"2021.5", 0.1}, {NULL, 0},
};

static const struct {
    const char *name;
    double share;
    const struct weighted_version *versions;
} components[CATALOGUE_COMPONENTS] = {
    {"firmware", 1, firmware}, {"base-os", 0.8, base_os}, {"map-data", 0.35, map_data}};

static bool fill_key(enum wg_scheme scheme, const char *text, char *out, struct wg_error *err)
{
    char key[WG_SORT_KEY_MAX] = "";
    bool ordered = wg_scheme_key(scheme, text, key, NULL);
    return wg_copy(out, CATALOGUE_KEY_MAX, ordered ? key : "") ||
           wg_fail(err, WG_E_LIMIT, "the key of version %s is longer than %d bytes", text,
                   CATALOGUE_KEY_MAX - 1);
}

static bool fill_component(struct catalogue_component *component,
                           const struct weighted_version *list, struct wg_error *err)
{
    for (; list->text; list++) {
        if (!chance_table_add(&component->weights, list->weight))
            return wg_fail(err, WG_E_LIMIT, "%s has too many versions", component->name);
        struct catalogue_version *version = &component->versions[component->weights.count - 1];
        version->text = list->text;
        if (!fill_key(WG_SCHEME_SEMVER, list->text, version->version_key, err) ||
            !fill_key(WG_SCHEME_DEBIAN, list->text, version->debian_key, err) ||
            !fill_key(WG_SCHEME_CALVER, list->text, version->calver_key, err))
            return false;
    }
    return true;
}

bool catalogue_init(struct catalogue *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < CATALOGUE_COMPONENTS; i++) {
        out->components[i].name = components[i].name;
        out->components[i].share = components[i].share;
        if (!fill_component(&out->components[i], components[i].versions, err)) return false;
    }
    for (size_t i = 0; i < CATALOGUE_REVISIONS; i++) {
        char key[WG_SORT_KEY_MAX];
        const char revision[] = {(char)('A' + i), '\0'};
        if (!wg_revision_key(revision, key, err)) return false;
        if (!wg_copy(out->revision_keys[i], CATALOGUE_KEY_MAX, key))
            return wg_fail(err, WG_E_LIMIT, "the key of revision %s is too long", revision);
    }
    return true;
}
