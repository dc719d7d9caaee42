/* commands.c: the table of all commands; usage, help and pages are made from it. */
#include "orchestrator/cli/command.h"

#include "common/text.h"

#include <string.h>

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
#define REPOSITORY_FLAG                                                                            \
    {                                                                                              \
        "repository", "FOLDER", "the TUF repository (required)"                                    \
    }
#define SECRET_FLAGS                                                                               \
    {"passphrase-file", "FILE", "passphrase or PIN, from a file of mode 600"},                     \
    {                                                                                              \
        "passphrase-fd", "N", "the same from a descriptor, a line a key; else the terminal asks"   \
    }
static const struct flag release_flags[] = {
    {"component", "NAME", "what it is software for (required)"},
    {"version", "VERSION", "semantic version (required)"},
    {"from", "RANGE", "the only versions it can be installed over; else any"},
    {"notes", "TEXT", "for people"},
    {"hardware", "MODEL", "what it fits, else any; in a repository a list of MODEL[:REVISIONS]"},
    {"depends", "LIST", "COMPONENT:RANGE, with commas: 'gateway:^5'"},
    {"with", "COMPONENT/VERSION...", "installed together with it, all or none; up to 4 of them"},
    {"header", "FILE", "FILE is an age body, and this is its header for the orchestrator"},
    {"repository", "FOLDER", "add it to this TUF repository, not to the server; then also:"},
    {"scheme", "SCHEME", "semver (default), debian, calver or opaque"},
    {"security-version", "N", "devices do not go below it (default 0)"},
    {"plain-sha256", "HEX", "of what is inside, when FILE is an age body"},
    {"plain-length", "BYTES", "likewise"},
    {"sbom", "FILE", "CycloneDX or SPDX, JSON"},
    {"provenance", "FILE", "in-toto statement that names FILE's digest"},
    {"role-keys", "LIST", "who signs for a new component; else who signs for targets"},
    {"role-threshold", "N", "and how many of them"},
    {"compress", NULL, "and a compressed form of it"},
    {"delta-from", "LIST", "and patches over these releases: COMPONENT/VERSION, with commas"},
    SECRET_FLAGS,
    {NULL, NULL, NULL}};
static const struct flag pack_flags[] = {
    {"base", "OLD", "a patch over this file, which is what devices run"},
    {"out", "FILE", "else FILE.zst or FILE.patch.zst"},
    {NULL, NULL, NULL}};
static const struct flag form_flags[] = {
    {"component", "NAME", "of the release (required)"},
    {"version", "VERSION", "of the release (required)"},
    {"header", "FILE", "FILE is an age body, and this is its header for the orchestrator"},
    {"repository", "FOLDER", "add it to this TUF repository, not to the server; then also:"},
    {"base", "OLD", "FILE is a patch over this file"},
    {"plain-sha256", "HEX", "of what is inside, when FILE is an age body"},
    {"plain-length", "BYTES", "likewise"},
    {NULL, NULL, NULL}};
static const struct flag seal_flags[] = {
    {"for", "AGE-RECIPIENT", "age1...: whoever makes the headers of devices (required)"},
    {"out", "PREFIX", "writes PREFIX.body and PREFIX.header; else beside FILE"},
    {NULL, NULL, NULL}};
static const struct flag init_flags[] = {
    REPOSITORY_FLAG,
    {"root-keys", "LIST", "files with public or secret keys, pkcs11: URIs; with commas"},
    {"root-threshold", "N", "how many of them must sign (default 1)"},
    {"targets-keys", "LIST", "who says what a release is"},
    {"targets-threshold", "N", "how many of them must sign (default 1)"},
    {"snapshot-key", "WHERE", "of the machine that publishes"},
    {"timestamp-key", "WHERE", "likewise"},
    {"expires", "LIST", "default root=365d,targets=90d,snapshot=7d,timestamp=1d"},
    SECRET_FLAGS,
    {NULL, NULL, NULL}};
