/* authority.c: domains on disk. */
#include "pki/authority.h"

#include "common/posix/file.h"
#include "pki/enrolment_key.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PATH_SIZE 4096
#define TOKENS_MAX (2 * DOMAINS + 1)
#define CRL_PEM_MAX ((size_t)128 * 1024 * 1024)

static const char *const domains[DOMAINS] = {
    [DOMAIN_DEVICE] = "device", [DOMAIN_SERVER] = "server", [DOMAIN_OPERATOR] = "operator"};

static const char *const roles[] = {
    "owner", "rollout-admin", "repository-admin", "deployment-admin", "support", "auditor"};
#define ROLES (sizeof roles / sizeof roles[0])

static const struct kind kinds[] = {
    {"device", DOMAIN_DEVICE, ISSUE_CLIENT, POLICY_DEVICE},
    {"server", DOMAIN_SERVER, ISSUE_SERVER, POLICY_SERVER},
    {"service", DOMAIN_SERVER, ISSUE_CLIENT, POLICY_SERVICE},
    {"operator", DOMAIN_OPERATOR, ISSUE_CLIENT, POLICY_OPERATOR},
};
#define KINDS (sizeof kinds / sizeof kinds[0])

const struct kind *kind_find(const char *word)
{
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(word, kinds[i].word) == 0) return &kinds[i];
    return NULL;
}

bool role_is_known(const char *role)
{
    for (size_t i = 0; i < ROLES; i++)
        if (strcmp(role, roles[i]) == 0) return true;
    return false;
}

const char *domain_text(enum domain domain)
{
    return domains[domain];
}

/* token: what is written in place of a key; NULL: the key. */
static bool write_issuer(const char *folder, const char *name, const struct issuer *issuer,
                         const char *token, struct wg_error *err)
{
    char path[PATH_SIZE], file[64], pem[ISSUE_PEM_MAX], key[WG_IDENTITY_PEM_MAX];
    (void)snprintf(file, sizeof file, "%s.crt", name);
    if (!issue_pem(issuer, pem, err) || !wg_path_join(path, sizeof path, folder, file, err) ||
        !wg_file_replace(path, pem, strlen(pem), 0644, err))
        return false;
    (void)snprintf(file, sizeof file, "%s.key", name);
    if (!wg_path_join(path, sizeof path, folder, file, err)) return false;
    if (token) return key_place_write(path, token, err);
    bool ok = wg_identity_to_pem(&issuer->key, key, err) &&
              wg_file_replace(path, key, strlen(key), 0600, err);
    explicit_bzero(key, sizeof key);
    return ok;
}

static bool write_chain(const char *folder, const struct issuer *root, const struct issuer *issuing,
                        struct wg_error *err)
{
    char path[PATH_SIZE], pem[ISSUE_PEM_MAX * 2], second[ISSUE_PEM_MAX];
    if (!issue_pem(issuing, pem, err) || !issue_pem(root, second, err)) return false;
    (void)snprintf(pem + strlen(pem), sizeof pem - strlen(pem), "%s", second);
    return wg_path_join(path, sizeof path, folder, "chain.pem", err) &&
           wg_file_replace(path, pem, strlen(pem), 0644, err);
}

/* An issuing authority may name its own kinds alone, for their uses alone. */
static void scope_domain(enum domain domain, const char *units[FORM_UNITS_MAX],
                         struct issue_scope *scope)
{
    for (size_t i = 0; i < KINDS && domain != DOMAIN_OPERATOR; i++)
        if (kinds[i].domain == domain) units[scope->unit_count++] = kinds[i].word;
    for (size_t i = 0; i < ROLES && domain == DOMAIN_OPERATOR; i++)
        units[scope->unit_count++] = roles[i];
    scope->units = units;
    scope->client = true;
    scope->server = domain == DOMAIN_SERVER;
}

static void scope_issuing(enum domain domain, const struct policy *policy,
                          const char *units[FORM_UNITS_MAX], const char *hosts[FORM_HOSTS_MAX],
                          struct issue_scope *scope)
{
    scope->path = 0;
    scope->days = policy->days[POLICY_ISSUING];
    scope_domain(domain, units, scope);
    scope->hosts = hosts;
    scope->host_count = domain == DOMAIN_SERVER ? policy_hosts(policy, hosts) : 0;
}

