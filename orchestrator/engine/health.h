/* health.h: do updated devices do worse than those not yet updated? A sequential test over pairs
 * that may be looked at after every pair, or at any other time, as often as one likes. Pure.
 *
 * A pair is one updated device beside one not yet updated; by the gate's metric the updated one is
 * worse, better, or they tie. Let X of a pair be 1, -1 or 0, and M the margin. Of two hypotheses
 * each is refuted by a capital that starts at 1 and bets against it, pair by pair:
 *
 *   "on average not worse", E[X] <= 0:     each pair multiplies by 1 + l X,        0 < l < 1
 *   "worse by the margin", E[X] >= M:      each pair multiplies by 1 + l (M - X),  0 < l < 1/(1-M)
 *
 * Under its hypothesis, no matter what came before, a factor is never negative and is 1 or less on
 * average, so the capital is a supermartingale, and so is the mean of the capitals of several bets
 * l. By Ville's inequality such a capital ever reaches 1/a with a probability of a at most: at any
 * look, and over all looks together. It depends on the three counts alone, so they are all that is
 * kept. docs/health-gate.md: what follows for a campaign, with figures. */
#ifndef WG_ORCHESTRATOR_ENGINE_HEALTH_H
#define WG_ORCHESTRATOR_ENGINE_HEALTH_H

#include "orchestrator/engine/gate.h"

/* Capitals as powers of ten: 2 is 100 to 1. */
struct health_evidence {
    double worse_log10;    /* against "on average not worse" */
    double harmless_log10; /* against "worse by the margin" */
};

/* GATE_FAIL: updated devices are worse; a harmless release fails with a probability of alpha at
 * most, however often it is looked at. GATE_PASS: they are not worse by the margin; a release that
 * is worse by it passes with a probability of beta at most. GATE_HOLD: not sure. When the pairs say
 * both, that they are worse but by less than the margin, it fails. The counts are not negative;
 * margin, alpha and beta are above 0, margin at most 100%. out may be NULL. */
enum gate_answer health_judge(const struct policy_health *policy, const struct engine_health *pairs,
                              struct health_evidence *out);

/* The answer for a person: "crashes: worse in 12, better in 3, equal in 40 of 55 pairs: worse, at
 * error rate 1%". While it holds, also what would end it: pairs in the proportions seen so far, and
 * pairs that are all equal. */
void health_words(const struct policy_health *policy, const struct engine_health *pairs,
                  char out[ENGINE_CAUSE_MAX]);

#endif
