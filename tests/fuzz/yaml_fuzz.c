/* yaml_fuzz.c: YAML as a tree. Every value is whole and knows its place, every problem can be
 * shown, and every reader of values takes every value. */
#include "common/text.h"
#include "orchestrator/yaml/yaml_doc.h"
#include "tests/fuzz/target.h"

#include <string.h>

#define SHOWN_ALWAYS 8

static const char *const known[] = {"campaign", "target", "waves", NULL};

/* Read as one of what a schema could say; its place decides. A wrong value is one problem more. */
static void read_scalar(struct yaml_doc *doc, const struct yaml_value *at)
{
    char text[WG_NAME_MAX + 1] = "kept";
    int64_t number = -1, ppm = -1;
    bool yes = false;
    wg_duration duration = -1;
    size_t choice = 0;
    switch ((at->line + at->column) % 8) {
    case 0:
        if (yaml_read_text(doc, at, "text", text, sizeof text))
            MUST(strcmp(text, at->text) == 0, "\"%s\" became \"%s\"", at->text, text);
        break;
    case 1:
        if (yaml_read_int(doc, at, "number", 3, 1000, &number))
            MUST(number >= 3 && number <= 1000, "%s", at->text);
        break;
    case 2:
        if (yaml_read_duration(doc, at, "duration", WG_SECOND, WG_DAY, &duration))
            MUST(duration >= WG_SECOND && duration <= WG_DAY, "%s", at->text);
        break;
    case 3:
        if (yaml_read_percent(doc, at, "percent", &ppm))
            MUST(ppm > 0 && ppm <= 1000000, "%s", at->text);
        break;
    case 4:
        if (yaml_read_choice(doc, at, "choice", known, &choice))
            MUST(strcmp(known[choice], at->text) == 0, "\"%s\" is not \"%s\"", at->text,
                 known[choice]);
        break;
    case 5:
        (void)yaml_read_bool(doc, at, "bool", &yes);
        break;
    case 6:
        if (yaml_read_share(doc, at, "share", 0, 500000, &ppm))
            MUST(ppm >= 0 && ppm <= 500000 && strchr(at->text, '%'), "%s", at->text);
        break;
    default:
        break;
    }
}

static void walk(struct yaml_doc *doc, const struct yaml_value *at, size_t depth)
{
    MUST(depth <= YAML_DOC_DEPTH_MAX, "deeper than %d", YAML_DOC_DEPTH_MAX);
    MUST(at->line >= 1 && at->column >= 1, "%zu:%zu", at->line, at->column);
    MUST(yaml_kind_text(at), "of no kind");
    read_scalar(doc, at);
    if (at->kind == YAML_TEXT) {
        MUST(at->text && wg_text_is_utf8(at->text, strlen(at->text)), "no text, or no UTF-8");
        MUST(at->count == 0 && !at->items && !at->keys, "text with parts");
        return;
    }
    if (at->kind == YAML_MAP) yaml_check_keys(doc, at, "a map", known);
    for (size_t i = 0; i < at->count; i++) {
        if (at->kind == YAML_MAP) {
            MUST(at->keys[i]->kind == YAML_TEXT || doc->problem_count > 0, "a key that is no text");
            walk(doc, at->keys[i], depth + 1);
        }
        walk(doc, at->items[i], depth + 1);
    }
}

/* Every problem for a terminal, and for programs. */
static void show(const struct yaml_doc *doc)
{
    struct wg_buf out;
    json_t *list = json_array();
    size_t kept =
        doc->problem_count < YAML_DOC_PROBLEMS_MAX ? doc->problem_count : YAML_DOC_PROBLEMS_MAX;
    wg_buf_init(&out, YAML_DOC_REPORT_MAX);
    yaml_doc_report(doc, false, &out);
    MUST(!out.failed, "a report that is too long");
    target_shown(out.data, out.len);
    MUST(list && yaml_doc_report_json(doc, list), "out of memory");
    MUST(json_array_size(list) == kept, "%zu of %zu problems", json_array_size(list), kept);
    for (size_t i = 0; i < kept; i++)
        MUST(doc->problems[i].line >= 1 && doc->problems[i].column >= 1, "%zu:%zu",
             doc->problems[i].line, doc->problems[i].column);
    json_decref(list);
    wg_buf_clear(&out);
}

/* In a map without a problem every key leads to its value. */
static void look_up(const struct yaml_doc *doc, const struct yaml_value *map)
{
    if (map->kind != YAML_MAP || doc->problem_count > 0) return;
    for (size_t i = 0; i < map->count; i++)
        MUST(yaml_get(map, map->keys[i]->text) == map->items[i], "\"%s\" leads elsewhere",
             map->keys[i]->text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct yaml_doc doc;
    struct wg_error err = {0};
    bool ok = yaml_doc_parse(&doc, "fuzz.yaml", (const char *)data, size, &err);
    MUST(!ok || (doc.root && doc.problem_count == 0), "taken with a problem");
    if (!ok) {
        MUST(doc.problem_count > 0 || err.code != WG_OK, "refused without a word");
        if (doc.problem_count > 0) (void)yaml_doc_fail(&doc, &err);
        target_refused(&err);
    }
    if (doc.root) {
        look_up(&doc, doc.root);
        walk(&doc, doc.root, 1);
    }
    if (doc.problem_count > 0) {
        (void)yaml_doc_fail(&doc, &err);
        target_refused(&err);
        /* many take long to show: now and then is enough */
        if (doc.problem_count <= SHOWN_ALWAYS || size % 32 == 0) show(&doc);
    }
    yaml_doc_clear(&doc);
    return 0;
}
