/* wave_parse.c: the waves and the gate behind each. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <string.h>

static const char *const wave_keys[] = {"name",      "devices", "select", "percent", "count",
                                        "remaining", "spread",  "gate",   "overlap", NULL};
/* Of plan --devices: a wave of such a name could not be asked for. */
static const char *const plan_words[] = {"all", "left-out"};
static const char *const kind_keys[] = {[WAVE_DEVICES] = "devices",
                                        [WAVE_SELECT] = "select",
                                        [WAVE_PERCENT] = "percent",
                                        [WAVE_COUNT] = "count",
                                        [WAVE_REMAINING] = "remaining"};
#define KINDS (sizeof kind_keys / sizeof kind_keys[0])

/* Exactly one of the keys that say who is in the wave. */
static bool find_kind(struct parse *parse, const struct yaml_value *at, enum wave_kind *kind)
{
    size_t found = 0;
    for (size_t i = 0; i < KINDS; i++)
        if (yaml_get(at, kind_keys[i])) {
            *kind = (enum wave_kind)i;
            found++;
        }
    if (found == 1) return true;
    yaml_doc_problem(
        &parse->doc, at,
        "a wave takes exactly one of devices, select, percent, count, remaining; this one has %zu",
        found);
    return false;
}

static void read_kind(struct parse *parse, const struct yaml_value *at, struct campaign_wave *wave)
{
    const struct yaml_value *value = yaml_get(at, kind_keys[wave->kind]);
    bool remaining = true;
    switch (wave->kind) {
    case WAVE_DEVICES:
        parse_devices(parse, value, &wave->devices, NULL);
        break;
    case WAVE_SELECT:
        parse_selectors(parse, value, &wave->select);
        break;
    case WAVE_PERCENT:
        yaml_read_percent(&parse->doc, value, "percent", &wave->percent_ppm);
        break;
    case WAVE_COUNT:
        yaml_read_int(&parse->doc, value, "count", 1, 100000000, &wave->count);
        break;
    case WAVE_REMAINING:
        if (yaml_read_bool(&parse->doc, value, "remaining", &remaining) && !remaining)
            yaml_doc_problem(&parse->doc, value, "remaining: expected true, or leave it out");
        break;
    }
}

/* "software.app": the value of what is behind the dot; the others stand alone. */
static bool spread_is_known(const char *text)
{
    static const char *const alone[] = {"region", "timezone", "hardware.model", "hardware.revision",
                                        NULL};
    static const char *const named[] = {"software.", "attribute.", NULL};
    for (size_t i = 0; alone[i]; i++)
        if (strcmp(text, alone[i]) == 0) return true;
    for (size_t i = 0; named[i]; i++)
        if (strncmp(text, named[i], strlen(named[i])) == 0)
            return wg_name_is_valid(text + strlen(named[i]));
    return false;
}

static bool has_spread(const struct campaign_wave *wave, const char *text)
{
    for (size_t i = 0; i < wave->spread_count; i++)
        if (strcmp(wave->spread[i], text) == 0) return true;
    return false;
}

/* Their order counts: it stays as written. */
static void read_spread(struct parse *parse, const struct yaml_value *at,
                        struct campaign_wave *wave)
{
    size_t count = at->kind == YAML_LIST ? at->count : 1;
    if (at->kind == YAML_MAP || count == 0 || count > CAMPAIGN_SPREAD_MAX) {
        yaml_doc_problem(&parse->doc, at, "spread: expected a list of 1 to %d attributes",
                         CAMPAIGN_SPREAD_MAX);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        const struct yaml_value *item = at->kind == YAML_LIST ? at->items[i] : at;
        char text[CAMPAIGN_SPREAD_TEXT];
        if (!yaml_read_text(&parse->doc, item, "spread", text, sizeof text)) continue;
        if (!spread_is_known(text))
            yaml_doc_problem(
                &parse->doc, item,
                "spread: expected region, timezone, hardware.model, hardware.revision, "
                "software.COMPONENT or attribute.NAME, got \"%s\"",
                text);
        else if (has_spread(wave, text))
            yaml_doc_problem(&parse->doc, item, "spread: \"%s\" stands here twice", text);
        else
            (void)wg_copy(wave->spread[wave->spread_count++], CAMPAIGN_SPREAD_TEXT, text);
    }
}

