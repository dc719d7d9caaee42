/* target.h: what every fuzz target shares: the one entry that takes any bytes, and how a target
 * says that something does not hold. A target ends with abort(): the driver, libFuzzer and a
 * debugger all stop there, with the input at hand. */
#ifndef WG_TESTS_FUZZ_TARGET_H
#define WG_TESTS_FUZZ_TARGET_H

#include "common/buf.h"
#include "common/error.h"

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* libFuzzer's entry (llvm.org/docs/LibFuzzer.html). Keeps nothing between calls; returns 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Unless it holds: says so with the words behind it, and aborts. */
#define MUST(holds, ...)                                                                           \
    do {                                                                                           \
        if (!(holds)) target_broken(__FILE__, __LINE__, #holds, __VA_ARGS__);                      \
    } while (0)

_Noreturn void target_broken(const char *file, int line, const char *what, const char *format, ...)
    WG_PRINTF(4, 5);

/* Words for people: something, in UTF-8, that a log, a terminal and the database can hold. */
void target_shown(const char *text, size_t len);
/* What refuses an input says why: a code and words. */
void target_refused(const struct wg_error *err);

/* The bytes in memory of their exact size plus a NUL; the caller frees. */
char *target_text(const uint8_t *data, size_t size);
/* The line that begins at *data, as text, and *data behind it; NULL when nothing is left. */
char *target_line(const uint8_t **data, size_t *size);

/* Members of a struct, before and after it went through a reader. */
#define SAME_TEXT(a, b) target_same_text(__FILE__, __LINE__, #a, a, b)
#define SAME_NUMBER(a, b) target_same_number(__FILE__, __LINE__, #a, (int64_t)(a), (int64_t)(b))

void target_same_text(const char *file, int line, const char *what, const char *a, const char *b);
void target_same_number(const char *file, int line, const char *what, int64_t a, int64_t b);
void target_same(const struct wg_buf *got, const struct wg_buf *expected, const char *what);

#endif
