/* clause_view.h: a campaign's target clause by clause, for one device as it is now. */
#ifndef WG_ORCHESTRATOR_SHOW_CLAUSE_VIEW_H
#define WG_ORCHESTRATOR_SHOW_CLAUSE_VIEW_H

#include "common/json.h"
#include "orchestrator/campaign/target.h"
#include "orchestrator/store/clause_row.h"

struct clause_view {
    struct target target;
    enum clause_answer answers[TARGET_CLAUSES_MAX];
};

/* clause_view_clear() afterwards, also when it fails. */
WG_MUST_CHECK bool clause_view_load(struct clause_view *view, struct db *db,
                                    const struct campaign *campaign, const char *device,
                                    struct wg_error *err);
void clause_view_clear(struct clause_view *view);

/* [{clause, holds}]; holds is null where a clause asks for a position that is not known. New
 * reference. */
json_t *clause_view_json(const struct clause_view *view);

/* How a wave takes its devices: "2 devices", "12.5% of all", "devices by name". */
#define CLAUSE_WAVE_TEXT 64
void clause_wave_words(const struct campaign *campaign, size_t wave, char out[CLAUSE_WAVE_TEXT]);

#endif
