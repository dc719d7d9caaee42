/* apportion_test.c: waves that keep shares: sums exact, each group within one device of its share,
 * whatever the instance; nobody is favoured by where he stands. */
#include "orchestrator/campaign/apportion.h"

#include "tests/unit/harness.h"

#include <stdlib.h>
#include <string.h>

#define CELLS 48
#define WAVES 6

static uint64_t seed = 11;

static uint64_t bits(void)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (seed >> 32) * 0x9e3779b97f4a7c15u;
}

static int64_t draw(int64_t below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (int64_t)((seed >> 33) % (uint64_t)below);
}

struct instance {
    struct apportion_wave waves[WAVES];
    struct apportion_cell cells[CELLS];
    size_t wave_count, cell_count;
    int64_t whole;
};

/* Cells are distinct: the attributes are the digits of a number. */
static void make_cells(struct instance *in, int64_t devices_max)
{
    uint32_t values = (uint32_t)draw(4) + 2, at = 0;
    in->cell_count = (size_t)draw(CELLS) + 1;
    in->whole = 0;
    for (size_t k = 0; k < in->cell_count; k++) {
        struct apportion_cell *cell = &in->cells[k];
        at += (uint32_t)draw(3) + 1;
        uint32_t digits = at;
        for (size_t a = 0; a < APPORTION_ATTRIBUTES_MAX; a++, digits /= values)
            cell->value[a] = digits % values;
        cell->order = draw(10) ? bits() : 5;
        cell->devices = draw(devices_max + 1);
        in->whole += cell->devices;
    }
}

static void make_waves(struct instance *in, bool exhaust)
{
    int64_t left = in->whole;
    in->wave_count = (size_t)draw(WAVES) + 1;
    for (size_t w = 0; w < in->wave_count; w++) {
        struct apportion_wave *wave = &in->waves[w];
        wave->size = draw(4) ? draw(left / (draw(3) + 1) + 1) : 0;
        if (exhaust && w + 1 == in->wave_count) wave->size = left;
        left -= wave->size;
        wave->attribute_count = (size_t)draw(5);
        for (size_t i = 0; i < wave->attribute_count; i++) wave->attributes[i] = (size_t)draw(4);
    }
}

static struct instance make(void)
{
    static const int64_t sizes[] = {1, 2, 30, 1000, APPORTION_DEVICES_MAX / CELLS};
    struct instance in;
    memset(&in, 0, sizeof in);
    make_cells(&in, sizes[draw(5)]);
    make_waves(&in, draw(2));
    return in;
}

static bool same_group(const struct instance *in, const struct apportion_wave *wave, size_t level,
                       size_t j, size_t k)
{
    for (size_t i = 0; i < level; i++)
        if (in->cells[j].value[wave->attributes[i]] != in->cells[k].value[wave->attributes[i]])
            return false;
    return true;
}

/* Rounded up or down: less than one device from n * of / whole. */
static bool fits(int64_t got, int64_t n, int64_t of, int64_t whole)
{
    int64_t far = whole ? got * whole - n * of : got;
    return whole ? far > -whole && far < whole : far == 0;
}

static bool wave_fits(const struct instance *in, size_t w, const int64_t *row)
{
    const struct apportion_wave *wave = &in->waves[w];
    for (size_t level = 0; level <= wave->attribute_count; level++)
        for (size_t k = 0; k < in->cell_count; k++) {
            int64_t got = 0, of = 0;
            for (size_t j = 0; j < in->cell_count; j++)
                if (same_group(in, wave, level, j, k)) {
                    got += row[j];
                    of += in->cells[j].devices;
                }
            if (!fits(got, wave->size, of, in->whole)) return false;
            if (level == 0 && got != wave->size) return false;
            if (!fits(row[k], wave->size, in->cells[k].devices, in->whole) || row[k] < 0)
                return false;
        }
    return true;
}

static bool rest_fits(const struct instance *in, const int64_t *out)
{
    int64_t left = in->whole;
    for (size_t w = 0; w < in->wave_count; w++) left -= in->waves[w].size;
    for (size_t k = 0; k < in->cell_count; k++) {
        int64_t rest = in->cells[k].devices;
        for (size_t w = 0; w < in->wave_count; w++) rest -= out[w * in->cell_count + k];
        if (rest < 0 || !fits(rest, left, in->cells[k].devices, in->whole)) return false;
    }
    return true;
}

static void share_out(const struct instance *in, int64_t *out)
{
    struct wg_error err = {0};
    ASSERT_OK(apportion(in->waves, in->wave_count, in->cells, in->cell_count, out, &err), &err);
}

