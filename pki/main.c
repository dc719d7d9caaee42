/* main.c: the wavegate-pki command: a table of verbs, each a function of commands.c. */
#include "common/pins.h"
#include "common/posix/secrets.h"
#include "pki/commands.h"

#include <stdio.h>
#include <string.h>

static const struct flag common_flags[] = {{"json", NULL, "print the result as JSON"},
                                           {"help", NULL, "print this, end"},
                                           {"version", NULL, "print the version, end"},
                                           {NULL, NULL, NULL}};
static const struct flag init_flags[] = {
    {"key", "KIND", "the authorities' keys: ed25519 or p256 (default ed25519)"},
    {"device-token", "URI", "pkcs11: URI of the device issuing authority's key, made before"},
    {"server-token", "URI", "the same for servers and services"},
    {"operator-token", "URI", "the same for operators"},
    {"device-root-token", "URI", "pkcs11: URI of the device root's key, made before"},
    {"server-root-token", "URI", "the same for servers and services"},
    {"operator-root-token", "URI", "the same for operators"},
    {"enrolment-token", "URI", "pkcs11: URI of the enrolment key, made before"},
    {"organisation", "NAME", "what all subjects begin with (default Wavegate)"},
    {"permit-host", "HOSTS",
     "domains and networks, separated by commas, that servers may be named in (default: any)"},
    {NULL, NULL, NULL}};
static const struct flag issue_flags[] = {
    {"pki", "DIR", "the folder of authorities (default pki)"},
    {"out", "DIR", "where NAME.crt and NAME.key go (default .)"},
    {"days", "N", "how long it is valid (default: as pki.json says)"},
    {"names", "FILE", "more NAMEs, one a line"},
    {"key", "KIND", "ed25519 or p256 (default ed25519)"},
    {"public-key", "FILE", "for the key that somebody has already, in a token perhaps: its PEM"},
    {"host", "HOST", "server: a name or address it answers to; several, separated by commas"},
    {"role", "ROLE",
     "operator: owner, rollout-admin, repository-admin, deployment-admin, support, auditor"},
    {NULL, NULL, NULL}};
static const struct flag batch_flags[] = {
    {"pki", "DIR", "the folder of authorities (default pki)"},
    {"devices", "FILE",
     "the lot's devices: {\"id\", \"hardware_model\", \"hardware_revision\"} a line"},
    {"station", "RECIPIENT", "the factory station's age recipient: age1..."},
    {"out", "DIR", "where the folder of the lot is made (default .)"},
    {"days", "N", "how long certificates are valid (default: as pki.json says)"},
    {"key", "KIND", "ed25519 or p256 (default ed25519)"},
    {"pins", "FILE", "a signed list of pins that goes into every bundle"},
    {"pins-key", "FILE", "the public key that signs such lists; goes along"},
    {NULL, NULL, NULL}};
static const struct flag token_flags[] = {
    {"pki", "DIR", "the folder of authorities (default pki)"},
    {"expires", "DURATION", "how long it is good (default 24h)"},
    {"model", "MODEL", "the hardware that may claim it (default: any)"},
    {"revision", "REVISION", "of that hardware (default: any)"},
    {NULL, NULL, NULL}};
static const struct flag claim_flags[] = {
    {"pki", "DIR", "the folder of authorities (default pki)"},
    {"token", "FILE", "the token; - for standard input"},
    {"csr", "FILE", "the device's request, PEM"},
    {"age", "RECIPIENT", "the device's age recipient: age1..."},
    {"model", "MODEL", "its hardware"},
    {"revision", "REVISION", "of its hardware"},
    {"out", "DIR", "where NAME.crt and NAME.enrolment.json go (default .)"},
    {NULL, NULL, NULL}};
static const struct flag pins_flags[] = {
    {"key", "WHERE", "the pins' own signing key, that stays offline: a file, a pkcs11: URI"},
    {"secret", "FILE", "its passphrase or PIN, mode 600; else the terminal asks"},
    {"number", "N", "of this list: one above the last"},
    {NULL, NULL, NULL}};
static const struct flag replace_flags[] = {
    {"pki", "DIR", "the folder of authorities (default pki)"},
    {"key", "FILE", "the key that was kept back, whose pin devices have"},
    {"root-key", "FILE", "the root's key (default server/root.key of the folder)"},
    {NULL, NULL, NULL}};
