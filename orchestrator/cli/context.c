/* context.c: the file of contexts, read and written. */
#include "orchestrator/cli/context.h"

#include "common/posix/file.h"
#include "orchestrator/yaml/yaml_doc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MAX ((size_t)1024 * 1024)

/* The fields of a context, for reading and writing. */
static const struct {
    const char *key;
    size_t offset, size;
} fields[] = {
    {"config", offsetof(struct context, config), PATH_MAX},
    {"server", offsetof(struct context, server), WG_URL_MAX},
    {"ca", offsetof(struct context, ca), PATH_MAX},
    {"certificate", offsetof(struct context, certificate), PATH_MAX},
    {"key", offsetof(struct context, key), PATH_MAX},
    {"token_file", offsetof(struct context, token_file), PATH_MAX},
};
#define FIELDS (sizeof fields / sizeof fields[0])

static bool file_name(char out[PATH_MAX])
{
    const char *config = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    out[0] = '\0';
    if (config && config[0] == '/')
        return wg_format(out, PATH_MAX, "%s/wavegate/contexts.yaml", config);
    return home && home[0] == '/' &&
           wg_format(out, PATH_MAX, "%s/.config/wavegate/contexts.yaml", home);
}

/* It says where changes go: nobody else may. False without an error: it is not there. */
static bool check_mode(const char *file, struct wg_error *err)
{
    struct stat at;
    if (stat(file, &at) != 0)
        return errno == ENOENT || errno == ENOTDIR ? false : wg_fail_errno(err, "%s", file);
    if (at.st_uid != geteuid() && at.st_uid != 0)
        return wg_fail(err, WG_E_DENIED, "%s belongs to somebody else: it says where changes go",
                       file);
    return (at.st_mode & (S_IWGRP | S_IWOTH)) == 0 ||
           wg_fail(err, WG_E_DENIED, "%s: others may write to it (mode %03o): chmod go-w %s", file,
                   (unsigned)at.st_mode & 0777, file);
}

static void read_one(struct yaml_doc *doc, const struct yaml_value *key,
                     const struct yaml_value *value, struct contexts *out)
{
    static const char *known[FIELDS + 1];
    struct context *context = &out->list[out->count];
    if (!wg_name_is_valid(key->text)) {
        yaml_doc_problem(doc, key, "\"%.80s\" is no name of a context", key->text);
        return;
    }
    if (value->kind != YAML_MAP) {
        yaml_doc_problem(doc, value, "%s: expected a map of keys and values", key->text);
        return;
    }
    for (size_t i = 0; i < FIELDS; i++) known[i] = fields[i].key;
    yaml_check_keys(doc, value, key->text, known);
    (void)wg_copy(context->name, sizeof context->name, key->text);
    for (size_t i = 0; i < FIELDS; i++)
        (void)yaml_read_text(doc, yaml_get(value, fields[i].key), fields[i].key,
                             (char *)context + fields[i].offset, fields[i].size);
    if (!context->config[0] && !context->server[0])
        yaml_doc_problem(doc, key, "%s: expected server or config", key->text);
    out->count++;
}

static void read_all(struct yaml_doc *doc, struct contexts *out)
{
    static const char *const known[] = {"current", "contexts", NULL};
    const struct yaml_value *root = doc->root, *map = yaml_get(root, "contexts");
    const struct yaml_value *current = yaml_get(root, "current");
    yaml_check_keys(doc, root, "contexts", known);
    if (map && (map->kind != YAML_MAP || map->count > CONTEXTS_MAX)) {
        yaml_doc_problem(doc, map, "contexts: expected a map of at most %d contexts", CONTEXTS_MAX);
        return;
    }
    for (size_t i = 0; map && i < map->count; i++) read_one(doc, map->keys[i], map->items[i], out);
    if (!current || !yaml_read_text(doc, current, "current", out->current, sizeof out->current))
        return;
    if (out->current[0] && !contexts_find(out, out->current))
        yaml_doc_problem(doc, current, "current: there is no context \"%.80s\"", out->current);
}

static bool parse(struct contexts *out, const struct wg_buf *text, struct wg_error *err)
{
    struct yaml_doc doc = {0};
    bool ok = yaml_doc_parse(&doc, out->file, wg_buf_str(text), text->len, err);
    if (ok && doc.root->kind != YAML_MAP)
        yaml_doc_problem(&doc, doc.root, "expected a map of keys and values");
    else if (ok)
        read_all(&doc, out);
    if (doc.problem_count > 0) ok = yaml_doc_fail(&doc, err);
    yaml_doc_clear(&doc);
    return ok;
}

