/* sign_in.c: by password or voucher, and second factor: attempts counted, checked, told. */
#include "orchestrator/store/sign_in.h"

#include "orchestrator/people/lockout.h"
#include "orchestrator/store/people_part.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

#define UNKNOWN "unknown" /* in the log: what was typed may be a password */

/* An attempt under way. */
struct attempt {
    const struct sign_in *in;
    wg_time now;
    char address[INET6_ADDRSTRLEN]; /* what is counted */
    char name[WG_SHA256_HEX];       /* the same */
    struct lockout by_address, by_name;
    struct person_secrets secrets;
};

/* IPv6 by its network of 64 bits: who has one address of it has them all. */
static void key_of_address(const char *address, char out[INET6_ADDRSTRLEN])
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    struct in6_addr six;
    char plain[INET6_ADDRSTRLEN];
    (void)wg_copy_n(plain, sizeof plain, address, strcspn(address, "%"));
    (void)wg_copy(out, INET6_ADDRSTRLEN, plain);
    if (inet_pton(AF_INET6, plain, &six) != 1) return;
    if (memcmp(&six, mapped, sizeof mapped) == 0) {
        (void)inet_ntop(AF_INET, six.s6_addr + sizeof mapped, out, INET6_ADDRSTRLEN);
        return;
    }
    memset(six.s6_addr + 8, 0, 8);
    (void)inet_ntop(AF_INET6, &six, out, INET6_ADDRSTRLEN);
}

static bool open_attempt(const struct sign_in *in, wg_time now, struct attempt *out,
                         struct wg_error *err)
{
    memset(out, 0, sizeof *out);
    out->in = in;
    out->now = now;
    key_of_address(in->address, out->address);
    return wg_sha256_of(in->name, strnlen(in->name, WG_NAME_MAX + 1), out->name, err);
}

static void read_lockout(const PGresult *result, int row, struct lockout *out)
{
    out->failures = db_int(result, row, 1);
    out->last = db_int(result, row, 2);
    out->until = db_int(result, row, 3);
}

/* Within a transaction: both are held until its end. */
static bool hold(struct db *db, struct attempt *attempt, struct wg_error *err)
{
    const char *const params[] = {attempt->address, attempt->name};
    PGresult *result = db_query(db, SQL_SIGN_IN_FAILURE_HOLD, 2, params, err);
    if (!result) return false;
    for (int row = 0; row < PQntuples(result); row++)
        read_lockout(result, row,
                     strcmp(db_text(result, row, 0), "name") == 0 ? &attempt->by_name
                                                                  : &attempt->by_address);
    PQclear(result);
    return true;
}

static bool put_one(struct db *db, const char *kind, const char *key, const struct lockout *lockout,
                    struct wg_error *err)
{
    char failures[PARAM_NUMBER], last[PARAM_NUMBER], until[PARAM_NUMBER];
    const char *const params[] = {kind, key, param_number(failures, lockout->failures),
                                  param_number(last, lockout->last),
                                  param_number(until, lockout->until)};
    return db_run(db, SQL_SIGN_IN_FAILURE_PUT, 5, params, NULL, err);
}

static bool put(struct db *db, const struct attempt *attempt, struct wg_error *err)
{
    return put_one(db, "address", attempt->address, &attempt->by_address, err) &&
           put_one(db, "name", attempt->name, &attempt->by_name, err);
}

static bool tell(struct db *db, const char *address, const char *name, const char *why, wg_time now,
                 struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {param_number(at, now), address, name, why};
    return db_run(db, SQL_SIGN_IN_REFUSED, 4, params, NULL, err);
}

bool sign_in_tell_refused(struct db *db, const char *address, const char *why, wg_time now,
                          struct wg_error *err)
{
    return tell(db, address, UNKNOWN, why, now, err);
}

