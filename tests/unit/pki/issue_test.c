/* issue_test.c: chains as wolfSSL judges them, which is what agents and the orchestrator do. */
#include "pki/issue.h"

#include "common/posix/certificate.h"
#include "common/posix/file.h"
#include "tests/unit/harness.h"

#include <string.h>

#define DAYS 30

static struct wg_error err;

struct chain {
    struct issuer root, issuing;
    char root_pem[ISSUE_PEM_MAX], issuing_pem[ISSUE_PEM_MAX];
};

static void make_chain(struct chain *chain, enum wg_identity_kind kind, size_t host_count,
                       const char *const *hosts)
{
    static const char *const units[] = {"server", "service"};
    struct issue_scope scope = {
        .organisation = "Wavegate", .name = "root", .path = 1, .days = DAYS + 1};
    ASSERT_OK(issue_authority(&scope, NULL, kind, wg_now(), &chain->root, &err), &err);
    scope = (struct issue_scope){.organisation = "Wavegate",
                                 .name = "issuing",
                                 .days = DAYS,
                                 .client = true,
                                 .server = true,
                                 .unit_count = 2,
                                 .units = units,
                                 .host_count = host_count,
                                 .hosts = hosts};
    ASSERT_OK(issue_authority(&scope, &chain->root, kind, wg_now(), &chain->issuing, &err), &err);
    ASSERT_OK(issue_pem(&chain->root, chain->root_pem, &err), &err);
    ASSERT_OK(issue_pem(&chain->issuing, chain->issuing_pem, &err), &err);
}

/* Does wolfSSL believe a leaf of that unit and these hosts? */
static bool believed(const struct chain *chain, const char *organisation, const char *unit,
                     const char *host)
{
    struct issued issued;
    char pem[2 * ISSUE_PEM_MAX];
    struct issue_leaf leaf = {.organisation = organisation,
                              .unit = unit,
                              .name = "x.1",
                              .usage = host ? ISSUE_SERVER : ISSUE_CLIENT,
                              .key = WG_IDENTITY_P256,
                              .days = 1,
                              .host_count = host ? 1 : 0,
                              .hosts = &host};
    ASSERT_OK(issue_leaf(&leaf, &chain->issuing, wg_now(), &issued, &err), &err);
    (void)snprintf(pem, sizeof pem, "%s%s", issued.certificate, chain->issuing_pem);
    err = (struct wg_error){0};
    return certificate_check_chain(pem, chain->root_pem, NULL, &err);
}

static void test_units(void)
{
    static struct chain chain;
    for (int kind = WG_IDENTITY_ED25519; kind <= WG_IDENTITY_P256; kind++) {
        make_chain(&chain, (enum wg_identity_kind)kind, 0, NULL);
        CU_ASSERT_TRUE(believed(&chain, "Wavegate", "server", "a.example"));
        if (err.text[0]) printf("%s\n", err.text);
        CU_ASSERT_TRUE(believed(&chain, "Wavegate", "service", NULL));
        CU_ASSERT_FALSE(believed(&chain, "Wavegate", "device", NULL));
        CU_ASSERT_FALSE(believed(&chain, "Wavegate", "serve", NULL));
        CU_ASSERT_FALSE(believed(&chain, "Other", "server", NULL));
        CU_ASSERT_FALSE(believed(&chain, "Wavegate", NULL, NULL));
    }
}

static void test_hosts(void)
{
    static struct chain chain;
    static const char *const hosts[] = {"example.com", "10.0.0.0/8"};
    make_chain(&chain, WG_IDENTITY_ED25519, 2, hosts);
    CU_ASSERT_TRUE(believed(&chain, "Wavegate", "server", "a.example.com"));
    if (err.text[0]) printf("%s\n", err.text);
    CU_ASSERT_TRUE(believed(&chain, "Wavegate", "server", "example.com"));
    CU_ASSERT_FALSE(believed(&chain, "Wavegate", "server", "a.example.org"));
    /* wolfSSL wants a name of every leaf when names are permitted: the issue command sees to it */
    CU_ASSERT_FALSE(believed(&chain, "Wavegate", "server", "10.1.2.3"));
}

