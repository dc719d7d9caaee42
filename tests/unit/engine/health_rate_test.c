/* health_rate_test.c: how often the health gate is wrong, and how many pairs it takes, when it is
 * looked at after every pair.
 *
 *   test_engine_health_rate           the tests: exact where no pair ties, else drawn from a seed
 *   test_engine_health_rate figures   the tables of docs/health-gate.md, from more draws
 */
#include "orchestrator/engine/health.h"

#include "tests/unit/harness.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOKS 5000
#define SIDE 2048 /* of the table of pass_at: worse and better pairs */
#define ALPHA 10000
#define BETA 50000
#define RUNS 4000

/* What the gate says of every count, asked of it once: its answers are monotone in each count
 * (health_test.c). */
struct bounds {
    struct policy_health policy;
    int pairs;      /* for so many at most */
    int *fail_at;   /* [better]: fewest worse pairs that fail */
    int *better_at; /* [worse]: fewest better pairs that pass when none ties */
    int *pass_at;   /* [worse * SIDE + better]: fewest ties that pass; -1: not asked yet */
};

/* Pairs are alike and drawn one by one. */
struct truth {
    int64_t worse_ppm, better_ppm; /* the rest ties */
    bool sly; /* ties nearly always while it is ahead: a hypothesis that knows the past */
};

struct outcome {
    int failed, passed; /* pairs after which the evidence was first there; 0: never */
};

static bool fails(const struct policy_health *policy, int worse, int better)
{
    struct engine_health pairs = {worse, better, 0};
    return health_judge(policy, &pairs, NULL) == GATE_FAIL;
}

/* Whether the evidence is there, also where the gate fails because it is worse all the same. */
static bool passes(const struct policy_health *policy, int worse, int better, int tie)
{
    struct engine_health pairs = {worse, better, tie};
    struct health_evidence at;
    (void)health_judge(policy, &pairs, &at);
    return at.harmless_log10 >= -log10((double)policy->beta_ppm / POLICY_PPM);
}

static int *ints_new(size_t count)
{
    int *out = malloc(count * sizeof *out);
    if (!out) abort();
    memset(out, 0xff, count * sizeof *out);
    return out;
}

static struct bounds *bounds_new(int64_t margin_ppm, int64_t alpha_ppm, int pairs)
{
    struct bounds *out = calloc(1, sizeof *out);
    if (!out) abort();
    out->policy = (struct policy_health){
        .metric = "restarts", .margin_ppm = margin_ppm, .alpha_ppm = alpha_ppm, .beta_ppm = BETA};
    out->pairs = pairs;
    out->fail_at = ints_new((size_t)pairs + 1);
    out->better_at = ints_new((size_t)pairs + 1);
    out->pass_at = ints_new((size_t)SIDE * SIDE);
    for (int better = 0, worse = 0; better <= pairs; better++) {
        while (worse <= pairs && !fails(&out->policy, worse, better)) worse++;
        out->fail_at[better] = worse;
    }
    for (int worse = 0, better = 0; worse <= pairs; worse++) {
        while (better <= pairs && !passes(&out->policy, worse, better, 0)) better++;
        out->better_at[worse] = better;
    }
    return out;
}

static void bounds_free(struct bounds *bounds)
{
    free(bounds->fail_at);
    free(bounds->better_at);
    free(bounds->pass_at);
    free(bounds);
}

static int fewest_ties(const struct policy_health *policy, int worse, int better)
{
    int enough = 1, few = -1;
    while (!passes(policy, worse, better, enough)) enough *= 2;
    while (enough - few > 1) {
        int between = few + (enough - few) / 2;
        if (passes(policy, worse, better, between))
            enough = between;
        else
            few = between;
    }
    return enough;
}

static bool pass_is_reached(struct bounds *bounds, int worse, int better, int tie)
{
    if (tie == 0) return better >= bounds->better_at[worse];
    if (worse >= SIDE || better >= SIDE) return passes(&bounds->policy, worse, better, tie);
    int *at = &bounds->pass_at[worse * SIDE + better];
    if (*at < 0) *at = fewest_ties(&bounds->policy, worse, better);
    return tie >= *at;
}

/* splitmix64: the same draws on every machine. */
static int64_t draw_ppm(uint64_t *seed)
{
    uint64_t z = *seed += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return (int64_t)((z ^ (z >> 31)) % POLICY_PPM);
}

/* Which evidence is waited for. */
enum wanted { WANT_FAIL, WANT_PASS, WANT_FIRST };

