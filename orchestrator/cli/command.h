/* command.h: one `wavegate NOUN VERB`: a row of a table and a function in a file of its own. */
#ifndef WG_ORCHESTRATOR_CLI_COMMAND_H
#define WG_ORCHESTRATOR_CLI_COMMAND_H

#include "common/args.h"
#include "common/text.h"
#include "orchestrator/cli/screen.h"
#include "orchestrator/config/settings.h"
#include "orchestrator/remote/remote.h"

struct cli {
    const struct args *args;
    struct settings *settings;
    struct remote *remote;                /* NULL when the command needs none */
    struct wg_passphrase *passphrase;     /* of the operator's key, once it was read */
    struct wg_signing_key **operator_key; /* opened when it is needed first; operator.h */
    struct screen screen;
};

/* Beside settings_need: the command changes something. */
#define COMMAND_CHANGES 0x1000U

struct command {
    const char *noun, *verb;
    const char *arguments; /* "FILE", for the usage line */
    size_t positionals_min, positionals_max;
    const char *summary;
    const struct flag *flags; /* its own, may be NULL */
    unsigned needs;           /* of settings; SETTINGS_SERVER connects */
    bool (*run)(struct cli *cli, struct wg_error *err);
};

extern const struct command commands[];
extern const size_t command_count;

