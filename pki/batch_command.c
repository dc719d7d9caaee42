/* batch_command.c: `wavegate-pki batch`: credentials for a production lot.
 *
 * Everything is written into LOT.part, then the ledger, then the folder gets its name: what carries
 * the lot's name is whole, and all of it can be revoked. */
#include "common/pins.h"
#include "common/posix/file.h"
#include "pki/authority.h"
#include "pki/bundle.h"
#include "pki/commands.h"
#include "pki/lot.h"
#include "pki/name_check.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define PEM_FILE_MAX ((size_t)65536)
#define LINES_MAX ((size_t)8 * 1024 * 1024)

struct batch {
    const char *pki, *out;
    struct lot lot;
    struct age_recipient station;
    struct issue_leaf leaf;
    const struct kind *kind;
    struct authority authority;
    struct wg_signing_key *signer;
    struct wg_buf server_root;
    json_t *pins; /* NULL: none */
    char pins_key[WG_IDENTITY_PEM_MAX];
    char part[PATH_MAX], whole[PATH_MAX];
};

/* A lot whose devices could not read their pins would not start. */
static bool read_list(const char *file, const struct wg_identity_public *key, json_t **out,
                      struct wg_error *err)
{
    struct wg_pins pins;
    struct wg_buf text;
    wg_buf_init(&text, WG_PINS_BYTES_MAX);
    bool ok = wg_file_read(file, &text, err) &&
              wg_pins_read(wg_buf_str(&text), text.len, key, 1, 0, &pins, err);
    *out = ok ? wg_json_parse(wg_buf_str(&text), text.len, WG_PINS_BYTES_MAX, err) : NULL;
    wg_buf_clear(&text);
    return *out || wg_context(err, "--pins %s", file);
}

static bool read_pins(const struct args *args, struct batch *batch, struct wg_error *err)
{
    struct wg_identity_public key;
    const char *file = args_value(args, "pins"), *key_file = args_value(args, "pins-key");
    if (!file && !key_file) return true;
    if (!file || !key_file)
        return wg_fail(err, WG_E_USAGE, "--pins and --pins-key: expected both, or neither");
    return wg_identity_public_load(key_file, &key, err) &&
           wg_identity_public_to_pem(&key, batch->pins_key, err) &&
           read_list(file, &key, &batch->pins, err);
}

static bool read_leaf(const struct args *args, struct batch *batch, struct wg_error *err)
{
    const char *days = args_value(args, "days"), *key = args_value(args, "key");
    const struct policy *policy = &batch->authority.policy;
    char *end = NULL;
    long number = days ? strtol(days, &end, 10) : policy->days[POLICY_DEVICE];
    if ((days && (end == days || *end)) || number < 1 || number > POLICY_DAYS_MAX)
        return wg_fail(err, WG_E_USAGE, "--days: expected 1 to %d", POLICY_DAYS_MAX);
    if (key && strcmp(key, "p256") != 0 && strcmp(key, "ed25519") != 0)
        return wg_fail(err, WG_E_USAGE, "--key: expected ed25519 or p256, got \"%.40s\"", key);
    batch->kind = kind_find("device");
    batch->leaf = (struct issue_leaf){.organisation = policy->organisation,
                                      .unit = batch->kind->word,
                                      .usage = batch->kind->usage,
                                      .key = key && strcmp(key, "p256") == 0 ? WG_IDENTITY_P256
                                                                             : WG_IDENTITY_ED25519,
                                      .days = (int)number};
    return true;
}

static bool read_arguments(const struct args *args, struct batch *batch, struct wg_error *err)
{
    const char *name = args->positionals[0], *station = args_value(args, "station");
    batch->pki = args_has(args, "pki") ? args_value(args, "pki") : "pki";
    batch->out = args_has(args, "out") ? args_value(args, "out") : ".";
    if (!args_has(args, "devices") || !station)
        return wg_fail(err, WG_E_USAGE, "a lot needs --devices FILE and --station RECIPIENT");
    if (!wg_name_is_valid(name) || !wg_copy(batch->lot.name, sizeof batch->lot.name, name))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\" is no name for a lot", name);
    if (!age_recipient_read(station, &batch->station, err)) return wg_context(err, "--station");
    return age_recipient_write(&batch->station, batch->lot.station, err) &&
           read_pins(args, batch, err) && lot_read(&batch->lot, args_value(args, "devices"), err);
}

