/* pins_command.c: `wavegate-pki pins`: lists of pinned authorities, made and looked at. */
#include "common/pins.h"
#include "common/posix/file.h"
#include "common/posix/signed_by.h"
#include "common/x509.h"
#include "pki/commands.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A certificate in PEM form, or a public key of either kind in one. */
static bool read_public(const char *file, struct wg_identity_public *out, struct wg_error *err)
{
    unsigned char der[WG_X509_MAX];
    size_t len = 0;
    struct wg_x509 read;
    struct wg_buf text;
    wg_buf_init(&text, (size_t)65536);
    bool ok = wg_file_read(file, &text, err);
    bool certificate = ok && strstr(wg_buf_str(&text), "BEGIN CERTIFICATE") != NULL;
    if (certificate) {
        ok = wg_x509_from_pem(wg_buf_str(&text), text.len, der, &len, err) &&
             wg_x509_read(der, len, &read, err);
        if (ok) *out = read.key;
    } else if (ok) {
        ok = wg_identity_public_from_pem(wg_buf_str(&text), text.len, out, err);
    }
    wg_buf_clear(&text);
    return ok || wg_context(err, "%s", file);
}

/* "server=FILE" or "server-backup=FILE". */
static bool add_pin(const char *text, struct wg_pins *pins, struct wg_error *err)
{
    static const char ending[] = "-backup";
    char use[32];
    struct wg_identity_public key;
    const char *equals = strchr(text, '=');
    if (pins->count == WG_PINS_MAX)
        return wg_fail(err, WG_E_LIMIT, "more than %d pins", WG_PINS_MAX);
    struct wg_pin *pin = &pins->pins[pins->count++];
    if (!equals || !wg_copy_n(use, sizeof use, text, (size_t)(equals - text)))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\": expected USE=FILE", text);
    size_t len = strlen(use), tail = strlen(ending);
    pin->backup = len > tail && strcmp(use + len - tail, ending) == 0;
    if (pin->backup) use[len - tail] = '\0';
    if (!wg_pin_use_parse(use, &pin->use))
        return wg_fail(err, WG_E_USAGE,
                       "\"%.80s\": expected server, server-backup, device or device-backup", text);
    return read_public(equals + 1, &key, err) && wg_identity_id(&key, pin->sha256, err);
}

static bool print_list(json_t *list, struct wg_error *err)
{
    bool ok = list && json_dumpf(list, stdout, JSON_INDENT(1)) == 0 && puts("") >= 0;
    if (list && !ok) (void)wg_fail_errno(err, "writing");
    json_decref(list);
    return ok;
}

/* A person signs these: the terminal may ask. */
static json_t *sign(const struct args *args, const struct wg_pins *pins, struct wg_error *err)
{
    const struct wg_passphrase_source secret = {
        .file = args_value(args, "secret"), .fd = -1, .ask = true};
    struct wg_signing_key *key = wg_signing_key_open(args_value(args, "key"), &secret, err);
    json_t *body = key ? wg_pins_make(pins, err) : NULL;
    json_t *envelope = body ? wg_signed_by(body, key, err) : NULL;
    wg_signing_key_free(key);
    json_decref(body);
    return envelope;
}

bool pki_pins_run(const struct args *args, struct wg_error *err)
{
    struct wg_pins pins = {.issued = wg_now()};
    const char *number = args_value(args, "number");
    char *end = NULL;
    if (!number || !args_has(args, "key"))
        return wg_fail(err, WG_E_USAGE, "pins need --key WHERE and --number N, one above the last");
    pins.number = strtoll(number, &end, 10);
    if (end == number || *end) return wg_fail(err, WG_E_USAGE, "--number: expected a number");
    for (size_t i = 0; i < args->positional_count; i++)
        if (!add_pin(args->positionals[i], &pins, err)) return false;
    return wg_pins_check(&pins, err) && print_list(sign(args, &pins, err), err);
}
