/* openid_test.c: sign-ins on their way to a provider, whose an account is, invitations: each once,
 * whoever else tries at the same time. */
#include "orchestrator/people/lockout.h"
#include "orchestrator/store/invitation_row.h"
#include "orchestrator/store/openid_row.h"
#include "orchestrator/store/person_row.h"
#include "orchestrator/store/session_row.h"
#include "orchestrator/store/sign_in.h"
#include "tests/store/ground.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define ISSUER "https://i"
#define HOME "203.0.113.5"
#define HASH                                                                                       \
    "$argon2id$v=19$m=8192,t=1,p=1$tWz1ja+n3lyr3gYzZnGaTA$wX2rCE8VpNlmSTT2+ABPkN++"                \
    "Cnj0VuQWIm2xs8ApNbo"
#define STATE "1111111111111111111111111111111111111111111111111111111111111111"
#define BROWSER "2222222222222222222222222222222222222222222222222222222222222222"
#define TRIERS 6

static const struct openid_try a_try = {.browser = BROWSER, .nonce = "n", .verifier = "v"};

static struct db *fresh(void)
{
    static const char *const names[] = {"alice", "bob"};
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    struct grants grants;
    ground_run(db, "truncate audit");
    grants_of_role(ROLE_SUPPORT, &grants);
    for (size_t i = 0; i < 2; i++)
        ASSERT_OK(person_row_add(db, NULL, names[i], &grants, NULL, GROUND_NOW, &err), &err);
    return db;
}

struct trier {
    struct db *db;
    const char *subject, *link;
    bool done;
};

/* Each trier on a connection of its own, all at once; how many got in. */
static int all_at_once(void *(*run)(void *), struct trier *triers)
{
    pthread_t threads[TRIERS];
    int done = 0;
    for (int i = 0; i < TRIERS; i++) {
        triers[i].db = ground_open();
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, run, &triers[i]), 0);
    }
    for (int i = 0; i < TRIERS; i++) {
        pthread_join(threads[i], NULL);
        db_close(triers[i].db);
        done += triers[i].done;
    }
    return done;
}

static void *take(void *ctx)
{
    struct trier *trier = ctx;
    struct openid_try out;
    trier->done = openid_row_take(trier->db, STATE, GROUND_NOW, &out, NULL);
    return NULL;
}

