/* device.c: the draws that make a device. Their order is part of what a seed means. */
#include "tests/sim/device.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define KM_PER_DEGREE 111.2
#define STALE (60 * WG_DAY) /* unheard for so long, a device also missed updates */

static_assert(sizeof(((struct fleet *)0)->revision_weights) / sizeof(struct chance_table) == 4,
              "a table of revisions for each model");

bool fleet_init(struct fleet *out, const char *seed, wg_time now, struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    out->seed = chance_seed(seed);
    out->now = now;
    bool ok = true;
    for (size_t i = 0; i < city_count; i++)
        ok = ok && chance_table_add(&out->city_weights, cities[i].weight);
    for (size_t i = 0; i < catalogue_model_count; i++) {
        ok = ok && chance_table_add(&out->model_weights, catalogue_models[i].weight);
        for (size_t r = 0; r < CATALOGUE_REVISIONS; r++)
            ok =
                ok && chance_table_add(&out->revision_weights[i], catalogue_models[i].revisions[r]);
    }
    if (!ok) return wg_fail(err, WG_E_LIMIT, "a table of the fleet is too long");
    return catalogue_init(&out->catalogue, err);
}

static double round_to(double value, double step)
{
    return round(value / step) * step;
}

static void draw_hardware(const struct fleet *fleet, struct chance *chance, struct device *out)
{
    size_t model = chance_pick(chance, &fleet->model_weights);
    out->model = &catalogue_models[model];
    size_t revision = chance_pick(chance, &fleet->revision_weights[model]);
    out->revision[0] = (char)('A' + revision);
    out->revision_key = fleet->catalogue.revision_keys[revision];
    out->ram_mb = out->model->ram_mb[revision];
}

/* Around a city; every hundredth device knows no place at all, some know the region alone. */
static void draw_place(const struct fleet *fleet, struct chance *chance, struct device *out)
{
    const struct city *city = &cities[chance_pick(chance, &fleet->city_weights)];
    bool known = !chance_of(chance, 0.01);
    double north = chance_normal(chance) * city->scatter_km / KM_PER_DEGREE;
    double east = chance_normal(chance) * city->scatter_km / KM_PER_DEGREE;
    double turn = 3.141592653589793 / 180;
    out->region = known ? city->region : "";
    out->zone = known ? city->zone : "";
    out->has_position = known && chance_of(chance, 0.93);
    out->position_source = chance_of(chance, 0.85) ? "hello" : "registry";
    out->lat = round_to(city->lat + north, 1e-5);
    out->lon = round_to(city->lon + east / cos(city->lat * turn), 1e-5);
    if (out->lon > 180) out->lon -= 360;
    if (out->lon < -180) out->lon += 360;
    (void)snprintf(out->site, sizeof out->site, "%s-%zu", city->site,
                   1 + chance_below(chance, 1 + (size_t)city->weight * 4));
}

/* Registered in the last six years. Most are connected; the others were last heard some hours, days
 * or, in a long tail, months ago. */
static void draw_times(const struct fleet *fleet, struct chance *chance, struct device *out)
{
    wg_duration age = WG_DAY + (wg_duration)(chance_unit(chance) * (double)(2190 * WG_DAY));
    wg_duration quiet = 0;
    double kind = chance_unit(chance);
    out->online = kind < 0.72;
    if (out->online)
        quiet = (wg_duration)(chance_unit(chance) * (double)(10 * WG_MINUTE));
    else if (kind < 0.90)
        quiet = (wg_duration)(-log(1 - chance_unit(chance)) * (double)(6 * WG_HOUR));
    else
        quiet = (wg_duration)(exp(chance_normal(chance) * 1.6) * (double)(9 * WG_DAY));
    if (quiet > age) quiet = age;
    out->registered_at = fleet->now - age;
    out->seen_at = fleet->now - quiet;
    wg_duration up = (wg_duration)(chance_unit(chance) * (double)(20 * WG_DAY));
    if (up > age - quiet) up = age - quiet;
    out->presence_at = out->online ? out->seen_at - up : out->seen_at;
    out->changed_at = out->seen_at - (wg_duration)(chance_unit(chance) * (double)(age - quiet));
    out->position_at = !strcmp(out->position_source, "hello") ? out->seen_at : out->registered_at;
    out->revoked_at = chance_of(chance, 0.001) ? out->seen_at : 0;
}

static void draw_software(const struct fleet *fleet, struct chance *chance, struct device *out)
{
    bool stale = fleet->now - out->seen_at > STALE;
    out->software_count = 0;
    for (size_t i = 0; i < CATALOGUE_COMPONENTS; i++) {
        const struct catalogue_component *component = &fleet->catalogue.components[i];
        bool has = chance_of(chance, component->share);
        size_t first = chance_pick(chance, &component->weights);
        size_t second = chance_pick(chance, &component->weights);
        if (!has) continue;
        out->software[out->software_count++] = (struct device_software){
            .component = component->name,
            .version = &component->versions[stale && second > first ? second : first]};
    }
}

static void draw_inventory(struct chance *chance, struct device *out)
{
    static const char *const channels[] = {"stable", "early", "nightly"};
    double customer = chance_unit(chance), channel = chance_unit(chance);
    out->tag_count = out->group_count = 0;
    for (size_t i = 0; i < CATALOGUE_TAGS; i++)
        if (chance_of(chance, catalogue_tags[i].share))
            out->tags[out->tag_count++] = catalogue_tags[i].name;
    /* few customers with many devices, many with few */
    (void)snprintf(out->customer, sizeof out->customer, "customer-%03d",
                   1 + (int)(customer * customer * customer * 400));
    out->channel = channels[channel < 0.93 ? 0 : channel < 0.99 ? 1 : 2];
    if (chance_of(chance, 0.5))
        (void)snprintf(out->groups[out->group_count++], sizeof out->groups[0], "ring-%zu",
                       chance_below(chance, 4));
    if (chance_of(chance, 0.15))
        (void)snprintf(out->groups[out->group_count++], sizeof out->groups[0], "depot-%03zu",
                       1 + chance_below(chance, 300));
}

static void draw_hex(struct chance *chance, char out[WG_BOOT_MAX])
{
    uint64_t bytes[2] = {chance_next(chance), chance_next(chance)};
    wg_hex(bytes, sizeof bytes, out);
}

void device_make(const struct fleet *fleet, uint64_t number, struct device *out)
{
    static const char *const agents[] = {"1.4.2", "1.4.1", "1.3.0"};
    struct chance chance;
    chance_init(&chance, fleet->seed, number);
    *out = (struct device){0};
    (void)snprintf(out->id, sizeof out->id, "dev-%07llu", (unsigned long long)number);
    draw_hardware(fleet, &chance, out);
    draw_place(fleet, &chance, out);
    draw_times(fleet, &chance, out);
    draw_software(fleet, &chance, out);
    draw_inventory(&chance, out);
    out->agent = agents[chance_below(&chance, 3)];
    draw_hex(&chance, out->boot);
    draw_hex(&chance, out->journal);
}
