/* hex.h: bytes of test vectors, written as hex. */
#ifndef WG_TESTS_UNIT_CRYPT_HEX_H
#define WG_TESTS_UNIT_CRYPT_HEX_H

#include "common/text.h"
#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

/* How many bytes were written to out. */
static inline size_t hex_read(const char *hex, void *out, size_t size)
{
    size_t len = strlen(hex) / 2;
    CU_ASSERT_TRUE_FATAL(len <= size && strlen(hex) % 2 == 0 && wg_unhex(hex, out, len));
    return len;
}

static inline void hex_same(const void *got, size_t len, const char *expected)
{
    char *text = malloc(2 * len + 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(text);
    wg_hex(got, len, text);
    ASSERT_TEXT(text, expected);
    free(text);
}

#endif
