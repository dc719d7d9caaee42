/* selector_test.c: what a target means, whatever form it is written in: the model is judged by
 * asking it about devices. */
#include "orchestrator/campaign/campaign.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define START "wavegate: 1\ncampaign: c\nrelease: app/1.2.3\n"
#define HEAD START "waves: [{name: a, remaining: true}]\n"
#define TEXT_MAX ((size_t)1 << 20)

/* A device has tags named by letters, and runs the components named by letters. */
struct fake {
    const char *tags, *runs;
};

static bool is_one_of(const struct text_list *list, const char *letters)
{
    for (size_t i = 0; i < list->count; i++)
        if (strchr(letters, list->items[i][0])) return true;
    return false;
}

static bool holds(const struct selector *selector, const struct fake *device)
{
    switch (selector->kind) {
    case SELECT_ALL:
        for (size_t i = 0; i < selector->child_count; i++)
            if (!holds(selector->children[i], device)) return false;
        return true;
    case SELECT_ANY:
        for (size_t i = 0; i < selector->child_count; i++)
            if (holds(selector->children[i], device)) return true;
        return false;
    case SELECT_NOT:
        return !holds(selector->children[0], device);
    case SELECT_TAG:
        return is_one_of(&selector->values, device->tags);
    case SELECT_SOFTWARE:
        return strchr(device->runs, selector->name[0]) != NULL;
    default:
        break;
    }
    return false;
}

static struct campaign *read_target(const char *target, struct wg_error *err)
{
    char text[4096];
    (void)snprintf(text, sizeof text, HEAD "target: %s\n", target);
    return campaign_parse("c.yaml", text, strlen(text), NULL, NULL, err);
}

static struct campaign *read_back(const struct campaign *campaign, struct wg_error *err)
{
    struct wg_buf text;
    wg_buf_init(&text, 100000);
    ASSERT_OK(campaign_canonical(campaign, &text, err), err);
    struct campaign *back =
        campaign_parse("canonical", wg_buf_str(&text), text.len, NULL, NULL, err);
    wg_buf_clear(&text);
    return back;
}

static void check_meaning(const char *target, const char *tags, const char *runs, bool expected)
{
    struct wg_error err = {0};
    struct fake device = {tags, runs};
    struct campaign *campaign = read_target(target, &err);
    ASSERT_OK(campaign != NULL, &err);
    struct campaign *back = read_back(campaign, &err);
    ASSERT_OK(back != NULL, &err);
    bool in = holds(campaign->target, &device), still = holds(back->target, &device);
    if (in != expected || still != expected)
        printf("\n    %s, tags \"%s\", runs \"%s\": %d, read back %d\n", target, tags, runs, in,
               still);
    CU_ASSERT_EQUAL(in, expected);
    CU_ASSERT_EQUAL(still, expected);
    campaign_free(campaign);
    campaign_free(back);
}

