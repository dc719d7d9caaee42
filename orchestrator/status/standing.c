/* standing.c: from stored rows to the engine's view. */
#include "orchestrator/status/standing.h"

#include <stdlib.h>
#include <string.h>

static bool wave_view(const struct wave_row *row, struct engine_wave *out)
{
    if (!wave_state_parse(row->state, &out->state)) return false;
    (void)wg_copy(out->name, sizeof out->name, row->name);
    out->last_finish = row->last_finish;
    out->members = row->members;
    out->faults = row->faults;
    out->approvals = row->approvals;
    memcpy(out->count, row->count, sizeof out->count);
    return true;
}

bool standing_view(const struct campaign_row *row, const struct policy *policy,
                   struct engine_view *out, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    out->wave_count = row->wave_count;
    (void)wg_copy(out->waits_for, sizeof out->waits_for, row->waits_for);
    bool fits =
        campaign_state_parse(row->state, &out->state) && row->wave_count == policy->wave_count;
    for (size_t i = 0; fits && i < row->wave_count; i++)
        fits = wave_view(&row->waves[i], &out->waves[i]);
    return fits ||
           wg_fail(err, WG_E_CONFLICT, "campaign %s: its rows and its file do not fit", row->name);
}

struct campaign *standing_campaign(struct db *db, int64_t id, struct wg_error *err)
{
    char *text = NULL;
    if (!campaign_row_canonical(db, id, &text, err)) return NULL;
    struct campaign *campaign =
        campaign_parse("stored campaign", text, strlen(text), NULL, NULL, err);
    free(text);
    return campaign;
}

int64_t standing_count(const struct campaign_row *row, enum wg_state state)
{
    int64_t sum = 0;
    for (size_t i = 0; i < row->wave_count; i++) sum += row->waves[i].count[state];
    return sum;
}

int64_t standing_in_flight(const struct campaign_row *row)
{
    int64_t sum = 0;
    for (int state = 0; state < WG_STATES; state++)
        if (wg_state_is_in_flight((enum wg_state)state))
            sum += standing_count(row, (enum wg_state)state);
    return sum;
}

int64_t standing_faults(const struct campaign_row *row)
{
    int64_t sum = 0;
    for (size_t i = 0; i < row->wave_count; i++) sum += row->waves[i].faults;
    return sum;
}

int64_t standing_finished(const struct campaign_row *row)
{
    int64_t sum = 0;
    for (int state = 0; state < WG_STATES; state++)
        if (wg_state_is_final((enum wg_state)state))
            sum += standing_count(row, (enum wg_state)state);
    return sum;
}
