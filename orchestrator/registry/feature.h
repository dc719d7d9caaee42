/* feature.h: areas with a name, from GeoJSON (RFC 7946): a FeatureCollection, or Features one
 * behind the other (RFC 8142, NDJSON). One feature in memory at a time. */
#ifndef WG_ORCHESTRATOR_REGISTRY_FEATURE_H
#define WG_ORCHESTRATOR_REGISTRY_FEATURE_H

#include "common/json.h"
#include "orchestrator/registry/source.h"

#define FEATURE_MAX ((size_t)64 * 1024 * 1024) /* bytes of a feature */
#define FEATURE_KEY_MAX 16

enum feature_result {
    FEATURE_READ,
    FEATURE_END,
    FEATURE_FAILED /* err says why; nothing more can be read */
};

struct feature_file {
    int64_t line;   /* in which the last feature began */
    int64_t number; /* of it, from 1 */
    /* Of the last feature, borrowed until the next call. "": it names none. */
    const char *region;   /* property region, ISO_A2_EH, ISO_A2, iso_3166_2 and their like */
    const char *zone;     /* property zone, tzid, TZID */
    const char *geometry; /* JSON of a Polygon or MultiPolygon */

    struct source source;
    struct wg_buf text; /* the feature as it stands in the file */
    json_t *document;
    char *shape;        /* what geometry points to */
    size_t depth, base; /* brackets open here, and around a feature: 0, or 2 in a collection */
    bool kept;          /* what is read belongs to a feature */
    bool collection;    /* one was opened */
    char key[FEATURE_KEY_MAX]; /* last text directly in the outermost object */
};

/* Large: allocate it. */
WG_MUST_CHECK bool feature_file_open(struct feature_file *file, source_read_fn read, void *ctx,
                                     struct wg_error *err);
/* WG_E_BAD_FILE: no GeoJSON, another geometry, a region or zone of a wrong form. */
enum feature_result feature_file_read(struct feature_file *file, struct wg_error *err);
void feature_file_close(struct feature_file *file);

#endif