/* With a fresh key, or the one in the token. parent NULL: a root. */
static bool make_authority(const struct issue_scope *scope, const struct issuer *parent,
                           const char *token, enum wg_identity_kind kind, wg_time now,
                           struct issuer *out, struct wg_error *err)
{
    if (!token) return issue_authority(scope, parent, kind, now, out, err);
    if (!issuer_open_token(out, token, err)) return false;
    struct wg_identity_public key = out->key.public_key;
    return issue_authority_for(scope, parent, &key, now, out, err);
}

static bool make_pair(enum domain domain, const struct policy *policy,
                      const struct authority_keys *keys, wg_time now, struct issuer *root,
                      struct issuer *issuing, struct wg_error *err)
{
    char name[64];
    const char *units[FORM_UNITS_MAX], *hosts[FORM_HOSTS_MAX];
    struct issue_scope scope = {.organisation = policy->organisation,
                                .name = name,
                                .path = 1,
                                .days = policy->days[POLICY_ROOT]};
    (void)snprintf(name, sizeof name, "Wavegate %s root", domains[domain]);
    if (!make_authority(&scope, NULL, keys->root_tokens[domain], keys->kind, now, root, err))
        return false;
    (void)snprintf(name, sizeof name, "Wavegate %s issuing", domains[domain]);
    scope_issuing(domain, policy, units, hosts, &scope);
    return make_authority(&scope, root, keys->tokens[domain], keys->kind, now, issuing, err);
}

static bool init_domain(const char *folder, enum domain domain, const struct policy *policy,
                        const struct authority_keys *keys, wg_time now, struct wg_error *err)
{
    char path[PATH_SIZE];
    struct issuer root = {0}, issuing = {0};
    if (!wg_path_join(path, sizeof path, folder, domains[domain], err) ||
        !wg_folder_make(path, 0755, err))
        return false;
    bool ok = make_pair(domain, policy, keys, now, &root, &issuing, err) &&
              write_issuer(path, "root", &root, keys->root_tokens[domain], err) &&
              write_issuer(path, "issuing", &issuing, keys->tokens[domain], err) &&
              write_chain(path, &root, &issuing, err);
    issuer_clear(&root);
    issuer_clear(&issuing);
    return ok;
}

struct wg_signing_key *authority_enrolment_key(const char *folder, struct wg_error *err)
{
    struct wg_signing_key *key = enrolment_key_open(folder, err);
    if (!key) (void)wg_context(err, "enrolment key");
    return key;
}

static bool init_enrolment(const char *folder, const struct authority_keys *keys,
                           struct wg_error *err)
{
    bool ok = keys->enrolment_token ? enrolment_key_name(folder, keys->enrolment_token, err)
                                    : enrolment_key_make(folder, keys->kind, err);
    return ok || wg_context(err, "enrolment key");
}

static bool copy_into(const char *folder, const char *domain, const char *file, struct wg_buf *out,
                      struct wg_error *err)
{
    char path[PATH_SIZE];
    int len = snprintf(path, sizeof path, "%s/%s/%s", folder, domain, file);
    if (len < 0 || (size_t)len >= sizeof path)
        return wg_fail(err, WG_E_LIMIT, "%s: the path is too long", folder);
    return wg_file_read(path, out, err);
}

/* Devices and the orchestrator's services are the clients of a broker. */
static bool write_for_broker(const char *folder, const char *from, const char *to,
                             struct wg_error *err)
{
    struct wg_buf pem;
    char path[PATH_SIZE];
    wg_buf_init(&pem, CRL_PEM_MAX);
    int len = snprintf(path, sizeof path, "%s/broker/%s", folder, to);
    bool ok = ((len >= 0 && (size_t)len < sizeof path) ||
               wg_fail(err, WG_E_LIMIT, "%s: the path is too long", folder)) &&
              copy_into(folder, domains[DOMAIN_DEVICE], from, &pem, err) &&
              copy_into(folder, domains[DOMAIN_SERVER], from, &pem, err) &&
              wg_file_replace(path, wg_buf_str(&pem), pem.len, 0644, err);
    wg_buf_clear(&pem);
    return ok;
}

