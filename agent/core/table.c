/* table.c: the state machine's table, and the actions that are the same in every phase. */
#include "agent/core/table.h"

#include <string.h>

#define IDLE TABLE_PHASE(CORE_IDLE)
#define CHECKING TABLE_PHASE(CORE_CHECKING)
#define FETCHING TABLE_PHASE(CORE_FETCHING)
#define INSTALLING TABLE_PHASE(CORE_INSTALLING)
#define READY TABLE_PHASE(CORE_READY)
#define ACTIVATING TABLE_PHASE(CORE_ACTIVATING)
#define REBOOTING TABLE_PHASE(CORE_REBOOTING)
#define BOOTING TABLE_PHASE(CORE_BOOTING)
#define PROBATION TABLE_PHASE(CORE_PROBATION)
#define COMMITTING TABLE_PHASE(CORE_COMMITTING)
#define REVERTING TABLE_PHASE(CORE_REVERTING)
#define ALL (TABLE_PHASE(CORE_PHASES) - 1)
#define BUT(phases) (ALL & ~(phases))

const struct table_row table_rows[] = {
    {IDLE, CORE_EV_START, act_start, 0, "nothing; out of a trial boot that nobody ordered: reboot"},
    {CHECKING, CORE_EV_START, act_start, CHECKING | FETCHING, "ask the hooks again"},
    {FETCHING, CORE_EV_START, act_start, 0, "fetch on; wait on if a hook has put it off"},
    {INSTALLING, CORE_EV_START, act_start, INSTALLING | FETCHING,
     "install again; wait on if a hook has put it off; if somebody else changed slots: fetch "
     "again"},
    {READY, CORE_EV_START, act_start, READY | FETCHING,
     "wait on; if somebody else changed slots: fetch again"},
    {ACTIVATING, CORE_EV_START, act_start, ACTIVATING | BOOTING | REVERTING | IDLE,
     "old slot: ask the hooks and activate again, or put off outside the window; trial: check the "
     "boot; committed: "
     "the order has ended"},
    {REBOOTING | BOOTING | PROBATION | COMMITTING, CORE_EV_START, act_start,
     BOOTING | REVERTING | IDLE,
     "old slot: rolled back; trial: check the boot; committed: succeeded"},
    {REVERTING, CORE_EV_START, act_start, REVERTING | IDLE,
     "old slot: rolled back for the remembered cause; trial: reboot again; committed: succeeded"},

    {FETCHING, CORE_EV_CONNECTED, act_connected_fetching, 0,
     "hello, all pending reports; a download that waits goes on at once"},
    {BUT(FETCHING), CORE_EV_CONNECTED, act_connected, 0, "hello, all pending reports"},
    {ALL, CORE_EV_LOST, act_lost, 0, "nothing is published until connected again"},
    {READY, CORE_EV_ACK, act_ack_ready, READY | ACTIVATING | IDLE,
     "forget the reports that are committed; go: ask the hooks and switch over; another order's: "
     "let go; outside the window: put off"},
    {BUT(READY), CORE_EV_ACK, act_ack, 0, "forget the reports that are committed"},

    {IDLE, CORE_EV_ORDER, act_order, IDLE | CHECKING | FETCHING,
     "accept and fetch, have the repository asked first, or answer"},
    {CHECKING | FETCHING | INSTALLING, CORE_EV_ORDER, act_order,
     CHECKING | FETCHING | INSTALLING | IDLE,
     "withdraw or replace the update in hand; the same again: ask the hooks that put it off; or "
     "answer"},
    {READY, CORE_EV_ORDER, act_order, READY | CHECKING | FETCHING | IDLE,
     "withdraw or replace the update in hand; the same again: ask again; or answer"},
    {BUT(IDLE | CHECKING | FETCHING | INSTALLING | READY), CORE_EV_ORDER, act_order, 0,
     "answer; another order is deferred, a withdrawal comes too late"},
    {IDLE, CORE_EV_VOUCHED, act_order, IDLE | CHECKING | FETCHING,
     "accept and fetch, or answer why not"},
    {CHECKING | FETCHING | INSTALLING, CORE_EV_VOUCHED, act_order,
     CHECKING | FETCHING | INSTALLING | IDLE,
     "withdraw or replace the update in hand; the same again: ask the hooks that put it off; or "
     "answer"},
    {READY, CORE_EV_VOUCHED, act_order, READY | CHECKING | FETCHING | IDLE,
     "withdraw or replace the update in hand; the same again: ask again; or answer"},
    {BUT(IDLE | CHECKING | FETCHING | INSTALLING | READY), CORE_EV_VOUCHED, act_order, 0,
     "answer; another order is deferred, a withdrawal comes too late"},
    {ALL, CORE_EV_UNVOUCHED, act_unvouched, 0, "put off"},
    {ALL, CORE_EV_POLICY, act_policy, 0, "whose word counts, from now on"},

    {FETCHING, CORE_EV_PROGRESS, act_progress, 0, "publish how far it is, not too often"},
    {BUT(FETCHING), CORE_EV_PROGRESS, act_ignore, 0, "too late"},
    {FETCHING, CORE_EV_FETCHED, act_fetched, FETCHING | INSTALLING, "ask the hooks, install"},
    {BUT(FETCHING), CORE_EV_FETCHED, act_ignore, 0, "too late"},
    {FETCHING, CORE_EV_FETCH_FAILED, act_fetch_failed, FETCHING | IDLE,
     "back-off and fetch again; wrong content or no hope: failed"},
    {BUT(FETCHING), CORE_EV_FETCH_FAILED, act_ignore, 0, "too late"},
    {INSTALLING, CORE_EV_INSTALLED, act_installed, INSTALLING | READY,
     "ask the hooks, ask to switch over; outside the window: put off"},
    {BUT(INSTALLING), CORE_EV_INSTALLED, act_ignore, 0, "too late"},
    {INSTALLING, CORE_EV_INSTALL_FAILED, act_install_failed, IDLE, "failed"},
    {BUT(INSTALLING), CORE_EV_INSTALL_FAILED, act_ignore, 0, "too late"},
    {ACTIVATING, CORE_EV_ACTIVATED, act_activated, REBOOTING, "reboot into the new slot"},
    {BUT(ACTIVATING), CORE_EV_ACTIVATED, act_ignore, 0, "too late"},
    {ACTIVATING, CORE_EV_ACTIVATE_FAILED, act_activate_failed, IDLE, "failed"},
    {BUT(ACTIVATING), CORE_EV_ACTIVATE_FAILED, act_ignore, 0, "too late"},

    {BOOTING, CORE_EV_BOOTED, act_booted, PROBATION | REVERTING,
     "probation; without the ordered version: back to the old slot"},
    {BUT(BOOTING), CORE_EV_BOOTED, act_ignore, 0, "not asked for"},
    {BOOTING, CORE_EV_BOOT_FAILED, act_boot_failed, REVERTING, "back to the old slot"},
    {BUT(BOOTING), CORE_EV_BOOT_FAILED, act_ignore, 0, "not asked for"},
    {PROBATION, CORE_EV_HEALTHY, act_healthy, PROBATION | COMMITTING,
     "check again; after the soak time: commit"},
    {BUT(PROBATION), CORE_EV_HEALTHY, act_ignore, 0, "not asked for"},
    {PROBATION, CORE_EV_UNHEALTHY, act_unhealthy, REVERTING, "back to the old slot"},
    {BUT(PROBATION), CORE_EV_UNHEALTHY, act_ignore, 0, "not asked for"},
    {COMMITTING, CORE_EV_COMMITTED, act_committed, IDLE, "succeeded"},
    {BUT(COMMITTING), CORE_EV_COMMITTED, act_ignore, 0, "not asked for"},
    {COMMITTING, CORE_EV_COMMIT_FAILED, act_commit_failed, REVERTING, "back to the old slot"},
    {BUT(COMMITTING), CORE_EV_COMMIT_FAILED, act_ignore, 0, "not asked for"},

    {CHECKING, CORE_EV_HOOKS_GO, act_hooks_go, FETCHING, "accepted: ask the next hooks, fetch"},
    {FETCHING, CORE_EV_HOOKS_GO, act_hooks_go, FETCHING | INSTALLING,
     "fetch; behind the download: ask the next hooks, install"},
    {INSTALLING, CORE_EV_HOOKS_GO, act_hooks_go, INSTALLING | READY,
     "install; behind the installation: ask to switch over, outside the window: put off"},
    {READY, CORE_EV_HOOKS_GO, act_hooks_go, READY | ACTIVATING,
     "switch over; outside the window: put off"},
    {ACTIVATING, CORE_EV_HOOKS_GO, act_hooks_go, ACTIVATING | IDLE,
     "activate; outside the window: put off"},
    {BUT(CHECKING | FETCHING | INSTALLING | READY | ACTIVATING), CORE_EV_HOOKS_GO, act_ignore, 0,
     "not asked for"},
    {CHECKING | FETCHING | INSTALLING | READY | ACTIVATING, CORE_EV_HOOKS_FAILED, act_hooks_failed,
     CHECKING | FETCHING | INSTALLING | READY | ACTIVATING | IDLE, "failed"},
    {BUT(CHECKING | FETCHING | INSTALLING | READY | ACTIVATING), CORE_EV_HOOKS_FAILED, act_ignore,
     0, "not asked for"},
    {CHECKING | ACTIVATING, CORE_EV_HOOKS_LATER, act_hooks_later, CHECKING | ACTIVATING | IDLE,
     "put off, and let go"},
    {FETCHING | INSTALLING | READY, CORE_EV_HOOKS_LATER, act_hooks_later, 0,
     "put off until the order is offered again"},
    {BUT(CHECKING | FETCHING | INSTALLING | READY | ACTIVATING), CORE_EV_HOOKS_LATER, act_ignore, 0,
     "not asked for"},
    {PROBATION, CORE_EV_HEALTH_LATER, act_health_later, 0, "check again, and soak from then on"},
    {BUT(PROBATION), CORE_EV_HEALTH_LATER, act_ignore, 0, "not asked for"},
    {ALL, CORE_EV_TAMPERED, act_tampered, 0, "say hello when it has changed, not too often"},

    {ALL, CORE_EV_METRICS, act_metrics, 0, "say hello when they have changed, not too often"},
    {ALL, CORE_EV_ZONE, act_zone, 0, "say hello when it has changed, not too often"},

    {IDLE | CHECKING | READY, CORE_EV_TICK, act_tick_idle, 0, "say again what was not answered"},
    {FETCHING, CORE_EV_TICK, act_tick_fetching, FETCHING | IDLE,
     "fetch again after the back-off; over the time limit: failed"},
    {INSTALLING | ACTIVATING, CORE_EV_TICK, act_tick_installing, INSTALLING | ACTIVATING | IDLE,
     "over the time limit: failed"},
    {REBOOTING | REVERTING, CORE_EV_TICK, act_tick_rebooting, 0, "ask for the reboot again"},
    {BOOTING | PROBATION | COMMITTING, CORE_EV_TICK, act_tick_trial,
     BOOTING | PROBATION | COMMITTING | REVERTING,
     "next health check; over the time limit: back to the old slot"},
};
const size_t table_row_count = sizeof table_rows / sizeof table_rows[0];

