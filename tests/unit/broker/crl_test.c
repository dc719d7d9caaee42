/* crl_test.c: certificates and revocation lists as wavegate-pki makes them (data/), and spoilt. */
#include "broker/mosquitto/certificate.h"
#include "broker/mosquitto/crl_file.h"

#include "common/buf.h"
#include "tests/unit/harness.h"

#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DATA WG_TEST_DATA "/"

static struct authorities load(void)
{
    struct authorities made = {0};
    struct wg_error err = {0};
    ASSERT_OK(authorities_load(&made, DATA "device.pem", true, &err), &err);
    ASSERT_OK(authorities_load(&made, DATA "service.pem", false, &err), &err);
    return made;
}

static struct wg_buf bytes_of(const char *path)
{
    struct wg_buf buf;
    char piece[4096];
    size_t got;
    wg_buf_init(&buf, 1 << 20);
    FILE *file = fopen(path, "re");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    while ((got = fread(piece, 1, sizeof piece, file)) > 0) wg_buf_add(&buf, piece, got);
    (void)fclose(file);
    return buf;
}

static bool read_one(const struct authorities *authorities, const char *path,
                     struct certificate *out)
{
    struct wg_error err = {0};
    FILE *file = fopen(path, "re");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    X509 *x509 = PEM_read_X509(file, NULL, NULL, NULL);
    (void)fclose(file);
    CU_ASSERT_PTR_NOT_NULL_FATAL(x509);
    bool ok = certificate_read(x509, authorities, out, &err);
    X509_free(x509);
    return ok;
}

static void test_certificates(void)
{
    struct authorities authorities = load();
    struct certificate certificate;
    CU_ASSERT_TRUE(read_one(&authorities, DATA "dev-a.crt", &certificate));
    ASSERT_TEXT(certificate.name, "dev-a");
    CU_ASSERT_TRUE(certificate.is_device);
    CU_ASSERT_EQUAL(certificate.authority, 0);
    CU_ASSERT_EQUAL(certificate.serial.len, 16);
    CU_ASSERT_TRUE(read_one(&authorities, DATA "wavegated.crt", &certificate));
    ASSERT_TEXT(certificate.name, "wavegated");
    CU_ASSERT_FALSE(certificate.is_device);
    CU_ASSERT_EQUAL(certificate.authority, 1);
    /* a server's is no client's; another authority of the same name; an authority itself */
    CU_ASSERT_FALSE(read_one(&authorities, DATA "broker.crt", &certificate));
    CU_ASSERT_FALSE(read_one(&authorities, DATA "foreign-dev-a.crt", &certificate));
    CU_ASSERT_FALSE(read_one(&authorities, DATA "device.pem", &certificate));
    authorities_clear(&authorities);
}

/* Every name and key id right, and the signature's last byte wrong. */
static void test_forged_signature(void)
{
    struct authorities authorities = load();
    struct certificate certificate;
    struct wg_error err = {0};
    unsigned char *der = NULL;
    FILE *file = fopen(DATA "dev-a.crt", "re");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    X509 *right = PEM_read_X509(file, NULL, NULL, NULL);
    (void)fclose(file);
    int len = i2d_X509(right, &der);
    CU_ASSERT_TRUE_FATAL(len > 0);
    der[len - 1] ^= 1;
    const unsigned char *at = der;
    X509 *wrong = d2i_X509(NULL, &at, len);
    CU_ASSERT_PTR_NOT_NULL_FATAL(wrong);
    CU_ASSERT_FALSE(certificate_read(wrong, &authorities, &certificate, &err));
    CU_ASSERT_TRUE(certificate_read(right, &authorities, &certificate, &err));
    X509_free(wrong);
    X509_free(right);
    OPENSSL_free(der);
    authorities_clear(&authorities);
}

