/* token_uri.c: pkcs11: URIs (RFC 7512), as far as they find one key. */
#include "common/posix/token_uri.h"

#include <string.h>

#define DEFAULT_MODULE "p11-kit-proxy.so"

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* Percent-decoded; at most size bytes. */
static bool decode(const char *text, size_t len, uint8_t *out, size_t size, size_t *out_len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        int c = (unsigned char)text[i];
        if (c == '%') {
            if (len - i < 3) return false;
            int high = hex_digit(text[i + 1]), low = hex_digit(text[i + 2]);
            if (high < 0 || low < 0) return false;
            c = high * 16 + low;
            i += 2;
        }
        if (n == size) return false;
        out[n++] = (uint8_t)c;
    }
    *out_len = n;
    return true;
}

static bool decode_text(const char *text, size_t len, char *out, size_t size)
{
    size_t used = 0;
    if (!decode(text, len, (uint8_t *)out, size - 1, &used)) return false;
    out[used] = '\0';
    return used > 0 && strlen(out) == used;
}

/* "file:/path", "file:///path" or a plain path. */
static bool decode_pin_source(const char *text, size_t len, struct wg_token_uri *out)
{
    if (!decode_text(text, len, out->pin_file, sizeof out->pin_file)) return false;
    if (strncmp(out->pin_file, "file:", 5) != 0) return true;
    const char *path = out->pin_file + (strncmp(out->pin_file, "file:///", 8) == 0 ? 7 : 5);
    memmove(out->pin_file, path, strlen(path) + 1);
    return out->pin_file[0] == '/';
}

static bool is(const char *name, size_t len, const char *what)
{
    return strlen(what) == len && memcmp(name, what, len) == 0;
}

static bool decode_type(const char *text, size_t len, enum wg_token_type *out)
{
    *out = is(text, len, "private")      ? WG_TOKEN_PRIVATE
           : is(text, len, "secret-key") ? WG_TOKEN_SECRET
                                         : WG_TOKEN_ANY;
    return *out != WG_TOKEN_ANY;
}

static bool attribute(const char *text, size_t len, struct wg_token_uri *out, struct wg_error *err)
{
    const char *equals = memchr(text, '=', len);
    size_t name = equals ? (size_t)(equals - text) : len;
    const char *value = text + name + 1;
    size_t value_len = equals ? len - name - 1 : 0;
    bool ok = false;
    if (is(text, name, "token"))
        ok = decode_text(value, value_len, out->token, sizeof out->token);
    else if (is(text, name, "serial"))
        ok = decode_text(value, value_len, out->serial, sizeof out->serial);
    else if (is(text, name, "object"))
        ok = decode_text(value, value_len, out->object, sizeof out->object);
    else if (is(text, name, "id"))
        ok = decode(value, value_len, out->id, sizeof out->id, &out->id_len) && out->id_len > 0;
    else if (is(text, name, "type"))
        ok = decode_type(value, value_len, &out->type);
    else if (is(text, name, "module-path"))
        ok = decode_text(value, value_len, out->module, sizeof out->module);
    else if (is(text, name, "pin-source"))
        ok = decode_pin_source(value, value_len, out);
    else if (is(text, name, "pin-value"))
        return wg_fail(err, WG_E_USAGE,
                       "pkcs11 URI: pin-value would show the PIN to everybody on this machine: "
                       "use pin-source=file:/PATH");
    else
        return wg_fail(err, WG_E_USAGE,
                       "pkcs11 URI: unknown attribute \"%.*s\"; known are token, serial, object, "
                       "id, type, module-path, pin-source",
                       (int)(name < 40 ? name : 40), text);
    return ok || wg_fail(err, WG_E_USAGE, "pkcs11 URI: the value of %.*s cannot be used", (int)name,
                         text);
}

bool wg_token_uri_is(const char *text)
{
    return strncmp(text, WG_TOKEN_SCHEME, strlen(WG_TOKEN_SCHEME)) == 0;
}

bool wg_token_uri_parse(const char *uri, struct wg_token_uri *out, struct wg_error *err)
{
    *out = (struct wg_token_uri){.module = DEFAULT_MODULE};
    if (!wg_token_uri_is(uri)) return wg_fail(err, WG_E_USAGE, "expected " WG_TOKEN_SCHEME "...");
    const char *at = uri + strlen(WG_TOKEN_SCHEME);
    while (*at) {
        size_t len = strcspn(at, ";?&");
        if (len > 0 && !attribute(at, len, out, err)) return false;
        at += len;
        if (*at) at++;
    }
    return out->object[0] || out->id_len > 0 ||
           wg_fail(err, WG_E_USAGE, "pkcs11 URI: object= or id= must name the key");
}
