/* question_test.c: a device that asks what there is for it is answered once every campaign under
 * way has looked at it, and never before. */
#include "orchestrator/daemon/ticker.h"
#include "orchestrator/plan/applying.h"
#include "orchestrator/store/question_row.h"
#include "tests/store/ground.h"

#include <stdlib.h>
#include <string.h>

struct scene {
    struct db *db;
    struct policies *policies;
    struct settings *settings;
    struct ticker_result *result;
    struct intake_result *answers;
    struct ticker ticker;
    wg_time now;
};

static struct scene scene_open(void)
{
    struct wg_error err = {0};
    struct scene scene = {.db = ground_fresh(),
                          .policies = policies_new(&err),
                          .settings = calloc(1, sizeof *scene.settings),
                          .result = calloc(1, sizeof *scene.result),
                          .answers = calloc(1, sizeof *scene.answers),
                          .now = GROUND_NOW};
    CU_ASSERT_TRUE_FATAL(scene.policies && scene.settings && scene.result && scene.answers);
    scene.settings->tick = WG_SECOND;
    scene.ticker = (struct ticker){
        .db = scene.db, .policies = scene.policies, .settings = scene.settings, .holder = "test"};
    ground_run(scene.db,
               "insert into release (component, version, version_key, sha256, length, added_at, "
               "added_by) values ('app', '1.0.0', '111010~', repeat('a', 64), 10, now(), 'rita'), "
               "('app', '2.0.0', '121010~', repeat('b', 64), 10, now(), 'rita')");
    return scene;
}

static void scene_close(struct scene *scene)
{
    ground_check_counts(scene->db);
    policies_free(scene->policies);
    free(scene->settings);
    free(scene->result);
    free(scene->answers);
    db_close(scene->db);
}

static void apply(struct scene *scene, const char *name, const char *more)
{
    struct wg_error err = {0};
    char text[2048];
    static struct applying applying;
    (void)wg_format(text, sizeof text,
                    "wavegate: 1\ncampaign: %s\nrelease: app/2.0.0\n"
                    "target: {all: [{hardware: {model: box}}]}\n%s",
                    name, more);
    applying_init(&applying);
    applying.author = "robin";
    applying.statement = applying.author_chain = "signed";
    wg_buf_text(&applying.text, text);
    struct campaign *campaign = campaign_parse("test", text, strlen(text), NULL, NULL, &err);
    ASSERT_OK(campaign != NULL, &err);
    ASSERT_OK(plan_make(&applying.plan, scene->db, campaign, true, &err), &err);
    ASSERT_OK(applying_check(&applying, scene->db, &err), &err);
    ASSERT_OK(applying_store(&applying, scene->db, scene->now, &err), &err);
    applying_clear(&applying);
}

#define REST "waves: [{name: rest, remaining: true}]\n"
#define CONTINUOUS REST "membership: continuous\n"

static void tick(struct scene *scene)
{
    struct wg_error err = {0};
    ASSERT_OK(ticker_run(&scene->ticker, scene->now, scene->result, &err), &err);
    scene->now += 10 * (wg_duration)1;
}

static void ask(struct scene *scene, const char *device, int64_t number)
{
    struct intake_item *items = ground_items(1);
    ground_hello(items, device);
    items->as.hello.link = number;
    items->as.hello.ask = number;
    CU_ASSERT_EQUAL(ground_take(scene->db, items, 1)->questions, 1);
    free(items);
}

/* "device:number:next device:number:next"; "" nobody can be answered. */
static const char *answers(struct scene *scene)
{
    static char text[1024];
    struct wg_error err = {0};
    text[0] = '\0';
    ASSERT_OK(question_row_answer(scene->db, scene->now, scene->answers, &err), &err);
    for (size_t i = 0; i < scene->answers->answer_count; i++) {
        const struct intake_answer *one = &scene->answers->answers[i];
        size_t used = strlen(text);
        ASSERT_TEXT(one->boot, GROUND_BOOT);
        ASSERT_TEXT(one->journal, GROUND_JOURNAL);
        CU_ASSERT_EQUAL(one->link, one->answer);
        (void)wg_format(text + used, sizeof text - used, "%s%s:%lld:%s", i ? " " : "", one->device,
                        (long long)one->answer, wg_next_text(one->next));
    }
    return text;
}

static void nothing_is_under_way(void)
{
    struct scene scene = scene_open();
    ask(&scene, "dev-1", 7);
    tick(&scene);
    CU_ASSERT_TRUE(scene.result->questions);
    ASSERT_TEXT(answers(&scene), "dev-1:7:none");
    ASSERT_TEXT(answers(&scene), ""); /* once */
    tick(&scene);
    CU_ASSERT_FALSE(scene.result->questions);
    scene_close(&scene);
}

/* It joins and is offered the update by the very look that answers it. */
static void who_comes_to_match_has_its_order_with_the_answer(void)
{
    struct scene scene = scene_open();
    apply(&scene, "ever", CONTINUOUS);
    tick(&scene);
    tick(&scene);
    ask(&scene, "dev-1", 1);
    ASSERT_TEXT(answers(&scene), ""); /* the campaign has not looked */
    tick(&scene);
    ASSERT_TEXT(ground_text(scene.db, "select state from place"), "offered");
    CU_ASSERT_TRUE(scene.result->orders);
    ASSERT_TEXT(answers(&scene), "dev-1:1:soon");
    scene_close(&scene);
}

