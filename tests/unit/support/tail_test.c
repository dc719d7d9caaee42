/* tail_test.c: the sums against figures that are known, and against sums over all tables. */
#include "orchestrator/support/tail.h"

#include "tests/unit/harness.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>

static bool near(double a, double b)
{
    return fabs(a - b) <= 1e-9 * (fabs(a) + fabs(b));
}

/* Fisher's tea: 8 cups, 4 with milk first, all 4 named: 1 in 70; 3 of 4: 17 in 70. */
static void the_tea_is_as_it_was(void)
{
    CU_ASSERT_TRUE(near(tail_of(4, 4, 4, 8), 1.0 / 70));
    CU_ASSERT_TRUE(near(tail_of(3, 4, 4, 8), 17.0 / 70));
    CU_ASSERT_TRUE(near(tail_of(0, 4, 4, 8), 1));
}

static double choose(int n, int k)
{
    double out = 1;
    for (int i = 1; i <= k; i++) out = out * (n - k + i) / i;
    return k < 0 || k > n ? 0 : out;
}

static void it_is_the_sum_over_all_tables(void)
{
    for (int all = 1; all <= 18; all++)
        for (int marked = 0; marked <= all; marked++)
            for (int drawn = 0; drawn <= all; drawn++)
                for (int hits = 0; hits <= drawn && hits <= marked; hits++) {
                    double sum = 0;
                    if (drawn + marked - hits > all) continue;
                    for (int i = hits; i <= drawn && i <= marked; i++)
                        sum += choose(marked, i) * choose(all - marked, drawn - i);
                    double want = sum / choose(all, drawn), got = tail_of(hits, drawn, marked, all);
                    if (!near(got, want)) printf("\n    %d %d %d %d\n", hits, drawn, marked, all);
                    CU_ASSERT_TRUE(near(got, want));
                }
}

static void large_fleets_are_no_trouble(void)
{
    /* all of 1000 failed are of a revision that is a hundredth of a million */
    double p = tail_of(1000, 1000, 11000, 1001000);
    CU_ASSERT_TRUE(p >= 0 && p < 1e-300);
    /* as many as there should be: nothing */
    p = tail_of(100, 1000, 100100, 1001000);
    CU_ASSERT_TRUE(p > 0.4 && p < 0.6);
    CU_ASSERT_TRUE(near(tail_of(0, 20000, 500000, 1020000), 1));
}

static void what_cannot_be_is_no_finding(void)
{
    CU_ASSERT_EQUAL(tail_of(5, 4, 5, 10), 1);
    CU_ASSERT_EQUAL(tail_of(5, 5, 4, 10), 1);
    CU_ASSERT_EQUAL(tail_of(-1, 4, 4, 8), 1);
    CU_ASSERT_EQUAL(tail_of(0, 8, 8, 8), 1);
    CU_ASSERT_EQUAL(tail_of(0, 0, 0, 0), 1);
}

/* Holm's own way: the least times 3, the next times 2, never below the one before. */
static void many_questions_cost(void)
{
    double p[] = {0.04, 0.01, 0.03};
    size_t order[3];
    tail_correct(p, order, 3);
    CU_ASSERT_TRUE(near(p[1], 0.03));
    CU_ASSERT_TRUE(near(p[2], 0.06));
    CU_ASSERT_TRUE(near(p[0], 0.06));
    CU_ASSERT_EQUAL(order[0], 1);
    double one[] = {0.9, 0.8};
    tail_correct(one, order, 2);
    CU_ASSERT_EQUAL(one[0], 1);
    CU_ASSERT_EQUAL(one[1], 1);
    tail_correct(NULL, NULL, 0);
}

WG_SUITE("tail", {"the tea is as it was", the_tea_is_as_it_was},
         {"it is the sum over all tables", it_is_the_sum_over_all_tables},
         {"large fleets are no trouble", large_fleets_are_no_trouble},
         {"what cannot be is no finding", what_cannot_be_is_no_finding},
         {"many questions cost", many_questions_cost})
