/* issue_command.c: `wavegate-pki issue`: leaves for devices, servers, services and operators. */
#include "pki/authority.h"
#include "pki/commands.h"

#include "common/posix/file.h"

#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DAYS_DEFAULT 825
#define DAYS_MAX 3650
#define SERVICE_DEFAULT "wavegated" /* brokers' ACLs name it: never a device's name */

static const struct kind {
    const char *text;
    enum domain domain;
    enum issue_usage usage;
} kinds[] = {
    {"device", DOMAIN_DEVICE, ISSUE_CLIENT},
    {"server", DOMAIN_SERVER, ISSUE_SERVER},
    {"service", DOMAIN_SERVER, ISSUE_CLIENT},
    {"operator", DOMAIN_OPERATOR, ISSUE_CLIENT},
};

static const char *const roles[] = {
    "owner", "rollout-admin", "repository-admin", "deployment-admin", "support", "auditor"};

struct issue_request {
    const struct kind *kind;
    const char *pki, *out;
    struct issue_leaf leaf;
    const char *hosts[ISSUE_HOSTS_MAX];
    char host_text[1024];
};

static bool read_kind(const struct args *args, struct issue_request *out, struct wg_error *err)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(args->positionals[0], kinds[i].text) == 0) {
            out->kind = &kinds[i];
            out->leaf.usage = kinds[i].usage;
            return true;
        }
    return wg_fail(err, WG_E_USAGE, "\"%.40s\": expected device, server, service or operator",
                   args->positionals[0]);
}

static bool read_role(const char *role, struct issue_request *out, struct wg_error *err)
{
    bool needed = out->kind->domain == DOMAIN_OPERATOR;
    if (!role && needed) return wg_fail(err, WG_E_USAGE, "an operator needs --role ROLE");
    if (role && !needed) return wg_fail(err, WG_E_USAGE, "--role is for operators alone");
    out->leaf.role = role;
    for (size_t i = 0; role && i < sizeof roles / sizeof roles[0]; i++)
        if (strcmp(role, roles[i]) == 0) return true;
    return !role || wg_fail(err, WG_E_USAGE, "--role: \"%.40s\" is no role: see --help", role);
}

static bool read_hosts(const char *hosts, struct issue_request *out, struct wg_error *err)
{
    char *rest = NULL;
    bool server = strcmp(out->kind->text, "server") == 0;
    if (!hosts) return !server || wg_fail(err, WG_E_USAGE, "a server needs --host NAME,ADDRESS...");
    if (!server) return wg_fail(err, WG_E_USAGE, "--host is for servers alone");
    if (!wg_copy(out->host_text, sizeof out->host_text, hosts))
        return wg_fail(err, WG_E_LIMIT, "--host: too long");
    for (char *host = strtok_r(out->host_text, ",", &rest); host;
         host = strtok_r(NULL, ",", &rest)) {
        if (out->leaf.host_count == ISSUE_HOSTS_MAX)
            return wg_fail(err, WG_E_LIMIT, "more than %d hosts", ISSUE_HOSTS_MAX);
        out->hosts[out->leaf.host_count++] = host;
    }
    out->leaf.hosts = out->hosts;
    return true;
}

static bool read_request(const struct args *args, struct issue_request *out, struct wg_error *err)
{
    const char *days = args_value(args, "days"), *key = args_value(args, "key");
    char *end = NULL;
    out->pki = args_has(args, "pki") ? args_value(args, "pki") : "pki";
    out->out = args_has(args, "out") ? args_value(args, "out") : ".";
    long number = days ? strtol(days, &end, 10) : DAYS_DEFAULT;
    if ((days && (end == days || *end)) || number < 1 || number > DAYS_MAX)
        return wg_fail(err, WG_E_USAGE, "--days: expected 1 to %d", DAYS_MAX);
    out->leaf.days = (int)number;
    if (key && strcmp(key, "p256") != 0 && strcmp(key, "ed25519") != 0)
        return wg_fail(err, WG_E_USAGE, "--key: expected ed25519 or p256, got \"%.40s\"", key);
    out->leaf.key = key && strcmp(key, "p256") == 0 ? ISSUE_P256 : ISSUE_ED25519;
    return read_kind(args, out, err) && read_role(args_value(args, "role"), out, err) &&
           read_hosts(args_value(args, "host"), out, err);
}

