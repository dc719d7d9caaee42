/* health_test.c: three answers, the fair bet that each pair must be, words with figures. Error
 * rates and how many pairs it takes: health_rate_test.c. */
#include "orchestrator/engine/health.h"

#include "tests/unit/harness.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static struct policy_health policy_of(int64_t margin_ppm)
{
    return (struct policy_health){
        .metric = "crashes", .margin_ppm = margin_ppm, .alpha_ppm = 10000, .beta_ppm = 50000};
}

static struct health_evidence evidence_of(int64_t margin_ppm, int64_t worse, int64_t better,
                                          int64_t tie)
{
    struct policy_health policy = policy_of(margin_ppm);
    struct engine_health pairs = {worse, better, tie};
    struct health_evidence out;
    (void)health_judge(&policy, &pairs, &out);
    return out;
}

/* The first count that answers, and the last that holds. */
static void three_answers(void)
{
    static const struct {
        int64_t margin_ppm, worse, better, tie;
        enum gate_answer expected;
    } rows[] = {
        {200000, 0, 0, 0, GATE_HOLD},
        {200000, 9, 0, 0, GATE_HOLD},
        {200000, 10, 0, 0, GATE_FAIL},
        {200000, 18, 3, 40, GATE_HOLD},
        {200000, 19, 3, 40, GATE_FAIL},
        {200000, 19, 3, 4000, GATE_FAIL}, /* equal pairs excuse nothing */
        {200000, 0, 0, 21, GATE_HOLD},
        {200000, 0, 0, 22, GATE_PASS},
        {200000, 1, 0, 33, GATE_HOLD},
        {200000, 1, 0, 34, GATE_PASS},
        {200000, 0, 5, 0, GATE_HOLD},
        {200000, 0, 6, 0, GATE_PASS},
        {10000, 0, 0, 517, GATE_HOLD},
        {10000, 0, 0, 518, GATE_PASS},
        {POLICY_PPM, 0, 0, 1, GATE_HOLD},
        {POLICY_PPM, 0, 0, 2, GATE_PASS},
        {500000, 3000, 2000, 5000, GATE_FAIL}, /* worse, but by less than the margin */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy_health policy = policy_of(rows[i].margin_ppm);
        struct engine_health pairs = {rows[i].worse, rows[i].better, rows[i].tie};
        enum gate_answer got = health_judge(&policy, &pairs, NULL);
        if (got != rows[i].expected) printf("\n    row %zu: got %d\n", i, (int)got);
        CU_ASSERT_EQUAL(got, rows[i].expected);
    }
}

static void error_rates_set_the_bar(void)
{
    struct engine_health pairs = {10, 0, 0};
    struct policy_health policy = policy_of(200000);
    struct health_evidence at;
    CU_ASSERT_EQUAL(health_judge(&policy, &pairs, &at), GATE_FAIL);
    CU_ASSERT(at.worse_log10 >= 2 && at.worse_log10 < 3);
    policy.alpha_ppm = 1000;
    CU_ASSERT_EQUAL(health_judge(&policy, &pairs, NULL), GATE_HOLD);
    pairs = (struct engine_health){0, 0, 22};
    CU_ASSERT_EQUAL(health_judge(&policy, &pairs, &at), GATE_PASS);
    CU_ASSERT(at.harmless_log10 >= log10(20) && at.harmless_log10 < 2);
    policy.beta_ppm = 10000;
    CU_ASSERT_EQUAL(health_judge(&policy, &pairs, NULL), GATE_HOLD);
}

static double worse_capital(int64_t margin_ppm, int64_t worse, int64_t better)
{
    return pow(10, evidence_of(margin_ppm, worse, better, 3).worse_log10);
}

static double harmless_capital(int64_t margin_ppm, int64_t worse, int64_t better, int64_t tie)
{
    return pow(10, evidence_of(margin_ppm, worse, better, tie).harmless_log10);
}

