/* sent_word_test.c: a statement that was signed elsewhere holds for who asks, for just that, and
 * for a day. Certificates are openssl's own. */
#include "common/posix/file.h"
#include "orchestrator/steering/sent_word.h"
#include "tests/unit/harness.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NOW ((wg_time)20000 * WG_DAY)

static char folder[64];
static char root[8192], alice[OPERATOR_CHAIN_MAX], bob[OPERATOR_CHAIN_MAX];
static struct wg_identity_key alice_key, bob_key;

/* The command finds the name in $n. */
static void run(const char *command, const char *name)
{
    char line[1024];
    (void)snprintf(line, sizeof line, "cd %s && (n=%s; %s) >/dev/null 2>&1", folder, name, command);
    CU_ASSERT_EQUAL(system(line), 0);
}

static void read_file(const char *name, char *out, size_t size)
{
    char path[PATH_MAX];
    struct wg_buf bytes;
    struct wg_error err = {0};
    wg_buf_init(&bytes, size - 1);
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    ASSERT_OK(wg_file_read(path, &bytes, &err), &err);
    (void)snprintf(out, size, "%s", wg_buf_str(&bytes));
    wg_buf_clear(&bytes);
}

static void make_person(const char *name, char *chain, struct wg_identity_key *key)
{
    char file[64], pem[WG_IDENTITY_PEM_MAX];
    struct wg_error err = {0};
    run("printf 'extendedKeyUsage=clientAuth\\nkeyUsage=digitalSignature\\n' > $n.ext; "
        "openssl req -new -newkey ed25519 -nodes -keyout $n.key -out $n.csr -subj "
        "/OU=rollout-admin/CN=$n; openssl x509 -req -in $n.csr -CA root.crt -CAkey root.key "
        "-CAcreateserial -days 30 -extfile $n.ext -out $n.crt",
        name);
    (void)snprintf(file, sizeof file, "%s.crt", name);
    read_file(file, chain, OPERATOR_CHAIN_MAX);
    (void)snprintf(file, sizeof file, "%s.key", name);
    read_file(file, pem, sizeof pem);
    ASSERT_OK(wg_identity_from_pem(pem, strlen(pem), key, &err), &err);
}

static void set_up(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/wg-word-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    run("openssl req -x509 -newkey ed25519 -nodes -keyout $n.key -out $n.crt -days 30 -subj "
        "/CN=$n -addext basicConstraints=critical,CA:TRUE "
        "-addext keyUsage=critical,keyCertSign,cRLSign",
        "root");
    read_file("root.crt", root, sizeof root);
    make_person("alice", alice, &alice_key);
    make_person("bob", bob, &bob_key);
}

/* What has to be said. */
static struct statement to_say(void)
{
    struct statement say = {.kind = STATEMENT_APPROVE, .wave_count = 2};
    (void)wg_copy(say.campaign, sizeof say.campaign, "brakes");
    (void)wg_copy(say.wave, sizeof say.wave, "canary");
    (void)wg_copy(say.release, sizeof say.release, "brake/2.0.0");
    memset(say.digest, 'a', 64);
    (void)wg_copy(say.waves[0].name, sizeof say.waves[0].name, "early");
    (void)wg_copy(say.waves[1].name, sizeof say.waves[1].name, "canary");
    say.waves[0].devices = 3;
    say.waves[1].devices = -1;
    return say;
}

static json_t *envelope_of(const struct statement *said, const struct wg_identity_key *key)
{
    struct wg_buf text;
    struct wg_error err = {0};
    wg_buf_init(&text, STATEMENT_MAX);
    ASSERT_OK(statement_sign(said, key, &text, &err), &err);
    json_t *out = wg_json_parse(wg_buf_str(&text), text.len, STATEMENT_MAX, &err);
    wg_buf_clear(&text);
    return out;
}

