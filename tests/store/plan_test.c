/* plan_test.c: plans in the database: counts, waves, places, revisions, later members, and whose
 * turn it is. */
#include "tests/store/ground.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAVES 3
#define DEVICES 60

/* What a plan is made of; change it before it is used. */
struct draft {
    struct plan_query query;
    struct campaign_new campaign;
    const char *clauses[4];
    bool places[4], release[4];
    const char *joined[4];
    const char *conditions[WAVE_ROWS_MAX];
    const char *spread[2];
    const char *params[2];
};

static void draft_init(struct draft *draft, const char *name)
{
    static const char digest[] = "cccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccccc";
    static const char *const waves[] = {"first", "second", "rest"};
    memset(draft, 0, sizeof *draft);
    draft->clauses[0] = "true";
    draft->query = (struct plan_query){.clause_count = 1,
                                       .clauses = draft->clauses,
                                       .clause_places = draft->places,
                                       .clause_release = draft->release,
                                       .clause_joined = draft->joined,
                                       .params = draft->params,
                                       .component = "app",
                                       .version = "2.0.0",
                                       .hardware_model = "",
                                       .seed = name,
                                       .wave_count = WAVES,
                                       .wave_conditions = draft->conditions,
                                       .spread = draft->spread};
    draft->campaign = (struct campaign_new){.name = name,
                                            .digest = digest,
                                            .text = "text",
                                            .canonical = "{}",
                                            .component = "app",
                                            .version = "2.0.0",
                                            .seed = name,
                                            .state = "running",
                                            .author = "robin",
                                            .statement = "",
                                            .author_chain = "",
                                            .retry_attempts = 1,
                                            .retry_backoff = WG_MINUTE,
                                            .priority = 50,
                                            .after = "{}",
                                            .rollback_version = "",
                                            .wave_count = WAVES};
    for (size_t i = 0; i < WAVES; i++) draft->campaign.wave_names[i] = waves[i];
}

/* A database with the release and devices of two regions, registered in some order. */
static struct db *fleet(unsigned step)
{
    int64_t nobody[] = {0};
    struct db *db = ground_fresh();
    (void)ground_campaign(db, "release", 1, nobody);
    ground_run(db, "delete from campaign");
    for (unsigned i = 0; i < DEVICES; i++) {
        unsigned n = i * step % DEVICES;
        ground_run(db,
                   "insert into device (id, region, hardware_model, online, registered_at) values "
                   "('dev-%02u', '%s', '%s', true, now())",
                   n, n % 3 ? "DE" : "AT", n % 5 ? "box" : "hub");
        ground_run(db, "insert into device_software values ('dev-%02u', 'app', '1.%u.0', '', '')",
                   n, n % 4);
    }
    return db;
}

/* Wave by wave from the pool, in the order of the cells. */
static void share_out(const struct plan_counts *counts, const int64_t *sizes, int64_t *share)
{
    size_t cell = 0;
    int64_t used = 0;
    for (size_t wave = 0; wave < WAVES; wave++)
        for (int64_t left = sizes[wave]; left > 0 && cell < counts->cell_count;) {
            int64_t there = counts->cells[cell].devices - used, take = left < there ? left : there;
            share[wave * counts->cell_count + cell] += take;
            left -= take;
            used += take;
            if (used == counts->cells[cell].devices) {
                cell++;
                used = 0;
            }
        }
}

/* Begins the transaction. */
static void make(struct db *db, const struct draft *draft, const int64_t *sizes,
                 struct plan_counts *counts)
{
    struct wg_error err = {0};
    ASSERT_OK(plan_begin(db, &err), &err);
    ASSERT_OK(plan_count(db, &draft->query, counts, &err), &err);
    int64_t *share = calloc(WAVES * counts->cell_count + 1, sizeof *share);
    CU_ASSERT_PTR_NOT_NULL_FATAL(share);
    if (!share) return;
    share_out(counts, sizes, share);
    ASSERT_OK(plan_assign(db, &draft->query, counts, share, &err), &err);
    free(share);
}