static const struct flag make_key_flags[] = {
    {"kind", "KIND", "ed25519 (default) or p256"},
    {"no-passphrase", NULL, "in the clear, for a machine that signs alone"},
    SECRET_FLAGS,
    {NULL, NULL, NULL}};
static const struct flag sign_flags[] = {
    REPOSITORY_FLAG,
    {"key", "LIST", "files with secret keys, pkcs11: URIs; else those that keys.json tells of"},
    SECRET_FLAGS,
    {NULL, NULL, NULL}};
static const struct flag refresh_flags[] = {
    REPOSITORY_FLAG,
    {"key", "LIST", "further keys of snapshot and timestamp"},
    {"before", "TIME", "what expires within this; else what has lived half of its time"},
    {"force", NULL, "in any case"},
    SECRET_FLAGS,
    {NULL, NULL, NULL}};
static const struct flag rotate_flags[] = {
    REPOSITORY_FLAG,
    {"add", "LIST", "keys that sign from now on"},
    {"remove", "LIST", "keys that do so no more: ids, or files with the public key"},
    {"threshold", "N", "how many must sign from now on"},
    SECRET_FLAGS,
    {NULL, NULL, NULL}};
static const struct flag revoke_flags[] = {
    REPOSITORY_FLAG, {"reason", "TEXT", "kept in the metadata (required)"}, {NULL, NULL, NULL}};
static const struct flag policy_entry_flags[] = {
    {"role", "ROLE", "of the person; else the one in the certificate"},
    SECRET_FLAGS,
    {NULL, NULL, NULL}};
static const struct flag repository_flags[] = {REPOSITORY_FLAG, {NULL, NULL, NULL}};
static const struct flag release_list_flags[] = {
    {"repository", "FOLDER", "of this TUF repository, not of the server"}, {NULL, NULL, NULL}};
static const struct flag list_flags[] = {{"online", NULL, "only devices that are connected"},
                                         {"offline", NULL, "only devices that are not"},
                                         {"tag", "TAG", "only devices with this tag"},
                                         {"alarm", NULL, "only devices with an open alarm"},
                                         {"after", "ID", "go on behind this id"},
                                         {"limit", "N", "at most so many (default 1000)"},
                                         {NULL, NULL, NULL}};
static const struct flag alarms_flags[] = {{"cleared", NULL, "also those that were cleared"},
                                           {"limit", "N", "at most so many (default 1000)"},
                                           {NULL, NULL, NULL}};
static const struct flag clear_flags[] = {
    {"reason", "TEXT", "kept with the alarm, for others (required)"},
    {"kind", "KIND",
     "only this one: cloned, connect-storm, flood, revoked, escape, tampered, quarantine"},
    {NULL, NULL, NULL}};
static const struct flag failures_flags[] = {
    {"wave", "NAME", "only of this wave"},
    {"limit", "N", "at most so many groups (default 20)"},
    {"examples", "N", "so many devices of each (default 3)"},
    {NULL, NULL, NULL}};
static const struct flag health_flags[] = {{"kind", "KIND",
                                            "only crash-looping, silent, alarm, quarantine, "
                                            "wrong-clock, certificate-ending, never-updated, "
                                            "behind or unused"},
                                           {"limit", "N", "the worst so many of each (default 5)"},
                                           {NULL, NULL, NULL}};
static const struct flag once_more_flags[] = {
    {"campaign", "NAME", "of which it has a place (required)"},
    {"reason", "TEXT", "kept in the audit log, for others (required)"},
    {"print", NULL, "of one that has ended: print the file of its campaign, change nothing"},
    {NULL, NULL, NULL}};
static const struct flag of_campaign_flags[] = {
    {"campaign", "NAME", "of which it has a place (required)"},
    {"reason", "TEXT", "kept in the audit log, for others (required)"},
    {NULL, NULL, NULL}};
