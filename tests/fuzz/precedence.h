/* precedence.h: versions compared as the specifications say it, step by step and without sort keys:
 * what the keys are measured against. Texts must be versions already. Below 0, 0 or above 0. */
#ifndef WG_TESTS_FUZZ_PRECEDENCE_H
#define WG_TESTS_FUZZ_PRECEDENCE_H

int precedence_semver(const char *a, const char *b);   /* semver.org, section 11 */
int precedence_debian(const char *a, const char *b);   /* deb-version(7) */
int precedence_calver(const char *a, const char *b);   /* numbers and dots alone */
int precedence_revision(const char *a, const char *b); /* common/version.h */

#endif
