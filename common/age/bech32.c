/* bech32.c: Bech32 for 32 bytes: 5 bits a character, then a checksum of 30 bits over prefix and
 * data that finds any four wrong characters. */
#include "common/age/bech32.h"

#include <string.h>

#define CHECKSUM 6
#define GROUPS (AGE_BECH32_DATA - CHECKSUM) /* of 5 bits: 256 bits and 4 that are zero */

static const char ALPHABET[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t add(uint32_t sum, unsigned value)
{
    static const uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd,
                                         0x2a1462b3};
    uint32_t top = sum >> 25;
    sum = ((sum & 0x1ffffff) << 5) ^ value;
    for (unsigned i = 0; i < 5; i++)
        if (top >> i & 1) sum ^= generator[i];
    return sum;
}

static char lower(char c)
{
    if (c >= 'A' && c <= 'Z') return (char)(c - 'A' + 'a');
    return c;
}

static char upper(char c)
{
    if (c >= 'a' && c <= 'z') return (char)(c - 'a' + 'A');
    return c;
}

static char in_case(char c, bool upper_case)
{
    if (upper_case) return upper(c);
    return lower(c);
}

/* In upper case when its first letter is. */
static bool is_upper(const char *prefix)
{
    return prefix[0] >= 'A' && prefix[0] <= 'Z';
}

static uint32_t sum_of_prefix(const char *prefix)
{
    uint32_t sum = 1;
    for (const char *c = prefix; *c; c++) sum = add(sum, (unsigned char)lower(*c) >> 5);
    sum = add(sum, 0);
    for (const char *c = prefix; *c; c++) sum = add(sum, (unsigned char)lower(*c) & 0x1f);
    return sum;
}

static void split(const uint8_t data[AGE_BECH32_BYTES], uint8_t groups[GROUPS])
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < AGE_BECH32_BYTES; i++) {
        bits = (bits << 8) | data[i];
        for (held += 8; held >= 5; held -= 5) groups[n++] = bits >> (held - 5) & 0x1f;
    }
    groups[n] = (uint8_t)(bits << (5 - held) & 0x1f);
}

/* False if the four bits left over are not zero. */
static bool join(const uint8_t groups[GROUPS], uint8_t out[AGE_BECH32_BYTES])
{
    uint32_t bits = 0;
    unsigned held = 0;
    size_t n = 0;
    for (size_t i = 0; i < GROUPS; i++) {
        bits = (bits << 5) | groups[i];
        held += 5;
        if (held < 8) continue;
        held -= 8;
        out[n++] = (uint8_t)(bits >> held);
    }
    return (bits & ((1U << held) - 1)) == 0;
}

bool age_bech32_write(const char *prefix, const uint8_t data[AGE_BECH32_BYTES],
                      char out[AGE_BECH32_TEXT], struct wg_error *err)
{
    uint8_t groups[AGE_BECH32_DATA];
    size_t len = strlen(prefix);
    if (len == 0 || len > AGE_BECH32_PREFIX_MAX)
        return wg_fail(err, WG_E_LIMIT, "Bech32: a prefix of %zu characters, expected 1 to %d", len,
                       AGE_BECH32_PREFIX_MAX);
    split(data, groups);
    uint32_t sum = sum_of_prefix(prefix);
    for (size_t i = 0; i < GROUPS; i++) sum = add(sum, groups[i]);
    for (size_t i = 0; i < CHECKSUM; i++) sum = add(sum, 0);
    sum ^= 1;
    for (size_t i = 0; i < CHECKSUM; i++)
        groups[GROUPS + i] = sum >> (5 * (CHECKSUM - 1 - i)) & 0x1f;
    memcpy(out, prefix, len);
    out[len++] = '1';
    for (size_t i = 0; i < AGE_BECH32_DATA; i++)
        out[len++] = in_case(ALPHABET[groups[i]], is_upper(prefix));
    out[len] = '\0';
    explicit_bzero(groups, sizeof groups);
    return true;
}

/* The characters behind the '1' as groups; false for one of no meaning or of the other case. */
static bool read_groups(const char *text, bool upper_case, uint8_t groups[AGE_BECH32_DATA])
{
    for (size_t i = 0; i < AGE_BECH32_DATA; i++) {
        if (in_case(text[i], upper_case) != text[i]) return false;
        const char *at = memchr(ALPHABET, lower(text[i]), sizeof ALPHABET - 1);
        if (!at) return false;
        groups[i] = (uint8_t)(at - ALPHABET);
    }
    return true;
}

bool age_bech32_read(const char *prefix, const char *text, uint8_t out[AGE_BECH32_BYTES],
                     struct wg_error *err)
{
    uint8_t groups[AGE_BECH32_DATA], bytes[AGE_BECH32_BYTES];
    size_t len = strlen(prefix), text_len = strlen(text);
    if (strncmp(text, prefix, len) != 0 || text[len] != '1')
        return wg_fail(err, WG_E_BAD_INPUT, "expected a key that begins with %s1", prefix);
    if (text_len != len + 1 + AGE_BECH32_DATA)
        return wg_fail(err, WG_E_BAD_INPUT, "a key of %zu characters, expected %zu", text_len,
                       len + 1 + AGE_BECH32_DATA);
    uint32_t sum = sum_of_prefix(prefix);
    bool ok = read_groups(text + len + 1, is_upper(prefix), groups);
    for (size_t i = 0; ok && i < AGE_BECH32_DATA; i++) sum = add(sum, groups[i]);
    ok = ok && sum == 1 && join(groups, bytes);
    if (ok) memcpy(out, bytes, sizeof bytes);
    explicit_bzero(groups, sizeof groups);
    explicit_bzero(bytes, sizeof bytes);
    return ok || wg_fail(err, WG_E_BAD_INPUT,
                         "the key that begins with %s1 is mistyped: "
                         "its checksum does not hold",
                         prefix);
}