const struct table_row *table_find(enum core_phase phase, enum core_event_kind event)
{
    if ((unsigned)phase >= CORE_PHASES) return NULL;
    for (size_t i = 0; i < table_row_count; i++)
        if (table_rows[i].event == event && (table_rows[i].phases & TABLE_PHASE(phase)))
            return &table_rows[i];
    return NULL;
}

const char *table_event_text(enum core_event_kind event)
{
    static const char *const texts[TABLE_EVENTS] = {
        [CORE_EV_START] = "start",
        [CORE_EV_CONNECTED] = "connected",
        [CORE_EV_LOST] = "lost",
        [CORE_EV_ORDER] = "order",
        [CORE_EV_ACK] = "ack",
        [CORE_EV_PROGRESS] = "progress",
        [CORE_EV_FETCHED] = "fetched",
        [CORE_EV_FETCH_FAILED] = "fetch-failed",
        [CORE_EV_INSTALLED] = "installed",
        [CORE_EV_INSTALL_FAILED] = "install-failed",
        [CORE_EV_ACTIVATED] = "activated",
        [CORE_EV_ACTIVATE_FAILED] = "activate-failed",
        [CORE_EV_BOOTED] = "booted",
        [CORE_EV_BOOT_FAILED] = "boot-failed",
        [CORE_EV_HEALTHY] = "healthy",
        [CORE_EV_UNHEALTHY] = "unhealthy",
        [CORE_EV_COMMITTED] = "committed",
        [CORE_EV_COMMIT_FAILED] = "commit-failed",
        [CORE_EV_HOOKS_GO] = "hooks-go",
        [CORE_EV_HOOKS_FAILED] = "hooks-failed",
        [CORE_EV_HOOKS_LATER] = "hooks-later",
        [CORE_EV_HEALTH_LATER] = "health-later",
        [CORE_EV_TAMPERED] = "tampered",
        [CORE_EV_METRICS] = "metrics",
        [CORE_EV_ZONE] = "zone",
        [CORE_EV_POLICY] = "policy",
        [CORE_EV_VOUCHED] = "vouched",
        [CORE_EV_UNVOUCHED] = "unvouched",
        [CORE_EV_TICK] = "tick",
    };
    return (unsigned)event < TABLE_EVENTS ? texts[event] : "";
}

bool act_ignore(struct core_step *step)
{
    return step_log(step, "%s ignored in phase %s", table_event_text(step->event->kind),
                    core_phase_text(step->memory->phase));
}

bool act_connected(struct core_step *step)
{
    step->run->online = true;
    step->run->link = step->event->link;
    wg_backoff_reset(&step->run->hello_wait);
    wg_backoff_reset(&step->run->ready_wait);
    if (!step_hello(step)) return false;
    for (size_t i = 0; i < step->memory->outbox.count; i++)
        if (!step_send(step, i)) return false;
    return true;
}

bool act_connected_fetching(struct core_step *step)
{
    if (!act_connected(step) || !step_progress(step)) return false;
    if (step->run->fetch_at == 0) return true;
    step->run->fetch_at = 0;
    return step_do(step, CORE_DO_FETCH);
}

bool act_lost(struct core_step *step)
{
    step->run->online = false;
    return true;
}
