/* wave_parse.c: the waves and the gate behind each. */
#include "orchestrator/campaign/parse.h"
#include "orchestrator/campaign/text_list.h"

#include <string.h>

static const char *const wave_keys[] = {"name", "devices",   "percent", "count",
                                        "gate", "remaining", NULL};
static const char *const later_keys[] = {"spread", "select", "overlap", NULL};
static const char *const kind_keys[] = {[WAVE_DEVICES] = "devices",
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
        "a wave takes exactly one of devices, percent, count, remaining; this one has %zu", found);
    return false;
}

static void read_kind(struct parse *parse, const struct yaml_value *at, struct campaign_wave *wave)
{
    const struct yaml_value *value = yaml_get(at, kind_keys[wave->kind]);
    bool remaining = true;
    switch (wave->kind) {
    case WAVE_DEVICES:
        parse_devices(parse, value, &wave->devices);
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

static void check_name(struct parse *parse, const struct yaml_value *at, size_t index)
{
    const struct campaign_wave *waves = parse->campaign->waves;
    for (size_t i = 0; i < index; i++)
        if (waves[index].name[0] && strcmp(waves[i].name, waves[index].name) == 0)
            yaml_doc_problem(&parse->doc, at, "two waves are named \"%s\"", waves[index].name);
}

static void parse_wave(struct parse *parse, const struct yaml_value *at, size_t index, bool last,
                       const struct policy_gate *gate)
{
    struct campaign_wave *wave = &parse->campaign->waves[index];
    if (!parse_is_map(parse, at, "wave")) return;
    yaml_check_keys(&parse->doc, at, "wave", wave_keys, later_keys);
    const struct yaml_value *name = yaml_get(at, "name");
    if (!name) yaml_doc_problem(&parse->doc, at, "the wave has no \"name\"");
    parse_name(parse, name, "name", wave->name);
    check_name(parse, name ? name : at, index);
    if (find_kind(parse, at, &wave->kind)) {
        read_kind(parse, at, wave);
        if (wave->kind == WAVE_REMAINING && !last)
            yaml_doc_problem(&parse->doc, yaml_get(at, "remaining"),
                             "only the last wave can take what remains");
    }
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
