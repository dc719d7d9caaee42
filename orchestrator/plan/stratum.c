/* stratum.c: attributes to spread over as SQL, and the shares of their values. */
#include "orchestrator/plan/stratum.h"

#include "common/crypto.h"
#include "orchestrator/campaign/apportion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATOR '\x1f'

static const char *column_of(const char *name)
{
    static const struct {
        const char *name, *sql;
    } columns[] = {{"region", "d.region"},
                   {"timezone", "d.zone"},
                   {"hardware.model", "d.hardware_model"},
                   {"hardware.revision", "d.hardware_revision"}};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0]; i++)
        if (strcmp(name, columns[i].name) == 0) return columns[i].sql;
    return NULL;
}

/* software.NAME and attribute.NAME; the campaign's parser lets nothing else through. */
static bool compile_named(struct plan *plan, const char *name, char text[320], struct wg_error *err)
{
    const char *dot = strchr(name, '.');
    size_t n = target_bind(&plan->target, dot + 1, err);
    if (strncmp(name, "software.", strlen("software.")) == 0)
        (void)snprintf(text, 320,
                       "coalesce((select z.version from device_software z where z.device_id = d.id "
                       "and z.component = $%zu::text), '')",
                       n);
    else
        (void)snprintf(text, 320, "coalesce(d.attributes ->> $%zu::text, '')", n);
    return n != 0;
}

static bool add(struct plan *plan, const char *name, struct wg_error *err)
{
    char text[320];
    const char *column = column_of(name);
    for (size_t i = 0; i < plan->spread_count; i++)
        if (strcmp(plan->spread_names[i], name) == 0) return true;
    if (plan->spread_count == PLAN_SPREAD_MAX)
        return wg_fail(err, WG_E_LIMIT, "the waves are spread over more than %d attributes",
                       PLAN_SPREAD_MAX);
    if (!column && !compile_named(plan, name, text, err)) return false;
    char *sql = strdup(column ? column : text);
    if (!sql) return wg_fail_memory(err, "planning");
    (void)wg_copy(plan->spread_names[plan->spread_count], CAMPAIGN_SPREAD_TEXT, name);
    plan->spread[plan->spread_count++] = sql;
    return true;
}

bool stratum_compile(struct plan *plan, struct wg_error *err)
{
    const struct campaign *campaign = plan->campaign;
    for (size_t i = plan->query.kept_waves; i < campaign->policy.wave_count; i++)
        for (size_t k = 0; k < campaign->waves[i].spread_count; k++)
            if (!add(plan, campaign->waves[i].spread[k], err)) return false;
    return true;
}

struct word {
    const char *text;
    size_t len, cell;
};

static int by_text(const void *left, const void *right)
{
    const struct word *a = left, *b = right;
    int order = memcmp(a->text, b->text, a->len < b->len ? a->len : b->len);
    return order ? order : (a->len > b->len) - (a->len < b->len);
}

static struct word word_of(const char *key, size_t attribute)
{
    for (; attribute > 0; attribute--) {
        const char *end = strchr(key, SEPARATOR);
        key = end ? end + 1 : "";
    }
    return (struct word){.text = key, .len = strcspn(key, "\x1f")};
}

/* Equal values get equal numbers. */
static bool number_values(const struct plan_counts *counts, size_t attribute,
                          struct apportion_cell *cells, struct wg_error *err)
{
    uint32_t number = 0;
    struct word *words = calloc(counts->cell_count + 1, sizeof *words);
    if (!words) return wg_fail_memory(err, "planning");
    for (size_t i = 0; i < counts->cell_count; i++) {
        words[i] = word_of(counts->cells[i].key, attribute);
        words[i].cell = i;
    }
    qsort(words, counts->cell_count, sizeof *words, by_text);
    for (size_t i = 0; i < counts->cell_count; i++) {
        if (i > 0 && by_text(&words[i - 1], &words[i]) != 0) number++;
        cells[words[i].cell].value[attribute] = number;
    }
    free(words);
    return true;
}

static bool order_of(const char *seed, const char *key, uint64_t *out, struct wg_error *err)
{
    char hex[WG_SHA256_HEX], first[17];
    struct wg_buf text;
    wg_buf_init(&text, 65536);
    wg_buf_printf(&text, "%s%c%s", seed, SEPARATOR, key);
    bool ok =
        wg_buf_check(&text, err, "planning") && wg_sha256_of(wg_buf_str(&text), text.len, hex, err);
    wg_buf_clear(&text);
    if (!ok) return false;
    (void)wg_copy(first, sizeof first, hex);
    *out = strtoull(first, NULL, 16);
    return true;
}

static bool fill_cells(const struct plan *plan, struct apportion_cell *cells, struct wg_error *err)
{
    bool ok = true;
    for (size_t i = 0; i < plan->counts.cell_count && ok; i++) {
        cells[i].devices = plan->counts.cells[i].devices;
        ok = order_of(plan->campaign->name, plan->counts.cells[i].key, &cells[i].order, err);
    }
    for (size_t a = 0; a < plan->spread_count && ok; a++)
        ok = number_values(&plan->counts, a, cells, err);
    return ok;
}

static size_t attribute_of(const struct plan *plan, const char *name)
{
    size_t i = 0;
    while (i + 1 < plan->spread_count && strcmp(plan->spread_names[i], name) != 0) i++;
    return i;
}

/* Waves that take theirs by name or selector, and those that stay, take nothing from the pool. */
static void fill_waves(const struct plan *plan, struct apportion_wave *waves)
{
    const struct campaign *campaign = plan->campaign;
    for (size_t i = plan->query.kept_waves; i < campaign->policy.wave_count; i++) {
        const struct campaign_wave *wave = &campaign->waves[i];
        if (plan->conditions[i]) continue;
        waves[i].size = plan->size[i];
        for (size_t k = 0; k < wave->spread_count; k++)
            waves[i].attributes[waves[i].attribute_count++] = attribute_of(plan, wave->spread[k]);
    }
}

bool stratum_share(const struct plan *plan, int64_t **share, struct wg_error *err)
{
    size_t wave_count = plan->campaign->policy.wave_count, cell_count = plan->counts.cell_count;
    struct apportion_wave waves[POLICY_WAVES_MAX] = {0};
    struct apportion_cell *cells = calloc(cell_count + 1, sizeof *cells);
    *share = calloc(wave_count * cell_count + 1, sizeof **share);
    if (!cells || !*share) {
        free(cells);
        return wg_fail_memory(err, "planning");
    }
    fill_waves(plan, waves);
    bool ok = fill_cells(plan, cells, err) &&
              (cell_count == 0 || apportion(waves, wave_count, cells, cell_count, *share, err));
    free(cells);
    return ok;
}
