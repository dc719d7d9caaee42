/* mutation.h: inputs made from a corpus by seeded damage: bits, bytes, blocks, lines, words of a
 * dictionary, numbers, splices. The number of a mutation and the seed say all: any of them can be
 * made again without those before it. */
#ifndef WG_TESTS_FUZZ_MUTATION_H
#define WG_TESTS_FUZZ_MUTATION_H

#include "tests/fuzz/corpus.h"
#include "tests/fuzz/dictionary.h"

/* out holds max bytes, 1.. ; returns how many were written. The corpus must not be empty. */
size_t mutation_make(const struct corpus *corpus, const struct dictionary *dictionary,
                     uint64_t seed, uint64_t number, uint8_t *out, size_t max);

#endif
