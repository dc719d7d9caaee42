/* repository.h: what the commands on a TUF repository (`wavegate release ... --repository R`) have
 * in common. They need neither configuration nor database. */
#ifndef WG_ORCHESTRATOR_CLI_REPOSITORY_H
#define WG_ORCHESTRATOR_CLI_REPOSITORY_H

#include "orchestrator/cli/command.h"
#include "orchestrator/release/repo_folder.h"

/* --repository opened; repo_close() is due in any case. */
WG_MUST_CHECK bool repository_open(const struct cli *cli, bool to_write, struct repo *repo,
                                   struct wg_error *err);
/* --repository; WG_E_USAGE without it. */
WG_MUST_CHECK bool repository_folder(const struct cli *cli, const char **out, struct wg_error *err);

/* --passphrase-file, --passphrase-fd, else the terminal. */
WG_MUST_CHECK bool repository_secret(const struct args *args, struct wg_passphrase_source *out,
                                     struct wg_error *err);

/* Calls each() with every part of a list "a,b,c". */
typedef bool (*repository_part_fn)(void *ctx, const char *part, struct wg_error *err);
WG_MUST_CHECK bool repository_parts(const char *list, repository_part_fn each, void *ctx,
                                    struct wg_error *err);

/* Public keys named by a flag (NULL: none), and a threshold named by another (0: not given). */
WG_MUST_CHECK bool repository_role_keys(const struct args *args, const char *keys_flag,
                                        const char *threshold_flag, struct repo_role_keys *out,
                                        struct wg_error *err);

/* "COMPONENT/VERSION". */
WG_MUST_CHECK bool repository_release_name(const char *text, char component[WG_NAME_MAX + 1],
                                           char version[WG_VERSION_MAX + 1], struct wg_error *err);

/* --component and --version. */
WG_MUST_CHECK bool repository_names(const struct args *args, char component[WG_NAME_MAX + 1],
                                    char version[WG_VERSION_MAX + 1], struct wg_error *err);

/* What is staged is kept, and shown. */
WG_MUST_CHECK bool repository_save_and_show(struct cli *cli, struct repo *repo,
                                            struct wg_error *err);
/* A line for each staged role: whose signatures it has, whose it lacks. */
WG_MUST_CHECK bool repository_show_standing(struct screen *screen, const struct repo_state *state,
                                            struct wg_error *err);
/* What a staged role changes against what is published, line by line. */
void repository_show_changes(struct screen *screen, const struct repo_state *state,
                             const char *role);

bool repository_add_run(struct cli *cli, struct wg_error *err);
bool repository_list_run(struct cli *cli, struct wg_error *err);

#endif
