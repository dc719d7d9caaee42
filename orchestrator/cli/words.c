/* words.c: texts of help, man pages and docs/command.md. */
#include "orchestrator/cli/words.h"

#include <stddef.h>
#include <string.h>

const struct words_exit words_exits[] = {
    {0, "", "done, or there was nothing to do"},
    {1, "failed, out-of-memory, io, database, network, verify",
     "failed: a file, the network, the database, a signature"},
    {2, "usage, bad-file, bad-input, limit",
     "the command line, or a file that a person wrote, is wrong; nothing was changed"},
    {3, "changes-pending", "campaign plan: changes are pending"},
    {4, "not-allowed", "not allowed"},
    {5, "not-found", "what was named is not there"},
    {6, "conflict", "conflict: it exists already, or its state does not allow that"},
    {7, "gate-failed", "a gate failed, or the campaign was aborted or rolled back"},
    {8, "timeout", "the time given by --timeout is over"},
    {130, "interrupted", "interrupted"},
    {0, NULL, NULL}};

const char words_description[] =
    "wavegate is the command of those who roll software out to fleets of devices: rollout, "
    "repository and deployment admins, and support. Every command is a noun and a verb. Flags "
    "stand "
    "anywhere; those of all commands also before the noun; -- ends them.";

const char words_lists[] =
    "Lists are tables for people; --csv gives the same columns as RFC 4180 has them, with a quote "
    "before a cell that a spreadsheet would take for a formula; --quiet the names alone, a line "
    "each; --json everything that is known of each row. Other results have text and --json. A "
    "change says nothing with --quiet. Errors are on standard error, with --json as "
    "{\"error\": {\"code\", \"text\", \"exit\"}}.";

const char words_times[] =
    "Text for people has local times with the zone ($TZ decides); --json and --csv have RFC 3339 "
    "in UTC. Colours and live pictures are for terminals; long text goes through a pager there. "
    "How far long "
    "work is stands on standard error: a line that is drawn over on a terminal, elsewhere a line "
    "each "
    "ten seconds, with --quiet nothing.";

const struct words_pair words_environment[] = {
    {"WAVEGATE_CONFIG", "the configuration file, when --config is not given"},
    {"WAVEGATE_CONTEXT", "the context, when --context is not given"},
    {"WAVEGATE_PAGER, PAGER",
     "for long text on a terminal; else less -FRX; cat, or nothing, for none"},
    {"NO_COLOR", "no colours, if it is not empty"},
    {"CLICOLOR_FORCE", "colours also when the output is no terminal, if it is not 0"},
    {"TERM", "dumb: no colours, no pager, nothing is drawn over"},
    {"TZ", "the zone of times for people"},
    {NULL, NULL}};

const struct words_pair words_files[] = {
    {"~/.config/wavegate/contexts.yaml",
     "the contexts, or in $XDG_CONFIG_HOME; nobody else may write to it"},
    {"./wavegate.yaml, /etc/wavegate/wavegate.yaml", "the configuration, when none is named"},
    {NULL, NULL}};

