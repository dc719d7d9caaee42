/* dice.c: a stream of numbers a question. */
#include "tests/sim/dice.h"

#include <math.h>

void dice_init(struct chance *out, uint64_t seed, const char *what, size_t who, uint64_t turn)
{
    chance_init(out, seed ^ chance_seed(what), (uint64_t)who << 40 ^ turn);
}

double dice_unit(uint64_t seed, const char *what, size_t who, uint64_t turn)
{
    struct chance chance;
    dice_init(&chance, seed, what, who, turn);
    return chance_unit(&chance);
}

int64_t dice_between(struct chance *chance, int64_t low, int64_t high)
{
    return low + (int64_t)chance_below(chance, (size_t)(high - low + 1));
}

int64_t dice_spread(struct chance *chance, int64_t low, int64_t high)
{
    double bottom = log((double)low), top = log((double)high + 1);
    int64_t value = (int64_t)exp(bottom + chance_unit(chance) * (top - bottom));
    if (value < low) return low;
    return value < high ? value : high;
}
