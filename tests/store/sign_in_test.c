/* sign_in_test.c: by password and code, locked out, by session, by certificate; and no secret is
 * ever in the audit log. */
#include "orchestrator/people/lockout.h"
#include "orchestrator/store/audit_row.h"
#include "orchestrator/store/person_row.h"
#include "orchestrator/store/sign_in.h"
#include "tests/store/ground.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#define PASSWORD "correct horse battery"
#define WRONG "wrong horse battery"
#define HOME "203.0.113.5"
#define TRIERS 8
/* of PASSWORD: 8 MiB, one pass */
static const char cheap[] = "$argon2id$v=19$m=8192,t=1,p=1$tWz1ja+n3lyr3gYzZnGaTA$"
                            "wX2rCE8VpNlmSTT2+ABPkN++Cnj0VuQWIm2xs8ApNbo";

/* alice's password is kept at a low cost, and at the right one once she was in. */
static struct db *fresh(void)
{
    struct db *db = ground_fresh();
    struct wg_error err = {0};
    struct grants grants;
    ground_run(db, "truncate audit");
    grants_of_role(ROLE_SUPPORT, &grants);
    ASSERT_OK(person_row_add(db, NULL, "alice", &grants, cheap, GROUND_NOW, &err), &err);
    return db;
}

static void disable(struct db *db, const char *name)
{
    ground_run(db, "update person set disabled_at = now() where name = '%s'", name);
}

static struct sign_in_answer attempt(struct db *db, const char *name, const char *password,
                                     const char *code, const char *address, wg_time now)
{
    const struct sign_in in = {
        .name = name, .password = password, .code = code, .address = address};
    struct sign_in_answer answer;
    struct wg_error err = {0};
    ASSERT_OK(sign_in(db, &in, now, &answer, &err), &err);
    return answer;
}

static enum sign_in_end ends(struct db *db, const char *name, const char *password, wg_time now)
{
    return attempt(db, name, password, NULL, HOME, now).end;
}

static const char *newest(struct db *db)
{
    return ground_text(db, "select actor || ' ' || kind || ' ' || subject || ' ' || "
                           "wg_canonical(detail) from audit order by number desc limit 1");
}

static void the_right_password_makes_a_session(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    char hash[PASSWORD_HASH];
    ASSERT_OK(password_hash(PASSWORD, hash, &err), &err);
    ground_run(db, "update person set password = '%s'", hash);
    ground_run(db, "truncate audit");
    struct sign_in_answer in = attempt(db, "alice", PASSWORD, NULL, HOME, GROUND_NOW);
    CU_ASSERT_EQUAL_FATAL(in.end, SIGN_IN_DONE);
    CU_ASSERT_EQUAL(in.session.ends, GROUND_NOW + SESSION_LIFE);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "alice sign-in alice {\"address\":\"" HOME
                                              "\",\"how\":\"password\",\"session\":"));
    ASSERT_OK(who_by_session(db, in.session.secret.text, GROUND_NOW + 1, &who, &err), &err);
    ASSERT_TEXT(who.name, "alice");
    ASSERT_TEXT(who.csrf, in.session.csrf);
    CU_ASSERT_EQUAL(who.how, WHO_SESSION);
    CU_ASSERT_EQUAL(who.id, in.session.id);
    CU_ASSERT_TRUE(who.known);
    CU_ASSERT_EQUAL(who.permissions, role_permissions(ROLE_SUPPORT));
    CU_ASSERT_EQUAL(ground_number(db, "select wg_ms(signed_in_at) from person"), GROUND_NOW);
    CU_ASSERT_EQUAL(ground_number(db, "select version from person"), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit where kind = 'person'"), 0);
    CU_ASSERT_EQUAL(
        ground_number(db, "select count(*) from session where hash = '%s'", in.session.secret.hash),
        1);
    db_close(db);
}

static void a_refusal_is_told_but_not_what_was_typed(void)
{
    struct db *db = fresh();
    CU_ASSERT_EQUAL(ends(db, "alice", WRONG, GROUND_NOW), SIGN_IN_WRONG);
    ASSERT_TEXT(newest(db), "address:" HOME " sign-in-refused alice {\"address\":\"" HOME
                            "\",\"why\":\"password\"}");
    CU_ASSERT_EQUAL(ends(db, PASSWORD, WRONG, GROUND_NOW), SIGN_IN_WRONG);
    ASSERT_TEXT(newest(db), "address:" HOME " sign-in-refused unknown {\"address\":\"" HOME
                            "\",\"why\":\"no such person\"}");
    CU_ASSERT_EQUAL(ends(db, "", "", GROUND_NOW), SIGN_IN_WRONG);
    disable(db, "alice");
    CU_ASSERT_EQUAL(ends(db, "alice", PASSWORD, GROUND_NOW), SIGN_IN_WRONG);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "\"why\":\"disabled\"}"));
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from session"), 0);
    db_close(db);
}

