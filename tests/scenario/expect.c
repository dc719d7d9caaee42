/* expect.c: two tables of what can be expected: of a campaign, and of everything else. */
#include "tests/scenario/expect.h"

#include "tests/scenario/expect_part.h"

#include <stdlib.h>
#include <string.h>

void expect_differs(struct expecting *with, const struct yaml_value *at, const char *what,
                    const char *expected, const char *found)
{
    (void)scene_fail(with->scene, at, "%s: expected \"%s\", found \"%s\"", what, expected, found);
    with->failed = true;
}

const char *expect_text(const struct yaml_value *at)
{
    return at->kind == YAML_TEXT ? at->text : "";
}

void expect_same(struct expecting *with, const struct yaml_value *at, const char *what,
                 const char *found)
{
    if (strcmp(expect_text(at), found) != 0) expect_differs(with, at, what, expect_text(at), found);
}

void expect_holds(struct expecting *with, const struct yaml_value *at, const char *what,
                  const char *found)
{
    bool nothing = at->kind == YAML_TEXT && strcmp(at->text, "") == 0;
    if (nothing ? found[0] != '\0' : !strstr(found, expect_text(at)))
        expect_differs(with, at, what, expect_text(at), found);
}

const struct book_campaign *expect_campaign(const struct expecting *with)
{
    return books_campaign(&with->scene->books, with->campaign);
}

/* ---- all of them ---- */

static const struct expectation {
    const char *key;
    void (*check)(struct expecting *with, const struct yaml_value *at);
    bool of_campaign;
} expectations[] = {
    {"state", expect_state, true},
    {"cause", expect_cause, true},
    {"held", expect_held, true},
    {"waves", expect_waves, true},
    {"wave_causes", expect_wave_causes, true},
    {"why", expect_why, true},
    {"waits_for", expect_waits_for, true},
    {"devices", expect_devices, true},
    {"places", expect_places, true},
    {"details", expect_details, true},
    {"spent", expect_spent, true},
    {"offered", expect_offered, true},
    {"ready", expect_ready, true},
    {"retry", expect_retry, true},
    {"explain", expect_explained, true},
    {"wake", expect_wake, false},
    {"orders", expect_orders, false},
    {"word", expect_word, false},
    {"remarks", expect_remarks, false},
    {"refusals", expect_refusals, false},
    {"rows", expect_rows, false},
    {"asked", expect_asked, false},
    {"said", expect_said, false},
    {"campaigns", expect_campaigns, false},
};

static const struct expectation *find(const char *key)
{
    for (size_t i = 0; i < sizeof expectations / sizeof expectations[0]; i++)
        if (strcmp(expectations[i].key, key) == 0) return &expectations[i];
    return NULL;
}

static void check_all(struct expecting *with, const struct yaml_value *map);

static void load(struct expecting *with, const struct yaml_value *at)
{
    if (with->at->campaign) return;
    if (!expect_campaign(with) || !explain_standing(with->scene, with->campaign, with->at)) {
        expect_differs(with, at, "a campaign", with->campaign, "none of this name");
        with->campaign[0] = '\0';
    }
}

/* The name of a campaign opens what is expected of it. */
static void check_campaign(struct expecting *outer, const struct yaml_value *key,
                           const struct yaml_value *map)
{
    struct expecting with = {.scene = outer->scene, .step = outer->step};
    with.at = calloc(1, sizeof *with.at);
    (void)wg_copy(with.campaign, sizeof with.campaign, key->text);
    if (with.at) load(&with, key);
    if (with.at && with.at->campaign) check_all(&with, map);
    outer->failed = outer->failed || with.failed || !with.at;
    if (with.at) campaign_free(with.at->campaign);
    free(with.at);
}

static void check_one(struct expecting *with, const struct yaml_value *key,
                      const struct yaml_value *value)
{
    const struct expectation *expectation = find(key->text);
    if (!expectation && value->kind == YAML_MAP) {
        check_campaign(with, key, value);
        return;
    }
    if (!expectation) {
        expect_differs(with, key, "expect", "a word of README.md", key->text);
        return;
    }
    if (expectation->of_campaign && !with->campaign[0]) {
        with->failed = !scene_campaign(with->scene, with->step, with->campaign) || with->failed;
        if (!with->campaign[0]) return;
    }
    if (expectation->of_campaign) load(with, key);
    if (!expectation->of_campaign || with->at->campaign) expectation->check(with, value);
}

static void check_all(struct expecting *with, const struct yaml_value *map)
{
    for (size_t i = 0; i < map->count; i++) check_one(with, map->keys[i], map->items[i]);
}

bool expect_check(struct scene *scene, const struct yaml_value *map, const struct yaml_value *step)
{
    struct expecting with = {.scene = scene, .step = step};
    if (map->kind != YAML_MAP) return scene_fail(scene, map, "expect: expected a map");
    with.at = calloc(1, sizeof *with.at);
    if (!with.at) return scene_fail(scene, map, "no memory");
    check_all(&with, map);
    campaign_free(with.at->campaign);
    free(with.at);
    return !with.failed;
}
