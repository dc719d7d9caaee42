/* json_place.c: walks along the keys that a problem names. */
#include "common/json_place.h"

#include "common/text.h"

#include <stdlib.h>
#include <string.h>

struct scan {
    const char *text;
    size_t len, at;
};

static void skip_blanks(struct scan *scan)
{
    while (scan->at < scan->len && strchr(" \t\r\n", scan->text[scan->at])) scan->at++;
}

static char here(struct scan *scan)
{
    skip_blanks(scan);
    if (scan->at >= scan->len) return '\0';
    return scan->text[scan->at];
}

/* From its first quote to behind its last one. */
static void skip_string(struct scan *scan)
{
    for (scan->at++; scan->at < scan->len && scan->text[scan->at] != '"'; scan->at++)
        if (scan->text[scan->at] == '\\') scan->at++;
    scan->at++;
}

static void skip_value(struct scan *scan)
{
    size_t depth = 0;
    skip_blanks(scan);
    while (scan->at < scan->len) {
        char c = scan->text[scan->at];
        if (c == '"') {
            skip_string(scan);
            if (depth == 0) return;
            continue;
        }
        if (depth == 0 && strchr(",}]", c)) return;
        if (c == '{' || c == '[') depth++;
        if ((c == '}' || c == ']') && --depth == 0) {
            scan->at++;
            return;
        }
        scan->at++;
    }
}

/* At an object: whether it has the key; then the scan stands on the value, *key on the key. */
static bool find(struct scan *scan, const char *name, size_t len, size_t *key)
{
    struct scan to = *scan;
    if (here(&to) != '{') return false;
    for (to.at++; here(&to) == '"';) {
        size_t from = to.at;
        skip_string(&to);
        if (to.at - from == len + 2 && strncmp(to.text + from + 1, name, len) == 0) {
            *key = from;
            (void)here(&to);
            to.at++; /* ':' */
            skip_blanks(&to);
            *scan = to;
            return true;
        }
        (void)here(&to);
        to.at++;
        skip_value(&to);
        if (here(&to) == ',') to.at++;
    }
    return false;
}

static void count(const char *text, size_t at, size_t *line, size_t *column)
{
    *line = *column = 1;
    for (size_t i = 0; i < at; i++) {
        (*column)++;
        if (text[i] != '\n') continue;
        (*line)++;
        *column = 1;
    }
}

void wg_json_place(const char *text, size_t len, const char *problem, size_t *line, size_t *column)
{
    struct scan scan = {.text = text, .len = len};
    size_t key = 0;
    skip_blanks(&scan);
    key = scan.at < len ? scan.at : 0;
    for (const char *colon; (colon = strstr(problem, ": ")) != NULL; problem = colon + 2)
        if (!find(&scan, problem, (size_t)(colon - problem), &key)) break;
    count(text, key, line, column);
}

/* "WORD 12" at *text: the number, and *text behind it. */
static bool read_number(const char **text, const char *word, size_t *out)
{
    size_t len = strlen(word);
    char *end = NULL;
    if (strncmp(*text, word, len) != 0) return false;
    *out = strtoul(*text + len, &end, 10);
    *text = end;
    return *out > 0;
}

bool wg_json_fail_at(const char *file, const char *text, size_t len, struct wg_error *err)
{
    char problem[WG_ERROR_TEXT_MAX];
    size_t line = 1, column = 1;
    if (!err) return false;
    (void)wg_copy(problem, sizeof problem, err->text);
    const char *rest = problem; /* behind what wg_json_parse() has said of the place */
    if (read_number(&rest, "line ", &line) && read_number(&rest, ", column ", &column) &&
        strncmp(rest, ": ", 2) == 0) {
        rest += 2;
    } else {
        rest = problem;
        wg_json_place(text, len, problem, &line, &column);
    }
    enum wg_error_code code = err->code == WG_E_BAD_INPUT ? WG_E_BAD_FILE : err->code;
    return wg_fail(err, code, "%s:%zu:%zu: error: %s", file, line, column, rest);
}
