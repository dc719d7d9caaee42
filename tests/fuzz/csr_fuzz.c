/* csr_fuzz.c: renewal in both directions: what was taken from the wire is written back and read
 * again as the same; what is in it is looked at as the authority and the device do. */
#include "common/message_csr.h"
#include "tests/fuzz/target.h"

static void look(const struct wg_csr_message *message)
{
    struct wg_error err = {0};
    struct wg_csr csr;
    struct wg_x509 read;
    if (message->kind != WG_CSR_RENEW) return;
    if (!wg_csr_read(message->csr, message->csr_len, &csr, &err)) target_refused(&err);
    err = (struct wg_error){0};
    if (!wg_x509_read(message->certificate, message->certificate_len, &read, &err)) {
        target_refused(&err);
        return;
    }
    err = (struct wg_error){0};
    if (!wg_csr_check_proof(message, "dev-1", &read.key, &err)) target_refused(&err);
}

static void up(const uint8_t *data, size_t size)
{
    struct wg_csr_message message, again;
    struct wg_error err = {0};
    struct wg_buf bytes;
    if (!wg_csr_message_decode((const char *)data, size, &message, &err)) {
        target_refused(&err);
        return;
    }
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    MUST(wg_csr_message_encode(&message, &bytes, &err), "%s", err.text);
    MUST(wg_csr_message_decode(bytes.data, bytes.len, &again, &err), "%s", err.text);
    MUST(memcmp(&message, &again, sizeof again) == 0, "another message: %s", bytes.data);
    wg_buf_clear(&bytes);
    look(&message);
}

static void down(const uint8_t *data, size_t size)
{
    struct wg_cert_message message, again;
    struct wg_error err = {0};
    struct wg_buf bytes;
    if (!wg_cert_message_decode((const char *)data, size, &message, &err)) {
        target_refused(&err);
        return;
    }
    wg_buf_init(&bytes, WG_MESSAGE_MAX);
    MUST(wg_cert_message_encode(&message, &bytes, &err), "%s", err.text);
    MUST(wg_cert_message_decode(bytes.data, bytes.len, &again, &err), "%s", err.text);
    SAME_NUMBER(message.kind, again.kind);
    SAME_TEXT(message.request, again.request);
    SAME_TEXT(message.chain, again.chain);
    SAME_NUMBER(message.cause, again.cause);
    SAME_TEXT(message.detail, again.detail);
    SAME_NUMBER(message.retry, again.retry);
    SAME_TEXT(message.serial, again.serial);
    wg_buf_clear(&bytes);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    up(data, size);
    down(data, size);
    return 0;
}
