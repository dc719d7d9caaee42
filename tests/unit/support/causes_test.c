/* causes_test.c: which failures are one cause, and what of a group is more than chance. */
#include "orchestrator/support/causes.h"

#include "tests/unit/harness.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST 400

struct scene {
    struct causes_failure failures[MOST];
    char device[MOST][32], detail[MOST][64];
    size_t count;
    struct causes *causes;
};

static struct scene *scene_new(void)
{
    struct scene *scene = calloc(1, sizeof *scene);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene);
    return scene;
}

static void scene_free(struct scene *scene)
{
    causes_free(scene->causes);
    free(scene);
}

static struct causes_failure *fail(struct scene *scene, enum wg_cause cause, const char *detail,
                                   const char *model, const char *revision)
{
    size_t i = scene->count++;
    (void)snprintf(scene->device[i], sizeof scene->device[i], "dev-%03zu", i);
    (void)snprintf(scene->detail[i], sizeof scene->detail[i], "%s %zu", detail, i * 37);
    scene->failures[i] = (struct causes_failure){.device = scene->device[i],
                                                 .detail = scene->detail[i],
                                                 .state = WG_FAILED,
                                                 .cause = cause,
                                                 .trait = {model, revision, "DE", "1.0.0"},
                                                 .at = 1000 + (wg_time)i};
    return &scene->failures[i];
}

