/* error_test.c: codes and their words, and texts that stay whole and bounded. */
#include "common/error.h"
#include "common/text.h"
#include "tests/unit/harness.h"

#include <errno.h>
#include <string.h>

static void every_code_has_its_word_and_exit_code(void)
{
    static const struct {
        const char *text;
        enum wg_error_code code;
        int exit_code;
    } rows[] = {
        {"ok", WG_OK, 0},
        {"failed", WG_E_FAILED, 1},
        {"out-of-memory", WG_E_MEMORY, 1},
        {"io", WG_E_IO, 1},
        {"database", WG_E_DATABASE, 1},
        {"network", WG_E_NETWORK, 1},
        {"verify", WG_E_VERIFY, 1},
        {"usage", WG_E_USAGE, 2},
        {"bad-file", WG_E_BAD_FILE, 2},
        {"bad-input", WG_E_BAD_INPUT, 2},
        {"limit", WG_E_LIMIT, 2},
        {"changes-pending", WG_E_PENDING, 3},
        {"not-allowed", WG_E_DENIED, 4},
        {"not-found", WG_E_NOT_FOUND, 5},
        {"conflict", WG_E_CONFLICT, 6},
        {"gate-failed", WG_E_GATE, 7},
        {"timeout", WG_E_TIMEOUT, 8},
        {"interrupted", WG_E_INTERRUPTED, 130},
    };
    CU_ASSERT_EQUAL(sizeof rows / sizeof rows[0], WG_ERROR_CODES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ASSERT_TEXT(wg_error_code_text(rows[i].code), rows[i].text);
        CU_ASSERT_EQUAL(wg_error_exit(rows[i].code), rows[i].exit_code);
    }
    ASSERT_TEXT(wg_error_code_text(WG_ERROR_CODES), "failed");
    CU_ASSERT_EQUAL(wg_error_exit(WG_ERROR_CODES), 1);
}

static void failing_fills_and_context_goes_before(void)
{
    struct wg_error err;
    wg_error_clear(&err);
    CU_ASSERT_EQUAL(err.code, WG_OK);
    ASSERT_TEXT(err.text, "");
    CU_ASSERT_FALSE(wg_fail(&err, WG_E_CONFLICT, "campaign %s runs", "brake"));
    CU_ASSERT_FALSE(wg_context(&err, "wave %d", 2));
    CU_ASSERT_FALSE(wg_context(&err, "apply"));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    ASSERT_TEXT(err.text, "apply: wave 2: campaign brake runs");
}

static void arguments_may_point_into_the_error(void)
{
    struct wg_error err;
    (void)wg_fail(&err, WG_E_IO, "disk");
    (void)wg_fail(&err, WG_E_NETWORK, "%s and %s", err.text, err.text);
    ASSERT_TEXT(err.text, "disk and disk");
    (void)wg_context(&err, "%s", err.text);
    ASSERT_TEXT(err.text, "disk and disk: disk and disk");
    CU_ASSERT_EQUAL(err.code, WG_E_NETWORK);
}

static void nobody_has_to_care(void)
{
    errno = EIO;
    CU_ASSERT_FALSE(wg_fail(NULL, WG_E_IO, "x"));
    CU_ASSERT_FALSE(wg_context(NULL, "x"));
    CU_ASSERT_FALSE(wg_fail_memory(NULL, "x"));
    CU_ASSERT_FALSE(wg_fail_errno(NULL, "x"));
}

static void errno_and_memory_have_kinds(void)
{
    struct wg_error err;
    errno = ENOENT;
    CU_ASSERT_FALSE(wg_fail_errno(&err, "open %s", "a.yaml"));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    ASSERT_TEXT(err.text, "open a.yaml: No such file or directory");
    errno = EACCES;
    CU_ASSERT_FALSE(wg_fail_errno(&err, "open %s", "b.yaml"));
    CU_ASSERT_EQUAL(err.code, WG_E_IO);
    ASSERT_TEXT(err.text, "open b.yaml: Permission denied");
    CU_ASSERT_FALSE(wg_fail_memory(&err, "the plan"));
    CU_ASSERT_EQUAL(err.code, WG_E_MEMORY);
    ASSERT_TEXT(err.text, "the plan: out of memory");
}

/* The longest texts are cut, and never inside a character: whoever writes the error as JSON needs
 * UTF-8. All four alignments of a two-byte and a four-byte character are tried. */
static void long_texts_are_cut_between_characters(void)
{
    static const char *const characters[] = {"\xc3\xa9", "\xf0\x9f\x9a\x97"};
    for (size_t c = 0; c < 2; c++)
        for (size_t shift = 0; shift < 4; shift++) {
            struct wg_error err;
            char text[2 * WG_ERROR_TEXT_MAX];
            size_t len = 0, step = strlen(characters[c]);
            while (len < shift) text[len++] = 'x';
            for (; len + step < sizeof text; len += step) memcpy(text + len, characters[c], step);
            text[len] = '\0';
            (void)wg_fail(&err, WG_E_BAD_INPUT, "%s", text);
            CU_ASSERT_TRUE(strlen(err.text) > WG_ERROR_TEXT_MAX - 5);
            CU_ASSERT_TRUE(wg_text_is_utf8(err.text, strlen(err.text)));
            (void)wg_context(&err, "ab");
            CU_ASSERT_EQUAL(strncmp(err.text, "ab: ", 4), 0);
            CU_ASSERT_TRUE(strlen(err.text) < WG_ERROR_TEXT_MAX);
            CU_ASSERT_TRUE(wg_text_is_utf8(err.text, strlen(err.text)));
            (void)wg_context(&err, "%s", text);
            CU_ASSERT_TRUE(strlen(err.text) < WG_ERROR_TEXT_MAX);
            CU_ASSERT_TRUE(wg_text_is_utf8(err.text, strlen(err.text)));
        }
}

WG_SUITE("error", {"every code has its word and exit code", every_code_has_its_word_and_exit_code},
         {"failing fills, context goes before", failing_fills_and_context_goes_before},
         {"arguments may point into the error", arguments_may_point_into_the_error},
         {"nobody has to care", nobody_has_to_care},
         {"errno and memory have kinds", errno_and_memory_have_kinds},
         {"long texts are cut between characters", long_texts_are_cut_between_characters})
