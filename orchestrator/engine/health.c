/* health.c: two capitals that bet against "not worse" and against "worse by the margin". */
#include "orchestrator/engine/health.h"

#include <math.h>

/* Bets in each capital, evenly spread by their ratio. Half the margin, the smallest, is what grows
 * when the truth is close to where the hypotheses part: then one of the two capitals grows whatever
 * the truth is, so that no gate holds for ever. The mean is never below an eighth of the best. */
#define BETS 8
#define LEAST_BET 0.5 /* of the margin */
/* Of the largest bet there is: one that stakes all loses all in its first wrong pair. */
#define MOST_BET 0.95
#define MOST_BET_ABSOLUTE 10.0 /* margins near 100% have no largest bet */

#define PAIRS_ASKED_MAX ((int64_t)1 << 40)

struct tally {
    double worse, better, tie;
};

static double share(int64_t ppm)
{
    return (double)ppm / POLICY_PPM;
}

static double bet(double least, double most, int number)
{
    return least * exp(log(most / least) * number / (BETS - 1));
}

/* Log of the mean of exp(logs): a capital of a million pairs is far outside of what a double
 * holds. */
static double log_mean(const double logs[BETS])
{
    double most = logs[0], sum = 0;
    for (int i = 1; i < BETS; i++)
        if (logs[i] > most) most = logs[i];
    for (int i = 0; i < BETS; i++) sum += exp(logs[i] - most);
    return most + log(sum / BETS);
}

/* Against "on average not worse". */
static double log_worse(double margin, const struct tally *tally)
{
    double logs[BETS];
    for (int i = 0; i < BETS; i++) {
        double stake = bet(LEAST_BET * margin, MOST_BET, i);
        logs[i] = tally->worse * log(1 + stake) + tally->better * log(1 - stake);
    }
    return log_mean(logs);
}

/* Against "worse by the margin". */
static double log_harmless(double margin, const struct tally *tally)
{
    double logs[BETS], most = MOST_BET_ABSOLUTE;
    if (most * (1 - margin) > MOST_BET) most = MOST_BET / (1 - margin);
    for (int i = 0; i < BETS; i++) {
        double stake = bet(LEAST_BET * margin, most, i);
        logs[i] = tally->worse * log(1 - stake * (1 - margin)) +
                  tally->better * log(1 + stake * (1 + margin)) +
                  tally->tie * log(1 + stake * margin);
    }
    return log_mean(logs);
}

static enum gate_answer judge(const struct policy_health *policy, const struct tally *tally,
                              struct health_evidence *out)
{
    double worse = log_worse(share(policy->margin_ppm), tally);
    double harmless = log_harmless(share(policy->margin_ppm), tally);
    if (out) *out = (struct health_evidence){worse / log(10), harmless / log(10)};
    if (worse >= -log(share(policy->alpha_ppm))) return GATE_FAIL;
    if (harmless >= -log(share(policy->beta_ppm))) return GATE_PASS;
    return GATE_HOLD;
}

static struct tally tally_of(const struct engine_health *pairs)
{
    return (struct tally){(double)pairs->worse, (double)pairs->better, (double)pairs->tie};
}

enum gate_answer health_judge(const struct policy_health *policy, const struct engine_health *pairs,
                              struct health_evidence *out)
{
    struct tally tally = tally_of(pairs);
    return judge(policy, &tally, out);
}

static enum gate_answer after(const struct policy_health *policy, const struct tally *now,
                              const struct tally *pair, int64_t more)
{
    double count = (double)more;
    struct tally then = {now->worse + count * pair->worse, now->better + count * pair->better,
                         now->tie + count * pair->tie};
    return judge(policy, &then, NULL);
}

/* How many more pairs like this one (of which there may be fractions) end the holding, and how: the
 * fewest, because an answer that such pairs lead to is kept by more of them. The log of a capital
 * is convex in their number, and 0 for no pairs: in the proportions seen so far it only rises once
 * it is above 0. Equal pairs only raise it. */
static int64_t pairs_until(const struct policy_health *policy, const struct tally *now,
                           const struct tally *pair, enum gate_answer *answer)
{
    int64_t enough = 1;
    while (enough < PAIRS_ASKED_MAX && after(policy, now, pair, enough) == GATE_HOLD) enough *= 2;
    int64_t few = enough / 2;
    while (enough - few > 1) {
        int64_t between = few + (enough - few) / 2;
        if (after(policy, now, pair, between) == GATE_HOLD)
            few = between;
        else
            enough = between;
    }
    *answer = after(policy, now, pair, enough);
    return enough;
}

static void hold_words(const struct policy_health *policy, const struct tally *now,
                       char out[ENGINE_CAUSE_MAX])
{
    static const struct tally tie = {.tie = 1};
    double total = now->worse + now->better + now->tie;
    enum gate_answer answer;
    int64_t equal = pairs_until(policy, now, &tie, &answer);
    if (total <= 0) {
        (void)wg_format(out, ENGINE_CAUSE_MAX, "%lld would pass it if all are equal",
                        (long long)equal);
        return;
    }
    struct tally like = {now->worse / total, now->better / total, now->tie / total};
    int64_t alike = pairs_until(policy, now, &like, &answer);
    const char *verb = answer == GATE_FAIL ? "fail" : "pass";
    (void)wg_format(
        out, ENGINE_CAUSE_MAX, "about %lld more like these would %s it, %lld that are all equal%s",
        (long long)alike, verb, (long long)equal, answer == GATE_FAIL ? " would pass it" : "");
}

void health_words(const struct policy_health *policy, const struct engine_health *pairs,
                  char out[ENGINE_CAUSE_MAX])
{
    char verdict[ENGINE_CAUSE_MAX];
    struct tally now = tally_of(pairs);
    enum gate_answer answer = judge(policy, &now, NULL);
    int64_t total = pairs->worse + pairs->better + pairs->tie;
    if (answer == GATE_FAIL)
        (void)wg_format(verdict, sizeof verdict, "worse, at error rate %g%%",
                        share(policy->alpha_ppm) * 100);
    else if (answer == GATE_PASS)
        (void)wg_format(verdict, sizeof verdict, "not worse by %g%% of pairs, at error rate %g%%",
                        share(policy->margin_ppm) * 100, share(policy->beta_ppm) * 100);
    else
        hold_words(policy, &now, verdict);
    if (total == 0)
        (void)wg_format(out, ENGINE_CAUSE_MAX, "%s: no pairs compared yet; %s", policy->metric,
                        verdict);
    else
        (void)wg_format(out, ENGINE_CAUSE_MAX,
                        "%s: worse in %lld, better in %lld, equal in %lld of %lld pairs: %s%s",
                        policy->metric, (long long)pairs->worse, (long long)pairs->better,
                        (long long)pairs->tie, (long long)total,
                        answer == GATE_HOLD ? "not sure yet; " : "", verdict);
}