static void targets_mean_what_they_say(void)
{
    static const struct {
        const char *target, *tags, *runs;
        bool expected;
    } rows[] = {
        /* keys side by side all have to hold */
        {"{tag: a, software: {x: '*'}}", "a", "x", true},
        {"{tag: a, software: {x: '*'}}", "a", "", false},
        {"{software: {x: '*', y: '*'}}", "", "x", false},
        {"{software: {x: '*', y: '*'}}", "", "xy", true},
        /* a list of tags: any of them */
        {"{tag: [a, b]}", "b", "", true},
        {"{all: [{tag: a}, {tag: b}]}", "b", "", false},
        /* one entry of "any" is one choice */
        {"{any: [{tag: a}, {tag: b}]}", "b", "", true},
        {"{any: [{tag: a, software: {x: '*'}}, {tag: b}]}", "a", "", false},
        {"{any: [{software: {x: '*', y: '*'}}, {tag: b}]}", "", "x", false},
        {"{any: [{software: {x: '*', y: '*'}}, {tag: b}]}", "", "xy", true},
        {"{any: [{software: {x: '*', y: '*'}}]}", "", "y", false},
        {"{any: [{all: [{tag: a}, {tag: b}]}, {tag: c}]}", "a", "", false},
        /* "not": none of its entries may hold, also inside "any" */
        {"{not: [{tag: a}, {tag: b}]}", "a", "", false},
        {"{not: [{tag: a}, {tag: b}]}", "c", "", true},
        {"{not: {tag: a, software: {x: '*'}}}", "a", "", true},
        {"{not: {tag: a, software: {x: '*'}}}", "a", "x", false},
        {"{any: [{not: [{tag: a}, {tag: b}]}, {tag: c}]}", "a", "", false},
        {"{any: [{not: [{tag: a}, {tag: b}]}, {tag: c}]}", "b", "", false},
        {"{any: [{not: [{tag: a}, {tag: b}]}, {tag: c}]}", "ac", "", true},
        {"{any: [{not: [{tag: a}, {tag: b}]}]}", "a", "", false},
        {"{not: [{not: [{tag: a}, {tag: b}]}]}", "a", "", true},
        {"{not: [{not: [{tag: a}, {tag: b}]}]}", "c", "", false},
        {"{not: {any: [{tag: a}, {tag: b}]}}", "b", "", false},
        {"{not: {all: [{tag: a}, {tag: b}]}}", "b", "", true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_meaning(rows[i].target, rows[i].tags, rows[i].runs, rows[i].expected);
}

/* ---- whatever is accepted reads back from its canonical form ---- */

static uint64_t seed;

static unsigned draw(unsigned below)
{
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % below;
}

static void write_selector(struct wg_buf *out, int levels);

static void write_list(struct wg_buf *out, int levels)
{
    unsigned count = draw(2) + 1;
    wg_buf_char(out, '[');
    for (unsigned i = 0; i < count; i++) {
        if (i) wg_buf_char(out, ',');
        write_selector(out, levels);
    }
    wg_buf_char(out, ']');
}

/* A map of one to three keys, up to so many levels of all, any and not. */
static void write_selector(struct wg_buf *out, int levels)
{
    static const char *const nests[] = {"all: ", "any: ", "not: "};
    bool deep = levels > 0 && draw(8) > 0, leaf = !deep || draw(2);
    wg_buf_char(out, '{');
    if (deep) {
        wg_buf_text(out, nests[draw(3)]);
        write_list(out, levels - 1);
    }
    if (deep && leaf) wg_buf_text(out, ", ");
    if (leaf) wg_buf_printf(out, "tag: [%c, %c]", 'a' + (int)draw(4), 'a' + (int)draw(4));
    if (leaf && draw(3) == 0) wg_buf_text(out, ", software: {x: '*', y: '>=1.0.0'}");
    wg_buf_char(out, '}');
}

static void whatever_is_accepted_reads_back(void)
{
    static const char *const tags[] = {"", "a", "b", "cd", "abcd"};
    static const char *const runs[] = {"", "x", "xy"};
    unsigned accepted = 0, refused = 0;
    seed = 20261121;
    for (int round = 0; round < 3000; round++) {
        struct wg_error err = {0};
        struct wg_buf target;
        wg_buf_init(&target, 4000);
        write_selector(&target, (int)draw(10));
        struct campaign *campaign = target.failed ? NULL : read_target(wg_buf_str(&target), &err);
        struct campaign *back = campaign ? read_back(campaign, &err) : NULL;
        if (campaign && !back) printf("\n    %s: %s\n", wg_buf_str(&target), err.text);
        CU_ASSERT_EQUAL(campaign != NULL, back != NULL);
        for (size_t i = 0; back && i < 15; i++) {
            struct fake device = {tags[i % 5], runs[i / 5]};
            CU_ASSERT_EQUAL(holds(campaign->target, &device), holds(back->target, &device));
        }
        *(campaign ? &accepted : &refused) += 1;
        wg_buf_clear(&target);
        campaign_free(campaign);
        campaign_free(back);
    }
    /* the draws reach both sides of the bound */
    CU_ASSERT_TRUE(accepted > 1000);
    CU_ASSERT_TRUE(refused > 10);
}

/* ---- the same of every kind of selector ---- */

static const char *one_of(const char *const *words, size_t count)
{
    return words[draw((unsigned)count)];
}

#define ONE_OF(...)                                                                                \
    one_of((const char *const[]){__VA_ARGS__},                                                     \
           sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *))

/* A number of that many digits and decimals, in quotes or not. */
static void write_decimal(struct wg_buf *out, const char *sign, unsigned most, unsigned decimals)
{
    const char *quote = draw(3) ? "" : "'";
    unsigned part = decimals ? draw(decimals + 1) : 0;
    wg_buf_printf(out, "%s%s%u", quote, draw(2) ? sign : "", draw(most + 1));
    if (part) wg_buf_char(out, '.');
    while (part--) wg_buf_char(out, (char)('0' + draw(10)));
    wg_buf_text(out, quote);
}

static void write_place(struct wg_buf *out)
{
    bool circle = draw(2);
    wg_buf_text(out, circle ? "within: {lat: " : "bbox: {south: ");
    write_decimal(out, "-", 90, 7);
    wg_buf_text(out, circle ? ", lon: " : ", west: ");
    write_decimal(out, "-", 180, 7);
    wg_buf_text(out, circle ? ", km: " : ", north: ");
    write_decimal(out, "", circle ? 20038 : 90, circle ? 3 : 7);
    if (!circle) {
        wg_buf_text(out, ", east: ");
        write_decimal(out, "-", 180, 7);
    }
    wg_buf_char(out, '}');
}

/* A triangle, as text or as GeoJSON, that may run over the antimeridian. */
static void write_area(struct wg_buf *out)
{
    bool text = draw(2);
    unsigned east = draw(text ? 170 : 190), north = draw(80), part = draw(100000);
    if (text)
        wg_buf_printf(out, "inside: 'POLYGON ((%u.%u %u, %u %u.5, %u %u, %u.%u %u))'", east, part,
                      north, east + 9, north, east + 3, north + 9, east, part, north);
    else
        wg_buf_printf(out,
                      "inside: {type: Polygon, coordinates: [[[%u.%u, %u], [%u, %u.5], [%u, %u], "
                      "[%u.%u, %u]]]}",
                      east, part, north, east + 9, north, east + 3, north + 9, east, part, north);
}

static void write_ware(struct wg_buf *out)
{
    switch (draw(4)) {
    case 0:
        wg_buf_printf(out, "hardware: {model: m%u, revision: '%s%c%u'}", draw(3),
                      ONE_OF("", "=", ">=", "< ", "*  > "), 'A' + (int)draw(3), draw(20));
        break;
    case 1:
        wg_buf_printf(out, "software: {a%u: '%s%u.%u.%u%s'}", draw(3),
                      ONE_OF("", "^", "~ ", ">=", "<= ", "1.x || "), draw(3), draw(3), draw(30),
                      ONE_OF("", "-rc.1", "+b", " || 9.x"));
        break;
    case 2:
        wg_buf_printf(out, "software: {a: {scheme: %s, version: '%s%u.%u'}}",
                      ONE_OF("debian", "calver"), ONE_OF("", ">=", "< "), draw(3000), draw(30));
        break;
    default:
        wg_buf_printf(out, "software: {a: {scheme: opaque, version: [r%u, \"%s\", no]}}", draw(20),
                      ONE_OF("a b", "\\u00e9", "\\\"q\\\"", "b\\\\s"));
        break;
    }
}

static void write_inventory(struct wg_buf *out)
{
    switch (draw(5)) {
    case 0:
        wg_buf_printf(out, "attribute: {n%u: '%s%u.%u'}", draw(3),
                      ONE_OF("<", "<= ", ">  ", ">=", "= ", "!=", ""), draw(100), draw(100));
        break;
    case 1:
        wg_buf_printf(out, "attribute: {n: [%u, no, \"%s\"], m: {exists: %s}}", draw(100),
                      ONE_OF("!= x", "< 5", "a, b", " "), ONE_OF("true", "false"));
        break;
    case 2:
        wg_buf_printf(out, "last_seen: {%s: %u%s}", ONE_OF("within", "before"), draw(99) + 1,
                      ONE_OF("s", "m", "h", "d", "d12h", "m500ms"));
        break;
    case 3:
        wg_buf_printf(out, "%s: [a/1.%u.0, b/0.0.%u-x.%u]", ONE_OF("installed", "not_installed"),
                      draw(30), draw(30), draw(30));
        break;
    default:
        wg_buf_printf(out, "%s: [x%u, x%u]", ONE_OF("tag", "group", "failed_in", "succeeded_in"),
                      draw(30), draw(30));
        break;
    }
}

static void write_leaf(struct wg_buf *out)
{
    switch (draw(6)) {
    case 0:
        wg_buf_printf(out, "device: [d%u, 'd%u%s', d%u]", draw(30), draw(30), ONE_OF("*", "?", ""),
                      draw(30));
        break;
    case 1:
        wg_buf_printf(out, "%s",
                      ONE_OF("region: [NO, DE-BY, DE]", "region: US-CA",
                             "timezone: [UTC, 'Europe/*', '?TC']"));
        break;
    case 2:
        write_place(out);
        break;
    case 3:
        write_area(out);
        break;
    case 4:
        write_ware(out);
        break;
    default:
        write_inventory(out);
        break;
    }
}

/* A selector of that many levels, each in one of the ways to nest. */
static void write_any_selector(struct wg_buf *out, int levels)
{
    wg_buf_char(out, '{');
    if (levels == 0) {
        write_leaf(out);
    } else {
        unsigned count = draw(3) + 1;
        wg_buf_printf(out, "%s: [", ONE_OF("all", "any", "not"));
        for (unsigned i = 0; i < count; i++) {
            if (i) wg_buf_text(out, ", ");
            write_any_selector(out, i ? (int)draw((unsigned)levels) : levels - 1);
        }
        wg_buf_char(out, ']');
        if (draw(3) == 0) wg_buf_text(out, ", ");
        if (strcmp(wg_buf_str(out) + out->len - 2, ", ") == 0) write_leaf(out);
    }
    wg_buf_char(out, '}');
}

/* The same text and digest. */
static void check_back(const struct campaign *campaign, const char *target)
{
    struct wg_error err = {0};
    struct wg_buf text, again;
    char digest[WG_SHA256_HEX], same[WG_SHA256_HEX];
    wg_buf_init(&text, TEXT_MAX);
    wg_buf_init(&again, TEXT_MAX);
    struct campaign *back = read_back(campaign, &err);
    if (!back) printf("\n    %s: %s\n", target, err.text);
    CU_ASSERT_PTR_NOT_NULL_FATAL(back);
    ASSERT_OK(campaign_canonical(campaign, &text, &err), &err);
    ASSERT_OK(campaign_canonical(back, &again, &err), &err);
    ASSERT_OK(campaign_digest(campaign, digest, &err) && campaign_digest(back, same, &err), &err);
    ASSERT_TEXT(wg_buf_str(&again), wg_buf_str(&text));
    ASSERT_TEXT(same, digest);
    wg_buf_clear(&text);
    wg_buf_clear(&again);
    campaign_free(back);
}

static void every_kind_reads_back(void)
{
    unsigned accepted = 0, refused = 0;
    seed = 20261122;
    for (int round = 0; round < 4000; round++) {
        struct wg_error err = {0};
        struct wg_buf text;
        wg_buf_init(&text, TEXT_MAX);
        wg_buf_text(&text, START "waves: [{name: w, select: ");
        write_any_selector(&text, (int)draw(3));
        wg_buf_text(&text, "}]\ntarget: ");
        write_any_selector(&text, (int)draw(5));
        struct campaign *campaign =
            campaign_parse("c.yaml", wg_buf_str(&text), text.len, NULL, NULL, &err);
        if (campaign) check_back(campaign, wg_buf_str(&text));
        *(campaign ? &accepted : &refused) += 1;
        wg_buf_clear(&text);
        campaign_free(campaign);
    }
    /* refused: boxes that are upside down, numbers that are too large, too many conditions */
    CU_ASSERT_TRUE(accepted > 1500);
    CU_ASSERT_TRUE(refused > 100);
}

WG_SUITE("selector", {"targets mean what they say", targets_mean_what_they_say},
         {"whatever is accepted reads back", whatever_is_accepted_reads_back},
         {"every kind reads back", every_kind_reads_back})
