/* policy.c: arithmetic of amounts and budgets. */
#include "orchestrator/engine/policy.h"

#include <string.h>

static const char *const on_exceeded_texts[] = {
    [POLICY_PAUSE] = "pause", [POLICY_ABORT] = "abort", [POLICY_ROLLBACK] = "rollback"};
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

static const char *const at_end_texts[] = {[POLICY_END_PAUSE] = "pause",
                                           [POLICY_END_ABORT] = "abort",
                                           [POLICY_END_FINISH_STARTED] = "finish-started"};
#define AT_END (sizeof at_end_texts / sizeof at_end_texts[0])

const char *policy_at_end_text(enum policy_at_end at_end)
{
    return (size_t)at_end < AT_END ? at_end_texts[at_end] : "";
}

bool policy_at_end_parse(const char *text, enum policy_at_end *out)
{
    for (size_t i = 0; i < AT_END; i++)
        if (strcmp(text, at_end_texts[i]) == 0) {
            *out = (enum policy_at_end)i;
            return true;
        }
    return false;
}

struct policy_retry_class policy_retry_of(const struct policy_retry *retry, enum wg_cause cause)
{
    struct policy_retry_class out = {retry->attempts, retry->backoff};
    if ((unsigned)cause >= WG_CAUSES || !retry->class_set[cause]) return out;
    if (retry->classes[cause].attempts > 0) out.attempts = retry->classes[cause].attempts;
    if (retry->classes[cause].backoff > 0) out.backoff = retry->classes[cause].backoff;
    return out;
}

int64_t policy_class_tolerates(const struct policy_budget *budget, enum wg_cause cause,
                               int64_t members)
{
    const struct policy_amount *amount = &budget->classes[cause];
    if (!budget->class_limited[cause]) return -1;
    return amount->is_share ? members * amount->value / POLICY_PPM : amount->value;
}

int64_t policy_rate_of(const struct policy_rate *rate, int64_t succeeded)
{
    int64_t now = rate->start, proven = 0;
    if (now == 0) return -1;
    while ((rate->max == 0 || now < rate->max) && rate->factor_ppm > POLICY_PPM &&
           succeeded - proven >= now) {
        proven += now;
        int64_t next = now * rate->factor_ppm / POLICY_PPM;
        now = next > now ? next : now + 1;
    }
    return rate->max > 0 && now > rate->max ? rate->max : now;
}
