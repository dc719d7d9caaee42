/* campaign_parse.c: a campaign file from its first key to its last. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <stdlib.h>
#include <string.h>

#define DEVICE_FILE_MAX ((size_t)CAMPAIGN_LIST_MAX * (WG_NAME_MAX + 2))

static const char *const root_keys[] = {"wavegate",   "campaign", "release", "target",
                                        "membership", "waves",    "gate",    "pace",
                                        "budget",     "retry",    "timeout", NULL};
static const char *const later_keys[] = {"rollback_to", "window",   "schedule", "after",
                                         "excludes",    "priority", NULL};

bool parse_is_map(struct parse *parse, const struct yaml_value *at, const char *what)
{
    if (at->kind == YAML_MAP) return true;
    yaml_doc_problem(&parse->doc, at, "%s: expected a map of keys and values, got %s", what,
                     yaml_kind_text(at));
    return false;
}

bool parse_name(struct parse *parse, const struct yaml_value *at, const char *what, char *out)
{
    char text[WG_NAME_MAX + 1];
    if (!at || !yaml_read_text(&parse->doc, at, what, text, sizeof text)) return false;
    if (wg_name_is_valid(text)) return wg_copy(out, WG_NAME_MAX + 1, text);
    yaml_doc_problem(
        &parse->doc, at,
        "%s: expected letters, digits, '.', '_' or '-', starting with a letter or digit, "
        "got \"%s\"",
        what, text);
    return false;
}

/* False when the list is full: then the rest of it need not be read. */
static bool add_device(struct parse *parse, const struct yaml_value *at, const char *id,
                       const char *where, struct text_list *out)
{
    if (!wg_name_is_valid(id)) {
        yaml_doc_problem(&parse->doc, at, "%s: \"%.80s\" is no device id", where, id);
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

static bool leaves_folder(const char *name)
{
    for (const char *part = name; part; part = strchr(part, '/')) {
        while (*part == '/') part++;
        if (strncmp(part, "..", 2) == 0 && (part[2] == '/' || part[2] == '\0')) return true;
    }
    return name[0] == '/';
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
    struct wg_error problem = {0};
    struct wg_buf bytes;
    char name[256];
    if (!yaml_read_text(&parse->doc, at, "file", name, sizeof name)) return;
    if (!parse->load || leaves_folder(name)) {
        yaml_doc_problem(&parse->doc, at,
                         "file: expected a file in the campaign's folder, got \"%s\"", name);
        return;
    }
    wg_buf_init(&bytes, DEVICE_FILE_MAX);
    if (!parse->load(parse->ctx, name, &bytes, &problem))
        yaml_doc_problem(&parse->doc, at, "file: %.200s", problem.text);
    else if (bytes.data && !wg_text_is_utf8(bytes.data, bytes.len))
        yaml_doc_problem(&parse->doc, at, "file: \"%s\" is not text", name);
    else if (bytes.data)
        add_lines(parse, at, bytes.data, out);
    wg_buf_clear(&bytes);
}

static void read_device_list(struct parse *parse, const struct yaml_value *at,
                             struct text_list *out)
{
    for (size_t i = 0; i < at->count; i++) {
        char id[WG_NAME_MAX + 1];
        if (yaml_read_text(&parse->doc, at->items[i], "device", id, sizeof id) &&
            !add_device(parse, at->items[i], id, "device", out))
            return;
    }
}

void parse_devices(struct parse *parse, const struct yaml_value *at, struct text_list *out)
{
    static const char *const known[] = {"file", NULL};
    size_t problems = parse->doc.problem_count;
    if (at->kind == YAML_MAP) {
        yaml_check_keys(&parse->doc, at, "devices", known, NULL);
        if (yaml_get(at, "file")) read_device_file(parse, yaml_get(at, "file"), out);
    } else if (at->kind == YAML_LIST) {
        read_device_list(parse, at, out);
    } else {
        yaml_doc_problem(&parse->doc, at, "devices: expected a list of ids or {file: NAME}, got %s",
                         yaml_kind_text(at));
    }
    text_list_sort(out);
    if (out->count == 0 && parse->doc.problem_count == problems)
        yaml_doc_problem(&parse->doc, at, "devices: the list is empty");
}

static void parse_release(struct parse *parse, const struct yaml_value *at)
{
    struct campaign *campaign = parse->campaign;
    char text[WG_NAME_MAX + WG_VERSION_MAX + 2], key[WG_SORT_KEY_MAX];
    struct wg_error problem = {0};
    if (!at) {
        yaml_doc_problem(&parse->doc, parse->doc.root, "the key \"release\" is missing");
        return;
    }
    if (!yaml_read_text(&parse->doc, at, "release", text, sizeof text)) return;
    char *slash = strchr(text, '/');
    if (slash) *slash = '\0';
    if (!slash || !wg_name_is_valid(text)) {
        yaml_doc_problem(&parse->doc, at, "release: expected COMPONENT/VERSION, got \"%s\"",
                         at->text);
        return;
    }
    if (!wg_version_key(slash + 1, key, &problem)) {
        yaml_doc_problem(&parse->doc, at, "release: %s", problem.text);
        return;
    }
    (void)wg_copy(campaign->component, sizeof campaign->component, text);
    (void)wg_copy(campaign->version, sizeof campaign->version, slash + 1);
}

static void parse_head(struct parse *parse, const struct yaml_value *root)
{
    int64_t format = 0;
    char membership[WG_NAME_MAX + 1] = "snapshot";
    const struct yaml_value *version = yaml_get(root, "wavegate");
    if (!version)
        yaml_doc_problem(&parse->doc, root,
                         "the key \"wavegate\" is missing: expected \"wavegate: 1\"");
    yaml_read_int(&parse->doc, version, "wavegate", 1, 1, &format);
    const struct yaml_value *name = yaml_get(root, "campaign");
    if (!name)
        yaml_doc_problem(&parse->doc, root, "the key \"campaign\" is missing: expected its name");
    parse_name(parse, name, "campaign", parse->campaign->name);
    const struct yaml_value *member = yaml_get(root, "membership");
    if (!yaml_read_text(&parse->doc, member, "membership", membership, sizeof membership)) return;
    if (strcmp(membership, "continuous") == 0)
        yaml_doc_problem(&parse->doc, member,
                         "\"continuous\" is part of the campaign language, but this version does "
                         "not act on it: use snapshot");
    else if (strcmp(membership, "snapshot") != 0)
        yaml_doc_problem(&parse->doc, member, "membership: expected snapshot, got \"%s\"",
                         membership);
}

static void parse_root(struct parse *parse)
{
    const struct yaml_value *root = parse->doc.root;
    if (!parse_is_map(parse, root, "the campaign")) return;
    yaml_check_keys(&parse->doc, root, "a campaign", root_keys, later_keys);
    parse_head(parse, root);
    parse_release(parse, yaml_get(root, "release"));
    parse_target(parse, yaml_get(root, "target"));
    parse_waves(parse, yaml_get(root, "waves"));
    parse_pace(parse, yaml_get(root, "pace"));
    parse_budget(parse, yaml_get(root, "budget"));
    parse_retry(parse, yaml_get(root, "retry"));
    parse_timeout(parse, yaml_get(root, "timeout"));
}

static bool parse_all(struct parse *parse, const char *file, const char *bytes, size_t len,
                      struct wg_error *err)
{
    /* a double key or an anchor leaves a whole tree: what else is wrong is told in the same run */
    bool whole = yaml_doc_parse(&parse->doc, file, bytes, len, err);
    if (!whole && (!parse->doc.root || parse->doc.problem_count == 0)) return false;
    parse_root(parse);
    if (parse->memory) return wg_fail_memory(err, "reading the campaign");
    return parse->doc.problem_count == 0 || yaml_doc_fail(&parse->doc, err);
}

struct campaign *campaign_parse(const char *file, const char *bytes, size_t len,
                                campaign_load_fn load, void *ctx, struct wg_error *err)
{
    struct parse *parse = calloc(1, sizeof *parse);
    struct campaign *campaign = calloc(1, sizeof *campaign);
    bool ok = false;
    if (!parse || !campaign) {
        (void)wg_fail_memory(err, "reading the campaign");
    } else {
        parse->campaign = campaign;
        parse->load = load;
        parse->ctx = ctx;
        ok = parse_all(parse, file, bytes, len, err);
        yaml_doc_clear(&parse->doc);
    }
    free(parse);
    if (ok) return campaign;
    campaign_free(campaign);
    return NULL;
}
