/* device_file.h: a registry file of either format, a device at a time. */
#ifndef WG_ORCHESTRATOR_REGISTRY_DEVICE_FILE_H
#define WG_ORCHESTRATOR_REGISTRY_DEVICE_FILE_H

#include "orchestrator/registry/device_csv.h"
#include "orchestrator/registry/device_ndjson.h"

enum device_format { DEVICE_FORMAT_GUESS, DEVICE_FORMAT_CSV, DEVICE_FORMAT_NDJSON };
bool device_format_parse(const char *text, enum device_format *out); /* "csv", "ndjson" */
/* By the ending: .csv, .ndjson, .jsonl; DEVICE_FORMAT_GUESS for others. */
enum device_format device_format_of(const char *file);

enum device_result {
    DEVICE_READ,
    DEVICE_REFUSED, /* err says why; the next can be read */
    DEVICE_END,
    DEVICE_FAILED /* the file cannot be read on */
};

struct device_file {
    enum device_format format; /* never a guess once it is open */
    int64_t line;              /* of the last record, or of what failed; from 1 */
    struct device_record record;
    struct source source;
    struct csv csv;
    struct device_columns columns;
    struct wg_buf text;
};

/* Large: allocate it. A guess looks at the first byte. Reads the header of CSV. */
WG_MUST_CHECK bool device_file_open(struct device_file *file, enum device_format format,
                                    source_read_fn read, void *ctx, struct wg_error *err);
/* The record is checked and holds until the next call. */
enum device_result device_file_read(struct device_file *file, struct wg_error *err);
void device_file_close(struct device_file *file);

#endif
