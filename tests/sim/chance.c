/* chance.c: splitmix64 (Steele, Lea, Flood 2014) and what is drawn from it. */
#include "tests/sim/chance.h"

#include <math.h>

#define GOLDEN 0x9e3779b97f4a7c15ULL

static uint64_t mix(uint64_t x)
{
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
    return x ^ (x >> 31);
}

/* FNV-1a, mixed once more: short texts differ in few bits. */
uint64_t chance_seed(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325ULL;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001b3ULL;
    return mix(hash);
}

void chance_init(struct chance *chance, uint64_t seed, uint64_t index)
{
    chance->state = mix(seed ^ mix(index + GOLDEN));
}

uint64_t chance_next(struct chance *chance)
{
    chance->state += GOLDEN;
    return mix(chance->state);
}

double chance_unit(struct chance *chance)
{
    return (double)(chance_next(chance) >> 11) * 0x1.0p-53;
}

bool chance_of(struct chance *chance, double share)
{
    return chance_unit(chance) < share;
}

size_t chance_below(struct chance *chance, size_t n)
{
    size_t value = (size_t)(chance_unit(chance) * (double)n);
    return value < n ? value : n - 1;
}

double chance_normal(struct chance *chance)
{
    const double turn = 6.283185307179586;
    double radius = sqrt(-2.0 * log(1.0 - chance_unit(chance)));
    return radius * cos(turn * chance_unit(chance));
}

bool chance_table_add(struct chance_table *table, double weight)
{
    if (table->count == CHANCE_TABLE_MAX || !(weight >= 0)) return false;
    double before = table->count ? table->upto[table->count - 1] : 0;
    table->upto[table->count++] = before + weight;
    return true;
}

size_t chance_pick(struct chance *chance, const struct chance_table *table)
{
    double at = chance_unit(chance) * table->upto[table->count - 1];
    size_t low = 0, high = table->count - 1;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (at < table->upto[middle])
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}
