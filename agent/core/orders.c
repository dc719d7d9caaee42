/* orders.c: what an order does to the device, whatever it is doing already.
 *
 * The counter of an order that this device acts on or answers for good is used up with it, in the
 * same save. A deferred order keeps its counter: it may come again when the update in hand has
 * ended, or its window has opened. An order that is in hand and comes again with a greater counter
 * is a question: how far is it? */
#include "agent/core/asking.h"
#include "agent/core/clock.h"
#include "agent/core/ending.h"
#include "agent/core/erase.h"
#include "agent/core/order_check.h"
#include "agent/core/ready.h"
#include "agent/core/table.h"
#include "agent/core/vouch.h"

#include <string.h>

/* An order that was opened, and what order_check found. */
struct offer {
    const struct wg_order *order;
    const json_t *envelope;
    struct order_judgement judgement;
};

static bool is_busy(const struct core_step *step)
{
    return step->memory->phase != CORE_IDLE;
}

static bool is_in_hand(const struct core_step *step, const struct wg_order *order)
{
    return is_busy(step) && strcmp(task_order(step->memory->task)->id, order->id) == 0;
}

static bool is_last(const struct core_step *step, const struct wg_order *order)
{
    const struct core_ending *last = &step->memory->last;
    return last->state != WG_WAITING && strcmp(last->order, order->id) == 0;
}

/* Until the new slot is set to boot, an update can be called back. */
static bool is_too_late(const struct core_step *step)
{
    return step->memory->phase >= CORE_ACTIVATING;
}

static bool use_counter(struct core_step *step, const struct wg_order *order)
{
    step->memory->counter = order->counter;
    return step_save(step);
}

static bool send_newest(struct core_step *step, const struct wg_order *order)
{
    size_t index = outbox_find(&step->memory->outbox, order->id, WG_WAITING);
    return index >= CORE_PENDING_MAX || step_send(step, index);
}

/* This offer has crossed the report that puts the order off: whoever hears it gives the slot to
 * others, and offers the order again. */
static bool has_crossed(const struct core_step *step, const struct wg_order *order)
{
    return outbox_find(&step->memory->outbox, order->id, WG_DEFERRED) < CORE_PENDING_MAX;
}

static bool send_deferred(struct core_step *step, const struct wg_order *order)
{
    return step_send(step, outbox_find(&step->memory->outbox, order->id, WG_DEFERRED));
}

static bool put_task(struct core_step *step, const struct wg_order *order,
                     const struct core_release *release)
{
    struct core_task *task = task_new(order, release, step->err);
    if (!task) return false;
    task_drop(step->memory->task);
    step->memory->task = task;
    return true;
}

static bool accept(struct core_step *step, const struct offer *offer,
                   const struct core_release *release)
{
    struct core_memory *memory = step->memory;
    if (!put_task(step, offer->order, release)) return false;
    memory->told = WG_WAITING;
    memory->put_off = false;
    (void)wg_copy(memory->home, sizeof memory->home, step->run->start.slot);
    (void)wg_copy(memory->from, sizeof memory->from,
                  ending_running(step, task_order(memory->task)->component));
    wg_backoff_reset(&step->run->backoff);
    step->run->done = step->run->total = 0;
    step->run->progress_from = 0;
    return clock_enter(step, CORE_CHECKING) && asking_begin(step, CORE_HOOK_ENTER);
}

/* The last places of the outbox are for the order in hand. */
static bool has_room(const struct core_step *step)
{
    return step->memory->outbox.count < CORE_PENDING_MAX - CORE_PENDING_KEPT;
}

/* The same files, of every member. */
static bool brings_same(const struct wg_order *a, const struct wg_order *b)
{
    bool same = strcmp(a->sha256, b->sha256) == 0 && a->companion_count == b->companion_count;
    for (size_t i = 0; same && i < a->companion_count; i++)
        same = strcmp(a->companions[i].component, b->companions[i].component) == 0 &&
               strcmp(a->companions[i].sha256, b->companions[i].sha256) == 0;
    return same;
}

/* The order in hand is offered again. Its windows and addresses may have changed. The orchestrator
 * may have forgotten what it was told, or have told it apart from this offer, so when nothing waits
 * to be heard the same is said under a new number. */
