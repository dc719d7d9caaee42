/* device_list.c: the devices that a campaign names: ids, patterns, and files of ids. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <stdlib.h>
#include <string.h>

#define DEVICE_FILE_MAX ((size_t)CAMPAIGN_LIST_MAX * (WG_NAME_MAX + 2))

static bool is_glob(const char *text)
{
    return strpbrk(text, "*?") != NULL;
}

/* False when the list is full: then the rest of it need not be read. */
static bool add_device(struct parse *parse, const struct yaml_value *at, const char *id,
                       const char *where, struct text_list *out)
{
    if (!wg_name_is_valid(id)) {
        yaml_doc_problem(&parse->doc, at, "%s: \"%.80s\" is no device id", where, id);
        if (is_glob(id))
            yaml_doc_hint(&parse->doc, "patterns stand in the list of a selector: "
                                       "{device: [\"dev-*\"]}");
    } else if (parse->listed == CAMPAIGN_LIST_MAX) {
        yaml_doc_problem(&parse->doc, at,
                         "%s: more than %d devices in the campaign's lists: use a tag", where,
                         CAMPAIGN_LIST_MAX);
        return false;
    } else if (!text_list_add(out, id)) {
        parse->memory = true;
        return false;
    } else {
        parse->listed++;
    }
    return true;
}

/* One id a line; '#' starts a comment. */
static void add_lines(struct parse *parse, const struct yaml_value *at, char *text,
                      struct text_list *out)
{
    static const char blank[] = " \t\r";
    size_t line = 1;
    for (char *next = NULL; text; text = next, line++) {
        char where[128];
        next = strchr(text, '\n');
        if (next) *next++ = '\0';
        text[strcspn(text, "#")] = '\0';
        text += strspn(text, blank);
        size_t len = strlen(text);
        while (len > 0 && strchr(blank, text[len - 1])) text[--len] = '\0';
        (void)wg_format(where, sizeof where, "%.80s, line %zu", at->text, line);
        if (len > 0 && !add_device(parse, at, text, where, out)) return;
    }
}

static void read_device_file(struct parse *parse, const struct yaml_value *at,
                             struct text_list *out)
{
    struct wg_buf bytes;
    wg_buf_init(&bytes, DEVICE_FILE_MAX);
    if (parse_file(parse, at, &bytes) && bytes.data) add_lines(parse, at, bytes.data, out);
    wg_buf_clear(&bytes);
}

/* What is left when the wildcards are gone could stand in an id. */
static bool glob_is_good(const char *text)
{
    size_t plain =
        strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-*?");
    return text[plain] == '\0' && text[0] != '.' && text[0] != '_' && text[0] != '-';
}

static void add_glob(struct parse *parse, const struct yaml_value *at, const char *text,
                     struct text_list *globs)
{
    if (!glob_is_good(text))
        yaml_doc_problem(&parse->doc, at, "device: \"%.80s\" can be no device id", text);
    else if (globs->count == CAMPAIGN_GLOBS_MAX)
        yaml_doc_problem(&parse->doc, at, "device: more than %d patterns", CAMPAIGN_GLOBS_MAX);
    else if (!text_list_add(globs, text))
        parse->memory = true;
}

static void read_device_list(struct parse *parse, const struct yaml_value *at,
                             struct text_list *out, struct text_list *globs)
{
    for (size_t i = 0; i < at->count; i++) {
        char id[WG_NAME_MAX + 1];
        if (!yaml_read_text(&parse->doc, at->items[i], "device", id, sizeof id)) continue;
        if (globs && is_glob(id))
            add_glob(parse, at->items[i], id, globs);
        else if (!add_device(parse, at->items[i], id, "device", out))
            return;
    }
}

void parse_devices(struct parse *parse, const struct yaml_value *at, struct text_list *out,
                   struct text_list *globs)
{
    static const char *const known[] = {"file", NULL};
    size_t problems = parse->doc.problem_count;
    if (at->kind == YAML_MAP) {
        yaml_check_keys(&parse->doc, at, "devices", known);
        if (yaml_get(at, "file")) read_device_file(parse, yaml_get(at, "file"), out);
    } else if (at->kind == YAML_LIST) {
        read_device_list(parse, at, out, globs);
    } else {
        yaml_doc_problem(&parse->doc, at, "devices: expected a list of ids or {file: NAME}, got %s",
                         yaml_kind_text(at));
    }
    text_list_sort(out);
    if (globs) text_list_sort(globs);
    if (out->count == 0 && (!globs || globs->count == 0) && parse->doc.problem_count == problems)
        yaml_doc_problem(&parse->doc, at, "devices: the list is empty");
}
