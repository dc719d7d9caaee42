/* judge.h: what the end of a hook's process means. Pure. */
#ifndef WG_ORCHESTRATOR_HOOK_JUDGE_H
#define WG_ORCHESTRATOR_HOOK_JUDGE_H

#include "orchestrator/hook/hooks.h"
#include "orchestrator/hook/process.h"

/* Sets verdict and words of the answer. timeout: what the process was given. */
void judge_end(const struct process *ended, bool is_url, wg_duration timeout,
               struct hook_answer *answer);
/* "hold", because there was nobody to answer. */
void judge_not_asked(const char *why, struct hook_answer *answer);

#endif
