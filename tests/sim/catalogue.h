/* catalogue.h: what a device can be and run: hardware, components with the versions that are out
 * there, tags; each with its share. Keys of versions are computed once, here. */
#ifndef WG_TESTS_SIM_CATALOGUE_H
#define WG_TESTS_SIM_CATALOGUE_H

#include "common/error.h"
#include "common/text.h"
#include "common/version.h"
#include "tests/sim/chance.h"

#define CATALOGUE_KEY_MAX 128 /* of the versions below; longer is an error */
#define CATALOGUE_VERSIONS_MAX CHANCE_TABLE_MAX
#define CATALOGUE_COMPONENTS 3
#define CATALOGUE_REVISIONS 5

struct catalogue_version {
    const char *text;
    /* what intake stores: '' where the version has no order in a scheme */
    char version_key[CATALOGUE_KEY_MAX];
    char debian_key[CATALOGUE_KEY_MAX];
    char calver_key[CATALOGUE_KEY_MAX];
};

struct catalogue_component {
    const char *name;
    double share;                /* of all devices that have it */
    struct chance_table weights; /* newest first */
    struct catalogue_version versions[CATALOGUE_VERSIONS_MAX];
};

struct catalogue_model {
    const char *name;
    double weight;
    double revisions[CATALOGUE_REVISIONS]; /* weights of A..E; 0: never made */
    int ram_mb[CATALOGUE_REVISIONS];
};

struct catalogue_tag {
    const char *name;
    double share;
};

extern const struct catalogue_model catalogue_models[];
extern const size_t catalogue_model_count;
extern const struct catalogue_tag catalogue_tags[];
#define CATALOGUE_TAGS 8

struct catalogue {
    struct catalogue_component components[CATALOGUE_COMPONENTS];
    char revision_keys[CATALOGUE_REVISIONS][CATALOGUE_KEY_MAX];
};

/* Large: keep it off the stack. */
WG_MUST_CHECK bool catalogue_init(struct catalogue *out, struct wg_error *err);

#endif