static void judge(struct scene *scene, const struct causes_success *successes, size_t count,
                  size_t most)
{
    struct wg_error err = {0};
    scene->causes = causes_judge(scene->failures, scene->count, successes, count, most, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(scene->causes);
}

static void numbered_words_are_one_cause(void)
{
    struct scene *scene = scene_new();
    for (int i = 0; i < 5; i++) (void)fail(scene, WG_CAUSE_HEALTH, "sensor says", "box", "box/C");
    scene->failures[1].state = WG_ROLLED_BACK;
    (void)fail(scene, WG_CAUSE_BOOT, "sensor says", "box", "box/C");
    (void)fail(scene, WG_CAUSE_HEALTH, "no sensor", "box", "box/C");
    (void)fail(scene, WG_CAUSE_HEALTH, "no sensor", "box", "box/D");
    judge(scene, NULL, 0, 10);
    CU_ASSERT_EQUAL_FATAL(causes_count(scene->causes), 3);
    const struct causes_group *group = causes_group(scene->causes, 0);
    ASSERT_TEXT(group->signature, "sensor says <n>");
    CU_ASSERT_EQUAL(group->devices, 5);
    CU_ASSERT_EQUAL(group->state[WG_FAILED], 4);
    CU_ASSERT_EQUAL(group->state[WG_ROLLED_BACK], 1);
    CU_ASSERT_EQUAL(group->phase, CAUSES_PROBATION);
    CU_ASSERT_EQUAL(group->first, 1000);
    CU_ASSERT_EQUAL(group->last, 1004);
    for (size_t i = 0; i < 5; i++) CU_ASSERT_EQUAL(group->members[i], i);
    const struct causes_group *other = causes_group(scene->causes, 1);
    ASSERT_TEXT(other->signature, "no sensor <n>");
    CU_ASSERT_EQUAL(other->spread_count[CAUSES_REVISION], 2);
    ASSERT_TEXT(other->spread[CAUSES_REVISION][0].value, "box/C");
    CU_ASSERT_EQUAL(causes_group(scene->causes, 2)->phase, CAUSES_REBOOT);
    /* nobody succeeded: nothing to hold it against */
    CU_ASSERT_EQUAL(causes_comparisons(scene->causes), 0);
    CU_ASSERT_EQUAL(group->finding_count, 0);
    scene_free(scene);
}

static void a_revision_is_named(void)
{
    static const struct causes_success successes[] = {
        {CAUSES_MODEL, "box", 60},      {CAUSES_MODEL, "hub", 40},  {CAUSES_REVISION, "box/C", 2},
        {CAUSES_REVISION, "box/D", 58}, {CAUSES_REGION, "DE", 100}, {CAUSES_FROM, "1.0.0", 100}};
    struct scene *scene = scene_new();
    for (int i = 0; i < 8; i++) (void)fail(scene, WG_CAUSE_INSTALL, "no space", "box", "box/C");
    judge(scene, successes, 6, 10);
    const struct causes_group *group = causes_group(scene->causes, 0);
    CU_ASSERT_EQUAL(causes_comparisons(scene->causes), 4);
    CU_ASSERT_EQUAL_FATAL(group->finding_count, 1); /* not its model too, not the region of all */
    const struct causes_finding *finding = &group->findings[0];
    CU_ASSERT_EQUAL(finding->trait, CAUSES_REVISION);
    ASSERT_TEXT(finding->value, "box/C");
    CU_ASSERT_EQUAL(finding->devices, 8);
    CU_ASSERT_EQUAL(finding->of, 8);
    CU_ASSERT_EQUAL(finding->succeeded, 2);
    CU_ASSERT_EQUAL(finding->succeeded_of, 60);
    CU_ASSERT_TRUE(finding->p < finding->corrected && finding->corrected < CAUSES_ALPHA);
    scene_free(scene);
}

/* All of a model fails whatever its revision: the model is what they have in common. */
static void a_model_is_named_when_its_revisions_are_many(void)
{
    static const struct causes_success successes[] = {{CAUSES_MODEL, "hub", 100},
                                                      {CAUSES_REVISION, "hub/A", 100}};
    static const char *const revisions[] = {"box/A", "box/B", "box/C", "box/D"};
    struct scene *scene = scene_new();
    for (int i = 0; i < 8; i++)
        (void)fail(scene, WG_CAUSE_INSTALL, "no space", "box", revisions[i % 4]);
    judge(scene, successes, 2, 10);
    const struct causes_group *group = causes_group(scene->causes, 0);
    CU_ASSERT_EQUAL_FATAL(group->finding_count > 0, true);
    bool model = false;
    for (size_t i = 0; i < group->finding_count; i++)
        model = model || group->findings[i].trait == CAUSES_MODEL;
    CU_ASSERT_TRUE(model);
    scene_free(scene);
}

/* Twice as many as among those that succeeded, of a handful: that is chance. */
static void chance_is_no_finding(void)
{
    static const struct causes_success successes[] = {
        {CAUSES_MODEL, "box", 30},      {CAUSES_MODEL, "hub", 70},  {CAUSES_REVISION, "box/C", 30},
        {CAUSES_REVISION, "hub/A", 70}, {CAUSES_REGION, "DE", 100}, {CAUSES_FROM, "1.0.0", 100}};
    struct scene *scene = scene_new();
    for (int i = 0; i < 5; i++)
        (void)fail(scene, WG_CAUSE_INSTALL, "no space", i < 3 ? "box" : "hub",
                   i < 3 ? "box/C" : "hub/A");
    judge(scene, successes, 6, 10);
    CU_ASSERT_EQUAL(causes_group(scene->causes, 0)->finding_count, 0);
    CU_ASSERT_TRUE(causes_comparisons(scene->causes) > 0);
    scene_free(scene);
}

/* Groups drawn from the fleet itself, many times: findings must be as rare as is promised. */
static void draws_of_the_fleet_itself_show_nothing(void)
{
    enum { RUNS = 300, REVISIONS = 20 };
    static char names[REVISIONS][16];
    struct causes_success successes[REVISIONS];
    unsigned seed = 7;
    int shown = 0;
    for (int i = 0; i < REVISIONS; i++) {
        (void)snprintf(names[i], sizeof names[i], "box/%d", i);
        successes[i] = (struct causes_success){CAUSES_REVISION, names[i], 50};
    }
    for (int run = 0; run < RUNS; run++) {
        struct scene *scene = scene_new();
        for (int i = 0; i < 40; i++) {
            seed = seed * 1664525u + 1013904223u;
            (void)fail(scene, WG_CAUSE_INSTALL, "no space", "", names[(seed >> 16) % REVISIONS]);
        }
        judge(scene, successes, REVISIONS, 10);
        shown += causes_group(scene->causes, 0)->finding_count > 0;
        scene_free(scene);
    }
    if (shown > RUNS / 50) printf("\n    %d of %d\n", shown, RUNS);
    CU_ASSERT_TRUE(shown <= RUNS / 50);
}

static void what_is_not_known_is_not_compared(void)
{
    static const struct causes_success successes[] = {{CAUSES_FROM, "", 1000},
                                                      {CAUSES_FROM, "1.1.0", 4}};
    struct scene *scene = scene_new();
    for (int i = 0; i < 6; i++)
        fail(scene, WG_CAUSE_INSTALL, "no space", "", "")->trait[CAUSES_FROM] =
            i < 4 ? "" : "1.0.0";
    judge(scene, successes, 2, 10);
    const struct causes_group *group = causes_group(scene->causes, 0);
    CU_ASSERT_EQUAL(causes_comparisons(scene->causes), 1);
    CU_ASSERT_EQUAL(group->finding_count, 0);
    scene_free(scene);
}

static void only_the_largest_are_compared(void)
{
    static const struct causes_success successes[] = {{CAUSES_REGION, "DE", 10}};
    struct scene *scene = scene_new();
    for (int i = 0; i < 3; i++) (void)fail(scene, WG_CAUSE_INSTALL, "no space", "box", "box/C");
    for (int i = 0; i < 2; i++) (void)fail(scene, WG_CAUSE_BOOT, "no kernel", "box", "box/C");
    judge(scene, successes, 1, 1);
    CU_ASSERT_EQUAL(causes_count(scene->causes), 2);
    CU_ASSERT_EQUAL(causes_comparisons(scene->causes), 1);
    CU_ASSERT_EQUAL(causes_group(scene->causes, 1)->spread_count[CAUSES_REGION], 0);
    scene_free(scene);
}

static void a_phase_follows_from_class_and_state(void)
{
    CU_ASSERT_EQUAL(causes_phase_of(WG_CAUSE_VERIFY, WG_INSTALLING), CAUSES_DOWNLOAD);
    CU_ASSERT_EQUAL(causes_phase_of(WG_CAUSE_BOOT, WG_PROBATION), CAUSES_REBOOT);
    CU_ASSERT_EQUAL(causes_phase_of(WG_CAUSE_SILENT, WG_PROBATION), CAUSES_PROBATION);
    CU_ASSERT_EQUAL(causes_phase_of(WG_CAUSE_TIMEOUT, WG_INSTALLING), CAUSES_INSTALL);
    CU_ASSERT_EQUAL(causes_phase_of(WG_CAUSE_TIMEOUT, WG_WAITING), CAUSES_UNKNOWN);
    for (int i = 0; i < WG_CAUSES; i++)
        CU_ASSERT_TRUE(causes_phase_of((enum wg_cause)i, WG_DOWNLOADING) != CAUSES_UNKNOWN);
    ASSERT_TEXT(causes_phase_text(CAUSES_PROBATION), "probation");
    ASSERT_TEXT(causes_trait_text(CAUSES_FROM), "from");
}

static void none_is_none(void)
{
    struct scene *scene = scene_new();
    judge(scene, NULL, 0, 10);
    CU_ASSERT_EQUAL(causes_count(scene->causes), 0);
    scene_free(scene);
}

WG_SUITE("causes", {"numbered words are one cause", numbered_words_are_one_cause},
         {"a revision is named", a_revision_is_named},
         {"a model is named when its revisions are many",
          a_model_is_named_when_its_revisions_are_many},
         {"chance is no finding", chance_is_no_finding},
         {"draws of the fleet itself show nothing", draws_of_the_fleet_itself_show_nothing},
         {"what is not known is not compared", what_is_not_known_is_not_compared},
         {"only the largest are compared", only_the_largest_are_compared},
         {"a phase follows from class and state", a_phase_follows_from_class_and_state},
         {"none is none", none_is_none})
