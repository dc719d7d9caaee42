/* table.h: the state machine as data: phase, event, action, next phase. For agent/core only.
 *
 * Each pair of phase and event stands in exactly one row, and that row says all that can come of
 * it: tests/unit/agent/table_test.c walks every pair through a core and finds each phase and each
 * action that stands here, and no other. docs/agent-states.md is printed from it. */
#ifndef WG_AGENT_CORE_TABLE_H
#define WG_AGENT_CORE_TABLE_H

#include "agent/core/step.h"

#define TABLE_PHASE(phase) (1U << (phase))
#define TABLE_STAYS TABLE_PHASE(CORE_PHASES)
#define TABLE_DOES(action) (1U << (action))
#define TABLE_ACTIONS (CORE_DO_LOG + 1)
#define TABLE_EVENTS (CORE_EV_TICK + 1)

typedef bool (*core_act)(struct core_step *step);

struct table_row {
    unsigned phases; /* TABLE_PHASE bits */
    enum core_event_kind event;
    core_act act;
    unsigned next;     /* TABLE_PHASE bits that it may lead to, TABLE_STAYS: the same phase again */
    unsigned does;     /* TABLE_DOES bits of the actions that it may cause */
    const char *words; /* for the documentation */
};

extern const struct table_row table_rows[];
extern const size_t table_row_count;

/* The row of the pair; NULL for a phase or event that there is not. */
const struct table_row *table_find(enum core_phase phase, enum core_event_kind event);
const char *table_event_text(enum core_event_kind event);    /* "fetch-failed" */
const char *table_action_text(enum core_action_kind action); /* "boot-check" */
/* Nothing is done but a line in the log. */
bool table_row_ignores(const struct table_row *row);

/* Actions, in table.c, start.c, ack.c, orders.c, erase.c, vouch.c, update.c, asking.c, news.c,
 * clock.c. */
bool act_ignore(struct core_step *step);
bool act_start(struct core_step *step);
bool act_connected(struct core_step *step);
bool act_connected_fetching(struct core_step *step);
bool act_lost(struct core_step *step);
bool act_ack(struct core_step *step);
bool act_ack_ready(struct core_step *step);
bool act_order(struct core_step *step);
bool act_policy(struct core_step *step);
bool act_unvouched(struct core_step *step);
bool act_progress(struct core_step *step);
bool act_fetched(struct core_step *step);
bool act_fetch_failed(struct core_step *step);
bool act_fetch_later(struct core_step *step);
bool act_installed(struct core_step *step);
bool act_install_failed(struct core_step *step);
bool act_activated(struct core_step *step);
bool act_activate_failed(struct core_step *step);
bool act_slots_later(struct core_step *step);
bool act_booted(struct core_step *step);
bool act_boot_failed(struct core_step *step);
bool act_healthy(struct core_step *step);
bool act_unhealthy(struct core_step *step);
bool act_committed(struct core_step *step);
bool act_commit_failed(struct core_step *step);
bool act_hooks_go(struct core_step *step);
bool act_hooks_failed(struct core_step *step);
bool act_hooks_later(struct core_step *step);
bool act_health_later(struct core_step *step);
bool act_erased(struct core_step *step);
bool act_erase_failed(struct core_step *step);
bool act_lost_erasing(struct core_step *step);
bool act_ack_erasing(struct core_step *step);
bool act_tampered(struct core_step *step);
bool act_metrics(struct core_step *step);
bool act_zone(struct core_step *step);
bool act_storage(struct core_step *step);
bool act_tick_idle(struct core_step *step);
bool act_tick_fetching(struct core_step *step);
bool act_tick_installing(struct core_step *step);
bool act_tick_rebooting(struct core_step *step);
bool act_tick_trial(struct core_step *step);
bool act_tick_erasing(struct core_step *step);

#endif
