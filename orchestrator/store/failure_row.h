/* failure_row.h: devices of a campaign that failed, fell back or went silent, and how many
 * succeeded by what they are: what support compares. */
#ifndef WG_ORCHESTRATOR_STORE_FAILURE_ROW_H
#define WG_ORCHESTRATOR_STORE_FAILURE_ROW_H

#include "common/state.h"
#include "common/time.h"
#include "orchestrator/store/db.h"

struct failure_row { /* texts are the list's; "" is not known */
    const char *device, *detail;
    enum wg_state state;
    enum wg_cause cause;
    enum wg_state ended_in; /* waiting: not known */
    const char *from; /* version of the component that it ran when it was offered the update */
    const char *model, *revision; /* "box", "box/C" */
    const char *region, *wave;
    wg_time at;
};

struct outcome_row {
    const char *trait; /* "model", "hardware", "region", "from"; "all" (within scopes) */
    const char *value;
    int64_t devices;
};

struct failure_list {
    size_t count;
    struct failure_row *rows;
    size_t outcome_count;
    struct outcome_row *outcomes;
    PGresult *held[2];
};

struct failure_query {
    int64_t campaign;
    int64_t wave; /* below 0: all */
    size_t limit; /* of failures */
    /* A list for wg_in_scopes(), whose devices alone are looked at; NULL: all. Then the newest
     * `looked` that failed are looked through, and `looked` that succeeded. */
    const char *scopes;
    size_t looked;
};
/* The newest of the campaign or wave, at most limit; and the outcomes of the whole campaign.
 * failure_list_clear() it, also after a failure. */
WG_MUST_CHECK bool failure_list_read(struct db *db, const struct failure_query *query,
                                     struct failure_list *out, struct wg_error *err);
void failure_list_clear(struct failure_list *list);

#endif
