/* once.c: the factory's line: a verdict from what the core knows. */
#include "agent/core/once.h"

#include "agent/core/core_state.h"

const char *once_result_text(enum once_result result)
{
    static const char *const texts[] = {
        [ONCE_DONE] = "done",         [ONCE_ERROR] = "error",     [ONCE_SETTINGS] = "settings",
        [ONCE_LATER] = "later",       [ONCE_REFUSED] = "refused", [ONCE_NO_TOKEN] = "no-token",
        [ONCE_CONFLICT] = "conflict", [ONCE_FAILED] = "failed",   [ONCE_TIMEOUT] = "timeout",
        [ONCE_OFFLINE] = "offline",   [ONCE_REBOOT] = "reboot",   [ONCE_UNWELL] = "unwell",
    };
    if (result == ONCE_INTERRUPTED) return "interrupted";
    return (unsigned)result < sizeof texts / sizeof texts[0] ? texts[result] : "";
}

enum once_result once_result_of(enum wg_error_code code)
{
    switch (code) {
    case WG_E_USAGE:
    case WG_E_BAD_FILE:
    case WG_E_BAD_INPUT:
    case WG_E_LIMIT:
        return ONCE_SETTINGS;
    case WG_E_DENIED:
        return ONCE_REFUSED;
    case WG_E_NOT_FOUND:
        return ONCE_NO_TOKEN;
    case WG_E_CONFLICT:
        return ONCE_CONFLICT;
    case WG_E_TIMEOUT: /* of a claim: nobody has answered it */
    case WG_E_NETWORK:
        return ONCE_OFFLINE;
    case WG_E_INTERRUPTED:
        return ONCE_INTERRUPTED;
    default:
        return ONCE_ERROR;
    }
}

void once_facts_of(const struct core *core, struct once_facts *out)
{
    const struct core_memory *memory = &core->state.memory;
    const struct core_run *run = &core->state.run;
    *out = (struct once_facts){.phase = memory->phase,
                               .online = run->online,
                               .put_off = memory->put_off ||
                                          (memory->phase == CORE_READY && memory->ask == 0),
                               .pending = memory->outbox.count,
                               .next = run->question ? run->next : WG_NEXT_UNKNOWN,
                               .last = memory->last.state};
}

void once_story_of(const struct core *core, struct once_story *out)
{
    const struct core_ending *last = &core->state.memory.last;
    *out = (struct once_story){.order = last->order,
                               .campaign = last->campaign,
                               .detail = last->detail,
                               .state = last->state,
                               .cause = last->cause,
                               .later = core->state.run.later};
}

static bool has_failed(enum wg_state last)
{
    return last == WG_FAILED || last == WG_ROLLED_BACK;
}

/* Nothing more is told, and nothing more comes. */
static bool is_settled(const struct once_facts *facts)
{
    if (facts->pending > 0) return false;
    if (facts->phase != CORE_IDLE) return facts->put_off;
    return facts->next == WG_NEXT_NONE || facts->next == WG_NEXT_LATER;
}

bool once_judge(const struct once_facts *facts, enum once_result *out)
{
    if (facts->reboot) {
        *out = ONCE_REBOOT;
        return true;
    }
    if (is_settled(facts)) {
        *out = facts->phase == CORE_IDLE && has_failed(facts->last)       ? ONCE_FAILED
               : facts->phase == CORE_IDLE && facts->next == WG_NEXT_NONE ? ONCE_DONE
                                                                          : ONCE_LATER;
        return true;
    }
    *out = facts->online ? ONCE_TIMEOUT : ONCE_OFFLINE;
    return facts->is_over;
}