static bool open_all(const struct args *args, struct batch *batch, struct wg_error *err)
{
    char path[PATH_MAX];
    return authority_lock(batch->pki, err) &&
           authority_open(batch->pki, DOMAIN_DEVICE, &batch->authority, err) &&
           (batch->signer = authority_enrolment_key(batch->pki, err)) &&
           wg_path_join(path, sizeof path, batch->pki, "server/root.crt", err) &&
           wg_file_read(path, &batch->server_root, err) && read_leaf(args, batch, err);
}

static bool open_folder(struct batch *batch, struct wg_error *err)
{
    char name[WG_NAME_MAX + 8], bundles[PATH_MAX];
    struct stat info;
    (void)snprintf(name, sizeof name, "%s.part", batch->lot.name);
    if (!wg_folder_make(batch->out, 0755, err) ||
        !wg_path_join(batch->part, sizeof batch->part, batch->out, name, err) ||
        !wg_path_join(batch->whole, sizeof batch->whole, batch->out, batch->lot.name, err) ||
        !wg_path_join(bundles, sizeof bundles, batch->part, "bundles", err))
        return false;
    if (stat(batch->whole, &info) == 0 || stat(batch->part, &info) == 0)
        return wg_fail(err, WG_E_CONFLICT, "%s or %s exists: a lot is made once", batch->whole,
                       batch->part);
    return wg_folder_make(batch->part, 0755, err) && wg_folder_make(bundles, 0755, err);
}

static bool write_bundle(const struct batch *batch, struct lot_device *device,
                         const struct issued *issued, const char *age_identity,
                         struct wg_error *err)
{
    char path[PATH_MAX], name[WG_NAME_MAX + 16];
    struct wg_buf chain, sealed;
    wg_buf_init(&chain, (size_t)2 * ISSUE_PEM_MAX);
    wg_buf_init(&sealed, BUNDLE_MAX);
    wg_buf_text(&chain, issued->certificate);
    (void)snprintf(name, sizeof name, "bundles/%s.age", device->id);
    bool ok = authority_issuing_pem(&batch->authority, &chain, err);
    struct bundle bundle = {.device = device->id,
                            .key = issued->key,
                            .chain = wg_buf_str(&chain),
                            .server_root = wg_buf_str(&batch->server_root),
                            .age_identity = age_identity,
                            .pins = batch->pins,
                            .pins_key = batch->pins_key};
    ok = ok && bundle_seal(&bundle, &batch->station, &sealed, err) &&
         wg_sha256_of(sealed.data, sealed.len, device->bundle, err) &&
         wg_path_join(path, sizeof path, batch->part, name, err) &&
         wg_file_replace(path, sealed.data, sealed.len, 0644, err);
    wg_buf_clear(&chain);
    wg_buf_clear(&sealed);
    return ok;
}

static bool take_certificate(struct lot_device *device, const struct issued *issued,
                             struct wg_error *err)
{
    unsigned char der[WG_X509_MAX];
    size_t len = 0;
    (void)wg_copy(device->serial, sizeof device->serial, issued->serial);
    device->public_key = issued->public_key;
    return wg_x509_from_pem(issued->certificate, strlen(issued->certificate), der, &len, err) &&
           wg_sha256_of(der, len, device->certificate, err);
}

static bool make_device(struct batch *batch, struct lot_device *device, struct wg_error *err)
{
    struct issued issued;
    struct age_identity age;
    char secret[AGE_BECH32_TEXT] = "";
    batch->leaf.name = device->id;
    bool ok = issue_leaf(&batch->leaf, &batch->authority.issuing, batch->lot.made, &issued, err) &&
              authority_note(&batch->authority, batch->kind, device->id, NULL, &issued, err) &&
              take_certificate(device, &issued, err) && age_identity_make(&age, err) &&
              age_identity_write(&age, secret, err) &&
              age_recipient_write(&age.recipient, device->age_key, err) &&
              write_bundle(batch, device, &issued, secret, err);
    explicit_bzero(secret, sizeof secret);
    age_identity_clear(&age);
    explicit_bzero(&issued, sizeof issued);
    return ok || wg_context(err, "%s", device->id);
}

