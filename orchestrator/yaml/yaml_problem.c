/* yaml_problem.c: the problems of a document: kept in the order of the file, with hints. */
#include "common/text.h"
#include "orchestrator/yaml/yaml_doc.h"
#include "orchestrator/yaml/yaml_glyph.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define WORD_MIN 3 /* letters that are enough to tell how a word goes on */

static bool is_before(size_t line, size_t column, const struct yaml_problem *other)
{
    return line != other->line ? line < other->line : column < other->column;
}

/* Makes room for one at its place; when all are taken, the last of the file gives way. NULL when it
 * is itself behind all that are kept. */
static struct yaml_problem *make_room(struct yaml_doc *doc, size_t line, size_t column)
{
    bool full = doc->problem_count >= YAML_DOC_PROBLEMS_MAX;
    size_t kept = full ? YAML_DOC_PROBLEMS_MAX : doc->problem_count, at = kept;
    while (at > 0 && is_before(line, column, &doc->problems[at - 1])) at--;
    doc->problem_count++;
    if (at == YAML_DOC_PROBLEMS_MAX) return NULL;
    memmove(&doc->problems[at + 1], &doc->problems[at], (kept - at - full) * sizeof *doc->problems);
    return &doc->problems[at];
}

void yaml_doc_problem_at(struct yaml_doc *doc, size_t line, size_t column, const char *text)
{
    struct yaml_problem *problem = make_room(doc, line, column);
    doc->last = problem;
    if (!problem) return;
    problem->line = line;
    problem->column = column;
    problem->hint[0] = '\0';
    yaml_copy_printable(problem->text, sizeof problem->text, text);
}

void yaml_doc_problem(struct yaml_doc *doc, const struct yaml_value *at, const char *format, ...)
{
    char text[1024];
    va_list args;
    doc->last = NULL;
    if (at && at->refused) return;
    va_start(args, format);
    (void)wg_format_args(text, sizeof text, format, args);
    va_end(args);
    yaml_doc_problem_at(doc, at ? at->line : 1, at ? at->column : 1, text);
}

void yaml_doc_hint(struct yaml_doc *doc, const char *format, ...)
{
    char text[1024];
    va_list args;
    if (!doc->last) return;
    va_start(args, format);
    (void)wg_format_args(text, sizeof text, format, args);
    va_end(args);
    yaml_copy_printable(doc->last->hint, sizeof doc->last->hint, text);
}

/* How far a word is from what was written, 0 for other case and for its beginning; a short one is
 * near to too much. */
static size_t distance_of(const char *text, const char *word)
{
    size_t len = strlen(text);
    if (strcasecmp(text, word) == 0) return 0;
    if (len >= WORD_MIN && strncasecmp(text, word, len) == 0) return 0;
    return wg_text_distance(text, word, len <= WORD_MIN ? 1 : 2);
}

bool yaml_doc_hint_nearest(struct yaml_doc *doc, const char *text, const char *const *choices)
{
    const char *best = NULL;
    size_t nearest = strlen(text) <= WORD_MIN ? 2 : 3;
    for (; *choices; choices++) {
        size_t distance = distance_of(text, *choices);
        if (distance < nearest) {
            nearest = distance;
            best = *choices;
        }
    }
    if (best) yaml_doc_hint(doc, "did you mean \"%s\"?", best);
    return best != NULL;
}

bool yaml_doc_fail(const struct yaml_doc *doc, struct wg_error *err)
{
    static const char more[] = "\nand 1234567890 more problems";
    char text[WG_ERROR_TEXT_MAX] = "";
    size_t kept =
        doc->problem_count < YAML_DOC_PROBLEMS_MAX ? doc->problem_count : YAML_DOC_PROBLEMS_MAX;
    size_t used = 0, shown = 0;
    for (; shown < kept; shown++) {
        const struct yaml_problem *problem = &doc->problems[shown];
        char line[WG_ERROR_TEXT_MAX];
        bool whole = wg_format(line, sizeof line, "%s%.200s:%zu:%zu: error: %s%s%s",
                               shown ? "\n" : "", doc->file, problem->line, problem->column,
                               problem->text, problem->hint[0] ? ": " : "", problem->hint);
        if (!whole || used + strlen(line) + sizeof more > sizeof text) break;
        (void)wg_copy(text + used, sizeof text - used, line);
        used += strlen(line);
    }
    if (shown < doc->problem_count)
        (void)wg_format(text + used, sizeof text - used, "\nand %zu more problems",
                        doc->problem_count - shown);
    return wg_fail(err, WG_E_BAD_FILE, "%s", text);
}
