/* yaml_doc.c: builds the tree from libyaml's events and refuses what a configuration never needs.
 */
#include "orchestrator/yaml/yaml_doc.h"

#include "common/text.h"
#include "orchestrator/yaml/yaml_glyph.h"

#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#define TEXT_OF(number) #number
#define TEXT_OF_MACRO(macro) TEXT_OF(macro)
#define DEPTH_TEXT TEXT_OF_MACRO(YAML_DOC_DEPTH_MAX)

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
    free(doc->problems);
    free(doc->source);
    free(doc->file);
    *doc = (struct yaml_doc){0};
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
    yaml_doc_problem_at(builder->doc, event->start_mark.line + 1, event->start_mark.column + 1,
                        text);
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
    yaml_doc_problem_at(doc, line, column, text);
}

static void syntax_problem(struct yaml_doc *doc, const yaml_parser_t *parser)
{
    char text[256];
    const yaml_mark_t *at = &parser->problem_mark, *from = &parser->context_mark;
    (void)wg_format(text, sizeof text, "not valid YAML: %s%s%s",
                    parser->problem ? parser->problem : "cannot be read",
                    parser->context ? ", " : "", parser->context ? parser->context : "");
    if (parser->error == YAML_READER_ERROR) {
        unreadable_problem(doc, parser->problem_offset, text);
        return;
    }
    yaml_doc_problem_at(doc, at->line + 1, at->column + 1, text);
    if (parser->context && (from->line != at->line || from->column != at->column))
        yaml_doc_hint(doc, "that began in line %zu, column %zu", from->line + 1, from->column + 1);
}

static bool next_event(struct builder *builder, yaml_event_t *event)
{
    if (yaml_parser_parse(&builder->parser, event)) return true;
    if (builder->parser.error == YAML_MEMORY_ERROR)
        builder->memory = true;
    else
        syntax_problem(builder->doc, &builder->parser);
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

static void check_key(struct yaml_doc *doc, const struct yaml_value *map,
                      const struct yaml_value *key)
{
    if (key->kind != YAML_TEXT) {
        yaml_doc_problem(doc, key, "a key must be plain text");
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct yaml_value *other = map->keys[i];
        if (other->kind != YAML_TEXT || strcmp(other->text, key->text) != 0) continue;
        yaml_doc_problem(doc, key, "the key \"%.64s\" stands here twice", key->text);
        yaml_doc_hint(doc, "the first is in line %zu", other->line);
        return;
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
    check_key(builder->doc, map, key);
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

/* Reading goes on behind it, so that all of them are told, and the rest of the file. */
static struct yaml_value *refuse_alias(struct builder *builder, const yaml_event_t *event)
{
    problem_at(builder, event, "aliases are not allowed");
    yaml_doc_hint(builder->doc, "write the value out");
    struct yaml_value *value = value_new(builder, YAML_TEXT, event);
    if (!value) return NULL;
    value->refused = true;
    value->text = calloc(1, 1);
    if (value->text) return value;
    builder->memory = true;
    value_free(value);
    return NULL;
}

static struct yaml_value *read_value(struct builder *builder, yaml_event_t *event, int depth)
{
    if (depth >= YAML_DOC_DEPTH_MAX) {
        problem_at(builder, event, "nested too deep: at most " DEPTH_TEXT " levels");
        return NULL;
    }
    if (event->type == YAML_SCALAR_EVENT) return read_scalar(builder, event);
    if (event->type == YAML_ALIAS_EVENT) return refuse_alias(builder, event);
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

/* C1 controls, U+2028 and U+2029: libyaml takes some of them for ends of lines. */
static bool is_wide_control(const char *text, size_t len)
{
    const unsigned char *bytes = (const unsigned char *)text;
    return (len == 2 && bytes[0] == 0xc2 && bytes[1] < 0xa0) ||
           (len == 3 && bytes[0] == 0xe2 && bytes[1] == 0x80 && (bytes[2] | 1) == 0xa9);
}

/* What may not be in a file, and what libyaml would not tell the place of; NULL: nothing. text is
 * NUL-terminated; len: of its sequence, 0 for none. */
static const char *byte_problem(const char *text, size_t len)
{
    unsigned char c = (unsigned char)*text;
    if (c == '\t') return "a tab is not allowed: use spaces";
    if (c == '\0') return "a NUL character is not allowed";
    if (len == 0) return "from here on this line is not valid UTF-8 text";
    if (c == '\r' && text[1] != '\n') return "a carriage return alone does not end a line";
    if ((c < 0x20 && c != '\n' && c != '\r') || c == 0x7f || is_wide_control(text, len))
        return "a control character is not allowed";
    return NULL;
}

static bool is_utf16(const struct yaml_doc *doc)
{
    return doc->source_len >= 2 &&
           (memcmp(doc->source, "\xff\xfe", 2) == 0 || memcmp(doc->source, "\xfe\xff", 2) == 0);
}

/* Tells the first problem of every line, in columns of characters. Tabs between words are made
 * spaces, so that the reading can go on; false: it cannot. */
static bool check_bytes(struct yaml_doc *doc)
{
    size_t line = 1, column = 1;
    bool readable = true, told = false, indent = true;
    if (is_utf16(doc)) {
        yaml_doc_problem_at(doc, 1, 1, "the file is UTF-16: save it as UTF-8");
        return false;
    }
    for (size_t i = 0; i < doc->source_len;) {
        char *at = doc->source + i;
        size_t len = yaml_sequence_length(at, doc->source_len - i);
        const char *problem = byte_problem(at, len);
        if (problem && !told) yaml_doc_problem_at(doc, line, column, problem);
        if (problem && (*at != '\t' || indent)) readable = false;
        if (*at == '\0') return false; /* no text: more would only be noise */
        told = *at != '\n' && (told || problem);
        indent = *at == '\n' || (indent && (*at == ' ' || *at == '\t'));
        column = *at == '\n' ? 1 : column + 1;
        line += *at == '\n';
        if (*at == '\t') *at = ' ';
        i += len ? len : 1;
    }
    return readable;
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
    if (!doc->root && doc->problem_count == 0) yaml_doc_problem(doc, NULL, "the file is empty");
    return doc->problem_count == 0 || yaml_doc_fail(doc, err);
}

static bool keep_source(struct yaml_doc *doc, const char *file, const char *bytes, size_t len,
                        struct wg_error *err)
{
    size_t file_size = strlen(file) + 1;
    doc->file = malloc(file_size);
    doc->problems = calloc(YAML_DOC_PROBLEMS_MAX, sizeof *doc->problems);
    doc->source = malloc(len + 1);
    if (!doc->file || !doc->problems || !doc->source) {
        (void)wg_fail_memory(err, "reading YAML");
        return false;
    }
    yaml_copy_printable(doc->file, file_size, file);
    memcpy(doc->source, bytes, len);
    doc->source[len] = '\0';
    doc->source_len = len;
    return true;
}

bool yaml_doc_parse(struct yaml_doc *doc, const char *file, const char *bytes, size_t len,
                    struct wg_error *err)
{
    struct builder builder = {.doc = doc};
    bool fits = len <= YAML_DOC_BYTES_MAX;
    *doc = (struct yaml_doc){0};
    if (!keep_source(doc, file, bytes, fits ? len : 0, err)) return false;
    if (!fits) yaml_doc_problem(doc, NULL, "the file is larger than %zu bytes", YAML_DOC_BYTES_MAX);
    if (!fits || !check_bytes(doc)) return yaml_doc_fail(doc, err);
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
