/* renewal.c: pairs in files. */
#include "agent/posix/renewal.h"

#include "common/log.h"
#include "common/posix/file.h"

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

/* Others must not be able to read a secret key. */
static bool check_mode(const char *file, struct wg_error *err)
{
    struct stat info;
    if (stat(file, &info) != 0) return wg_fail_errno(err, "%s", file);
    return !(info.st_mode & (S_IRWXG | S_IRWXO)) ||
           wg_fail(err, WG_E_DENIED, "%s: others may read this key (mode %03o): chmod 600 it", file,
                   (unsigned)(info.st_mode & 0777));
}

static bool load_key(const char *file, struct wg_identity_key *out, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, PAIR_BYTES_MAX);
    bool ok = check_mode(file, err) && wg_file_read(file, &text, err) &&
              (wg_identity_from_pem(wg_buf_str(&text), text.len, out, err) ||
               wg_context(err, "%s", file));
    wipe(&text);
    return ok;
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

/* What the next file holds. */
static bool look_at_next(struct renewal_store *store, struct wg_error *err)
{
    struct wg_identity_key key;
    struct wg_x509 read;
    struct wg_buf text;
    store->has_next = RENEWAL_NEXT_NONE;
    if (!is_there(store->next.key)) return true;
    wg_buf_init(&text, PAIR_BYTES_MAX);
    bool ok = load_key(store->next.key, &key, err) && wg_file_read(store->next.key, &text, err);
    bool has_chain = ok && strstr(wg_buf_str(&text), BEGIN_CERTIFICATE) != NULL;
    wipe(&text);
    if (has_chain)
        ok = load_certificate(store->next.certificate, &read, NULL, NULL, err) &&
             (wg_identity_same(&read.key, &key.public_key) ||
              wg_fail(err, WG_E_VERIFY, "key and certificate are of two pairs"));
    wg_identity_clear(&key);
    if (ok) store->has_next = has_chain ? RENEWAL_NEXT_PAIR : RENEWAL_NEXT_KEY;
    return ok;
}

/* A renewal can be begun anew; a device that does not start for it cannot. */
static bool set_aside(struct renewal_store *store, struct wg_error *err)
{
    char damaged[PATH_MAX];
    if (!wg_path_join(damaged, sizeof damaged, store->state, DAMAGED_FILE, err)) return false;
    return rename(store->next.key, damaged) == 0 ||
           wg_fail_errno(err, "setting %s aside", store->next.key);
}

/* The renewed pair, unless there is none, or somebody has given the device a newer one by hand. */
static bool choose_present(struct renewal_store *store, const struct renewal_pair *factory,
                           struct wg_error *err)
{
    struct wg_x509 given = {.not_before = 0};
    struct wg_error problem = {0};
    bool renewed = is_there(store->present.key);
    if (renewed &&
        !load_certificate(store->present.certificate, &store->present_x509, NULL, NULL, err))
        return false;
    if (renewed && (!load_certificate(factory->certificate, &given, NULL, NULL, &problem) ||
                    given.not_before <= store->present_x509.not_before))
        return true;
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
    if (!choose_present(store, factory, err)) return false;
    (void)wg_copy(store->device, sizeof store->device, store->present_x509.name);
    if (look_at_next(store, &problem)) return true;
    wg_log_error("the next identity cannot be used, it is set aside", &problem);
    return set_aside(store, err);
}

bool renewal_store_make_key(struct renewal_store *store, struct wg_error *err)
{
    struct wg_identity_key key;
    char pem[WG_IDENTITY_PEM_MAX];
    bool ok = wg_identity_make(store->present_x509.key.kind, &key, err) &&
              wg_identity_to_pem(&key, pem, err) &&
              wg_file_replace(store->next.key, pem, strlen(pem), 0600, err);
    explicit_bzero(pem, sizeof pem);
    wg_identity_clear(&key);
    if (ok) store->has_next = RENEWAL_NEXT_KEY;
    return ok || wg_context(err, "making a new key");
}

