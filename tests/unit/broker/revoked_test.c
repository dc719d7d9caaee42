/* revoked_test.c: serials, the set of them, and the message that names some. */
#include "broker/control.h"
#include "broker/revoked.h"

#include "tests/unit/harness.h"

#include <string.h>

static struct serial serial(const char *hex)
{
    struct serial made = {0};
    CU_ASSERT_TRUE_FATAL(serial_parse(&made, hex, strlen(hex)));
    return made;
}

static void test_serials(void)
{
    static const char *const wrong[] = {
        "",    "1",    "0g",
        "00",  "0000", " 12",
        "12 ", "0x12", "010203040506070809101112131415161718192021"};
    struct serial a = serial("00ab0C"), b = serial("AB0c");
    CU_ASSERT_EQUAL(memcmp(&a, &b, sizeof a), 0);
    CU_ASSERT_EQUAL(serial("0102030405060708091011121314151617181920").len, 20);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_FALSE(serial_parse(&a, wrong[i], strlen(wrong[i])));
}

static void test_set(void)
{
    struct revoked revoked;
    struct wg_error err = {0};
    revoked_init(&revoked);
    struct serial one = serial("01"), other = serial("0001ff"), third = serial("ff01");
    CU_ASSERT_FALSE(revoked_has(&revoked, &one));
    ASSERT_OK(revoked_add(&revoked, &third, &err), &err);
    ASSERT_OK(revoked_add(&revoked, &one, &err), &err);
    CU_ASSERT_TRUE(revoked_has(&revoked, &one));
    CU_ASSERT_TRUE(revoked_has(&revoked, &third));
    CU_ASSERT_FALSE(revoked_has(&revoked, &other));
    ASSERT_OK(revoked_add(&revoked, &other, &err), &err);
    CU_ASSERT_TRUE(revoked_has(&revoked, &other));
    for (uint32_t i = 1; i < 5000; i++) {
        uint8_t bytes[] = {7, (uint8_t)(i * 31), (uint8_t)((i * 31) >> 8), (uint8_t)(i >> 3)};
        CU_ASSERT_TRUE(serial_set(&one, bytes, sizeof bytes));
        ASSERT_OK(revoked_add(&revoked, &one, &err), &err);
    }
    CU_ASSERT_TRUE(revoked_has(&revoked, &third));
    CU_ASSERT_TRUE(revoked_has(&revoked, &one));
    revoked_clear(&revoked);
    CU_ASSERT_FALSE(revoked_has(&revoked, &third));
}

static bool decode(const char *text, struct control *out)
{
    struct wg_error err = {0};
    bool ok = control_decode(text, strlen(text), out, &err);
    if (!ok) CU_ASSERT_NOT_EQUAL(err.text[0], '\0');
    return ok;
}

static void test_control(void)
{
    static const char *const wrong[] = {
        "",
        "{}",
        "[]",
        "{\"v\":1}",
        "{\"v\":2,\"revoke\":[]}",
        "{\"v\":1,\"revoke\":{}}",
        "{\"v\":1,\"revoke\":[1]}",
        "{\"v\":1,\"revoke\":[\"\"]}",
        "{\"v\":1,\"revoke\":[\"xyz\"]}",
        "{\"v\":1,\"revoke\":[\"ab\"],\"more\":1}",
        "{\"v\":1,\"revoke\":[\"ab\",null]}",
        "{\"v\":1,\"revoke\":[\"ab\"]} ]",
    };
    struct control control;
    CU_ASSERT_TRUE(decode("{\"v\":1,\"revoke\":[]}", &control));
    CU_ASSERT_EQUAL(control.count, 0);
    CU_ASSERT_TRUE(decode("{\"v\":1,\"revoke\":[\"4f1D\",\"01\"]}", &control));
    CU_ASSERT_EQUAL_FATAL(control.count, 2);
    struct serial expected = serial("4f1d");
    CU_ASSERT_EQUAL(memcmp(&control.serials[0], &expected, sizeof expected), 0);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        CU_ASSERT_FALSE(decode(wrong[i], &control));
}

WG_SUITE("revoked", {"serial numbers", test_serials}, {"the set", test_set},
         {"the control message", test_control})
