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
#define ERASING TABLE_PHASE(CORE_ERASING)
#define ALL (TABLE_PHASE(CORE_PHASES) - 1)
#define BUT(phases) (ALL & ~(phases))
#define STAYS TABLE_STAYS
#define NOTHING 0U

#define SAVE TABLE_DOES(CORE_DO_SAVE)
#define PUBLISH TABLE_DOES(CORE_DO_PUBLISH)
#define VOUCH TABLE_DOES(CORE_DO_VOUCH)
#define FETCH TABLE_DOES(CORE_DO_FETCH)
#define CANCEL TABLE_DOES(CORE_DO_CANCEL)
#define INSTALL TABLE_DOES(CORE_DO_INSTALL)
#define ACTIVATE TABLE_DOES(CORE_DO_ACTIVATE)
#define REBOOT TABLE_DOES(CORE_DO_REBOOT)
#define BOOT_CHECK TABLE_DOES(CORE_DO_BOOT_CHECK)
#define HEALTH_CHECK TABLE_DOES(CORE_DO_HEALTH_CHECK)
#define HOOKS TABLE_DOES(CORE_DO_HOOKS)
#define COMMIT TABLE_DOES(CORE_DO_COMMIT)
#define DISCARD TABLE_DOES(CORE_DO_DISCARD)
#define ERASE TABLE_DOES(CORE_DO_ERASE)
#define END TABLE_DOES(CORE_DO_END)
#define LOG TABLE_DOES(CORE_DO_LOG)

