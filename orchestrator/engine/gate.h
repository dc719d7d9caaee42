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
/* Have enough members finished to judge? words may be NULL. */
enum gate_answer gate_sample(const struct policy_gate *gate, const struct engine_wave *wave,
                             char words[ENGINE_CAUSE_MAX]);
/* Success rate of what has finished. GATE_FAIL also when it can no longer be reached, even if every
 * member that is left succeeds: waiting could only harm more devices. */
enum gate_answer gate_success(const struct policy_gate *gate, const struct engine_wave *wave,
                              char words[ENGINE_CAUSE_MAX]);
enum gate_answer gate_approvals(const struct policy_gate *gate, const struct engine_wave *wave,
                                char words[ENGINE_CAUSE_MAX]);

#endif
