/* signature_test.c: what devices say alike is one signature, and what they say otherwise is not. */
#include "orchestrator/support/signature.h"

#include "tests/unit/harness.h"

#include "common/text.h"

#include <stdio.h>
#include <string.h>

static void check(const char *detail, const char *expected)
{
    char out[SIGNATURE_MAX];
    signature_of(detail, "dev-17", out);
    ASSERT_TEXT(out, expected);
}

static void what_differs_is_folded(void)
{
    static const char *const pairs[][2] = {
        {"", ""},
        {"no space left on device", "no space left on device"},
        {"sensor 12 reads 4095", "sensor <n> reads <n>"},
        {"pressure is 0.3 bar", "pressure is <n> bar"},
        {"exit code -11, 1,048,576 bytes", "exit code <n>, <n> bytes"},
        {"after 1500ms (5%)", "after <n>ms (<n>%)"},
        {"version 2.4.1 is not 2.4.10", "version <n> is not <n>"},
        {"read of /dev/sda1 failed at 0x7f3a (12 of 20 MB)",
         "read of <path> failed at <hex> (<n> of <n> MB)"},
        {"cannot open /var/lib/x/conf.d: not there.", "cannot open <path>: not there."},
        {"see ./log/last, ~/x and ../y.", "see <path>, <path> and <path>."},
        {"and/or is a word", "and/or is a word"},
        {"sha256 deadbeef01 is not 9f86d081884c7d65", "sha<n> <hex> is not <hex>"},
        {"the facade of an accede", "the facade of an accede"},
        {"order 01234567-89ab-cdef-0123-456789abcdef is late", "order <id> is late"},
        {"serial SN4A7K22B9Q failed", "serial <id> failed"},
        {"at 2026-11-22T00:20:23.123Z it died", "at <time> it died"},
        {"at 2026-11-22 00:20 it died", "at <time> it died"},
        {"10:20:30 up, 9:05+02:00 down", "<time> up, <time> down"},
        {"10.0.0.7:8443 refused, 10.0.0.8 too", "<address> refused, <address> too"},
        {"fe80::1 and 2001:db8:0:0:0:0:0:1 and ::1", "<address> and <address> and <address>"},
        {"de:ad:be:ef:00:01 is gone", "<address> is gone"},
        {"GET https://a.example/x?y=1 gave 503", "GET <url> gave <n>"},
        {"unknown option \"fast mode\" of 'gear'", "unknown option <name> of <name>"},
        {"it can't be the driver's fault", "it can't be the driver's fault"},
        {"dev-17 said dev-171 and dev-17x", "<device> said dev-<n> and dev-<n>x"},
        {"eth0 and eth1", "eth<n> and eth<n>"},
        {"line main.c:120:5", "line main.c:<n>:<n>"},
        {"  two   blanks\tand\ntwo lines \n", "two blanks and two lines"},
        {"Bremse h\xc3\xa4ngt 7 mal", "Bremse h\xc3\xa4ngt <n> mal"},
        {"\"", "\""},
        {"''", "''"},
        {"0x", "<n>x"},
        {"-", "-"},
        {"1.", "<n>."},
        {"/", "/"},
        {":", ":"},
        {"::", "::"},
    };
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) check(pairs[i][0], pairs[i][1]);
}

static void other_words_are_another_signature(void)
{
    char one[SIGNATURE_MAX], other[SIGNATURE_MAX];
    signature_of("sensor 1 reads nothing", "", one);
    signature_of("sensor 1 reads too much", "", other);
    CU_ASSERT_STRING_NOT_EQUAL(one, other);
}

/* Folding makes a text longer: it is cut, never within a letter, never past the end. */
static void what_is_long_is_cut(void)
{
    char out[SIGNATURE_MAX], detail[2 * WG_DETAIL_MAX];
    for (size_t i = 0; i + 2 < sizeof detail; i += 2) memcpy(detail + i, "7 ", 2);
    detail[sizeof detail - 2] = '\0';
    signature_of(detail, "", out);
    CU_ASSERT_TRUE(strlen(out) < SIGNATURE_MAX && strncmp(out, "<n> <n> ", 8) == 0);
    for (size_t lead = 0; lead < 4; lead++) {
        size_t len = lead;
        memset(detail, 'x', lead);
        for (; len + 3 < sizeof detail; len += 2) memcpy(detail + len, "\xc3\xa4", 2);
        detail[len] = '\0';
        signature_of(detail, "", out);
        CU_ASSERT_TRUE(wg_text_is_utf8(out, strlen(out)));
        CU_ASSERT_TRUE(strlen(out) >= SIGNATURE_MAX - 3);
    }
}

/* Twice is once: a signature is its own. */
static void no_byte_is_read_past_the_end(void)
{
    static const char tails[][16] = {
        "\"x",   "'",        "0x",      "2026-", "2026-11-22T", "10:",    "1.", "10.0.0.",
        "fe80:", "de:ad:be", "http://", "~/",    "..",          "a1b2c3", "+",  "9f"};
    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char out[SIGNATURE_MAX], exact[16];
        memcpy(exact, tails[i], sizeof exact);
        signature_of(exact, "dev-17", out);
        CU_ASSERT_TRUE(strlen(out) < SIGNATURE_MAX);
    }
}

WG_SUITE("signature", {"what differs is folded", what_differs_is_folded},
         {"other words are another signature", other_words_are_another_signature},
         {"what is long is cut", what_is_long_is_cut},
         {"no byte is read past the end", no_byte_is_read_past_the_end})
