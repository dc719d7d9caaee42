/* ack.c: what of the journal is committed, and whether a device that is ready may switch over. */
#include "agent/core/ready.h"
#include "agent/core/table.h"

#include <string.h>

/* The answer to a hello of an earlier connection may come late: then the last one may be lost. */
static bool has_heard(const struct core_run *run, const struct wg_ack *ack)
{
    return ack->link == 0 || (ack->link == run->link && strcmp(ack->boot, run->start.boot) == 0);
}

/* A hello of another boot, that came late, counts as the last one: its Last Will would count too.
 */
static bool is_mistaken(const struct core_run *run, const struct wg_ack *ack)
{
    return ack->link > 0 && strcmp(ack->boot, run->start.boot) != 0;
}

/* A question that is not answered is asked again; and so is one after an order that is to come. */
static void take_answer(struct core_step *step, const struct wg_ack *ack)
{
    struct core_run *run = step->run;
    if (ack->answer > 0 && ack->answer == run->asked) run->next = ack->next;
    if (!run->question || run->next == WG_NEXT_NONE || run->next == WG_NEXT_LATER) return;
    struct wg_backoff *wait = run->next == WG_NEXT_SOON ? &run->ready_wait : &run->hello_wait;
    run->hello_at = step->now + wg_backoff_next(wait, step_random(step));
}

/* *counts: it is about this journal and what was written into it. */
static bool take(struct core_step *step, struct wg_ack *ack, bool *counts)
{
    struct wg_error why = {.code = WG_OK};
    struct core_memory *memory = step->memory;
    *counts = false;
    if (!wg_ack_decode(step->event->bytes, step->event->len, ack, &why)) {
        if (why.code == WG_E_MEMORY) return wg_fail_memory(step->err, "reading an ack");
        return step_log(step, "%s", why.text);
    }
    if (strcmp(ack->journal, memory->journal) != 0)
        return step_log(step, "ack for journal %s, this one is %s", ack->journal, memory->journal);
    if (has_heard(step->run, ack)) {
        step->run->hello_at = 0;
        if (!step->run->question) wg_backoff_reset(&step->run->hello_wait);
        take_answer(step, ack);
    } else if (is_mistaken(step->run, ack) && step->run->hello_at == 0) {
        step->run->hello_at =
            step->now + wg_backoff_next(&step->run->hello_wait, step_random(step));
    }
    if (ack->seq > memory->seq)
        return step_log(step, "ack up to report %lld, the last one written is %lld",
                        (long long)ack->seq, (long long)memory->seq);
    *counts = true;
    return (outbox_ack(&memory->outbox, ack->seq) == 0 || step_save(step)) && step_ask(step);
}

bool act_ack(struct core_step *step)
{
    struct wg_ack ack;
    bool counts;
    return take(step, &ack, &counts);
}

bool act_ack_ready(struct core_step *step)
{
    struct wg_ack ack;
    bool counts;
    if (!take(step, &ack, &counts)) return false;
    return !counts || ready_answer(step, &ack);
}
