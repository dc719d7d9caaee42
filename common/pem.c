/* pem.c: DER between two lines of text. */
#include <wolfssl/options.h>

#include "common/pem.h"

#include <wolfssl/wolfcrypt/coding.h>

#include <stdio.h>
#include <string.h>

static bool pem_line(char out[64], const char *which, const char *label)
{
    int len = snprintf(out, 64, "-----%s %s-----", which, label);
    return len > 0 && len < 64;
}

static const char *find(const char *text, const char *end, const char *what)
{
    return text ? memmem(text, (size_t)(end - text), what, strlen(what)) : NULL;
}

bool wg_pem_get(const char *pem, size_t len, const char *label, uint8_t *der, size_t size,
                size_t *der_len)
{
    char begin[64], finish[64];
    word32 used = (word32)size;
    if (!pem_line(begin, "BEGIN", label) || !pem_line(finish, "END", label)) return false;
    const char *at = find(pem, pem + len, begin);
    if (at) at += strlen(begin);
    const char *stop = find(at, pem + len, finish);
    if (!stop || stop == at || (size_t)(stop - at) > 2 * size ||
        Base64_Decode((const byte *)at, (word32)(stop - at), der, &used) != 0)
        return false;
    *der_len = used;
    return true;
}

bool wg_pem_put(const char *label, const void *der, size_t len, struct wg_buf *out,
                struct wg_error *err)
{
    char body[2 * WG_PEM_DER_MAX];
    word32 body_len = sizeof body;
    int code = len > WG_PEM_DER_MAX ? -1 : Base64_Encode(der, (word32)len, (byte *)body, &body_len);
    if (code == 0) {
        wg_buf_printf(out, "-----BEGIN %s-----\n", label);
        wg_buf_add(out, body, body_len);
        wg_buf_printf(out, "-----END %s-----\n", label);
    }
    explicit_bzero(body, sizeof body);
    return (code == 0 || wg_fail(err, WG_E_FAILED, "writing a key (wolfCrypt %d)", code)) &&
           wg_buf_check(out, err, label);
}

bool wg_pkcs8_is_encrypted(const char *pem, size_t len)
{
    char begin[64];
    return pem_line(begin, "BEGIN", WG_PEM_ENCRYPTED) && find(pem, pem + len, begin);
}
