/* dictionary.c: reads libFuzzer's dictionaries. */
#include "tests/fuzz/dictionary.h"

#include "common/posix/file.h"
#include "common/text.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX ((size_t)1 << 20)

/* One byte behind the opening quote, escaped or not. */
static bool read_byte(const char **at, uint8_t *out)
{
    char c = *(*at)++;
    *out = (uint8_t)c;
    if (c != '\\') return c != '\0';
    c = *(*at)++;
    *out = (uint8_t)c;
    if (c == '\\' || c == '"') return true;
    char hex[3] = "";
    if (c != 'x' || !wg_copy_n(hex, sizeof hex, *at, strnlen(*at, 2))) return false;
    for (char *digit = hex; *digit; digit++)
        if (*digit >= 'A' && *digit <= 'F') *digit = (char)(*digit - 'A' + 'a');
    *at += 2;
    return wg_unhex(hex, out, 1);
}

static bool read_word(const char *line, struct dictionary_word *word)
{
    const char *at = strchr(line, '"');
    word->len = 0;
    if (!at) return false;
    for (at++; *at != '"'; word->len++)
        if (word->len == DICTIONARY_WORD_MAX || !read_byte(&at, &word->bytes[word->len]))
            return false;
    return word->len > 0 && at[1 + strspn(at + 1, " \t\r")] == '\0';
}

static bool add(struct dictionary *out, const struct dictionary_word *word, struct wg_error *err)
{
    struct dictionary_word *words = realloc(out->words, (out->count + 1) * sizeof *words);
    if (!words) return wg_fail_memory(err, "reading a dictionary");
    out->words = words;
    words[out->count++] = *word;
    return true;
}

static bool read_lines(struct dictionary *out, char *text, const char *path, struct wg_error *err)
{
    size_t number = 0;
    for (char *next = text, *line; (line = strsep(&next, "\n"));) {
        struct dictionary_word word;
        number++;
        line += strspn(line, " \t\r");
        if (*line == '\0' || *line == '#') continue;
        if (!read_word(line, &word))
            return wg_fail(err, WG_E_BAD_FILE, "%s:%zu: expected \"word\" or name=\"word\"", path,
                           number);
        if (!add(out, &word, err)) return false;
    }
    return true;
}

bool dictionary_load(struct dictionary *out, const char *path, struct wg_error *err)
{
    struct wg_buf bytes;
    *out = (struct dictionary){0};
    wg_buf_init(&bytes, FILE_MAX);
    bool ok = wg_file_read(path, &bytes, err) &&
              (bytes.len == 0 || read_lines(out, bytes.data, path, err));
    wg_buf_clear(&bytes);
    if (!ok) dictionary_clear(out);
    return ok;
}

void dictionary_clear(struct dictionary *dictionary)
{
    free(dictionary->words);
    *dictionary = (struct dictionary){0};
}
