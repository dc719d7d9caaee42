/* members_test.c: what an order brings, one by one, in the order of its installation. */
#include "agent/posix/members.h"

#include "common/text.h"
#include "tests/unit/harness.h"

static struct wg_order order;
static struct core_release release;

static void fill(void)
{
    static const char *const names[] = {"modem", "app"};
    memset(&order, 0, sizeof order);
    memset(&release, 0, sizeof release);
    (void)wg_copy(order.component, sizeof order.component, "system");
    (void)wg_copy(order.version, sizeof order.version, "2.0.0");
    (void)wg_copy(order.sha256, sizeof order.sha256, "sealed");
    order.length = 100;
    (void)wg_copy(release.sha256, sizeof release.sha256, "open");
    release.length = 10;
    order.companion_count = release.companion_count = 2;
    for (size_t i = 0; i < 2; i++) {
        (void)wg_copy(order.companions[i].component, WG_NAME_MAX, names[i]);
        (void)wg_copy(order.companions[i].version, WG_VERSION_MAX, i ? "5.0.1" : "1.2.0");
        (void)wg_copy(release.companions[i].sha256, WG_SHA256_HEX, names[i]);
        release.companions[i].length = (int64_t)i + 1;
    }
}

static void is(const struct slot_release *found, const char *component, const char *version,
               const char *sha256, int64_t length)
{
    ASSERT_TEXT(found->component, component);
    ASSERT_TEXT(found->version, version);
    ASSERT_TEXT(found->sha256, sha256);
    CU_ASSERT_EQUAL(found->length, length);
}

static void test_sequence(void)
{
    struct members members;
    fill();
    release.sequence[0] = 2;
    release.sequence[1] = 0;
    release.sequence[2] = 1;
    members_init(&members, &order, &release);
    CU_ASSERT_EQUAL_FATAL(members.count, 3);
    is(&members.releases[0], "app", "5.0.1", "app", 2);
    is(&members.releases[1], "system", "2.0.0", "open", 10);
    is(&members.releases[2], "modem", "1.2.0", "modem", 1);
    CU_ASSERT_TRUE(members.numbers[0] == 2 && members.numbers[1] == 0 && members.numbers[2] == 1);
}

static void test_alone(void)
{
    struct members members;
    fill();
    order.companion_count = release.companion_count = 0;
    members_init(&members, &order, &release);
    CU_ASSERT_EQUAL_FATAL(members.count, 1);
    is(&members.releases[0], "system", "2.0.0", "open", 10);
    members_init(&members, &order, NULL); /* it is what gets installed */
    CU_ASSERT_EQUAL_FATAL(members.count, 1);
    is(&members.releases[0], "system", "2.0.0", "sealed", 100);
}

WG_SUITE("agent/posix/members", {"sequence", test_sequence}, {"alone", test_alone})
