/* dice.h: draws that hang on what they are for, not on what was drawn before: the same question of
 * the same seed has the same answer, whatever else was left out of the run. Pure. */
#ifndef WG_TESTS_SIM_DICE_H
#define WG_TESTS_SIM_DICE_H

#include "common/time.h"
#include "tests/sim/chance.h"

/* A stream of numbers for the turn-th time that who asks what. */
void dice_init(struct chance *out, uint64_t seed, const char *what, size_t who, uint64_t turn);
double dice_unit(uint64_t seed, const char *what, size_t who, uint64_t turn);
/* low..high, both included. */
int64_t dice_between(struct chance *chance, int64_t low, int64_t high);
/* The same, small values more often: each order of magnitude is as likely. low is at least 1. */
int64_t dice_spread(struct chance *chance, int64_t low, int64_t high);

#endif
