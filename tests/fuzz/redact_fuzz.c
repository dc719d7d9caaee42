/* redact_fuzz.c: a secret that is planted in any bytes never survives, wherever the text is cut. */
#include "common/redact.h"
#include "common/text.h"
#include "tests/fuzz/target.h"

#define S "Zq7Xw9Kp4Vn2Tb8Rm3Lc6Hd1"
#define PIECE 6 /* bytes of it that would be too much */

static const char *const plants[] = {
    "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDZq7Xw9\n" S
    "==\n-----END PRIVATE KEY-----",
    "AGE-SECRET-KEY-1" S "QQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQQ",
    "https://user:" S "@host/path",
    "https://cdn/artifacts/ab?d=dev-1&m=" S,
    "Authorization: Bearer " S,
    "Cookie: sid=" S,
    "password=" S,
    "password: correct horse " S,
    "{\"token\": \"" S "\"}",
    "pin=" S,
    "secret:\n" S,
    "--password " S,
    "key " S,
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0." S,
};

static bool holds_piece(const char *text, size_t len)
{
    for (size_t i = 0; i + PIECE < sizeof S; i++)
        if (memmem(text, len, &S[i], PIECE)) return true;
    return false;
}

static void clean(const char *text, size_t len, bool cut, struct wg_buf *out)
{
    struct wg_error err = {0};
    wg_buf_init(out, (size_t)1 << 20);
    MUST(wg_redact(text, len, cut, out, &err), "%s", err.text);
    MUST(wg_text_is_utf8(wg_buf_str(out), out->len), "no UTF-8");
    MUST(strlen(wg_buf_str(out)) == out->len, "a NUL");
}

static void plant(const char *what, const uint8_t *data, size_t size, size_t at, size_t from)
{
    struct wg_buf text, out;
    wg_buf_init(&text, (size_t)1 << 20);
    wg_buf_add(&text, data, at);
    wg_buf_printf(&text, "\n%s\n", what);
    wg_buf_add(&text, data + at, size - at);
    if (from > text.len) from = text.len;
    clean(wg_buf_str(&text) + from, text.len - from, from > 0, &out);
    MUST(!holds_piece(wg_buf_str(&out), out.len), "%s, from %zu: %s", what, from, wg_buf_str(&out));
    wg_buf_clear(&out);
    wg_buf_clear(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct wg_buf once, twice;
    if (size < 4 || holds_piece((const char *)data, size)) return 0;
    size_t which = data[0] % (sizeof plants / sizeof plants[0]);
    size_t at = (data[1] * 256U + data[2]) % (size - 3), from = data[3] % 4 ? data[3] * 2U : 0;
    plant(plants[which], data + 4, size - 4, at < size - 4 ? at : size - 4, from);
    clean((const char *)data, size, false, &once);
    clean(wg_buf_str(&once), once.len, false, &twice);
    wg_buf_clear(&once);
    wg_buf_clear(&twice);
    return 0;
}
