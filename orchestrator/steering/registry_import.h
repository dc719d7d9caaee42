/* registry_import.h: a registry file into the devices (docs/registry.md): bad rows are told by
 * line, the others are stored together, or nothing is. */
#ifndef WG_ORCHESTRATOR_STEERING_REGISTRY_IMPORT_H
#define WG_ORCHESTRATOR_STEERING_REGISTRY_IMPORT_H

#include "common/json.h"
#include "orchestrator/registry/device_file.h"
#include "orchestrator/store/device_import.h"

/* Large: on the heap. */
struct registry_import {
    /* To be set; borrowed. */
    source_read_fn read;
    void *ctx;
    enum device_format format;
    const char *scopes; /* of who imports, a list for wg_in_scopes(); NULL: everything */
    bool all_or_nothing, dry_run;
    /* What became of it. */
    int64_t line; /* that could not be read on; 0: it was not the file */
    int64_t rows, registered, changed, same, refused;
    bool stored;
    size_t refusal_count; /* the first, by line */
    struct import_refusal refusals[IMPORT_REFUSALS_MAX];
};

/* In a transaction of its own; wakes the orchestrators. Rows that are refused are no error; under
 * all_or_nothing they are what keeps it from being stored. False: nothing is stored;
 * WG_E_BAD_FILE with the line when the file cannot be read on. */
WG_MUST_CHECK bool registry_import_run(struct db *db, struct registry_import *import, wg_time now,
                                       struct wg_error *err);
/* {"rows", "new", "changed", "unchanged", "refused", "stored", "problems": [{"line", "reason"}]}.
 * New reference. */
json_t *registry_import_json(const struct registry_import *import);

#endif
