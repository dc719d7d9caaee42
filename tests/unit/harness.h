/* harness.h: a CUnit program in one line: WG_SUITE("name", { "case", case_function }, ...). */
#ifndef WG_TESTS_UNIT_HARNESS_H
#define WG_TESTS_UNIT_HARNESS_H

#include <CUnit/CUnit.h>
#include <stddef.h>

struct test_case {
    const char *name;
    void (*run)(void);
};

/* Runs the cases as one suite; returns the exit code of the program. */
int harness_run(const char *suite, const struct test_case *cases, size_t count);

/* Compares two strings and, when they differ, prints both. */
void harness_same_text(const char *file, int line, const char *got, const char *expected);

#define ASSERT_TEXT(got, expected) harness_same_text(__FILE__, __LINE__, (got), (expected))

/* For calls of the form bool f(..., struct wg_error *err): prints the error's text when it fails.
 */
#define ASSERT_OK(call, err)                                                                       \
    do {                                                                                           \
        bool ok_ = (call);                                                                         \
        if (!ok_) printf("\n    %s:%d: %s: %s\n", __FILE__, __LINE__, #call, (err)->text);         \
        CU_ASSERT_TRUE_FATAL(ok_);                                                                 \
    } while (0)

/* For tests that try hundreds of places, one after the other: try each n-th. `sanitized`: in a
 * build with sanitizers, which is several times slower and looks for other faults. 1 with
 * WAVEGATE_CUTS=all, as `make cuts` sets it. */
long harness_every(long usual, long sanitized);

#define WG_SUITE(name, ...)                                                                        \
    int main(void)                                                                                 \
    {                                                                                              \
        static const struct test_case cases[] = {__VA_ARGS__};                                     \
        return harness_run(name, cases, sizeof cases / sizeof cases[0]);                           \
    }

#endif