/* WG_OK: it holds. */
static enum wg_error_code judge_as(const struct statement *say, const struct statement *said,
                                   const struct wg_identity_key *key, const char *chain,
                                   const char *person)
{
    const struct signature_authority authority = {.root = root};
    struct sent_word *word = calloc(1, sizeof *word);
    struct wg_error err = {0};
    struct wg_buf out;
    json_t *envelope = envelope_of(said, key);
    wg_buf_init(&out, STATEMENT_MAX);
    CU_ASSERT_PTR_NOT_NULL_FATAL(word);
    bool ok = word && sent_word_init(word, envelope, chain, person, &authority, NOW, &err);
    if (ok) {
        const struct signing signing = sent_word_signing(word);
        ok = signing.sign(signing.ctx, say, &out, &err);
        ASSERT_TEXT(signing.who->name, person);
    }
    CU_ASSERT_EQUAL(ok, out.len > 0);
    sent_word_clear(word);
    free(word);
    wg_buf_clear(&out);
    json_decref(envelope);
    return ok ? WG_OK : err.code;
}

static enum wg_error_code judge(const struct statement *said, const struct wg_identity_key *key,
                                const char *chain, const char *person)
{
    const struct statement say = to_say();
    return judge_as(&say, said, key, chain, person);
}

static struct statement by_alice(void)
{
    struct statement said = to_say();
    said.at = NOW - WG_HOUR;
    (void)wg_copy(said.operator_name, sizeof said.operator_name, "alice");
    return said;
}

static void it_holds_for_who_asks_alone(void)
{
    set_up();
    struct statement said = by_alice();
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_OK);
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "bob"), WG_E_DENIED);
    CU_ASSERT_EQUAL(judge(&said, &bob_key, alice, "alice"), WG_E_VERIFY);
    CU_ASSERT_EQUAL(judge(&said, &bob_key, bob, "alice"), WG_E_DENIED);
    CU_ASSERT_EQUAL(judge(&said, &bob_key, bob, "bob"), WG_E_VERIFY); /* it names alice */
    CU_ASSERT_NOT_EQUAL(judge(&said, &alice_key, "no certificate", "alice"), WG_OK);
}

static void it_says_just_that(void)
{
    struct statement said = by_alice();
    said.kind = STATEMENT_APPLY;
    said.wave[0] = '\0';
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_VERIFY);
    said = by_alice();
    said.campaign[0] = 'c';
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_VERIFY);
    said = by_alice();
    (void)wg_copy(said.wave, sizeof said.wave, "rest");
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_VERIFY);
    said = by_alice();
    said.digest[0] = 'b';
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_VERIFY);
    said = by_alice();
    (void)wg_copy(said.release, sizeof said.release, "brake/2.0.1");
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_VERIFY);
    said = by_alice();
    (void)wg_copy(said.rollback, sizeof said.rollback, "brake/1.0.0");
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_VERIFY);
    said = by_alice();
    said.waves[0].devices = 4;
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_CONFLICT);
    said = by_alice();
    said.wave_count = 1;
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_CONFLICT);
    said = by_alice();
    said.wave_count = 3;
    (void)wg_copy(said.waves[2].name, sizeof said.waves[2].name, "more");
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_CONFLICT);
}

/* Who approves a start has not applied the campaign. */
static void it_is_of_that_kind(void)
{
    struct statement say = to_say(), said = by_alice();
    say.wave[0] = said.wave[0] = '\0';
    CU_ASSERT_EQUAL(judge_as(&say, &said, &alice_key, alice, "alice"), WG_OK);
    say.kind = STATEMENT_APPLY;
    CU_ASSERT_EQUAL(judge_as(&say, &said, &alice_key, alice, "alice"), WG_E_VERIFY);
    said.kind = STATEMENT_APPLY;
    CU_ASSERT_EQUAL(judge_as(&say, &said, &alice_key, alice, "alice"), WG_OK);
}

static void it_holds_for_a_day(void)
{
    struct statement said = by_alice();
    said.at = NOW - SENT_WORD_AGE;
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_OK);
    said.at--;
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_CONFLICT);
    said.at = NOW + 5 * WG_MINUTE;
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_OK);
    said.at++;
    CU_ASSERT_EQUAL(judge(&said, &alice_key, alice, "alice"), WG_E_VERIFY);
}

WG_SUITE("words that were sent", {"it holds for who asks alone", it_holds_for_who_asks_alone},
         {"it says just that", it_says_just_that}, {"it is of that kind", it_is_of_that_kind},
         {"it holds for a day", it_holds_for_a_day})