/* Where a hypothesis only just holds, one more pair leaves the capital as it is on average; where
 * it holds with room, it shrinks. This is all that Ville's inequality asks for. */
static void bets_are_fair(void)
{
    static const int64_t margins[] = {10000, 50000, 200000, 500000, 990000, POLICY_PPM};
    for (size_t i = 0; i < sizeof margins / sizeof margins[0]; i++) {
        int64_t m = margins[i];
        CU_ASSERT_DOUBLE_EQUAL(worse_capital(m, 0, 0), 1, 1e-12);
        CU_ASSERT_DOUBLE_EQUAL(harmless_capital(m, 0, 0, 0), 1, 1e-12);
        for (int64_t w = 0; w < 30; w += 4)
            for (int64_t b = 0; b < 30; b += 4) {
                double now = worse_capital(m, w, b), harmless = harmless_capital(m, w, b, b);
                double after_worse = worse_capital(m, w + 1, b);
                double after_better = worse_capital(m, w, b + 1);
                CU_ASSERT_DOUBLE_EQUAL((after_worse + after_better) / 2 / now, 1, 1e-9);
                CU_ASSERT(0.4 * after_worse + 0.6 * after_better < now);
                double margin = (double)m / POLICY_PPM, unequal = (1 + margin) / 2;
                double mean = (unequal + margin) / 2 * harmless_capital(m, w + 1, b, b) +
                              (unequal - margin) / 2 * harmless_capital(m, w, b + 1, b) +
                              (1 - unequal) * harmless_capital(m, w, b, b + 1);
                CU_ASSERT_DOUBLE_EQUAL(mean / harmless, 1, 1e-9);
            }
    }
}

static void more_of_a_kind_says_more(void)
{
    static const int64_t margins[] = {10000, 200000, 900000};
    for (size_t i = 0; i < sizeof margins / sizeof margins[0]; i++)
        for (int64_t w = 0; w < 400; w += 23)
            for (int64_t b = 0; b < 400; b += 19) {
                int64_t m = margins[i], t = 5 * b;
                struct health_evidence now = evidence_of(m, w, b, t);
                struct health_evidence worse = evidence_of(m, w + 1, b, t);
                struct health_evidence better = evidence_of(m, w, b + 1, t);
                struct health_evidence tie = evidence_of(m, w, b, t + 1);
                CU_ASSERT(worse.worse_log10 > now.worse_log10);
                CU_ASSERT(better.worse_log10 < now.worse_log10);
                CU_ASSERT(fabs(tie.worse_log10 - now.worse_log10) < 1e-12);
                CU_ASSERT(worse.harmless_log10 < now.harmless_log10);
                CU_ASSERT(better.harmless_log10 > tie.harmless_log10);
                CU_ASSERT(tie.harmless_log10 > now.harmless_log10);
            }
}

static void millions_of_pairs_stay_finite(void)
{
    static const int64_t margins[] = {1, 10000, 200000, 999999, POLICY_PPM};
    static const int64_t count = 5000000;
    for (size_t i = 0; i < sizeof margins / sizeof margins[0]; i++)
        for (int kind = 0; kind < 8; kind++) {
            struct engine_health pairs = {kind & 1 ? count : 0, kind & 2 ? count : 0,
                                          kind & 4 ? count : 0};
            struct policy_health policy = policy_of(margins[i]);
            struct health_evidence at;
            char words[ENGINE_CAUSE_MAX];
            (void)health_judge(&policy, &pairs, &at);
            CU_ASSERT(isfinite(at.worse_log10));
            CU_ASSERT(isfinite(at.harmless_log10));
            health_words(&policy, &pairs, words);
            CU_ASSERT(words[0] != '\0');
        }
    CU_ASSERT(evidence_of(200000, 1000000, 0, 0).worse_log10 > 280000);
    CU_ASSERT(evidence_of(200000, 0, 1000000, 0).worse_log10 < 0);
    struct policy_health policy = policy_of(10000);
    struct engine_health even = {250000, 250000, 500000}, bad = {260000, 240000, 500000};
    CU_ASSERT_EQUAL(health_judge(&policy, &even, NULL), GATE_PASS);
    CU_ASSERT_EQUAL(health_judge(&policy, &bad, NULL), GATE_FAIL);
}

