/* renewal.c: pairs in files. */
#include "agent/posix/renewal.h"

#include "agent/posix/device_key.h"
#include "common/log.h"
#include "common/posix/file.h"
#include "common/posix/kept.h"
#include "common/posix/secrets.h"
#include "common/posix/tls_token.h"
#include "common/posix/token_uri.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PRESENT_FILE "identity.pem"
#define NEXT_FILE "identity.next.pem"
#define DAMAGED_FILE "identity.next.pem.damaged"
#define PAIR_BYTES_MAX ((size_t)WG_CHAIN_MAX + WG_IDENTITY_PEM_MAX)
#define BEGIN_CERTIFICATE "-----BEGIN CERTIFICATE-----"

static bool is_there(const char *file)
{
    struct stat info;
    return stat(file, &info) == 0;
}

static void wipe(struct wg_buf *buf)
{
    if (buf->data) explicit_bzero(buf->data, buf->cap);
    wg_buf_clear(buf);
}

/* The first certificate of the file; der holds WG_X509_MAX, NULL: nobody asks. */
static bool load_certificate(const char *file, struct wg_x509 *out, uint8_t *der, size_t *der_len,
                             struct wg_error *err)
{
    uint8_t bytes[WG_X509_MAX];
    size_t len = 0;
    struct wg_buf text;
    wg_buf_init(&text, PAIR_BYTES_MAX);
    bool ok = wg_file_read(file, &text, err) &&
              ((wg_x509_from_pem(wg_buf_str(&text), text.len, bytes, &len, err) &&
                wg_x509_read(bytes, len, out, err)) ||
               wg_context(err, "%s", file));
    wipe(&text);
    if (ok && der) memcpy(der, bytes, *der_len = len);
    return ok;
}

static bool in_one_file(const char *state, const char *name, struct renewal_pair *out,
                        struct wg_error *err)
{
    if (!wg_path_join(out->certificate, sizeof out->certificate, state, name, err)) return false;
    return wg_copy(out->key, sizeof out->key, out->certificate);
}

/* Key and certificate of the next file, which is whole; a token need not be there for that. */
static bool check_next(const struct renewal_store *store, bool has_chain, struct wg_error *err)
{
    char uri[PATH_MAX];
    struct device_key key;
    struct wg_x509 read;
    bool in_token = tls_token_uri(store->next.key, uri, sizeof uri);
    if (has_chain && !load_certificate(store->next.certificate, &read, NULL, NULL, err))
        return false;
    if (in_token) return wg_secret_path_check(store->next.key, err);
    bool ok = device_key_load(store->next.key, &key, err) &&
              (!has_chain || wg_identity_same(&read.key, &key.public_key) ||
               wg_fail(err, WG_E_VERIFY, "key and certificate are of two pairs"));
    device_key_clear(&key);
    return ok;
}

/* What the next file holds. */
static bool look_at_next(struct renewal_store *store, struct wg_error *err)
{
    struct wg_buf text;
    store->has_next = RENEWAL_NEXT_NONE;
    if (!is_there(store->next.key)) return true;
    wg_buf_init(&text, PAIR_BYTES_MAX);
    bool ok = wg_file_read(store->next.key, &text, err);
    bool has_chain = ok && strstr(wg_buf_str(&text), BEGIN_CERTIFICATE) != NULL;
    wipe(&text);
    ok = ok && check_next(store, has_chain, err);
    if (ok) store->has_next = has_chain ? RENEWAL_NEXT_PAIR : RENEWAL_NEXT_KEY;
    return ok;
}

/* A renewal can be begun anew; a device that does not start for it cannot. */
static void set_aside(const struct renewal_store *store)
{
    char damaged[PATH_MAX];
    struct wg_error problem = {0};
    if (!wg_path_join(damaged, sizeof damaged, store->state, DAMAGED_FILE, &problem) ||
        (rename(store->next.key, damaged) != 0 &&
         !wg_fail_errno(&problem, "setting %s aside", store->next.key)))
        wg_log_error("the next identity stays where it is", &problem);
}

