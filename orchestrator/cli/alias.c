/* alias.c: words of other tools, of other spellings, and of how people speak. */
#include "orchestrator/cli/alias.h"

#include "orchestrator/cli/usage.h"

#include <string.h>

/* Taken, and shown nowhere. */
static const struct {
    const char *noun, *word, *verb;
} verbs[] = {
    {"campaign", "show", "status"},
    {"device", "enroll", "enrol"},
    {"context", "delete", "remove"},
};

/* Too far from our words, or with too much at stake, to be taken. The first that the noun has. */
static const struct {
    const char *word, *verb;
} hints[] = {
    {"get", "show"},           {"get", "status"},
    {"describe", "show"},      {"describe", "status"},
    {"info", "show"},          {"status", "show"},
    {"rm", "remove"},          {"rm", "delete"},
    {"delete", "remove"},      {"remove", "delete"},
    {"create", "add"},         {"create", "apply"},
    {"create", "make"},        {"new", "add"},
    {"new", "apply"},          {"run", "apply"},
    {"deploy", "apply"},       {"stop", "abort"},
    {"stop", "pause"},         {"cancel", "abort"},
    {"kill", "abort"},         {"continue", "resume"},
    {"unpause", "resume"},     {"find", "list"},
    {"search", "list"},        {"why", "explain"},
    {"diff", "plan"},          {"check", "validate"},
    {"check", "verify"},       {"publish", "add"},
    {"retry", "retry-failed"}, {"undo", "rollback"},
    {"revert", "rollback"},    {"untag", "tag"},
    {"unrevoke", "reinstate"}, {"delete", "revoke"},
    {"remove", "revoke"},      {"generate", "make"},
};

const char *alias_noun(const char *word)
{
    size_t len = strlen(word);
    if (len > 1 && word[len - 1] == 's') len--;
    for (size_t i = 0; i < command_count; i++) {
        const char *noun = commands[i].noun;
        if (strcmp(noun, word) == 0 || (strlen(noun) == len && strncmp(noun, word, len) == 0))
            return noun;
    }
    return NULL;
}

bool alias_command(const char *word, const char **noun, const char **verb)
{
    if (strcmp(word, "failures") != 0) return false;
    *noun = "campaign";
    *verb = "failures";
    return true;
}

const char *alias_verb(const char *noun, const char *word)
{
    if (command_find(noun, word)) return word;
    if (strcmp(word, "ls") == 0 && command_find(noun, "list")) return "list";
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (strcmp(verbs[i].noun, noun) == 0 && strcmp(verbs[i].word, word) == 0)
            return verbs[i].verb;
    return word;
}

const char *alias_hint(const char *noun, const char *word)
{
    for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++)
        if (strcmp(hints[i].word, word) == 0 && command_find(noun, hints[i].verb))
            return hints[i].verb;
    return NULL;
}
