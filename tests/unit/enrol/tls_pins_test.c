/* tls_pins_test.c: whole handshakes with servers of several authorities below one root, against
 * lists of pins. */
#include <wolfssl/options.h>

#include "common/posix/file.h"
#include "common/posix/tls_pins.h"
#include "pki/issue.h"
#include "tests/unit/harness.h"

#include <wolfssl/ssl.h>

#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST "broker.example"
#define CHAIN_MAX ((size_t)4 * ISSUE_PEM_MAX)
#define STEPS_MOST 200

static struct wg_error err;

enum { ROOT, RIGHT, BACKUP, ROGUE, FOREIGN_ROOT, FOREIGN, AUTHORITIES };

struct bench {
    struct issuer authorities[AUTHORITIES];
    char pem[AUTHORITIES][ISSUE_PEM_MAX];
    struct tls_pins *pins;
    struct tls_pins_look look;
};

static void authority(struct bench *bench, int at, const struct issuer *parent,
                      enum wg_identity_kind kind, const char *name)
{
    const char *units[] = {"server"};
    struct issue_scope scope = {.organisation = "Wavegate",
                                .name = name,
                                .path = parent ? 0 : 1,
                                .days = parent ? 100 : 200,
                                .server = parent != NULL,
                                .unit_count = parent ? 1 : 0,
                                .units = units};
    ASSERT_OK(
        issue_authority(&scope, parent, kind, wg_now() - WG_DAY, &bench->authorities[at], &err),
        &err);
    ASSERT_OK(issue_pem(&bench->authorities[at], bench->pem[at], &err), &err);
}

/* The rogue has the right one's very name. */
static void open_bench(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    const struct issuer *of = bench->authorities;
    authority(bench, ROOT, NULL, WG_IDENTITY_ED25519, "root");
    authority(bench, RIGHT, &of[ROOT], WG_IDENTITY_ED25519, "issuing");
    authority(bench, BACKUP, &of[ROOT], WG_IDENTITY_P256, "backup");
    authority(bench, ROGUE, &of[ROOT], WG_IDENTITY_ED25519, "issuing");
    authority(bench, FOREIGN_ROOT, NULL, WG_IDENTITY_ED25519, "root");
    authority(bench, FOREIGN, &of[FOREIGN_ROOT], WG_IDENTITY_ED25519, "issuing");
    bench->pins = tls_pins_new(&err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(bench->pins);
    bench->look.pins = bench->pins;
}

static void close_bench(struct bench *bench)
{
    tls_pins_free(bench->pins);
}

static void pin(const struct bench *bench, struct wg_pins *list, enum wg_pin_use use, int at,
                bool backup)
{
    struct wg_pin *one = &list->pins[list->count++];
    one->use = use;
    one->backup = backup;
    ASSERT_OK(wg_identity_id(&bench->authorities[at].key.public_key, one->sha256, &err), &err);
}

static void pin_servers(struct bench *bench, int present, int backup)
{
    struct wg_pins list = {.number = 7};
    pin(bench, &list, WG_PIN_SERVER, present, false);
    pin(bench, &list, WG_PIN_SERVER, backup, true);
    tls_pins_set(bench->pins, &list);
}

static WOLFSSL_CTX *server_side(const struct bench *bench, int issuer, const int *along)
{
    const char *hosts[] = {HOST};
    struct issue_leaf leaf = {.organisation = "Wavegate",
                              .unit = "server",
                              .name = HOST,
                              .usage = ISSUE_SERVER,
                              .days = 1,
                              .host_count = 1,
                              .hosts = hosts};
    struct issued issued;
    char chain[CHAIN_MAX];
    ASSERT_OK(issue_leaf(&leaf, &bench->authorities[issuer], wg_now(), &issued, &err), &err);
    (void)wg_copy(chain, sizeof chain, issued.certificate);
    for (; *along >= 0; along++) {
        size_t used = strlen(chain);
        (void)wg_copy(chain + used, sizeof chain - used, bench->pem[*along]);
    }
    WOLFSSL_CTX *ctx = wolfSSL_CTX_new(wolfTLS_server_method());
    CU_ASSERT_PTR_NOT_NULL_FATAL(ctx);
    CU_ASSERT_EQUAL_FATAL(wolfSSL_CTX_use_certificate_chain_buffer(
                              ctx, (const unsigned char *)chain, (long)strlen(chain)),
                          WOLFSSL_SUCCESS);
    CU_ASSERT_EQUAL_FATAL(wolfSSL_CTX_use_PrivateKey_buffer(ctx, (const unsigned char *)issued.key,
                                                            (long)strlen(issued.key),
                                                            WOLFSSL_FILETYPE_PEM),
                          WOLFSSL_SUCCESS);
    return ctx;
}

static WOLFSSL_CTX *client_side(const struct bench *bench, int version)
{
    WOLFSSL_CTX *ctx =
        wolfSSL_CTX_new(version == 12 ? wolfTLSv1_2_client_method() : wolfTLSv1_3_client_method());
    CU_ASSERT_PTR_NOT_NULL_FATAL(ctx);
    wolfSSL_CTX_set_verify(ctx, WOLFSSL_VERIFY_PEER, NULL);
    CU_ASSERT_EQUAL_FATAL(
        wolfSSL_CTX_load_verify_buffer(ctx, (const unsigned char *)bench->pem[ROOT],
                                       (long)strlen(bench->pem[ROOT]), WOLFSSL_FILETYPE_PEM),
        WOLFSSL_SUCCESS);
    return ctx;
}

static WOLFSSL *session(WOLFSSL_CTX *ctx, int fd)
{
    WOLFSSL *ssl = wolfSSL_new(ctx);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ssl);
    CU_ASSERT_EQUAL_FATAL(wolfSSL_set_fd(ssl, fd), WOLFSSL_SUCCESS);
    return ssl;
}

