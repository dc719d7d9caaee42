/* twin.h: ECDSA signatures over P-256 put together by hand: any two numbers as DER, and the twin
 * (r, n - s) that anybody can make of a signature (r, s) and that holds as well. */
#ifndef WG_TESTS_UNIT_COMMON_TWIN_H
#define WG_TESTS_UNIT_COMMON_TWIN_H

#include "common/der.h"
#include "common/identity_key.h"
#include "common/json.h"
#include "common/text.h"
#include "tests/unit/harness.h"

#include <string.h>

#define TWIN_NUMBER 32
#define TWIN_ORDER "ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551"

static inline size_t twin_der(const uint8_t r[TWIN_NUMBER], const uint8_t s[TWIN_NUMBER],
                              uint8_t out[WG_IDENTITY_SIGNATURE_MAX])
{
    struct wg_buf der;
    wg_buf_init(&der, WG_IDENTITY_SIGNATURE_MAX);
    size_t at = wg_der_open(&der, WG_DER_SEQUENCE);
    wg_der_integer(&der, r, TWIN_NUMBER);
    wg_der_integer(&der, s, TWIN_NUMBER);
    wg_der_close(&der, at);
    size_t len = der.len;
    CU_ASSERT_TRUE_FATAL(len > 0 && len <= WG_IDENTITY_SIGNATURE_MAX);
    memcpy(out, der.data, len);
    wg_buf_clear(&der);
    return len;
}

/* One number of a signature that is known to be sound, padded; returns where the next one is. */
static inline const uint8_t *twin_number(const uint8_t *at, uint8_t out[TWIN_NUMBER])
{
    size_t len = at[1], skip = len > TWIN_NUMBER ? len - TWIN_NUMBER : 0;
    memset(out, 0, TWIN_NUMBER);
    memcpy(out + TWIN_NUMBER - (len - skip), at + 2 + skip, len - skip);
    return at + 2 + len;
}

/* Turns the signature into its twin; returns the new length. */
static inline size_t twin_of(uint8_t signature[WG_IDENTITY_SIGNATURE_MAX])
{
    uint8_t r[TWIN_NUMBER] = {0}, s[TWIN_NUMBER] = {0}, order[TWIN_NUMBER] = {0};
    (void)twin_number(twin_number(signature + 2, r), s);
    CU_ASSERT_TRUE_FATAL(wg_unhex(TWIN_ORDER, order, sizeof order));
    int borrow = 0;
    for (size_t i = TWIN_NUMBER; i > 0; i--) {
        int digit = order[i - 1] - s[i - 1] - borrow;
        borrow = digit < 0;
        s[i - 1] = (uint8_t)(digit + (borrow ? 256 : 0));
    }
    return twin_der(r, s, signature);
}

/* The same for the signature of an envelope (common/signed.h). */
static inline void twin_envelope(json_t *envelope)
{
    uint8_t signature[WG_IDENTITY_SIGNATURE_MAX];
    char hex[2 * WG_IDENTITY_SIGNATURE_MAX + 1];
    json_t *entry = json_array_get(json_object_get(envelope, "signatures"), 0);
    const char *was = json_string_value(json_object_get(entry, "sig"));
    CU_ASSERT_TRUE_FATAL(was && strlen(was) / 2 <= sizeof signature &&
                         wg_unhex(was, signature, strlen(was) / 2));
    wg_hex(signature, twin_of(signature), hex);
    CU_ASSERT_TRUE(strcmp(hex, was) != 0);
    json_object_set_new(entry, "sig", json_string(hex));
}

#endif
