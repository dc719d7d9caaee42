/* token_command.c: `wavegate-pki token` and `wavegate-pki claim`. */
#include "common/posix/file.h"
#include "pki/commands.h"
#include "pki/name_check.h"
#include "pki/token.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

#define LIFE_DEFAULT "24h"
#define CSR_FILE_MAX ((size_t)16384)

static const char *pki_folder(const struct args *args)
{
    return args_has(args, "pki") ? args_value(args, "pki") : "pki";
}

/* No service's name, and none that has a certificate already. */
static bool check_name(const char *pki, const char *device, wg_time now, struct wg_error *err)
{
    char path[PATH_MAX];
    struct ledger devices, services;
    ledger_init(&devices);
    ledger_init(&services);
    bool ok = wg_path_join(path, sizeof path, pki, "device/ledger", err) &&
              ledger_load(&devices, path, err) &&
              wg_path_join(path, sizeof path, pki, "server/ledger", err) &&
              ledger_load(&services, path, err) &&
              name_check(DOMAIN_DEVICE, device, &devices, &services, now, err);
    ledger_clear(&devices);
    ledger_clear(&services);
    return ok;
}

bool pki_token_run(const struct args *args, struct wg_error *err)
{
    const char *device = args->positionals[0], *pki = pki_folder(args);
    const char *life = args_has(args, "expires") ? args_value(args, "expires") : LIFE_DEFAULT;
    char token[TOKEN_TEXT_MAX], text[WG_TIME_TEXT];
    wg_duration lasts = 0;
    wg_time now = wg_now();
    if (!wg_duration_parse(life, &lasts) || lasts < WG_SECOND || lasts > TOKEN_LIFE_MAX)
        return wg_fail(err, WG_E_USAGE, "--expires: expected a duration like 24h, at most 90d");
    const struct token_terms terms = {
        .device = device,
        .expires = now + lasts,
        .model = args_has(args, "model") ? args_value(args, "model") : "",
        .revision = args_has(args, "revision") ? args_value(args, "revision") : ""};
    bool ok = authority_lock(pki, err) && check_name(pki, device, now, err) &&
              token_make(pki, &terms, token, err);
    if (ok) {
        wg_time_text(now + lasts, text);
        if (args_has(args, "json"))
            (void)printf("{\"device\": \"%s\", \"token\": \"%s\", \"expires\": \"%s\"}\n", device,
                         token, text);
        else
            (void)printf("%s\nGood once, for %s, until %s. It is not shown again.\n", token, device,
                         text);
    }
    explicit_bzero(token, sizeof token);
    return ok;
}

static bool read_token(const char *file, char out[TOKEN_TEXT_MAX], struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, TOKEN_TEXT_MAX * (size_t)2);
    bool ok = wg_file_read(strcmp(file, "-") == 0 ? "/dev/stdin" : file, &text, err);
    size_t len = ok ? strcspn(wg_buf_str(&text), "\r\n") : 0;
    if (ok && !wg_copy_n(out, TOKEN_TEXT_MAX, wg_buf_str(&text), len))
        ok = wg_fail(err, WG_E_BAD_INPUT, "%s: this is no token", file);
    if (text.data) explicit_bzero(text.data, text.cap);
    wg_buf_clear(&text);
    return ok;
}

/* PEM, as openssl writes requests. */
static bool read_csr(const char *file, struct wg_claim_request *out, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, CSR_FILE_MAX);
    bool ok = wg_file_read(file, &text, err);
    if (ok && !wg_csr_from_pem(wg_buf_str(&text), text.len, out->csr, &out->csr_len, err)) {
        err->code = WG_E_BAD_FILE;
        ok = wg_context(err, "%s", file);
    }
    wg_buf_clear(&text);
    return ok;
}

static bool write_out(const char *folder, const char *device, const char *ending, const char *text,
                      struct wg_error *err)
{
    char path[PATH_MAX], file[WG_NAME_MAX + 24];
    (void)snprintf(file, sizeof file, "%s%s", device, ending);
    return wg_folder_make(folder, 0755, err) &&
           wg_path_join(path, sizeof path, folder, file, err) &&
           wg_file_replace(path, text, strlen(text), 0644, err);
}

/* What the flags say of the device. */
static bool read_flags(const struct args *args, struct wg_claim_request *out, struct wg_error *err)
{
    const char *model = args_value(args, "model"), *revision = args_value(args, "revision");
    if (!wg_copy(out->device, sizeof out->device, args->positionals[0]))
        return wg_fail(err, WG_E_USAGE, "\"%.80s\" is no name of a device", args->positionals[0]);
    if (!wg_copy(out->hardware_model, sizeof out->hardware_model, model) ||
        !wg_copy(out->hardware_revision, sizeof out->hardware_revision, revision ? revision : "") ||
        !wg_name_is_valid(out->hardware_model) ||
        (out->hardware_revision[0] && !wg_name_is_valid(out->hardware_revision)))
        return wg_fail(err, WG_E_USAGE, "--model, --revision: expected names");
    return wg_copy(out->age_key, sizeof out->age_key, args_value(args, "age")) ||
           wg_fail(err, WG_E_USAGE, "--age: expected age1...");
}

static bool claim(const struct args *args, const struct wg_claim_request *request,
                  struct wg_error *err)
{
    const char *pki = pki_folder(args),
               *out = args_has(args, "out") ? args_value(args, "out") : ".";
    struct authority authority;
    struct claimed claimed;
    bool ok = authority_open(pki, DOMAIN_DEVICE, &authority, err) &&
              token_claim(pki, &authority, request, wg_now(), &claimed, err) &&
              write_out(out, request->device, ".enrolment.json", claimed.record, err) &&
              write_out(out, request->device, ".crt", claimed.chain, err);
    if (ok) (void)printf("%s/%s.crt and .enrolment.json\n", out, request->device);
    authority_clear(&authority);
    return ok;
}

bool pki_claim_run(const struct args *args, struct wg_error *err)
{
    struct wg_claim_request what = {.device = ""};
    if (!args_has(args, "token") || !args_has(args, "csr") || !args_has(args, "age") ||
        !args_has(args, "model"))
        return wg_fail(err, WG_E_USAGE,
                       "a claim needs --token FILE, --csr FILE, --age RECIPIENT and --model MODEL");
    bool ok = read_flags(args, &what, err) &&
              read_token(args_value(args, "token"), what.token, err) &&
              read_csr(args_value(args, "csr"), &what, err) &&
              authority_lock(pki_folder(args), err) && claim(args, &what, err);
    explicit_bzero(what.token, sizeof what.token);
    return ok;
}
