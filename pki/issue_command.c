/* issue_command.c: `wavegate-pki issue`: leaves for devices, servers, services and operators. */
#include "pki/authority.h"
#include "pki/commands.h"
#include "pki/name_check.h"

#include "common/posix/file.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <jansson.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DAYS_MAX 3650
#define BULK_PART 1000
#define NAMES_BYTES_MAX ((size_t)16 * 1024 * 1024)

struct issue_request {
    const struct kind *kind;
    const char *pki, *out, *role; /* role NULL: none */
    struct policy policy;
    struct issue_leaf leaf;
    bool has_key; /* it is somebody's already, in a token perhaps */
    struct wg_identity_public public_key;
    const char *hosts[ISSUE_HOSTS_MAX];
    char host_text[1024];
    size_t name_count;
    const char **names;       /* owned; what they point to is not */
    struct wg_buf names_text; /* of --names */
};

/* So many that a sync for each would take most of the time. */
static bool is_bulk(const struct issue_request *request)
{
    return request->name_count > ARGS_POSITIONALS_MAX;
}

static bool read_kind(const struct args *args, struct issue_request *out, struct wg_error *err)
{
    out->kind = kind_find(args->positionals[0]);
    if (!out->kind)
        return wg_fail(err, WG_E_USAGE, "\"%.40s\": expected device, server, service or operator",
                       args->positionals[0]);
    out->leaf.usage = out->kind->usage;
    out->leaf.unit = out->kind->word;
    return true;
}

static bool read_role(const char *role, struct issue_request *out, struct wg_error *err)
{
    bool needed = out->kind->domain == DOMAIN_OPERATOR;
    if (!role && needed) return wg_fail(err, WG_E_USAGE, "an operator needs --role ROLE");
    if (role && !needed) return wg_fail(err, WG_E_USAGE, "--role is for operators alone");
    if (!role) return true;
    out->role = out->leaf.unit = role;
    return role_is_known(role) ||
           wg_fail(err, WG_E_USAGE, "--role: \"%.40s\" is no role: see --help", role);
}

/* The authority could sign it, but nobody who reads its name constraints would believe it. */
static bool host_allowed(const struct policy *policy, const char *host, struct wg_error *err)
{
    const char *allowed[FORM_HOSTS_MAX];
    size_t count = policy_hosts(policy, allowed);
    return form_host_allowed(host, allowed, count) ||
           wg_fail(err, WG_E_DENIED,
                   "--host: %.80s is none of the hosts that the authority may "
                   "name (permit_hosts in pki.json)",
                   host);
}

/* wolfSSL 5.5 refuses a leaf without a name wherever names are permitted. */
static bool has_name(const struct issue_request *request)
{
    unsigned char address[16];
    for (size_t i = 0; i < request->leaf.host_count; i++)
        if (inet_pton(AF_INET, request->hosts[i], address) != 1 &&
            inet_pton(AF_INET6, request->hosts[i], address) != 1)
            return true;
    return request->policy.host_count == 0;
}

static bool read_hosts(const char *hosts, struct issue_request *out, struct wg_error *err)
{
    char *rest = NULL;
    bool server = strcmp(out->kind->word, "server") == 0;
    if (!hosts) return !server || wg_fail(err, WG_E_USAGE, "a server needs --host NAME,ADDRESS...");
    if (!server) return wg_fail(err, WG_E_USAGE, "--host is for servers alone");
    if (!wg_copy(out->host_text, sizeof out->host_text, hosts))
        return wg_fail(err, WG_E_LIMIT, "--host: too long");
    for (char *host = strtok_r(out->host_text, ",", &rest); host;
         host = strtok_r(NULL, ",", &rest)) {
        if (out->leaf.host_count == ISSUE_HOSTS_MAX)
            return wg_fail(err, WG_E_LIMIT, "more than %d hosts", ISSUE_HOSTS_MAX);
        if (!host_allowed(&out->policy, host, err)) return false;
        out->hosts[out->leaf.host_count++] = host;
    }
    out->leaf.hosts = out->hosts;
    return has_name(out) ||
           wg_fail(err, WG_E_USAGE,
                   "--host: at least one name: under permit_hosts devices believe no server that "
                   "has addresses alone");
}

