/* relocate.c: before all else, the agent's own pointers get the address at which it was loaded.
 * They are packed (DT_RELR: a bit for each, where the long form takes 24 bytes), which musl's own
 * start does not know before 1.2.4. The linker puts this before it (--wrap). */
#include <elf.h>
#include <limits.h>
#include <link.h>
#include <stddef.h>
#include <stdint.h>

#ifndef DT_RELR
#define DT_RELRSZ 35
#define DT_RELR 36
#endif

#define WORD sizeof(uintptr_t)
#define LOCAL __attribute__((visibility("hidden"))) /* is reached without a pointer */

extern const ElfW(Dyn) _DYNAMIC[] LOCAL;
extern char __ehdr_start[] LOCAL;

typedef int main_function(int argc, char **argv, char **environment);
int __real___libc_start_main(main_function *begin, int argc, char **argv, void (*first)(void),
                             void (*last)(void), void (*loader)(void));
int __wrap___libc_start_main(main_function *begin, int argc, char **argv, void (*first)(void),
                             void (*last)(void), void (*loader)(void));

static uintptr_t entry(ElfW(Sxword) tag)
{
    for (const ElfW(Dyn) *at = _DYNAMIC; at->d_tag != DT_NULL; at++)
        if (at->d_tag == tag) return at->d_un.d_val;
    return 0;
}

/* An even word is the address of a pointer; an odd one has a bit for each of those behind it. */
static void relocate(uintptr_t base)
{
    const uintptr_t *packed = (const uintptr_t *)(base + entry(DT_RELR));
    uintptr_t *at = NULL;
    for (size_t left = entry(DT_RELRSZ) / WORD; left > 0; left--, packed++) {
        if ((*packed & 1) == 0) {
            at = (uintptr_t *)(base + *packed);
            *at++ += base;
            continue;
        }
        for (size_t bit = 1; bit < WORD * CHAR_BIT; bit++)
            if (*packed >> bit & 1) at[bit - 1] += base;
        at += WORD * CHAR_BIT - 1;
    }
}

int __wrap___libc_start_main(main_function *begin, int argc, char **argv, void (*first)(void),
                             void (*last)(void), void (*loader)(void))
{
    relocate((uintptr_t)__ehdr_start);
    return __real___libc_start_main(begin, argc, argv, first, last, loader);
}
