/* steered.c: the documents of campaign start, pause, resume, abort, advance, hold, unhold. */
#include "orchestrator/show/steered.h"

static json_t *more_json(const struct steered *steered)
{
    const struct recall *recall = &steered->recall;
    switch (steered->kind) {
    case STEERED_PAUSE:
        return json_pack("{s:b,s:I,s:o}", "held", steered->held, "in_hand",
                         (json_int_t)recall->started, "not_recalled", recall_json(recall));
    case STEERED_RESUME:
        return json_pack("{s:I}", "released", (json_int_t)steered->released);
    case STEERED_ABORT:
        return json_pack("{s:I,s:I,s:o}", "withdrawn", (json_int_t)recall->waiting, "asked",
                         (json_int_t)recall->started, "not_recalled", recall_json(recall));
    case STEERED_START:
        break;
    }
    return json_object();
}

json_t *steered_json(const struct steered *steered)
{
    json_t *out = json_pack("{s:s,s:s,s:s,s:s}", "campaign", steered->campaign, "from",
                            steered->from, "to", steered->to, "cause", steered->cause);
    json_t *more = more_json(steered);
    if (out && more) (void)json_object_update(out, more);
    json_decref(more);
    return out;
}

json_t *steered_gate_json(const struct steered_gate *gate)
{
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:b}", "campaign", gate->campaign, "wave",
                     gate->wave, "manual", gate->manual, "words", gate->cause, "waits_for",
                     gate->waits_for, "done", gate->done, "paused", (int)gate->paused);
}
