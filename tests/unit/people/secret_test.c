/* secret_test.c: passwords, second factors, lock-outs, tokens. */
#include "common/text.h"
#include "orchestrator/people/lockout.h"
#include "orchestrator/people/password.h"
#include "orchestrator/people/token.h"
#include "orchestrator/people/totp.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define GOOD "correct horse battery"
#define NOW ((wg_time)1764547200000)

static double hashing_takes(const char *hash)
{
    struct timespec from, to;
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &from);
    CU_ASSERT_FALSE(password_verify(hash, "not this one either"));
    (void)clock_gettime(CLOCK_THREAD_CPUTIME_ID, &to);
    return (double)(to.tv_sec - from.tv_sec) + (double)(to.tv_nsec - from.tv_nsec) / 1e9;
}

static void a_password_is_kept_as_argon2id(void)
{
    char hash[PASSWORD_HASH], other[PASSWORD_HASH];
    struct wg_error err = {0};
    ASSERT_OK(password_hash(GOOD, hash, &err), &err);
    ASSERT_OK(password_hash(GOOD, other, &err), &err);
    CU_ASSERT_EQUAL(strncmp(hash, "$argon2id$v=19$m=65536,t=3,p=1$", 31), 0);
    CU_ASSERT_NOT_EQUAL(strcmp(hash, other), 0);
    CU_ASSERT_TRUE(password_verify(hash, GOOD));
    CU_ASSERT_FALSE(password_verify(hash, "Correct horse battery"));
    CU_ASSERT_FALSE(password_verify(hash, ""));
    CU_ASSERT_FALSE(password_verify("$argon2id$", GOOD));
    CU_ASSERT_FALSE(password_is_stale(hash));
    CU_ASSERT_TRUE(password_is_stale("$argon2id$v=19$m=8192,t=1,p=1$AAECAwQFBgcICQoLDA0ODw$"
                                     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"));
    CU_ASSERT_TRUE(password_is_stale("x"));
}

static void who_has_none_is_refused_as_slowly(void)
{
    char hash[PASSWORD_HASH];
    struct wg_error err = {0};
    ASSERT_OK(password_hash(GOOD, hash, &err), &err);
    double one = hashing_takes(hash), none = hashing_takes(NULL), empty = hashing_takes("");
    CU_ASSERT_TRUE(none > one / 3 && none < one * 3);
    CU_ASSERT_TRUE(empty > one / 3 && empty < one * 3);
}

static void what_is_too_easy_is_refused(void)
{
    static const struct {
        const char *password, *words;
    } bad[] = {
        {"", "at least 12 characters"},
        {"short one 1", "at least 12 characters"},
        {"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4\xc3\xb6\xc3\xbc\xc3\xa4", "at least 12 characters"},
        {"aaaaaaaaaaaaaaaaa", "at least 5 different"},
        {"Alice1234567", "not made of the name"},
        {"12345alice678", "not made of the name"},
        {"correct horse \xff", "UTF-8"},
    };
    struct wg_error err = {0};
    char longest[PASSWORD_MAX + 2];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_FALSE(password_check(bad[i].password, "alice", &err));
        CU_ASSERT_EQUAL(err.code, WG_E_BAD_INPUT);
        if (!strstr(err.text, bad[i].words)) printf("\n    %s\n", err.text);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, bad[i].words));
        CU_ASSERT_TRUE(!*bad[i].password || !strstr(err.text, bad[i].password));
    }
    for (size_t i = 0; i < sizeof longest; i++) longest[i] = (char)('a' + i % 26);
    longest[PASSWORD_MAX + 1] = '\0';
    CU_ASSERT_FALSE(password_check(longest, "alice", &err));
    longest[PASSWORD_MAX] = '\0';
    ASSERT_OK(password_check(longest, "alice", &err), &err);
    ASSERT_OK(password_check(GOOD, "alice", &err), &err);
    ASSERT_OK(password_check("alice likes a horse", "alice", &err), &err);
}

/* RFC 6238, appendix B: the last six of eight digits; its key in base32. */
#define RFC_SECRET "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"