static const struct flag because_flags[] = {
    {"reason", "TEXT", "kept in the audit log, for others (required)"}, {NULL, NULL, NULL}};
static const struct flag erase_flags[] = {
    {"reason", "TEXT", "kept in the audit log, for others (required)"},
    {"yes", NULL, "do not ask"},
    {NULL, NULL, NULL}};
static const struct flag explain_flags[] = {
    {"campaign", "NAME", "this campaign; else the newest that knows the device, and all under way"},
    {NULL, NULL, NULL}};
static const struct flag logs_flags[] = {
    {"campaign", "NAME", "of this campaign"},
    {"limit", "N", "the newest so many (default 3, at most 20)"},
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
static const struct flag audit_list_flags[] = {
    {"since", "TIME", "RFC 3339, or so long ago, like 24h"},
    {"until", "TIME", "likewise: only what was before"},
    {"campaign", "NAME", "only what was done to this campaign"},
    {"device", "ID", "only what was done to this device"},
    {"subject", "NAME", "only what was done to what has this name"},
    {"actor", "NAME", "only what this operator did; or engine"},
    {"kind", "KIND", "only rows of this kind: campaign, device, refused..."},
    {"text", "TEXT", "only rows that hold this anywhere"},
    {"limit", "N", "the newest so many (default 1000)"},
    {"before", "NUMBER", "only rows before this one"},
    {NULL, NULL, NULL}};
static const struct flag audit_export_flags[] = {
    {"format", "FORMAT", "ndjson, which audit verify reads, or csv; else by the name of the file"},
    {"since", "TIME", "RFC 3339, or so long ago, like 24h; else from the beginning"},
    {"until", "TIME", "likewise: only what was before; else to the end"},
    {"first", "NUMBER", "from this row"},
    {"last", "NUMBER", "to this row"},
    {NULL, NULL, NULL}};
static const struct flag audit_verify_flags[] = {
    {"head", "HEAD", "NUMBER:HASH, or HASH alone, that was noted earlier: must be in the log"},
    {NULL, NULL, NULL}};
static const struct flag kek_flags[] = {SECRET_FLAGS, {NULL, NULL, NULL}};
static const struct flag members_flags[] = {{"after", "ID", "go on behind this id"},
                                            {"limit", "N", "at most so many (default 1000)"},
                                            {NULL, NULL, NULL}};

static const struct flag context_flags[] = {
    {"server", "URL", "of its API, https://HOST; or --config for a configuration file"},
    {"ca", "FILE", "the authority that vouches for the server"},
    {"certificate", "FILE.crt", "who asks, also as operator"},
    {"key", "WHERE", "its key, a file or a pkcs11: URI; else FILE.key"},
    {"token-file", "FILE", "a token, instead of a certificate"},
    {NULL, NULL, NULL}};

#define SCOPE_FLAGS                                                                                \
    {"regions", "LIST", "on devices of these regions alone, with commas: DE,AT-9"},                \
        {"groups", "LIST", "on devices of these groups alone"},                                    \
    {                                                                                              \
        "models", "LIST", "on devices of these hardware models alone"                              \
    }
static const struct flag person_add_flags[] = {
    {"role", "LIST", "owner, rollout-admin, repository-admin, deployment-admin, support, auditor"},
    SCOPE_FLAGS,
    {"grants", "FILE", "roles with a part of the fleet each, as JSON: docs/api.md"},
    {"invite", "TIME", "and print a one-time link for a first password, that holds so long: 24h"},
    {NULL, NULL, NULL}};
static const struct flag invite_flags[] = {
    {"for", "TIME", "how long the link holds, 10m to 30d (default 24h)"}, {NULL, NULL, NULL}};
static const struct flag person_change_flags[] = {
    {"role", "LIST", "the roles that they have from now on"},
    SCOPE_FLAGS,
    {"grants", "FILE", "roles with a part of the fleet each, as JSON: docs/api.md"},
    {"disable", NULL, "they come in by nothing"},
    {"enable", NULL, "they come in again"},
    {"unlock", NULL, "forget wrong passwords"},
    {"no-password", NULL, "take the password away; ends all sessions"},
    {"no-second-factor", NULL, "take the second factor away"},
    {"no-invitation", NULL, "the link of an invitation holds no more"},
    {"no-openid", NULL, "let go of the account at the provider"},
    {NULL, NULL, NULL}};
static const struct flag token_flags[] = {
    {"may", "LIST", "permissions, with commas: campaign.read,device.read (required)"},
    {"for", "TIME", "how long, like 30d, or until when; at most 366d (required)"},
    SCOPE_FLAGS,
    {NULL, NULL, NULL}};
static const struct flag webhook_add_flags[] = {
    {"url", "URL", "https://..., where events go"},
    {"url-file", "FILE", "the same from a file, where the URL is a secret"},
    {"kinds", "LIST", "of campaign, wave, device, alarm, release, people (required)"},
    {"disable", NULL, "not yet"},
    {NULL, NULL, NULL}};
static const struct flag webhook_change_flags[] = {
    {"name", "NAME", "another name"},
    {"url", "URL", "https://..., where events go"},
    {"url-file", "FILE", "the same from a file, where the URL is a secret"},
    {"kinds", "LIST", "of campaign, wave, device, alarm, release, people"},
    {"disable", NULL, "send nothing"},
    {"enable", NULL, "send again"},
    {"new-secret", NULL, "another secret, shown this once"},
    {NULL, NULL, NULL}};

#define CHANGES (SETTINGS_SERVER | COMMAND_CHANGES)
#define SIGNS (CHANGES | SETTINGS_OPERATOR)

const struct command commands[] = {
    {"campaign", "validate", "FILE...", 1, ARGS_POSITIONALS_MAX,
     "check campaign files, all problems at once", NULL, 0, campaign_validate_run},
    {"campaign", "plan", "FILE", 1, 1, "show who it would hit, wave by wave; change nothing",
     plan_flags, SETTINGS_SERVER, campaign_plan_run},
    {"campaign", "apply", "FILE", 1, 1, "store and start a campaign, or revise it", apply_flags,
     SIGNS, campaign_apply_run},
    {"campaign", "status", "NAME", 1, 1, "how it stands", status_flags, SETTINGS_SERVER,
     campaign_status_run},
    {"campaign", "list", "", 0, 0, "all campaigns, newest first", NULL, SETTINGS_SERVER,
     campaign_list_run},
    {"campaign", "start", "NAME", 1, 1, "start a draft", reason_flags, CHANGES, campaign_start_run},
    {"campaign", "approve", "NAME", 1, 1, "approve the start, or the gate of a wave; signed",
     approve_flags, SIGNS, campaign_approve_run},
    {"campaign", "pause", "NAME", 1, 1, "offer to no more devices; work in hand finishes",
     pause_flags, CHANGES, campaign_pause_run},
    {"campaign", "resume", "NAME", 1, 1, "go on", reason_flags, CHANGES, campaign_resume_run},
    {"campaign", "advance", "NAME", 1, 1, "pass the gate of a wave by hand, but for its approvals",
     gate_flags, CHANGES, campaign_advance_run},
    {"campaign", "hold", "NAME", 1, 1, "keep a wave at its gate", gate_flags, CHANGES,
     campaign_hold_run},
    {"campaign", "unhold", "NAME", 1, 1, "let the gate decide again", unhold_flags, CHANGES,
     campaign_unhold_run},
    {"campaign", "abort", "NAME", 1, 1, "end it: withdraw what has not switched over", reason_flags,
     CHANGES, campaign_abort_run},
    {"campaign", "rollback", "NAME", 1, 1, "end it and send updated devices back", rollback_flags,
     SIGNS, campaign_rollback_run},
    {"campaign", "retry-failed", "NAME", 1, 1, "a campaign of exactly the devices that failed",
     retry_flags, SIGNS, campaign_retry_run},
    {"campaign", "failures", "NAME", 1, 1, "failed devices by cause, and what they have in common",
     failures_flags, SETTINGS_SERVER, campaign_failures_run},
    {"release", "add", "FILE", 1, 1, "publish an artifact as a release", release_flags, SIGNS,
     release_add_run},
    {"release", "list", "", 0, 0, "all releases", release_list_flags, SETTINGS_SERVER,
     release_list_run},
    {"release", "approve", "COMPONENT/VERSION", 1, 1,
     "a yes to one that is proposed, by another person than its publisher", NULL, CHANGES,
     release_approve_run},
    {"release", "refuse", "COMPONENT/VERSION", 1, 1,
     "a no to one that is proposed, for good; its publisher withdraws it", rollback_flags, CHANGES,
     release_refuse_run},
    {"release", "pack", "FILE", 1, 1, "compress an artifact, or make a patch", pack_flags, 0,
     release_pack_run},
    {"release", "add-form", "FILE", 1, 1, "publish a packed file as a form of a release",
     form_flags, CHANGES, release_add_form_run},
    {"release", "seal", "FILE", 1, 1, "encrypt an artifact, once for all devices", seal_flags, 0,
     release_seal_run},
    {"release", "show", "COMPONENT/VERSION", 1, 1,
     "one of them, and who approved it; in a repository with its papers", release_list_flags,
     SETTINGS_SERVER, release_show_run},
    {"release", "make-key", "FILE", 1, 1, "a key for signing, and FILE.pub", make_key_flags, 0,
     release_make_key_run},
    {"release", "init", "", 0, 0, "make a TUF repository", init_flags, 0, release_init_run},
    {"release", "sign", "", 0, 0, "sign what is staged; publish what is complete", sign_flags, 0,
     release_sign_run},
    {"release", "refresh", "", 0, 0, "publish, and sign snapshot and timestamp in time",
     refresh_flags, 0, release_refresh_run},
    {"release", "rotate", "ROLE...", 1, ARGS_POSITIONALS_MAX,
     "change who signs for roles; without flags a new version", rotate_flags, 0,
     release_rotate_run},
    {"release", "revoke", "COMPONENT/VERSION", 1, 1, "withdraw a release", revoke_flags, 0,
     release_revoke_run},
    {"release", "add-policy", "FILE", 1, 1, "publish policy.json", repository_flags, 0,
     release_add_policy_run},
    {"release", "policy-entry", "FILE", 1, 1,
     "what policy.json says of a person (a certificate) or a director (a key)", policy_entry_flags,
     0, release_policy_entry_run},
    {"release", "verify", "", 0, 0, "check a whole repository: who signed, what expires",
     repository_flags, 0, release_verify_run},
    {"release", "export", "FILE", 1, 1, "metadata in one file, for a machine without a network",
     repository_flags, 0, release_export_run},
    {"release", "import", "FILE", 1, 1, "take such a file in", repository_flags, 0,
     release_import_run},
    {"kek", "make", "WHERE", 1, 1,
     "a key that artifacts' file keys are wrapped under: a file, or pkcs11: in a token", kek_flags,
     0, kek_make_run},
    {"fleet", "health", "", 0, 0, "devices that are not well, before their users notice",
     health_flags, SETTINGS_SERVER, fleet_health_run},
    {"device", "list", "", 0, 0, "devices in order of id", list_flags, SETTINGS_SERVER,
     device_list_run},
    {"device", "show", "ID", 1, 1, "all that is known of a device, and its timeline", NULL,
     SETTINGS_SERVER, device_show_run},
    {"device", "explain", "ID", 1, 1, "why it is updated, or is not", explain_flags,
     SETTINGS_SERVER, device_explain_run},
    {"device", "logs", "ID", 1, 1, "what its logs said last before an update failed", logs_flags,
     SETTINGS_SERVER, device_logs_run},
    {"device", "tag", "ID +TAG|-TAG...", 2, ARGS_POSITIONALS_MAX, "give or take tags", NULL,
     CHANGES, device_tag_run},
    {"device", "alarms", "[ID]", 0, 1, "what looks wrong with devices: clones, floods, tampering",
     alarms_flags, SETTINGS_SERVER, device_alarms_run},
    {"device", "retry", "ID", 1, 1,
     "once more, now: cuts a back-off short, or a campaign of it alone", once_more_flags, CHANGES,
     device_retry_run},
    {"device", "cancel", "ID", 1, 1, "withdraw its update from a campaign, before it switches over",
     of_campaign_flags, CHANGES, device_cancel_run},
    {"device", "quarantine", "ID", 1, 1, "offer it nothing, and take back what it has in hand",
     because_flags, CHANGES, device_quarantine_run},
    {"device", "clear", "ID", 1, 1, "close its alarms; ends a quarantine", clear_flags, CHANGES,
     device_clear_run},
    {"device", "revoke", "ID", 1, 1, "offer it nothing, open no artifact to it", because_flags,
     CHANGES, device_revoke_run},
    {"device", "reinstate", "ID", 1, 1, "take a device's revocation back", because_flags, CHANGES,
     device_reinstate_run},
    {"device", "erase", "ID", 1, 1, "revoke it and have it destroy its keys; signed", erase_flags,
     SIGNS, device_erase_run},
    {"device", "enrol", "FILE", 1, 1, "take in signed enrolment records, NDJSON", NULL, CHANGES,
     device_enrol_run},
    {"device", "age-key", "ID RECIPIENT", 2, 2, "whom its encrypted artifacts are for: age1...",
     NULL, CHANGES, device_age_key_run},
    {"device", "import", "FILE", 1, 1, "take in a registry file, CSV or NDJSON; - reads from input",
     import_flags, CHANGES, device_import_run},
    {"device", "export", "", 0, 0, "write the registry as such a file", export_flags,
     SETTINGS_SERVER, device_export_run},
    {"group", "list", "", 0, 0, "all groups", NULL, SETTINGS_SERVER, group_list_run},
    {"group", "show", "NAME", 1, 1, "its devices", members_flags, SETTINGS_SERVER, group_show_run},
    {"group", "add", "NAME ID...", 1, ARGS_POSITIONALS_MAX, "put devices into a group", group_flags,
     CHANGES, group_add_run},
    {"group", "remove", "NAME ID...", 1, ARGS_POSITIONALS_MAX, "take devices out of a group",
     group_flags, CHANGES, group_remove_run},
    {"group", "delete", "NAME", 1, 1, "take all devices out of it", NULL, CHANGES,
     group_delete_run},
    {"boundary", "import", "FILE", 1, 1, "areas of regions and time zones, GeoJSON", NULL, CHANGES,
     boundary_import_run},
    {"boundary", "list", "", 0, 0, "areas that are known", NULL, SETTINGS_SERVER,
     boundary_list_run},
    {"boundary", "derive", "", 0, 0, "region and zone of devices from their position", NULL,
     CHANGES, boundary_derive_run},
    {"audit", "list", "", 0, 0, "who did what, and what the engine did", audit_list_flags,
     SETTINGS_SERVER, audit_list_run},
    {"audit", "export", "FILE", 1, 1, "the log and its head, or a range of it, NDJSON or CSV",
     audit_export_flags, SETTINGS_SERVER, audit_export_run},
    {"audit", "head", "", 0, 0, "NUMBER:HASH of the newest row, to be noted elsewhere", NULL,
     SETTINGS_SERVER, audit_head_run},
    {"audit", "verify", "[FILE]", 0, 1,
     "check the chain of the log, or of a file of audit export, without a server",
     audit_verify_flags, SETTINGS_SERVER, audit_verify_run},
    {"people", "list", "", 0, 0, "who may what", NULL, SETTINGS_SERVER, people_list_run},
    {"people", "show", "NAME", 1, 1, "one of them", NULL, SETTINGS_SERVER, people_show_run},
    {"people", "add", "NAME", 1, 1, "add somebody; with roles that you have yourself",
     person_add_flags, CHANGES, people_add_run},
    {"people", "invite", "NAME", 1, 1, "a one-time link for a first password, shown once",
     invite_flags, CHANGES, people_invite_run},
    {"people", "change", "NAME", 1, 1, "their roles, and what lets them in", person_change_flags,
     CHANGES, people_change_run},
    {"people", "remove", "NAME", 1, 1, "remove somebody, with sessions and tokens", NULL, CHANGES,
     people_remove_run},
    {"token", "list", "", 0, 0, "your tokens; of all, for who manages people", NULL,
     SETTINGS_SERVER, token_list_run},
    {"token", "make", "NAME", 1, 1, "a token of a script, shown once", token_flags, CHANGES,
     token_make_run},
    {"token", "end", "ID", 1, 1, "it lets nobody in any more", NULL, CHANGES, token_end_run},
    {"webhook", "list", "", 0, 0, "who is told of what happens", NULL, SETTINGS_SERVER,
     webhook_list_run},
    {"webhook", "show", "NAME", 1, 1, "one of them, and its last failure", NULL, SETTINGS_SERVER,
     webhook_show_run},
    {"webhook", "add", "NAME", 1, 1, "tell a URL of events; its secret is shown once",
     webhook_add_flags, CHANGES, webhook_add_run},
    {"webhook", "change", "NAME", 1, 1, "where it goes, of what, whether, its secret",
     webhook_change_flags, CHANGES, webhook_change_run},
    {"webhook", "remove", "NAME", 1, 1, "remove one, with what is still to be told", NULL, CHANGES,
     webhook_remove_run},
    {"webhook", "test", "NAME", 1, 1, "send it an event of its own", NULL, CHANGES,
     webhook_test_run},
    {"webhook", "dead", "NAME", 1, 1, "events of it that were given up", NULL, SETTINGS_SERVER,
     webhook_dead_run},
    {"webhook", "retry", "NAME EVENT", 2, 2, "send such an event once more", NULL, CHANGES,
     webhook_retry_run},
    {"context", "list", "", 0, 0, "servers that are known by a name", NULL, 0, context_list_run},
    {"context", "show", "[NAME]", 0, 1, "one of them; else the one in use", NULL, 0,
     context_show_run},
    {"context", "use", "NAME", 1, 1, "take this one from now on", NULL, 0, context_use_run},
    {"context", "add", "NAME", 1, 1, "remember one; the first is in use", context_flags, 0,
     context_add_run},
    {"context", "remove", "NAME", 1, 1, "forget one", NULL, 0, context_remove_run},
    {"completion", "bash", "", 0, 0, "a script for bash: eval \"$(wavegate completion bash)\"",
     NULL, 0, completion_bash_run},
    {"completion", "zsh", "", 0, 0, "a script for zsh: eval \"$(wavegate completion zsh)\"", NULL,
     0, completion_zsh_run},
    {"completion", "fish", "", 0, 0, "a script for fish: wavegate completion fish | source", NULL,
     0, completion_fish_run},
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

bool command_reason(const struct cli *cli, const char *what, const char **out, struct wg_error *err)
{
    const char *reason = args_value(cli->args, "reason");
    *out = reason;
    if (!reason || !reason[0])
        return wg_fail(err, WG_E_USAGE, "--reason is missing: %s, for others", what);
    if (strlen(reason) > WG_DETAIL_MAX || !wg_text_is_utf8(reason, strlen(reason)))
        return wg_fail(err, WG_E_USAGE, "--reason: expected UTF-8 of at most %d bytes",
                       WG_DETAIL_MAX);
    return true;
}