static int64_t apply(struct db *db, const struct draft *draft, const int64_t *sizes)
{
    struct wg_error err = {0};
    struct plan_counts counts;
    int64_t id = 0;
    make(db, draft, sizes, &counts);
    plan_counts_clear(&counts);
    ASSERT_OK(plan_insert(db, &draft->campaign, GROUND_NOW, &id, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    return id;
}

static void check_members(struct db *db)
{
    ground_check_counts(db);
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(*) from wave w where members <> (select count(*) from "
                          "place p where p.campaign_id = w.campaign_id and p.wave = w.number)"),
        0);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from campaign c where members <> (select "
                                      "count(*) from place p where p.campaign_id = c.id)"),
                    0);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from (select campaign_id, wave, rank from "
                                      "place group by 1, 2, 3 having count(*) > 1) x"),
                    0);
}

static const char places_text[] =
    "select string_agg(device_id || ':' || wave || ':' || rank, ' ' order by device_id) from place";

static void membership_does_not_depend_on_the_order_of_rows(void)
{
    static const unsigned steps[] = {1, 7, 11, 59}; /* no divisors of DEVICES */
    const int64_t sizes[WAVES] = {7, 20, 33};
    char first[4096] = "";
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        struct draft draft;
        struct db *db = fleet(steps[i]);
        draft_init(&draft, "order");
        draft.spread[0] = "d.region";
        draft.query.spread_count = 1;
        (void)apply(db, &draft, sizes);
        const char *text = ground_text(db, "%s", places_text);
        if (i == 0)
            (void)wg_copy(first, sizeof first, text);
        else
            ASSERT_TEXT(text, first);
        CU_ASSERT_TRUE(first[0]);
        check_members(db);
        db_close(db);
    }
}

static void sizes_are_those_of_the_shares(void)
{
    struct db *db = fleet(1);
    srand(5);
    for (int turn = 0; turn < 12; turn++) {
        struct draft draft;
        char name[16];
        int64_t first = rand() % 30, second = rand() % 30, rest = rand() % 2 ? 60 : rand() % 10;
        const int64_t sizes[WAVES] = {first, second, rest};
        int64_t left = DEVICES - first - second;
        (void)snprintf(name, sizeof name, "sizes-%d", turn);
        draft_init(&draft, name);
        draft.spread[0] = "d.region";
        draft.spread[1] = "d.hardware_model";
        draft.query.spread_count = (size_t)(turn % 3);
        int64_t id = apply(db, &draft, sizes);
        const int64_t expected[WAVES] = {first, second, rest < left ? rest : left};
        for (int wave = 0; wave < WAVES; wave++)
            CU_ASSERT_EQUAL(ground_number(db,
                                          "select members from wave where campaign_id = %lld "
                                          "and number = %d",
                                          (long long)id, wave),
                            expected[wave]);
        check_members(db);
    }
    db_close(db);
}