static bool resume(struct core_step *step, const struct wg_order *order,
                   const struct order_judgement *judgement)
{
    struct core_memory *memory = step->memory;
    if (judgement->verdict == ORDER_FITS && brings_same(task_order(memory->task), order) &&
        !put_task(step, order, task_release(memory->task)))
        return false;
    if (!use_counter(step, order)) return false;
    if (memory->phase == CORE_CHECKING) return true; /* the answer is on its way */
    bool put_off = memory->put_off || (memory->phase == CORE_READY && memory->ask == 0);
    if (put_off && has_crossed(step, order)) return send_deferred(step, order);
    if (memory->phase == CORE_READY && has_room(step)) return ready_ask(step);
    if (memory->put_off && has_room(step)) return asking_resume(step);
    size_t index = outbox_find(&memory->outbox, order->id, WG_WAITING);
    if (index < CORE_PENDING_MAX) return step_send(step, index);
    return !has_room(step) || step_say(step, memory->told, WG_CAUSE_NONE, NULL);
}

static bool refuse(struct core_step *step, const struct wg_order *order, enum wg_cause cause,
                   const char *text)
{
    return use_counter(step, order) && ending_answer(step, order, WG_FAILED, cause, text);
}

/* Nothing speaks against it but, perhaps, the update in hand. */
static bool take(struct core_step *step, const struct offer *offer,
                 const struct core_release *release)
{
    const struct wg_order *order = offer->order;
    if (!use_counter(step, order)) return false;
    if (step->memory->outbox.count >= CORE_PENDING_SHED)
        return ending_answer(step, order, WG_FAILED, WG_CAUSE_SHED,
                             "too many reports wait for their acknowledgement");
    if (is_busy(step) && !ending_withdraw(step, "replaced by a newer order")) return false;
    if (ending_is_running(step, order))
        return ending_answer(step, order, WG_SATISFIED, WG_CAUSE_NONE, "already running");
    return accept(step, offer, release);
}

static bool is_encrypted(const struct wg_order *order)
{
    bool any = order->age[0] != '\0';
    for (size_t i = 0; i < order->companion_count; i++)
        any = any || order->companions[i].age[0] != '\0';
    return any;
}

/* The repository is asked before anything of this device changes for it. */
static bool take_vouched(struct core_step *step, const struct offer *offer)
{
    struct vouch_verdict verdict = {.cause = WG_CAUSE_NONE};
    const struct wg_order *order = offer->order;
    bool asked = step->event->kind == CORE_EV_VOUCHED;
    if (!step->config->vouch && is_encrypted(order))
        return refuse(step, order, WG_CAUSE_REFUSED,
                      "the artifact is encrypted, and no repository is set up here to check it");
    if (!step->config->vouch) vouch_plain(order, &verdict.release);
    if (!step->config->vouch || ending_is_running(step, order))
        return take(step, offer, &verdict.release);
    if (!asked) return vouch_ask(step, offer->envelope);
    if (!vouch_judge(step, order, offer->envelope, &verdict, step->err)) return false;
    if (verdict.cause != WG_CAUSE_NONE) return refuse(step, order, verdict.cause, verdict.text);
    return take(step, offer, &verdict.release);
}

static bool install(struct core_step *step, const struct offer *offer)
{
    const struct wg_order *order = offer->order;
    const struct order_judgement *judgement = &offer->judgement;
    char why[WG_DETAIL_MAX + 1];
    if (is_in_hand(step, order)) return resume(step, order, judgement);
    /* what was withdrawn is wanted again */
    if (is_last(step, order) && step->memory->last.state != WG_WITHDRAWN)
        return use_counter(step, order) && ending_repeat(step);
    if (judgement->verdict != ORDER_FITS)
        return refuse(step, order, order_verdict_cause(judgement->verdict), judgement->text);
    if (is_too_late(step))
        return ending_answer(step, order, WG_DEFERRED, WG_CAUSE_DEFERRED,
                             "busy until the update in hand ends");
    if (!ending_is_running(step, order) &&
        !order_is_open(step->config, order, step->wall, why, sizeof why))
        return ending_answer(step, order, WG_DEFERRED, WG_CAUSE_DEFERRED, why);
    if (has_crossed(step, order)) return send_deferred(step, order);
    return take_vouched(step, offer);
}

