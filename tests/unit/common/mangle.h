/* mangle.h: feeds a decoder every prefix of a good message and thousands of seeded mutations of it.
 * Each copy lies in memory of its exact size, so that a sanitizer sees one byte too many. */
#ifndef WG_TESTS_UNIT_COMMON_MANGLE_H
#define WG_TESTS_UNIT_COMMON_MANGLE_H

#include "common/error.h"
#include "tests/unit/harness.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* Decodes into a struct of its own; true when it was taken. */
typedef bool (*mangle_decode)(const char *bytes, size_t len, struct wg_error *err);

static inline uint32_t mangle_random(uint64_t *seed)
{
    *seed = *seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(*seed >> 33);
}

static inline char *mangle_copy(const char *bytes, size_t len)
{
    char *copy = malloc(len > 0 ? len : 1);
    CU_ASSERT_PTR_NOT_NULL_FATAL(copy);
    if (copy) memcpy(copy, bytes, len);
    return copy;
}

/* Every proper prefix must be refused, with words. */
static inline void mangle_prefixes(const char *bytes, size_t len, mangle_decode decode)
{
    for (size_t n = 0; n < len; n++) {
        struct wg_error err = {.code = WG_OK};
        char *copy = mangle_copy(bytes, n);
        CU_ASSERT_FALSE(decode(copy, n, &err));
        CU_ASSERT_TRUE(err.code != WG_OK && err.text[0] != '\0');
        free(copy);
    }
}

static inline size_t mangle_once(char *copy, size_t len, uint64_t *seed)
{
    static const char bytes[] = "{}[]\",:0123456789.-eE\\u\0\x80\xc3\xffnulltrue ";
    size_t at = mangle_random(seed) % len, span = 1 + mangle_random(seed) % 8;
    switch (mangle_random(seed) % 4) {
    case 0:
        copy[at] = (char)mangle_random(seed);
        break;
    case 1:
        copy[at] = bytes[mangle_random(seed) % (sizeof bytes - 1)];
        break;
    case 2: /* cut a few bytes out */
        if (span >= len - at) break;
        memmove(copy + at, copy + at + span, len - at - span);
        return len - span;
    default: /* a few bytes from elsewhere */
        if (span > len - at) break;
        memmove(copy + at, copy + mangle_random(seed) % (len - span + 1), span);
        break;
    }
    return len;
}

/* Returns how many mutated messages were taken all the same. */
static inline size_t mangle_mutations(const char *bytes, size_t len, mangle_decode decode,
                                      size_t count, uint64_t seed)
{
    size_t taken = 0;
    for (size_t i = 0; i < count; i++) {
        struct wg_error err = {.code = WG_OK};
        char *copy = mangle_copy(bytes, len);
        size_t now = len;
        for (uint32_t n = 1 + mangle_random(&seed) % 3; n > 0 && now > 16; n--)
            now = mangle_once(copy, now, &seed);
        char *exact = mangle_copy(copy, now);
        bool ok = decode(exact, now, &err);
        taken += ok;
        CU_ASSERT_TRUE(ok || (err.code != WG_OK && err.text[0] != '\0'));
        free(exact);
        free(copy);
    }
    return taken;
}

#endif
