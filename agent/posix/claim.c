/* claim.c: keys, certificate and token as files. */
#include "agent/posix/claim.h"

#include "common/age/key.h"
#include "common/posix/file.h"
#include "common/posix/identity_file.h"
#include "common/posix/secrets.h"
#include "common/posix/token_uri.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define PAIR_BYTES_MAX ((size_t)WG_CHAIN_MAX + WG_IDENTITY_PEM_MAX)
#define BEGIN_CERTIFICATE "-----BEGIN CERTIFICATE-----"

static void wipe(struct wg_buf *buf)
{
    if (buf->data) explicit_bzero(buf->data, buf->cap);
    wg_buf_clear(buf);
}

static bool is_there(const char *file)
{
    struct stat info;
    return lstat(file, &info) == 0;
}

static bool folder_of(const char *file, char out[PATH_MAX], struct wg_error *err)
{
    const char *slash = strrchr(file, '/');
    size_t len = slash && slash > file ? (size_t)(slash - file) : 1;
    return wg_copy_n(out, PATH_MAX, slash ? file : ".", len) ||
           wg_fail(err, WG_E_LIMIT, "%s: the path is too long", file);
}

static bool make_folder_of(const char *file, struct wg_error *err)
{
    char folder[PATH_MAX];
    return folder_of(file, folder, err) && wg_folder_make(folder, 0755, err);
}

static bool lock_state(struct claim *claim, struct wg_error *err)
{
    char path[PATH_MAX];
    const char *state = claim->settings->state;
    if (!wg_folder_make(state, 0700, err) || !wg_path_join(path, sizeof path, state, "lock", err))
        return false;
    claim->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (claim->lock < 0) return wg_fail_errno(err, "%s", path);
    return flock(claim->lock, LOCK_EX | LOCK_NB) == 0 ||
           wg_fail(err, WG_E_CONFLICT, "%s is in use by an agent: it has its certificate", state);
}

static bool read_pair_file(const char *file, struct wg_buf *out, struct wg_error *err)
{
    wg_buf_init(out, PAIR_BYTES_MAX);
    return wg_file_read(file, out, err);
}

static bool write_key(const char *file, const struct device_key *key, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, PAIR_BYTES_MAX);
    bool ok = make_folder_of(file, err) && device_key_write(key, &text, err) &&
              wg_file_replace(file, text.data, text.len, 0600, err);
    wipe(&text);
    return ok;
}

static bool make_key(struct claim *claim, struct wg_error *err)
{
    const char *where = claim->settings->key;
    bool in_token = wg_token_uri_is(where);
    return device_key_make(in_token ? where : NULL, WG_IDENTITY_ED25519, &claim->key, err) &&
           (in_token || write_key(where, &claim->key, err));
}

/* *has: it is there, and read. */
static bool read_key(struct claim *claim, bool *has, struct wg_error *err)
{
    struct wg_error problem = {0};
    const char *where = claim->settings->key;
    *has = wg_token_uri_is(where) || is_there(where);
    if (!*has || device_key_load(where, &claim->key, &problem)) return true;
    *has = false;
    if (wg_token_uri_is(where) && problem.code == WG_E_NOT_FOUND) return true;
    *err = problem;
    return false;
}

static bool make_age_key(const char *file, struct age_identity *age, struct wg_error *err)
{
    char secret[AGE_BECH32_TEXT], public[AGE_BECH32_TEXT];
    struct wg_buf text;
    wg_buf_init(&text, 512);
    bool ok = make_folder_of(file, err) && age_identity_make(age, err) &&
              age_identity_write(age, secret, err) &&
              age_recipient_write(&age->recipient, public, err);
    if (ok) wg_buf_printf(&text, "# public key: %s\n%s\n", public, secret);
    ok = ok && wg_buf_check(&text, err, "age key") &&
         wg_file_replace(file, text.data, text.len, 0600, err);
    explicit_bzero(secret, sizeof secret);
    wipe(&text);
    return ok;
}

