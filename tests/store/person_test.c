/* person_test.c: people and their grants, the first owner, the last owner; what the audit log says
 * of it, and what it does not. */
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/person_row.h"
#include "orchestrator/store/setup_row.h"
#include "orchestrator/store/sign_in.h"
#include "tests/store/ground.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HASH "$argon2id$v=19$m=8,t=1,p=1$c2VjcmV0c2VjcmV0$c2VjcmV0c2VjcmV0c2VjcmV0"
#define SETTERS 6

static const char owner_all[] = "[{\"role\":\"owner\",\"scope\":{}}]";
static const char support_de[] = "[{\"role\":\"support\",\"scope\":{\"regions\":[\"DE\"]}}]";

static struct grants grants_of(const char *text)
{
    struct grants grants;
    struct wg_error err = {0};
    ASSERT_OK(grants_parse(text, &grants, &err), &err);
    return grants;
}

static struct who *who_of(const char *name, const char *grants)
{
    static struct who who;
    memset(&who, 0, sizeof who);
    (void)wg_copy(who.name, sizeof who.name, name);
    who.how = WHO_SESSION;
    who.known = true;
    who.grants = grants_of(grants);
    return &who;
}

static struct db *fresh(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    ground_run(db, "truncate audit");
    ASSERT_OK(audit_row_actor(db, "olga", &err), &err);
    return db;
}

static void add(struct db *db, const char *name, const char *grants)
{
    struct grants given = grants_of(grants);
    struct wg_error err = {0};
    ASSERT_OK(person_row_add(db, NULL, name, &given, HASH, GROUND_NOW, &err), &err);
}

static bool change(struct db *db, const struct who *by, const char *name,
                   const struct person_change *what, bool *stale, struct wg_error *err)
{
    if (!db_begin(db, err)) return false;
    bool ok = person_row_change(db, by, name, what, GROUND_NOW + 1000, stale, err);
    if (ok) return db_commit(db, err);
    db_rollback(db);
    return false;
}

static const char *newest(struct db *db)
{
    return ground_text(db, "select actor || ' ' || kind || ' ' || subject || ' ' || "
                           "wg_canonical(detail) from audit order by number desc limit 1");
}

