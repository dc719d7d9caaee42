/* commands.c: the table of all commands; usage, help and roles are made from it. */
#include "orchestrator/cli/command.h"

#include "common/text.h"

static const char *const rollout[] = {"rollout-admin", "owner", NULL};
static const char *const repository[] = {"repository-admin", "owner", NULL};
static const char *const deployment[] = {"deployment-admin", "owner", NULL};

static const struct flag status_flags[] = {
    {"watch", NULL, "show it live until the campaign ends"},
    {"until", "STATE", "with --watch: end at a gate that waits (gate) or when it ends (end)"},
    {"timeout", "TIME", "with --watch: give up after this, like 90s; exit 8"},
    {NULL, NULL, NULL}};
static const struct flag plan_flags[] = {
    {"devices", "WHICH", "list the devices of a wave; or all; or left-out, with the reason"},
    {"map", "FILE", "write a map of the waves, as SVG"},
    {"save", "FILE", "keep the members, for apply --plan"},
    {NULL, NULL, NULL}};
static const struct flag apply_flags[] = {
    {"draft", NULL, "store it without starting it: wavegate campaign start does"},
    {"plan", "FILE", "of plan --save: refuse if the fleet is another since"},
    {"drift", "SHARE", "with --plan: so many members may differ, like 1% (default 0)"},
    {NULL, NULL, NULL}};
static const struct flag approve_flags[] = {
    {"wave", "NAME", "the wave whose gate to approve; else the one that waits"},
    {"start", NULL, "the start of the campaign; else when that is what waits"},
    {NULL, NULL, NULL}};
static const struct flag pause_flags[] = {
    {"hold", NULL, "updates in hand wait before they switch over; also when it is paused already"},
    {"reason", "TEXT", "kept with the change, for others"},
    {NULL, NULL, NULL}};
static const struct flag gate_flags[] = {
    {"wave", "NAME", "the wave; else the only one that is at work, or held"},
    {"reason", "TEXT", "kept with the change, for others (required)"},
    {NULL, NULL, NULL}};
static const struct flag unhold_flags[] = {
    {"wave", "NAME", "the wave; else the only one that is held"},
    {"reason", "TEXT", "kept with the change, for others"},
    {NULL, NULL, NULL}};
static const struct flag rollback_flags[] = {
    {"reason", "TEXT", "kept with the change, for others (required)"}, {NULL, NULL, NULL}};
static const struct flag retry_flags[] = {
    {"print", NULL, "print the file that would be applied, change nothing"}, {NULL, NULL, NULL}};
static const struct flag reason_flags[] = {{"reason", "TEXT", "kept with the change, for others"},
                                           {NULL, NULL, NULL}};
static const struct flag release_flags[] = {
    {"component", "NAME", "what it is software for (required)"},
    {"version", "VERSION", "semantic version (required)"},
    {"hardware", "MODEL", "the only hardware model it fits; else any"},
    {"from", "RANGE", "the only versions it can be installed over; else any"},
    {"notes", "TEXT", "for people"},
    {NULL, NULL, NULL}};
static const struct flag list_flags[] = {{"online", NULL, "only devices that are connected"},
                                         {"offline", NULL, "only devices that are not"},
                                         {"tag", "TAG", "only devices with this tag"},
                                         {"after", "ID", "go on behind this id"},
                                         {"limit", "N", "at most so many (default 1000)"},
                                         {NULL, NULL, NULL}};
static const struct flag explain_flags[] = {
    {"campaign", "NAME", "this campaign; else the newest that knows the device, and all under way"},
    {NULL, NULL, NULL}};
static const struct flag import_flags[] = {
    {"format", "FORMAT", "csv or ndjson; else by the name of the file, or its first byte"},
    {"all-or-nothing", NULL, "store nothing when a row is bad"},
    {"dry-run", NULL, "say what would become of it, store nothing"},
    {NULL, NULL, NULL}};
static const struct flag export_flags[] = {{"format", "FORMAT", "csv (default) or ndjson"},
                                           {"tag", "TAG", "only devices with this tag"},
                                           {"group", "GROUP", "only devices in this group"},
                                           {NULL, NULL, NULL}};
static const struct flag group_flags[] = {{"file", "FILE", "device ids from a file, one a line"},
                                          {NULL, NULL, NULL}};
static const struct flag members_flags[] = {{"after", "ID", "go on behind this id"},
                                            {"limit", "N", "at most so many (default 1000)"},
                                            {NULL, NULL, NULL}};

#define ACTS (SETTINGS_DATABASE | SETTINGS_OPERATORS | SETTINGS_OPERATOR)