static void every_group_within_one(void)
{
    for (int round = 0; round < 4000; round++) {
        struct instance in = make();
        int64_t out[WAVES * CELLS];
        memset(out, 0xee, sizeof out);
        share_out(&in, out);
        bool good = rest_fits(&in, out);
        for (size_t w = 0; good && w < in.wave_count; w++)
            good = wave_fits(&in, w, out + w * in.cell_count);
        CU_ASSERT_TRUE_FATAL(good);
    }
}

static void places_do_not_matter(void)
{
    for (int round = 0; round < 1000; round++) {
        struct instance in = make(), other = in;
        size_t from[CELLS];
        for (size_t k = 0; k < in.cell_count; k++)
            in.cells[k].order = other.cells[k].order = bits();
        for (size_t k = 0; k < in.cell_count; k++) {
            size_t i = (size_t)draw((int64_t)k + 1);
            if (i < k) from[k] = from[i];
            from[i] = k;
        }
        for (size_t k = 0; k < in.cell_count; k++) {
            other.cells[k] = in.cells[from[k]];
            for (size_t a = 0; a < APPORTION_ATTRIBUTES_MAX; a++)
                other.cells[k].value[a] = 1000 - 7 * other.cells[k].value[a];
        }
        int64_t a[WAVES * CELLS], b[WAVES * CELLS];
        share_out(&in, a);
        share_out(&other, b);
        bool same = true;
        for (size_t w = 0; w < in.wave_count; w++)
            for (size_t k = 0; k < in.cell_count; k++)
                if (b[w * in.cell_count + k] != a[w * in.cell_count + from[k]]) same = false;
        CU_ASSERT_TRUE_FATAL(same);
    }
}

/* Two regions; the hardware within them. A canary of three, then twenty, the others in no wave. */
static struct instance small_fleet(void)
{
    return (struct instance){.waves = {{.size = 3, .attribute_count = 2, .attributes = {0, 1}},
                                       {.size = 20, .attribute_count = 1, .attributes = {1}}},
                             .cells = {{.devices = 50, .value = {0, 0}},
                                       {.devices = 9, .value = {0, 1}},
                                       {.devices = 30, .value = {1, 0}},
                                       {.devices = 10, .value = {1, 1}},
                                       {.devices = 1, .value = {1, 2}}},
                             .wave_count = 2,
                             .cell_count = 5,
                             .whole = 100};
}

static void duty_follows_the_shares(void)
{
    enum { ROUNDS = 20000 };
    struct instance in = small_fleet();
    int64_t sum[10] = {0}, out[10];
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t k = 0; k < in.cell_count; k++) in.cells[k].order = bits();
        share_out(&in, out);
        for (size_t i = 0; i < 10; i++) sum[i] += out[i];
    }
    for (size_t i = 0; i < 10; i++) {
        int64_t share = in.waves[i / 5].size * in.cells[i % 5].devices; /* of 100 */
        CU_ASSERT_DOUBLE_EQUAL((double)sum[i] / ROUNDS, (double)share / 100.0, 0.02);
    }
}

static void whole_shares_stay(void)
{
    struct instance in = {.waves = {{.size = 10, .attribute_count = 1}, {.size = 30}},
                          .cells = {{.devices = 60, .value = {3}},
                                    {.devices = 0, .value = {9}},
                                    {.devices = 40, .value = {4}}},
                          .wave_count = 2,
                          .cell_count = 3};
    static const int64_t expected[] = {6, 0, 4, 18, 0, 12};
    int64_t out[6];
    share_out(&in, out);
    CU_ASSERT_EQUAL(memcmp(out, expected, sizeof out), 0);
    in.cell_count = 1;
    in.waves[1].size = 50;
    share_out(&in, out);
    CU_ASSERT_EQUAL(out[0], 10);
    CU_ASSERT_EQUAL(out[1], 50);
}

static void nothing_to_share(void)
{
    struct wg_error err = {0};
    struct apportion_wave waves[2] = {{.size = 0, .attribute_count = 1}, {.size = 0}};
    struct apportion_cell cell = {.devices = 0};
    int64_t out[2] = {7, 7};
    ASSERT_OK(apportion(waves, 2, &cell, 1, out, &err), &err);
    CU_ASSERT_TRUE(out[0] == 0 && out[1] == 0);
    ASSERT_OK(apportion(waves, 2, NULL, 0, NULL, &err), &err);
    ASSERT_OK(apportion(NULL, 0, &cell, 1, NULL, &err), &err);
    cell.devices = 5;
    ASSERT_OK(apportion(NULL, 0, &cell, 1, NULL, &err), &err);
    out[0] = 7;
    ASSERT_OK(apportion(waves, 1, &cell, 1, out, &err), &err);
    CU_ASSERT_EQUAL(out[0], 0);
}

