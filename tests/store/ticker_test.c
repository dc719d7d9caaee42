/* ticker_test.c: looks at campaigns that meet trouble: a name that is taken, a file that cannot be
 * read, a transaction that comes to nothing. */
#include "orchestrator/daemon/ticker.h"
#include "orchestrator/plan/applying.h"
#include "tests/store/racer.h"

#include <stdlib.h>
#include <string.h>

#define BODY                                                                                       \
    "release: app/2.0.0\nrollback_to: app/1.0.0\ntarget: {all: [{hardware: {model: box}}]}\n"      \
    "waves: [{name: rest, remaining: true}]\npace: {in_flight: 10}\n"                              \
    "budget: {failures: 1, on_exceeded: rollback}\n"

struct scene {
    struct db *db;
    struct policies *policies;
    struct settings *settings;
    struct ticker_result *result;
    struct ticker ticker;
};

static struct scene scene_open(int devices)
{
    struct wg_error err = {0};
    struct scene scene = {.db = ground_fresh(),
                          .policies = policies_new(&err),
                          .settings = calloc(1, sizeof *scene.settings),
                          .result = calloc(1, sizeof *scene.result)};
    CU_ASSERT_TRUE_FATAL(scene.policies && scene.settings && scene.result);
    scene.settings->tick = WG_SECOND;
    scene.settings->order_lifetime = WG_DAY;
    scene.ticker = (struct ticker){
        .db = scene.db, .policies = scene.policies, .settings = scene.settings, .holder = "test"};
    ground_devices(scene.db, devices);
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
    db_close(scene->db);
}

static void apply(struct scene *scene, const char *name, const char *more)
{
    struct wg_error err = {0};
    char text[2048];
    static struct applying applying;
    (void)wg_format(text, sizeof text, "wavegate: 1\ncampaign: %s\n" BODY "%s", name, more);
    applying_init(&applying);
    applying.author = "robin";
    applying.statement = applying.author_chain = "signed";
    wg_buf_text(&applying.text, text);
    struct campaign *campaign = campaign_parse("test", text, strlen(text), NULL, NULL, &err);
    ASSERT_OK(campaign != NULL, &err);
    ASSERT_OK(plan_make(&applying.plan, scene->db, campaign, true, &err), &err);
    ASSERT_OK(applying_check(&applying, scene->db, &err), &err);
    ASSERT_OK(applying_store(&applying, scene->db, GROUND_NOW, &err), &err);
    applying_clear(&applying);
}

static void tick(struct scene *scene, int seconds)
{
    struct wg_error err = {0};
    for (int i = 0; i < seconds; i++) {
        ASSERT_OK(ticker_run(&scene->ticker, GROUND_NOW + i * WG_SECOND, scene->result, &err),
                  &err);
        CU_ASSERT_TRUE(scene->ticker.issues || scene->result->issued.count == 0);
    }
}

static const char *state(struct scene *scene, const char *name)
{
    return ground_text(scene->db, "select state from campaign where name = '%s'", name);
}

static void a_rollback_takes_a_name_that_is_free(void)
{
    struct scene scene = scene_open(2);
    apply(&scene, "brake", "");
    apply(&scene, "brake-rollback", "");
    tick(&scene, 2);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from place where state = 'offered'"),
                    2);
    ground_run(scene.db, "update campaign set state = 'stopping', stop = 'rollback', held = true "
                         "where name = 'brake'");
    ground_run(scene.db, "update device set online = false");
    tick(&scene, 4);
    ASSERT_TEXT(state(&scene, "brake"), "rolled-back");
    ASSERT_TEXT(ground_text(scene.db, "select b.name from campaign b join campaign s on s.id = "
                                      "b.rolls_back where s.name = 'brake'"),
                "brake-rollback-2");
    tick(&scene, 2);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from campaign"), 3);
    scene_close(&scene);
}

/* The file of the operators' authority is missing: nothing can be judged, but all goes on. */
static void campaigns_go_on_while_approvals_cannot_be_judged(void)
{
    struct scene scene = scene_open(1);
    apply(&scene, "brake", "");
    ground_run(scene.db,
               "insert into approval (campaign_id, wave, operator, role, digest, statement, chain, "
               "at) select id, 0, 'bob', 'admin', '', '', '', now() from campaign");
    (void)wg_copy(scene.settings->operators_root, sizeof scene.settings->operators_root,
                  "/nowhere/root.pem");
    tick(&scene, 2);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from place where state = 'offered'"),
                    1);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from approval where valid is null"),
                    1);
    scene_close(&scene);
}

static bool dies_at_commit(void *ctx, const char *statement, struct wg_error *err)
{
    int *left = ctx;
    if (strcmp(statement, "commit") != 0 || (*left)-- > 0) return true;
    return wg_fail(err, WG_E_DATABASE, "the connection broke");
}

/* What is kept between two looks is what has been committed. */
static void a_look_that_came_to_nothing_is_made_again(void)
{
    struct scene scene = scene_open(1);
    struct wg_error err = {0};
    int commits = 0;
    ground_run(scene.db, "update device set zone = 'Europe/Berlin', zone_from = 'hello'");
    apply(&scene, "brake", "window: {daily: \"00:00-23:59\", zone: device}\n");
    db_set_fault(scene.db, dies_at_commit, &commits);
    CU_ASSERT_FALSE(ticker_run(&scene.ticker, GROUND_NOW, scene.result, &err));
    db_set_fault(scene.db, NULL, NULL);
    ASSERT_OK(db_reconnect(scene.db, &err), &err);
    tick(&scene, 2);
    ASSERT_TEXT(ground_text(scene.db, "select open_zones::text from campaign"), "{Europe/Berlin}");
    scene_close(&scene);
}