static bool withdraw(struct core_step *step, const struct wg_order *order,
                     const struct order_judgement *judgement)
{
    if (!use_counter(step, order)) return false;
    if (judgement->verdict != ORDER_FITS)
        return step_log(step, "withdrawal of order %s: %s", order->id, judgement->text);
    if (is_in_hand(step, order) && is_too_late(step))
        return step_log(step, "withdrawal of order %s: too late in phase %s, the update goes on",
                        order->id, core_phase_text(step->memory->phase));
    if (is_in_hand(step, order)) return ending_withdraw(step, "withdrawn by the orchestrator");
    if (is_last(step, order)) return ending_repeat(step);
    return ending_answer(step, order, WG_WITHDRAWN, WG_CAUSE_WITHDRAWN,
                         "withdrawn before it was accepted");
}

/* A counter that has been used: the orchestrator may have missed what came of it. */
static bool stale(struct core_step *step, const struct wg_order *order,
                  const struct order_judgement *judgement)
{
    if (is_in_hand(step, order) || is_last(step, order)) return send_newest(step, order);
    return step_log(step, "order %s: %s", order->id, judgement->text);
}

static void judge(const struct core_step *step, struct offer *offer)
{
    const struct order_check known = {
        .device = step->config->device,
        .boot = step->run->start.boot,
        .hardware_model = step->config->identity.hardware_model,
        .counter = step->memory->counter,
        .soak = step->config->soak,
        .wall = step->wall,
    };
    order_judge(&known, offer->order, &offer->judgement);
}

static bool obey(struct core_step *step, struct offer *offer)
{
    const struct wg_order *order = offer->order;
    const struct order_judgement *judgement = &offer->judgement;
    judge(step, offer);
    switch (judgement->verdict) {
    case ORDER_OTHER_DEVICE:
        return step_log(step, "order %s: %s", order->id, judgement->text);
    case ORDER_STALE:
        return stale(step, order, judgement);
    case ORDER_OTHER_BOOT:
        return step_log(step, "order %s: %s; saying hello again", order->id, judgement->text) &&
               step_hello(step);
    default:
        if (order->kind == WG_ORDER_ERASE)
            return erase_obey(step, order, offer->envelope, judgement);
        if (!is_in_hand(step, order) && !has_room(step))
            return step_log(step, "order %s: not looked at, too many reports wait", order->id);
        return order->kind == WG_ORDER_INSTALL ? install(step, offer)
                                               : withdraw(step, order, judgement);
    }
}

/* Whoever signed it may be known to a policy that is newer than the one here. */
static bool unsigned_order(struct core_step *step, const struct wg_error *why)
{
    if (why->code == WG_E_MEMORY) return wg_fail_memory(step->err, "reading an order");
    if (!step_log(step, "%s", why->text)) return false;
    return !step->config->vouch || why->code != WG_E_VERIFY || vouch_ask(step, NULL);
}

bool act_order(struct core_step *step)
{
    struct wg_order order;
    struct wg_error why = {.code = WG_OK};
    json_t *envelope = vouch_open(step, &order, &why);
    if (!envelope) return unsigned_order(step, &why);
    struct offer offer = {.order = &order, .envelope = envelope};
    bool ok = step->run->stray
                  ? step_log(step, "order %s: not looked at, about to leave a trial boot", order.id)
                  : obey(step, &offer);
    json_decref(envelope);
    return ok;
}

/* It is put off, unless something else came of it meanwhile. */
bool act_unvouched(struct core_step *step)
{
    struct wg_order order;
    struct wg_error why = {.code = WG_OK};
    char text[WG_DETAIL_MAX + 1];
    json_t *envelope = vouch_open(step, &order, &why);
    if (!envelope) return unsigned_order(step, &why);
    struct offer offer = {.order = &order, .envelope = envelope};
    judge(step, &offer);
    json_decref(envelope);
    step_clean(text, sizeof text, step->event->text);
    if (order.kind == WG_ORDER_ERASE || offer.judgement.verdict != ORDER_FITS ||
        is_in_hand(step, &order) || !has_room(step))
        return step_log(step, "order %s: %s", order.id, text);
    return ending_answer(step, &order, WG_DEFERRED, WG_CAUSE_DEFERRED, text);
}
