/* step.c: turns what an event causes into the list of actions for the world. */
#include "agent/core/step.h"

#include <jansson.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void step_clean(char *to, size_t size, const char *text)
{
    (void)wg_copy(to, size, text ? text : "");
    bool whole = wg_text_is_utf8(to, strlen(to));
    for (char *c = to; *c; c++) {
        unsigned char byte = (unsigned char)*c;
        if (byte < 0x20 || byte == 0x7f) *c = ' ';
        if (byte >= 0x80 && !whole) *c = '?';
    }
}

/* splitmix64: the boot nonce is its seed, so a core's whole life follows from its events. */
uint32_t step_random(struct core_step *step)
{
    step->run->random += 0x9e3779b97f4a7c15U;
    uint64_t x = step->run->random;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9U;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebU;
    return (uint32_t)((x ^ (x >> 31)) >> 32);
}

static struct core_action *action_add(struct core_step *step, enum core_action_kind kind)
{
    if (step->out->count >= CORE_ACTIONS_MAX) {
        (void)wg_fail(step->err, WG_E_LIMIT, "more than %d actions of one event", CORE_ACTIONS_MAX);
        return NULL;
    }
    struct core_action *action = &step->out->items[step->out->count++];
    memset(action, 0, sizeof *action);
    action->kind = kind;
    return action;
}

bool step_do(struct core_step *step, enum core_action_kind kind)
{
    return action_add(step, kind) != NULL;
}

bool step_save(struct core_step *step)
{
    struct core_action *items = step->out->items;
    if (step->out->count > 0 && items[0].kind == CORE_DO_SAVE) return true;
    struct core_action *save = action_add(step, CORE_DO_SAVE);
    if (!save) return false;
    memmove(items + 1, items, (step->out->count - 1) * sizeof *items);
    memset(items, 0, sizeof *items);
    items[0].kind = CORE_DO_SAVE;
    return true;
}

bool step_log(struct core_step *step, const char *format, ...)
{
    char text[2 * sizeof step->out->items[0].text];
    va_list args;
    va_start(args, format);
    (void)wg_format_args(text, sizeof text, format, args);
    va_end(args);
    struct core_action *action = action_add(step, CORE_DO_LOG);
    if (action) step_clean(action->text, sizeof action->text, text);
    return action != NULL;
}

static bool publish(struct core_step *step, enum wg_topic topic, const char *payload, size_t len)
{
    struct core_action *action = action_add(step, CORE_DO_PUBLISH);
    if (!action) return false;
    action->payload = malloc(len + 1);
    if (!action->payload) return wg_fail_memory(step->err, "publishing");
    memcpy(action->payload, payload, len);
    action->payload[len] = '\0';
    action->len = len;
    action->topic = topic;
    return true;
}

/* The attribute "storage", beside those of the device's settings. One that does not fit is told in
 * the log alone. */
static bool add_storage(const char *word, struct wg_hello *hello, struct wg_error *err)
{
    char *text = hello->attributes;
    json_t *all = json_loads(text[0] ? text : "{}", 0, NULL);
    char *made = all && json_object_set_new(all, "storage", json_string(word)) == 0
                     ? json_dumps(all, JSON_COMPACT)
                     : NULL;
    bool ok = made || wg_fail_memory(err, "saying hello");
    if (made && strlen(made) < sizeof hello->attributes)
        (void)wg_copy(text, sizeof hello->attributes, made);
    free(made);
    json_decref(all);
    return ok;
}

bool step_hello_encode(const struct core_config *config, const struct core_run *run,
                       const char *journal, const struct core_memory *memory, struct wg_buf *out,
                       struct wg_error *err)
{
    const struct core_start *start = &run->start;
    struct wg_hello hello = config->identity;
    hello.online = true;
    hello.link = run->link;
    hello.certificate_ends = run->certificate_ends;
    hello.seq = memory ? memory->seq : 0;
    hello.counter = memory && memory->counter <= WG_COUNTER_TOLD_MAX ? memory->counter : 0;
    hello.oldest = hello.seq + 1;
    if (memory && memory->outbox.count > 0) hello.oldest = memory->outbox.items[0]->seq;
    (void)wg_copy(hello.journal, sizeof hello.journal, journal);
    (void)wg_copy(hello.boot, sizeof hello.boot, start->boot);
    (void)wg_copy(hello.slot, sizeof hello.slot, start->slot);
    hello.trial = start->trial;
    hello.component_count = start->component_count;
    memcpy(hello.components, start->components, sizeof hello.components);
    (void)wg_copy(hello.zone, sizeof hello.zone, run->zone);
    if (run->erasing) hello.erase = run->erased ? WG_ERASE_DONE : WG_ERASE_STARTED;
    (void)wg_copy(hello.tampered, sizeof hello.tampered, run->tampered);
    hello.metric_count = run->metric_count;
    memcpy(hello.metrics, run->metrics, sizeof hello.metrics);
    hello.ask = run->question && run->next == WG_NEXT_UNKNOWN ? run->asked : 0;
    return (!run->storage[0] || add_storage(run->storage, &hello, err)) &&
           wg_hello_encode(&hello, out, err);
}

/* Whoever has something to report is asked for the answer after it: what comes next may follow from
 * that. */
static bool wants_answer(const struct core_step *step)
{
    const struct core_run *run = step->run;
    bool settled = run->question && (run->next == WG_NEXT_NONE || run->next == WG_NEXT_LATER);
    return step->config->asks && step->memory->phase == CORE_IDLE &&
           step->memory->outbox.count == 0 && !settled;
}