static bool read_days(const char *text, struct issue_request *out, struct wg_error *err)
{
    char *end = NULL;
    long days = text ? strtol(text, &end, 10) : out->policy.days[out->kind->days];
    if ((text && (end == text || *end)) || days < 1 || days > DAYS_MAX)
        return wg_fail(err, WG_E_USAGE, "--days: expected 1 to %d", DAYS_MAX);
    out->leaf.days = (int)days;
    return true;
}

static bool read_key(const struct args *args, struct issue_request *out, struct wg_error *err)
{
    const char *key = args_value(args, "key"), *file = args_value(args, "public-key");
    if (file && (key || out->name_count != 1))
        return wg_fail(err, WG_E_USAGE, "--public-key is for one NAME, and without --key");
    if (key && strcmp(key, "p256") != 0 && strcmp(key, "ed25519") != 0)
        return wg_fail(err, WG_E_USAGE, "--key: expected ed25519 or p256, got \"%.40s\"", key);
    out->leaf.key = key && strcmp(key, "p256") == 0 ? WG_IDENTITY_P256 : WG_IDENTITY_ED25519;
    out->has_key = file != NULL;
    return !file || wg_identity_public_load(file, &out->public_key, err);
}

static bool add_name(struct issue_request *out, const char *name, struct wg_error *err)
{
    /* grows when the count is a power of two, from 32 on */
    if (out->name_count == 0 ||
        (out->name_count >= 32 && (out->name_count & (out->name_count - 1)) == 0)) {
        size_t room = out->name_count ? out->name_count * 2 : 32;
        const char **names = realloc(out->names, room * sizeof *names);
        if (!names) return wg_fail_memory(err, "names");
        out->names = names;
    }
    out->names[out->name_count++] = name;
    return true;
}

/* NAME... and what --names has, a line each. */
static bool read_names(const struct args *args, struct issue_request *out, struct wg_error *err)
{
    const char *file = args_value(args, "names");
    char *rest = NULL;
    for (size_t i = 1; i < args->positional_count; i++)
        if (!add_name(out, args->positionals[i], err)) return false;
    if (file && !wg_file_read(file, &out->names_text, err)) return wg_context(err, "--names");
    for (char *line = file && out->names_text.len ? strtok_r(out->names_text.data, "\n", &rest)
                                                  : NULL;
         line; line = strtok_r(NULL, "\n", &rest))
        if (!add_name(out, line, err)) return false;
    return out->name_count > 0 || wg_fail(err, WG_E_USAGE, "expected NAME... or --names FILE");
}

static bool read_request(const struct args *args, struct issue_request *out, struct wg_error *err)
{
    out->pki = args_has(args, "pki") ? args_value(args, "pki") : "pki";
    out->out = args_has(args, "out") ? args_value(args, "out") : ".";
    return read_names(args, out, err) && read_key(args, out, err) &&
           policy_load(&out->policy, out->pki, err) && read_kind(args, out, err) &&
           read_days(args_value(args, "days"), out, err) &&
           read_role(args_value(args, "role"), out, err) &&
           read_hosts(args_value(args, "host"), out, err);
}

/* Of many the folder is synced once, by who calls. */
static bool write_file(const struct issue_request *request, const char *name, const char *ending,
                       const char *text, mode_t mode, struct wg_error *err)
{
    char path[PATH_MAX], file[WG_NAME_MAX + 8];
    (void)snprintf(file, sizeof file, "%s.%s", name, ending);
    if (!wg_path_join(path, sizeof path, request->out, file, err)) return false;
    if (!is_bulk(request)) return wg_file_replace(path, text, strlen(text), mode, err);
    (void)unlink(path);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
    if (fd < 0) return wg_fail_errno(err, "writing %s", path);
    bool ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
    if (close(fd) != 0) ok = false;
    return ok || wg_fail_errno(err, "writing %s", path);
}

static bool write_leaf(const struct issue_request *request, const struct authority *authority,
                       const char *name, const struct issued *issued, struct wg_error *err)
{
    struct wg_buf chain;
    if (!request->has_key && !write_file(request, name, "key", issued->key, 0600, err))
        return false;
    wg_buf_init(&chain, (size_t)2 * ISSUE_PEM_MAX);
    wg_buf_text(&chain, issued->certificate);
    bool ok = authority_issuing_pem(authority, &chain, err) &&
              wg_buf_check(&chain, err, "a chain") &&
              write_file(request, name, "crt", wg_buf_str(&chain), 0644, err);
    wg_buf_clear(&chain);
    return ok;
}