bool contexts_load(struct contexts *out, struct wg_error *err)
{
    struct wg_error none = {0};
    struct wg_buf text;
    *out = (struct contexts){.count = 0};
    out->list = calloc(CONTEXTS_MAX, sizeof *out->list);
    if (!out->list) return wg_fail_memory(err, "reading contexts");
    if (!file_name(out->file)) return true;
    if (!check_mode(out->file, &none)) {
        if (err) *err = none;
        return none.code == WG_OK;
    }
    wg_buf_init(&text, FILE_MAX);
    bool ok = wg_file_read(out->file, &text, err) && parse(out, &text, err);
    wg_buf_clear(&text);
    return ok;
}

void contexts_clear(struct contexts *contexts)
{
    free(contexts->list);
    *contexts = (struct contexts){.count = 0};
}

/* JSON's strings are YAML's. */
static void add_text(struct wg_buf *out, const char *text)
{
    json_t *value = json_string(text);
    char *quoted = value ? json_dumps(value, JSON_ENCODE_ANY) : NULL;
    if (quoted)
        wg_buf_text(out, quoted);
    else
        out->failed = true;
    free(quoted);
    json_decref(value);
}

static void write_all(const struct contexts *contexts, struct wg_buf *out)
{
    wg_buf_text(out, "# wavegate context list, use, show, add, remove\n");
    if (contexts->current[0]) wg_buf_printf(out, "current: \"%s\"\n", contexts->current);
    wg_buf_printf(out, "contexts:%s\n", contexts->count ? "" : " {}");
    for (size_t i = 0; i < contexts->count; i++) {
        wg_buf_printf(out, "  \"%s\":\n", contexts->list[i].name);
        for (size_t f = 0; f < FIELDS; f++) {
            const char *value = (const char *)&contexts->list[i] + fields[f].offset;
            if (!*value) continue;
            wg_buf_printf(out, "    %s: ", fields[f].key);
            add_text(out, value);
            wg_buf_char(out, '\n');
        }
    }
}

bool contexts_save(const struct contexts *contexts, struct wg_error *err)
{
    char folder[PATH_MAX];
    struct wg_buf text;
    if (!contexts->file[0])
        return wg_fail(err, WG_E_USAGE, "contexts are kept in the home: HOME is not set");
    (void)wg_copy(folder, sizeof folder, contexts->file);
    *strrchr(folder, '/') = '\0';
    wg_buf_init(&text, FILE_MAX);
    write_all(contexts, &text);
    bool ok = wg_buf_check(&text, err, contexts->file) && wg_folder_make(folder, 0700, err) &&
              wg_file_replace(contexts->file, wg_buf_str(&text), text.len, 0600, err);
    wg_buf_clear(&text);
    return ok;
}

struct context *contexts_find(const struct contexts *contexts, const char *name)
{
    for (size_t i = 0; i < contexts->count; i++)
        if (strcmp(contexts->list[i].name, name) == 0) return &contexts->list[i];
    return NULL;
}

bool contexts_add(struct contexts *contexts, const struct context *context, struct wg_error *err)
{
    size_t at = 0;
    if (contexts_find(contexts, context->name))
        return wg_fail(err, WG_E_CONFLICT,
                       "there is a context %s: wavegate context remove %s takes it away",
                       context->name, context->name);
    if (contexts->count == CONTEXTS_MAX)
        return wg_fail(err, WG_E_LIMIT, "there are %d contexts already", CONTEXTS_MAX);
    while (at < contexts->count && strcmp(contexts->list[at].name, context->name) < 0) at++;
    memmove(&contexts->list[at + 1], &contexts->list[at],
            (contexts->count - at) * sizeof *contexts->list);
    contexts->list[at] = *context;
    contexts->count++;
    return true;
}

void contexts_remove(struct contexts *contexts, const struct context *context)
{
    size_t at = (size_t)(context - contexts->list);
    if (strcmp(contexts->current, context->name) == 0) contexts->current[0] = '\0';
    contexts->count--;
    memmove(&contexts->list[at], &contexts->list[at + 1],
            (contexts->count - at) * sizeof *contexts->list);
}

bool contexts_unknown(const struct contexts *contexts, const char *name, struct wg_error *err)
{
    char names[512] = "";
    for (size_t i = 0; i < contexts->count; i++) {
        size_t len = strlen(names);
        (void)wg_format(names + len, sizeof names - len, "%s%s", i ? ", " : "",
                        contexts->list[i].name);
    }
    if (contexts->count == 0)
        return wg_fail(err, WG_E_NOT_FOUND,
                       "there is no context \"%.80s\", and no other: wavegate context add", name);
    return wg_fail(err, WG_E_NOT_FOUND, "there is no context \"%.80s\": expected one of %s", name,
                   names);
}
