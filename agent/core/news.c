/* news.c: what the hello says and may change while the agent runs: metrics, the device's zone,
 * whether it was tampered with, whether it can keep anything. */
#include "agent/core/table.h"

#include <string.h>

static bool same_metrics(const struct core_run *run, const struct core_event *event)
{
    if (run->metric_count != event->metric_count) return false;
    for (size_t i = 0; i < run->metric_count; i++)
        if (strcmp(run->metrics[i].name, event->metrics[i].name) != 0 ||
            run->metrics[i].value != event->metrics[i].value)
            return false;
    return true;
}

/* Takes the change if a hello can say it. */
static bool change(struct core_step *step, const struct core_run *changed)
{
    struct wg_buf bytes;
    struct wg_error why = {.code = WG_OK};
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok =
        step_hello_encode(step->config, changed, step->memory->journal, step->memory, &bytes, &why);
    wg_buf_clear(&bytes);
    if (!ok && why.code == WG_E_MEMORY) return wg_fail_memory(step->err, "saying hello");
    if (!ok) return step_log(step, "not taken over: %s", why.text);
    *step->run = *changed;
    step->run->news = true;
    return step_news(step);
}

bool act_metrics(struct core_step *step)
{
    const struct core_event *event = step->event;
    struct core_run changed = *step->run;
    if (event->metric_count > WG_METRICS_MAX)
        return step_log(step, "%zu metrics, at most %d are taken", event->metric_count,
                        WG_METRICS_MAX);
    if (same_metrics(step->run, event)) return true;
    memset(changed.metrics, 0, sizeof changed.metrics);
    for (size_t i = 0; i < event->metric_count; i++) changed.metrics[i] = event->metrics[i];
    changed.metric_count = event->metric_count;
    return change(step, &changed);
}

bool act_zone(struct core_step *step)
{
    const char *zone = step->event->text ? step->event->text : "";
    struct core_run changed = *step->run;
    if (strcmp(changed.zone, zone) == 0) return true;
    if (!wg_copy(changed.zone, sizeof changed.zone, zone))
        return step_log(step, "the name of the time zone is longer than %d bytes", WG_ZONE_MAX);
    return change(step, &changed);
}

bool act_storage(struct core_step *step)
{
    struct core_run changed = *step->run;
    step_clean(changed.storage, sizeof changed.storage, step->event->text);
    return strcmp(changed.storage, step->run->storage) == 0 || change(step, &changed);
}

bool act_tampered(struct core_step *step)
{
    struct core_run changed = *step->run;
    step_clean(changed.tampered, sizeof changed.tampered, step->event->text);
    return strcmp(changed.tampered, step->run->tampered) == 0 || change(step, &changed);
}