static void a_person_reads_back(void)
{
    struct db *db = fresh();
    struct person_row row;
    struct wg_error err = {0};
    CU_ASSERT_FALSE(person_row_get(db, "alice", &row, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    add(db, "alice", support_de);
    ASSERT_OK(person_row_get(db, "alice", &row, &err), &err);
    ASSERT_TEXT(row.name, "alice");
    CU_ASSERT_EQUAL(row.version, 1);
    CU_ASSERT_EQUAL(row.made_at, GROUND_NOW);
    CU_ASSERT_EQUAL(row.changed_at, GROUND_NOW);
    CU_ASSERT_EQUAL(row.disabled_at + row.signed_in_at, 0);
    CU_ASSERT_TRUE(row.has_password && !row.has_second_factor);
    CU_ASSERT_EQUAL(row.grants.count, 1);
    ASSERT_TEXT(row.grants.items[0].scope.regions.names[0], "DE");
    ASSERT_TEXT(newest(db),
                "olga person-made alice {\"after\":{\"disabled\":false,\"grants\":[{\"role\":"
                "\"support\",\"scope\":{\"regions\":[\"DE\"]}}],\"password\":true,"
                "\"second_factor\":false}}");
    struct grants none = {0};
    CU_ASSERT_FALSE(person_row_add(db, NULL, "alice", &none, NULL, GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "there is a person \"alice\" already"));
    CU_ASSERT_FALSE(person_row_add(db, NULL, "a b", &none, NULL, GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
    db_close(db);
}

struct names {
    char text[256];
};

static bool note(void *ctx, const struct person_row *row, struct wg_error *err)
{
    struct names *names = ctx;
    size_t used = strlen(names->text);
    (void)err;
    return wg_format(names->text + used, sizeof names->text - used, "%s ", row->name);
}

static void people_are_listed_by_name(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct names all = {""}, some = {""};
    add(db, "carol", "[]");
    add(db, "alice", "[]");
    add(db, "bob", "[]");
    ASSERT_OK(person_row_each(db, "", 100, note, &all, &err), &err);
    ASSERT_TEXT(all.text, "alice bob carol ");
    ASSERT_OK(person_row_each(db, "alice", 1, note, &some, &err), &err);
    ASSERT_TEXT(some.text, "bob ");
    db_close(db);
}

static void a_change_is_told_before_and_after(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct person_row row;
    bool stale = true;
    struct grants auditor = grants_of("[{\"role\":\"auditor\"}]");
    add(db, "olga", owner_all);
    add(db, "alice", support_de);
    const struct person_change what = {
        .version = 1, .grants = &auditor, .disabled = PERSON_YES, .hash = HASH "x"};
    ASSERT_OK(change(db, who_of("olga", owner_all), "alice", &what, &stale, &err), &err);
    CU_ASSERT_FALSE(stale);
    ASSERT_OK(person_row_get(db, "alice", &row, &err), &err);
    CU_ASSERT_EQUAL(row.version, 2);
    CU_ASSERT_EQUAL(row.disabled_at, GROUND_NOW + 1000);
    CU_ASSERT_EQUAL(row.changed_at, GROUND_NOW + 1000);
    CU_ASSERT_EQUAL(row.grants.items[0].role, ROLE_AUDITOR);
    ASSERT_TEXT(newest(db),
                "olga person alice {\"after\":{\"disabled\":true,\"grants\":[{\"role\":\"auditor\","
                "\"scope\":{}}],\"password\":true,\"second_factor\":false},\"before\":{"
                "\"disabled\":false,\"grants\":[{\"role\":\"support\",\"scope\":{\"regions\":["
                "\"DE\"]}}],\"password\":true,\"second_factor\":false},\"password\":\"changed\"}");
    int64_t rows = ground_number(db, "select count(*) from audit");
    CU_ASSERT_FALSE(change(db, who_of("olga", owner_all), "alice", &what, &stale, &err));
    CU_ASSERT_TRUE(stale);
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit"), rows);
    const struct person_change back = {.disabled = PERSON_NO, .drop_password = true};
    ASSERT_OK(change(db, NULL, "alice", &back, NULL, &err), &err);
    ASSERT_OK(person_row_get(db, "alice", &row, &err), &err);
    CU_ASSERT_TRUE(!row.has_password && !row.disabled_at && row.version == 3);
    CU_ASSERT_FALSE(change(db, NULL, "nobody", &back, NULL, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    db_close(db);
}

static void refused(struct db *db, const struct who *by, const char *name,
                    const struct person_change *what, enum wg_error_code code, const char *words)
{
    struct wg_error err = {0};
    CU_ASSERT_FALSE(change(db, by, name, what, NULL, &err));
    CU_ASSERT_EQUAL(err.code, code);
    if (!strstr(err.text, words)) printf("\n    %s\n", err.text);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, words));
}

static void nobody_gives_or_changes_more_than_they_have(void)
{
    static const char owner_de[] = "[{\"role\":\"owner\",\"scope\":{\"regions\":[\"DE\"]}}]";
    struct db *db = fresh();
    struct wg_error err = {0};
    struct grants all = grants_of(owner_all), de = grants_of(owner_de),
                  bavaria =
                      grants_of("[{\"role\":\"support\",\"scope\":{\"regions\":[\"DE-BY\"]}}]");
    const struct person_change widen = {.grants = &all}, narrow = {.grants = &bavaria},
                               password = {.hash = HASH}, owner_here = {.grants = &de};
    add(db, "olga", owner_all);
    add(db, "dora", owner_de);
    add(db, "alice", support_de);
    refused(db, who_of("dora", owner_de), "alice", &widen, WG_E_DENIED, "nobody gives more");
    refused(db, who_of("dora", owner_de), "dora", &widen, WG_E_DENIED, "nobody gives more");
    refused(db, who_of("dora", owner_de), "olga", &password, WG_E_DENIED, "may more than you");
    refused(db, who_of("alice", support_de), "alice", &owner_here, WG_E_DENIED, "nobody gives");
    refused(db, who_of("alice", support_de), "bob", &narrow, WG_E_NOT_FOUND, "no person");
    refused(db, who_of("carl", support_de), "alice", &password, WG_E_DENIED, "by owners");
    ASSERT_OK(change(db, who_of("dora", owner_de), "alice", &narrow, NULL, &err), &err);
    ASSERT_OK(change(db, who_of("dora", owner_de), "alice", &owner_here, NULL, &err), &err);
    CU_ASSERT_FALSE(
        person_row_add(db, who_of("dora", owner_de), "eve", &all, NULL, GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    ASSERT_OK(person_row_add(db, who_of("dora", owner_de), "eve", &bavaria, NULL, GROUND_NOW, &err),
              &err);
    CU_ASSERT_FALSE(person_row_delete(db, who_of("dora", owner_de), "olga", 0, NULL, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from person"), 4);
    db_close(db);
}

static void the_last_owner_stays(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct grants support = grants_of(support_de);
    const struct person_change out = {.disabled = PERSON_YES}, less = {.grants = &support};
    add(db, "olga", owner_all);
    add(db, "dora", "[{\"role\":\"owner\",\"scope\":{\"regions\":[\"DE\"]}}]");
    refused(db, NULL, "olga", &out, WG_E_CONFLICT, "no owner of everything would be left");
    refused(db, NULL, "olga", &less, WG_E_CONFLICT, "no owner");
    ASSERT_OK(db_begin(db, &err), &err);
    CU_ASSERT_FALSE(person_row_delete(db, NULL, "olga", 0, NULL, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    db_rollback(db);
    add(db, "otto", owner_all);
    ASSERT_OK(change(db, NULL, "olga", &out, NULL, &err), &err);
    refused(db, NULL, "otto", &out, WG_E_CONFLICT, "no owner");
    ASSERT_OK(person_row_delete(db, NULL, "olga", 2, NULL, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "olga person-deleted olga {\"before\":{"));
    db_close(db);
}

struct taker {
    struct db *db;
    const char *name;
    bool ok;
};

static void *take_away(void *arg)
{
    struct taker *taker = arg;
    struct wg_error err = {0};
    const struct person_change out = {.disabled = PERSON_YES};
    taker->ok = change(taker->db, NULL, taker->name, &out, NULL, &err);
    return NULL;
}

static void two_owners_do_not_shut_each_other_out(void)
{
    for (int round = 0; round < 5; round++) {
        struct db *db = fresh();
        struct taker takers[2] = {{ground_open(), "olga", false}, {ground_open(), "otto", false}};
        pthread_t threads[2];
        add(db, "olga", owner_all);
        add(db, "otto", owner_all);
        for (int i = 0; i < 2; i++)
            CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, take_away, &takers[i]), 0);
        for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
        CU_ASSERT_EQUAL(takers[0].ok + takers[1].ok, 1);
        CU_ASSERT_EQUAL(ground_number(db, "select count(*) from person where disabled_at is null"),
                        1);
        for (int i = 0; i < 2; i++) db_close(takers[i].db);
        db_close(db);
    }
}

static void an_empty_house_gets_one_link(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct token_secret first, second;
    bool made = false;
    ASSERT_OK(setup_row_offer(db, GROUND_NOW, &first, &made, &err), &err);
    CU_ASSERT_TRUE(made);
    ASSERT_TEXT(newest(db), "engine setup-link setup {\"ends\":1764633600000}");
    ASSERT_OK(setup_row_offer(db, GROUND_NOW, &second, &made, &err), &err);
    CU_ASSERT_TRUE(made);
    CU_ASSERT_FALSE(setup_row_use(db, first.text, "olga", HASH, GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_FALSE(setup_row_use(db, second.text, "olga", HASH, GROUND_NOW + SETUP_LIFE, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(setup_row_use(db, second.text, "owen", HASH, GROUND_NOW, &err), &err);
    ASSERT_OK(db_commit(db, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "owen person-made owen {\"after\":{"));
    ASSERT_TEXT(ground_text(db, "select actor from audit where kind = 'setup-used'"), "owen");
    CU_ASSERT_TRUE(ground_number(db, "select wg_has_owner()::int") == 1);
    CU_ASSERT_FALSE(setup_row_use(db, second.text, "eve", HASH, GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    ASSERT_OK(setup_row_offer(db, GROUND_NOW, &first, &made, &err), &err);
    CU_ASSERT_FALSE(made);
    ASSERT_TEXT(first.text, "");
    db_close(db);
}

struct setter {
    struct db *db;
    const char *link;
    char name[16];
    bool ok;
};

static void *set_up(void *arg)
{
    struct setter *setter = arg;
    struct wg_error err = {0};
    setter->ok = db_begin(setter->db, &err) &&
                 setup_row_use(setter->db, setter->link, setter->name, HASH, GROUND_NOW, &err) &&
                 db_commit(setter->db, &err);
    if (!setter->ok) db_rollback(setter->db);
    return NULL;
}

static void of_many_who_try_one_gets_in(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct token_secret link;
    struct setter setters[SETTERS] = {{0}};
    pthread_t threads[SETTERS];
    bool made = false;
    int in = 0;
    ASSERT_OK(setup_row_offer(db, GROUND_NOW, &link, &made, &err), &err);
    for (int i = 0; i < SETTERS; i++) {
        setters[i].db = ground_open();
        setters[i].link = link.text;
        (void)snprintf(setters[i].name, sizeof setters[i].name, "owner-%d", i);
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, set_up, &setters[i]), 0);
    }
    for (int i = 0; i < SETTERS; i++) {
        pthread_join(threads[i], NULL);
        in += setters[i].ok;
        db_close(setters[i].db);
    }
    CU_ASSERT_EQUAL(in, 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from person"), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from setup_link"), 0);
    db_close(db);
}

static void a_second_factor_is_offered(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct person_row row;
    char secret[TOTP_SECRET];
    add(db, "alice", support_de);
    CU_ASSERT_FALSE(person_row_factor_confirm(db, "alice", "123456", GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    ASSERT_OK(totp_make(secret, &err), &err);
    ASSERT_OK(person_row_factor_offer(db, "alice", secret, &err), &err);
    CU_ASSERT_FALSE(person_row_factor_offer(db, "bob", secret, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    ASSERT_OK(person_row_get(db, "alice", &row, &err), &err);
    CU_ASSERT_TRUE(!row.has_second_factor && row.version == 1);
    CU_ASSERT_FALSE(person_row_factor_confirm(db, "alice", "12345", GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    db_close(db);
}

static void a_second_factor_counts_once_it_was_typed(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct person_row row;
    char secret[TOTP_SECRET], code[TOTP_CODE];
    add(db, "alice", support_de);
    ASSERT_OK(totp_make(secret, &err), &err);
    ASSERT_OK(person_row_factor_offer(db, "alice", secret, &err), &err);
    ASSERT_OK(totp_code(secret, GROUND_NOW / TOTP_STEP, code, &err), &err);
    ASSERT_OK(person_row_factor_confirm(db, "alice", code, GROUND_NOW, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "\"second_factor\":\"changed\"}"));
    CU_ASSERT_FALSE(person_row_factor_confirm(db, "alice", code, GROUND_NOW, &err));
    ASSERT_OK(person_row_get(db, "alice", &row, &err), &err);
    CU_ASSERT_TRUE(row.has_second_factor && row.version == 2);
    const struct person_change drop = {.drop_second_factor = true};
    ASSERT_OK(change(db, who_of("alice", support_de), "alice", &drop, NULL, &err), &err);
    ASSERT_OK(person_row_get(db, "alice", &row, &err), &err);
    CU_ASSERT_TRUE(!row.has_second_factor && row.version == 3);
    db_close(db);
}

/* As C says and as SQL says, for every device and every scope. */
static void sql_and_c_agree_who_is_inside(void)
{
    static const struct {
        const char *id, *region, *model, *groups[3];
        size_t group_count;
    } devices[] = {
        {"d0", "", "", {NULL}, 0},
        {"d1", "DE", "a", {"lab"}, 1},
        {"d2", "DE-BY", "b", {"lab", "shop"}, 2},
        {"d3", "DE-B", "a", {"shop"}, 1},
        {"d4", "DK", "c", {NULL}, 0},
        {"d5", "FR-75", "a", {"lab", "street"}, 2},
    };
    static const char *const scopes[] = {
        "{}",
        "{\"regions\":[\"DE\"]}",
        "{\"regions\":[\"DE-B\"]}",
        "{\"regions\":[\"DE-BY\",\"FR\"]}",
        "{\"models\":[\"a\"]}",
        "{\"groups\":[\"shop\",\"street\"]}",
        "{\"groups\":[\"lab\"],\"models\":[\"a\",\"b\"],\"regions\":[\"DE\"]}",
    };
    struct db *db = fresh();
    for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
        ground_run(db,
                   "insert into device (id, region, hardware_model, registered_at) values ('%s', "
                   "'%s', '%s', now())",
                   devices[i].id, devices[i].region, devices[i].model);
        for (size_t j = 0; j < devices[i].group_count; j++)
            ground_run(db, "insert into device_group (device_id, name) values ('%s', '%s')",
                       devices[i].id, devices[i].groups[j]);
    }
    for (size_t s = 0; s < sizeof scopes / sizeof scopes[0]; s++)
        for (size_t i = 0; i < sizeof devices / sizeof devices[0]; i++) {
            struct scope scope;
            struct wg_error err = {0};
            json_t *value = json_loads(scopes[s], 0, NULL);
            ASSERT_OK(scope_read(value, &scope, &err), &err);
            json_decref(value);
            struct scope_device device = {devices[i].region, devices[i].model, devices[i].groups,
                                          devices[i].group_count};
            CU_ASSERT_EQUAL(ground_number(db,
                                          "select wg_in_scopes('[%s]', id, region, "
                                          "hardware_model)::int from device where id = '%s'",
                                          scopes[s], devices[i].id),
                            scope_holds(&scope, &device));
        }
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device where wg_in_scopes(null, id, "
                                      "region, hardware_model)"),
                    6);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from device where wg_in_scopes('[]', id, "
                                      "region, hardware_model)"),
                    0);
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(*) from device where wg_in_scopes('[{\"models\":[\"c\"]},"
                          "{\"models\":[\"b\"]}]', id, region, hardware_model)"),
        2);
    db_close(db);
}

WG_SUITE("store.person", {"a person reads back", a_person_reads_back},
         {"people are listed by name", people_are_listed_by_name},
         {"a change is told before and after", a_change_is_told_before_and_after},
         {"nobody gives or changes more than they have",
          nobody_gives_or_changes_more_than_they_have},
         {"the last owner stays", the_last_owner_stays},
         {"two owners do not shut each other out", two_owners_do_not_shut_each_other_out},
         {"an empty house gets one link", an_empty_house_gets_one_link},
         {"of many who try one gets in", of_many_who_try_one_gets_in},
         {"a second factor is offered", a_second_factor_is_offered},
         {"a second factor counts once it was typed", a_second_factor_counts_once_it_was_typed},
         {"sql and c agree who is inside", sql_and_c_agree_who_is_inside})