static bool waits(WOLFSSL *ssl, int result)
{
    int code = wolfSSL_get_error(ssl, result);
    return code == WOLFSSL_ERROR_WANT_READ || code == WOLFSSL_ERROR_WANT_WRITE;
}

static bool shake(WOLFSSL *client, WOLFSSL *server)
{
    for (int i = 0; i < STEPS_MOST; i++) {
        int mine = wolfSSL_connect(client);
        if (mine == WOLFSSL_SUCCESS) return true;
        if (!waits(client, mine)) return false;
        (void)wolfSSL_accept(server);
    }
    return false;
}

/* along: what the server sends with its certificate, ended by -1. */
static bool connects(struct bench *bench, int version, const char *host, int issuer,
                     const int *along)
{
    int ends[2];
    CU_ASSERT_EQUAL_FATAL(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, ends),
                          0);
    WOLFSSL_CTX *theirs = server_side(bench, issuer, along), *ours = client_side(bench, version);
    WOLFSSL *server = session(theirs, ends[1]), *client = session(ours, ends[0]);
    CU_ASSERT_EQUAL_FATAL(wolfSSL_check_domain_name(client, host), WOLFSSL_SUCCESS);
    tls_pins_watch(&bench->look, client);
    bool ok = shake(client, server);
    wolfSSL_free(client);
    wolfSSL_free(server);
    wolfSSL_CTX_free(ours);
    wolfSSL_CTX_free(theirs);
    (void)close(ends[0]);
    (void)close(ends[1]);
    return ok;
}

#define ALONG(...) ((const int[]){__VA_ARGS__, -1})

static void test_handshakes(void)
{
    static const struct {
        const char *what;
        int issuer, along[4];
        bool plain, pinned; /* is it taken without pins, and with the right and the backup one */
    } rows[] = {
        {"in force", RIGHT, {RIGHT, -1}, true, true},
        {"kept back", BACKUP, {BACKUP, -1}, true, true},
        {"root too", RIGHT, {RIGHT, ROOT, -1}, true, true},
        {"junk beside", RIGHT, {RIGHT, ROGUE, -1}, true, true},
        {"foreign junk beside", RIGHT, {RIGHT, FOREIGN, -1}, true, true},
        {"foreign junk before", RIGHT, {FOREIGN, RIGHT, -1}, true, true},
        {"rogue", ROGUE, {ROGUE, -1}, true, false},
        {"rogue with the right one", ROGUE, {ROGUE, RIGHT, -1}, true, false},
        {"the right one before", ROGUE, {RIGHT, ROGUE, -1}, true, false},
        {"rogue with backup and root", ROGUE, {ROGUE, BACKUP, ROOT, -1}, true, false},
        {"the root itself", ROOT, {RIGHT, -1}, true, false},
        {"no chain", RIGHT, {-1}, false, false},
        {"foreign", FOREIGN, {FOREIGN, -1}, false, false},
        {"foreign with the right one", FOREIGN, {FOREIGN, RIGHT, -1}, false, false},
        {"rogue without its own", ROGUE, {RIGHT, -1}, false, false},
    };
    struct bench bench;
    open_bench(&bench);
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        int version = i % 2 ? 12 : 13;
        size_t at = i / 2;
        bench.look.pins = NULL;
        bool as_today = connects(&bench, version, HOST, rows[at].issuer, rows[at].along);
        tls_pins_set(bench.pins, &(struct wg_pins){.number = 0});
        bench.look.pins = bench.pins;
        bool plain = connects(&bench, version, HOST, rows[at].issuer, rows[at].along);
        pin_servers(&bench, RIGHT, BACKUP);
        bool pinned = connects(&bench, version, HOST, rows[at].issuer, rows[at].along);
        if (as_today != plain || plain != rows[at].plain || pinned != rows[at].pinned)
            printf("\n    %s: as today %d, without pins %d, pinned %d; %s\n", rows[at].what,
                   as_today, plain, pinned, bench.look.why);
        CU_ASSERT_EQUAL(as_today, plain);
        CU_ASSERT_EQUAL(plain, rows[at].plain);
        CU_ASSERT_EQUAL(pinned, rows[at].pinned);
        CU_ASSERT_EQUAL(bench.look.why[0] != '\0', plain && !pinned);
        CU_ASSERT_FALSE(
            connects(&bench, version, "other.example", rows[at].issuer, rows[at].along));
    }
    close_bench(&bench);
}

