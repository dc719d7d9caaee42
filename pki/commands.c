/* commands.c: init, revoke, crl, list and key. */
#include "pki/commands.h"

#include "common/posix/file.h"
#include "pki/authority.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CRL_DAYS_MAX 3650

static const char *pki_folder(const struct args *args)
{
    return args_has(args, "pki") ? args_value(args, "pki") : "pki";
}

static bool print_json(json_t *value, struct wg_error *err)
{
    bool ok = value && json_dumpf(value, stdout, JSON_INDENT(2)) == 0 && puts("") >= 0;
    json_decref(value);
    return ok || wg_fail_memory(err, "writing JSON");
}

static void print_made(const char *folder, const struct authority_keys *keys)
{
    bool in_file = false;
    (void)printf("%s: device, server and operator authorities are made\n", folder);
    for (int i = 0; i < DOMAINS; i++) in_file = in_file || !keys->root_tokens[i];
    if (in_file)
        (void)printf("Take %s/*/root.key offline: day to day work needs the issuing keys alone.\n",
                     folder);
    else
        (void)printf("Take the roots' tokens offline: day to day work needs the issuing keys "
                     "alone.\n");
}

bool pki_init_run(const struct args *args, struct wg_error *err)
{
    const char *folder = args->positionals[0], *key = args_value(args, "key");
    struct policy policy;
    policy_init(&policy);
    if (key && strcmp(key, "p256") != 0 && strcmp(key, "ed25519") != 0)
        return wg_fail(err, WG_E_USAGE, "--key: expected ed25519 or p256, got \"%.40s\"", key);
    if (args_has(args, "organisation") &&
        !wg_copy(policy.organisation, sizeof policy.organisation, args_value(args, "organisation")))
        return wg_fail(err, WG_E_USAGE, "--organisation: longer than %d bytes", WG_NAME_MAX);
    if (args_has(args, "permit-host") &&
        !policy_permit(&policy, args_value(args, "permit-host"), err))
        return false;
    struct authority_keys keys = {
        .kind = key && strcmp(key, "p256") == 0 ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519,
        .tokens = {[DOMAIN_DEVICE] = args_value(args, "device-token"),
                   [DOMAIN_SERVER] = args_value(args, "server-token"),
                   [DOMAIN_OPERATOR] = args_value(args, "operator-token")},
        .root_tokens = {[DOMAIN_DEVICE] = args_value(args, "device-root-token"),
                        [DOMAIN_SERVER] = args_value(args, "server-root-token"),
                        [DOMAIN_OPERATOR] = args_value(args, "operator-root-token")},
        .enrolment_token = args_value(args, "enrolment-token")};
    if (!authority_init_all(folder, &policy, &keys, wg_now(), err)) return false;
    if (args_has(args, "json")) return print_json(json_pack("{s:s}", "folder", folder), err);
    print_made(folder, &keys);
    return true;
}

static bool is_meant(const struct ledger_entry *entry, const char *what)
{
    return !entry->revoked && (strcmp(entry->name, what) == 0 || strcmp(entry->serial, what) == 0);
}

static bool revoke_in(const char *folder, enum domain domain, const char *what, wg_time now,
                      size_t *revoked, struct wg_error *err)
{
    struct authority authority;
    size_t before = *revoked;
    bool ok = authority_open(folder, domain, &authority, err);
    for (size_t i = 0; ok && i < authority.ledger.count; i++)
        if (is_meant(&authority.ledger.entries[i], what)) {
            authority.ledger.entries[i].revoked = now;
            ++*revoked;
        }
    if (ok && *revoked > before) ok = authority_save(&authority, err);
    authority_clear(&authority);
    return ok;
}

/* days 0: as pki.json says. */
static bool write_crls(const struct args *args, int days, const char *before, struct wg_error *err)
{
    char ends_text[WG_TIME_TEXT];
    wg_time ends = 0;
    struct policy policy;
    if (!policy_load(&policy, pki_folder(args), err)) return false;
    if (days == 0) days = policy.days[POLICY_CRL];
    if (!authority_write_crls(pki_folder(args), wg_now(), days, &ends, err)) return false;
    wg_time_text(ends, ends_text);
    if (args_has(args, "json"))
        return print_json(json_pack("{s:s,s:s}", "done", before, "crl_ends", ends_text), err);
    (void)printf("%s\nThe lists hold until %s: run wavegate-pki crl before, an expired list locks "
                 "everybody out.\nGive %s/broker/crl.pem to the brokers (SIGHUP for Mosquitto).\n",
                 before, ends_text, pki_folder(args));
    return true;
}

bool pki_revoke_run(const struct args *args, struct wg_error *err)
{
    const char *what = args->positionals[0], *folder = pki_folder(args);
    char done[192];
    size_t revoked = 0;
    if (!authority_lock(folder, err)) return false;
    for (int domain = 0; domain < DOMAINS; domain++)
        if (!revoke_in(folder, (enum domain)domain, what, wg_now(), &revoked, err)) return false;
    if (revoked == 0)
        return wg_fail(
            err, WG_E_NOT_FOUND,
            "no certificate in force has the name or serial \"%.80s\": see wavegate-pki list",
            what);
    (void)snprintf(done, sizeof done, "%.80s: %zu certificate%s revoked", what, revoked,
                   revoked == 1 ? "" : "s");
    return write_crls(args, 0, done, err);
}

