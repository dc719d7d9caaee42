/* token_test.c: tokens of scripts: no wider than their maker, ever; ended, listed, told. */
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/person_row.h"
#include "orchestrator/store/sign_in.h"
#include "orchestrator/store/token_row.h"
#include "tests/store/ground.h"

#include <stdio.h>
#include <string.h>

static const char rollout_de[] =
    "[{\"role\":\"rollout-admin\",\"scope\":{\"regions\":[\"DE\"]}},{\"role\":\"auditor\"}]";
static const char owner_all[] = "[{\"role\":\"owner\"}]";
static const struct scope germany = {.regions = {1, {"DE"}}}, bavaria = {.regions = {1, {"DE-BY"}}},
                          everywhere;

static struct who *who_of(const char *name, const char *grants)
{
    static struct who who;
    struct wg_error err = {0};
    memset(&who, 0, sizeof who);
    (void)wg_copy(who.name, sizeof who.name, name);
    who.how = WHO_SESSION;
    who.known = true;
    ASSERT_OK(grants_parse(grants, &who.grants, &err), &err);
    return &who;
}

static void put(struct db *db, const char *name, const char *grants)
{
    ground_run(db,
               "insert into person (name, grants, made_at, changed_at) values ('%s', '%s', now(), "
               "now()) on conflict (name) do update set grants = excluded.grants",
               name, grants);
}

static struct db *fresh(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    put(db, "rita", rollout_de);
    put(db, "olga", owner_all);
    ASSERT_OK(audit_row_actor(db, "rita", &err), &err);
    ground_run(db, "truncate audit");
    return db;
}

static struct token_row wish(const char *name, permission_set permissions,
                             const struct scope *scope)
{
    struct token_row row = {
        .permissions = permissions, .scope = *scope, .ends_at = GROUND_NOW + WG_DAY};
    (void)wg_copy(row.name, sizeof row.name, name);
    return row;
}

#define READ PERMISSION_BIT(MAY_DEVICE_READ)
#define RETRY PERMISSION_BIT(MAY_DEVICE_RETRY)

static struct token_secret make(struct db *db, const char *name, permission_set permissions,
                                const struct scope *scope)
{
    struct token_row row = wish(name, permissions, scope), out;
    struct token_secret secret;
    struct wg_error err = {0};
    ASSERT_OK(token_row_make(db, who_of("rita", rollout_de), &row, GROUND_NOW, &out, &secret, &err),
              &err);
    return secret;
}