const struct table_row table_rows[] = {
    {IDLE, CORE_EV_START, act_start, STAYS, SAVE | REBOOT | DISCARD | LOG,
     "nothing; out of a trial boot that nobody ordered: reboot"},
    {CHECKING, CORE_EV_START, act_start, STAYS | FETCHING,
     SAVE | FETCH | REBOOT | HOOKS | DISCARD | LOG, "ask the hooks again"},
    {FETCHING, CORE_EV_START, act_start, STAYS, SAVE | FETCH | REBOOT | HOOKS | DISCARD | LOG,
     "fetch on; wait on if a hook has put it off"},
    {INSTALLING, CORE_EV_START, act_start, STAYS | FETCHING,
     SAVE | FETCH | INSTALL | REBOOT | HOOKS | DISCARD | LOG,
     "install again; wait on if a hook has put it off; if somebody else changed slots: fetch "
     "again"},
    {READY, CORE_EV_START, act_start, STAYS | FETCHING,
     SAVE | FETCH | REBOOT | HOOKS | DISCARD | LOG,
     "wait on; if somebody else changed slots: fetch again"},
    {ACTIVATING, CORE_EV_START, act_start, STAYS | IDLE | BOOTING,
     SAVE | CANCEL | ACTIVATE | BOOT_CHECK | HOOKS | DISCARD,
     "old slot: ask the hooks and activate again, outside the window put off; trial: check the "
     "boot; committed: ended"},
    {REBOOTING, CORE_EV_START, act_start, STAYS | IDLE | BOOTING,
     SAVE | REBOOT | BOOT_CHECK | HOOKS,
     "old slot: rolled back; trial: check the boot; committed: succeeded"},
    {BOOTING, CORE_EV_START, act_start, STAYS | IDLE | REVERTING,
     SAVE | REBOOT | BOOT_CHECK | HOOKS | DISCARD,
     "old slot: rolled back; trial: check the boot; committed: succeeded"},
    {PROBATION | COMMITTING, CORE_EV_START, act_start, IDLE | BOOTING | REVERTING,
     SAVE | REBOOT | BOOT_CHECK | HOOKS | DISCARD,
     "old slot: rolled back; trial: check the boot; committed: succeeded"},
    {REVERTING, CORE_EV_START, act_start, STAYS | IDLE, SAVE | REBOOT | HOOKS | DISCARD,
     "old slot: rolled back for the remembered cause; trial: reboot again; committed: succeeded"},
    {ERASING, CORE_EV_START, act_start, STAYS | IDLE, SAVE | ERASE | END | LOG,
     "erase what is left; when all was erased: end; with new keys: nothing"},
    {FETCHING, CORE_EV_CONNECTED, act_connected_fetching, STAYS, PUBLISH | FETCH,
     "hello, all pending reports; a download that waits goes on at once"},
    {BUT(FETCHING), CORE_EV_CONNECTED, act_connected, STAYS, PUBLISH, "hello, all pending reports"},
    {BUT(ERASING), CORE_EV_LOST, act_lost, STAYS, NOTHING,
     "nothing is published until connected again"},
    {ERASING, CORE_EV_LOST, act_lost_erasing, STAYS, END, "end, if the keys are gone"},
    {READY, CORE_EV_ACK, act_ack_ready, STAYS | IDLE | ACTIVATING,
     SAVE | PUBLISH | CANCEL | ACTIVATE | HOOKS | DISCARD | LOG,
     "forget what is committed; go: ask the hooks, switch over; another order's: let go; outside "
     "the window: put off"},
    {BUT(READY | ERASING), CORE_EV_ACK, act_ack, STAYS, SAVE | LOG,
     "forget the reports that are committed"},
    {ERASING, CORE_EV_ACK, act_ack_erasing, STAYS, SAVE | END | LOG,
     "end, if the keys are gone and that was heard"},
    {IDLE, CORE_EV_ORDER, act_order, STAYS | CHECKING | FETCHING | ERASING,
     SAVE | PUBLISH | VOUCH | FETCH | HOOKS | ERASE | LOG,
     "accept and fetch, have the repository asked first, or answer"},
    {CHECKING, CORE_EV_ORDER, act_order, STAYS | IDLE | ERASING,
     SAVE | PUBLISH | VOUCH | CANCEL | HOOKS | DISCARD | ERASE | LOG,
     "withdraw or replace the update in hand, or answer"},
    {FETCHING, CORE_EV_ORDER, act_order, STAYS | IDLE | CHECKING | ERASING,
     SAVE | PUBLISH | VOUCH | FETCH | CANCEL | HOOKS | DISCARD | ERASE | LOG,
     "withdraw or replace the update in hand; the same again: ask the hooks that put it off; or "
     "answer"},
    {INSTALLING, CORE_EV_ORDER, act_order, STAYS | IDLE | CHECKING | FETCHING | ERASING,
     SAVE | PUBLISH | VOUCH | FETCH | CANCEL | HOOKS | DISCARD | ERASE | LOG,
     "withdraw or replace the update in hand; the same again: ask the hooks that put it off; or "
     "answer"},
    {READY, CORE_EV_ORDER, act_order, STAYS | IDLE | CHECKING | FETCHING | ERASING,
     SAVE | PUBLISH | VOUCH | FETCH | CANCEL | HOOKS | DISCARD | ERASE | LOG,
     "withdraw or replace the update in hand; the same again: ask again; or answer"},
    {ERASING, CORE_EV_ORDER, act_ignore, STAYS, LOG, "too late"},
    {BUT(IDLE | CHECKING | FETCHING | INSTALLING | READY | ERASING), CORE_EV_ORDER, act_order,
     STAYS, SAVE | PUBLISH | VOUCH | LOG,
     "answer; another order is deferred, a withdrawal comes too late"},
    {IDLE, CORE_EV_VOUCHED, act_order, STAYS | CHECKING | FETCHING | ERASING,
     SAVE | PUBLISH | VOUCH | FETCH | HOOKS | ERASE | LOG, "accept and fetch, or answer why not"},
    {CHECKING, CORE_EV_VOUCHED, act_order, STAYS | IDLE | ERASING,
     SAVE | PUBLISH | VOUCH | CANCEL | HOOKS | DISCARD | ERASE | LOG,
     "withdraw or replace the update in hand, or answer"},
    {FETCHING, CORE_EV_VOUCHED, act_order, STAYS | IDLE | CHECKING | ERASING,
     SAVE | PUBLISH | VOUCH | FETCH | CANCEL | HOOKS | DISCARD | ERASE | LOG,
     "withdraw or replace the update in hand; the same again: ask the hooks that put it off; or "
     "answer"},
    {INSTALLING, CORE_EV_VOUCHED, act_order, STAYS | IDLE | CHECKING | FETCHING | ERASING,
     SAVE | PUBLISH | VOUCH | FETCH | CANCEL | HOOKS | DISCARD | ERASE | LOG,
     "withdraw or replace the update in hand; the same again: ask the hooks that put it off; or "
     "answer"},
    {READY, CORE_EV_VOUCHED, act_order, STAYS | IDLE | CHECKING | FETCHING | ERASING,
     SAVE | PUBLISH | VOUCH | FETCH | CANCEL | HOOKS | DISCARD | ERASE | LOG,
     "withdraw or replace the update in hand; the same again: ask again; or answer"},
    {ERASING, CORE_EV_VOUCHED, act_ignore, STAYS, LOG, "too late"},
    {BUT(IDLE | CHECKING | FETCHING | INSTALLING | READY | ERASING), CORE_EV_VOUCHED, act_order,
     STAYS, SAVE | PUBLISH | VOUCH | LOG,
     "answer; another order is deferred, a withdrawal comes too late"},
    {BUT(ERASING), CORE_EV_UNVOUCHED, act_unvouched, STAYS, SAVE | PUBLISH | VOUCH | LOG,
     "put off"},
    {ERASING, CORE_EV_UNVOUCHED, act_ignore, STAYS, LOG, "too late"},
    {ALL, CORE_EV_POLICY, act_policy, STAYS, NOTHING, "whose word counts, from now on"},
    {FETCHING, CORE_EV_PROGRESS, act_progress, STAYS, PUBLISH | LOG,
     "publish how far it is, not too often"},
    {BUT(FETCHING), CORE_EV_PROGRESS, act_ignore, STAYS, LOG, "too late"},
    {FETCHING, CORE_EV_FETCHED, act_fetched, STAYS | INSTALLING,
     SAVE | PUBLISH | INSTALL | HOOKS | LOG, "ask the hooks, install"},
    {BUT(FETCHING), CORE_EV_FETCHED, act_ignore, STAYS, LOG, "too late"},
    {FETCHING, CORE_EV_FETCH_FAILED, act_fetch_failed, STAYS | IDLE,
     SAVE | PUBLISH | CANCEL | HOOKS | DISCARD | LOG,
     "back-off and fetch again; the URLs are turned down: put off until the order is offered "
     "again, once; wrong content or no hope: failed"},
    {BUT(FETCHING), CORE_EV_FETCH_FAILED, act_ignore, STAYS, LOG, "too late"},
    {FETCHING, CORE_EV_FETCH_LATER, act_fetch_later, STAYS, SAVE | PUBLISH | LOG,
     "put off until the order is offered again; what came stays"},
    {BUT(FETCHING), CORE_EV_FETCH_LATER, act_ignore, STAYS, LOG, "too late"},
    {INSTALLING, CORE_EV_INSTALLED, act_installed, STAYS | READY, SAVE | PUBLISH | HOOKS | LOG,
     "ask the hooks, ask to switch over; outside the window: put off"},
    {BUT(INSTALLING), CORE_EV_INSTALLED, act_ignore, STAYS, LOG, "too late"},
    {INSTALLING, CORE_EV_INSTALL_FAILED, act_install_failed, STAYS | IDLE | FETCHING,
     SAVE | PUBLISH | FETCH | CANCEL | HOOKS | DISCARD | LOG,
     "failed; the content is wrong: fetch again, once"},
    {BUT(INSTALLING), CORE_EV_INSTALL_FAILED, act_ignore, STAYS, LOG, "too late"},
    {ACTIVATING, CORE_EV_ACTIVATED, act_activated, STAYS | REBOOTING, SAVE | REBOOT | LOG,
     "reboot into the new slot"},
    {BUT(ACTIVATING), CORE_EV_ACTIVATED, act_ignore, STAYS, LOG, "too late"},
    {ACTIVATING, CORE_EV_ACTIVATE_FAILED, act_activate_failed, STAYS | IDLE,
     SAVE | PUBLISH | CANCEL | HOOKS | DISCARD | LOG, "failed"},
    {BUT(ACTIVATING), CORE_EV_ACTIVATE_FAILED, act_ignore, STAYS, LOG, "too late"},
    {INSTALLING, CORE_EV_SLOTS_LATER, act_slots_later, STAYS, SAVE | PUBLISH | LOG,
     "put off until the order is offered again"},
    {ACTIVATING, CORE_EV_SLOTS_LATER, act_slots_later, STAYS | IDLE,
     SAVE | PUBLISH | CANCEL | DISCARD | LOG, "put off, and let go"},
    {BUT(INSTALLING | ACTIVATING), CORE_EV_SLOTS_LATER, act_ignore, STAYS, LOG, "too late"},
    {BOOTING, CORE_EV_BOOTED, act_booted, PROBATION | REVERTING,
     SAVE | PUBLISH | REBOOT | HEALTH_CHECK,
     "probation; without the ordered version: back to the old slot"},
    {BUT(BOOTING), CORE_EV_BOOTED, act_ignore, STAYS, LOG, "not asked for"},
    {BOOTING, CORE_EV_BOOT_FAILED, act_boot_failed, REVERTING, SAVE | REBOOT,
     "back to the old slot"},
    {BUT(BOOTING), CORE_EV_BOOT_FAILED, act_ignore, STAYS, LOG, "not asked for"},
    {PROBATION, CORE_EV_HEALTHY, act_healthy, STAYS | COMMITTING, SAVE | COMMIT,
     "check again; after the soak time: commit"},
    {BUT(PROBATION), CORE_EV_HEALTHY, act_ignore, STAYS, LOG, "not asked for"},
    {PROBATION, CORE_EV_UNHEALTHY, act_unhealthy, REVERTING, SAVE | REBOOT, "back to the old slot"},
    {BUT(PROBATION), CORE_EV_UNHEALTHY, act_ignore, STAYS, LOG, "not asked for"},
    {COMMITTING, CORE_EV_COMMITTED, act_committed, IDLE, SAVE | PUBLISH, "succeeded"},
    {BUT(COMMITTING), CORE_EV_COMMITTED, act_ignore, STAYS, LOG, "not asked for"},
    {COMMITTING, CORE_EV_COMMIT_FAILED, act_commit_failed, REVERTING, SAVE | REBOOT,
     "back to the old slot"},
    {BUT(COMMITTING), CORE_EV_COMMIT_FAILED, act_ignore, STAYS, LOG, "not asked for"},
    {CHECKING, CORE_EV_HOOKS_GO, act_hooks_go, STAYS | FETCHING, SAVE | PUBLISH | HOOKS | LOG,
     "accepted: ask the next hooks, fetch"},
    {FETCHING, CORE_EV_HOOKS_GO, act_hooks_go, STAYS | INSTALLING,
     SAVE | PUBLISH | FETCH | HOOKS | LOG,
     "fetch; behind the download: ask the next hooks, install"},
    {INSTALLING, CORE_EV_HOOKS_GO, act_hooks_go, STAYS | READY, SAVE | PUBLISH | INSTALL | LOG,
     "install; behind the installation: ask to switch over, outside the window: put off"},
    {READY, CORE_EV_HOOKS_GO, act_hooks_go, STAYS | ACTIVATING, SAVE | PUBLISH | ACTIVATE | LOG,
     "switch over; outside the window: put off"},
    {ACTIVATING, CORE_EV_HOOKS_GO, act_hooks_go, STAYS | IDLE,
     SAVE | PUBLISH | CANCEL | ACTIVATE | DISCARD | LOG, "activate; outside the window: put off"},
    {BUT(CHECKING | FETCHING | INSTALLING | READY | ACTIVATING), CORE_EV_HOOKS_GO, act_ignore,
     STAYS, LOG, "not asked for"},
    {CHECKING | FETCHING | INSTALLING | READY | ACTIVATING, CORE_EV_HOOKS_FAILED, act_hooks_failed,
     STAYS | IDLE, SAVE | PUBLISH | CANCEL | HOOKS | DISCARD | LOG, "failed"},
    {BUT(CHECKING | FETCHING | INSTALLING | READY | ACTIVATING), CORE_EV_HOOKS_FAILED, act_ignore,
     STAYS, LOG, "not asked for"},
    {CHECKING | ACTIVATING, CORE_EV_HOOKS_LATER, act_hooks_later, STAYS | IDLE,
     SAVE | PUBLISH | CANCEL | DISCARD | LOG, "put off, and let go"},
    {FETCHING | INSTALLING | READY, CORE_EV_HOOKS_LATER, act_hooks_later, STAYS,
     SAVE | PUBLISH | LOG, "put off until the order is offered again"},
    {BUT(CHECKING | FETCHING | INSTALLING | READY | ACTIVATING), CORE_EV_HOOKS_LATER, act_ignore,
     STAYS, LOG, "not asked for"},
    {PROBATION, CORE_EV_HEALTH_LATER, act_health_later, STAYS, LOG,
     "check again, and soak from then on"},
    {BUT(PROBATION), CORE_EV_HEALTH_LATER, act_ignore, STAYS, LOG, "not asked for"},
    {ERASING, CORE_EV_ERASED, act_erased, STAYS, SAVE | PUBLISH | END,
     "say so; end when that was heard, or cannot be"},
    {BUT(ERASING), CORE_EV_ERASED, act_ignore, STAYS, LOG, "not asked for"},
    {ERASING, CORE_EV_ERASE_FAILED, act_erase_failed, STAYS, LOG, "try again a little later"},
    {BUT(ERASING), CORE_EV_ERASE_FAILED, act_ignore, STAYS, LOG, "not asked for"},
    {ALL, CORE_EV_TAMPERED, act_tampered, STAYS, PUBLISH,
     "say hello when it has changed, not too often"},
    {ALL, CORE_EV_METRICS, act_metrics, STAYS, PUBLISH | LOG,
     "say hello when they have changed, not too often"},
    {ALL, CORE_EV_STORAGE, act_storage, STAYS, PUBLISH,
     "say hello when it has changed, not too often"},
    {ALL, CORE_EV_ZONE, act_zone, STAYS, PUBLISH | LOG,
     "say hello when it has changed, not too often"},
    {IDLE | CHECKING | READY, CORE_EV_TICK, act_tick_idle, STAYS, PUBLISH | REBOOT,
     "say again what was not answered; leave a slot that nobody has ordered"},
    {FETCHING, CORE_EV_TICK, act_tick_fetching, STAYS | IDLE,
     SAVE | PUBLISH | FETCH | CANCEL | REBOOT | HOOKS | DISCARD | LOG,
     "fetch again after the back-off; over the time limit: failed"},
    {INSTALLING, CORE_EV_TICK, act_tick_installing, STAYS | IDLE,
     SAVE | PUBLISH | CANCEL | REBOOT | HOOKS | DISCARD | LOG, "over the time limit: failed"},
    {ACTIVATING, CORE_EV_TICK, act_tick_installing, STAYS | IDLE,
     SAVE | PUBLISH | CANCEL | HOOKS | DISCARD | LOG, "over the time limit: failed"},
    {REBOOTING | REVERTING, CORE_EV_TICK, act_tick_rebooting, STAYS, PUBLISH | REBOOT,
     "ask for the reboot again"},
    {BOOTING | COMMITTING, CORE_EV_TICK, act_tick_trial, STAYS | REVERTING,
     SAVE | PUBLISH | CANCEL | REBOOT | LOG, "over the time limit: back to the old slot"},
    {PROBATION, CORE_EV_TICK, act_tick_trial, STAYS | REVERTING,
     SAVE | PUBLISH | CANCEL | REBOOT | HEALTH_CHECK | LOG,
     "next health check; over the time limit: back to the old slot"},
    {ERASING, CORE_EV_TICK, act_tick_erasing, STAYS, PUBLISH | ERASE | END,
     "erase what is left; when nobody hears: end"},
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
        [CORE_EV_FETCH_LATER] = "fetch-later",
        [CORE_EV_INSTALLED] = "installed",
        [CORE_EV_INSTALL_FAILED] = "install-failed",
        [CORE_EV_ACTIVATED] = "activated",
        [CORE_EV_ACTIVATE_FAILED] = "activate-failed",
        [CORE_EV_SLOTS_LATER] = "slots-later",
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
        [CORE_EV_ERASED] = "erased",
        [CORE_EV_ERASE_FAILED] = "erase-failed",
        [CORE_EV_TAMPERED] = "tampered",
        [CORE_EV_METRICS] = "metrics",
        [CORE_EV_ZONE] = "zone",
        [CORE_EV_POLICY] = "policy",
        [CORE_EV_VOUCHED] = "vouched",
        [CORE_EV_UNVOUCHED] = "unvouched",
        [CORE_EV_STORAGE] = "storage",
        [CORE_EV_TICK] = "tick",
    };
    return (unsigned)event < TABLE_EVENTS ? texts[event] : "";
}

const char *table_action_text(enum core_action_kind action)
{
    static const char *const texts[TABLE_ACTIONS] = {
        [CORE_DO_SAVE] = "save",
        [CORE_DO_PUBLISH] = "publish",
        [CORE_DO_VOUCH] = "vouch",
        [CORE_DO_FETCH] = "fetch",
        [CORE_DO_CANCEL] = "cancel",
        [CORE_DO_INSTALL] = "install",
        [CORE_DO_ACTIVATE] = "activate",
        [CORE_DO_REBOOT] = "reboot",
        [CORE_DO_BOOT_CHECK] = "boot-check",
        [CORE_DO_HEALTH_CHECK] = "health-check",
        [CORE_DO_HOOKS] = "hooks",
        [CORE_DO_COMMIT] = "commit",
        [CORE_DO_DISCARD] = "discard",
        [CORE_DO_ERASE] = "erase",
        [CORE_DO_END] = "end",
        [CORE_DO_LOG] = "log",
    };
    return (unsigned)action < TABLE_ACTIONS ? texts[action] : "";
}

bool table_row_ignores(const struct table_row *row)
{
    return row->act == act_ignore;
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
    step->run->certificate_ends = step->event->certificate_ends;
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