static bool have_age_key(struct claim *claim, struct wg_error *err)
{
    struct age_identity age = {.secret = {0}};
    char text[AGE_BECH32_TEXT];
    const char *file = claim->settings->age_key;
    if (!file[0])
        return wg_fail(err, WG_E_BAD_FILE,
                       "age_key: a claim needs a file for the device's age key");
    bool ok =
        (is_there(file) ? identity_file_load(file, &age, err) : make_age_key(file, &age, err)) &&
        age_recipient_write(&age.recipient, text, err) &&
        wg_copy(claim->request.age_key, sizeof claim->request.age_key, text);
    age_identity_clear(&age);
    return ok;
}

static bool read_token(struct claim *claim, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, (size_t)2 * WG_CLAIM_TOKEN_MAX);
    bool ok =
        wg_secret_path_check(claim->token_file, err) && wg_file_read(claim->token_file, &text, err);
    const char *line = wg_buf_str(&text);
    if (ok)
        ok = (line[0] && wg_copy_n(claim->request.token, sizeof claim->request.token, line,
                                   strcspn(line, "\r\n"))) ||
             wg_fail(err, WG_E_BAD_FILE, "%s: this is no token", claim->token_file);
    wipe(&text);
    return ok;
}

static bool make_request(struct claim *claim, struct wg_error *err)
{
    struct wg_claim_request *request = &claim->request;
    const struct wg_hello *hardware = &claim->settings->core.identity;
    struct wg_buf der;
    (void)wg_copy(request->device, sizeof request->device, claim->settings->core.device);
    (void)wg_copy(request->hardware_model, sizeof request->hardware_model,
                  hardware->hardware_model);
    (void)wg_copy(request->hardware_revision, sizeof request->hardware_revision,
                  hardware->hardware_revision);
    wg_buf_init(&der, sizeof request->csr);
    const struct wg_identity_signer signer = device_key_signer(&claim->key);
    bool ok =
        wg_csr_make_by(request->device, &signer, &der, err) && wg_buf_check(&der, err, "a request");
    if (ok) memcpy(request->csr, der.data, request->csr_len = der.len);
    wg_buf_clear(&der);
    return ok;
}

/* The first certificate of a chain, its DER, and what stands behind it. */
static bool read_leaf(const char *chain, struct wg_x509 *leaf, uint8_t der[WG_X509_MAX],
                      size_t *len, const char **rest, struct wg_error *err)
{
    const char *first = strstr(chain, BEGIN_CERTIFICATE);
    if (!first) return wg_fail(err, WG_E_VERIFY, "there is no certificate");
    *rest = strstr(first + 1, BEGIN_CERTIFICATE);
    return wg_x509_from_pem(first, strlen(first), der, len, err) &&
           wg_x509_read(der, *len, leaf, err);
}

static bool is_ours(const struct claim *claim, const struct wg_x509 *leaf)
{
    return wg_identity_same(&leaf->key, &claim->key.public_key) &&
           strcmp(leaf->name, claim->settings->core.device) == 0 && !leaf->is_authority;
}

/* A certificate of ours that has ended is asked for anew. */
static bool look_at_certificate(struct claim *claim, struct wg_error *err)
{
    struct wg_x509 leaf = {.not_after = 0};
    struct wg_buf text;
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    const char *rest, *file = claim->settings->certificate;
    if (!is_there(file)) return true;
    bool ok = read_pair_file(file, &text, err);
    bool has_one = ok && strstr(wg_buf_str(&text), BEGIN_CERTIFICATE);
    ok = ok && (!has_one || read_leaf(wg_buf_str(&text), &leaf, der, &len, &rest, err));
    wipe(&text);
    if (!ok) return wg_context(err, "%s", file);
    if (!has_one) return true; /* the key alone, in the file for both */
    claim->done = leaf.not_after > wg_now();
    claim->not_after = leaf.not_after;
    return is_ours(claim, &leaf) ||
           wg_fail(err, WG_E_CONFLICT,
                   "%s: there is a certificate of another device or key: to claim anew, remove it "
                   "and its key",
                   file);
}

static bool prepare(struct claim *claim, struct wg_error *err)
{
    const struct settings *settings = claim->settings;
    bool has_key = false;
    if (!read_key(claim, &has_key, err)) return false;
    if (!has_key && is_there(settings->certificate))
        return wg_fail(err, WG_E_CONFLICT, "%s: there is a certificate, and no key in %s",
                       settings->certificate, settings->key);
    if (has_key && !look_at_certificate(claim, err)) return false;
    if (claim->done) return true;
    return read_token(claim, err) && (has_key || make_key(claim, err)) &&
           have_age_key(claim, err) && make_request(claim, err);
}