static void test_host_allowed(void)
{
    static const char *const hosts[] = {"example.com", "10.0.0.0/8", "2001:db8::/32", "192.0.2.7"};
    CU_ASSERT_TRUE(form_host_allowed("a.b.example.com", hosts, 4));
    CU_ASSERT_TRUE(form_host_allowed("EXAMPLE.com", hosts, 4));
    CU_ASSERT_FALSE(form_host_allowed("badexample.com", hosts, 4));
    CU_ASSERT_TRUE(form_host_allowed("10.255.0.1", hosts, 4));
    CU_ASSERT_FALSE(form_host_allowed("11.0.0.1", hosts, 4));
    CU_ASSERT_TRUE(form_host_allowed("2001:db8::1", hosts, 4));
    CU_ASSERT_FALSE(form_host_allowed("2001:db9::1", hosts, 4));
    CU_ASSERT_TRUE(form_host_allowed("192.0.2.7", hosts, 4));
    CU_ASSERT_FALSE(form_host_allowed("192.0.2.8", hosts, 4));
    CU_ASSERT_TRUE(form_host_allowed("anything", hosts, 0));
}

static void test_outliving(void)
{
    static struct chain chain;
    struct issued issued;
    struct issue_leaf leaf = {.organisation = "Wavegate",
                              .unit = "device",
                              .name = "x",
                              .key = WG_IDENTITY_ED25519,
                              .days = DAYS + 1};
    make_chain(&chain, WG_IDENTITY_ED25519, 0, NULL);
    CU_ASSERT_FALSE(issue_leaf(&leaf, &chain.issuing, wg_now(), &issued, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
}

/* Serials are random: none twice, and their bits spread. */
static void test_serials(void)
{
    static struct chain chain;
    static char seen[64][LEDGER_SERIAL_MAX];
    struct issue_leaf leaf = {.organisation = "Wavegate",
                              .unit = "service",
                              .name = "x",
                              .key = WG_IDENTITY_ED25519,
                              .days = 1};
    make_chain(&chain, WG_IDENTITY_ED25519, 0, NULL);
    for (size_t i = 0; i < 64; i++) {
        struct issued issued;
        ASSERT_OK(issue_leaf(&leaf, &chain.issuing, wg_now(), &issued, &err), &err);
        CU_ASSERT_EQUAL(strlen(issued.serial), 2 * FORM_SERIAL_SIZE);
        for (size_t before = 0; before < i; before++)
            CU_ASSERT_NOT_EQUAL(memcmp(seen[before], issued.serial, 8), 0);
        (void)wg_copy(seen[i], sizeof seen[i], issued.serial);
    }
}

static bool token_sign(void *ctx, const void *data, size_t len,
                       uint8_t out[WG_IDENTITY_SIGNATURE_MAX], size_t *out_len, struct wg_error *e)
{
    return wg_identity_sign(ctx, data, len, out, out_len, e);
}

static void test_token(void)
{
    static struct chain chain;
    make_chain(&chain, WG_IDENTITY_P256, 0, NULL);
    struct wg_identity_key inside = chain.issuing.key;
    memset(chain.issuing.key.secret, 0, sizeof chain.issuing.key.secret);
    chain.issuing.token = (struct issue_token){token_sign, &inside};
    CU_ASSERT_TRUE(believed(&chain, "Wavegate", "service", NULL));
}

WG_SUITE("issue", {"an authority names its own units alone", test_units},
         {"an authority names its own hosts alone", test_hosts},
         {"hosts are allowed by domain and network", test_host_allowed},
         {"no leaf outlives its authority", test_outliving}, {"serials are random", test_serials},
         {"a token may sign", test_token})