static struct outcome run(struct bounds *bounds, const struct truth *truth, enum wanted wanted,
                          uint64_t *seed)
{
    struct outcome out = {0, 0};
    int worse = 0, better = 0, tie = 0;
    for (int n = 1; n <= bounds->pairs && !out.failed && !out.passed; n++) {
        int64_t drawn = draw_ppm(seed);
        bool ahead = truth->sly && worse > better && draw_ppm(seed) < 900000;
        if (ahead || drawn >= truth->worse_ppm + truth->better_ppm)
            tie++;
        else if (drawn < truth->worse_ppm)
            worse++;
        else
            better++;
        if (wanted != WANT_PASS && worse >= bounds->fail_at[better])
            out.failed = n;
        else if (wanted != WANT_FAIL && pass_is_reached(bounds, worse, better, tie))
            out.passed = n;
    }
    return out;
}

/* ---- exact, where no pair ties ---- */

/* Whether so many worse pairs of so many cross a bound. */
typedef bool (*crosses)(const struct bounds *bounds, int worse, int pairs);

static bool crosses_fail(const struct bounds *bounds, int worse, int pairs)
{
    return worse >= bounds->fail_at[pairs - worse];
}

static bool crosses_pass(const struct bounds *bounds, int worse, int pairs)
{
    return pairs - worse >= bounds->better_at[worse];
}

/* What a fixed sample of so many pairs would be judged by: one-sided, at 1%, from 30 pairs on. */
static bool crosses_z(const struct bounds *bounds, int worse, int pairs)
{
    (void)bounds;
    return pairs >= 30 && 2 * worse - pairs >= 2.3263479 * sqrt(pairs);
}

/* Probability that the bound is crossed at any of the looks after each pair, when a pair is worse
 * with this probability and otherwise better. */
static double ever(const struct bounds *bounds, crosses cross, double worse, int looks)
{
    double *at = calloc((size_t)looks + 2, sizeof *at), crossed = 0;
    if (!at) abort();
    at[0] = 1;
    for (int n = 1; n <= looks; n++)
        for (int w = n; w >= 0; w--) {
            at[w] = at[w] * (1 - worse) + (w > 0 ? at[w - 1] * worse : 0);
            if (at[w] > 0 && cross(bounds, w, n)) {
                crossed += at[w];
                at[w] = 0;
            }
        }
    free(at);
    return crossed;
}

/* ---- the tests ---- */

