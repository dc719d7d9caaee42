/* core.c: the core as the world sees it: an event goes through the table, or changes nothing. */
#include "agent/core/core.h"

#include "agent/core/clock.h"
#include "agent/core/memory.h"
#include "agent/core/table.h"

#include <stdlib.h>
#include <string.h>

#define WALL_MAX ((wg_time)253402300799999) /* the last moment of the year 9999 */

const char *core_phase_text(enum core_phase phase)
{
    static const char *const texts[CORE_PHASES] = {
        [CORE_IDLE] = "idle",           [CORE_CHECKING] = "checking",
        [CORE_FETCHING] = "fetching",   [CORE_INSTALLING] = "installing",
        [CORE_READY] = "ready",         [CORE_ACTIVATING] = "activating",
        [CORE_REBOOTING] = "rebooting", [CORE_BOOTING] = "booting",
        [CORE_PROBATION] = "probation", [CORE_COMMITTING] = "committing",
        [CORE_REVERTING] = "reverting", [CORE_ERASING] = "erasing",
    };
    return (unsigned)phase < CORE_PHASES ? texts[phase] : "";
}

/* A configuration that could never say hello or take an order is refused at once. */
static bool config_check(const struct core_config *config, struct wg_error *err)
{
    static const char id[] = "00000000000000000000000000000000";
    struct core_run sample = {.start = {.slot = "a"}};
    struct wg_buf bytes;
    if (!wg_name_is_valid(config->device))
        return wg_fail(err, WG_E_USAGE, "device: expected a device id, found \"%s\"",
                       config->device);
    /* those of a policy may be the only ones */
    if ((config->director_count < 1 && !config->vouch) ||
        config->director_count > CORE_DIRECTORS_MAX)
        return wg_fail(err, WG_E_USAGE, "directors: expected 1 to %d keys, found %zu",
                       CORE_DIRECTORS_MAX, config->director_count);
    if (config->soak < 0 || config->soak > WG_DURATION_MAX)
        return wg_fail(err, WG_E_USAGE, "soak: expected 0s to 3650d");
    if (config->resend < 1 || config->resend > CORE_HELLO_WAIT_MOST)
        return wg_fail(err, WG_E_BAD_INPUT, "resend: expected 1 ms to 1 h");
    if (config->health_every < 1 || config->health_every > WG_DURATION_MAX)
        return wg_fail(err, WG_E_USAGE, "health_every: expected 1ms to 3650d");
    (void)wg_copy(sample.start.boot, sizeof sample.start.boot, id);
    (void)wg_copy(sample.zone, sizeof sample.zone, config->identity.zone);
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    bool ok = step_hello_encode(config, &sample, id, NULL, &bytes, err);
    wg_buf_clear(&bytes);
    return ok;
}

struct core *core_new(const struct core_config *config, struct wg_error *err)
{
    if (!config_check(config, err)) {
        (void)wg_context(err, "core");
        return NULL;
    }
    struct core *core = calloc(1, sizeof *core);
    if (core)
        core->config = *config;
    else
        (void)wg_fail_memory(err, "making a core");
    return core;
}

void core_free(struct core *core)
{
    if (!core) return;
    memory_clear(&core->state.memory);
    memory_clear(&core->before.memory);
    free(core);
}

bool core_load(struct core *core, const char *bytes, size_t len, struct wg_error *err)
{
    struct core_memory memory;
    if (!memory_load(bytes, len, &memory, err)) return false;
    memory_clear(&core->state.memory);
    core->state.memory = memory;
    return true;
}

bool core_dump(const struct core *core, struct wg_buf *out, struct wg_error *err)
{
    return memory_dump(&core->state.memory, out, err);
}

static bool dispatch(struct core_step *step)
{
    const struct table_row *row = table_find(step->memory->phase, step->event->kind);
    if (!row) return wg_fail(step->err, WG_E_BAD_INPUT, "there is no event %d", step->event->kind);
    if (!step->run->started && step->event->kind != CORE_EV_START)
        return step_log(step, "%s ignored before start", table_event_text(step->event->kind));
    return row->act(step) ||
           wg_context(step->err, "%s in phase %s", table_event_text(step->event->kind),
                      core_phase_text(step->memory->phase));
}

static void lend_order(const struct core *core, struct core_actions *out)
{
    for (size_t i = 0; i < out->count; i++)
        if (out->items[i].kind == CORE_DO_FETCH || out->items[i].kind == CORE_DO_INSTALL) {
            out->items[i].order = task_order(core->state.memory.task);
            out->items[i].release = task_release(core->state.memory.task);
        }
}

bool core_handle(struct core *core, const struct core_event *event, wg_time now, wg_time wall,
                 struct core_actions *out, struct wg_error *err)
{
    struct core_state work = core->state;
    memory_share(&work.memory, &core->state.memory);
    struct core_step step = {.config = &core->config,
                             .memory = &work.memory,
                             .run = &work.run,
                             .event = event,
                             .now = now,
                             .wall = wall > 0 && wall <= WALL_MAX ? wall : 0,
                             .out = out,
                             .err = err};
    out->count = 0;
    if (!dispatch(&step)) {
        core_actions_clear(out);
        memory_clear(&work.memory);
        return false;
    }
    memory_clear(&core->before.memory);
    core->before = core->state;
    core->was_start = event->kind == CORE_EV_START;
    core->state = work;
    lend_order(core, out);
    return true;
}

void core_take_back(struct core *core)
{
    memory_clear(&core->state.memory);
    core->state.memory = core->before.memory;
    if (!core->was_start) core->state.run = core->before.run;
    memset(&core->before, 0, sizeof core->before);
}

void core_actions_clear(struct core_actions *actions)
{
    for (size_t i = 0; i < actions->count; i++) free(actions->items[i].payload);
    actions->count = 0;
}

wg_time core_wake(const struct core *core)
{
    return clock_wake(&core->config, &core->state);
}

enum core_phase core_phase(const struct core *core)
{
    return core->state.memory.phase;
}

bool core_is_erased(const struct core *core)
{
    return core->state.memory.erasure.done;
}

size_t core_pending(const struct core *core)
{
    return core->state.memory.outbox.count;
}