/* More devices than one claim issues, and a campaign after it. */
static void a_look_brings_the_orders_of_its_first_claim(void)
{
    struct scene scene = scene_open(4);
    scene.ticker.issues = true;
    apply(&scene, "brake", "");
    ground_run(scene.db, "update device set hardware_model = 'box' where id <> 'dev-003'");
    tick(&scene, 1); /* scheduled -> running, and its wave opens */
    for (int i = 1; i < 4 && scene.result->issued.count == 0; i++) {
        struct wg_error err = {0};
        ASSERT_OK(ticker_run(&scene.ticker, GROUND_NOW + i * WG_SECOND, scene.result, &err), &err);
    }
    CU_ASSERT_EQUAL(scene.result->issued.count, 4);
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from update_order where sent_at is "
                                            "not null and sends = 1"),
                    4);
    order_lot_clear(&scene.result->issued);
    tick(&scene, 1);
    CU_ASSERT_EQUAL(scene.result->issued.count, 0);
    scene_close(&scene);
}

/* Sent would be what nobody has been offered. The database refuses the look, and is there. */
static void orders_of_a_look_that_is_refused_are_forgotten(void)
{
    struct scene scene = scene_open(2);
    struct wg_error err = {0};
    scene.ticker.issues = true;
    apply(&scene, "brake", "");
    ground_run(scene.db, "create function refuse() returns trigger language plpgsql as "
                         "'begin raise exception ''refused''; end'");
    ground_run(scene.db, "create constraint trigger refuse after insert on update_order deferrable "
                         "initially deferred for each row execute function refuse()");
    for (int i = 0; i < 3; i++) {
        ASSERT_OK(ticker_run(&scene.ticker, GROUND_NOW + i * WG_SECOND, scene.result, &err), &err);
        CU_ASSERT_EQUAL(scene.result->issued.count, 0);
    }
    ground_run(scene.db, "drop function refuse() cascade");
    CU_ASSERT_EQUAL(ground_number(scene.db, "select count(*) from update_order"), 0);
    ASSERT_OK(ticker_run(&scene.ticker, GROUND_NOW + 3 * WG_SECOND, scene.result, &err), &err);
    CU_ASSERT_EQUAL(scene.result->issued.count, 2);
    order_lot_clear(&scene.result->issued);
    scene_close(&scene);
}

/* The same of one that the connection did not survive. */
static void orders_of_a_look_that_came_to_nothing_are_forgotten(void)
{
    struct scene scene = scene_open(2);
    struct wg_error err = {0};
    scene.ticker.issues = true;
    apply(&scene, "brake", "");
    for (int commits = 0, fails = 1; fails; commits++) { /* whichever of them the claim's is */
        int countdown = commits;
        db_set_fault(scene.db, dies_at_commit, &countdown);
        fails = !ticker_run(&scene.ticker, GROUND_NOW, scene.result, &err);
        db_set_fault(scene.db, NULL, NULL);
        if (fails) CU_ASSERT_EQUAL(scene.result->issued.count, 0);
        if (fails) ASSERT_OK(db_reconnect(scene.db, &err), &err);
        if (scene.result->issued.count > 0) break;
    }
    CU_ASSERT_EQUAL(scene.result->issued.count,
                    (size_t)ground_number(scene.db, "select count(*) from update_order"));
    order_lot_clear(&scene.result->issued);
    scene_close(&scene);
}

static bool looks(struct racer *racer, struct wg_error *err)
{
    const struct scene *scene = racer->ctx;
    return ticker_run(&scene->ticker, GROUND_NOW + WG_MINUTE, scene->result, err);
}

/* Another campaign's claim commits between its look at the device and its taking it. */
static void a_claim_that_another_one_overtakes(void)
{
    struct scene scene = scene_open(1);
    struct wg_error err = {0};
    struct db *other = ground_open(), *watch = ground_open();
    struct racer racer = {.db = scene.db, .run = looks, .ctx = &scene};
    apply(&scene, "brake", "");
    apply(&scene, "later", "");
    ground_run(scene.db, "update device set online = false");
    tick(&scene, 3);
    ground_run(scene.db, "update device set online = true");
    ASSERT_OK(db_begin(other, &err), &err);
    ground_run(other, "update place p set state = 'offered' from campaign c where c.id = "
                      "p.campaign_id and c.name = 'later'");
    CU_ASSERT_TRUE(racer_start(&racer, watch));
    ASSERT_OK(db_commit(other, &err), &err);
    racer_join(&racer);
    CU_ASSERT_EQUAL(scene.result->wake, GROUND_NOW + WG_MINUTE);
    ground_run(other, "update place set state = 'waiting' where state = 'offered'");
    CU_ASSERT_EQUAL(ground_number(watch, "select count(*) from update_order"), 0);
    CU_ASSERT_TRUE(looks(&racer, &err));
    CU_ASSERT_EQUAL(ground_number(watch, "select count(*) from update_order"), 1);
    db_close(other);
    db_close(watch);
    scene_close(&scene);
}

WG_SUITE("store.ticker",
         {"a rollback takes a name that is free", a_rollback_takes_a_name_that_is_free},
         {"campaigns go on while approvals cannot be judged",
          campaigns_go_on_while_approvals_cannot_be_judged},
         {"a look that came to nothing is made again", a_look_that_came_to_nothing_is_made_again},
         {"a look brings the orders of its first claim",
          a_look_brings_the_orders_of_its_first_claim},
         {"orders of a look that is refused are forgotten",
          orders_of_a_look_that_is_refused_are_forgotten},
         {"orders of a look that came to nothing are forgotten",
          orders_of_a_look_that_came_to_nothing_are_forgotten},
         {"a claim that another one overtakes", a_claim_that_another_one_overtakes})