static void false_alarms_exactly(void)
{
    static const struct {
        int64_t margin_ppm, alpha_ppm;
    } rows[] = {{10000, ALPHA}, {200000, ALPHA}, {200000, 50000}, {POLICY_PPM, 1000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bounds *bounds = bounds_new(rows[i].margin_ppm, rows[i].alpha_ppm, LOOKS / 2);
        double alpha = (double)rows[i].alpha_ppm / POLICY_PPM;
        double rate = ever(bounds, crosses_fail, 0.5, LOOKS / 2);
        CU_ASSERT(rate <= alpha);
        CU_ASSERT(rate > alpha / 10); /* it looks at all */
        CU_ASSERT(ever(bounds, crosses_fail, 0.48, LOOKS / 5) < rate);
        bounds_free(bounds);
    }
}

static void wrong_passes_exactly(void)
{
    static const int64_t margins[] = {10000, 100000, 500000};
    for (size_t i = 0; i < sizeof margins / sizeof margins[0]; i++) {
        struct bounds *bounds = bounds_new(margins[i], ALPHA, LOOKS / 2);
        double margin = (double)margins[i] / POLICY_PPM, beta = (double)BETA / POLICY_PPM;
        double rate = ever(bounds, crosses_pass, (1 + margin) / 2, LOOKS / 2);
        CU_ASSERT(rate <= beta);
        CU_ASSERT(rate > beta / 10);
        bounds_free(bounds);
    }
}

/* These tests see a rate that does not hold. */
static void fixed_sample_breaks(void)
{
    CU_ASSERT(ever(NULL, crosses_z, 0.5, LOOKS / 2) > 10 * (double)ALPHA / POLICY_PPM);
}

struct share {
    int failed, passed, runs;
};

static struct share shares(struct bounds *bounds, const struct truth *truth, enum wanted wanted,
                           int runs)
{
    struct share out = {0, 0, runs};
    uint64_t seed = 4;
    for (int i = 0; i < runs; i++) {
        struct outcome outcome = run(bounds, truth, wanted, &seed);
        out.failed += outcome.failed > 0;
        out.passed += outcome.passed > 0;
    }
    return out;
}

static bool within(int count, int runs, double rate)
{
    double most = rate + 3 * sqrt(rate * (1 - rate) / runs);
    if (count <= most * runs) return true;
    printf("\n    %d of %d runs, at most %.4f allowed\n", count, runs, most);
    return false;
}

/* Of nothing worse: each pair is worse as often as better. */
static const struct truth harmless[] = {
    {500000, 500000, false}, {250000, 250000, false}, {50000, 50000, false},
    {5000, 5000, false},     {500000, 500000, true},
};
#define HARMLESS (sizeof harmless / sizeof harmless[0])

static void false_alarms_drawn(void)
{
    struct bounds *bounds = bounds_new(200000, ALPHA, LOOKS);
    for (size_t i = 0; i < HARMLESS; i++) {
        struct share got = shares(bounds, &harmless[i], WANT_FAIL, RUNS);
        CU_ASSERT(within(got.failed, got.runs, (double)ALPHA / POLICY_PPM));
    }
    bounds_free(bounds);
}

/* Worse by the margin of 20%, with ever fewer ties. */
static const struct truth harmful[] = {
    {200000, 0, false}, {300000, 100000, false}, {500000, 300000, false}, {600000, 400000, false}};
#define HARMFUL (sizeof harmful / sizeof harmful[0])

static void wrong_passes_drawn(void)
{
    struct bounds *bounds = bounds_new(200000, ALPHA, 600);
    for (size_t i = 0; i < HARMFUL; i++) {
        struct share got = shares(bounds, &harmful[i], WANT_PASS, RUNS);
        CU_ASSERT(within(got.passed, got.runs, (double)BETA / POLICY_PPM));
    }
    bounds_free(bounds);
}

static int by_size(const void *a, const void *b)
{
    int one = *(const int *)a, other = *(const int *)b;
    return (one > other) - (one < other);
}

/* Pairs after which half and nine of ten of all runs have their answer; INT_MAX: more than the
 * bounds are for. */
static void quantiles(struct bounds *bounds, const struct truth *truth, enum wanted wanted,
                      int runs, int *half, int *most)
{
    int *took = calloc((size_t)runs, sizeof *took);
    uint64_t seed = 5;
    if (!took) abort();
    for (int i = 0; i < runs; i++) {
        struct outcome got = run(bounds, truth, wanted, &seed);
        took[i] = wanted == WANT_FAIL ? got.failed : got.passed;
        if (took[i] == 0) took[i] = INT_MAX;
    }
    qsort(took, (size_t)runs, sizeof *took, by_size);
    *half = took[runs / 2];
    *most = took[runs * 9 / 10];
    free(took);
}

/* Stated medians: twice the margin is found, and nothing is passed, within so many pairs. */
static void pairs_it_takes(void)
{
    static const struct {
        int64_t margin_ppm;
        struct truth truth;
        enum wanted wanted;
        int median;
    } rows[] = {
        {200000, {700000, 300000, false}, WANT_FAIL, 75},
        {200000, {450000, 50000, false}, WANT_FAIL, 40},
        {50000, {150000, 50000, false}, WANT_FAIL, 260},
        {50000, {100000, 0, false}, WANT_FAIL, 110},
        {200000, {500000, 500000, false}, WANT_PASS, 200},
        {200000, {100000, 100000, false}, WANT_PASS, 50},
        {200000, {5000, 5000, false}, WANT_PASS, 22},
        {50000, {25000, 25000, false}, WANT_PASS, 230},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bounds *bounds = bounds_new(rows[i].margin_ppm, ALPHA, 1000);
        int half, most;
        quantiles(bounds, &rows[i].truth, rows[i].wanted, 301, &half, &most);
        if (half > rows[i].median) printf("\n    row %zu: median %d\n", i, half);
        CU_ASSERT(half <= rows[i].median);
        CU_ASSERT(most < 4 * half + 20);
        bounds_free(bounds);
    }
}

/* ---- the figures ---- */

#define LONG 40000 /* pairs of the longest runs */

static void print_false_alarms(void)
{
    static const int looks[] = {1, 100, 1000, LOOKS};
    struct bounds *bounds = bounds_new(200000, ALPHA, LOOKS);
    printf("Harmless, no pair ties, exact:\n\n| looks | health gate | z-test |\n|---|---|---|\n");
    for (size_t i = 0; i < sizeof looks / sizeof looks[0]; i++)
        printf("| %d | %.2f%% | %.2f%% |\n", looks[i],
               100 * ever(bounds, crosses_fail, 0.5, looks[i]),
               100 * ever(NULL, crosses_z, 0.5, looks[i]));
    printf("\nHarmless, %d runs of %d pairs:\n\n| worse | better | failed |\n|---|---|---|\n", RUNS,
           LOOKS);
    for (size_t i = 0; i < HARMLESS; i++)
        printf("| %g%% | %g%%%s | %.2f%% |\n", (double)harmless[i].worse_ppm / 1e4,
               (double)harmless[i].better_ppm / 1e4, harmless[i].sly ? ", ties while ahead" : "",
               100.0 * shares(bounds, &harmless[i], WANT_FAIL, RUNS).failed / RUNS);
    bounds_free(bounds);
}

static void print_wrong_passes(void)
{
    struct bounds *bounds = bounds_new(200000, ALPHA, LOOKS);
    printf("\nWorse by the margin of 20%%, %d runs of %d pairs:\n\n"
           "| worse | better | passed |\n|---|---|---|\n",
           RUNS, LOOKS);
    for (size_t i = 0; i < HARMFUL; i++)
        printf("| %g%% | %g%% | %.2f%% |\n", (double)harmful[i].worse_ppm / 1e4,
               (double)harmful[i].better_ppm / 1e4,
               100.0 * shares(bounds, &harmful[i], WANT_PASS, RUNS).passed / RUNS);
    bounds_free(bounds);
}

static void print_cell(int half, int most)
{
    if (half == INT_MAX)
        printf(" more than %d |", LONG);
    else if (most == INT_MAX)
        printf(" %d (more) |", half);
    else
        printf(" %d (%d) |", half, most);
}

static void print_pairs(enum wanted wanted)
{
    static const int64_t margins[] = {10000, 20000, 50000, 100000, 200000, 500000};
    static const int64_t unequal[] = {1000000, 500000, 200000, 50000, 20000, 0};
    printf("\n%s: half of 500 runs (nine of ten) within so many pairs:\n\n"
           "| margin | all unequal | 50%% | 20%% | 5%% | 2%% | none "
           "|\n|---|---|---|---|---|---|---|\n",
           wanted == WANT_FAIL ? "Worse by twice the margin, fails" : "Harmless, passes");
    for (size_t i = 0; i < sizeof margins / sizeof margins[0]; i++) {
        struct bounds *bounds = bounds_new(margins[i], ALPHA, LONG);
        int64_t mean = wanted == WANT_FAIL ? 2 * margins[i] : 0;
        printf("| %g%% |", (double)margins[i] / 1e4);
        for (size_t k = 0; k < sizeof unequal / sizeof unequal[0]; k++) {
            struct truth truth = {(unequal[k] + mean) / 2, (unequal[k] - mean) / 2, false};
            int half = INT_MAX, most = INT_MAX;
            if (mean > unequal[k]) {
                printf(" - |");
                continue;
            }
            quantiles(bounds, &truth, wanted, 500, &half, &most);
            print_cell(half, most);
        }
        printf("\n");
        bounds_free(bounds);
    }
}

/* What the gate answers first. */
static void print_answers(void)
{
    static const int64_t means[] = {-100000, 0, 50000, 100000, 150000, 200000, 300000, 400000};
    struct bounds *bounds = bounds_new(200000, ALPHA, LONG);
    printf("\nMargin 20%%, half of all pairs unequal, %d runs, the first answer:\n\n"
           "| truly worse by | fails | passes |\n|---|---|---|\n",
           RUNS);
    for (size_t i = 0; i < sizeof means / sizeof means[0]; i++) {
        struct truth truth = {(500000 + means[i]) / 2, (500000 - means[i]) / 2, false};
        int failed = 0, passed = 0;
        uint64_t seed = 6;
        for (int k = 0; k < RUNS; k++) {
            struct outcome got = run(bounds, &truth, WANT_FIRST, &seed);
            failed += got.failed > 0;
            passed += got.failed == 0 && got.passed > 0;
        }
        printf("| %g%% | %.1f%% | %.1f%% |\n", (double)means[i] / 1e4, 100.0 * failed / RUNS,
               100.0 * passed / RUNS);
    }
    bounds_free(bounds);
}

static int print_figures(void)
{
    print_false_alarms();
    print_wrong_passes();
    print_pairs(WANT_PASS);
    print_pairs(WANT_FAIL);
    print_answers();
    return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    static const struct test_case cases[] = {
        {"false alarms, exactly", false_alarms_exactly},
        {"wrong passes, exactly", wrong_passes_exactly},
        {"a fixed-sample test breaks", fixed_sample_breaks},
        {"false alarms, drawn", false_alarms_drawn},
        {"wrong passes, drawn", wrong_passes_drawn},
        {"pairs it takes", pairs_it_takes},
    };
    if (argc > 1 && strcmp(argv[1], "figures") == 0) return print_figures();
    return harness_run("engine/health_rate", cases, sizeof cases / sizeof cases[0]);
}
