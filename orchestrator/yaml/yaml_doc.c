/* yaml_doc.c: builds the tree from libyaml's events and refuses what a configuration never needs.
 */
#include "orchestrator/yaml/yaml_doc.h"

#include "common/buf.h"
#include "common/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct builder {
    struct yaml_doc *doc;
    yaml_parser_t parser;
    bool memory; /* ran out */
};

static void value_free(struct yaml_value *value)
{
    if (!value) return;
    for (size_t i = 0; i < value->count; i++) {
        value_free(value->items[i]);
        if (value->kind == YAML_MAP) value_free(value->keys[i]);
    }
    free(value->items);
    free(value->keys);
    free(value->text);
    free(value);
}

void yaml_doc_clear(struct yaml_doc *doc)
{
    value_free(doc->root);
    free(doc->source);
    *doc = (struct yaml_doc){0};
}

/* Bytes of the UTF-8 sequence at text; 0 when it is none. */
static size_t sequence_length(const char *text, size_t left)
{
    for (size_t len = 1; len <= 4 && len <= left; len++)
        if (wg_text_is_utf8(text, len)) return len;
    return 0;
}

static bool is_control(char c)
{
    return (unsigned char)c < 0x20 || c == 0x7f;
}

/* Problems quote what the file holds, and go to terminals, a line each. */
static void make_printable(char *text)
{
    for (size_t left = strlen(text); left > 0;) {
        size_t len = sequence_length(text, left);
        if (len == 0 || is_control(*text)) {
            *text = '?';
            len = 1;
        }
        text += len;
        left -= len;
    }
}

static void add_problem(struct yaml_doc *doc, size_t line, size_t column, const char *text)
{
    if (doc->problem_count < YAML_DOC_PROBLEMS_MAX) {
        struct yaml_problem *problem = &doc->problems[doc->problem_count];
        problem->line = line;
        problem->column = column;
        (void)wg_copy(problem->text, sizeof problem->text, text);
        make_printable(problem->text);
    }
    doc->problem_count++;
}

void yaml_doc_problem(struct yaml_doc *doc, const struct yaml_value *at, const char *format, ...)
{
    char text[256];
    va_list args;
    va_start(args, format);
    (void)vsnprintf(text, sizeof text, format, args);
    va_end(args);
    add_problem(doc, at ? at->line : 1, at ? at->column : 1, text);
}

static int by_place(const void *left, const void *right)
{
    const struct yaml_problem *a = left, *b = right;
    if (a->line != b->line) return a->line < b->line ? -1 : 1;
    return a->column < b->column ? -1 : a->column > b->column;
}

bool yaml_doc_fail(const struct yaml_doc *doc, struct wg_error *err)
{
    struct yaml_problem sorted[YAML_DOC_PROBLEMS_MAX];
    char text[WG_ERROR_TEXT_MAX];
    size_t kept =
        doc->problem_count < YAML_DOC_PROBLEMS_MAX ? doc->problem_count : YAML_DOC_PROBLEMS_MAX;
    size_t used = 0, shown = 0;
    memcpy(sorted, doc->problems, kept * sizeof *sorted);
    qsort(sorted, kept, sizeof *sorted, by_place);
    text[0] = '\0';
    for (; shown < kept; shown++) {
        char line[640];
        int len = snprintf(line, sizeof line, "%s%s:%zu:%zu: error: %s", shown ? "\n" : "",
                           doc->file, sorted[shown].line, sorted[shown].column, sorted[shown].text);
        /* room stays for the last line */
        if (len < 0 || used + (size_t)len + 40 >= sizeof text) break;
        memcpy(text + used, line, (size_t)len + 1);
        used += (size_t)len;
    }
    if (shown < doc->problem_count)
        (void)snprintf(text + used, sizeof text - used, "\nand %zu more problems",
                       doc->problem_count - shown);
    return wg_fail(err, WG_E_BAD_FILE, "%s", text);
}

static struct yaml_value *value_new(struct builder *builder, enum yaml_kind kind,
                                    const yaml_event_t *event)
{
    struct yaml_value *value = calloc(1, sizeof *value);
    if (!value) {
        builder->memory = true;
        return NULL;
    }
    value->kind = kind;
    value->line = event->start_mark.line + 1;
    value->column = event->start_mark.column + 1;
    return value;
}

static void problem_at(struct builder *builder, const yaml_event_t *event, const char *text)
{
    add_problem(builder->doc, event->start_mark.line + 1, event->start_mark.column + 1, text);
}

/* libyaml tells an offset, and no line, for a character that it does not take at all. */
static void unreadable_problem(struct yaml_doc *doc, size_t offset, const char *text)
{
    size_t line = 1, column = 1;
    for (size_t i = 0; i < offset && i < doc->source_len; i++) {
        bool tail = ((unsigned char)doc->source[i] & 0xc0) == 0x80;
        line += doc->source[i] == '\n';
        column = doc->source[i] == '\n' ? 1 : column + !tail;
    }
    add_problem(doc, line, column, text);
}