static void a_state_is_taken_once(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct openid_try out;
    struct trier triers[TRIERS] = {{.done = false}};
    ASSERT_OK(openid_row_begin(db, STATE, &a_try, HOME, GROUND_NOW, &err), &err);
    CU_ASSERT_EQUAL(all_at_once(take, triers), 1);
    ASSERT_OK(openid_row_begin(db, STATE, &a_try, HOME, GROUND_NOW, &err), &err);
    ASSERT_OK(openid_row_take(db, STATE, GROUND_NOW + OPENID_TRY_LIFE - 1, &out, &err), &err);
    ASSERT_TEXT(out.browser, BROWSER);
    ASSERT_TEXT(out.verifier, "v");
    CU_ASSERT_EQUAL(out.made_at, GROUND_NOW);
    ASSERT_OK(openid_row_begin(db, STATE, &a_try, HOME, GROUND_NOW, &err), &err);
    CU_ASSERT_FALSE(openid_row_take(db, STATE, GROUND_NOW + OPENID_TRY_LIFE, &out, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_NOT_FOUND);
    db_close(db);
}

static void an_address_has_so_many_under_way(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    char state[WG_SHA256_HEX];
    for (int i = 0; i < OPENID_TRIES_MAX; i++) {
        (void)snprintf(state, sizeof state, "%064x", (unsigned)i);
        ASSERT_OK(openid_row_begin(db, state, &a_try, HOME, GROUND_NOW, &err), &err);
    }
    CU_ASSERT_FALSE(openid_row_begin(db, STATE, &a_try, HOME, GROUND_NOW, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    ASSERT_OK(openid_row_begin(db, STATE, &a_try, "203.0.113.6", GROUND_NOW, &err), &err);
    ASSERT_OK(session_row_sweep(db, GROUND_NOW + OPENID_TRY_LIFE, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from openid_try"), 0);
    db_close(db);
}

static enum sign_in_end enter(struct db *db, const char *name, const char *subject,
                              struct wg_error *err)
{
    struct sign_in_answer answer;
    const struct voucher voucher = {ISSUER, subject};
    const struct sign_in in = {.name = name, .address = HOME, .voucher = &voucher};
    return sign_in(db, &in, GROUND_NOW, &answer, err) ? answer.end : SIGN_IN_WRONG;
}

static void *link_one(void *ctx)
{
    struct trier *trier = ctx;
    struct wg_error err = {0};
    trier->done = enter(trier->db, "alice", trier->subject, &err) == SIGN_IN_DONE;
    CU_ASSERT_TRUE(trier->done || err.code == WG_E_CONFLICT);
    return NULL;
}

static enum openid_who who(struct db *db, const char *subject, const char *claimed)
{
    struct wg_error err = {0};
    char name[WG_NAME_MAX + 1];
    enum openid_who out = OPENID_NOBODY;
    ASSERT_OK(openid_row_who(db, ISSUER, subject, claimed, &out, name, &err), &err);
    return out;
}

static void a_person_has_one_account(void)
{
    static const char *const subjects[TRIERS] = {"a", "b", "c", "d", "e", "f"};
    struct db *db = fresh();
    struct trier triers[TRIERS];
    for (int i = 0; i < TRIERS; i++) triers[i] = (struct trier){.subject = subjects[i]};
    CU_ASSERT_EQUAL(all_at_once(link_one, triers), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from openid_link"), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from session"), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit where kind = 'openid-linked'"),
                    1);
    char subject[OPENID_SUBJECT_MAX];
    (void)snprintf(subject, sizeof subject, "%s",
                   ground_text(db, "select subject from openid_link"));
    CU_ASSERT_EQUAL(who(db, subject, "bob"), OPENID_KNOWN); /* alice, whatever it is called now */
    CU_ASSERT_EQUAL(who(db, "z", "alice"), OPENID_ANOTHER);
    CU_ASSERT_EQUAL(who(db, "z", "bob"), OPENID_KNOWN);
    CU_ASSERT_EQUAL(who(db, "z", "carol"), OPENID_NOBODY);
    ground_run(db, "delete from person where name = 'alice'");
    CU_ASSERT_EQUAL(who(db, subject, "alice"), OPENID_NOBODY);
    db_close(db);
}

static void wrong_passwords_lock_out_nobody_who_is_vouched_for(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct sign_in_answer answer = {.end = SIGN_IN_DONE};
    const struct sign_in in = {.name = "alice", .password = "no", .address = "203.0.113.9"};
    for (int i = 0; i <= LOCKOUT_FREE; i++)
        ASSERT_OK(sign_in(db, &in, GROUND_NOW, &answer, &err), &err);
    CU_ASSERT_EQUAL(answer.end, SIGN_IN_LOCKED);
    CU_ASSERT_EQUAL(enter(db, "alice", "a", &err), SIGN_IN_DONE);
    ground_run(db, "update person set disabled_at = now() where name = 'alice'");
    CU_ASSERT_EQUAL(enter(db, "alice", "a", &err), SIGN_IN_WRONG);
    CU_ASSERT_EQUAL(enter(db, "nobody", "b", &err), SIGN_IN_WRONG);
    db_close(db);
}

static void *accept(void *ctx)
{
    struct trier *trier = ctx;
    char name[WG_NAME_MAX + 1];
    trier->done = db_begin(trier->db, NULL) &&
                  invitation_row_use(trier->db, trier->link, HASH, GROUND_NOW, name, NULL) &&
                  db_commit(trier->db, NULL);
    db_rollback(trier->db);
    return NULL;
}

static void an_invitation_lets_one_in(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct token_secret link;
    struct who owner = {.name = "olga", .known = true};
    struct trier triers[TRIERS];
    grants_of_role(ROLE_OWNER, &owner.grants);
    ASSERT_OK(db_begin(db, &err), &err);
    ASSERT_OK(invitation_row_make(db, &owner, "alice", GROUND_NOW + INVITATION_LIFE, GROUND_NOW,
                                  &link, &err),
              &err);
    ASSERT_OK(db_commit(db, &err), &err);
    for (int i = 0; i < TRIERS; i++) triers[i] = (struct trier){.link = link.text};
    CU_ASSERT_EQUAL(all_at_once(accept, triers), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit where kind = 'invitation-used'"),
                    1);
    ASSERT_TEXT(ground_text(db, "select password from person where name = 'alice'"), HASH);
    db_close(db);
}

WG_SUITE("orchestrator/store/openid_row", {"a_state_is_taken_once", a_state_is_taken_once},
         {"an_address_has_so_many_under_way", an_address_has_so_many_under_way},
         {"a_person_has_one_account", a_person_has_one_account},
         {"wrong_passwords_lock_out_nobody_who_is_vouched_for",
          wrong_passwords_lock_out_nobody_who_is_vouched_for},
         {"an_invitation_lets_one_in", an_invitation_lets_one_in})
