/* selector_test.c: what a target means, whatever form it is written in: the model is judged by
 * asking it about devices. */
#include "orchestrator/campaign/campaign.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

#define HEAD "wavegate: 1\ncampaign: c\nrelease: app/1.2.3\nwaves: [{name: a, remaining: true}]\n"

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
    case SELECT_DEVICE:
    case SELECT_REGION:
    case SELECT_HARDWARE:
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

WG_SUITE("selector", {"targets mean what they say", targets_mean_what_they_say},
         {"whatever is accepted reads back", whatever_is_accepted_reads_back})