static bool check_names(const struct batch *batch, struct wg_error *err)
{
    char path[PATH_MAX];
    struct ledger services;
    const struct ledger *devices = &batch->authority.ledger;
    ledger_init(&services);
    bool ok = wg_path_join(path, sizeof path, batch->pki, "server/ledger", err) &&
              ledger_load(&services, path, err);
    for (size_t i = 0; ok && i < batch->lot.count; i++)
        ok = name_check(DOMAIN_DEVICE, batch->lot.devices[i].id, devices, &services,
                        batch->lot.made, err);
    ledger_clear(&services);
    return ok;
}

/* Takes the value over. */
static bool add_line(struct wg_buf *out, json_t *value, struct wg_error *err)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_SORT_KEYS) : NULL;
    if (text) wg_buf_printf(out, "%s\n", text);
    json_decref(value);
    bool ok = text != NULL || (err && err->code != WG_OK) || wg_fail_memory(err, "a lot");
    free(text);
    return ok && text && wg_buf_check(out, err, "a lot");
}

static bool write_lines(const struct batch *batch, const char *file, struct wg_buf *lines, bool ok,
                        struct wg_error *err)
{
    char path[PATH_MAX];
    ok = ok && wg_path_join(path, sizeof path, batch->part, file, err) &&
         wg_file_replace(path, wg_buf_str(lines), lines->len, 0644, err);
    wg_buf_clear(lines);
    return ok;
}

static json_t *registry_row(const struct lot_device *device)
{
    return json_pack("{s:s,s:s,s:s*}", "id", device->id, "hardware_model", device->model,
                     "hardware_revision", device->revision[0] ? device->revision : NULL);
}

static bool write_statements(const struct batch *batch, struct wg_error *err)
{
    struct wg_buf rows, records, manifest;
    bool ok = true;
    wg_buf_init(&rows, LINES_MAX);
    wg_buf_init(&records, LINES_MAX);
    wg_buf_init(&manifest, LINES_MAX);
    for (size_t i = 0; ok && i < batch->lot.count; i++) {
        const struct lot_device *device = &batch->lot.devices[i];
        ok = add_line(&rows, registry_row(device), err) &&
             add_line(&records, lot_enrolment(&batch->lot, device, batch->signer, err), err);
    }
    ok = write_lines(batch, "devices.ndjson", &rows, ok, err);
    ok = write_lines(batch, "enrolment.ndjson", &records, ok, err);
    ok = ok && add_line(&manifest, lot_manifest(&batch->lot, batch->signer, err), err);
    return write_lines(batch, "manifest.json", &manifest, ok, err);
}

static bool make_lot(struct batch *batch, struct wg_error *err)
{
    batch->lot.made = wg_now();
    if (!check_names(batch, err) || !open_folder(batch, err)) return false;
    for (size_t i = 0; i < batch->lot.count; i++)
        if (!make_device(batch, &batch->lot.devices[i], err)) return false;
    if (!write_statements(batch, err) || !authority_save(&batch->authority, err)) return false;
    return (rename(batch->part, batch->whole) == 0 ||
            wg_fail_errno(err, "renaming %s", batch->part)) &&
           wg_folder_sync(batch->out, err);
}

static void print_made(const struct args *args, const struct batch *batch)
{
    if (args_has(args, "json"))
        (void)printf("{\"lot\": \"%s\", \"folder\": \"%s\", \"devices\": %zu}\n", batch->lot.name,
                     batch->whole, batch->lot.count);
    else
        (void)printf("%s: %zu devices, %d days\n"
                     "  bundles/ID.age     to the factory station (age -d)\n"
                     "  devices.ndjson     to wavegate device import\n"
                     "  enrolment.ndjson   signed records of their keys\n"
                     "  manifest.json      signed list of all that was made\n",
                     batch->whole, batch->lot.count, batch->leaf.days);
}

bool pki_batch_run(const struct args *args, struct wg_error *err)
{
    struct batch *batch = calloc(1, sizeof *batch);
    if (!batch) return wg_fail_memory(err, "making a lot");
    wg_buf_init(&batch->server_root, PEM_FILE_MAX);
    bool ok =
        read_arguments(args, batch, err) && open_all(args, batch, err) && make_lot(batch, err);
    if (ok) print_made(args, batch);
    authority_clear(&batch->authority);
    wg_signing_key_free(batch->signer);
    wg_buf_clear(&batch->server_root);
    json_decref(batch->pins);
    lot_clear(&batch->lot);
    free(batch);
    return ok;
}