/* Every way of asking for the reason gives the same one. */
static void counts_lists_and_single_reasons_agree(void)
{
    const int64_t sizes[WAVES] = {3, 2, 0};
    struct db *db = fleet(1);
    struct draft draft;
    struct plan_counts counts;
    struct plan_device *out = NULL;
    struct wg_error err = {0};
    size_t count = 0;
    int64_t had = ground_campaign(db, "had", 1, (const int64_t[]){9});
    CU_ASSERT_TRUE(had > 0);
    ground_run(db, "update device set revoked_at = now() where id like '%%7'");
    ground_run(db, "update device set position = st_setsrid(st_makepoint(11, 48), 4326) where id "
                   "like '%%1' or id like '%%2' or id like '%%4' or id like '%%8'");
    ground_run(db, "update device_software set version = '2.0.0' where device_id like 'dev-4%%'");
    draft_init(&draft, "reasons");
    draft.clauses[0] = "d.region = 'DE'";
    draft.clauses[1] = "exists (select 1 from device_software s where s.device_id = d.id and "
                       "s.component = 'app' and s.version < '1.3')";
    draft.clauses[2] = "(d.hardware_model = 'hub' or st_y(d.position::geometry) > 40)";
    draft.release[1] = draft.places[2] = true;
    draft.query.clause_count = 3;
    draft.query.hardware_model = "box";
    draft.query.path = " and r.version <> '1.1.0'";
    draft.query.excludes = "{had}";
    draft.conditions[1] = "d.id like '%2'";
    make(db, &draft, sizes, &counts);
    ASSERT_OK(plan_left_out_list(db, &draft.query, 1000, &out, &count, &err), &err);
    int64_t told = 0;
    CU_ASSERT_EQUAL(counts.fleet, DEVICES);
    CU_ASSERT_TRUE(counts.left_out_count >= 6);
    for (size_t i = 0; i < counts.left_out_count; i++) {
        int64_t listed = 0, single = 0;
        int code = counts.left_out[i].code;
        for (size_t k = 0; k < count; k++) listed += out[k].code == code;
        for (int n = 0; n < DEVICES; n++) {
            char id[16];
            int one = 0;
            (void)snprintf(id, sizeof id, "dev-%02d", n);
            ASSERT_OK(plan_code_of(db, &draft.query, id, &one, &err), &err);
            single += one == code;
        }
        if (listed != counts.left_out[i].devices)
            printf("\n    reason %d: counted %lld, listed %lld\n", code,
                   (long long)counts.left_out[i].devices, (long long)listed);
        CU_ASSERT_EQUAL(listed, counts.left_out[i].devices);
        CU_ASSERT_EQUAL(single, counts.left_out[i].devices);
        told += counts.left_out[i].devices;
    }
    CU_ASSERT_EQUAL(told + counts.matched, DEVICES);
    plan_counts_clear(&counts);
    free(out);
    db_rollback(db);
    db_close(db);
}