static void five_wrong_ones_lock_the_name(void)
{
    struct db *db = fresh();
    char address[32];
    wg_time now = GROUND_NOW;
    for (int i = 0; i < LOCKOUT_FREE; i++) {
        (void)snprintf(address, sizeof address, "203.0.113.%d", i);
        CU_ASSERT_EQUAL(attempt(db, "alice", WRONG, NULL, address, now).end, SIGN_IN_WRONG);
    }
    struct sign_in_answer in = attempt(db, "alice", PASSWORD, NULL, "198.51.100.1", now + 1);
    CU_ASSERT_EQUAL(in.end, SIGN_IN_LOCKED);
    CU_ASSERT_EQUAL(in.until, now + WG_MINUTE);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "\"why\":\"locked\"}"));
    /* being told to wait does not make it longer */
    CU_ASSERT_EQUAL(attempt(db, "alice", WRONG, NULL, "198.51.100.1", now + 2).until,
                    now + WG_MINUTE);
    CU_ASSERT_EQUAL(attempt(db, "alice", WRONG, NULL, "198.51.100.1", in.until).end, SIGN_IN_WRONG);
    in = attempt(db, "alice", PASSWORD, NULL, "198.51.100.1", in.until + WG_MINUTE);
    CU_ASSERT_EQUAL(in.end, SIGN_IN_LOCKED);
    CU_ASSERT_EQUAL(in.until, now + 3 * WG_MINUTE);
    CU_ASSERT_EQUAL(attempt(db, "alice", PASSWORD, NULL, "198.51.100.1", in.until).end,
                    SIGN_IN_DONE);
    CU_ASSERT_EQUAL(attempt(db, "alice", WRONG, NULL, "198.51.100.1", in.until).end,
                    SIGN_IN_WRONG); /* all forgotten */
    db_close(db);
}

static void another_password_opens_the_lock(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    char hash[PASSWORD_HASH], address[32];
    const struct person_change change = {.hash = hash};
    ASSERT_OK(password_hash("another horse altogether", hash, &err), &err);
    for (int i = 0; i < LOCKOUT_FREE; i++) {
        (void)snprintf(address, sizeof address, "203.0.113.%d", i);
        CU_ASSERT_EQUAL(attempt(db, "alice", WRONG, NULL, address, GROUND_NOW).end, SIGN_IN_WRONG);
    }
    CU_ASSERT_EQUAL(attempt(db, "alice", WRONG, NULL, HOME, GROUND_NOW).end, SIGN_IN_LOCKED);
    ASSERT_OK(person_row_change(db, NULL, "alice", &change, GROUND_NOW, NULL, &err), &err);
    CU_ASSERT_EQUAL(attempt(db, "alice", "another horse altogether", NULL, HOME, GROUND_NOW).end,
                    SIGN_IN_DONE);
    db_close(db);
}

static void a_name_that_nobody_has_is_locked_alike(void)
{
    struct db *db = fresh();
    char address[32];
    for (int i = 0; i < LOCKOUT_FREE; i++) {
        (void)snprintf(address, sizeof address, "203.0.113.%d", i);
        CU_ASSERT_EQUAL(attempt(db, "zoe", WRONG, NULL, address, GROUND_NOW).end, SIGN_IN_WRONG);
    }
    CU_ASSERT_EQUAL(attempt(db, "zoe", WRONG, NULL, HOME, GROUND_NOW).end, SIGN_IN_LOCKED);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from sign_in_failure where key ~ 'zoe'"), 0);
    db_close(db);
}

