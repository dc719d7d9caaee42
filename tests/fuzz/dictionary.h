/* dictionary.h: words that mean something to a parser, one a line in libFuzzer's form: "word" or
 * name="word", with \\, \" and \xHH; '#' begins a comment. */
#ifndef WG_TESTS_FUZZ_DICTIONARY_H
#define WG_TESTS_FUZZ_DICTIONARY_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define DICTIONARY_WORD_MAX 64 /* libFuzzer's bound */

struct dictionary_word {
    size_t len;
    uint8_t bytes[DICTIONARY_WORD_MAX];
};

struct dictionary {
    size_t count;
    struct dictionary_word *words; /* owned */
};

/* WG_E_BAD_FILE names the line. */
WG_MUST_CHECK bool dictionary_load(struct dictionary *out, const char *path, struct wg_error *err);
void dictionary_clear(struct dictionary *dictionary);

#endif
