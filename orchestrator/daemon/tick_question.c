/* tick_question.c: devices that ask what there is for them: a campaign looks at each at once. */
#include "orchestrator/daemon/tick.h"

#include <stdlib.h>
#include <string.h>

struct tick_questions {
    size_t count;
    struct question_row rows[QUESTIONS_MAX];
    bool later[QUESTIONS_MAX];
};

bool tick_hear(struct tick *tick, struct wg_error *err)
{
    if (!tick->result->questions) return true;
    tick->questions = calloc(1, sizeof *tick->questions);
    if (!tick->questions) return wg_fail_memory(err, "looking at devices that ask");
    return question_row_open(tick->db, tick->row.id, tick->questions->rows, &tick->questions->count,
                             err);
}

bool tick_join_asking(struct tick *tick, const struct plan_query *query, size_t wave,
                      struct wg_error *err)
{
    int64_t joined = 0;
    char *devices = question_row_devices(tick->questions->rows, tick->questions->count, err);
    bool ok = devices && plan_join(tick->db, query, wave, QUESTIONS_MAX, 0, devices, &joined, err);
    free(devices);
    tick->view.waves[wave].members += joined;
    tick->view.waves[wave].count[WG_WAITING] += joined;
    return ok;
}

bool tick_is_asked(const struct tick *tick)
{
    return tick->questions && tick->questions->count > 0;
}

bool tick_judge_later(struct tick *tick, const struct plan_query *query, struct wg_error *err)
{
    struct tick_questions *asked = tick->questions;
    for (size_t i = 0; i < asked->count; i++) {
        int code = 0;
        if (!plan_code_of(tick->db, query, asked->rows[i].device, &code, err)) return false;
        asked->later[i] = code == PLAN_MATCHED || code >= PLAN_LISTED;
    }
    return true;
}

/* What has moved the campaign itself may have opened a wave: the next look sees whom it is for. */
static bool has_moved(const struct tick *tick)
{
    for (size_t i = 0; i < tick->actions.count; i++)
        if (tick->actions.items[i].kind == ENGINE_SET_CAMPAIGN ||
            tick->actions.items[i].kind == ENGINE_SET_WAVE)
            return true;
    return false;
}

bool tick_answer(struct tick *tick, struct wg_error *err)
{
    const struct tick_questions *asked = tick->questions;
    if (!tick_is_asked(tick)) return true;
    if (has_moved(tick)) {
        tick->orders = true; /* soon again */
        return true;
    }
    return question_row_seen(tick->db, tick->row.id, asked->rows, asked->later, asked->count, err);
}
