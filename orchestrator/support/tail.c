/* tail.c: sums of the hypergeometric distribution, in logarithms: a million devices are far outside
 * of what a double holds. */
#include "orchestrator/support/tail.h"

#include <math.h>
#include <stdbool.h>

#define EXACT 32 /* below, the logarithms are summed; from here on Stirling's series is exact */

/* Not lgamma(): it writes a global variable. */
static double log_factorial(int64_t n)
{
    double x = (double)n, sum = 0;
    if (n < EXACT) {
        for (int64_t i = 2; i <= n; i++) sum += log((double)i);
        return sum;
    }
    double inverse = 1 / x, square = inverse * inverse;
    return (x + 0.5) * log(x) - x + 0.918938533204672741780 +
           inverse * (1.0 / 12 - square * (1.0 / 360 - square / 1260));
}

static double log_choose(int64_t n, int64_t k)
{
    return log_factorial(n) - log_factorial(k) - log_factorial(n - k);
}

static bool is_table(int64_t hits, int64_t drawn, int64_t marked, int64_t all)
{
    return hits >= 0 && hits <= drawn && hits <= marked && drawn <= all && marked <= all &&
           drawn + marked - hits <= all;
}

double tail_of(int64_t hits, int64_t drawn, int64_t marked, int64_t all)
{
    if (!is_table(hits, drawn, marked, all)) return 1;
    int64_t most = drawn < marked ? drawn : marked;
    double first =
        log_choose(marked, hits) + log_choose(all - marked, drawn - hits) - log_choose(all, drawn);
    double term = 1, sum = 0;
    for (int64_t i = hits; i <= most; i++) {
        sum += term;
        double ratio = (double)(marked - i) * (double)(drawn - i) /
                       ((double)(i + 1) * (double)(all - marked - drawn + i + 1));
        term *= ratio;
        if (ratio < 1 && term < sum * 1e-17) break;
    }
    double p = exp(first + log(sum));
    return p < 1 ? p : 1;
}

static bool is_before(const double *p, size_t a, size_t b)
{
    return p[a] < p[b] || (p[a] == p[b] && a < b);
}

/* Shell's sort: no memory, and thousands are no trouble. */
static void sort_by(const double *p, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) order[i] = i;
    for (size_t gap = count / 2; gap > 0; gap /= 2)
        for (size_t i = gap; i < count; i++) {
            size_t held = order[i], at = i;
            for (; at >= gap && is_before(p, held, order[at - gap]); at -= gap)
                order[at] = order[at - gap];
            order[at] = held;
        }
}

void tail_correct(double *p, size_t *order, size_t count)
{
    double least = 0;
    sort_by(p, order, count);
    for (size_t rank = 0; rank < count; rank++) {
        double corrected = p[order[rank]] * (double)(count - rank);
        if (corrected > 1) corrected = 1;
        if (corrected < least) corrected = least;
        least = corrected;
        p[order[rank]] = corrected;
    }
}
