/* completion_test.c: what is offered at the cursor, for every command and flag of the table. */
#include "orchestrator/cli/completion.h"
#include "orchestrator/cli/usage.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define WORDS_MAX 16

/* The words of a line; what stands behind its last space is the one at the cursor. */
static void find(struct completion *out, char *line)
{
    char *words[WORDS_MAX];
    size_t count = 0;
    for (char *word; count < WORDS_MAX && (word = strsep(&line, " "));) words[count++] = word;
    completion_find(out, words, count);
}

/* The offers alone, with spaces; then "?" and the words that are asked, and ":files". */
static void expect(const char *line, const char *expected)
{
    struct completion found;
    char copy[256], got[8192] = "";
    (void)wg_copy(copy, sizeof copy, line);
    find(&found, copy);
    for (const char *at = wg_buf_str(&found.offers); *at; at = strchr(at, '\n') + 1)
        (void)sprintf(got + strlen(got), "%.*s ", (int)strcspn(at, "\t"), at);
    for (size_t i = 0; found.ask[i]; i++)
        (void)sprintf(got + strlen(got), "%s%s ", i ? "" : "? ", found.ask[i]);
    if (found.files) (void)strcat(got, ":files");
    ASSERT_TEXT(got, expected);
    completion_clear(&found);
}

static void nouns_and_verbs(void)
{
    expect("ca", "campaign ");
    expect("device rev", "revoke ");
    expect("device nothing", "");
    expect("nothing ", "");
    expect("help ca", "campaign ");
    expect("help campaign ad", "advance ");
    expect("help campaign advance ", "");
    expect("--json ca", "campaign ");
    expect("--config x device lis", "list ");
}

static void flags_are_offered_once(void)
{
    expect("device list --o", "--online --offline --operator --operator-key --operator-secret ");
    expect("device list --online --on", "");
    expect("device list --tag x --ta", "");
    expect("release add f --with a/1 --wit", "--with ");
    expect("--js", "--json ");
    expect("device list --online", "--online ");
}

static void values_follow_their_flags(void)
{
    expect("device export --format ", "csv ndjson ");
    expect("device export --format=n", "--format=ndjson ");
    expect("device export --format = n", "ndjson ");
    expect("device clear x --kind t", "tampered ");
    expect("release make-key f --kind ", "ed25519 p256 ");
    expect("device list --limit ", "");
    expect("campaign plan f --save ", ":files");
    expect("--config ", ":files");
    expect("campaign apply f --reason x", "");
    expect("campaign hold x --wave ", "");
}

static void names_are_asked_for(void)
{
    expect("campaign status ", "? campaign list --quiet ");
    expect("--config a.yaml campaign status ", "? campaign list --quiet --config a.yaml ");
    expect("device show ", "? device list --quiet ");
    expect("device show dev-1", "? device list --quiet --after dev-0~ ");
    expect("group add ", "? group list --quiet ");
    expect("group add pilot dev-1 ", "? device list --quiet ");
    expect("device logs d --campaign=", "? campaign list --quiet ");
    expect("release show x --repository r ", "");
    expect("release show --repository r ", "? release list --quiet --repository r ");
    expect("campaign status a ", "");
}

static void arguments_are_files(void)
{
    expect("campaign plan ", ":files");
    expect("campaign validate a b ", ":files");
    expect("campaign plan a ", "");
    expect("audit verify ", ":files");
    expect("device import ", ":files");
    expect("release rotate ro", "root ");
    expect("release rotate root ti", "timestamp ");
}

/* Whatever stands in the table can be reached letter by letter. */
static void every_word_is_offered(void)
{
    for (size_t i = 0; i < command_count; i++) {
        const struct command *command = &commands[i];
        char line[256], word[128];
        (void)wg_format(line, sizeof line, "%s %s", command->noun, command->verb);
        (void)wg_format(word, sizeof word, "%s\t", command->verb);
        struct completion found;
        find(&found, line);
        CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&found.offers), word));
        completion_clear(&found);
        for (const struct flag *flag = command->flags; flag && flag->name; flag++) {
            (void)wg_format(line, sizeof line, "%s %s --%s", command->noun, command->verb,
                            flag->name);
            (void)wg_format(word, sizeof word, "--%s\t", flag->name);
            find(&found, line);
            CU_ASSERT_PTR_NOT_NULL(strstr(wg_buf_str(&found.offers), word));
            completion_clear(&found);
        }
    }
}

WG_SUITE("completion", {"nouns and verbs", nouns_and_verbs},
         {"flags are offered once", flags_are_offered_once},
         {"values follow their flags", values_follow_their_flags},
         {"names are asked for", names_are_asked_for}, {"arguments are files", arguments_are_files},
         {"every word is offered", every_word_is_offered})
