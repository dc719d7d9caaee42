/* repository_form.h: forms of a release in a TUF repository: `release add --compress`,
 * `--delta-from`, `release add-form --repository`. */
#ifndef WG_ORCHESTRATOR_CLI_REPOSITORY_FORM_H
#define WG_ORCHESTRATOR_CLI_REPOSITORY_FORM_H

#include "orchestrator/cli/repository.h"
#include "orchestrator/release/repo_draft.h"

struct repository_forms {
    struct screen *screen;
    struct repo *repo;
    struct repo_draft *draft;
    const char *component, *version; /* whose artifact is among what is staged or published */
};

/* Of the file behind the artifact, as --compress and --delta-from say; nothing without them. */
WG_MUST_CHECK bool repository_forms_make(const struct repository_forms *forms,
                                         const struct args *args, const char *file,
                                         struct wg_error *err);
bool repository_add_form_run(struct cli *cli, struct wg_error *err);

#endif