static void a_token_may_what_it_says(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    struct scope_device here = {.region = "DE-BY"}, there = {.region = "DE-BE"};
    struct token_secret secret = make(db, "ci", READ | RETRY, &bavaria);
    ASSERT_TEXT(ground_text(db, "select actor || ' ' || kind || ' ' || subject || ' ' || "
                                "wg_canonical(detail #- '{after,id}') from audit order by number "
                                "desc limit 1"),
                "rita token-made rita {\"after\":{\"ends\":1764633600000,\"name\":\"ci\","
                "\"permissions\":[\"device.read\",\"device.retry\"],\"scope\":{\"regions\":["
                "\"DE-BY\"]}}}");
    ASSERT_OK(who_by_token(db, secret.text, GROUND_NOW, &who, &err), &err);
    ASSERT_TEXT(who.name, "rita");
    CU_ASSERT_EQUAL(who.how, WHO_TOKEN);
    CU_ASSERT_EQUAL(who.permissions, READ | RETRY);
    CU_ASSERT_EQUAL(who.ends, GROUND_NOW + WG_DAY);
    ASSERT_TEXT(who.csrf, "");
    CU_ASSERT_TRUE(grants_may_on(&who.grants, MAY_DEVICE_RETRY, &here));
    CU_ASSERT_FALSE(grants_may_on(&who.grants, MAY_DEVICE_RETRY, &there));
    CU_ASSERT_FALSE(grants_may_on(&who.grants, MAY_DEVICE_READ, &there));
    CU_ASSERT_FALSE(grants_may(&who.grants, MAY_CAMPAIGN_STEER));
    CU_ASSERT_FALSE(who_by_token(db, secret.text, GROUND_NOW + WG_DAY, &who, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_EQUAL(who.permissions, 0);
    secret.text[10] = secret.text[10] == 'A' ? 'B' : 'A';
    CU_ASSERT_FALSE(who_by_token(db, secret.text, GROUND_NOW, &who, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    db_close(db);
}

static void refused(struct db *db, const struct who *maker, struct token_row row,
                    enum wg_error_code code, const char *words)
{
    struct token_row out;
    struct token_secret secret;
    struct wg_error err = {0};
    CU_ASSERT_FALSE(token_row_make(db, maker, &row, GROUND_NOW, &out, &secret, &err));
    CU_ASSERT_EQUAL(err.code, code);
    ASSERT_TEXT(secret.text, "");
    if (!strstr(err.text, words)) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, words));
}

static void a_token_is_no_wider_than_its_maker(void)
{
    struct db *db = fresh();
    struct who *rita = who_of("rita", rollout_de);
    refused(db, rita, wish("ci", RETRY, &everywhere), WG_E_DENIED,
            "device.retry within that scope");
    refused(db, rita, wish("ci", READ | PERMISSION_BIT(MAY_PEOPLE_MANAGE), &germany), WG_E_DENIED,
            "people.manage");
    refused(db, rita, wish("ci", 0, &germany), WG_E_BAD_INPUT, "at least one");
    refused(db, rita, wish("", READ, &germany), WG_E_BAD_INPUT, "name");
    refused(db, rita, wish("a b", READ, &germany), WG_E_BAD_INPUT, "name");
    struct token_row row = wish("ci", READ, &germany);
    row.ends_at = GROUND_NOW;
    refused(db, rita, row, WG_E_BAD_INPUT, "ends");
    row.ends_at = GROUND_NOW + TOKEN_LIFE_MAX + 1;
    refused(db, rita, row, WG_E_BAD_INPUT, "within the next 366 days");
    rita->how = WHO_TOKEN;
    refused(db, rita, wish("ci", READ, &germany), WG_E_DENIED, "a token makes no tokens");
    rita->how = WHO_CERTIFICATE;
    rita->known = false;
    refused(db, rita, wish("ci", READ, &germany), WG_E_DENIED, "by certificate alone");
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from token"), 0);
    (void)make(db, "ci", READ, &everywhere); /* an auditor reads all */
    refused(db, who_of("rita", rollout_de), wish("ci", READ, &germany), WG_E_CONFLICT, "already");
    db_close(db);
}

static void a_token_shrinks_with_its_maker(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    struct scope_device bavarian = {.region = "DE-BY"}, berliner = {.region = "DE-BE"};
    struct token_secret secret = make(db, "ci", READ | RETRY, &germany);
    put(db, "rita",
        "[{\"role\":\"rollout-admin\",\"scope\":{\"regions\":[\"DE-BY\"]}},{\"role\":\"owner\","
        "\"scope\":{\"regions\":[\"FR\"]}}]");
    ASSERT_OK(who_by_token(db, secret.text, GROUND_NOW, &who, &err), &err);
    CU_ASSERT_TRUE(grants_may_on(&who.grants, MAY_DEVICE_RETRY, &bavarian));
    CU_ASSERT_FALSE(grants_may_on(&who.grants, MAY_DEVICE_RETRY, &berliner));
    CU_ASSERT_FALSE(grants_may(&who.grants, MAY_PEOPLE_MANAGE)); /* nor does it grow */
    put(db, "rita", "[{\"role\":\"auditor\"}]");
    ASSERT_OK(who_by_token(db, secret.text, GROUND_NOW, &who, &err), &err);
    CU_ASSERT_EQUAL(who.permissions, READ);
    put(db, "rita", "[]");
    ASSERT_OK(who_by_token(db, secret.text, GROUND_NOW, &who, &err), &err);
    CU_ASSERT_EQUAL(who.permissions, 0);
    ground_run(db, "update person set disabled_at = now() where name = 'rita'");
    CU_ASSERT_FALSE(who_by_token(db, secret.text, GROUND_NOW, &who, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    ground_run(db, "delete from person where name = 'rita'");
    CU_ASSERT_FALSE(who_by_token(db, secret.text, GROUND_NOW, &who, &err));
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from token"), 0);
    db_close(db);
}

struct names {
    char text[256];
    int64_t last;
};

static bool note(void *ctx, const struct token_row *row, struct wg_error *err)
{
    struct names *names = ctx;
    size_t used = strlen(names->text);
    (void)err;
    names->last = row->id;
    return wg_format(names->text + used, sizeof names->text - used, "%s/%s ", row->maker,
                     row->name);
}

static void tokens_are_listed_by_maker(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct names mine = {"", 0}, all = {"", 0}, first = {"", 0}, next = {"", 0};
    struct token_row row = wish("ops", READ, &everywhere), out;
    struct token_secret secret;
    (void)make(db, "a", READ, &bavaria);
    ASSERT_OK(token_row_make(db, who_of("olga", owner_all), &row, GROUND_NOW, &out, &secret, &err),
              &err);
    (void)make(db, "b", READ, &bavaria);
    ASSERT_OK(token_row_each(db, "rita", 0, 100, note, &mine, &err), &err);
    ASSERT_TEXT(mine.text, "rita/a rita/b ");
    ASSERT_OK(token_row_each(db, NULL, 0, 100, note, &all, &err), &err);
    ASSERT_TEXT(all.text, "rita/a olga/ops rita/b ");
    ASSERT_OK(token_row_each(db, NULL, 0, 1, note, &first, &err), &err);
    ASSERT_OK(token_row_each(db, NULL, first.last, 1, note, &next, &err), &err);
    ASSERT_TEXT(next.text, "olga/ops ");
    ASSERT_OK(token_row_get(db, out.id, &row, &err), &err);
    ASSERT_TEXT(row.maker, "olga");
    CU_ASSERT_EQUAL(row.made_at, GROUND_NOW);
    CU_ASSERT_EQUAL(row.used_at, 0);
    CU_ASSERT_EQUAL(row.permissions, READ);
    CU_ASSERT_TRUE(scope_is_everything(&row.scope));
    db_close(db);
}

static void when_it_was_used_is_known_to_the_minute(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    struct token_secret secret = make(db, "ci", READ, &bavaria);
    static const int64_t at[][2] = {{0, 0}, {59999, 0}, {60000, 60000}, {61000, 60000}};
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        ASSERT_OK(who_by_token(db, secret.text, GROUND_NOW + at[i][0], &who, &err), &err);
        CU_ASSERT_EQUAL(ground_number(db, "select wg_ms(used_at) from token"),
                        GROUND_NOW + at[i][1]);
    }
    db_close(db);
}

static bool end(struct db *db, struct who *by, int64_t id)
{
    struct wg_error err = {0};
    bool ok = token_row_end(db, by, id, GROUND_NOW, &err);
    CU_ASSERT_TRUE(ok || err.code == WG_E_NOT_FOUND);
    return ok;
}

static void who_may_end_a_token(void)
{
    static const char owner_de[] = "[{\"role\":\"owner\",\"scope\":{\"regions\":[\"DE\"]}}]";
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    struct token_secret secret = make(db, "ci", READ, &bavaria);
    int64_t id = ground_number(db, "select id from token");
    struct who *other = who_of("rita", rollout_de);
    other->how = WHO_TOKEN;
    other->id = id + 1;
    CU_ASSERT_FALSE(end(db, other, id));
    CU_ASSERT_FALSE(end(db, who_of("carl", rollout_de), id));
    CU_ASSERT_FALSE(end(db, who_of("dora", owner_de), id)); /* rita reads elsewhere too */
    CU_ASSERT_FALSE(end(db, who_of("olga", owner_all), id + 1));
    ASSERT_OK(who_by_token(db, secret.text, GROUND_NOW, &who, &err), &err);
    CU_ASSERT_TRUE(end(db, &who, id)); /* a token gives itself up */
    CU_ASSERT_PTR_NOT_NULL(
        strstr(ground_text(db, "select actor || ' ' || kind || ' ' || subject || ' ' || "
                               "wg_canonical(detail) from audit order by number desc limit 1"),
               "rita token-ended rita {\"before\":{\"ends\":1764633600000,\"id\":"));
    CU_ASSERT_FALSE(who_by_token(db, secret.text, GROUND_NOW, &who, &err));
    (void)make(db, "ci", READ, &bavaria);
    CU_ASSERT_TRUE(end(db, who_of("olga", owner_all), ground_number(db, "select id from token")));
    (void)make(db, "ci", READ, &bavaria);
    CU_ASSERT_TRUE(end(db, who_of("rita", "[]"), ground_number(db, "select id from token")));
    CU_ASSERT_EQUAL(ground_number(db,
                                  "select count(*) from audit where strpos(detail::text, '%s') > 0 "
                                  "or strpos(detail::text, '%s') > 0",
                                  secret.text, secret.hash),
                    0);
    db_close(db);
}

WG_SUITE("store.token", {"a token may what it says", a_token_may_what_it_says},
         {"a token is no wider than its maker", a_token_is_no_wider_than_its_maker},
         {"a token shrinks with its maker", a_token_shrinks_with_its_maker},
         {"tokens are listed by maker", tokens_are_listed_by_maker},
         {"when it was used is known to the minute", when_it_was_used_is_known_to_the_minute},
         {"who may end a token", who_may_end_a_token})