static int64_t join(struct db *db, const struct draft *draft, size_t wave, int64_t limit,
                    wg_time since)
{
    struct wg_error err = {0};
    int64_t joined = 0;
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(plan_join(db, &draft->query, wave, limit, since, NULL, &joined, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    return joined;
}

static void later_members_join_each_once(void)
{
    const int64_t sizes[WAVES] = {2, 0, 4};
    struct db *db = fleet(1);
    struct draft draft;
    draft_init(&draft, "later");
    draft.clauses[0] = "d.region = any($1::text[])";
    draft.params[0] = "{AT}";
    draft.params[1] = "{not,asked,for}"; /* of a wave: a look for members has no use for it */
    draft.query.param_count = 2;
    int64_t id = draft.query.revises = apply(db, &draft, sizes);
    CU_ASSERT_EQUAL(join(db, &draft, 2, 8, 0), 8);
    CU_ASSERT_EQUAL(join(db, &draft, 2, 100, 0), 6); /* 20 are in Austria */
    CU_ASSERT_EQUAL(join(db, &draft, 2, 100, 0), 0);
    CU_ASSERT_EQUAL(ground_number(db,
                                  "select members from wave where campaign_id = %lld and "
                                  "number = 2",
                                  (long long)id),
                    18);
    check_members(db);
    ground_run(db, "update device set region = 'AT', changed_at = now() where id = 'dev-01'");
    ground_run(db, "update device set region = 'AT', changed_at = now() - interval '1 hour' where "
                   "id = 'dev-02'");
    ground_run(db, "update device set region = 'AT', revoked_at = now() where id = 'dev-04'");
    CU_ASSERT_EQUAL(join(db, &draft, 0, 100, ground_number(db, "select wg_ms(now())") - WG_MINUTE),
                    1);
    ASSERT_TEXT(ground_text(db, "select wave || ' ' || rank from place where device_id = 'dev-01'"),
                "0 3");
    CU_ASSERT_EQUAL(join(db, &draft, 0, 100, 0), 1);
    ground_run(db, "update device set region = 'AT', changed_at = now() - interval '1 hour' where "
                   "id in ('dev-05', 'dev-07')");
    ground_run(db, "insert into software_change (device_id) values ('dev-05')");
    ground_run(db, "insert into software_change values (now() - interval '1 hour', 'dev-07')");
    CU_ASSERT_EQUAL(join(db, &draft, 0, 100, ground_number(db, "select wg_ms(now())") - WG_MINUTE),
                    1);
    check_members(db);
    db_close(db);
}

static void later_members_wait_their_turn_behind_the_others(void)
{
    const int64_t sizes[WAVES] = {3, 0, 0};
    struct db *db = fleet(1);
    struct draft draft;
    draft_init(&draft, "behind");
    draft.query.revises = apply(db, &draft, sizes);
    CU_ASSERT_EQUAL(join(db, &draft, 0, 5, 0), 5);
    CU_ASSERT_EQUAL(ground_claim(db, draft.query.revises, 0, 3, GROUND_NOW), 3);
    CU_ASSERT_EQUAL(ground_number(db, "select max(rank) from place where state = 'offered'"), 3);
    check_members(db);
    db_close(db);
}

static void revise(struct db *db, struct draft *draft, const int64_t *sizes, size_t kept)
{
    struct wg_error err = {0};
    struct plan_counts counts;
    draft->query.kept_waves = kept;
    make(db, draft, sizes, &counts);
    plan_counts_clear(&counts);
    ASSERT_OK(plan_revise(db, draft->query.revises, kept, &draft->campaign, "a change\n",
                          GROUND_NOW, &err),
              &err);
    ASSERT_OK(db_commit(db, &err), &err);
}

static void a_revision_leaves_opened_waves_as_they_are(void)
{
    static const char kept_sql[] =
        "select md5(string_agg(p::text, ' ' order by device_id)) from place p where wave < 1";
    const int64_t sizes[WAVES] = {10, 20, 30}, others[WAVES] = {0, 4, 5}, none[WAVES] = {0};
    struct db *db = fleet(1);
    struct draft draft;
    char before[64];
    draft_init(&draft, "revised");
    int64_t id = draft.query.revises = apply(db, &draft, sizes);
    CU_ASSERT_EQUAL(ground_claim(db, id, 0, 6, GROUND_NOW), 6);
    (void)wg_copy(before, sizeof before, ground_text(db, kept_sql));
    draft.clauses[0] = "d.region = 'AT'";
    draft.campaign.priority = 77;
    revise(db, &draft, others, 1);
    ASSERT_TEXT(ground_text(db, kept_sql), before);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from place where wave = 1"), 4);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from place where wave = 2"), 5);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from place p join device d on d.id = "
                                      "p.device_id where wave > 0 and region <> 'AT'"),
                    0);
    ASSERT_TEXT(ground_text(db, "select revision || ' ' || priority || ' ' || members from "
                                "campaign"),
                "2 77 19");
    ASSERT_TEXT(ground_text(db, "select string_agg(revision || changes, '' order by revision) from "
                                "campaign_revision"),
                "12a change\n");
    check_members(db);
    revise(db, &draft, none, 3); /* every wave has opened: nothing but the file changes */
    CU_ASSERT_EQUAL(ground_number(db, "select members from campaign"), 19);
    check_members(db);
    db_close(db);
}