/* A whole pair in these bytes? A token need not be there for that. */
static bool check_pair(void *ctx, const char *bytes, size_t len, struct wg_error *err)
{
    struct wg_x509 *out = ctx, read;
    struct wg_identity_key key = {.secret = {0}};
    char uri[PATH_MAX];
    uint8_t der[WG_X509_MAX];
    size_t der_len = 0;
    bool in_token = tls_token_uri_in(bytes, uri, sizeof uri);
    if (!in_token && !wg_identity_from_pem(bytes, len, &key, err)) return false;
    bool ok = wg_x509_from_pem(bytes, len, der, &der_len, err) &&
              wg_x509_read(der, der_len, &read, err) &&
              (in_token || wg_identity_same(&read.key, &key.public_key) ||
               wg_fail(err, WG_E_VERIFY, "key and certificate are of two pairs"));
    wg_identity_clear(&key);
    if (ok) *out = read;
    return ok;
}

/* The renewed pair, unless there is none, or somebody has given the device a newer one by hand. */
static bool choose_present(struct renewal_store *store, const struct renewal_pair *factory,
                           struct wg_error *err)
{
    struct wg_x509 given = {.not_before = 0};
    struct wg_error problem = {0};
    enum kept_found found =
        kept_load(store->present.key, PAIR_BYTES_MAX, check_pair, &store->present_x509, err);
    if (found == KEPT_FAILED) return false;
    if (found == KEPT_WHOLE &&
        (!load_certificate(factory->certificate, &given, NULL, NULL, &problem) ||
         given.not_before <= store->present_x509.not_before))
        return true;
    if (found == KEPT_DAMAGED)
        wg_log(WG_LOG_WARN, "the renewed certificate is lost: back to the one of the settings",
               "file", store->present.key, NULL);
    store->present = *factory;
    return load_certificate(store->present.certificate, &store->present_x509, NULL, NULL, err);
}

bool renewal_store_open(struct renewal_store *store, const char *state,
                        const struct renewal_pair *factory, struct wg_error *err)
{
    struct wg_error problem = {0};
    memset(store, 0, sizeof *store);
    if (!wg_copy(store->state, sizeof store->state, state) ||
        !in_one_file(state, PRESENT_FILE, &store->present, err) ||
        !in_one_file(state, NEXT_FILE, &store->next, err))
        return false;
    if (wg_token_uri_is(factory->key))
        (void)wg_copy(store->token, sizeof store->token, factory->key);
    if (!choose_present(store, factory, err)) return false;
    (void)wg_copy(store->device, sizeof store->device, store->present_x509.name);
    if (look_at_next(store, &problem)) return true;
    wg_log_error("the next identity cannot be used, it is set aside", &problem);
    set_aside(store);
    return true;
}

/* Of the two names for renewed keys the one that the present key has not; "" in a file. */
static bool next_place(const struct renewal_store *store, char out[PATH_MAX], struct wg_error *err)
{
    char present[PATH_MAX];
    out[0] = '\0';
    if (!store->token[0]) return true;
    if (!device_key_numbered(store->token, 1, out, err)) return false;
    return !tls_token_uri(store->present.key, present, sizeof present) ||
           strcmp(present, out) != 0 || device_key_numbered(store->token, 2, out, err);
}

static bool write_next(const struct renewal_store *store, const char *chain,
                       const struct device_key *key, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, PAIR_BYTES_MAX);
    if (chain[0]) wg_buf_printf(&text, "%s%s", chain, chain[strlen(chain) - 1] == '\n' ? "" : "\n");
    bool ok = device_key_write(key, &text, err) &&
              wg_file_replace(store->next.key, text.data, text.len, 0600, err);
    wipe(&text);
    return ok;
}