static void check_name(struct parse *parse, const struct yaml_value *at, size_t index)
{
    const struct campaign_wave *waves = parse->campaign->waves;
    for (size_t i = 0; i < sizeof plan_words / sizeof plan_words[0]; i++)
        if (strcmp(waves[index].name, plan_words[i]) == 0)
            yaml_doc_problem(&parse->doc, at,
                             "name: plan --devices means something else by \"%s\": name the wave "
                             "differently",
                             plan_words[i]);
    for (size_t i = 0; i < index; i++)
        if (waves[index].name[0] && strcmp(waves[i].name, waves[index].name) == 0)
            yaml_doc_problem(&parse->doc, at, "two waves are named \"%s\"", waves[index].name);
}

static void read_overlap(struct parse *parse, const struct yaml_value *at, size_t index)
{
    bool *overlap = &parse->campaign->policy.overlap[index];
    if (!yaml_read_bool(&parse->doc, at, "overlap", overlap) || !*overlap || index > 0) return;
    yaml_doc_problem(&parse->doc, at, "overlap: there is no wave before the first");
}

static void parse_wave(struct parse *parse, const struct yaml_value *at, size_t index, bool last,
                       const struct policy_gate *gate)
{
    struct campaign_wave *wave = &parse->campaign->waves[index];
    if (!parse_is_map(parse, at, "wave")) return;
    yaml_check_keys(&parse->doc, at, "wave", wave_keys);
    const struct yaml_value *name = yaml_get(at, "name");
    if (!name) yaml_doc_problem(&parse->doc, at, "the wave has no \"name\"");
    parse_name(parse, name, "name", wave->name);
    check_name(parse, name ? name : at, index);
    bool known = find_kind(parse, at, &wave->kind);
    if (known) {
        read_kind(parse, at, wave);
        if (wave->kind == WAVE_REMAINING && !last)
            yaml_doc_problem(&parse->doc, yaml_get(at, "remaining"),
                             "only the last wave can take what remains");
    }
    const struct yaml_value *spread = yaml_get(at, "spread");
    if (spread && known && wave->kind != WAVE_PERCENT && wave->kind != WAVE_COUNT)
        yaml_doc_problem(&parse->doc, spread, "spread: only percent and count can be spread");
    else if (spread)
        read_spread(parse, spread, wave);
    read_overlap(parse, yaml_get(at, "overlap"), index);
    parse->campaign->policy.gates[index] = *gate;
    parse_gate(parse, yaml_get(at, "gate"), &parse->campaign->policy.gates[index]);
}

/* Told at the wave that goes beyond the whole. */
static void check_percents(struct parse *parse, const struct yaml_value *at)
{
    int64_t sum = 0;
    for (size_t i = 0; i < parse->campaign->policy.wave_count && sum <= POLICY_PPM; i++) {
        sum += parse->campaign->waves[i].percent_ppm;
        if (sum > POLICY_PPM)
            yaml_doc_problem(&parse->doc, yaml_get(at->items[i], "percent"),
                             "percent: the percents of the waves add up to more than 100");
    }
}

void parse_waves(struct parse *parse, const struct yaml_value *at)
{
    struct policy_gate gate = {.success_ppm = POLICY_PPM,
                               .sample = {.is_share = true, .value = POLICY_PPM}};
    parse_gate(parse, yaml_get(parse->doc.root, "gate"), &gate);
    if (!at) {
        yaml_doc_problem(&parse->doc, parse->doc.root, "the key \"waves\" is missing");
        return;
    }
    if (at->kind != YAML_LIST) {
        yaml_doc_problem(&parse->doc, at, "waves: expected a list of 1 to %d waves, got %s",
                         POLICY_WAVES_MAX, yaml_kind_text(at));
        return;
    }
    if (at->count == 0 || at->count > POLICY_WAVES_MAX) {
        yaml_doc_problem(&parse->doc, at, "waves: expected a list of 1 to %d waves, got %zu",
                         POLICY_WAVES_MAX, at->count);
        return;
    }
    parse->campaign->policy.wave_count = at->count;
    for (size_t i = 0; i < at->count; i++)
        parse_wave(parse, at->items[i], i, i + 1 == at->count, &gate);
    check_percents(parse, at);
}