static bool tell_refused(struct db *db, const struct attempt *attempt, const char *why,
                         struct wg_error *err)
{
    return tell(db, attempt->in->address, attempt->secrets.found ? attempt->in->name : UNKNOWN, why,
                attempt->now, err);
}

/* With a voucher and no code there is nothing that could be guessed. */
static bool is_counted(const struct attempt *attempt)
{
    return !attempt->in->voucher || (attempt->in->code && attempt->in->code[0]);
}

/* Counts the attempt, unless it is not let in at all: *until is set then. */
static bool count(struct db *db, struct attempt *attempt, wg_time *until, struct wg_error *err)
{
    struct lockout *name = &attempt->by_name, *address = &attempt->by_address;
    if (!hold(db, attempt, err)) return false;
    if (lockout_is_locked(name, attempt->now) || lockout_is_locked(address, attempt->now)) {
        *until = name->until > address->until ? name->until : address->until;
        return tell_refused(db, attempt, "locked", err);
    }
    lockout_count(name, attempt->now);
    lockout_count(address, attempt->now);
    return put(db, attempt, err);
}

typedef bool (*step_fn)(struct db *db, struct attempt *attempt, void *ctx, struct wg_error *err);

static bool in_transaction(struct db *db, step_fn step, struct attempt *attempt, void *ctx,
                           struct wg_error *err)
{
    if (!db_begin(db, err)) return false;
    if (step(db, attempt, ctx, err) && db_commit(db, err)) return true;
    db_rollback(db);
    return false;
}

static bool count_step(struct db *db, struct attempt *attempt, void *ctx, struct wg_error *err)
{
    return people_secrets(db, attempt->in->name, &attempt->secrets, err) &&
           (!is_counted(attempt) || count(db, attempt, ctx, err));
}

/* What came of it. */
struct ending {
    const char *why; /* refused; NULL: it is they */
    bool code_needed;
    bool session; /* a session is asked for, and a second factor with it */
    int64_t step; /* of the code; 0: none */
    char hash[PASSWORD_HASH];
    struct sign_in_answer *out;
};

/* Hashes: outside a transaction. Nobody's password is checked as well. */
static void judge(const struct attempt *attempt, struct ending *ending)
{
    const struct person_secrets *secrets = &attempt->secrets;
    const char *code = attempt->in->code ? attempt->in->code : "";
    const char *password = attempt->in->voucher ? NULL : attempt->in->password;
    bool right = !password || password_verify(secrets->password, password);
    if (!secrets->found)
        ending->why = "no such person";
    else if (!right)
        ending->why = "password";
    else if (secrets->disabled)
        ending->why = "disabled";
    else if (ending->session && secrets->factor[0] && !*code)
        ending->code_needed = true;
    else if (ending->session && secrets->factor[0] &&
             !totp_check(secrets->factor, code, attempt->now, secrets->step, &ending->step))
        ending->why = "code";
    if (!ending->why && password && password_is_stale(secrets->password) &&
        !password_hash(password, ending->hash, NULL))
        ending->hash[0] = '\0';
}

/* Of two who typed the same code at once, one was first. */
static bool take_code(struct db *db, const struct attempt *attempt, struct ending *ending,
                      struct wg_error *err)
{
    char step[PARAM_NUMBER];
    int64_t rows = 0;
    const char *const params[] = {attempt->in->name, attempt->secrets.factor,
                                  param_number(step, ending->step)};
    if (ending->why || ending->step == 0) return true;
    if (!db_run(db, SQL_PERSON_FACTOR_STEP, 3, params, &rows, err)) return false;
    if (rows == 0) ending->why = "code";
    return true;
}

static bool rehash(struct db *db, const struct attempt *attempt, const struct ending *ending,
                   struct wg_error *err)
{
    const char *const params[] = {attempt->in->name, attempt->secrets.password, ending->hash};
    return !ending->hash[0] || db_run(db, SQL_PERSON_REHASH, 3, params, NULL, err);
}

