/* plan_json.c: what a plan shows, for programs. */
#include "orchestrator/campaign/policy_json.h"
#include "orchestrator/show/plan_view.h"
#include "orchestrator/show/show.h"

#include <string.h>

static json_t *share_json(const struct plan_view *view, size_t wave, const char *what)
{
    json_t *out = json_object();
    for (size_t i = 0; i < view->share_count; i++)
        if (view->shares[i].wave == wave && strcmp(view->shares[i].what, what) == 0)
            (void)json_object_set_new(out, view->shares[i].value,
                                      json_integer(view->shares[i].devices));
    return out;
}

static json_t *waves_json(const struct plan_view *view)
{
    const struct campaign *campaign = view->plan->campaign;
    json_t *out = json_array();
    for (size_t i = 0; i < campaign->policy.wave_count; i++)
        (void)json_array_append_new(
            out, json_pack("{s:s,s:I,s:b,s:b,s:o,s:o,s:o,s:o,s:o}", "name", campaign->waves[i].name,
                           "devices", (json_int_t)view->plan->size[i], "opened",
                           i < plan_kept_waves(view->plan), "overlap", campaign->policy.overlap[i],
                           "gate", policy_gate_json(&campaign->policy.gates[i]), "region",
                           share_json(view, i, "region"), "hardware",
                           share_json(view, i, "hardware"), "version",
                           share_json(view, i, "version"), "strays", plan_strays_json(view, i)));
    return out;
}

static json_t *left_out_json(const struct plan *plan)
{
    json_t *out = json_array();
    char words[PLAN_REASON_TEXT];
    for (size_t i = 0; i < plan->counts.left_out_count; i++) {
        plan_reason_words(plan, plan->counts.left_out[i].code, words);
        (void)json_array_append_new(out, json_pack("{s:s,s:I}", "reason", words, "devices",
                                                   (json_int_t)plan->counts.left_out[i].devices));
    }
    return out;
}

/* Higher priority goes first, then the older campaign; this one would be the youngest. */
static bool goes_first(const struct plan_view *view, const struct plan_overlap *overlap)
{
    int64_t own = view->plan->campaign->priority;
    bool older = view->plan->query.revises == 0 || overlap->id < view->plan->query.revises;
    return overlap->priority > own || (overlap->priority == own && older);
}

static json_t *overlaps_json(const struct plan_view *view)
{
    json_t *out = json_array();
    for (size_t i = 0; i < view->overlap_count; i++) {
        const struct plan_overlap *overlap = &view->overlaps[i];
        (void)json_array_append_new(
            out, json_pack("{s:s,s:s,s:I,s:I,s:b}", "campaign", overlap->campaign, "state",
                           overlap->state, "priority", (json_int_t)overlap->priority, "devices",
                           (json_int_t)overlap->devices, "goes_first", goes_first(view, overlap)));
    }
    return out;
}

static json_t *devices_json(const struct plan_view *view)
{
    json_t *out = json_array();
    for (size_t i = 0; i < view->device_count; i++) {
        const struct plan_device *device = &view->devices[i];
        char words[PLAN_REASON_TEXT] = "";
        bool in = device->wave >= 0;
        if (!in) plan_reason_words(view->plan, device->code, words);
        (void)json_array_append_new(
            out, json_pack("{s:s,s:o,s:s}", "id", device->id, "wave",
                           in ? json_string(view->plan->campaign->waves[device->wave].name)
                              : json_null(),
                           "reason", words));
    }
    return out;
}

static json_t *rollback_json(const struct plan *plan)
{
    static const char *const words[] = {[PLAN_ROLLBACK_NONE] = "none",
                                        [PLAN_ROLLBACK_MISSING] = "missing",
                                        [PLAN_ROLLBACK_UNFIT] = "unfit",
                                        [PLAN_ROLLBACK_NO_PATH] = "no path",
                                        [PLAN_ROLLBACK_FITS] = "fits"};
    return json_pack("{s:s,s:s,s:s,s:s}", "version", plan->campaign->rollback, "state",
                     words[plan->rollback], "signed_by", plan->rollback_signer, "unsigned",
                     plan->rollback_unsigned);
}

static json_t *with_json(const struct release_row *release)
{
    json_t *with = json_object();
    for (size_t i = 0; i < release->companion_count; i++)
        (void)json_object_set_new(with, release->companions[i].name,
                                  json_string(release->companions[i].version));
    return with;
}

json_t *plan_view_json(const struct plan_view *view)
{
    const struct plan *plan = view->plan;
    int64_t members = plan_members(plan);
    json_t *out = json_pack(
        "{s:s,s:s,s:s,s:s,s:I,s:I,s:I,s:I,s:I,s:o,s:o,s:o,s:o,s:o,s:o,s:b,s:o}", "campaign",
        plan->campaign->name, "digest", plan->digest, "component", plan->campaign->component,
        "version", plan->campaign->version, "fleet", (json_int_t)plan->counts.fleet, "matched",
        (json_int_t)members + (json_int_t)plan->in_no_wave, "members", (json_int_t)members,
        "in_no_wave", (json_int_t)plan->in_no_wave, "worst_harm",
        (json_int_t)policy_worst_harm(&plan->campaign->policy, members), "waves", waves_json(view),
        "policy", policy_json(&plan->campaign->policy), "left_out", left_out_json(plan), "overlaps",
        overlaps_json(view), "rollback", rollback_json(plan), "outlook", plan_outlook_json(view),
        "applied", plan_is_applied(plan), "changes", json_string(wg_buf_str(&view->changes)));
    if (out) (void)json_object_set_new(out, "unready", show_text(plan->unready));
    if (out && plan->release.companion_count > 0)
        (void)json_object_set_new(out, "with", with_json(&plan->release));
    if (out && view->devices) (void)json_object_set_new(out, "devices", devices_json(view));
    return out;
}
