/* completion.c: finds noun, verb and flag before the cursor, and what may stand at it. */
#include "orchestrator/cli/completion.h"

#include "orchestrator/cli/usage.h"
#include "orchestrator/cli/words.h"

#include <string.h>

/* Words that a value or an argument has of its own. */
static const struct {
    const char *noun, *name, *words; /* noun NULL: of any */
} choices[] = {
    {NULL, "format", "csv ndjson"},
    {NULL, "until", "gate end"},
    {NULL, "scheme", "semver debian calver opaque"},
    {"release", "kind", "ed25519 p256"},
    {"people", "role", "owner rollout-admin repository-admin deployment-admin support auditor"},
    {"webhook", "kinds", "campaign wave device alarm release people"},
    {"device", "kind", "cloned connect-storm flood revoked escape tampered quarantine"},
    {"fleet", "kind",
     "crash-looping silent alarm quarantine wrong-clock certificate never-updated behind unused"},
    {"release", "ROLE", "root targets snapshot timestamp"},
};

/* Names that wavegate itself can list. */
static const struct {
    const char *noun, *name, *list; /* name: of a flag, or the word of an argument */
} names[] = {
    {"campaign", "NAME", "campaign"},
    {"group", "NAME", "group"},
    {"context", "NAME", "context"},
    {NULL, "CAMPAIGN", "campaign"},
    {"people", "NAME", "people"},
    {"webhook", "NAME", "webhook"},
    {"token", "ID", "token"},
    {NULL, "ID", "device"},
    {NULL, "COMPONENT/VERSION", "release"},
    {NULL, "campaign", "campaign"},
    {NULL, "group", "group"},
    {NULL, "context", "context"},
};

/* Flags that decide whom to ask. */
static const char *const asked_with[] = {"config", "context", "repository"};

struct place {
    const char *noun, *verb;
    const struct command *command;
    size_t positionals;
    const struct flag *flag; /* whose value is at the cursor; NULL: none */
    const char *given[ARGS_FLAGS_MAX];
    size_t given_count;
    const char *values[sizeof asked_with / sizeof asked_with[0]];
};

static const struct flag *flag_in(const struct flag *table, const char *name, size_t len)
{
    for (; table && table->name; table++)
        if (strlen(table->name) == len && strncmp(table->name, name, len) == 0) return table;
    return NULL;
}

static const struct flag *flag_of(const struct place *place, const char *word)
{
    size_t len = strcspn(word, "=") - 2;
    const struct flag *flag = flag_in(common_flags, word + 2, len);
    return flag || !place->command ? flag : flag_in(place->command->flags, word + 2, len);
}

static void keep_value(struct place *place, const char *name, const char *value)
{
    for (size_t i = 0; i < sizeof asked_with / sizeof asked_with[0]; i++)
        if (strcmp(asked_with[i], name) == 0) place->values[i] = value;
}

static void pass_flag(struct place *place, const char *word)
{
    const struct flag *flag = flag_of(place, word);
    const char *equals = strchr(word, '=');
    if (!flag) return;
    if (place->given_count < ARGS_FLAGS_MAX) place->given[place->given_count++] = flag->name;
    if (flag->value && equals) keep_value(place, flag->name, equals + 1);
    if (flag->value && !equals) place->flag = flag;
}

static void pass_word(struct place *place, const char *word)
{
    if (place->flag && strcmp(word, "=") == 0) return; /* bash cuts there */
    if (place->flag) {
        keep_value(place, place->flag->name, word);
        place->flag = NULL;
    } else if (strncmp(word, "--", 2) == 0 && word[2]) {
        pass_flag(place, word);
    } else if (!place->noun) {
        place->noun = word;
    } else if (!place->verb) {
        place->verb = word;
        place->command = command_find(place->noun, place->verb);
    } else {
        place->positionals++;
    }
}

static bool begins(const char *word, const char *with)
{
    return strncmp(word, with, strlen(with)) == 0;
}

/* before: "--flag=" that stands in the word already. */
static void offer(struct completion *out, const char *before, const char *word, const char *what)
{
    wg_buf_printf(&out->offers, "%s%s\t%s\n", before, word, what);
}

static void offer_flags(struct completion *out, const struct place *place, const struct flag *table,
                        const char *typed)
{
    for (; table && table->name; table++) {
        size_t len = table->value ? strlen(table->value) : 0;
        bool again = len > 3 && strcmp(table->value + len - 3, "...") == 0, is_given = false;
        for (size_t i = 0; i < place->given_count; i++)
            is_given = is_given || place->given[i] == table->name;
        if ((!is_given || again) && begins(table->name, typed + (begins(typed, "--") ? 2 : 1)))
            offer(out, "--", table->name, table->help);
    }
}

static const char *noun_summary(const char *noun)
{
    const struct words_noun *words = words_noun(noun);
    return words ? words->summary : "";
}

static void offer_nouns(struct completion *out, const char *typed)
{
    for (size_t i = 0; i < command_count; i++)
        if ((i == 0 || strcmp(commands[i].noun, commands[i - 1].noun) != 0) &&
            begins(commands[i].noun, typed))
            offer(out, "", commands[i].noun, noun_summary(commands[i].noun));
    if (begins("help", typed)) offer(out, "", "help", "what a command does, and its flags");
}

static void offer_verbs(struct completion *out, const char *noun, const char *typed)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i].noun, noun) == 0 && begins(commands[i].verb, typed))
            offer(out, "", commands[i].verb, commands[i].summary);
}