static void test_authorities(void)
{
    struct authorities made = {0};
    struct wg_error err = {0};
    CU_ASSERT_FALSE(authorities_load(&made, DATA "dev-a.crt", true, &err));
    CU_ASSERT_FALSE(authorities_load(&made, DATA "lists-1.pem", true, &err));
    CU_ASSERT_FALSE(authorities_load(&made, DATA "nothing.pem", true, &err));
    ASSERT_OK(authorities_load(&made, DATA "device.pem", true, &err), &err);
    CU_ASSERT_FALSE(authorities_load(&made, DATA "device.pem", false, &err));
    authorities_clear(&made);
}

static bool parse(const struct authorities *authorities, const char *pem, size_t len,
                  struct crl_set *out)
{
    struct wg_error err = {0};
    crl_set_init(out);
    bool ok = crl_parse(pem, len, authorities, out, &err);
    if (!ok) CU_ASSERT_NOT_EQUAL(err.text[0], '\0');
    return ok;
}

static void test_lists(void)
{
    struct authorities authorities = load();
    struct certificate dev_a, dev_b;
    struct crl_set set;
    struct wg_buf pem = bytes_of(DATA "lists-2.pem");
    CU_ASSERT_TRUE(read_one(&authorities, DATA "dev-a.crt", &dev_a));
    CU_ASSERT_TRUE(read_one(&authorities, DATA "dev-b.crt", &dev_b));
    CU_ASSERT_TRUE(parse(&authorities, pem.data, pem.len, &set));
    CU_ASSERT_TRUE(set.items[0].found && set.items[1].found && !set.items[2].found);
    CU_ASSERT_EQUAL(set.items[0].number, 2);
    CU_ASSERT_TRUE(set.items[0].ends > 0);
    CU_ASSERT_TRUE(revoked_has(&set.items[0].revoked, &dev_b.serial));
    CU_ASSERT_FALSE(revoked_has(&set.items[0].revoked, &dev_a.serial));
    CU_ASSERT_EQUAL(set.items[1].revoked.count, 0);
    crl_set_clear(&set);
    wg_buf_clear(&pem);
    authorities_clear(&authorities);
}

static void test_spoilt_lists(void)
{
    struct authorities authorities = load();
    struct crl_set set;
    struct wg_buf foreign = bytes_of(DATA "foreign-lists.pem"), own = bytes_of(DATA "lists-3.pem"),
                  root = bytes_of(DATA "root.pem");
    CU_ASSERT_FALSE(parse(&authorities, "", 0, &set));
    CU_ASSERT_FALSE(parse(&authorities, "nothing\n", 8, &set));
    CU_ASSERT_FALSE(parse(&authorities, root.data, root.len, &set));
    CU_ASSERT_FALSE(parse(&authorities, foreign.data, foreign.len, &set));
    crl_set_clear(&set);
    /* cut anywhere inside a list: nothing of it is taken as whole */
    size_t second = (size_t)(strstr(own.data + 1, "-----BEGIN") - own.data);
    for (size_t len = 30; len < own.len - 1; len++) {
        if (len >= second - 1 && len < second + 24) continue; /* between two whole ones */
        bool ok = parse(&authorities, own.data, len, &set);
        if (ok) printf("\n    cut at %zu of %zu\n", len, own.len);
        CU_ASSERT_FALSE(ok);
        crl_set_clear(&set);
    }
    /* one sign of a list is another */
    for (size_t at = 40; at < 240; at += 7) {
        char before = own.data[at];
        if (before == '\n') continue;
        own.data[at] = before == 'A' ? 'B' : 'A';
        /* with another issuer's name it is another's */
        CU_ASSERT_FALSE(parse(&authorities, own.data, own.len, &set) && set.items[0].found);
        crl_set_clear(&set);
        own.data[at] = before;
    }
    CU_ASSERT_TRUE(parse(&authorities, own.data, own.len, &set));
    crl_set_clear(&set);
    struct wg_buf twice = bytes_of(DATA "lists-3.pem");
    wg_buf_add(&twice, own.data, own.len);
    CU_ASSERT_FALSE(parse(&authorities, twice.data, twice.len, &set));
    crl_set_clear(&set);
    wg_buf_clear(&twice);
    wg_buf_clear(&foreign);
    wg_buf_clear(&own);
    wg_buf_clear(&root);
    authorities_clear(&authorities);
}