static void codes_are_those_of_the_rfc(void)
{
    static const struct {
        int64_t seconds;
        const char *code;
    } cases[] = {{59, "287082"},         {1111111109, "081804"}, {1111111111, "050471"},
                 {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char code[TOTP_CODE];
        struct wg_error err = {0};
        ASSERT_OK(totp_code(RFC_SECRET, cases[i].seconds * 1000 / TOTP_STEP, code, &err), &err);
        ASSERT_TEXT(code, cases[i].code);
    }
}

static void a_code_counts_once_and_for_a_while(void)
{
    wg_time at = 59 * WG_SECOND; /* step 1 */
    int64_t step = 0;
    CU_ASSERT_TRUE(totp_check(RFC_SECRET, "287082", at, 0, &step));
    CU_ASSERT_EQUAL(step, 1);
    CU_ASSERT_FALSE(totp_check(RFC_SECRET, "287082", at, 1, &step));
    CU_ASSERT_FALSE(totp_check(RFC_SECRET, "287082", at, 2, &step));
    /* a clock that is a step ahead or behind */
    CU_ASSERT_TRUE(totp_check(RFC_SECRET, "287082", at + TOTP_STEP, 0, &step));
    CU_ASSERT_FALSE(totp_check(RFC_SECRET, "287082", at + 2 * TOTP_STEP, 0, &step));
    CU_ASSERT_TRUE(totp_check(RFC_SECRET, "081804", 1111111109000 - TOTP_STEP, 0, &step));
    CU_ASSERT_EQUAL(step, 1111111109 / 30);
    CU_ASSERT_FALSE(totp_check(RFC_SECRET, "081804", 1111111109000 - 2 * TOTP_STEP, 0, &step));
    static const char *const wrong[] = {"", "287083", "28708", "2870820", "28708a", " 287082"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_FALSE(totp_check(RFC_SECRET, wrong[i], at, 0, &step));
}

static void a_secret_is_base32(void)
{
    char secret[TOTP_SECRET], other[TOTP_SECRET], code[TOTP_CODE], uri[TOTP_URI];
    static const char longer[] = RFC_SECRET "A";
    static const char *const bad[] = {"", "GEZDGNBV", "gezdgnbvgy3tqojqgezdgnbvgy3tqojq",
                                      "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJ1", longer};
    struct wg_error err = {0};
    ASSERT_OK(totp_make(secret, &err) && totp_make(other, &err), &err);
    CU_ASSERT_NOT_EQUAL(strcmp(secret, other), 0);
    ASSERT_OK(totp_code(secret, 1, code, &err), &err);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        int64_t step = 0;
        CU_ASSERT_FALSE(totp_code(bad[i], 1, code, &err));
        CU_ASSERT_FALSE(totp_check(bad[i], "000000", NOW, 0, &step));
    }
    ASSERT_OK(totp_uri("Wavegate: B\xc3\xbcro", "alice", RFC_SECRET, uri, &err), &err);
    ASSERT_TEXT(uri, "otpauth://totp/Wavegate%3A%20B%C3%BCro:alice?secret=" RFC_SECRET
                     "&issuer=Wavegate%3A%20B%C3%BCro&algorithm=SHA1&digits=6&period=30");
    char longest[200];
    memset(longest, 'x', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    CU_ASSERT_FALSE(totp_uri(longest, "alice", RFC_SECRET, uri, &err));
}

static void five_are_free_and_then_it_doubles(void)
{
    static const int minutes[] = {1, 2, 4, 8, 16, 32, 60, 60, 60};
    struct lockout lockout = {0};
    wg_time now = NOW;
    for (int i = 0; i < 4; i++) {
        lockout_count(&lockout, now);
        CU_ASSERT_FALSE(lockout_is_locked(&lockout, now));
    }
    for (size_t i = 0; i < sizeof minutes / sizeof minutes[0]; i++) {
        lockout_count(&lockout, now);
        CU_ASSERT_EQUAL(lockout.until, now + minutes[i] * WG_MINUTE);
        CU_ASSERT_TRUE(lockout_is_locked(&lockout, lockout.until - 1));
        CU_ASSERT_FALSE(lockout_is_locked(&lockout, lockout.until));
        now = lockout.until;
    }
    lockout.failures = INT64_MAX - 1;
    lockout_count(&lockout, now);
    CU_ASSERT_EQUAL(lockout.until, now + WG_HOUR);
}

static void what_was_right_is_forgotten(void)
{
    struct lockout lockout = {0};
    for (int i = 0; i < 6; i++) lockout_count(&lockout, NOW);
    lockout_take_back(&lockout);
    CU_ASSERT_FALSE(lockout_is_locked(&lockout, NOW));
    CU_ASSERT_EQUAL(lockout.failures, 5);
    lockout_count(&lockout, NOW);
    CU_ASSERT_EQUAL(lockout.until, NOW + 2 * WG_MINUTE);
    lockout_count(&lockout, NOW + WG_DAY - 1);
    CU_ASSERT_EQUAL(lockout.failures, 7);
    lockout_count(&lockout, NOW + 2 * WG_DAY - 1);
    CU_ASSERT_EQUAL(lockout.failures, 1);
    lockout_forgive(&lockout);
    lockout_take_back(&lockout);
    CU_ASSERT_EQUAL(lockout.failures, 0);
}

static void a_token_is_recognised_before_it_is_looked_up(void)
{
    static const char *const prefixes[] = {"wgs_", "wgt_", "wgo_", "wgi_", "wgb_"};
    struct wg_error err = {0};
    for (size_t kind = 0; kind < TOKEN_KINDS; kind++) {
        struct token_secret one, two;
        char hash[WG_SHA256_HEX], typed[TOKEN_TEXT];
        ASSERT_OK(token_make((enum token_kind)kind, &one, &err), &err);
        ASSERT_OK(token_make((enum token_kind)kind, &two, &err), &err);
        CU_ASSERT_EQUAL(strncmp(one.text, prefixes[kind], 4), 0);
        CU_ASSERT_EQUAL(strlen(one.text), TOKEN_TEXT - 1);
        CU_ASSERT_NOT_EQUAL(strcmp(one.text, two.text), 0);
        ASSERT_OK(token_read((enum token_kind)kind, one.text, hash, &err), &err);
        ASSERT_TEXT(hash, one.hash);
        ASSERT_OK(wg_sha256_of(one.text, strlen(one.text), hash, &err), &err);
        ASSERT_TEXT(hash, one.hash);
        CU_ASSERT_FALSE(
            token_read((enum token_kind)((kind + 1) % TOKEN_KINDS), one.text, hash, &err));
        for (size_t i = 0; i < TOKEN_TEXT - 1; i++) {
            memcpy(typed, one.text, sizeof typed);
            typed[i] = typed[i] == 'A' ? 'B' : 'A';
            CU_ASSERT_FALSE(token_read((enum token_kind)kind, typed, hash, &err));
            CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
            CU_ASSERT_PTR_NULL(strstr(err.text, typed));
        }
    }
}

static void what_is_no_token_is_refused(void)
{
    static const char *const bad[] = {"",
                                      "wgt_",
                                      "wgt",
                                      "Bearer",
                                      "wgt_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
                                      "wgt_++++++++++++++++++++++++++++++++++++++++++++++++"};
    struct wg_error err = {0};
    char hash[WG_SHA256_HEX], longer[TOKEN_TEXT + 1];
    struct token_secret secret;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        CU_ASSERT_FALSE(token_read(TOKEN_SCRIPT, bad[i], hash, &err));
    ASSERT_OK(token_make(TOKEN_SCRIPT, &secret, &err), &err);
    (void)snprintf(longer, sizeof longer, "%sA", secret.text);
    CU_ASSERT_FALSE(token_read(TOKEN_SCRIPT, longer, hash, &err));
    token_clear(&secret);
    ASSERT_TEXT(secret.text, "");
}

static void a_session_has_a_value_of_its_own_for_writes(void)
{
    struct token_secret one, two;
    char csrf[TOKEN_CSRF_TEXT], again[TOKEN_CSRF_TEXT], other[TOKEN_CSRF_TEXT];
    struct wg_error err = {0};
    ASSERT_OK(token_make(TOKEN_SESSION, &one, &err) && token_make(TOKEN_SESSION, &two, &err), &err);
    ASSERT_OK(token_csrf(one.text, csrf, &err) && token_csrf(one.text, again, &err) &&
                  token_csrf(two.text, other, &err),
              &err);
    CU_ASSERT_EQUAL(strlen(csrf), TOKEN_CSRF_TEXT - 1);
    CU_ASSERT_TRUE(token_same(csrf, again));
    CU_ASSERT_FALSE(token_same(csrf, other));
    CU_ASSERT_FALSE(token_same(csrf, ""));
    CU_ASSERT_PTR_NULL(strstr(one.text, csrf));
}

static void a_session_ends_unused_or_old(void)
{
    CU_ASSERT_EQUAL(session_ends(NOW, NOW), NOW + WG_HOUR);
    CU_ASSERT_EQUAL(session_ends(NOW, NOW + 2 * WG_HOUR), NOW + 3 * WG_HOUR);
    CU_ASSERT_EQUAL(session_ends(NOW, NOW + 12 * WG_HOUR - 1), NOW + 12 * WG_HOUR);
}

WG_SUITE("people.secret", {"a password is kept as argon2id", a_password_is_kept_as_argon2id},
         {"who has none is refused as slowly", who_has_none_is_refused_as_slowly},
         {"what is too easy is refused", what_is_too_easy_is_refused},
         {"codes are those of the rfc", codes_are_those_of_the_rfc},
         {"a code counts once and for a while", a_code_counts_once_and_for_a_while},
         {"a secret is base32", a_secret_is_base32},
         {"five are free and then it doubles", five_are_free_and_then_it_doubles},
         {"what was right is forgotten", what_was_right_is_forgotten},
         {"a token is recognised before it is looked up",
          a_token_is_recognised_before_it_is_looked_up},
         {"what is no token is refused", what_is_no_token_is_refused},
         {"a session has a value of its own for writes",
          a_session_has_a_value_of_its_own_for_writes},
         {"a session ends unused or old", a_session_ends_unused_or_old})