static void an_address_is_locked_whatever_names_it_tries(void)
{
    struct db *db = fresh();
    char name[16];
    for (int i = 0; i < LOCKOUT_FREE - 1; i++) {
        (void)snprintf(name, sizeof name, "n%d", i);
        CU_ASSERT_EQUAL(ends(db, name, WRONG, GROUND_NOW), SIGN_IN_WRONG);
    }
    /* an account of one's own does not wash it clean */
    CU_ASSERT_EQUAL(ends(db, "alice", PASSWORD, GROUND_NOW), SIGN_IN_DONE);
    CU_ASSERT_EQUAL(ends(db, "n9", WRONG, GROUND_NOW), SIGN_IN_WRONG);
    CU_ASSERT_EQUAL(ends(db, "alice", PASSWORD, GROUND_NOW), SIGN_IN_LOCKED);
    CU_ASSERT_EQUAL(attempt(db, "alice", PASSWORD, NULL, "203.0.113.6", GROUND_NOW).end,
                    SIGN_IN_DONE);
    db_close(db);
}

static void an_ipv6_network_is_one_address(void)
{
    static const char *const same[] = {"2001:db8::1", "2001:db8::2:3",
                                       "2001:db8:0:0:ffff::", "2001:db8::5%eth0", "2001:db8::6"};
    struct db *db = fresh();
    for (size_t i = 0; i < LOCKOUT_FREE; i++)
        CU_ASSERT_EQUAL(attempt(db, i % 2 ? "a" : "b", WRONG, NULL, same[i], GROUND_NOW).end,
                        SIGN_IN_WRONG);
    CU_ASSERT_EQUAL(attempt(db, "c", WRONG, NULL, "2001:db8::7", GROUND_NOW).end, SIGN_IN_LOCKED);
    CU_ASSERT_EQUAL(attempt(db, "c", WRONG, NULL, "2001:db8:0:1::1", GROUND_NOW).end,
                    SIGN_IN_WRONG);
    /* an IPv4 address in IPv6 clothes is that one address */
    CU_ASSERT_EQUAL(attempt(db, "c", WRONG, NULL, "::ffff:203.0.113.9", GROUND_NOW).end,
                    SIGN_IN_WRONG);
    CU_ASSERT_EQUAL(ground_number(db, "select failures from sign_in_failure where kind = "
                                      "'address' and key = '203.0.113.9'"),
                    1);
    db_close(db);
}

struct trier {
    struct db *db;
    enum sign_in_end end;
};

static void *try_wrong(void *arg)
{
    struct trier *trier = arg;
    trier->end = ends(trier->db, "alice", WRONG, GROUND_NOW);
    return NULL;
}

static void many_at_once_are_no_more_than_many_in_turn(void)
{
    struct db *db = fresh();
    struct trier triers[TRIERS];
    pthread_t threads[TRIERS];
    int tried = 0, locked = 0;
    for (int i = 0; i < TRIERS; i++) {
        triers[i].db = ground_open();
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, try_wrong, &triers[i]), 0);
    }
    for (int i = 0; i < TRIERS; i++) {
        pthread_join(threads[i], NULL);
        tried += triers[i].end == SIGN_IN_WRONG;
        locked += triers[i].end == SIGN_IN_LOCKED;
        db_close(triers[i].db);
    }
    CU_ASSERT_EQUAL(tried, LOCKOUT_FREE);
    CU_ASSERT_EQUAL(locked, TRIERS - LOCKOUT_FREE);
    db_close(db);
}

static void give_factor(struct db *db, char secret[TOTP_SECRET])
{
    struct wg_error err = {0};
    ASSERT_OK(totp_make(secret, &err), &err);
    ground_run(db, "update person set factor = '%s' where name = 'alice'", secret);
}

static void code_at(const char *secret, wg_time now, char code[TOTP_CODE])
{
    struct wg_error err = {0};
    ASSERT_OK(totp_code(secret, now / TOTP_STEP, code, &err), &err);
}

static void a_second_factor_is_asked_for_and_taken_once(void)
{
    struct db *db = fresh();
    char secret[TOTP_SECRET], code[TOTP_CODE];
    wg_time now = GROUND_NOW;
    give_factor(db, secret);
    code_at(secret, now, code);
    CU_ASSERT_EQUAL(ends(db, "alice", PASSWORD, now), SIGN_IN_CODE_NEEDED);
    CU_ASSERT_EQUAL(ends(db, "alice", WRONG, now), SIGN_IN_WRONG);
    CU_ASSERT_EQUAL(attempt(db, "alice", WRONG, code, HOME, now).end, SIGN_IN_WRONG);
    CU_ASSERT_EQUAL(attempt(db, "alice", PASSWORD, "no code", HOME, now).end, SIGN_IN_WRONG);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "\"why\":\"code\"}"));
    CU_ASSERT_EQUAL(attempt(db, "alice", PASSWORD, code, HOME, now).end, SIGN_IN_DONE);
    CU_ASSERT_EQUAL(attempt(db, "alice", PASSWORD, code, HOME, now).end, SIGN_IN_WRONG);
    now += TOTP_STEP;
    code_at(secret, now, code);
    CU_ASSERT_EQUAL(attempt(db, "alice", PASSWORD, code, HOME, now).end, SIGN_IN_DONE);
    db_close(db);
}

