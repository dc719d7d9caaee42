/* vouch.h: what must hold of an order beside its signature, for a device that trusts nobody's word
 * alone: the repository knows the release and says that it fits here, and enough people have
 * approved. For agent/core only. */
#ifndef WG_AGENT_CORE_VOUCH_H
#define WG_AGENT_CORE_VOUCH_H

#include "agent/core/step.h"

/* New reference to the order's envelope, its signature by a director of the policy, or, until there
 * is one, of the configuration; out is filled. NULL: why says what is wrong. */
json_t *vouch_open(const struct core_step *step, struct wg_order *out, struct wg_error *why);

/* Asks the world to have that order vouched for; NULL: asks for the policy alone, not too often. */
WG_MUST_CHECK bool vouch_ask(struct core_step *step, const json_t *envelope);

struct vouch_verdict {
    enum wg_cause cause; /* WG_CAUSE_NONE: it holds */
    char text[WG_DETAIL_MAX + 1];
    struct core_release release;
};

/* By the facts of the event. */
WG_MUST_CHECK bool vouch_judge(const struct core_step *step, const struct wg_order *order,
                               const json_t *envelope, struct vouch_verdict *out,
                               struct wg_error *err);

/* What is installed without anybody vouching. */
void vouch_plain(const struct wg_order *order, struct core_release *out);
/* The order in hand is committed: its security versions are the least from now on. */
void vouch_committed(struct core_memory *memory);

#endif