static const struct flag pki_flags[] = {{"pki", "DIR", "the folder of authorities (default pki)"},
                                        {NULL, NULL, NULL}};
static const struct flag key_flags[] = {
    {"key", "KIND", "make: ed25519 or p256 (default ed25519)"},
    {"secret", "FILE", "public: its passphrase or PIN, mode 600; else the terminal asks"},
    {NULL, NULL, NULL}};
static const struct flag crl_flags[] = {
    {"pki", "DIR", "the folder of authorities (default pki)"},
    {"days", "N", "until the next list is due (default: as pki.json says)"},
    {NULL, NULL, NULL}};

static const struct {
    const char *verb, *arguments, *summary;
    size_t least, most;
    const struct flag *flags;
    bool (*run)(const struct args *args, struct wg_error *err);
} verbs[] = {
    {"init", "DIR", "make the device, server and operator authorities", 1, 1, init_flags,
     pki_init_run},
    {"issue", "device|server|service|operator NAME...", "issue certificates with their keys", 1,
     ARGS_POSITIONALS_MAX, issue_flags, pki_issue_run},
    {"batch", "LOT", "make sealed credentials for a production lot", 1, 1, batch_flags,
     pki_batch_run},
    {"token", "NAME", "make a one-time token for a device that has no credentials", 1, 1,
     token_flags, pki_token_run},
    {"claim", "NAME", "issue to the device that holds the token", 1, 1, claim_flags, pki_claim_run},
    {"pins", "USE=FILE...",
     "sign a list of pinned authorities: server, server-backup, device, "
     "device-backup",
     2, WG_PINS_MAX, pins_flags, pki_pins_run},
    {"replace", "server", "make a key that was kept back the issuing authority of servers", 1, 1,
     replace_flags, pki_replace_run},
    {"revoke", "NAME|SERIAL", "revoke, and write the lists anew", 1, 1, pki_flags, pki_revoke_run},
    {"crl", "", "write the revocation lists anew, before they end", 0, 0, crl_flags, pki_crl_run},
    {"list", "", "what was issued", 0, 0, pki_flags, pki_list_run},
    {"key", "make|public FILE",
     "make FILE (secret) and FILE.pub, for signing; print the public part of one", 1, 2, key_flags,
     pki_key_run},
};
#define VERBS (sizeof verbs / sizeof verbs[0])

static bool usage(struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 16384);
    wg_buf_text(&text, "usage: wavegate-pki VERB [arguments] [flags]\n\n");
    for (size_t i = 0; i < VERBS; i++) {
        wg_buf_printf(&text, "%s %s\n    %s\n", verbs[i].verb, verbs[i].arguments,
                      verbs[i].summary);
        if (verbs[i].flags) args_usage(verbs[i].flags, &text);
    }
    wg_buf_text(&text, "everywhere\n");
    args_usage(common_flags, &text);
    bool ok = wg_buf_check(&text, err, "usage") && fputs(wg_buf_str(&text), stdout) >= 0;
    wg_buf_clear(&text);
    return ok;
}

static bool run(int argc, char **argv, struct wg_error *err)
{
    struct args args;
    const char *verb = argc > 1 ? argv[1] : "--help";
    if (!strcmp(verb, "--help") || !strcmp(verb, "-h") || !strcmp(verb, "help")) return usage(err);
    if (!strcmp(verb, "--version")) return puts("wavegate-pki " WG_VERSION) >= 0;
    for (size_t i = 0; i < VERBS; i++) {
        const struct flag *const tables[] = {common_flags, verbs[i].flags, NULL};
        if (strcmp(verb, verbs[i].verb) != 0) continue;
        if (!args_read(&args, argc - 2, argv + 2, tables, err)) return false;
        if (args_has(&args, "help")) return usage(err);
        if (args.positional_count < verbs[i].least || args.positional_count > verbs[i].most)
            return wg_fail(err, WG_E_USAGE, "expected: wavegate-pki %s %s", verb,
                           verbs[i].arguments);
        return verbs[i].run(&args, err);
    }
    return wg_fail(err, WG_E_USAGE, "unknown verb \"%.40s\": try wavegate-pki --help", verb);
}

int main(int argc, char **argv)
{
    struct wg_error err = {0};
    wg_keep_secrets();
    if (run(argc, argv, &err)) return 0;
    (void)fprintf(stderr, "wavegate-pki: %s\n", err.text);
    return wg_error_exit(err.code);
}
