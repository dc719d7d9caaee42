/* corpus.h: the inputs that a run begins with: files, and the files of folders in the order of
 * their names, so that every run sees the same. */
#ifndef WG_TESTS_FUZZ_CORPUS_H
#define WG_TESTS_FUZZ_CORPUS_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

#define CORPUS_INPUT_MAX ((size_t)1 << 20) /* bytes of one input */

struct corpus_input {
    char *path; /* owned */
    uint8_t *data;
    size_t len;
};

struct corpus {
    size_t count;
    struct corpus_input *inputs; /* owned */
};

/* Adds the file, or every file of the folder (not of folders inside). */
WG_MUST_CHECK bool corpus_add(struct corpus *corpus, const char *path, struct wg_error *err);
void corpus_clear(struct corpus *corpus);

#endif