wg_time renewal_store_ends(const struct renewal_store *store, bool of_next)
{
    struct wg_x509 next = {0};
    if (!of_next) return store->present_x509.not_after;
    return load_certificate(store->next.certificate, &next, NULL, NULL, NULL) ? next.not_after : 0;
}

bool renewal_store_make_key(struct renewal_store *store, struct wg_error *err)
{
    struct device_key key;
    char place[PATH_MAX];
    if (!next_place(store, place, err)) return wg_context(err, "making a new key");
    bool ok = device_key_make(place, store->present_x509.key.kind, &key, err) &&
              write_next(store, "", &key, err);
    device_key_clear(&key);
    if (ok) store->has_next = RENEWAL_NEXT_KEY;
    return ok || wg_context(err, "making a new key");
}

static bool make_request(const struct renewal_store *store, struct wg_csr_message *out,
                         struct wg_error *err)
{
    struct device_key key;
    struct wg_buf der;
    wg_buf_init(&der, WG_CSR_DER_MAX);
    const struct wg_identity_signer signer = device_key_signer(&key);
    bool ok = device_key_load(store->next.key, &key, err) &&
              wg_csr_make_by(store->device, &signer, &der, err);
    if (ok) memcpy(out->csr, der.data, out->csr_len = der.len);
    device_key_clear(&key);
    wg_buf_clear(&der);
    return ok;
}

bool renewal_store_ask(const struct renewal_store *store, struct wg_buf *out, struct wg_error *err)
{
    struct wg_csr_message message = {.kind = WG_CSR_RENEW};
    struct device_key present;
    struct wg_x509 read;
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    if (!make_request(store, &message, err) ||
        !load_certificate(store->present.certificate, &read, der, &len, err))
        return false;
    if (len > sizeof message.certificate)
        return wg_fail(err, WG_E_LIMIT, "the certificate has more than %d bytes", WG_CSR_DER_MAX);
    memcpy(message.certificate, der, message.certificate_len = len);
    const struct wg_identity_signer signer = device_key_signer(&present);
    bool ok = device_key_load(store->present.key, &present, err) &&
              wg_csr_prove_by(&message, store->device, &signer, err) &&
              wg_csr_message_encode(&message, out, err);
    device_key_clear(&present);
    return ok;
}

/* The second certificate of a chain. */
static bool issuer_of(const char *chain, struct wg_x509 *out, struct wg_error *err)
{
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    const char *first = strstr(chain, BEGIN_CERTIFICATE);
    const char *second = first ? strstr(first + 1, BEGIN_CERTIFICATE) : NULL;
    return second ? wg_x509_from_pem(second, strlen(second), der, &len, err) &&
                        wg_x509_read(der, len, out, err)
                  : wg_fail(err, WG_E_VERIFY, "there is no issuing certificate with it");
}

/* The authority that issued the present certificate issues the next one, or one that the pins name:
 * else whoever stands between could give the device a pair that only they take, and have it forget
 * the one that works. */
static bool check_issuer(const struct renewal_store *store, const struct wg_x509 *issuer,
                         struct wg_error *err)
{
    struct wg_x509 present;
    struct wg_buf text;
    if (store->pins && wg_pins_allow(store->pins, WG_PIN_DEVICE, &issuer->key)) return true;
    wg_buf_init(&text, PAIR_BYTES_MAX);
    bool ok = wg_file_read(store->present.certificate, &text, err) &&
              issuer_of(wg_buf_str(&text), &present, err);
    wipe(&text);
    if (!ok) return wg_context(err, "the present chain");
    return wg_identity_same(&present.key, &issuer->key) ||
           wg_fail(err, WG_E_VERIFY, "the certificate is of an authority that is not known here");
}

