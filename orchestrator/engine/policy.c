/* policy.c: arithmetic of amounts and budgets. */
#include "orchestrator/engine/policy.h"

#include <string.h>

static const char *const on_exceeded_texts[] = {[POLICY_PAUSE] = "pause", [POLICY_ABORT] = "abort"};
#define ON_EXCEEDED (sizeof on_exceeded_texts / sizeof on_exceeded_texts[0])

const char *policy_on_exceeded_text(enum policy_on_exceeded on_exceeded)
{
    return (size_t)on_exceeded < ON_EXCEEDED ? on_exceeded_texts[on_exceeded] : "";
}

bool policy_on_exceeded_parse(const char *text, enum policy_on_exceeded *out)
{
    for (size_t i = 0; i < ON_EXCEEDED; i++)
        if (strcmp(text, on_exceeded_texts[i]) == 0) {
            *out = (enum policy_on_exceeded)i;
            return true;
        }
    return false;
}

int64_t policy_amount_of(const struct policy_amount *amount, int64_t total)
{
    int64_t n =
        amount->is_share ? (total * amount->value + POLICY_PPM - 1) / POLICY_PPM : amount->value;
    return n < total ? n : total;
}

int64_t policy_budget_tolerates(const struct policy_budget *budget, int64_t members)
{
    int64_t n = budget->failures.is_share ? members * budget->failures.value / POLICY_PPM
                                          : budget->failures.value;
    return n > budget->at_least ? n : budget->at_least;
}

int64_t policy_worst_harm(const struct policy *policy, int64_t members)
{
    int64_t harm = policy_budget_tolerates(&policy->budget, members) + policy->in_flight;
    return harm < members ? harm : members;
}