static void a_device_that_does_not_match(void)
{
    struct scene scene = scene_open();
    apply(&scene, "ever", CONTINUOUS);
    tick(&scene);
    tick(&scene);
    struct intake_item *items = ground_items(1);
    ground_hello(items, "dev-1");
    items->as.hello.link = items->as.hello.ask = 1;
    (void)wg_copy(items->as.hello.hardware_model, WG_NAME_MAX + 1, "other");
    (void)ground_take(scene.db, items, 1);
    free(items);
    tick(&scene);
    ASSERT_TEXT(answers(&scene), "dev-1:1:none");
    scene_close(&scene);
}

/* Not open yet, before its time, or held: something else must happen first. */
static void who_waits_is_told_later(void)
{
    struct scene scene = scene_open();
    ground_devices(scene.db, 2);
    apply(&scene, "waves",
          "waves: [{name: lab, devices: [dev-000]}, {name: rest, remaining: true}]\n");
    apply(&scene, "next-century", CONTINUOUS "schedule: {start: 2100-01-01T00:00:00Z}\n");
    tick(&scene);
    tick(&scene);
    ask(&scene, "dev-001", 1);
    ask(&scene, "fresh", 2); /* has no place in either */
    tick(&scene);
    ASSERT_TEXT(answers(&scene), "dev-001:1:later fresh:2:later");
    ground_run(scene.db, "update device set quarantined_at = now() where id = 'dev-000'");
    ask(&scene, "dev-000", 3);
    tick(&scene);
    CU_ASSERT_PTR_NULL(strstr(answers(&scene), "none"));
    /* who may have nothing at all is not through either */
    ground_run(scene.db, "update device set revoked_at = now() where id = 'fresh'");
    ground_run(scene.db, "update campaign set state = 'aborted'");
    ask(&scene, "fresh", 4);
    tick(&scene);
    ASSERT_TEXT(answers(&scene), "fresh:4:later");
    scene_close(&scene);
}

/* Another orchestrator ticks the campaign: only what it has seen is answered, by whoever is next.
 */
static void another_orchestrator_has_the_campaign(void)
{
    struct scene scene = scene_open();
    apply(&scene, "ever", CONTINUOUS);
    tick(&scene);
    tick(&scene);
    ask(&scene, "dev-1", 1);
    scene.ticker.holder = "another";
    tick(&scene);
    ASSERT_TEXT(answers(&scene), "");
    scene.ticker.holder = "test";
    tick(&scene);
    scene.ticker.holder = "another";
    ASSERT_TEXT(answers(&scene), "dev-1:1:soon");
    scene_close(&scene);
}

/* Whoever asks again wants to know what has been so since. */
static void the_last_question_counts(void)
{
    struct scene scene = scene_open();
    apply(&scene, "ever", CONTINUOUS);
    tick(&scene);
    tick(&scene);
    ask(&scene, "dev-1", 1);
    tick(&scene);
    ask(&scene, "dev-1", 2);
    ASSERT_TEXT(answers(&scene), "");
    tick(&scene);
    ASSERT_TEXT(answers(&scene), "dev-1:2:soon");
    scene_close(&scene);
}

/* A campaign that has just begun to run opens its wave in this look: the next one sees the device.
 */
static void a_campaign_that_moves_looks_again(void)
{
    struct scene scene = scene_open();
    apply(&scene, "ever", CONTINUOUS);
    ask(&scene, "dev-1", 1);
    tick(&scene);
    ASSERT_TEXT(answers(&scene), "");
    CU_ASSERT_TRUE(scene.result->orders); /* soon again */
    tick(&scene);
    ASSERT_TEXT(answers(&scene), "dev-1:1:soon");
    ASSERT_TEXT(ground_text(scene.db, "select state from place"), "offered");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from device_question"), 0);
    scene_close(&scene);
}

/* Its file cannot be read any more: nobody waits for it. */
static void a_campaign_that_cannot_be_looked_at(void)
{
    struct scene scene = scene_open();
    ground_devices(scene.db, 1);
    apply(&scene, "broken", REST);
    ground_run(scene.db, "update campaign set canonical = '{}' where name = 'broken'");
    ask(&scene, "dev-000", 2);
    ASSERT_TEXT(answers(&scene), "");
    tick(&scene);
    ASSERT_TEXT(answers(&scene), "dev-000:2:later");
    scene_close(&scene);
}

WG_SUITE("store.question", {"nothing is under way", nothing_is_under_way},
         {"who comes to match has its order with the answer",
          who_comes_to_match_has_its_order_with_the_answer},
         {"a device that does not match", a_device_that_does_not_match},
         {"who waits is told later", who_waits_is_told_later},
         {"another orchestrator has the campaign", another_orchestrator_has_the_campaign},
         {"the last question counts", the_last_question_counts},
         {"a campaign that moves looks again", a_campaign_that_moves_looks_again},
         {"a campaign that cannot be looked at", a_campaign_that_cannot_be_looked_at})