/* 32 waves over 5,000 cells of few devices each: every share is a fraction. */
static void large_instances(void)
{
    enum { K = 5000, W = APPORTION_WAVES_MAX };
    static struct apportion_wave waves[W];
    struct apportion_cell *cells = calloc(K, sizeof *cells);
    int64_t *out = calloc((size_t)K * W, sizeof *out);
    CU_ASSERT_TRUE_FATAL(cells && out);
    int64_t whole = 0;
    for (uint32_t k = 0; k < K; k++) {
        cells[k] = (struct apportion_cell){.devices = draw(5) ? draw(300) + 1 : 1,
                                           .order = bits(),
                                           .value = {k % 50, k / 50 % 10, k / 500}};
        whole += cells[k].devices;
    }
    for (size_t w = 0; w < W; w++)
        waves[w] = (struct apportion_wave){
            .size = whole / (33 + draw(20)), .attribute_count = 3, .attributes = {w % 3, 1, 2}};
    struct wg_error err = {0};
    ASSERT_OK(apportion(waves, W, cells, K, out, &err), &err);
    bool good = true;
    for (size_t w = 0; w < W; w++) {
        int64_t got[50] = {0}, of[50] = {0}, sum = 0;
        for (size_t k = 0; k < K; k++) {
            got[cells[k].value[w % 3]] += out[w * K + k];
            of[cells[k].value[w % 3]] += cells[k].devices;
            sum += out[w * K + k];
            if (!fits(out[w * K + k], waves[w].size, cells[k].devices, whole)) good = false;
        }
        for (size_t v = 0; v < 50; v++)
            if (!fits(got[v], waves[w].size, of[v], whole)) good = false;
        if (sum != waves[w].size) good = false;
    }
    CU_ASSERT_TRUE(good);
    free(cells);
    free(out);
}

static void refused(enum wg_error_code code, const char *text, const struct instance *in)
{
    struct wg_error err = {0};
    int64_t out[WAVES * CELLS] = {42};
    CU_ASSERT_FALSE(apportion(in->waves, in->wave_count, in->cells, in->cell_count, out, &err));
    CU_ASSERT_EQUAL(err.code, code);
    ASSERT_TEXT(err.text, text);
    CU_ASSERT_EQUAL(out[0], 42);
}

static void bad_instances_are_refused(void)
{
    struct instance in = small_fleet();
    in.waves[1].size = 98;
    refused(WG_E_BAD_INPUT, "the waves want 101 devices; there are 100 to share out", &in);
    in = small_fleet();
    in.waves[1].size = -1;
    refused(WG_E_BAD_INPUT, "wave 2: its size is negative", &in);
    in.waves[1].size = INT64_MAX;
    refused(WG_E_LIMIT, "wave 2: more than 1000000000 devices", &in);
    in = small_fleet();
    in.cells[1].devices = -1;
    refused(WG_E_BAD_INPUT, "a cell has a negative number of devices", &in);
    in.cells[1].devices = APPORTION_DEVICES_MAX;
    refused(WG_E_LIMIT, "more than 1000000000 devices to share out", &in);
    in = small_fleet();
    in.waves[0].attributes[1] = APPORTION_ATTRIBUTES_MAX;
    refused(WG_E_BAD_INPUT, "wave 1: spread over more than 8 attributes", &in);
    in.waves[0].attribute_count = APPORTION_ATTRIBUTES_MAX + 1;
    refused(WG_E_BAD_INPUT, "wave 1: spread over more than 8 attributes", &in);
    in = small_fleet();
    in.cell_count = APPORTION_CELLS_MAX + 1;
    refused(WG_E_LIMIT, "spread makes 20001 different combinations of values; at most 20000 may be",
            &in);
    in = small_fleet();
    in.wave_count = APPORTION_WAVES_MAX + 1;
    refused(WG_E_LIMIT, "33 waves share devices; at most 32 may", &in);
}

WG_SUITE("apportion", {"every group within one device of its share", every_group_within_one},
         {"places do not matter", places_do_not_matter},
         {"duty follows the shares", duty_follows_the_shares},
         {"whole shares stay", whole_shares_stay}, {"nothing to share", nothing_to_share},
         {"large instances", large_instances},
         {"bad instances are refused", bad_instances_are_refused})