bool claim_open(struct claim *claim, const struct settings *settings, const char *token_file,
                struct wg_error *err)
{
    memset(claim, 0, sizeof *claim);
    claim->settings = settings;
    claim->token_file = token_file;
    claim->lock = -1;
    return lock_state(claim, err) && prepare(claim, err);
}

void claim_close(struct claim *claim)
{
    if (claim->lock >= 0) (void)close(claim->lock);
    claim->lock = -1;
    device_key_clear(&claim->key);
    explicit_bzero(claim->request.token, sizeof claim->request.token);
}

static bool check_chain(struct claim *claim, const char *chain, struct wg_error *err)
{
    struct wg_x509 leaf = {.not_after = 0}, issuer = leaf;
    uint8_t der[WG_X509_MAX], issuer_der[WG_X509_MAX];
    size_t len = 0, issuer_len = 0;
    const char *rest = NULL, *end = NULL;
    if (strncmp(chain, BEGIN_CERTIFICATE, strlen(BEGIN_CERTIFICATE)) != 0)
        return wg_fail(err, WG_E_VERIFY, "a chain begins with the certificate");
    if (!read_leaf(chain, &leaf, der, &len, &rest, err)) return false;
    if (!is_ours(claim, &leaf))
        return wg_fail(err, WG_E_VERIFY, "the certificate is for another device or key");
    if (!rest) return wg_fail(err, WG_E_VERIFY, "there is no issuing certificate with it");
    claim->not_after = leaf.not_after;
    return read_leaf(rest, &issuer, issuer_der, &issuer_len, &end, err) &&
           wg_x509_check(der, len, &issuer.key, err);
}

static bool same_member(const json_t *body, const char *key, const char *expected)
{
    const char *text = json_string_value(json_object_get(body, key));
    return text && strcmp(text, expected) == 0;
}

/* Whose signature it bears is for others to judge; here it counts that nobody is told of another
 * age key, to which all would be sealed that comes. */
static bool check_record(const struct claim *claim, const char *record, struct wg_error *err)
{
    char hex[2 * WG_SPKI_MAX + 1];
    struct wg_buf der;
    wg_buf_init(&der, WG_SPKI_MAX);
    wg_identity_spki(&claim->key.public_key, &der);
    wg_hex(wg_buf_str(&der), der.len, hex);
    wg_buf_clear(&der);
    json_t *json = wg_json_parse(record, strlen(record), WG_CLAIM_RECORD_MAX, err);
    const json_t *body = json_object_get(json, "signed");
    bool same = same_member(body, "device", claim->settings->core.device) &&
                same_member(body, "age_key", claim->request.age_key) &&
                same_member(body, "identity_key", hex);
    json_decref(json);
    return same ||
           wg_fail(err, WG_E_VERIFY, "the enrolment record is for another device or another key");
}

static bool write_certificate(const struct claim *claim, const char *chain, struct wg_error *err)
{
    const struct settings *settings = claim->settings;
    struct wg_buf text;
    if (strcmp(settings->certificate, settings->key) != 0)
        return make_folder_of(settings->certificate, err) &&
               wg_file_replace(settings->certificate, chain, strlen(chain), 0644, err);
    wg_buf_init(&text, PAIR_BYTES_MAX);
    wg_buf_text(&text, chain);
    bool ok = device_key_write(&claim->key, &text, err) &&
              wg_file_replace(settings->key, text.data, text.len, 0600, err);
    wipe(&text);
    return ok;
}

bool claim_keep(struct claim *claim, const struct wg_claim_answer *answer, struct wg_error *err)
{
    return (check_chain(claim, answer->chain, err) && check_record(claim, answer->record, err) &&
            write_certificate(claim, answer->chain, err)) ||
           wg_context(err, "the answer to the claim");
}

bool claim_finish(struct claim *claim, struct wg_error *err)
{
    char folder[PATH_MAX];
    if (unlink(claim->token_file) != 0)
        return errno == ENOENT || wg_fail_errno(err, "removing %s", claim->token_file);
    return folder_of(claim->token_file, folder, err) && wg_folder_sync(folder, err);
}
