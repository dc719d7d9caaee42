/* message_csr.c: requests for certificates and their answers as JSON; DER travels as base64. */
#include <wolfssl/options.h>

#include "common/message_csr.h"

#include "common/message_part.h"
#include "common/pins.h"

#include <wolfssl/wolfcrypt/coding.h>

#include <stdlib.h>
#include <string.h>

#define BASE64_MAX ((WG_CSR_DER_MAX + 2) / 3 * 4 + 1)
#define RETRY_MAX (30 * WG_DAY)
#define PROOF_TEXT_MAX 256

static const char *const causes[WG_CERT_CAUSES] = {[WG_CERT_BROKEN] = "broken",
                                                   [WG_CERT_FOREIGN] = "foreign",
                                                   [WG_CERT_RATE] = "rate",
                                                   [WG_CERT_LATER] = "later"};

const char *wg_cert_cause_text(enum wg_cert_cause cause)
{
    return (unsigned)cause < WG_CERT_CAUSES ? causes[cause] : "?";
}

static bool to_base64(const void *bytes, size_t len, char out[BASE64_MAX], struct wg_error *err)
{
    word32 used = BASE64_MAX - 1;
    int code = Base64_Encode_NoNl(bytes, (word32)len, (byte *)out, &used);
    if (code != 0) return wg_fail(err, WG_E_FAILED, "base64: wolfCrypt says %d", code);
    out[used] = '\0';
    return true;
}

/* One spelling alone: what is written back must be what was read. */
static bool bytes_get(const json_t *message, const char *key, uint8_t *out, size_t size,
                      size_t *len, struct wg_error *err)
{
    char text[BASE64_MAX], again[BASE64_MAX];
    uint8_t bytes[BASE64_MAX];
    word32 used = sizeof bytes;
    if (!wg_json_text(message, key, text, sizeof text, err)) return false;
    if (!text[0] || Base64_Decode((const byte *)text, (word32)strlen(text), bytes, &used) != 0 ||
        used == 0 || used > size || !to_base64(bytes, used, again, err) || strcmp(text, again) != 0)
        return wg_fail(err, WG_E_BAD_INPUT, "%s: expected 1 to %zu bytes in base64", key, size);
    memcpy(out, bytes, used);
    *len = used;
    return true;
}

static bool serial_check(const char *serial, struct wg_error *err)
{
    uint8_t bytes[WG_SERIAL_MAX / 2];
    size_t len = strlen(serial);
    return (len >= 2 && len % 2 == 0 && wg_unhex(serial, bytes, len / 2)) ||
           wg_part_bad(err, "serial", "2 to 46 lower-case hex digits", serial);
}

static bool kind_get(const json_t *message, const char *const *words, size_t count, int *out,
                     struct wg_error *err)
{
    char word[16];
    if (!wg_part_format(message, err) || !wg_json_text(message, "kind", word, sizeof word, err))
        return false;
    for (size_t i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0) {
            *out = (int)i;
            return true;
        }
    return wg_part_bad(
        err, "kind", count == 3 ? "renew, used or pins" : "issued, refused, settled or pins", word);
}

static const char *const csr_kinds[] = {"renew", "used", "pins"};
static const char *const cert_kinds[] = {"issued", "refused", "settled", "pins"};

static bool csr_get(const json_t *message, struct wg_csr_message *out, struct wg_error *err)
{
    int kind = 0;
    if (!kind_get(message, csr_kinds, 3, &kind, err)) return false;
    out->kind = (enum wg_csr_kind)kind;
    if (out->kind == WG_CSR_PINS)
        return wg_json_int(message, "number", 0, WG_PINS_NUMBER_MAX, &out->number, err);
    if (!bytes_get(message, "proof", out->proof, sizeof out->proof, &out->proof_len, err))
        return false;
    if (out->kind == WG_CSR_USED)
        return wg_json_text(message, "serial", out->serial, sizeof out->serial, err) &&
               serial_check(out->serial, err);
    return bytes_get(message, "csr", out->csr, sizeof out->csr, &out->csr_len, err) &&
           bytes_get(message, "certificate", out->certificate, sizeof out->certificate,
                     &out->certificate_len, err);
}