bool pki_crl_run(const struct args *args, struct wg_error *err)
{
    const char *text = args_value(args, "days");
    char *end = NULL;
    long days = text ? strtol(text, &end, 10) : 0;
    if (text && (end == text || *end || days < 1 || days > CRL_DAYS_MAX))
        return wg_fail(err, WG_E_USAGE, "--days: expected 1 to %d", CRL_DAYS_MAX);
    return authority_lock(pki_folder(args), err) &&
           write_crls(args, (int)days, "The revocation lists are written anew.", err);
}

static json_t *entry_json(enum domain domain, const struct ledger_entry *entry)
{
    char after[WG_TIME_TEXT], revoked[WG_TIME_TEXT];
    wg_time_text(entry->not_after, after);
    wg_time_text(entry->revoked, revoked);
    return json_pack("{s:s,s:s,s:s,s:s,s:s,s:s,s:o}", "authority", domain_text(domain), "serial",
                     entry->serial, "name", entry->name, "kind", entry->kind, "role", entry->role,
                     "not_after", after, "revoked",
                     entry->revoked ? json_string(revoked) : json_null());
}

static bool list_domain(const char *folder, enum domain domain, json_t *list, struct wg_error *err)
{
    struct authority authority;
    bool ok = authority_open(folder, domain, &authority, err);
    for (size_t i = 0; ok && i < authority.ledger.count; i++)
        if (json_array_append_new(list, entry_json(domain, &authority.ledger.entries[i])) != 0)
            ok = wg_fail_memory(err, "listing certificates");
    authority_clear(&authority);
    return ok;
}

static const char *cell(const json_t *row, const char *key)
{
    const char *text = json_string_value(json_object_get(row, key));
    return text && *text ? text : "-";
}

bool pki_list_run(const struct args *args, struct wg_error *err)
{
    json_t *list = json_array(), *row;
    size_t i;
    bool ok = list && authority_lock(pki_folder(args), err);
    for (int domain = 0; ok && domain < DOMAINS; domain++)
        ok = list_domain(pki_folder(args), (enum domain)domain, list, err);
    if (ok && args_has(args, "json")) return print_json(list, err);
    if (ok)
        (void)printf("%-10s %-24s %-17s %-25s %s\n", "KIND", "NAME", "ROLE", "NOT AFTER",
                     "REVOKED");
    json_array_foreach(list, i, row)
    {
        if (!ok) break;
        (void)printf("%-10s %-24s %-17s %-25s %s\n", cell(row, "kind"), cell(row, "name"),
                     cell(row, "role"), cell(row, "not_after"), cell(row, "revoked"));
    }
    json_decref(list);
    return ok;
}

static bool write_public(const char *file, const struct wg_identity_public *key,
                         struct wg_error *err)
{
    char pem[WG_IDENTITY_PEM_MAX], path[PATH_MAX];
    int len = snprintf(path, sizeof path, "%s.pub", file);
    if (len < 0 || (size_t)len >= sizeof path)
        return wg_fail(err, WG_E_LIMIT, "the path is too long");
    return wg_identity_public_to_pem(key, pem, err) &&
           wg_file_replace(path, pem, strlen(pem), 0644, err);
}

static bool make_key(const struct args *args, const char *file, struct wg_error *err)
{
    struct wg_identity_key key;
    const char *kind = args_value(args, "key");
    char pem[WG_IDENTITY_PEM_MAX], id[WG_SHA256_HEX];
    if (kind && strcmp(kind, "p256") != 0 && strcmp(kind, "ed25519") != 0)
        return wg_fail(err, WG_E_USAGE, "--key: expected ed25519 or p256, got \"%.40s\"", kind);
    bool p256 = kind && strcmp(kind, "p256") == 0;
    FILE *there = fopen(file, "re");
    if (there) {
        (void)fclose(there);
        return wg_fail(err, WG_E_CONFLICT, "%s exists: a key is never overwritten", file);
    }
    bool ok = wg_identity_make(p256 ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519, &key, err) &&
              wg_identity_keyid(&key.public_key, id, err) && wg_identity_to_pem(&key, pem, err) &&
              wg_file_replace(file, pem, strlen(pem), 0600, err) &&
              write_public(file, &key.public_key, err);
    if (ok && args_has(args, "json"))
        ok = print_json(json_pack("{s:s,s:s}", "file", file, "keyid", id), err);
    else if (ok)
        (void)printf("%s (secret, mode 600) and %s.pub\nkey id %s\n", file, file, id);
    wg_identity_clear(&key);
    explicit_bzero(pem, sizeof pem);
    return ok;
}

static bool show_public(const struct args *args, const char *where, struct wg_error *err)
{
    const struct wg_passphrase_source secret = {
        .file = args_value(args, "secret"), .fd = -1, .ask = true};
    char pem[WG_IDENTITY_PEM_MAX];
    struct wg_signing_key *key = wg_signing_key_open(where, &secret, err);
    bool ok = key && wg_identity_public_to_pem(wg_signing_key_public(key), pem, err);
    if (ok) (void)fputs(pem, stdout);
    wg_signing_key_free(key);
    return ok;
}

bool pki_key_run(const struct args *args, struct wg_error *err)
{
    const char *first = args->positionals[0];
    if (args->positional_count == 1) return make_key(args, first, err);
    if (strcmp(first, "make") == 0) return make_key(args, args->positionals[1], err);
    if (strcmp(first, "public") == 0) return show_public(args, args->positionals[1], err);
    return wg_fail(err, WG_E_USAGE, "key: expected make FILE or public WHERE");
}