bool step_ask(struct core_step *step)
{
    return step->run->question || !wants_answer(step) || step_hello(step);
}

bool step_hello(struct core_step *step)
{
    struct core_run *run = step->run;
    if (!run->online) return true;
    struct wg_buf bytes;
    if (wants_answer(step)) {
        run->asked++;
        run->question = true;
        run->next = WG_NEXT_UNKNOWN;
    }
    run->hello_at = step->now + wg_backoff_next(&run->hello_wait, step_random(step));
    run->news = false;
    run->news_from = step->now + CORE_NEWS_EVERY;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok = step_hello_encode(step->config, run, step->memory->journal, step->memory, &bytes,
                                step->err) &&
              publish(step, WG_TOPIC_UP_HELLO, bytes.data, bytes.len);
    wg_buf_clear(&bytes);
    return ok;
}

bool step_news(struct core_step *step)
{
    const struct core_run *run = step->run;
    return !run->news || run->news_from > step->now || step_hello(step);
}

bool step_send(struct core_step *step, size_t index)
{
    struct outbox *outbox = &step->memory->outbox;
    if (!step->run->online) return true;
    outbox->sent[index] = step->now;
    const struct outbox_item *item = outbox->items[index];
    return publish(step, WG_TOPIC_UP_REPORT, item->payload, item->len);
}

bool step_repeat(struct core_step *step)
{
    const struct outbox *outbox = &step->memory->outbox;
    const struct core_run *run = step->run;
    if (run->hello_at > 0 && run->hello_at <= step->now && !step_hello(step)) return false;
    if (!step_news(step)) return false;
    for (size_t i = 0; i < outbox->count; i++)
        if (outbox->sent[i] + step->config->resend <= step->now && !step_send(step, i))
            return false;
    return true;
}

static void report_fill(const struct core_step *step, const struct core_ending *about,
                        struct wg_report *report)
{
    memset(report, 0, sizeof *report);
    (void)wg_copy(report->journal, sizeof report->journal, step->memory->journal);
    (void)wg_copy(report->order, sizeof report->order, about->order);
    (void)wg_copy(report->campaign, sizeof report->campaign, about->campaign);
    (void)wg_copy(report->detail, sizeof report->detail, about->detail);
    report->attempt = about->attempt;
    report->state = about->state;
    report->cause = about->cause;
    report->at = step->wall;
    report->retry = about->retry < WG_RETRY_MAX ? about->retry : WG_RETRY_MAX;
}

static struct core_ending of_order_in_hand(const struct core_step *step, enum wg_state state)
{
    const struct wg_order *order = task_order(step->memory->task);
    struct core_ending about = {.state = state, .attempt = order->attempt};
    (void)wg_copy(about.order, sizeof about.order, order->id);
    (void)wg_copy(about.campaign, sizeof about.campaign, order->campaign);
    return about;
}

bool step_progress(struct core_step *step)
{
    struct core_run *run = step->run;
    if (!run->online || !run->progress_untold || run->progress_from > step->now) return true;
    run->progress_untold = false;
    run->progress_from = step->now + CORE_PROGRESS_EVERY;
    struct core_ending about = of_order_in_hand(step, WG_DOWNLOADING);
    struct wg_report report;
    struct wg_buf bytes;
    report_fill(step, &about, &report);
    report.bytes = run->done;
    report.bytes_total = run->total;
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok = wg_report_encode(&report, &bytes, step->err) &&
              publish(step, WG_TOPIC_UP_REPORT, bytes.data, bytes.len);
    wg_buf_clear(&bytes);
    return ok;
}

bool step_report(struct core_step *step, const struct core_ending *about)
{
    struct core_memory *memory = step->memory;
    struct wg_report report;
    report_fill(step, about, &report);
    report.seq = memory->seq + 1;
    if (report.state == WG_SUCCEEDED || report.state == WG_SATISFIED) {
        report.component_count = step->run->start.component_count;
        memcpy(report.components, step->run->start.components, sizeof report.components);
    }
    if (!outbox_add(&memory->outbox, &report, step->now, step->err)) return false;
    memory->seq = report.seq;
    step->run->question = false;
    if (report.state == WG_DEFERRED)
        (void)wg_copy(step->run->later, sizeof step->run->later, report.detail);
    return step_save(step) && step_send(step, memory->outbox.count - 1);
}

bool step_say(struct core_step *step, enum wg_state state, enum wg_cause cause, const char *detail)
{
    struct core_ending about = of_order_in_hand(step, state);
    about.cause = cause;
    step_clean(about.detail, sizeof about.detail, detail);
    return step_report(step, &about);
}

bool step_put_off(struct core_step *step, const char *why, wg_duration retry)
{
    struct core_ending about = of_order_in_hand(step, WG_DEFERRED);
    about.cause = WG_CAUSE_DEFERRED;
    about.retry = retry;
    step_clean(about.detail, sizeof about.detail, why);
    return step_report(step, &about);
}

bool step_tell_how(struct core_step *step, enum wg_state state, const char *detail)
{
    if (state <= step->memory->told) return true;
    step->memory->told = state;
    return step_say(step, state, WG_CAUSE_NONE, detail);
}

bool step_tell(struct core_step *step, enum wg_state state)
{
    return step_tell_how(step, state, NULL);
}
