/* pages_test.c: docs/command.md is what the table prints (make docs), and every noun has words. */
#include "orchestrator/cli/pages.h"
#include "orchestrator/cli/usage.h"
#include "orchestrator/cli/words.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void the_page_in_docs_is_what_the_table_prints(void)
{
    struct wg_buf page;
    static char kept[1 << 20];
    FILE *file = fopen(WG_SOURCE_DIR "/docs/command.md", "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    size_t len = fread(kept, 1, sizeof kept - 1, file);
    (void)fclose(file);
    kept[len] = '\0';
    wg_buf_init(&page, sizeof kept);
    pages_markdown(&page);
    ASSERT_TEXT(kept, wg_buf_str(&page));
    wg_buf_clear(&page);
}

static void nouns_are_told_and_no_others(void)
{
    size_t told = 0, nouns = 0;
    for (const struct words_noun *noun = words_nouns; noun->noun; noun++, told++)
        CU_ASSERT_TRUE(command_noun_exists(noun->noun));
    for (size_t i = 0; i < command_count; i++) {
        if (i > 0 && strcmp(commands[i].noun, commands[i - 1].noun) == 0) continue;
        nouns++;
        if (!words_noun(commands[i].noun)) printf("\n    no words for %s\n", commands[i].noun);
        CU_ASSERT_PTR_NOT_NULL(words_noun(commands[i].noun));
    }
    CU_ASSERT_EQUAL(told, nouns);
}

static bool has_code(int code)
{
    for (const struct words_exit *exit = words_exits; exit->text; exit++)
        if (exit->code == code) return true;
    return false;
}

/* Whatever an error can end with is told, beside its name, and nothing else is. */
static void exit_codes_are_those_of_errors(void)
{
    for (int code = WG_E_FAILED; code < WG_ERROR_CODES; code++) {
        const char *name = wg_error_code_text((enum wg_error_code)code);
        int number = wg_error_exit((enum wg_error_code)code);
        CU_ASSERT_TRUE(has_code(number));
        for (const struct words_exit *exit = words_exits; exit->text; exit++) {
            char names[256], word[64];
            (void)snprintf(names, sizeof names, ", %s,", exit->name);
            (void)snprintf(word, sizeof word, ", %s,", name);
            CU_ASSERT_EQUAL(strstr(names, word) != NULL, exit->code == number);
        }
    }
}

static bool count(void *ctx, const char *name, const struct wg_buf *text, struct wg_error *err)
{
    (void)name;
    (void)err;
    ++*(size_t *)ctx;
    return strncmp(text->data, ".\\\" Printed", 11) == 0 && strstr(text->data, "\n.TH WAVEGATE");
}

static void there_is_a_page_for_each(void)
{
    size_t pages = 0, nouns = 0;
    while (words_nouns[nouns].noun) nouns++;
    CU_ASSERT_TRUE(pages_each(count, &pages, NULL));
    CU_ASSERT_EQUAL(pages, nouns + 2);
}

WG_SUITE("pages",
         {"the page in docs is what the table prints", the_page_in_docs_is_what_the_table_prints},
         {"nouns are told and no others", nouns_are_told_and_no_others},
         {"exit codes are those of errors", exit_codes_are_those_of_errors},
         {"there is a page for each", there_is_a_page_for_each})
