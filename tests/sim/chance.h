/* chance.h: numbers that look random and are the same for the same seed and index, on every
 * machine. Not for secrets. Pure. */
#ifndef WG_TESTS_SIM_CHANCE_H
#define WG_TESTS_SIM_CHANCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct chance {
    uint64_t state;
};

uint64_t chance_seed(const char *text);
/* One stream of numbers an index; streams of neighbours have nothing in common. */
void chance_init(struct chance *chance, uint64_t seed, uint64_t index);
uint64_t chance_next(struct chance *chance);
double chance_unit(struct chance *chance); /* 0 <= x < 1 */
bool chance_of(struct chance *chance, double share);
size_t chance_below(struct chance *chance, size_t n); /* 0..n-1; n at least 1 */
double chance_normal(struct chance *chance);          /* mean 0, deviation 1 */

/* Cuts 0..1 into pieces by weight. */
#define CHANCE_TABLE_MAX 96
struct chance_table {
    size_t count;
    double upto[CHANCE_TABLE_MAX]; /* sums of the weights so far */
};

/* A piece of weight 0 is never picked. False when the table is full or the weight is negative. */
bool chance_table_add(struct chance_table *table, double weight);
/* The table has some weight. */
size_t chance_pick(struct chance *chance, const struct chance_table *table);

#endif
