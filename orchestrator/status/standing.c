/* standing.c: from stored rows to the engine's view. */
#include "orchestrator/status/standing.h"

#include <stdlib.h>
#include <string.h>

/* Of times, newest first: how many count still, and when one of them ceases to. */
static int64_t count_approvals(const wg_time *at, size_t count, wg_duration expires, wg_time now,
                               wg_time *ends)
{
    int64_t valid = 0;
    *ends = 0;
    for (size_t i = 0; i < count; i++) {
        if (expires > 0 && at[i] + expires <= now) continue;
        valid++;
        if (expires > 0) *ends = at[i] + expires;
    }
    return valid;
}

static bool read_manual(const char *text, enum engine_manual *out)
{
    *out = !text[0]                       ? ENGINE_MANUAL_NONE
           : strcmp(text, "advance") == 0 ? ENGINE_MANUAL_ADVANCE
                                          : ENGINE_MANUAL_HOLD;
    return true;
}

static bool read_hook(const char *text, enum engine_hook *out)
{
    static const char *const texts[] = {[ENGINE_HOOK_NONE] = "",
                                        [ENGINE_HOOK_RUNNING] = "running",
                                        [ENGINE_HOOK_PASS] = "pass",
                                        [ENGINE_HOOK_HOLD] = "hold",
                                        [ENGINE_HOOK_FAIL] = "fail"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        if (strcmp(text, texts[i]) == 0) {
            *out = (enum engine_hook)i;
            return true;
        }
    return false;
}

static bool wave_view(const struct wave_row *row, const struct policy_gate *gate, wg_time now,
                      struct engine_wave *out)
{
    if (!wave_state_parse(row->state, &out->state) || !read_manual(row->manual, &out->manual) ||
        !read_hook(row->hook, &out->hook))
        return false;
    (void)wg_copy(out->name, sizeof out->name, row->name);
    out->last_finish = row->last_finish;
    out->members = row->members;
    out->faults = row->faults;
    out->approvals = count_approvals(row->approved_at, row->approval_count, gate->approval_expires,
                                     now, &out->approval_ends);
    (void)wg_copy(out->manual_words, sizeof out->manual_words, row->manual_words);
    (void)wg_copy(out->hook_words, sizeof out->hook_words, row->hook_words);
    out->hook_at = row->hook_at;
    out->health = (struct engine_health){row->worse, row->better, row->tie};
    memcpy(out->count, row->count, sizeof out->count);
    memcpy(out->fault_class, row->fault_class, sizeof out->fault_class);
    return true;
}

bool standing_view(const struct campaign_row *row, const struct policy *policy, wg_time now,
                   struct engine_view *out, struct wg_error *err)
{
    wg_time ends;
    memset(out, 0, sizeof *out);
    out->wave_count = row->wave_count;
    (void)wg_copy(out->waits_for, sizeof out->waits_for, row->waits_for);
    out->started_at = row->started_at;
    out->held = row->held;
    out->ready = row->ready;
    out->approvals =
        count_approvals(row->approved_at, row->approval_count, policy->start.expires, now, &ends);
    out->start_approved = row->approved_revision == row->revision;
    out->source_runs = row->source_runs;
    out->is_rollback = row->rolls_back[0] != '\0';
    out->rollback_made = row->rollback_made;
    bool fits = campaign_state_parse(row->state, &out->state) &&
                row->wave_count == policy->wave_count &&
                (!row->stop[0] || engine_stop_parse(row->stop, &out->stop));
    for (size_t i = 0; fits && i < row->wave_count; i++)
        fits = wave_view(&row->waves[i], &policy->gates[i], now, &out->waves[i]);
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