static bool next_event(struct builder *builder, yaml_event_t *event)
{
    char text[256];
    if (yaml_parser_parse(&builder->parser, event)) return true;
    const yaml_parser_t *parser = &builder->parser;
    if (parser->error == YAML_MEMORY_ERROR) {
        builder->memory = true;
        return false;
    }
    (void)snprintf(text, sizeof text, "not valid YAML: %s%s%s",
                   parser->problem ? parser->problem : "cannot be read",
                   parser->context ? ", " : "", parser->context ? parser->context : "");
    if (parser->error == YAML_READER_ERROR)
        unreadable_problem(builder->doc, parser->problem_offset, text);
    else
        add_problem(builder->doc, parser->problem_mark.line + 1, parser->problem_mark.column + 1,
                    text);
    return false;
}

static bool append(struct yaml_value *parent, struct yaml_value *key, struct yaml_value *item)
{
    if ((parent->count & (parent->count - 1)) == 0) {
        size_t cap = parent->count ? parent->count * 2 : 1;
        struct yaml_value **items = realloc(parent->items, cap * sizeof(*items));
        if (!items) return false;
        parent->items = items;
        if (parent->kind == YAML_MAP) {
            struct yaml_value **keys = realloc(parent->keys, cap * sizeof(*keys));
            if (!keys) return false;
            parent->keys = keys;
        }
    }
    if (parent->kind == YAML_MAP) parent->keys[parent->count] = key;
    parent->items[parent->count++] = item;
    return true;
}

static struct yaml_value *read_value(struct builder *builder, yaml_event_t *event, int depth);

static struct yaml_value *read_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct yaml_value *value = value_new(builder, YAML_TEXT, event);
    if (!value) return NULL;
    const char *text = (const char *)event->data.scalar.value;
    size_t len = event->data.scalar.length;
    value->quoted = event->data.scalar.style != YAML_PLAIN_SCALAR_STYLE;
    value->text = malloc(len + 1);
    if (!value->text) {
        builder->memory = true;
        value_free(value);
        return NULL;
    }
    memcpy(value->text, text, len);
    value->text[len] = '\0';
    /* "\0" in quotes: the bytes of the file have none */
    if (memchr(text, '\0', len)) problem_at(builder, event, "a NUL character is not allowed");
    if (event->data.scalar.anchor) problem_at(builder, event, "anchors are not allowed");
    if (event->data.scalar.tag) problem_at(builder, event, "tags are not allowed");
    return value;
}

static bool read_list(struct builder *builder, struct yaml_value *list, int depth)
{
    yaml_event_t event;
    for (;;) {
        if (!next_event(builder, &event)) return false;
        bool end = event.type == YAML_SEQUENCE_END_EVENT;
        struct yaml_value *item = end ? NULL : read_value(builder, &event, depth);
        yaml_event_delete(&event);
        if (end) return true;
        if (!item) return false;
        if (!append(list, NULL, item)) {
            value_free(item);
            builder->memory = true;
            return false;
        }
    }
}

/* Takes over key when it returns true. */
static bool read_pair(struct builder *builder, struct yaml_value *map, struct yaml_value *key,
                      int depth)
{
    yaml_event_t event;
    if (map->count == YAML_DOC_KEYS_MAX) {
        yaml_doc_problem(builder->doc, key, "a map has more than %d keys", YAML_DOC_KEYS_MAX);
        return false;
    }
    if (!next_event(builder, &event)) return false;
    struct yaml_value *item = read_value(builder, &event, depth);
    yaml_event_delete(&event);
    if (!item) return false;
    if (key->kind != YAML_TEXT)
        yaml_doc_problem(builder->doc, key, "a key must be plain text");
    else if (yaml_get(map, key->text))
        yaml_doc_problem(builder->doc, key, "the key \"%.64s\" stands here twice", key->text);
    if (append(map, key, item)) return true;
    value_free(item);
    builder->memory = true;
    return false;
}

static bool read_map(struct builder *builder, struct yaml_value *map, int depth)
{
    yaml_event_t event;
    for (;;) {
        if (!next_event(builder, &event)) return false;
        bool end = event.type == YAML_MAPPING_END_EVENT;
        struct yaml_value *key = end ? NULL : read_value(builder, &event, depth);
        yaml_event_delete(&event);
        if (end) return true;
        if (!key) return false;
        if (!read_pair(builder, map, key, depth)) {
            value_free(key);
            return false;
        }
    }
}

