/* approval_test.c: operators by certificate, statements by signature; certificates are openssl's
 * own. */
#include "orchestrator/campaign/approval.h"

#include "common/buf.h"
#include "common/posix/file.h"
#include "tests/unit/harness.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[64];
static char chain[OPERATOR_CHAIN_MAX], other_chain[OPERATOR_CHAIN_MAX];
static char root[8192], other_root[8192];
static struct wg_identity_key key, other_key;

static void run(const char *command)
{
    char line[1024];
    (void)snprintf(line, sizeof line, "cd %s && (%s) >/dev/null 2>&1", folder, command);
    if (system(line) != 0) printf("\n    failed: %s\n", command);
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

static void read_key(const char *name, struct wg_identity_key *out)
{
    char pem[WG_IDENTITY_PEM_MAX];
    struct wg_error err = {0};
    read_file(name, pem, sizeof pem);
    ASSERT_OK(wg_identity_from_pem(pem, strlen(pem), out, &err), &err);
}

static void make_root(const char *name)
{
    char command[512];
    (void)snprintf(
        command, sizeof command,
        "openssl req -x509 -newkey ed25519 -nodes -keyout %s.key -out %s.crt -days 30 -subj "
        "'/CN=%s' "
        "-addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign,cRLSign",
        name, name, name);
    run(command);
}

static void make_leaf(const char *name, const char *kind, const char *usage)
{
    char command[1024];
    (void)snprintf(command, sizeof command,
                   "printf 'extendedKeyUsage=%s\\nkeyUsage=digitalSignature\\n' > %s.ext; "
                   "openssl req -new -newkey %s -nodes -keyout %s.key -out %s.csr -subj "
                   "'/O=W/OU=rollout-admin/CN=%s'; "
                   "openssl x509 -req -in %s.csr -CA root.crt -CAkey root.key -CAcreateserial "
                   "-days 30 -extfile %s.ext "
                   "-out %s.crt",
                   usage, name, kind, name, name, name, name, name, name);
    run(command);
}

static void set_up(void)
{
    (void)snprintf(folder, sizeof folder, "/tmp/wg-approval-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    make_root("root");
    make_root("other-root");
    make_leaf("alice", "ed25519", "clientAuth");
    make_leaf("bob", "ec -pkeyopt ec_paramgen_curve:P-256", "clientAuth");
    make_leaf("server", "ed25519", "serverAuth");
    make_leaf("other", "ec -pkeyopt ec_paramgen_curve:P-384", "clientAuth");
    make_leaf("rsa", "rsa:2048", "clientAuth");
    read_file("root.crt", root, sizeof root);
    read_file("other-root.crt", other_root, sizeof other_root);
    read_file("alice.crt", chain, sizeof chain);
    read_file("bob.crt", other_chain, sizeof other_chain);
    read_key("alice.key", &key);
    read_key("bob.key", &other_key);
}

static void operators_are_what_their_certificates_say(void)
{
    struct operator_identity who;
    struct wg_error err = {0};
    char server[OPERATOR_CHAIN_MAX];
    static const char *const others[] = {"other.crt", "rsa.crt"};
    set_up();
    ASSERT_OK(operator_check(chain, root, NULL, &who, &err), &err);
    ASSERT_TEXT(who.name, "alice");
    ASSERT_TEXT(who.role, "rollout-admin");
    CU_ASSERT_FALSE(operator_check(chain, other_root, NULL, &who, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    ASSERT_OK(operator_check(other_chain, root, NULL, &who, &err), &err);
    ASSERT_TEXT(who.name, "bob");
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        char other[OPERATOR_CHAIN_MAX];
        read_file(others[i], other, sizeof other);
        CU_ASSERT_FALSE(operator_check(other, root, NULL, &who, &err));
        CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "neither Ed25519 nor P-256"));
    }
    read_file("server.crt", server, sizeof server);
    CU_ASSERT_FALSE(operator_check(server, root, NULL, &who, &err));
    CU_ASSERT_FALSE(operator_check("no certificate", root, NULL, &who, &err));
}

static void statements_hold_for_their_signer_alone(void)
{
    struct statement say = {.kind = STATEMENT_APPROVE, .at = 1767225600000}, read;
    struct operator_identity alice, bob;
    struct wg_error err = {0};
    struct wg_buf text;
    (void)snprintf(say.campaign, sizeof say.campaign, "brake");
    (void)snprintf(say.wave, sizeof say.wave, "canary");
    (void)snprintf(say.operator_name, sizeof say.operator_name, "alice");
    memset(say.digest, 'a', 64);
    ASSERT_OK(operator_check(chain, root, NULL, &alice, &err), &err);
    ASSERT_OK(operator_check(other_chain, root, NULL, &bob, &err), &err);
    wg_buf_init(&text, STATEMENT_MAX);
    ASSERT_OK(statement_sign(&say, &key, &text, &err), &err);
    ASSERT_OK(statement_check(wg_buf_str(&text), text.len, &alice, &read, &err), &err);
    ASSERT_TEXT(read.campaign, "brake");
    ASSERT_TEXT(read.wave, "canary");
    CU_ASSERT_EQUAL(read.at, say.at);
    CU_ASSERT_FALSE(statement_check(wg_buf_str(&text), text.len, &bob, &read, &err));
    char *where = strstr(text.data, "canary");
    CU_ASSERT_PTR_NOT_NULL_FATAL(where);
    where[0] = 'C';
    CU_ASSERT_FALSE(statement_check(wg_buf_str(&text), text.len, &alice, &read, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_VERIFY);
    wg_buf_clear(&text);
    /* bob signs, but says he is alice */
    wg_buf_init(&text, STATEMENT_MAX);
    ASSERT_OK(statement_sign(&say, &other_key, &text, &err), &err);
    CU_ASSERT_FALSE(statement_check(wg_buf_str(&text), text.len, &bob, &read, &err));
    CU_ASSERT_FALSE(statement_check(wg_buf_str(&text), text.len, &alice, &read, &err));
    wg_buf_clear(&text);
}

static void statements_by_p256(void)
{
    struct statement say = {.kind = STATEMENT_APPROVE, .at = 1767225600000}, read;
    struct operator_identity alice, bob;
    struct wg_error err = {0};
    struct wg_buf text;
    (void)snprintf(say.campaign, sizeof say.campaign, "brake");
    (void)snprintf(say.operator_name, sizeof say.operator_name, "bob");
    memset(say.digest, 'a', 64);
    ASSERT_OK(operator_check(chain, root, NULL, &alice, &err), &err);
    ASSERT_OK(operator_check(other_chain, root, NULL, &bob, &err), &err);
    wg_buf_init(&text, STATEMENT_MAX);
    ASSERT_OK(statement_sign(&say, &other_key, &text, &err), &err);
    ASSERT_OK(statement_check(wg_buf_str(&text), text.len, &bob, &read, &err), &err);
    CU_ASSERT_FALSE(statement_check(wg_buf_str(&text), text.len, &alice, &read, &err));
    wg_buf_clear(&text);
    run("rm -rf \"$PWD\"");
}

WG_SUITE("approval",
         {"operators are what their certificates say", operators_are_what_their_certificates_say},
         {"statements hold for their signer alone", statements_hold_for_their_signer_alone},
         {"statements by P-256", statements_by_p256})
