/* device_csv.h: devices as rows of CSV, under a header that names the columns: id,
 * hardware_model, hardware_revision, region, zone, lat, lon, tags, groups, software.COMPONENT,
 * attribute.NAME. A column that is there speaks for every row: an empty cell takes away. */
#ifndef WG_ORCHESTRATOR_REGISTRY_DEVICE_CSV_H
#define WG_ORCHESTRATOR_REGISTRY_DEVICE_CSV_H

#include "common/text.h"
#include "orchestrator/registry/csv.h"
#include "orchestrator/registry/device_record.h"

enum column_kind {
    COLUMN_ID,
    COLUMN_HARDWARE_MODEL,
    COLUMN_HARDWARE_REVISION,
    COLUMN_REGION,
    COLUMN_ZONE,
    COLUMN_LAT,
    COLUMN_LON,
    COLUMN_TAGS,
    COLUMN_GROUPS,
    COLUMN_FIXED, /* how many have a name of their own */
    COLUMN_SOFTWARE = COLUMN_FIXED,
    COLUMN_ATTRIBUTE
};

struct device_columns {
    size_t count;
    struct device_column {
        enum column_kind kind;
        char name[WG_NAME_MAX + 1]; /* component or attribute */
    } list[CSV_CELLS_MAX];
};

/* From the header row. WG_E_BAD_FILE: unknown column ("did you mean"), one twice, no id, lat
 * without lon. */
WG_MUST_CHECK bool device_columns_read(struct device_columns *out, const struct csv *header,
                                       struct wg_error *err);
/* One more column to write; WG_E_LIMIT when there are too many. name: of the component or
 * attribute, NULL for the others. */
WG_MUST_CHECK bool device_columns_add(struct device_columns *columns, enum column_kind kind,
                                      const char *name, struct wg_error *err);

/* The row into a clear record, unchecked; texts are borrowed from the row, which is changed. */
WG_MUST_CHECK bool device_csv_read(const struct device_columns *columns, struct csv *row,
                                   struct device_record *out, struct wg_error *err);

void device_csv_write_header(const struct device_columns *columns, struct wg_buf *out);
void device_csv_write(const struct device_columns *columns, const struct device_record *record,
                      struct wg_buf *out);

#endif