static bool check_chain(const struct renewal_store *store, const char *chain,
                        const struct wg_identity_public *key, struct wg_error *err)
{
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    struct wg_x509 leaf, issuer;
    if (strncmp(chain, BEGIN_CERTIFICATE, strlen(BEGIN_CERTIFICATE)) != 0)
        return wg_fail(err, WG_E_VERIFY, "a chain begins with the certificate");
    if (!wg_x509_from_pem(chain, strlen(chain), der, &len, err) ||
        !wg_x509_read(der, len, &leaf, err) || !issuer_of(chain, &issuer, err) ||
        !check_issuer(store, &issuer, err) || !wg_x509_check(der, len, &issuer.key, err))
        return false;
    if (!wg_identity_same(&leaf.key, key))
        return wg_fail(err, WG_E_VERIFY, "the certificate is for another key");
    return (strcmp(leaf.name, store->device) == 0 && !leaf.is_authority) ||
           wg_fail(err, WG_E_VERIFY, "the certificate is for another name");
}

bool renewal_store_take(struct renewal_store *store, const struct wg_cert_message *answer,
                        struct wg_error *err)
{
    struct device_key key;
    if (answer->kind != WG_CERT_ISSUED || store->has_next == RENEWAL_NEXT_NONE)
        return wg_fail(err, WG_E_VERIFY, "no certificate was asked for");
    bool ok = device_key_load(store->next.key, &key, err) &&
              check_chain(store, answer->chain, &key.public_key, err) &&
              write_next(store, answer->chain, &key, err);
    device_key_clear(&key);
    if (ok) store->has_next = RENEWAL_NEXT_PAIR;
    return ok || wg_context(err, "the renewed certificate");
}

bool renewal_store_tell(const struct renewal_store *store, struct wg_buf *out, struct wg_error *err)
{
    struct wg_csr_message message = {.kind = WG_CSR_USED};
    struct device_key key;
    struct wg_x509 read;
    if (!load_certificate(store->next.certificate, &read, NULL, NULL, err)) return false;
    (void)wg_copy(message.serial, sizeof message.serial, read.serial);
    const struct wg_identity_signer signer = device_key_signer(&key);
    bool ok = device_key_load(store->next.key, &key, err) &&
              wg_csr_prove_by(&message, store->device, &signer, err) &&
              wg_csr_message_encode(&message, out, err);
    device_key_clear(&key);
    return ok;
}

/* What was renewed is kept twice: the factory's pair may be of no use any more. */
static void keep_copy(const char *file)
{
    struct wg_buf text;
    struct wg_error problem = {0};
    wg_buf_init(&text, PAIR_BYTES_MAX);
    if (!wg_file_read(file, &text, &problem) ||
        !kept_save(file, wg_buf_str(&text), text.len, &problem))
        wg_log_error("the renewed certificate has no second copy", &problem);
    wipe(&text);
}

bool renewal_store_promote(struct renewal_store *store, const char *serial, struct wg_error *err)
{
    struct wg_x509 read;
    if (store->has_next != RENEWAL_NEXT_PAIR ||
        !load_certificate(store->next.certificate, &read, NULL, NULL, err) ||
        strcmp(read.serial, serial) != 0)
        return wg_fail(err, WG_E_VERIFY, "no certificate with that serial awaits its first use");
    struct renewal_pair present;
    if (!in_one_file(store->state, PRESENT_FILE, &present, err)) return false;
    if (rename(store->next.key, present.key) != 0)
        return wg_fail_errno(err, "replacing %s", present.key);
    store->present = present;
    store->present_x509 = read;
    store->has_next = RENEWAL_NEXT_NONE;
    if (!wg_folder_sync(store->state, err)) return false;
    keep_copy(present.key);
    return true;
}

bool renewal_store_drop(struct renewal_store *store, struct wg_error *err)
{
    if (unlink(store->next.key) != 0 && errno != ENOENT)
        return wg_fail_errno(err, "removing %s", store->next.key);
    store->has_next = RENEWAL_NEXT_NONE;
    return wg_folder_sync(store->state, err);
}