static bool make_one(struct issue_request *request, struct authority *authority, const char *name,
                     wg_time now, json_t *list, struct issued *out, struct wg_error *err)
{
    request->leaf.name = name;
    request->leaf.organisation = request->policy.organisation;
    bool made = request->has_key ? issue_for_key(&request->leaf, &request->public_key,
                                                 &authority->issuing, now, out, err)
                                 : issue_leaf(&request->leaf, &authority->issuing, now, out, err);
    return made &&
           (is_bulk(request)
                ? authority_note(authority, request->kind, name, request->role, out, err)
                : authority_enter(authority, request->kind, name, request->role, out, err)) &&
           (json_array_append_new(list, json_pack("{s:s,s:s,s:s}", "name", name, "kind",
                                                  request->kind->word, "serial", out->serial)) ==
                0 ||
            wg_fail_memory(err, "a list"));
}

static bool sync_folder(const char *folder, struct wg_error *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;
    if (!ok) (void)wg_fail_errno(err, "syncing %s", folder);
    if (fd >= 0) (void)close(fd);
    return ok;
}

/* All of them are in the ledger before the first file is written. */
static bool issue_part(struct issue_request *request, struct authority *authority, size_t from,
                       size_t count, wg_time now, json_t *list, struct wg_error *err)
{
    struct issued *issued = calloc(count, sizeof *issued);
    if (!issued) return wg_fail_memory(err, "certificates");
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = make_one(request, authority, request->names[from + i], now, list, &issued[i], err);
    ok = ok && (!is_bulk(request) || authority_save(authority, err));
    for (size_t i = 0; ok && i < count; i++)
        ok = write_leaf(request, authority, request->names[from + i], &issued[i], err);
    ok = ok && (!is_bulk(request) || sync_folder(request->out, err));
    explicit_bzero(issued, count * sizeof *issued);
    free(issued);
    return ok;
}

static bool issue_all(struct issue_request *request, struct authority *authority,
                      struct authority *other, json_t *list, struct wg_error *err)
{
    wg_time now = wg_now();
    size_t part = is_bulk(request) ? BULK_PART : 1;
    for (size_t i = 0; i < request->name_count; i++)
        if (!name_check(request->kind->domain, request->names[i], &authority->ledger,
                        other ? &other->ledger : NULL, now, err))
            return false;
    for (size_t i = 0; i < request->name_count; i += part) {
        size_t left = request->name_count - i;
        if (!issue_part(request, authority, i, left < part ? left : part, now, list, err))
            return false;
    }
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
        (void)printf("%s/%s.crt%s: %s, %d days\n", request->out, name,
                     request->has_key ? "" : " and .key", request->kind->word, request->leaf.days);
    }
}

static void clear_request(struct issue_request *request)
{
    free(request->names);
    wg_buf_clear(&request->names_text);
}

bool pki_issue_run(const struct args *args, struct wg_error *err)
{
    struct issue_request request = {.kind = NULL};
    struct authority authority = {0}, other = {0};
    wg_buf_init(&request.names_text, NAMES_BYTES_MAX);
    if (!read_request(args, &request, err) || !request.kind || !authority_lock(request.pki, err) ||
        !wg_folder_make(request.out, 0755, err)) {
        clear_request(&request);
        return false;
    }
    bool shares = request.kind->domain != DOMAIN_OPERATOR;
    enum domain beside = request.kind->domain == DOMAIN_DEVICE ? DOMAIN_SERVER : DOMAIN_DEVICE;
    json_t *list = json_array();
    bool ok = list && authority_open(request.pki, request.kind->domain, &authority, err) &&
              (!shares || authority_open(request.pki, beside, &other, err)) &&
              issue_all(&request, &authority, shares ? &other : NULL, list, err);
    if (ok) print_issued(args, &request, list);
    json_decref(list);
    authority_clear(&authority);
    authority_clear(&other);
    clear_request(&request);
    return ok;
}