struct coder {
    struct db *db;
    const char *code;
    enum sign_in_end end;
};

static void *try_code(void *arg)
{
    struct coder *coder = arg;
    coder->end = attempt(coder->db, "alice", PASSWORD, coder->code, HOME, GROUND_NOW).end;
    return NULL;
}

static void a_code_typed_twice_at_once_lets_one_in(void)
{
    struct db *db = fresh();
    char secret[TOTP_SECRET], code[TOTP_CODE];
    struct coder coders[3];
    pthread_t threads[3];
    int in = 0;
    give_factor(db, secret);
    code_at(secret, GROUND_NOW, code);
    for (int i = 0; i < 3; i++) {
        coders[i] = (struct coder){ground_open(), code, SIGN_IN_WRONG};
        CU_ASSERT_EQUAL_FATAL(pthread_create(&threads[i], NULL, try_code, &coders[i]), 0);
    }
    for (int i = 0; i < 3; i++) {
        pthread_join(threads[i], NULL);
        in += coders[i].end == SIGN_IN_DONE;
        db_close(coders[i].db);
    }
    CU_ASSERT_EQUAL(in, 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from session"), 1);
    db_close(db);
}

/* Whoever has the password alone may not guess codes between sign-ins without one. */
static void a_password_alone_forgives_no_code(void)
{
    struct db *db = fresh();
    char secret[TOTP_SECRET], address[32];
    int wrong = 0;
    give_factor(db, secret);
    for (int i = 0; i < 2 * LOCKOUT_FREE; i++) {
        (void)snprintf(address, sizeof address, "203.0.113.%d", i);
        enum sign_in_end end = attempt(db, "alice", PASSWORD, "", address, GROUND_NOW).end;
        if (end == SIGN_IN_LOCKED) break;
        CU_ASSERT_EQUAL(end, SIGN_IN_CODE_NEEDED);
        CU_ASSERT_EQUAL(attempt(db, "alice", PASSWORD, "12345", address, GROUND_NOW).end,
                        SIGN_IN_WRONG);
        const struct sign_in again = {.name = "alice", .password = PASSWORD, .address = address};
        struct sign_in_answer answer;
        struct wg_error err = {0};
        ASSERT_OK(sign_in_again(db, &again, GROUND_NOW, &answer, &err), &err);
        wrong++;
    }
    CU_ASSERT_EQUAL(wrong, LOCKOUT_FREE);
    db_close(db);
}

static void a_password_at_another_cost_is_hashed_anew(void)
{
    struct db *db = fresh();
    CU_ASSERT_EQUAL(ends(db, "alice", PASSWORD, GROUND_NOW), SIGN_IN_DONE);
    CU_ASSERT_EQUAL(ground_number(db, "select (password like '$argon2id$v=19$m=65536,t=3,p=1$%%')"
                                      "::int from person"),
                    1);
    CU_ASSERT_EQUAL(ground_number(db, "select version from person"), 1);
    ASSERT_TEXT(ground_text(db, "select actor || ' ' || (detail ->> 'password') from audit where "
                                "kind = 'person'"),
                "engine hashed anew");
    CU_ASSERT_EQUAL(ends(db, "alice", PASSWORD, GROUND_NOW), SIGN_IN_DONE);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit where kind = 'person'"), 1);
    db_close(db);
}

static void a_session_ends(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    wg_time now = GROUND_NOW;
    struct sign_in_answer in = attempt(db, "alice", PASSWORD, NULL, HOME, now);
    const char *cookie = in.session.secret.text;
    CU_ASSERT_FALSE(who_by_session(db, cookie, now + SESSION_IDLE, &who, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_EQUAL(who.how, WHO_NOBODY);
    CU_ASSERT_EQUAL(who.permissions, 0);
    for (int i = 0; i < 15; i++) { /* in use, it lives, to its last hour */
        now += SESSION_IDLE - 1;
        if (!who_by_session(db, cookie, now, &who, &err)) break;
        CU_ASSERT_TRUE(who.ends <= GROUND_NOW + SESSION_LIFE);
    }
    CU_ASSERT_TRUE(now >= GROUND_NOW + SESSION_LIFE);
    CU_ASSERT_TRUE(now < GROUND_NOW + SESSION_LIFE + SESSION_IDLE);
    in = attempt(db, "alice", PASSWORD, NULL, HOME, GROUND_NOW);
    ASSERT_OK(session_row_end(db, in.session.id, GROUND_NOW, &err), &err);
    CU_ASSERT_PTR_NOT_NULL(strstr(newest(db), "alice sign-out alice {\"session\":"));
    CU_ASSERT_FALSE(who_by_session(db, in.session.secret.text, GROUND_NOW, &who, &err));
    ASSERT_OK(session_row_end(db, in.session.id, GROUND_NOW, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from audit where kind = 'sign-out'"), 1);
    CU_ASSERT_FALSE(who_by_session(db, "wgs_nonsense", GROUND_NOW, &who, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    db_close(db);
}

static void who_is_shut_out_is_out_at_once(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    struct sign_in_answer in = attempt(db, "alice", PASSWORD, NULL, HOME, GROUND_NOW);
    disable(db, "alice"); /* even by hand: the session is still there */
    CU_ASSERT_FALSE(who_by_session(db, in.session.secret.text, GROUND_NOW, &who, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_EQUAL(who.name[0] + who.csrf[0], 0);
    const struct person_change back = {.disabled = PERSON_NO}, out = {.disabled = PERSON_YES};
    ASSERT_OK(person_row_change(db, NULL, "alice", &back, GROUND_NOW, NULL, &err), &err);
    ASSERT_OK(who_by_session(db, in.session.secret.text, GROUND_NOW, &who, &err), &err);
    ASSERT_OK(person_row_change(db, NULL, "alice", &out, GROUND_NOW, NULL, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from session"), 0);
    struct session_made made;
    CU_ASSERT_FALSE(session_row_make(db, "alice", "oidc", HOME, GROUND_NOW, &made, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    ASSERT_TEXT(made.secret.text, "");
    db_close(db);
}

static void another_password_ends_the_other_sessions(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    char hash[PASSWORD_HASH];
    struct sign_in_answer here = attempt(db, "alice", PASSWORD, NULL, HOME, GROUND_NOW),
                          there = attempt(db, "alice", PASSWORD, NULL, HOME, GROUND_NOW);
    const struct sign_in in = {.name = "alice", .password = PASSWORD, .address = HOME};
    struct sign_in_answer again;
    ASSERT_OK(sign_in_again(db, &in, GROUND_NOW, &again, &err), &err);
    CU_ASSERT_EQUAL(again.end, SIGN_IN_DONE);
    ASSERT_TEXT(again.session.secret.text, "");
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from session"), 2);
    ASSERT_OK(password_hash("another horse altogether", hash, &err), &err);
    ASSERT_OK(person_row_own_password(db, "alice", here.session.id, hash, GROUND_NOW, &err), &err);
    ASSERT_OK(who_by_session(db, here.session.secret.text, GROUND_NOW, &who, &err), &err);
    CU_ASSERT_FALSE(who_by_session(db, there.session.secret.text, GROUND_NOW, &who, &err));
    CU_ASSERT_EQUAL(ends(db, "alice", PASSWORD, GROUND_NOW), SIGN_IN_WRONG);
    CU_ASSERT_EQUAL(ends(db, "alice", "another horse altogether", GROUND_NOW), SIGN_IN_DONE);
    db_close(db);
}

static void a_certificate_speaks_where_the_table_is_silent(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct who who;
    ASSERT_OK(who_by_certificate(db, "rita", "rollout-admin", &who, &err), &err);
    CU_ASSERT_EQUAL(who.how, WHO_CERTIFICATE);
    CU_ASSERT_FALSE(who.known);
    CU_ASSERT_EQUAL(who.permissions, role_permissions(ROLE_ROLLOUT_ADMIN));
    CU_ASSERT_TRUE(grants_may_everywhere(&who.grants, MAY_CAMPAIGN_STEER));
    /* what an owner has said counts more than what the certificate says */
    ASSERT_OK(who_by_certificate(db, "alice", "owner", &who, &err), &err);
    CU_ASSERT_TRUE(who.known);
    CU_ASSERT_EQUAL(who.permissions, role_permissions(ROLE_SUPPORT));
    disable(db, "alice");
    CU_ASSERT_FALSE(who_by_certificate(db, "alice", "owner", &who, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_EQUAL(who.how, WHO_NOBODY);
    CU_ASSERT_FALSE(who_by_certificate(db, "rita", "boss", &who, &err));
    CU_ASSERT_FALSE(who_by_certificate(db, "", "owner", &who, &err));
    CU_ASSERT_FALSE(who_by_certificate(db, "a b", "owner", &who, &err));
    CU_ASSERT_EQUAL(who.grants.count, 0);
    db_close(db);
}

/* All that can be done, and then every secret is looked for. */
static void no_secret_is_in_the_log(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    char secret[TOTP_SECRET], hash[PASSWORD_HASH], code[TOTP_CODE];
    ASSERT_OK(password_hash("another horse altogether", hash, &err), &err);
    ASSERT_OK(totp_make(secret, &err) && person_row_factor_offer(db, "alice", secret, &err), &err);
    code_at(secret, GROUND_NOW - TOTP_STEP, code);
    ASSERT_OK(person_row_factor_confirm(db, "alice", code, GROUND_NOW, &err), &err);
    code_at(secret, GROUND_NOW, code);
    struct sign_in_answer in = attempt(db, "alice", PASSWORD, code, HOME, GROUND_NOW);
    CU_ASSERT_EQUAL(in.end, SIGN_IN_DONE);
    CU_ASSERT_EQUAL(ends(db, PASSWORD, WRONG, GROUND_NOW), SIGN_IN_WRONG);
    ASSERT_OK(person_row_own_password(db, "alice", 0, hash, GROUND_NOW, &err), &err);
    ASSERT_OK(person_row_delete(db, NULL, "alice", 0, NULL, &err), &err);
    const char *const secrets[] = {secret,
                                   hash,
                                   cheap,
                                   PASSWORD,
                                   WRONG,
                                   "$argon2",
                                   code,
                                   in.session.secret.text,
                                   in.session.secret.hash,
                                   in.session.csrf};
    CU_ASSERT_TRUE(ground_number(db, "select count(*) from audit") >= 6);
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        CU_ASSERT_EQUAL(ground_number(db,
                                      "select count(*) from audit where strpos(actor || kind || "
                                      "subject || detail::text, '%s') > 0",
                                      secrets[i]),
                        0);
    db_close(db);
}

static void what_is_over_is_swept(void)
{
    struct db *db = fresh();
    struct wg_error err = {0};
    struct sign_in_answer in = attempt(db, "alice", PASSWORD, NULL, HOME, GROUND_NOW);
    CU_ASSERT_EQUAL(in.end, SIGN_IN_DONE);
    CU_ASSERT_EQUAL(ends(db, "bob", WRONG, GROUND_NOW), SIGN_IN_WRONG);
    ASSERT_OK(session_row_sweep(db, GROUND_NOW + SESSION_IDLE - 1, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from session"), 1);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from sign_in_failure"), 2);
    ASSERT_OK(session_row_sweep(db, GROUND_NOW + LOCKOUT_MEMORY, &err), &err);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from session"), 0);
    CU_ASSERT_EQUAL(ground_number(db, "select count(*) from sign_in_failure"), 0);
    db_close(db);
}

WG_SUITE(
    "store.sign_in", {"the right password makes a session", the_right_password_makes_a_session},
    {"a refusal is told but not what was typed", a_refusal_is_told_but_not_what_was_typed},
    {"five wrong ones lock the name", five_wrong_ones_lock_the_name},
    {"another password opens the lock", another_password_opens_the_lock},
    {"a name that nobody has is locked alike", a_name_that_nobody_has_is_locked_alike},
    {"an address is locked whatever names it tries", an_address_is_locked_whatever_names_it_tries},
    {"an ipv6 network is one address", an_ipv6_network_is_one_address},
    {"many at once are no more than many in turn", many_at_once_are_no_more_than_many_in_turn},
    {"a second factor is asked for and taken once", a_second_factor_is_asked_for_and_taken_once},
    {"a code typed twice at once lets one in", a_code_typed_twice_at_once_lets_one_in},
    {"a password alone forgives no code", a_password_alone_forgives_no_code},
    {"a password at another cost is hashed anew", a_password_at_another_cost_is_hashed_anew},
    {"a session ends", a_session_ends},
    {"who is shut out is out at once", who_is_shut_out_is_out_at_once},
    {"another password ends the other sessions", another_password_ends_the_other_sessions},
    {"a certificate speaks where the table is silent",
     a_certificate_speaks_where_the_table_is_silent},
    {"no secret is in the log", no_secret_is_in_the_log},
    {"what is over is swept", what_is_over_is_swept})
