/* region.c: looks codes up in the table that cmake/region_table.cmake makes. */
#include "orchestrator/campaign/region.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "region_table.inc"

#define CODES (sizeof codes / sizeof codes[0])
#define WORDS (sizeof words / sizeof words[0])
#define CODE_LEN (sizeof codes[0] - 1)

/* Codes that the standard reserves for others than itself, and that people write. */
static const struct word habits[] = {{"UK", "GB"}, {"EL", "GR"}};

static int by_text(const void *key, const void *entry)
{
    return strcmp(key, entry);
}

bool region_is_known(const char *region)
{
    return bsearch(region, codes, CODES, sizeof codes[0], by_text) != NULL;
}

/* Capitals, and '-' for whatever else may part country and subdivision. */
static bool normalise(const char *text, char out[REGION_TEXT])
{
    size_t len = strnlen(text, CODE_LEN + 1);
    if (len > CODE_LEN) return false;
    for (size_t i = 0; i <= len; i++) {
        char c = text[i];
        if (c >= 'a' && c <= 'z') c = (char)(c - 'a' + 'A');
        if (c && strchr("_ ./:", c)) c = '-';
        out[i] = c;
    }
    return true;
}

static const char *country_of(const struct word *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(list[i].text, text) == 0) return list[i].code;
    return NULL;
}

/* The one code that is a letter away, if it is one. Countries are too short to tell a slip. */
static const char *neighbour_of(const char *code)
{
    const char *found = NULL;
    if (strlen(code) < 4) return NULL;
    for (size_t i = 0; i < CODES; i++) {
        if (wg_text_distance(code, codes[i], 1) > 1) continue;
        if (found) return NULL;
        found = codes[i];
    }
    return found;
}

bool region_nearest(const char *wrong, char out[REGION_TEXT])
{
    char code[REGION_TEXT];
    bool short_enough = normalise(wrong, code);
    const char *found = short_enough && region_is_known(code) ? code : NULL;
    if (!found) found = country_of(habits, sizeof habits / sizeof habits[0], wrong);
    if (!found) found = country_of(words, WORDS, wrong);
    if (!found && short_enough) found = neighbour_of(code);
    return found && wg_copy(out, REGION_TEXT, found);
}
