/* campaign_diff.h: what one campaign file changes in another, for people. Pure. */
#ifndef WG_ORCHESTRATOR_CAMPAIGN_CAMPAIGN_DIFF_H
#define WG_ORCHESTRATOR_CAMPAIGN_CAMPAIGN_DIFF_H

#include "orchestrator/campaign/campaign.h"

/* Appends a line for each value that differs: "pace.in_flight: 500 -> 200", "waves.rest.gate.soak:
 * 1h -> 2h", "+ waves.late: {..}", "- target.not: [..]", "waves: in another order". Waves are told
 * apart by name, conditions by what they ask for. Defaults that are written out make no difference.
 * Nothing is appended for campaigns with the same digest, and something for all others. Values of
 * the file are shown as they are: a terminal may be shown them, for they have no controls. */
WG_MUST_CHECK bool campaign_diff(const struct campaign *from, const struct campaign *to,
                                 struct wg_buf *out, struct wg_error *err);
/* Whether wave i of both takes the same devices: name, kind and its values, spread; not its gate.
 */
bool campaign_wave_same_members(const struct campaign *a, const struct campaign *b, size_t i);
bool campaign_wave_same_gate(const struct campaign *a, const struct campaign *b, size_t i);

#endif