bool wg_csr_message_decode(const char *bytes, size_t len, struct wg_csr_message *out,
                           struct wg_error *err)
{
    struct wg_csr_message read = {.kind = WG_CSR_RENEW};
    json_t *message = wg_part_open(bytes, len, err);
    bool ok = message && csr_get(message, &read, err);
    json_decref(message);
    if (ok) *out = read;
    return ok || wg_context(err, "csr");
}

bool wg_csr_message_encode(const struct wg_csr_message *message, struct wg_buf *out,
                           struct wg_error *err)
{
    char proof[BASE64_MAX], csr[BASE64_MAX], certificate[BASE64_MAX];
    if (message->kind == WG_CSR_PINS)
        return wg_part_number("number", message->number, 0, WG_PINS_NUMBER_MAX, err) &&
               wg_part_write(json_pack("{s:i,s:s,s:I}", "v", 1, "kind", "pins", "number",
                                       (json_int_t)message->number),
                             out, err);
    if (message->proof_len == 0 || message->proof_len > sizeof message->proof ||
        !to_base64(message->proof, message->proof_len, proof, err))
        return wg_fail(err, WG_E_BAD_INPUT, "csr: proof: missing");
    if (message->kind == WG_CSR_USED)
        return serial_check(message->serial, err) &&
               wg_part_write(json_pack("{s:i,s:s,s:s,s:s}", "v", 1, "kind", "used", "serial",
                                       message->serial, "proof", proof),
                             out, err);
    if (message->csr_len == 0 || message->csr_len > sizeof message->csr ||
        message->certificate_len == 0 || message->certificate_len > sizeof message->certificate)
        return wg_fail(err, WG_E_BAD_INPUT, "csr: csr and certificate: 1 to %d bytes",
                       WG_CSR_DER_MAX);
    return to_base64(message->csr, message->csr_len, csr, err) &&
           to_base64(message->certificate, message->certificate_len, certificate, err) &&
           wg_part_write(json_pack("{s:i,s:s,s:s,s:s,s:s}", "v", 1, "kind", "renew", "csr", csr,
                                   "certificate", certificate, "proof", proof),
                         out, err);
}

static bool refusal_get(const json_t *message, struct wg_cert_message *out, struct wg_error *err)
{
    char word[16];
    int64_t retry = 0;
    if (!wg_json_text(message, "cause", word, sizeof word, err) ||
        !wg_json_text_opt(message, "detail", out->detail, sizeof out->detail, err) ||
        !wg_json_int_opt(message, "retry", 0, RETRY_MAX / WG_SECOND, &retry, err))
        return false;
    out->retry = retry * WG_SECOND;
    for (int i = 0; i < WG_CERT_CAUSES; i++)
        if (strcmp(word, causes[i]) == 0) {
            out->cause = (enum wg_cert_cause)i;
            return true;
        }
    return wg_part_bad(err, "cause", "broken, foreign, rate or later", word);
}

/* Kept as text: its signature is over the canonical form, so spaces do not matter. */
static bool pins_get(const json_t *message, struct wg_cert_message *out, struct wg_error *err)
{
    json_t *list = NULL;
    if (!wg_json_object(message, "pins", &list, err)) return false;
    char *text = json_dumps(list, JSON_COMPACT);
    bool ok = text ? wg_copy(out->pins, sizeof out->pins, text) ||
                         wg_fail(err, WG_E_LIMIT, "pins: more than %d bytes", WG_PINS_WIRE_MAX - 1)
                   : wg_fail_memory(err, "pins");
    free(text);
    return ok;
}

static bool cert_get(const json_t *message, struct wg_cert_message *out, struct wg_error *err)
{
    int kind = 0;
    if (!kind_get(message, cert_kinds, 4, &kind, err)) return false;
    out->kind = (enum wg_cert_kind)kind;
    if (out->kind == WG_CERT_PINS) return pins_get(message, out, err);
    if (out->kind == WG_CERT_SETTLED)
        return wg_json_text(message, "serial", out->serial, sizeof out->serial, err) &&
               serial_check(out->serial, err);
    if (!wg_json_text(message, "request", out->request, sizeof out->request, err) ||
        !wg_part_hex("request", out->request, WG_SHA256_HEX - 1, err))
        return false;
    if (out->kind == WG_CERT_REFUSED) return refusal_get(message, out, err);
    return wg_json_text(message, "chain", out->chain, sizeof out->chain, err) &&
           (out->chain[0] || wg_fail(err, WG_E_BAD_INPUT, "chain: empty"));
}

