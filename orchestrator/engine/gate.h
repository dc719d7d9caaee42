/* gate.h: may the next wave follow? Three answers: pass, fail, hold; each with words and figures.
 * Pure. */
#ifndef WG_ORCHESTRATOR_ENGINE_GATE_H
#define WG_ORCHESTRATOR_ENGINE_GATE_H

#include "orchestrator/engine/engine.h"

enum gate_answer { GATE_PASS, GATE_HOLD, GATE_FAIL };

struct gate_figures {
    int64_t members; /* that count: all but those that ended without a fault and without success */
    int64_t succeeded;
    int64_t finished; /* succeeded + faults */
    int64_t needed;   /* finished devices that the sample asks for */
};

void gate_figures(const struct policy_gate *gate, const struct engine_wave *wave,
                  struct gate_figures *out);
wg_time gate_soaked(const struct policy_gate *gate, const struct engine_wave *wave);

/* ---- one condition each; words may be NULL ---- */

/* Have enough members finished to judge? */
enum gate_answer gate_sample(const struct policy_gate *gate, const struct engine_wave *wave,
                             char words[ENGINE_CAUSE_MAX]);
/* Success rate of what has finished. GATE_FAIL also when it can no longer be reached, even if every
 * member that is left succeeds: waiting could only harm more devices. */
enum gate_answer gate_success(const struct policy_gate *gate, const struct engine_wave *wave,
                              char words[ENGINE_CAUSE_MAX]);
enum gate_answer gate_approvals(const struct policy_gate *gate, const struct engine_wave *wave,
                                char words[ENGINE_CAUSE_MAX]);
/* What the compared pairs say; GATE_PASS also when no metric is compared. */
enum gate_answer gate_health(const struct policy_gate *gate, const struct engine_wave *wave,
                             char words[ENGINE_CAUSE_MAX]);
bool gate_has_hook(const struct policy_gate *gate);
/* When the hook is asked next: 0 at once (never asked, or devices finished and soaked since it
 * passed); -1 not again. */
wg_time gate_hook_next(const struct policy_gate *gate, const struct engine_wave *wave);
enum gate_answer gate_hook(const struct policy_gate *gate, const struct engine_wave *wave,
                           char words[ENGINE_CAUSE_MAX]);

/* ---- all of them ---- */

struct gate_question {
    const struct policy_gate *gate;
    const struct engine_wave *wave;
    wg_time now;
    bool last;     /* nobody is behind it: no approvals are asked, nor more pairs waited for */
    bool partners; /* there are devices not yet updated, to compare with */
};

struct gate_verdict {
    enum gate_answer answer;
    bool ask_hook; /* all else holds, and it is its time */
    char words[ENGINE_CAUSE_MAX];
};

/* A failure counts at any time, even while a person holds the gate: to wait would only harm more
 * devices. Otherwise the first of these that is not there holds: nobody holds it by hand, sample,
 * success, soak, approvals, health, hook. Who advances a gate by hand stands in for all of them but
 * the approvals. */
void gate_judge(const struct gate_question *question, struct gate_verdict *out);

#endif