bool campaign_validate_run(struct cli *cli, struct wg_error *err);
bool campaign_plan_run(struct cli *cli, struct wg_error *err);
bool campaign_apply_run(struct cli *cli, struct wg_error *err);
bool campaign_status_run(struct cli *cli, struct wg_error *err);
bool campaign_list_run(struct cli *cli, struct wg_error *err);
bool campaign_approve_run(struct cli *cli, struct wg_error *err);
bool campaign_pause_run(struct cli *cli, struct wg_error *err);
bool campaign_resume_run(struct cli *cli, struct wg_error *err);
bool campaign_abort_run(struct cli *cli, struct wg_error *err);
bool campaign_start_run(struct cli *cli, struct wg_error *err);
bool campaign_advance_run(struct cli *cli, struct wg_error *err);
bool campaign_hold_run(struct cli *cli, struct wg_error *err);
bool campaign_unhold_run(struct cli *cli, struct wg_error *err);
bool campaign_rollback_run(struct cli *cli, struct wg_error *err);
bool campaign_retry_run(struct cli *cli, struct wg_error *err);
bool campaign_failures_run(struct cli *cli, struct wg_error *err);
bool fleet_health_run(struct cli *cli, struct wg_error *err);
bool release_add_run(struct cli *cli, struct wg_error *err);
bool release_seal_run(struct cli *cli, struct wg_error *err);
bool release_pack_run(struct cli *cli, struct wg_error *err);
bool release_add_form_run(struct cli *cli, struct wg_error *err);
bool device_age_key_run(struct cli *cli, struct wg_error *err);
bool device_enrol_run(struct cli *cli, struct wg_error *err);
bool release_list_run(struct cli *cli, struct wg_error *err);
bool release_init_run(struct cli *cli, struct wg_error *err);
bool release_make_key_run(struct cli *cli, struct wg_error *err);
bool release_sign_run(struct cli *cli, struct wg_error *err);
bool release_refresh_run(struct cli *cli, struct wg_error *err);
bool release_rotate_run(struct cli *cli, struct wg_error *err);
bool release_revoke_run(struct cli *cli, struct wg_error *err);
bool release_add_policy_run(struct cli *cli, struct wg_error *err);
bool release_policy_entry_run(struct cli *cli, struct wg_error *err);
bool release_verify_run(struct cli *cli, struct wg_error *err);
bool release_export_run(struct cli *cli, struct wg_error *err);
bool release_import_run(struct cli *cli, struct wg_error *err);
bool release_approve_run(struct cli *cli, struct wg_error *err);
bool release_refuse_run(struct cli *cli, struct wg_error *err);
bool release_show_run(struct cli *cli, struct wg_error *err);
bool kek_make_run(struct cli *cli, struct wg_error *err);
bool device_list_run(struct cli *cli, struct wg_error *err);
bool device_show_run(struct cli *cli, struct wg_error *err);
bool device_logs_run(struct cli *cli, struct wg_error *err);
bool device_explain_run(struct cli *cli, struct wg_error *err);
bool device_tag_run(struct cli *cli, struct wg_error *err);
bool device_alarms_run(struct cli *cli, struct wg_error *err);
bool device_clear_run(struct cli *cli, struct wg_error *err);
bool device_retry_run(struct cli *cli, struct wg_error *err);
bool device_cancel_run(struct cli *cli, struct wg_error *err);
bool device_quarantine_run(struct cli *cli, struct wg_error *err);
bool device_revoke_run(struct cli *cli, struct wg_error *err);
bool device_erase_run(struct cli *cli, struct wg_error *err);
bool device_reinstate_run(struct cli *cli, struct wg_error *err);
bool device_import_run(struct cli *cli, struct wg_error *err);
bool device_export_run(struct cli *cli, struct wg_error *err);
bool group_list_run(struct cli *cli, struct wg_error *err);
bool group_show_run(struct cli *cli, struct wg_error *err);
bool group_add_run(struct cli *cli, struct wg_error *err);
bool group_remove_run(struct cli *cli, struct wg_error *err);
bool group_delete_run(struct cli *cli, struct wg_error *err);
bool boundary_import_run(struct cli *cli, struct wg_error *err);
bool boundary_list_run(struct cli *cli, struct wg_error *err);
bool boundary_derive_run(struct cli *cli, struct wg_error *err);
bool audit_list_run(struct cli *cli, struct wg_error *err);
bool audit_export_run(struct cli *cli, struct wg_error *err);
bool audit_head_run(struct cli *cli, struct wg_error *err);
bool audit_verify_run(struct cli *cli, struct wg_error *err);
bool people_list_run(struct cli *cli, struct wg_error *err);
bool people_show_run(struct cli *cli, struct wg_error *err);
bool people_add_run(struct cli *cli, struct wg_error *err);
bool people_invite_run(struct cli *cli, struct wg_error *err);
bool people_change_run(struct cli *cli, struct wg_error *err);
bool people_remove_run(struct cli *cli, struct wg_error *err);
bool token_list_run(struct cli *cli, struct wg_error *err);
bool token_make_run(struct cli *cli, struct wg_error *err);
bool token_end_run(struct cli *cli, struct wg_error *err);
bool webhook_list_run(struct cli *cli, struct wg_error *err);
bool webhook_show_run(struct cli *cli, struct wg_error *err);
bool webhook_add_run(struct cli *cli, struct wg_error *err);
bool webhook_change_run(struct cli *cli, struct wg_error *err);
bool webhook_remove_run(struct cli *cli, struct wg_error *err);
bool webhook_test_run(struct cli *cli, struct wg_error *err);
bool webhook_dead_run(struct cli *cli, struct wg_error *err);
bool webhook_retry_run(struct cli *cli, struct wg_error *err);
bool context_list_run(struct cli *cli, struct wg_error *err);
bool context_show_run(struct cli *cli, struct wg_error *err);
bool context_use_run(struct cli *cli, struct wg_error *err);
bool context_add_run(struct cli *cli, struct wg_error *err);
bool context_remove_run(struct cli *cli, struct wg_error *err);
bool completion_bash_run(struct cli *cli, struct wg_error *err);
bool completion_zsh_run(struct cli *cli, struct wg_error *err);
bool completion_fish_run(struct cli *cli, struct wg_error *err);

/* A positional that must be a name (device, campaign); WG_E_USAGE otherwise. */
WG_MUST_CHECK bool command_name_argument(const struct cli *cli, size_t index, const char *what,
                                         const char **out, struct wg_error *err);

/* --reason, which is kept for others to read: UTF-8 of at most WG_DETAIL_MAX bytes, without what
 * looks like a secret. what: it has to
 * say, "what happened". Borrowed. */
WG_MUST_CHECK bool command_reason(const struct cli *cli, const char *what, const char **out,
                                  struct wg_error *err);

#endif