bool wg_cert_message_decode(const char *bytes, size_t len, struct wg_cert_message *out,
                            struct wg_error *err)
{
    struct wg_cert_message read = {.kind = WG_CERT_ISSUED};
    json_t *message = wg_part_open(bytes, len, err);
    bool ok = message && cert_get(message, &read, err);
    json_decref(message);
    if (ok) *out = read;
    return ok || wg_context(err, "cert");
}

static json_t *refusal_make(const struct wg_cert_message *message)
{
    return json_pack("{s:i,s:s,s:s,s:s,s:s*,s:I}", "v", 1, "kind", "refused", "request",
                     message->request, "cause", wg_cert_cause_text(message->cause), "detail",
                     message->detail[0] ? message->detail : NULL, "retry",
                     (json_int_t)(message->retry / WG_SECOND));
}

static bool pins_put(const struct wg_cert_message *message, struct wg_buf *out,
                     struct wg_error *err)
{
    json_t *list = wg_json_parse(message->pins, strlen(message->pins), WG_PINS_WIRE_MAX, err);
    return list && wg_part_write(json_pack("{s:i,s:s,s:o}", "v", 1, "kind", "pins", "pins", list),
                                 out, err);
}

bool wg_cert_message_encode(const struct wg_cert_message *message, struct wg_buf *out,
                            struct wg_error *err)
{
    if (message->kind == WG_CERT_PINS) return pins_put(message, out, err);
    if (message->kind == WG_CERT_SETTLED)
        return serial_check(message->serial, err) &&
               wg_part_write(
                   json_pack("{s:i,s:s,s:s}", "v", 1, "kind", "settled", "serial", message->serial),
                   out, err);
    if (!wg_part_hex("request", message->request, WG_SHA256_HEX - 1, err)) return false;
    if (message->kind == WG_CERT_REFUSED) return wg_part_write(refusal_make(message), out, err);
    return wg_part_write(json_pack("{s:i,s:s,s:s,s:s}", "v", 1, "kind", "issued", "request",
                                   message->request, "chain", message->chain),
                         out, err);
}

/* What is signed names its purpose, so that it stands for nothing else. */
static bool proof_text(const struct wg_csr_message *message, const char *device, char *out,
                       struct wg_error *err)
{
    char hash[WG_SHA256_HEX];
    if (message->kind == WG_CSR_USED)
        return wg_format(out, PROOF_TEXT_MAX, "wavegate-used-1\n%s\n%s\n", device, message->serial);
    return wg_sha256_of(message->csr, message->csr_len, hash, err) &&
           wg_format(out, PROOF_TEXT_MAX, "wavegate-renew-1\n%s\n%s\n", device, hash);
}

bool wg_csr_prove(struct wg_csr_message *message, const char *device,
                  const struct wg_identity_key *key, struct wg_error *err)
{
    char text[PROOF_TEXT_MAX];
    return proof_text(message, device, text, err) &&
           wg_identity_sign(key, text, strlen(text), message->proof, &message->proof_len, err);
}

bool wg_csr_prove_by(struct wg_csr_message *message, const char *device,
                     const struct wg_identity_signer *signer, struct wg_error *err)
{
    char text[PROOF_TEXT_MAX];
    return proof_text(message, device, text, err) &&
           signer->sign(signer->ctx, text, strlen(text), message->proof, &message->proof_len, err);
}

bool wg_csr_check_proof(const struct wg_csr_message *message, const char *device,
                        const struct wg_identity_public *key, struct wg_error *err)
{
    char text[PROOF_TEXT_MAX];
    return (proof_text(message, device, text, err) &&
            wg_identity_verify(key, text, strlen(text), message->proof, message->proof_len, err)) ||
           wg_context(err, "proof");
}
