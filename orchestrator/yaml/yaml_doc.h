/* yaml_doc.h: a YAML document as a tree whose every value knows its line and column, with strict
 * reading: one document, no duplicate keys, no anchors, aliases, tags or tabs, bounded size and
 * depth, valid UTF-8. Scalars stay text; who reads a value says what it should be (so 'no' and
 * '22:30' mean what the schema says). JSON is YAML: canonical JSON reads back through here. */
#ifndef WG_ORCHESTRATOR_YAML_YAML_DOC_H
#define WG_ORCHESTRATOR_YAML_YAML_DOC_H

#include "common/buf.h"
#include "common/error.h"
#include "common/time.h"

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

#define YAML_DOC_BYTES_MAX ((size_t)16 * 1024 * 1024)
#define YAML_DOC_DEPTH_MAX 32
#define YAML_DOC_KEYS_MAX 256 /* of one map: each key is compared with those before it */
#define YAML_DOC_PROBLEMS_MAX 500
#define YAML_DOC_REPORT_MAX ((size_t)4 * 1024 * 1024) /* bytes that hold any report */

enum yaml_kind { YAML_TEXT, YAML_LIST, YAML_MAP };

struct yaml_value {
    enum yaml_kind kind;
    size_t line, column;       /* from 1; columns are characters */
    bool quoted;               /* text in quotes */
    bool refused;              /* an alias: told already, so further problems of it are dropped */
    char *text;                /* text; NUL-terminated UTF-8 */
    size_t count;              /* list: items; map: pairs */
    struct yaml_value **items; /* list: values; map: values */
    struct yaml_value **keys;  /* map: keys, each of kind text */
};

/* Problems are collected, so that one run shows them all. Texts are safe for a terminal. */
struct yaml_problem {
    size_t line, column;
    char text[320]; /* what is wrong, what was expected, found */
    char hint[256]; /* what to do about it; "" none */
};

struct yaml_doc {
    char *file; /* as the person named it, safe for a terminal; owned */
    struct yaml_value *root;
    size_t problem_count;          /* may exceed the number kept, YAML_DOC_PROBLEMS_MAX */
    struct yaml_problem *problems; /* owned; in the order of the file; the first of it are kept */
    struct yaml_problem *last;     /* the newest, when it was kept */
    char *source;                  /* the bytes, for showing lines */
    size_t source_len;
};

/* Parses; syntax errors become a problem at their place. Always leaves doc clearable. False only
 * with problems or without memory; a problem that did not stop the reading leaves a whole root. */
WG_MUST_CHECK bool yaml_doc_parse(struct yaml_doc *doc, const char *file, const char *bytes,
                                  size_t len, struct wg_error *err);
void yaml_doc_clear(struct yaml_doc *doc);

/* at may be NULL: the file as a whole. */
void yaml_doc_problem(struct yaml_doc *doc, const struct yaml_value *at, const char *format, ...)
    WG_PRINTF(3, 4);
void yaml_doc_problem_at(struct yaml_doc *doc, size_t line, size_t column, const char *text);
/* Adds a hint to the problem told last: "did you mean ...?". Replaces one that it has. */
void yaml_doc_hint(struct yaml_doc *doc, const char *format, ...) WG_PRINTF(2, 3);
/* The hint "did you mean "X"?" with the word of choices (NULL-terminated) that is nearest to text;
 * false, and no hint, when none is near. */
bool yaml_doc_hint_nearest(struct yaml_doc *doc, const char *text, const char *const *choices);

/* WG_E_BAD_FILE with a line per problem, "file:line:col: error: text: hint", as many as an error
 * holds; always returns false. */
bool yaml_doc_fail(const struct yaml_doc *doc, struct wg_error *err);
/* All problems with their lines, the column marked, and hints, as compilers do; with colours when
 * asked for. out holds YAML_DOC_REPORT_MAX. */
void yaml_doc_report(const struct yaml_doc *doc, bool colour, struct wg_buf *out);
/* Appends an object per problem: file, line, column, error, hint (or null), source (the line, of
 * which at most 1000 characters). False without memory. */
WG_MUST_CHECK bool yaml_doc_report_json(const struct yaml_doc *doc, json_t *list);

const struct yaml_value *yaml_get(const struct yaml_value *map,
                                  const char *key); /* NULL: not there */
/* "a list", "a map", "a single value", "nothing": for the found part of a problem. */
const char *yaml_kind_text(const struct yaml_value *value);

/* Typed reading. Text is one line without control characters, so that canonical JSON carries it
 * and a terminal may be shown it. A wrong value adds a problem and returns false; *out stays as it
 * was. at may be NULL (key missing): then nothing happens and the result is true, unless the _req
 * form is used. */
bool yaml_read_text(struct yaml_doc *doc, const struct yaml_value *at, const char *what, char *out,
                    size_t size);
bool yaml_read_int(struct yaml_doc *doc, const struct yaml_value *at, const char *what, int64_t min,
                   int64_t max, int64_t *out);
bool yaml_read_bool(struct yaml_doc *doc, const struct yaml_value *at, const char *what, bool *out);
/* One of the words of choices (NULL-terminated); *index is its place among them. */
bool yaml_read_choice(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                      const char *const *choices, size_t *index);
bool yaml_read_duration(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                        wg_duration min, wg_duration max, wg_duration *out);
/* More than 0, at most 100, at most 4 decimals: 12.5, 12.5% or "12.5%"; as parts per million of
 * 100%.
 */
bool yaml_read_percent(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                       int64_t *ppm);

/* The same with its sign alone ("12.5%"), between bounds, which may be 0. */
bool yaml_read_share(struct yaml_doc *doc, const struct yaml_value *at, const char *what,
                     int64_t min, int64_t max, int64_t *ppm);

/* Every key of map must be in known (NULL-terminated); others become problems with a hint. */
void yaml_check_keys(struct yaml_doc *doc, const struct yaml_value *map, const char *what,
                     const char *const *known);

#endif
