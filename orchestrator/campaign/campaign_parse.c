/* campaign_parse.c: a campaign file from its first key to its last. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <stdlib.h>
#include <string.h>

static const char *const root_keys[] = {
    "wavegate",  "campaign", "release", "rollback_to", "target",     "membership", "waves",
    "gate",      "pace",     "budget",  "window",      "schedule",   "retry",      "timeout",
    "approvals", "priority", "after",   "excludes",    "supersedes", "emergency",  NULL};

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

static void read_release(struct parse *parse, const struct yaml_value *at)
{
    if (at)
        (void)parse_release(parse, at, "release", parse->campaign->component,
                            parse->campaign->version);
    else
        yaml_doc_problem(&parse->doc, parse->doc.root, "the key \"release\" is missing");
}

static void read_rollback(struct parse *parse, const struct yaml_value *at)
{
    struct campaign *campaign = parse->campaign;
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
    if (!at || !parse_release(parse, at, "rollback_to", component, version)) return;
    if (campaign->component[0] && strcmp(component, campaign->component) != 0)
        yaml_doc_problem(&parse->doc, at, "rollback_to: expected a release of %s, got %s",
                         campaign->component, at->text);
    else if (strcmp(version, campaign->version) == 0)
        yaml_doc_problem(&parse->doc, at, "rollback_to: expected another version than the release");
    else
        (void)wg_copy(campaign->rollback, sizeof campaign->rollback, version);
}

static void check_itself(struct parse *parse, const struct yaml_value *at, const char *key)
{
    size_t count = at->kind == YAML_LIST ? at->count : 1;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *item = at->kind == YAML_LIST ? at->items[i] : at;
        if (item->kind == YAML_TEXT && item->text[0] &&
            strcmp(item->text, parse->campaign->name) == 0)
            yaml_doc_problem(&parse->doc, item, "%s: a campaign cannot name itself", key);
    }
}

static void read_others(struct parse *parse, const char *key, struct text_list *out)
{
    const struct yaml_value *at = yaml_get(parse->doc.root, key);
    if (!at) return;
    parse_values(parse, at, key, "the name of a campaign", wg_name_is_valid, NULL, out);
    check_itself(parse, at, key);
    if (out->count > CAMPAIGN_OTHERS_MAX)
        yaml_doc_problem(&parse->doc, at, "%s: more than %d campaigns", key, CAMPAIGN_OTHERS_MAX);
}

static bool is_listed(const struct text_list *list, const char *text)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0) return true;
    return false;
}

static bool is_text_of(const struct yaml_value *list, size_t i, const char *text)
{
    return list->items[i]->kind == YAML_TEXT && strcmp(list->items[i]->text, text) == 0;
}

/* A name that is there by mistake takes devices away from another campaign: each once. */
static void check_supersedes(struct parse *parse)
{
    const struct yaml_value *at = yaml_get(parse->doc.root, "supersedes");
    size_t count = !at ? 0 : at->kind == YAML_LIST ? at->count : 1;
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *item = at->kind == YAML_LIST ? at->items[i] : at;
        if (item->kind != YAML_TEXT) continue;
        for (size_t before = 0; before < i; before++)
            if (is_text_of(at, before, item->text)) {
                yaml_doc_problem(&parse->doc, item, "supersedes: \"%.64s\" stands here twice",
                                 item->text);
                break;
            }
        if (is_listed(&parse->campaign->after, item->text))
            yaml_doc_problem(
                &parse->doc, item,
                "supersedes: \"%.64s\" stands under \"after\" too: it cannot be waited "
                "for and ended",
                item->text);
    }
}

static void read_precedence(struct parse *parse)
{
    struct campaign *campaign = parse->campaign;
    campaign->priority = CAMPAIGN_PRIORITY;
    yaml_read_int(&parse->doc, yaml_get(parse->doc.root, "priority"), "priority", 0, 100,
                  &campaign->priority);
    read_others(parse, "after", &campaign->after);
    read_others(parse, "excludes", &campaign->excludes);
    read_others(parse, "supersedes", &campaign->supersedes);
    check_supersedes(parse);
    campaign->policy.supersedes = campaign->supersedes.count > 0;
}

static void parse_head(struct parse *parse, const struct yaml_value *root)
{
    int64_t format = 0;
    static const char *const memberships[] = {"snapshot", "continuous", NULL};
    size_t membership = 0;
    const struct yaml_value *version = yaml_get(root, "wavegate");
    if (!version)
        yaml_doc_problem(&parse->doc, root,
                         "the key \"wavegate\" is missing: expected \"wavegate: 1\"");
    yaml_read_int(&parse->doc, version, "wavegate", 1, 1, &format);
    const struct yaml_value *name = yaml_get(root, "campaign");
    if (!name)
        yaml_doc_problem(&parse->doc, root, "the key \"campaign\" is missing: expected its name");
    parse_name(parse, name, "campaign", parse->campaign->name);
    if (yaml_read_choice(&parse->doc, yaml_get(root, "membership"), "membership", memberships,
                         &membership))
        parse->campaign->policy.continuous = membership == 1;
}

static void parse_root(struct parse *parse)
{
    const struct yaml_value *root = parse->doc.root;
    if (!parse_is_map(parse, root, "the campaign")) return;
    yaml_check_keys(&parse->doc, root, "a campaign", root_keys);
    parse_head(parse, root);
    read_release(parse, yaml_get(root, "release"));
    read_rollback(parse, yaml_get(root, "rollback_to"));
    read_precedence(parse);
    parse_target(parse, yaml_get(root, "target"));
    parse_waves(parse, yaml_get(root, "waves"));
    parse_pace(parse, yaml_get(root, "pace"));
    parse_budget(parse, yaml_get(root, "budget"));
    parse_retry(parse, yaml_get(root, "retry"));
    parse_timeout(parse, yaml_get(root, "timeout"));
    parse_window(parse, yaml_get(root, "window"));
    parse_schedule(parse, yaml_get(root, "schedule"));
    parse_start(parse);
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

struct campaign *campaign_check(const char *file, const char *bytes, size_t len,
                                campaign_load_fn load, void *ctx, struct yaml_doc *doc,
                                struct wg_error *err)
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
        *doc = parse->doc;
    }
    free(parse);
    if (ok) return campaign;
    campaign_free(campaign);
    return NULL;
}

struct campaign *campaign_parse(const char *file, const char *bytes, size_t len,
                                campaign_load_fn load, void *ctx, struct wg_error *err)
{
    struct yaml_doc doc = {0};
    struct campaign *campaign = campaign_check(file, bytes, len, load, ctx, &doc, err);
    yaml_doc_clear(&doc);
    return campaign;
}