/* From now on the account at the provider is theirs, whatever it is called there. */
static bool link_account(struct db *db, const struct attempt *attempt, struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const struct voucher *voucher = attempt->in->voucher;
    if (!voucher) return true;
    const char *const params[] = {voucher->issuer, voucher->subject, attempt->in->name,
                                  param_number(at, attempt->now)};
    PGresult *result = db_query(db, SQL_OPENID_LINK, 4, params, err);
    if (!result) return false;
    bool theirs = PQntuples(result) == 1 && strcmp(db_text(result, 0, 0), attempt->in->name) == 0;
    PQclear(result);
    return theirs || wg_fail(err, WG_E_CONFLICT, "another account came first: sign in again");
}

static bool let_in(struct db *db, const struct attempt *attempt, const struct ending *ending,
                   struct wg_error *err)
{
    char at[PARAM_NUMBER];
    const char *const params[] = {attempt->in->name, param_number(at, attempt->now)};
    if (!rehash(db, attempt, ending, err)) return false;
    ending->out->end = SIGN_IN_DONE;
    return !ending->session ||
           (db_run(db, SQL_PERSON_SIGNED_IN, 2, params, NULL, err) &&
            link_account(db, attempt, err) &&
            session_row_make(db, attempt->in->name, attempt->in->voucher ? "oidc" : "password",
                             attempt->in->address, attempt->now, &ending->out->session, err));
}

/* The name is forgiven when all was right: a password alone does not wipe away wrong codes. */
static bool forgive(struct db *db, struct attempt *attempt, const struct ending *ending,
                    struct wg_error *err)
{
    if (!is_counted(attempt)) return true;
    lockout_take_back(&attempt->by_address);
    if (ending->code_needed || (!ending->session && attempt->secrets.factor[0]))
        lockout_take_back(&attempt->by_name);
    else
        lockout_forgive(&attempt->by_name);
    return put(db, attempt, err);
}

static bool end_step(struct db *db, struct attempt *attempt, void *ctx, struct wg_error *err)
{
    struct ending *ending = ctx;
    if (!hold(db, attempt, err) || !take_code(db, attempt, ending, err)) return false;
    if (ending->why) {
        ending->out->end = SIGN_IN_WRONG;
        return tell_refused(db, attempt, ending->why, err);
    }
    if (!forgive(db, attempt, ending, err)) return false;
    if (!ending->code_needed) return let_in(db, attempt, ending, err);
    ending->out->end = SIGN_IN_CODE_NEEDED;
    return true;
}

static bool try_in(struct db *db, struct attempt *attempt, bool session, struct sign_in_answer *out,
                   struct wg_error *err)
{
    struct ending ending = {.session = session, .out = out};
    if (!in_transaction(db, count_step, attempt, &out->until, err)) return false;
    if (out->until) {
        out->end = SIGN_IN_LOCKED;
        return true;
    }
    judge(attempt, &ending);
    return in_transaction(db, end_step, attempt, &ending, err);
}

static bool run(struct db *db, const struct sign_in *in, wg_time now, bool session,
                struct sign_in_answer *out, struct wg_error *err)
{
    struct attempt attempt;
    memset(out, 0, sizeof *out);
    out->end = SIGN_IN_WRONG;
    bool ok = open_attempt(in, now, &attempt, err) && try_in(db, &attempt, session, out, err);
    explicit_bzero(&attempt, sizeof attempt);
    if (!ok) {
        explicit_bzero(out, sizeof *out);
        out->end = SIGN_IN_WRONG;
    }
    return ok;
}

bool sign_in(struct db *db, const struct sign_in *in, wg_time now, struct sign_in_answer *out,
             struct wg_error *err)
{
    return run(db, in, now, true, out, err);
}

bool sign_in_again(struct db *db, const struct sign_in *in, wg_time now, struct sign_in_answer *out,
                   struct wg_error *err)
{
    return run(db, in, now, false, out, err);
}
