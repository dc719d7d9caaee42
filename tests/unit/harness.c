/* harness.c: runs one CUnit suite and tells the outcome by exit code. */
#include "harness.h"

#include <CUnit/Basic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int harness_run(const char *suite_name, const struct test_case *cases, size_t count)
{
    if (CU_initialize_registry() != CUE_SUCCESS) return EXIT_FAILURE;
    CU_pSuite suite = CU_add_suite(suite_name, NULL, NULL);
    int failed = suite == NULL || count == 0;
    for (size_t i = 0; suite && i < count; i++)
        if (!CU_add_test(suite, cases[i].name, cases[i].run)) failed = 1;
    if (!failed) {
        CU_basic_set_mode(CU_BRM_VERBOSE);
        failed = CU_basic_run_tests() != CUE_SUCCESS || CU_get_number_of_failures() > 0 ||
                 CU_get_number_of_tests_run() != count;
    }
    CU_cleanup_registry();
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

void harness_same_text(const char *file, int line, const char *got, const char *expected)
{
    int same = got && expected ? strcmp(got, expected) == 0 : got == expected;
    if (!same)
        printf("\n    %s:%d: got      \"%s\"\n    expected \"%s\"\n", file, line,
               got ? got : "(null)", expected ? expected : "(null)");
    CU_ASSERT_TRUE(same);
}

long harness_every(long usual, long sanitized)
{
    const char *which = getenv("WAVEGATE_CUTS");
    if (which && strcmp(which, "all") == 0) return 1;
#ifdef __SANITIZE_ADDRESS__
    (void)usual;
    return sanitized;
#else
    (void)sanitized;
    return usual;
#endif
}