const struct words_noun words_nouns[] = {
    {"campaign", "rollouts: planned, applied, watched and steered",
     "A campaign file says which devices get a release, in which waves, and what each gate asks "
     "for "
     "(docs/campaign.md). plan shows who would be hit and changes nothing; apply stores and starts "
     "it, or revises one that stands. docs/steering.md tells what pause, hold and abort mean to "
     "devices.",
     "wavegate campaign plan brake-2.4.1.yaml --devices left-out\n"
     "wavegate campaign apply brake-2.4.1.yaml --operator alice.crt\n"
     "wavegate campaign status brake-2.4.1 --watch --until gate\n"
     "wavegate campaign failures brake-2.4.1\n"
     "wavegate campaign abort brake-2.4.1 --reason \"wrong notes\""},
    {"release", "artifacts, and the TUF repository that vouches for them",
     "With --repository a release is a target of a TUF repository, staged until enough keys have "
     "signed; without it a release of the server, for campaigns (docs/releases.md). Devices "
     "believe the repository alone.",
     "wavegate release add firmware --component brake --version 2.4.1 --repository R\n"
     "wavegate release sign --repository R\n"
     "wavegate release list --quiet"},
    {"kek", "keys that the file keys of encrypted artifacts are wrapped under",
     "The orchestrator keeps a file key for each encrypted artifact, wrapped under a "
     "key-encryption key in a file or a token (docs/releases.md). make makes one; what is under "
     "which, "
     "and bringing all under the new one, is done where they are: wavegated --kek-list, "
     "--kek-rewrap.",
     "wavegate kek make /etc/wavegate/kek-2"},
    {"fleet", "all devices together",
     "health finds devices that are not well before their users do: away for longer than they "
     "usually are, booting again and again, with a wrong clock, never updated, not used "
     "(docs/support.md).",
     "wavegate fleet health\nwavegate fleet health --kind silent --limit 100 --json"},
    {"device", "who is there, what they run, what is wrong with them",
     "Devices are known by their id. explain says why a device is updated, or is not; logs what it "
     "said last before an update failed; alarms what looks wrong (docs/registry.md).",
     "wavegate device list --offline --tag lab\n"
     "wavegate device explain dev-05\n"
     "wavegate device tag dev-05 +lab -field\n"
     "wavegate device import fleet.csv --dry-run"},
    {"group", "named sets of devices",
     "Campaigns can aim at groups. A group is there while it has devices.",
     "wavegate group add pilot dev-01 dev-02\nwavegate group show pilot --quiet"},
    {"boundary", "areas that give devices a region and a time zone",
     "Areas come from GeoJSON; a device with a position and without a region or zone of its own "
     "gets "
     "those of its place (docs/registry.md).",
     "wavegate boundary import regions.geojson"},
    {"audit", "who did what, and what the engine did",
     "The log is a chain of hashes: a row that is changed or taken away breaks it, and a head that "
     "was noted elsewhere shows when it was made anew.",
     "wavegate audit list --since 24h --actor alice\nwavegate audit list --kind refused\n"
     "wavegate audit export audit.ndjson\nwavegate audit verify audit.ndjson --head 4711:HASH"},
    {"people", "who may what",
     "People are known by their certificate, a password, or an account at a provider; roles say "
     "what "
     "they may, everywhere or on a part of the fleet (docs/roles.md). Nobody gives what they have "
     "not themselves. A password is set by its person alone, in the dashboard.",
     "wavegate people list\n"
     "wavegate people add anna --role rollout-admin --regions DE,AT\n"
     "wavegate people change anna --disable"},
    {"token", "what scripts come with",
     "A token may what it says, as far as its maker may it then, until it ends. It is shown once, "
     "and kept as a hash.",
     "wavegate token make nightly --may campaign.read,device.read --for 90d --quiet >token\n"
     "wavegate token list\n"
     "wavegate token end 7"},
    {"webhook", "URLs that are told of what happens",
     "Each event is a signed POST (docs/api.md, Webhooks), tried again for a day, then given up "
     "and "
     "kept. A webhook is named, or known by its number.",
     "wavegate webhook add chat --url-file url --kinds campaign,alarm\n"
     "wavegate webhook test chat\n"
     "wavegate webhook dead chat"},
    {"context", "servers by name, for who works with several",
     "A context says where commands go: a configuration file, or the server of an API, and as "
     "whom. "
     "The order is --config, --context, $WAVEGATE_CONFIG, $WAVEGATE_CONTEXT, the context in use, "
     "./wavegate.yaml, /etc/wavegate/wavegate.yaml. When there are several contexts, a change "
     "tells "
     "which it goes to, on standard error. For a prompt: wavegate context show --quiet.",
     "wavegate context add lab --config ~/lab/wavegate.yaml --certificate ~/keys/alice.crt\n"
     "wavegate context use lab\n"
     "wavegate campaign list --context production"},
    {"completion", "scripts that complete this command in a shell",
     "They offer nouns, verbs, flags, files, and names of campaigns, devices, groups and releases "
     "when a configuration is there; names are waited for a second at most.",
     "eval \"$(wavegate completion bash)\"              # in ~/.bashrc\n"
     "eval \"$(wavegate completion zsh)\"               # in ~/.zshrc, behind compinit\n"
     "wavegate completion fish > ~/.config/fish/completions/wavegate.fish"},
    {NULL, NULL, NULL, NULL}};

static const struct {
    const char *noun, *verb, *text;
} commands_more[] = {
    {"campaign", "plan",
     "Ends with 3 when applying would change something, with 0 when the file is applied already."},
    {"campaign", "apply",
     "What is stored is signed by the operator. Of a name that stands it is the next revision, and "
     "the changes are told. Applying the same file again changes nothing."},
    {"campaign", "status",
     "Ends with 7 when the campaign was aborted or rolled back. With --watch the picture is drawn "
     "over on a terminal; elsewhere it is printed first and last, and between them a line whenever "
     "something has changed. --quiet prints the state."},
    {"campaign", "approve", "Never the author; which role, and how many, the campaign file says."},
    {"campaign", "abort",
     "Updates that have switched over run to their end. See campaign rollback for sending devices "
     "back."},
    {"campaign", "failures",
     "Also as it is spoken: wavegate failures NAME. What is named as over-represented among those "
     "that failed is more than chance would bring together in one of a hundred campaigns "
     "(docs/support.md)."},
    {"fleet", "health",
     "Figures are held against those of a week ago, which the orchestrator wrote down."},
    {"device", "retry",
     "A device that waits for a back-off waits no longer. One that has ended in the campaign stays "
     "so: then it is a campaign of exactly this device, which a rollout-admin signs; --print shows "
     "its file."},
    {"device", "cancel",
     "Its place ends as withdrawn, and an order that it may have is taken back. What has switched "
     "over cannot be recalled."},
    {"device", "quarantine",
     "Until device clear. What it has in hand and has not switched over to is taken back; its "
     "places stay, and wait."},
    {"device", "explain",
     "For one device: what a campaign's plan says of it, and what it waits for "
     "now, with figures and the time when that is over."},
    {"device", "import",
     "Rows that are bad are told by line and left out; the command ends with 1 then. With "
     "--all-or-nothing they keep everything out, and it ends with 2."},
    {"device", "erase",
     "Cannot be taken back once the device has obeyed: on a terminal its id has "
     "to be typed, elsewhere --yes is needed."},
    {"audit", "head",
     "With --json also whether the server's login to the database could change the log."},
    {"audit", "export",
     "A range in NDJSON begins with the row that it follows on, and can be verified; CSV is for "
     "people."},
    {"audit", "verify", "A FILE is checked without a database or a configuration."},
};

const char *words_command(const char *noun, const char *verb)
{
    for (size_t i = 0; i < sizeof commands_more / sizeof commands_more[0]; i++)
        if (strcmp(commands_more[i].noun, noun) == 0 && strcmp(commands_more[i].verb, verb) == 0)
            return commands_more[i].text;
    return NULL;
}

const struct words_noun *words_noun(const char *noun)
{
    for (size_t i = 0; words_nouns[i].noun; i++)
        if (strcmp(words_nouns[i].noun, noun) == 0) return &words_nouns[i];
    return NULL;
}
