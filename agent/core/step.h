/* step.h: one event being handled: what the action functions see, and how they ask the world for
 * something. For agent/core only.
 *
 * A save always comes first in the list of actions, wherever it is asked for: everything that an
 * event causes happens only when what it caused is on disk. All functions return false when memory
 * runs out; the event is then taken back as a whole. */
#ifndef WG_AGENT_CORE_STEP_H
#define WG_AGENT_CORE_STEP_H

#include "agent/core/core_state.h"

struct core_step {
    const struct core_config *config;
    struct core_memory *memory;
    struct core_run *run;
    const struct core_event *event;
    wg_time now, wall;
    struct core_actions *out;
    struct wg_error *err;
};

/* Copies text from outside: cut at a whole character, control characters and bytes that are no
 * UTF-8 replaced. NULL reads as "". */
void step_clean(char *to, size_t size, const char *text);

uint32_t step_random(struct core_step *step);

WG_MUST_CHECK bool step_do(struct core_step *step, enum core_action_kind kind);
WG_MUST_CHECK bool step_save(struct core_step *step);
WG_MUST_CHECK bool step_log(struct core_step *step, const char *format, ...) WG_PRINTF(2, 3);

/* Nothing while offline. Until it is answered it is said again, ever less often. */
WG_MUST_CHECK bool step_hello(struct core_step *step);
/* Says hello if that asks what there is for the device, and it has not asked yet. */
WG_MUST_CHECK bool step_ask(struct core_step *step);
/* Publishes a report of the outbox again; nothing while offline. */
WG_MUST_CHECK bool step_send(struct core_step *step, size_t index);
/* Says hello when what it says has changed, not more often than CORE_NEWS_EVERY. */
WG_MUST_CHECK bool step_news(struct core_step *step);
/* Says again what was not answered in time: hello, reports published CORE_RESEND ago; nothing while
 * offline. */
WG_MUST_CHECK bool step_repeat(struct core_step *step);
/* The bytes fetched, if they have grown and CORE_PROGRESS_EVERY is over; nothing while offline. */
WG_MUST_CHECK bool step_progress(struct core_step *step);

/* Writes a report into the journal, saves, publishes. The running versions go along when the state
 * is succeeded or satisfied. */
WG_MUST_CHECK bool step_report(struct core_step *step, const struct core_ending *about);
/* A report of the order in hand, also of a state that was reported before. NULL: no detail. */
WG_MUST_CHECK bool step_say(struct core_step *step, enum wg_state state, enum wg_cause cause,
                            const char *detail);
/* A report that the order in hand is put off. retry: to be offered again no earlier; 0: not said.
 */
WG_MUST_CHECK bool step_put_off(struct core_step *step, const char *why, wg_duration retry);
/* Progress of the order in hand: each state once, never backwards. */
WG_MUST_CHECK bool step_tell(struct core_step *step, enum wg_state state);
WG_MUST_CHECK bool step_tell_how(struct core_step *step, enum wg_state state, const char *detail);

/* The hello of this start, for core_handle and the checks of core_new (memory NULL: none yet);
 * false: it has no wire form. */
WG_MUST_CHECK bool step_hello_encode(const struct core_config *config, const struct core_run *run,
                                     const char *journal, const struct core_memory *memory,
                                     struct wg_buf *out, struct wg_error *err);

#endif