static bool init_broker(const char *folder, const struct policy *policy, wg_time now,
                        struct wg_error *err)
{
    char path[PATH_SIZE];
    wg_time ends = 0;
    return wg_path_join(path, sizeof path, folder, "broker", err) &&
           wg_folder_make(path, 0755, err) &&
           write_for_broker(folder, "chain.pem", "trust.pem", err) &&
           authority_write_crls(folder, now, policy->days[POLICY_CRL], &ends, err);
}

/* Each of them opens, and none is there twice. */
static bool try_tokens(const char *const *uris, size_t count, struct wg_error *err)
{
    char seen[TOKENS_MAX][WG_SHA256_HEX];
    size_t known = 0;
    for (size_t i = 0; i < count; i++) {
        if (!uris[i]) continue;
        struct wg_signing_key *key = key_place_open_token(uris[i], err);
        bool ok = key && wg_identity_id(wg_signing_key_public(key), seen[known], err);
        wg_signing_key_free(key);
        if (!ok) return wg_context(err, "%s", uris[i]);
        for (size_t j = 0; j < known; j++)
            if (strcmp(seen[j], seen[known]) == 0)
                return wg_fail(err, WG_E_USAGE, "%s: this key is named for something else too",
                               uris[i]);
        known++;
    }
    return true;
}

static bool check_tokens(const struct authority_keys *keys, struct wg_error *err)
{
    const char *uris[TOKENS_MAX] = {keys->enrolment_token};
    memcpy(uris + 1, keys->root_tokens, sizeof keys->root_tokens);
    memcpy(uris + 1 + DOMAINS, keys->tokens, sizeof keys->tokens);
    return try_tokens(uris, TOKENS_MAX, err);
}

bool authority_init_all(const char *folder, const struct policy *policy,
                        const struct authority_keys *keys, wg_time now, struct wg_error *err)
{
    char path[PATH_SIZE];
    struct stat info;
    if (!wg_path_join(path, sizeof path, folder, domains[DOMAIN_DEVICE], err)) return false;
    if (stat(path, &info) == 0)
        return wg_fail(err, WG_E_CONFLICT, "%s holds authorities already: nothing was changed",
                       folder);
    if (!check_tokens(keys, err) || !wg_folder_make(folder, 0755, err) ||
        !authority_lock(folder, err) || !policy_save(policy, folder, err))
        return false;
    for (int domain = 0; domain < DOMAINS; domain++)
        if (!init_domain(folder, (enum domain)domain, policy, keys, now, err)) return false;
    return init_enrolment(folder, keys, err) && init_broker(folder, policy, now, err);
}

#define ID_SHOWN 8 /* digits of a key's id that tell two authorities apart */

/* Of the authority in the folder, or of none that can be read: "". */
static void present_id(const char *folder, char id[WG_SHA256_HEX])
{
    char path[PATH_SIZE];
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    struct wg_x509 read;
    struct wg_buf pem;
    wg_buf_init(&pem, ISSUE_PEM_MAX);
    if (!wg_path_join(path, sizeof path, folder, "issuing.crt", NULL) ||
        !wg_file_read(path, &pem, NULL) ||
        !wg_x509_from_pem(wg_buf_str(&pem), pem.len, der, &len, NULL) ||
        !wg_x509_read(der, len, &read, NULL) || !wg_identity_id(&read.key, id, NULL))
        id[0] = '\0';
    wg_buf_clear(&pem);
}

static bool keep_file(const char *folder, const char *id, const char *ending, mode_t mode,
                      struct wg_error *err)
{
    char from[PATH_SIZE], to[PATH_SIZE], name[64];
    struct wg_buf bytes;
    wg_buf_init(&bytes, ISSUE_PEM_MAX);
    (void)snprintf(name, sizeof name, "issuing.%s", ending);
    bool ok = wg_path_join(from, sizeof from, folder, name, err) && wg_file_read(from, &bytes, err);
    (void)snprintf(name, sizeof name, "issuing-%.*s.%s", ID_SHOWN, id, ending);
    ok = ok && wg_path_join(to, sizeof to, folder, name, err) &&
         wg_file_replace(to, bytes.data, bytes.len, mode, err);
    if (bytes.data) explicit_bzero(bytes.data, bytes.cap);
    wg_buf_clear(&bytes);
    return ok;
}