static struct yaml_value *read_value(struct builder *builder, yaml_event_t *event, int depth)
{
    if (depth >= YAML_DOC_DEPTH_MAX) {
        problem_at(builder, event, "nested too deep");
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT) return read_scalar(builder, event);
    if (event->type == YAML_ALIAS_EVENT) {
        problem_at(builder, event, "aliases are not allowed: write the value out");
        return NULL;
    }
    bool is_list = event->type == YAML_SEQUENCE_START_EVENT;
    bool anchor = is_list ? event->data.sequence_start.anchor != NULL
                          : event->data.mapping_start.anchor != NULL;
    bool tag =
        is_list ? event->data.sequence_start.tag != NULL : event->data.mapping_start.tag != NULL;
    if (anchor) problem_at(builder, event, "anchors are not allowed");
    if (tag) problem_at(builder, event, "tags are not allowed");
    struct yaml_value *value = value_new(builder, is_list ? YAML_LIST : YAML_MAP, event);
    if (!value) return NULL;
    if (is_list ? read_list(builder, value, depth + 1) : read_map(builder, value, depth + 1))
        return value;
    value_free(value);
    return NULL;
}

/* Stream start, document start, the root, document end, stream end: nothing else. */
static bool read_document(struct builder *builder)
{
    yaml_event_t event;
    for (;;) {
        if (!next_event(builder, &event)) return false;
        bool good = true, done = event.type == YAML_STREAM_END_EVENT;
        if (event.type == YAML_DOCUMENT_START_EVENT && builder->doc->root) {
            problem_at(builder, &event, "a second document starts here: expected one");
            good = false;
        } else if (event.type == YAML_SCALAR_EVENT || event.type == YAML_ALIAS_EVENT ||
                   event.type == YAML_SEQUENCE_START_EVENT ||
                   event.type == YAML_MAPPING_START_EVENT) {
            builder->doc->root = read_value(builder, &event, 0);
            good = builder->doc->root != NULL;
        }
        yaml_event_delete(&event);
        if (!good) return false;
        if (done) return true;
    }
}

/* What libyaml would not tell the place of: false, with a problem, when c may not be in a file. */
static bool check_byte(struct yaml_doc *doc, char c, size_t sequence, size_t line, size_t column)
{
    const char *problem = NULL;
    if (c == '\t')
        problem = "a tab is not allowed: use spaces";
    else if (c == '\0')
        problem = "a NUL character is not allowed";
    else if (sequence == 0)
        problem = "from here on this line is not valid UTF-8 text";
    else if (is_control(c) && c != '\n' && c != '\r')
        problem = "a control character is not allowed";
    if (problem) add_problem(doc, line, column, problem);
    return problem == NULL;
}

/* The first problem of every line, in columns of characters. */
static void check_bytes(struct yaml_doc *doc)
{
    size_t line = 1, column = 1;
    bool good = true;
    for (size_t i = 0; i < doc->source_len;) {
        char c = doc->source[i];
        size_t len = sequence_length(doc->source + i, doc->source_len - i);
        if (good) good = check_byte(doc, c, len, line, column);
        i += len ? len : 1;
        column++;
        if (c == '\n') {
            line++;
            column = 1;
            good = true;
        }
    }
}

static bool parse(struct builder *builder, struct wg_error *err)
{
    struct yaml_doc *doc = builder->doc;
    if (!yaml_parser_initialize(&builder->parser)) return wg_fail_memory(err, "reading YAML");
    yaml_parser_set_encoding(&builder->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&builder->parser, (const unsigned char *)doc->source,
                                 doc->source_len);
    (void)read_document(builder);
    yaml_parser_delete(&builder->parser);
    if (builder->memory) return wg_fail_memory(err, "reading YAML");
    if (!doc->root && doc->problem_count == 0) add_problem(doc, 1, 1, "the file is empty");
    return doc->problem_count == 0 || yaml_doc_fail(doc, err);
}

bool yaml_doc_parse(struct yaml_doc *doc, const char *file, const char *bytes, size_t len,
                    struct wg_error *err)
{
    struct builder builder = {.doc = doc};
    *doc = (struct yaml_doc){0};
    (void)wg_copy(doc->file, sizeof doc->file, file);
    if (len > YAML_DOC_BYTES_MAX)
        return wg_fail(err, WG_E_BAD_FILE, "%s: larger than %zu bytes", file, YAML_DOC_BYTES_MAX);
    doc->source = malloc(len + 1);
    if (!doc->source) return wg_fail_memory(err, "reading YAML");
    memcpy(doc->source, bytes, len);
    doc->source[len] = '\0';
    doc->source_len = len;
    check_bytes(doc);
    if (doc->problem_count > 0) return yaml_doc_fail(doc, err);
    return parse(&builder, err);
}

const struct yaml_value *yaml_get(const struct yaml_value *map, const char *key)
{
    if (!map || map->kind != YAML_MAP) return NULL;
    for (size_t i = 0; i < map->count; i++)
        if (map->keys[i]->kind == YAML_TEXT && strcmp(map->keys[i]->text, key) == 0)
            return map->items[i];
    return NULL;
}

const char *yaml_kind_text(const struct yaml_value *value)
{
    static const char *const texts[] = {
        [YAML_TEXT] = "a single value", [YAML_LIST] = "a list", [YAML_MAP] = "a map"};
    bool empty = value->kind == YAML_TEXT && !value->quoted && !value->text[0];
    return empty ? "nothing" : texts[value->kind];
}