static void offer_choices(struct completion *out, const char *words, const char *before,
                          const char *typed)
{
    while (*words) {
        char word[64];
        size_t len = strcspn(words, " ");
        if (wg_copy_n(word, sizeof word, words, len) && begins(word, typed))
            offer(out, before, word, "");
        words += len + (words[len] == ' ');
    }
}

/* Ids come in their order, and there may be a million: the question begins right before what was
 * typed. */
static void ask_from(struct completion *out, size_t *at, const char *typed)
{
    size_t len = strlen(typed);
    if (len == 0 || len + 2 > sizeof out->after) return;
    (void)wg_format(out->after, sizeof out->after, "%.*s%c~", (int)len - 1, typed,
                    typed[len - 1] - 1);
    out->ask[(*at)++] = "--after";
    out->ask[(*at)++] = out->after;
}

static void ask(struct completion *out, const struct place *place, const char *list,
                const char *typed)
{
    static const char *const with[] = {"--config", "--context", "--repository"};
    size_t at = 0;
    out->ask[at++] = list;
    out->ask[at++] = "list";
    out->ask[at++] = "--quiet";
    for (size_t i = 0; i < sizeof with / sizeof with[0]; i++) {
        if (!place->values[i] || (i == 2 && strcmp(list, "release") != 0)) continue;
        out->ask[at++] = with[i];
        out->ask[at++] = place->values[i];
    }
    if (strcmp(list, "device") == 0) ask_from(out, &at, typed);
}

static bool is_of(const char *noun, const char *name, const struct place *place, const char *word)
{
    return strcmp(name, word) == 0 && (!noun || (place->noun && strcmp(noun, place->noun) == 0));
}

/* By the name of a flag, or the word of an argument (before is NULL then). True: it is known. */
static bool offer_by_name(struct completion *out, const struct place *place, const char *word,
                          const char *before, const char *typed)
{
    bool names_things = before == NULL; /* the word of an argument: NAME is of the noun */
    if (!before) before = "";
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        if (!is_of(choices[i].noun, choices[i].name, place, word)) continue;
        offer_choices(out, choices[i].words, before, typed);
        return true;
    }
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (!is_of(names[i].noun, names[i].name, place, word)) continue;
        if (names[i].noun && !names_things) continue;
        ask(out, place, names[i].list, typed);
        return true;
    }
    return false;
}

static bool is_file(const char *word)
{
    return begins(word, "FILE") || begins(word, "FOLDER") || strcmp(word, "OLD") == 0 ||
           strcmp(word, "PREFIX") == 0 || strcmp(word, "WHERE") == 0;
}

static void offer_value(struct completion *out, const struct place *place, const struct flag *flag,
                        const char *before, const char *typed)
{
    if (!flag->value) return;
    if (!offer_by_name(out, place, flag->name, before, typed) &&
        !offer_by_name(out, place, flag->value, before, typed))
        out->files = is_file(flag->value);
}

/* The word for argument i of "NAME ID..."; false: there is none. */
static bool argument_word(const char *arguments, size_t i, char out[64])
{
    out[0] = '\0';
    for (const char *at = arguments; *at;) {
        at += *at == '[';
        size_t len = strcspn(at, " ]"), dots = len > 3 && strncmp(at + len - 3, "...", 3) == 0;
        if (!wg_copy_n(out, 64, at, len - 3 * dots)) return false;
        if (i == 0 || dots) return true;
        i--;
        at += len + strspn(at + len, " ]");
    }
    return false;
}

static void offer_argument(struct completion *out, const struct place *place, const char *typed)
{
    char word[64];
    if (!argument_word(place->command->arguments, place->positionals, word)) return;
    if (!offer_by_name(out, place, word, NULL, typed)) out->files = is_file(word);
}

static void offer_at(struct completion *out, struct place *place, const char *typed)
{
    const char *equals = begins(typed, "--") ? strchr(typed, '=') : NULL;
    const struct flag *flag = equals ? flag_of(place, typed) : place->flag;
    bool asks_help = place->noun && strcmp(place->noun, "help") == 0;
    char before[64] = "";
    if (equals) (void)wg_copy_n(before, sizeof before, typed, (size_t)(equals - typed) + 1);
    if (flag) {
        offer_value(out, place, flag, before, equals ? equals + 1 : typed);
    } else if (typed[0] == '-' && !equals) {
        if (place->command) offer_flags(out, place, place->command->flags, typed);
        offer_flags(out, place, common_flags, typed);
    } else if (!place->noun || (asks_help && !place->verb)) {
        offer_nouns(out, typed);
    } else if (asks_help) {
        if (place->positionals == 0) offer_verbs(out, place->verb, typed);
    } else if (!place->verb) {
        offer_verbs(out, place->noun, typed);
    } else if (place->command) {
        offer_argument(out, place, typed);
    }
}

void completion_find(struct completion *out, char *const *words, size_t count)
{
    struct place place = {.noun = NULL};
    *out = (struct completion){.files = false};
    wg_buf_init(&out->offers, (size_t)64 * 1024);
    for (size_t i = 0; i + 1 < count; i++) pass_word(&place, words[i]);
    const char *typed = count > 0 ? words[count - 1] : "";
    if (place.flag && strcmp(typed, "=") == 0) typed = "";
    offer_at(out, &place, typed);
}

void completion_clear(struct completion *completion)
{
    wg_buf_clear(&completion->offers);
}