/* Its name has its key's id: what issues is found by name. */
static bool make_successor(const char *folder, const struct policy *policy, const char *root_key,
                           const char *id, wg_time now, struct issuer *out, struct wg_error *err)
{
    char certificate[PATH_SIZE], key[PATH_SIZE], name[64];
    const char *units[FORM_UNITS_MAX], *hosts[FORM_HOSTS_MAX];
    struct issue_scope scope = {.organisation = policy->organisation, .name = name};
    struct issuer root = {0};
    struct wg_identity_public public = out->key.public_key;
    (void)snprintf(name, sizeof name, "Wavegate %s issuing %.*s", domains[DOMAIN_SERVER], ID_SHOWN,
                   id);
    scope_issuing(DOMAIN_SERVER, policy, units, hosts, &scope);
    bool ok = wg_path_join(certificate, sizeof certificate, folder, "root.crt", err) &&
              wg_path_join(key, sizeof key, folder, "root.key", err) &&
              issuer_load(certificate, root_key ? root_key : key, &root, err) &&
              issue_authority_for(&scope, &root, &public, now, out, err) &&
              write_issuer(folder, "issuing", out, NULL, err) &&
              write_chain(folder, &root, out, err);
    issuer_clear(&root);
    return ok;
}

bool authority_replace_server(const char *folder, const struct wg_identity_key *key,
                              const char *root_key, wg_time now, struct wg_error *err)
{
    char path[PATH_SIZE], id[WG_SHA256_HEX], old[WG_SHA256_HEX];
    struct policy policy;
    struct authority server;
    struct issuer issuing = {.key = *key};
    present_id(wg_path_join(path, sizeof path, folder, domains[DOMAIN_SERVER], NULL) ? path : "",
               old);
    bool ok = wg_identity_id(&key->public_key, id, err) && policy_load(&policy, folder, err);
    if (ok && old[0] && strcmp(old, id) != 0)
        ok = keep_file(path, old, "crt", 0644, err) && keep_file(path, old, "key", 0600, err);
    ok = ok && make_successor(path, &policy, root_key, id, now, &issuing, err) &&
         write_for_broker(folder, "chain.pem", "trust.pem", err);
    issuer_clear(&issuing);
    if (!ok) return false;
    ok = authority_open(folder, DOMAIN_SERVER, &server, err) &&
         authority_write_crl(folder, &server, now, policy.days[POLICY_CRL], err);
    authority_clear(&server);
    return ok;
}

bool authority_lock_now(const char *folder, int *lock, struct wg_error *err)
{
    char path[PATH_SIZE];
    *lock = -1;
    if (!wg_path_join(path, sizeof path, folder, "lock", err)) return false;
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (fd < 0) {
        if (errno == ENOENT)
            return wg_fail(err, WG_E_NOT_FOUND, "%s: no authorities here: wavegate-pki init %s",
                           folder, folder);
        return wg_fail_errno(err, "%s", path);
    }
    *lock = fd;
    if (flock(fd, LOCK_EX) == 0) return true;
    (void)wg_fail_errno(err, "locking %s", path);
    authority_unlock(fd);
    return false;
}

void authority_unlock(int fd)
{
    if (fd >= 0) (void)close(fd);
}

bool authority_lock(const char *folder, struct wg_error *err)
{
    int fd = -1; /* kept open: the lock ends with the process */
    return authority_lock_now(folder, &fd, err);
}

bool authority_open(const char *folder, enum domain domain, struct authority *out,
                    struct wg_error *err)
{
    char certificate[PATH_SIZE + 16], key[PATH_SIZE + 16], ledger[PATH_SIZE + 16];
    *out = (struct authority){.domain = domain};
    ledger_init(&out->ledger);
    if (!wg_path_join(out->folder, sizeof out->folder, folder, domains[domain], err)) return false;
    return (wg_path_join(certificate, sizeof certificate, out->folder, "issuing.crt", err) &&
            wg_path_join(key, sizeof key, out->folder, "issuing.key", err) &&
            wg_path_join(ledger, sizeof ledger, out->folder, "ledger", err) &&
            policy_load(&out->policy, folder, err) &&
            issuer_load(certificate, key, &out->issuing, err) &&
            ledger_load(&out->ledger, ledger, err)) ||
           wg_context(err, "%s authority", domains[domain]);
}