static void drift_counts_new_gone_and_moved_members(void)
{
    static const struct {
        const char *ids, *waves;
        int64_t drift;
    } cases[] = {
        {"{dev-00,dev-01,dev-02}", "{0,0,2}", 0}, {"{dev-00,dev-01,dev-02}", "{0,2,2}", 1},
        {"{dev-00,dev-01}", "{0,0}", 1},          {"{dev-00,dev-01,dev-02,gone}", "{0,0,2,2}", 1},
        {"{dev-03,dev-04}", "{0,0}", 5},          {"{}", "{}", 3}};
    const int64_t none[WAVES] = {0};
    struct db *db = fleet(1);
    struct draft draft;
    struct plan_counts counts;
    struct wg_error err = {0};
    draft_init(&draft, "drift");
    draft.conditions[0] = "d.id in ('dev-00', 'dev-01')";
    draft.conditions[2] = "d.id = 'dev-02'";
    make(db, &draft, none, &counts);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t drift = -1;
        ASSERT_OK(plan_drift(db, cases[i].ids, cases[i].waves, &drift, &err), &err);
        CU_ASSERT_EQUAL(drift, cases[i].drift);
    }
    plan_counts_clear(&counts);
    db_rollback(db);
    db_close(db);
}

/* Two campaigns over one device; what the rival is like decides whether this one may offer. */
static void who_could_offer_now_goes_first(void)
{
    static const struct {
        const char *rival; /* campaign */
        const char *wave, *place;
        int64_t claimed;
    } cases[] = {
        {"priority = 51", "true", "true", 0},
        {"priority = 50", "true", "true", 0}, /* it is older */
        {"priority = 49", "true", "true", 1},
        {"priority = 99, state = 'paused'", "true", "true", 1},
        {"priority = 99, state = 'scheduled'", "true", "true", 1},
        {"priority = 99, state = 'stopping'", "true", "true", 1},
        {"priority = 99, state = 'finished'", "true", "true", 1},
        {"priority = 99", "state = 'pending'", "true", 1},
        {"priority = 99", "state = 'failed'", "true", 1},
        {"priority = 99", "state = 'passed'", "true", 0}, /* stragglers are offered still */
        {"priority = 99", "state = 'soaking'", "true", 0},
        {"priority = 99", "true", "retry_at = wg_at(1764547200001)", 1},
        {"priority = 99", "true", "retry_at = wg_at(1764547200000)", 0},
        {"priority = 99", "true", "state = 'succeeded'", 1},
        {"priority = 0", "true", "state = 'downloading'", 0}, /* in hand */
        {"priority = 0, state = 'stopping'", "true", "state = 'probation'", 0},
        {"priority = 0, state = 'paused'", "true", "state = 'deferred'", 0},
    };
    static const char set[] = "update %s set %s where %s = %lld";
    const int64_t one[] = {1};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct db *db = ground_fresh();
        ground_devices(db, 1);
        long long rival = ground_campaign(db, "rival", 1, one);
        int64_t mine = ground_campaign(db, "mine", 1, one);
        ground_run(db, "update wave set state = 'open'");
        ground_run(db, set, "campaign", cases[i].rival, "id", rival);
        if (strcmp(cases[i].wave, "true") != 0)
            ground_run(db, set, "wave", cases[i].wave, "campaign_id", rival);
        if (strcmp(cases[i].place, "true") != 0)
            ground_run(db, set, "place", cases[i].place, "campaign_id", rival);
        int64_t claimed = ground_claim(db, mine, 0, 10, GROUND_NOW);
        if (claimed != cases[i].claimed)
            printf("\n    %s, wave %s, place %s: %lld claimed\n", cases[i].rival, cases[i].wave,
                   cases[i].place, (long long)claimed);
        CU_ASSERT_EQUAL(claimed, cases[i].claimed);
        db_close(db);
    }
}

WG_SUITE("store.plan",
         {"membership does not depend on the order of rows",
          membership_does_not_depend_on_the_order_of_rows},
         {"sizes are those of the shares", sizes_are_those_of_the_shares},
         {"counts, lists and single reasons agree", counts_lists_and_single_reasons_agree},
         {"later members join, each once", later_members_join_each_once},
         {"later members wait their turn behind the others",
          later_members_wait_their_turn_behind_the_others},
         {"a revision leaves opened waves as they are", a_revision_leaves_opened_waves_as_they_are},
         {"drift counts new, gone and moved members", drift_counts_new_gone_and_moved_members},
         {"who could offer now goes first", who_could_offer_now_goes_first})
