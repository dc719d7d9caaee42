/* device_record.h: what one row of a registry file says of a device. What it does not mention is
 * left as it is; what it gives empty is taken away. Texts are borrowed from whoever read the row
 * and hold until the next. */
#ifndef WG_ORCHESTRATOR_REGISTRY_DEVICE_RECORD_H
#define WG_ORCHESTRATOR_REGISTRY_DEVICE_RECORD_H

#include "common/json.h"

#define RECORD_NAMES_MAX 256 /* tags or groups of a device */
#define RECORD_COMPONENTS_MAX                                                                      \
    256 /* mentioned in a row; WG_COMPONENTS_MAX of them with a version                            \
         */

struct record_names {
    bool given;
    size_t count;
    const char *names[RECORD_NAMES_MAX]; /* sorted, each once */
};

struct record_component {
    const char *name;
    const char *version; /* NULL: taken away */
};

enum record_position { POSITION_UNSAID, POSITION_NONE, POSITION_THERE };

struct device_record {
    const char *id;
    const char *hardware_model, *hardware_revision, *region, *zone; /* NULL: unsaid; "": none */
    enum record_position position;
    double lat, lon; /* degrees, WGS 84 */
    struct record_names tags, groups;
    size_t component_count;
    struct record_component components[RECORD_COMPONENTS_MAX];
    json_t *attributes; /* owned; NULL: unsaid; a null takes that attribute away */
    json_t *document;   /* owned: what the texts are borrowed from; NULL: something else */
};

void device_record_init(struct device_record *record);
void device_record_clear(struct device_record *record); /* ready for the next row */

/* All rules of a record; sorts the names. WG_E_BAD_INPUT: "region: expected ..., found ...". */
WG_MUST_CHECK bool device_record_check(struct device_record *record, struct wg_error *err);

/* Appends the attributes that have a value as a compact JSON object; the others' names go into
 * gone, which has room for as many as there are (NULL: nobody asks). */
WG_MUST_CHECK bool device_record_attributes(const struct device_record *record, struct wg_buf *out,
                                            const char **gone, size_t *gone_count,
                                            struct wg_error *err);

/* ISO 3166 codes and IANA names, by their form. */
WG_MUST_CHECK bool record_region_check(const char *region, struct wg_error *err);
WG_MUST_CHECK bool record_zone_check(const char *zone, struct wg_error *err);

/* A copy that is safe for a terminal; false if it had to cut. */
bool record_shown(const char *text, char *out, size_t size);
/* "path: expected ..., found "..."", with what was found made printable. */
bool record_bad(struct wg_error *err, const char *path, const char *expected, const char *found);
/* The nearest of the words, for "did you mean"; NULL: none is near. */
const char *record_nearest(const char *text, const char *const *words, size_t count);

#endif