/* One broker trusts devices and services: a name must not stand for both. */
static bool check_name(const struct issue_request *request, const struct authority *own,
                       const struct authority *other, const char *name, wg_time now,
                       struct wg_error *err)
{
    bool device = request->kind->domain == DOMAIN_DEVICE;
    if (!wg_name_is_valid(name))
        return wg_fail(err, WG_E_USAGE,
                       "\"%.80s\" is no name: expected 1 to %d letters, digits, '.', '_' or '-'",
                       name, WG_NAME_MAX);
    if (ledger_live(&own->ledger, name, now))
        return wg_fail(err, WG_E_CONFLICT, "%s has a certificate that is in force: revoke it first",
                       name);
    if (other && ledger_live(&other->ledger, name, now))
        return wg_fail(err, WG_E_CONFLICT,
                       "%s is the name of a %s: a broker could not tell them apart", name,
                       device ? "server or service" : "device");
    if (device && strcmp(name, SERVICE_DEFAULT) == 0)
        return wg_fail(err, WG_E_CONFLICT, "%s is kept for the orchestrator", name);
    return true;
}

static bool write_leaf(const struct issue_request *request, const struct authority *authority,
                       const char *name, const struct issued *issued, struct wg_error *err)
{
    char path[PATH_MAX], file[WG_NAME_MAX + 8];
    struct wg_buf chain;
    (void)snprintf(file, sizeof file, "%s.key", name);
    if (!wg_path_join(path, sizeof path, request->out, file, err) ||
        !wg_file_replace(path, issued->key, strlen(issued->key), 0600, err))
        return false;
    (void)snprintf(file, sizeof file, "%s.crt", name);
    wg_buf_init(&chain, (size_t)2 * ISSUE_PEM_MAX);
    wg_buf_text(&chain, issued->certificate);
    bool ok = authority_issuing_pem(authority, &chain, err) &&
              wg_path_join(path, sizeof path, request->out, file, err) &&
              wg_file_replace(path, wg_buf_str(&chain), chain.len, 0644, err);
    wg_buf_clear(&chain);
    return ok;
}

static bool issue_one(struct issue_request *request, struct authority *authority, const char *name,
                      wg_time now, json_t *list, struct wg_error *err)
{
    struct issued issued;
    struct ledger_entry entry = {.not_after = 0};
    request->leaf.name = name;
    bool ok = issue_leaf(&request->leaf, &authority->issuing, now, &issued, err);
    if (ok) {
        entry.not_after = issued.not_after;
        (void)wg_copy(entry.serial, sizeof entry.serial, issued.serial);
        (void)wg_copy(entry.name, sizeof entry.name, name);
        (void)wg_copy(entry.kind, sizeof entry.kind, request->kind->text);
        if (request->leaf.role) (void)wg_copy(entry.role, sizeof entry.role, request->leaf.role);
        /* the ledger comes first: a certificate nobody knows of could not be revoked */
        ok = ledger_add(&authority->ledger, &entry, err) && authority_save(authority, err) &&
             write_leaf(request, authority, name, &issued, err) &&
             json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "name", name, "kind",
                                                   request->kind->text, "serial", issued.serial)) ==
                 0;
    }
    explicit_bzero(&issued, sizeof issued);
    return ok;
}

static bool issue_all(const struct args *args, struct issue_request *request,
                      struct authority *authority, struct authority *other, json_t *list,
                      struct wg_error *err)
{
    wg_time now = wg_now();
    for (size_t i = 1; i < args->positional_count; i++)
        if (!check_name(request, authority, other, args->positionals[i], now, err)) return false;
    for (size_t i = 1; i < args->positional_count; i++)
        if (!issue_one(request, authority, args->positionals[i], now, list, err)) return false;
    return true;
}

static void print_issued(const struct args *args, const struct issue_request *request,
                         const json_t *list)
{
    if (args_has(args, "json")) {
        (void)json_dumpf(list, stdout, JSON_INDENT(2));
        (void)puts("");
        return;
    }
    for (size_t i = 0; i < json_array_size(list); i++) {
        const char *name = json_string_value(json_object_get(json_array_get(list, i), "name"));
        (void)printf("%s/%s.crt and .key: %s, %d days\n", request->out, name, request->kind->text,
                     request->leaf.days);
    }
}

bool pki_issue_run(const struct args *args, struct wg_error *err)
{
    struct issue_request request = {.kind = &kinds[0]};
    struct authority authority = {0}, other = {0};
    if (!read_request(args, &request, err) || !authority_lock(request.pki, err) ||
        !wg_folder_make(request.out, 0755, err))
        return false;
    bool shares = request.kind->domain != DOMAIN_OPERATOR;
    enum domain beside = request.kind->domain == DOMAIN_DEVICE ? DOMAIN_SERVER : DOMAIN_DEVICE;
    json_t *list = json_array();
    bool ok = list && authority_open(request.pki, request.kind->domain, &authority, err) &&
              (!shares || authority_open(request.pki, beside, &other, err)) &&
              issue_all(args, &request, &authority, shares ? &other : NULL, list, err);
    if (ok) print_issued(args, &request, list);
    json_decref(list);
    authority_clear(&authority);
    authority_clear(&other);
    return ok;
}
