/* repository_with.h: the companions of a release in a TUF repository. */
#ifndef WG_ORCHESTRATOR_CLI_REPOSITORY_WITH_H
#define WG_ORCHESTRATOR_CLI_REPOSITORY_WITH_H

#include "orchestrator/cli/repository.h"

#include "common/trust/release_set.h"

/* The target of a release's artifact, staged or published: a new reference. NULL: WG_E_NOT_FOUND,
 * it is not there, or was revoked. */
json_t *repository_artifact(const struct repo *repo, const char *component, const char *version,
                            struct wg_error *err);
/* What is said of a release, staged or published. */
WG_MUST_CHECK bool repository_facts(const struct repo *repo, const char *component,
                                    const char *version, struct release_facts *out,
                                    struct wg_error *err);

/* The companions that these facts name are there, and all go together. WG_E_NOT_FOUND,
 * WG_E_BAD_INPUT. */
WG_MUST_CHECK bool repository_with_check(const struct repo *repo, const struct release_facts *facts,
                                         struct wg_error *err);
/* The same of the custom part of a release's target: why is "" or says what is wrong. Nothing is
 * said of what cannot be read. */
void repository_with_fault(const struct repo *repo, const json_t *custom, char *why, size_t size);

/* Releases that come with that one, "os/2.0.0": a new array. */
json_t *repository_with_users(const struct repo *repo, const char *component, const char *version);

#endif