const struct command commands[] = {
    {"campaign", "validate", "FILE...", 1, ARGS_POSITIONALS_MAX,
     "check campaign files, all problems at once", NULL, 0, NULL, campaign_validate_run},
    {"campaign", "plan", "FILE", 1, 1, "show who it would hit, wave by wave; change nothing",
     plan_flags, SETTINGS_DATABASE, NULL, campaign_plan_run},
    {"campaign", "apply", "FILE", 1, 1, "store and start a campaign, or revise it", apply_flags,
     ACTS, rollout, campaign_apply_run},
    {"campaign", "status", "NAME", 1, 1, "how it stands", status_flags, SETTINGS_DATABASE, NULL,
     campaign_status_run},
    {"campaign", "list", "", 0, 0, "all campaigns, newest first", NULL, SETTINGS_DATABASE, NULL,
     campaign_list_run},
    {"campaign", "start", "NAME", 1, 1, "start a draft", reason_flags, ACTS, rollout,
     campaign_start_run},
    {"campaign", "approve", "NAME", 1, 1, "approve the start, or the gate of a wave; signed",
     approve_flags, ACTS, rollout, campaign_approve_run},
    {"campaign", "pause", "NAME", 1, 1, "offer to no more devices; work in hand finishes",
     pause_flags, ACTS, rollout, campaign_pause_run},
    {"campaign", "resume", "NAME", 1, 1, "go on", reason_flags, ACTS, rollout, campaign_resume_run},
    {"campaign", "advance", "NAME", 1, 1, "pass the gate of a wave by hand, but for its approvals",
     gate_flags, ACTS, rollout, campaign_advance_run},
    {"campaign", "hold", "NAME", 1, 1, "keep a wave at its gate", gate_flags, ACTS, rollout,
     campaign_hold_run},
    {"campaign", "unhold", "NAME", 1, 1, "let the gate decide again", unhold_flags, ACTS, rollout,
     campaign_unhold_run},
    {"campaign", "abort", "NAME", 1, 1, "end it: withdraw what has not switched over", reason_flags,
     ACTS, rollout, campaign_abort_run},
    {"campaign", "rollback", "NAME", 1, 1, "end it and send updated devices back", rollback_flags,
     ACTS, rollout, campaign_rollback_run},
    {"campaign", "retry-failed", "NAME", 1, 1, "a campaign of exactly the devices that failed",
     retry_flags, ACTS, rollout, campaign_retry_run},
    {"release", "add", "FILE", 1, 1, "publish an artifact as a release", release_flags,
     ACTS | SETTINGS_ARTIFACTS, repository, release_add_run},
    {"release", "list", "", 0, 0, "all releases", NULL, SETTINGS_DATABASE, NULL, release_list_run},
    {"device", "list", "", 0, 0, "devices in order of id", list_flags, SETTINGS_DATABASE, NULL,
     device_list_run},
    {"device", "show", "ID", 1, 1, "all that is known of a device, and its timeline", NULL,
     SETTINGS_DATABASE, NULL, device_show_run},
    {"device", "explain", "ID", 1, 1, "why it is updated, or is not", explain_flags,
     SETTINGS_DATABASE, NULL, device_explain_run},
    {"device", "tag", "ID +TAG|-TAG...", 2, ARGS_POSITIONALS_MAX, "give or take tags", NULL, ACTS,
     deployment, device_tag_run},
    {"device", "import", "FILE", 1, 1, "take in a registry file, CSV or NDJSON; - reads from input",
     import_flags, ACTS, deployment, device_import_run},
    {"device", "export", "", 0, 0, "write the registry as such a file", export_flags,
     SETTINGS_DATABASE, NULL, device_export_run},
    {"group", "list", "", 0, 0, "all groups", NULL, SETTINGS_DATABASE, NULL, group_list_run},
    {"group", "show", "NAME", 1, 1, "its devices", members_flags, SETTINGS_DATABASE, NULL,
     group_show_run},
    {"group", "add", "NAME ID...", 1, ARGS_POSITIONALS_MAX, "put devices into a group", group_flags,
     ACTS, deployment, group_add_run},
    {"group", "remove", "NAME ID...", 1, ARGS_POSITIONALS_MAX, "take devices out of a group",
     group_flags, ACTS, deployment, group_remove_run},
    {"group", "delete", "NAME", 1, 1, "take all devices out of it", NULL, ACTS, deployment,
     group_delete_run},
    {"boundary", "import", "FILE", 1, 1, "areas of regions and time zones, GeoJSON", NULL, ACTS,
     deployment, boundary_import_run},
    {"boundary", "list", "", 0, 0, "areas that are known", NULL, SETTINGS_DATABASE, NULL,
     boundary_list_run},
    {"boundary", "derive", "", 0, 0, "region and zone of devices from their position", NULL, ACTS,
     deployment, boundary_derive_run},
};
const size_t command_count = sizeof commands / sizeof commands[0];

bool command_name_argument(const struct cli *cli, size_t index, const char *what, const char **out,
                           struct wg_error *err)
{
    *out = cli->args->positionals[index];
    return wg_name_is_valid(*out) ||
           wg_fail(err, WG_E_USAGE,
                   "\"%.80s\" is no %s: expected 1 to %d letters, digits, '.', '_' or '-'", *out,
                   what, WG_NAME_MAX);
}
