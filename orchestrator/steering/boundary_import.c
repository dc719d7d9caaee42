/* boundary_import.c: features, one by one, into the boundaries. */
#include "orchestrator/steering/boundary_import.h"

#include "orchestrator/registry/feature.h"
#include "orchestrator/store/boundary_row.h"
#include "orchestrator/store/campaign_row.h"

#include <stdlib.h>

static bool put_feature(struct db *db, struct boundary_import *import,
                        const struct feature_file *file, struct wg_error *err)
{
    if (!*file->region && !*file->zone) import->left_out++;
    return (!*file->region ||
            boundary_row_put(db, BOUNDARY_REGION, file->region, file->geometry, err)) &&
           (!*file->zone || boundary_row_put(db, BOUNDARY_ZONE, file->zone, file->geometry, err));
}

static bool put_all(struct db *db, struct boundary_import *import, struct feature_file *file,
                    struct wg_error *err)
{
    for (;;) {
        enum feature_result result = feature_file_read(file, err);
        if (result == FEATURE_END) return true;
        if (result == FEATURE_READ && put_feature(db, import, file, err)) continue;
        import->line = file->line;
        import->feature = file->number;
        return false;
    }
}

static bool take_file(struct db *db, struct boundary_import *import, struct feature_file *file,
                      wg_time now, struct wg_error *err)
{
    if (!feature_file_open(file, import->read, import->ctx, err)) {
        import->line = 1;
        return false;
    }
    bool ok = db_begin(db, err) && boundary_row_begin(db, err) && put_all(db, import, file, err) &&
              boundary_row_store(db, now, &import->stored, err) && db_commit(db, err);
    db_rollback(db);
    return ok;
}

bool boundary_derive(struct db *db, int64_t *changed, struct wg_error *err)
{
    return boundary_row_derive_all(db, changed, err) && store_notify(db, err);
}

bool boundary_import_run(struct db *db, struct boundary_import *import, wg_time now,
                         struct wg_error *err)
{
    struct feature_file *file = calloc(1, sizeof *file);
    if (!file) return wg_fail_memory(err, "importing boundaries");
    bool ok = take_file(db, import, file, now, err);
    feature_file_close(file);
    free(file);
    return ok && boundary_derive(db, &import->changed, err);
}