static void test_what_is_said(void)
{
    struct bench bench;
    char hash[WG_SHA256_HEX], text[TLS_PINS_WHY_MAX];
    open_bench(&bench);
    ASSERT_OK(wg_identity_id(&bench.authorities[ROGUE].key.public_key, hash, &err), &err);
    CU_ASSERT_TRUE(connects(&bench, 13, HOST, ROGUE, ALONG(ROGUE)));
    CU_ASSERT_TRUE(bench.look.asked);
    ASSERT_TEXT(bench.look.issuer, hash); /* also without pins: a list that comes is judged by it */
    pin_servers(&bench, RIGHT, BACKUP);
    CU_ASSERT_FALSE(connects(&bench, 13, HOST, ROGUE, ALONG(ROGUE, RIGHT)));
    (void)wg_format(text, sizeof text, "no pin fits: use server, list 7, found %s", hash);
    ASSERT_TEXT(bench.look.why, text);
    CU_ASSERT_FALSE(connects(&bench, 13, HOST, ROOT, ALONG(RIGHT)));
    ASSERT_TEXT(bench.look.why,
                "no pin fits: use server, list 7, found no certificate of the issuing authority");
    close_bench(&bench);
}

/* A list that pins devices' authorities alone says nothing of servers. */
static void test_other_use(void)
{
    struct bench bench;
    struct wg_pins list = {.number = 1};
    open_bench(&bench);
    pin(&bench, &list, WG_PIN_DEVICE, RIGHT, false);
    pin(&bench, &list, WG_PIN_DEVICE, BACKUP, true);
    tls_pins_set(bench.pins, &list);
    CU_ASSERT_TRUE(connects(&bench, 13, HOST, ROGUE, ALONG(ROGUE)));
    list.count = 0;
    pin(&bench, &list, WG_PIN_DEVICE, ROGUE, false);
    pin(&bench, &list, WG_PIN_SERVER, RIGHT, false);
    tls_pins_set(bench.pins, &list);
    CU_ASSERT_FALSE(connects(&bench, 13, HOST, ROGUE, ALONG(ROGUE)));
    CU_ASSERT_TRUE(connects(&bench, 13, HOST, RIGHT, ALONG(RIGHT)));
    close_bench(&bench);
}

/* The next handshake asks the new list. */
static void test_replaced(void)
{
    struct bench bench;
    open_bench(&bench);
    pin_servers(&bench, RIGHT, BACKUP);
    CU_ASSERT_TRUE(connects(&bench, 13, HOST, RIGHT, ALONG(RIGHT)));
    pin_servers(&bench, BACKUP, FOREIGN);
    CU_ASSERT_FALSE(connects(&bench, 13, HOST, RIGHT, ALONG(RIGHT)));
    CU_ASSERT_TRUE(connects(&bench, 13, HOST, BACKUP, ALONG(BACKUP)));
    close_bench(&bench);
}

WG_SUITE("tls_pins", {"who is taken, with pins and without", test_handshakes},
         {"what is said of the others", test_what_is_said}, {"pins of another use", test_other_use},
         {"a list is replaced", test_replaced})