/* The smallest bets see to it: there is no proportion that neither capital grows with. */
static void every_proportion_is_decided(void)
{
    static const int64_t margins[] = {10000, 50000, 200000, 500000, 900000, POLICY_PPM};
    for (size_t i = 0; i < sizeof margins / sizeof margins[0]; i++)
        for (int64_t worse = 0; worse <= 200; worse++)
            for (int64_t better = 0; better + worse <= 200; better += 5) {
                struct policy_health policy = policy_of(margins[i]);
                struct engine_health pairs = {worse * 20000, better * 20000,
                                              (200 - worse - better) * 20000};
                if (health_judge(&policy, &pairs, NULL) != GATE_HOLD) continue;
                printf("\n    margin %lld ppm, worse %lld, better %lld of 200\n",
                       (long long)margins[i], (long long)worse, (long long)better);
                CU_FAIL("holds for ever");
            }
}

static void words_have_figures(void)
{
    static const struct {
        struct engine_health pairs;
        const char *expected;
    } rows[] = {
        {{0, 0, 0}, "crashes: no pairs compared yet; 22 would pass it if all are equal"},
        {{22, 3, 30},
         "crashes: worse in 22, better in 3, equal in 30 of 55 pairs: worse, at error rate 1%"},
        {{2, 4, 50},
         "crashes: worse in 2, better in 4, equal in 50 of 56 pairs: not worse by 20% of pairs, at "
         "error rate 5%"},
        {{12, 3, 40},
         "crashes: worse in 12, better in 3, equal in 40 of 55 pairs: not sure yet; about 58 more "
         "like these would fail it, 52 that are all equal would pass it"},
        {{3, 4, 10},
         "crashes: worse in 3, better in 4, equal in 10 of 17 pairs: not sure yet; about 36 more "
         "like these would pass it, 22 that are all equal"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct policy_health policy = policy_of(200000);
        char words[ENGINE_CAUSE_MAX];
        health_words(&policy, &rows[i].pairs, words);
        ASSERT_TEXT(words, rows[i].expected);
    }
}

/* What the words promise of equal pairs is so, and one less is not enough. */
static void equal_pairs_asked_for_are_enough(void)
{
    for (int64_t worse = 0; worse < 8; worse++) {
        struct policy_health policy = policy_of(200000);
        struct engine_health pairs = {worse, 2, 5};
        char words[ENGINE_CAUSE_MAX];
        if (health_judge(&policy, &pairs, NULL) != GATE_HOLD) continue;
        health_words(&policy, &pairs, words);
        const char *figure = strstr(words, " it, ");
        CU_ASSERT_PTR_NOT_NULL(figure);
        if (!figure) continue;
        int64_t equal = strtoll(figure + strlen(" it, "), NULL, 10);
        pairs.tie = 5 + equal - 1;
        CU_ASSERT_EQUAL(health_judge(&policy, &pairs, NULL), GATE_HOLD);
        pairs.tie++;
        CU_ASSERT_EQUAL(health_judge(&policy, &pairs, NULL), GATE_PASS);
    }
}

WG_SUITE("engine/health", {"three answers", three_answers},
         {"error rates set the bar", error_rates_set_the_bar}, {"bets are fair", bets_are_fair},
         {"more of a kind says more", more_of_a_kind_says_more},
         {"millions of pairs stay finite", millions_of_pairs_stay_finite},
         {"every proportion is decided", every_proportion_is_decided},
         {"words have figures", words_have_figures},
         {"equal pairs asked for are enough", equal_pairs_asked_for_are_enough})