void authority_clear(struct authority *authority)
{
    issuer_clear(&authority->issuing);
    ledger_clear(&authority->ledger);
}

bool authority_save(const struct authority *authority, struct wg_error *err)
{
    char path[PATH_SIZE + 16];
    return wg_path_join(path, sizeof path, authority->folder, "ledger", err) &&
           ledger_save(&authority->ledger, path, err);
}

bool authority_note(struct authority *authority, const struct kind *kind, const char *name,
                    const char *role, const struct issued *issued, struct wg_error *err)
{
    struct ledger_entry entry = {.not_after = issued->not_after};
    (void)wg_copy(entry.serial, sizeof entry.serial, issued->serial);
    (void)wg_copy(entry.name, sizeof entry.name, name);
    (void)wg_copy(entry.kind, sizeof entry.kind, kind->word);
    if (role) (void)wg_copy(entry.role, sizeof entry.role, role);
    return ledger_add(&authority->ledger, &entry, err);
}

bool authority_enter(struct authority *authority, const struct kind *kind, const char *name,
                     const char *role, const struct issued *issued, struct wg_error *err)
{
    char path[PATH_SIZE + 16];
    return authority_note(authority, kind, name, role, issued, err) &&
           wg_path_join(path, sizeof path, authority->folder, "ledger", err) &&
           ledger_append_last(&authority->ledger, path, err);
}

bool authority_issuing_pem(const struct authority *authority, struct wg_buf *out,
                           struct wg_error *err)
{
    char pem[ISSUE_PEM_MAX];
    if (!issue_pem(&authority->issuing, pem, err)) return false;
    wg_buf_text(out, pem);
    return wg_buf_check(out, err, "the chain");
}

/* Each CRL has a number of its own, larger than the one before (RFC 5280, section 5.2.3). */
static bool next_number(const char *folder, int64_t *number, struct wg_error *err)
{
    char path[PATH_SIZE + 16], text[32];
    struct wg_buf stored;
    struct wg_error problem = {0};
    if (!wg_path_join(path, sizeof path, folder, "crl.number", err)) return false;
    wg_buf_init(&stored, 64);
    bool there = wg_file_read(path, &stored, &problem);
    *number = there ? strtoll(wg_buf_str(&stored), NULL, 10) + 1 : 1;
    wg_buf_clear(&stored);
    if (!there && problem.code != WG_E_NOT_FOUND) {
        if (err) *err = problem;
        return false;
    }
    int len = snprintf(text, sizeof text, "%lld\n", (long long)*number);
    return wg_file_replace(path, text, (size_t)len, 0644, err);
}

static bool write_crl(const struct authority *authority, wg_time now, wg_time ends,
                      struct wg_error *err)
{
    char path[PATH_SIZE + 16];
    int64_t number = 0;
    struct wg_buf pem;
    wg_buf_init(&pem, CRL_PEM_MAX);
    bool ok = next_number(authority->folder, &number, err) &&
              crl_make(&authority->issuing, &authority->ledger, number, now, ends, &pem, err) &&
              wg_path_join(path, sizeof path, authority->folder, "crl.pem", err) &&
              wg_file_replace(path, wg_buf_str(&pem), pem.len, 0644, err);
    wg_buf_clear(&pem);
    return ok;
}

bool authority_write_crl(const char *folder, const struct authority *authority, wg_time now,
                         int days, struct wg_error *err)
{
    return write_crl(authority, now, now + days * WG_DAY, err) &&
           write_for_broker(folder, "crl.pem", "crl.pem", err);
}

bool authority_write_crls(const char *folder, wg_time now, int days, wg_time *ends,
                          struct wg_error *err)
{
    *ends = now + days * WG_DAY;
    for (int domain = 0; domain < DOMAINS; domain++) {
        struct authority authority;
        bool ok = authority_open(folder, (enum domain)domain, &authority, err) &&
                  write_crl(&authority, now, *ends, err);
        authority_clear(&authority);
        if (!ok) return false;
    }
    return write_for_broker(folder, "crl.pem", "crl.pem", err);
}