static void replace(const char *path, const char *source)
{
    char fresh[64];
    struct wg_buf bytes = bytes_of(source);
    CU_ASSERT_TRUE(wg_format(fresh, sizeof fresh, "%s.new", path));
    FILE *file = fopen(fresh, "we");
    CU_ASSERT_PTR_NOT_NULL_FATAL(file);
    CU_ASSERT_EQUAL(fwrite(bytes.data, 1, bytes.len, file), bytes.len);
    CU_ASSERT_EQUAL(fclose(file), 0);
    CU_ASSERT_EQUAL(rename(fresh, path), 0);
    wg_buf_clear(&bytes);
}

static enum login login(struct guard *guard, const struct certificate *certificate, nanoseconds now)
{
    static const int session;
    char user[USER_MAX];
    enum login answer = guard_login(guard, certificate, certificate->name, &session, now, user);
    guard_logout(guard, certificate->name, &session);
    return answer;
}

static void test_file(void)
{
    struct authorities authorities = load();
    struct settings settings;
    struct wg_error err = {0};
    struct certificate dev_b;
    char folder[] = "/tmp/wg-crl-XXXXXX", path[32];
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(folder));
    CU_ASSERT_TRUE(wg_format(path, sizeof path, "%s/crl.pem", folder));
    settings_init(&settings);
    settings.clients = 10;
    struct guard *guard = guard_new(&settings, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(guard);
    struct crl_file file = {.path = path};
    CU_ASSERT_TRUE(read_one(&authorities, DATA "dev-b.crt", &dev_b));

    CU_ASSERT_EQUAL(crl_file_look(&file, &authorities, guard, &err), CRL_REFUSED);
    CU_ASSERT_EQUAL(crl_file_look(&file, &authorities, guard, &err), CRL_UNCHANGED);
    replace(path, DATA "lists-1.pem");
    CU_ASSERT_EQUAL(crl_file_look(&file, &authorities, guard, &err), CRL_TAKEN);
    CU_ASSERT_EQUAL(crl_file_look(&file, &authorities, guard, &err), CRL_UNCHANGED);
    CU_ASSERT_TRUE(crl_file_ends(&file) > 0);
    CU_ASSERT_EQUAL(login(guard, &dev_b, 0), LOGIN_OK);
    replace(path, DATA "lists-2.pem");
    CU_ASSERT_EQUAL(crl_file_look(&file, &authorities, guard, &err), CRL_TAKEN);
    CU_ASSERT_EQUAL(login(guard, &dev_b, 0), LOGIN_REVOKED);
    /* an old list, somebody else's, one of two, none at all: the last one stays */
    static const char *const useless[] = {DATA "lists-1.pem", DATA "foreign-lists.pem",
                                          DATA "service-list.pem", DATA "root.pem"};
    for (size_t i = 0; i < sizeof useless / sizeof useless[0]; i++) {
        replace(path, useless[i]);
        CU_ASSERT_EQUAL(crl_file_look(&file, &authorities, guard, &err), CRL_REFUSED);
        CU_ASSERT_EQUAL(crl_file_look(&file, &authorities, guard, &err), CRL_UNCHANGED);
        CU_ASSERT_EQUAL(login(guard, &dev_b, 0), LOGIN_REVOKED);
    }
    CU_ASSERT_EQUAL(unlink(path), 0);
    CU_ASSERT_EQUAL(crl_file_look(&file, &authorities, guard, &err), CRL_REFUSED);
    CU_ASSERT_EQUAL(login(guard, &dev_b, 0), LOGIN_REVOKED);
    CU_ASSERT_EQUAL(rmdir(folder), 0);
    guard_free(guard);
    authorities_clear(&authorities);
}

WG_SUITE("crl", {"certificates", test_certificates}, {"a forged signature", test_forged_signature},
         {"authorities", test_authorities}, {"lists", test_lists},
         {"spoilt lists", test_spoilt_lists}, {"the file as it changes", test_file})