static bool make_request(const struct renewal_store *store, struct wg_csr_message *out,
                         struct wg_error *err)
{
    struct wg_identity_key key;
    struct wg_buf der;
    wg_buf_init(&der, WG_CSR_DER_MAX);
    bool ok = load_key(store->next.key, &key, err) && wg_csr_make(store->device, &key, &der, err);
    if (ok) memcpy(out->csr, der.data, out->csr_len = der.len);
    wg_identity_clear(&key);
    wg_buf_clear(&der);
    return ok;
}

bool renewal_store_ask(const struct renewal_store *store, struct wg_buf *out, struct wg_error *err)
{
    struct wg_csr_message message = {.kind = WG_CSR_RENEW};
    struct wg_identity_key present;
    struct wg_x509 read;
    uint8_t der[WG_X509_MAX];
    size_t len = 0;
    if (!make_request(store, &message, err) ||
        !load_certificate(store->present.certificate, &read, der, &len, err))
        return false;
    if (len > sizeof message.certificate)
        return wg_fail(err, WG_E_LIMIT, "the certificate has more than %d bytes", WG_CSR_DER_MAX);
    memcpy(message.certificate, der, message.certificate_len = len);
    bool ok = load_key(store->present.key, &present, err) &&
              wg_csr_prove(&message, store->device, &present, err) &&
              wg_csr_message_encode(&message, out, err);
    wg_identity_clear(&present);
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

static bool write_pair(const struct renewal_store *store, const char *chain,
                       const struct wg_identity_key *key, struct wg_error *err)
{
    char pem[WG_IDENTITY_PEM_MAX];
    struct wg_buf text;
    wg_buf_init(&text, PAIR_BYTES_MAX);
    wg_buf_printf(&text, "%s%s", chain, chain[strlen(chain) - 1] == '\n' ? "" : "\n");
    bool ok = wg_identity_to_pem(key, pem, err);
    if (ok) wg_buf_text(&text, pem);
    ok = ok && wg_buf_check(&text, err, "identity") &&
         wg_file_replace(store->next.key, text.data, text.len, 0600, err);
    explicit_bzero(pem, sizeof pem);
    wipe(&text);
    return ok;
}

bool renewal_store_take(struct renewal_store *store, const struct wg_cert_message *answer,
                        struct wg_error *err)
{
    struct wg_identity_key key;
    if (answer->kind != WG_CERT_ISSUED || store->has_next == RENEWAL_NEXT_NONE)
        return wg_fail(err, WG_E_VERIFY, "no certificate was asked for");
    bool ok = load_key(store->next.key, &key, err) &&
              check_chain(store, answer->chain, &key.public_key, err) &&
              write_pair(store, answer->chain, &key, err);
    wg_identity_clear(&key);
    if (ok) store->has_next = RENEWAL_NEXT_PAIR;
    return ok || wg_context(err, "the renewed certificate");
}

bool renewal_store_tell(const struct renewal_store *store, struct wg_buf *out, struct wg_error *err)
{
    struct wg_csr_message message = {.kind = WG_CSR_USED};
    struct wg_identity_key key;
    struct wg_x509 read;
    if (!load_certificate(store->next.certificate, &read, NULL, NULL, err)) return false;
    (void)wg_copy(message.serial, sizeof message.serial, read.serial);
    bool ok = load_key(store->next.key, &key, err) &&
              wg_csr_prove(&message, store->device, &key, err) &&
              wg_csr_message_encode(&message, out, err);
    wg_identity_clear(&key);
    return ok;
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
    return wg_folder_sync(store->state, err);
}

bool renewal_store_drop(struct renewal_store *store, struct wg_error *err)
{
    if (unlink(store->next.key) != 0 && errno != ENOENT)
        return wg_fail_errno(err, "removing %s", store->next.key);
    store->has_next = RENEWAL_NEXT_NONE;
    return wg_folder_sync(store->state, err);
}
