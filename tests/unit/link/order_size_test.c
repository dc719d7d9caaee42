/* order_size_test.c: which forms an order does without. */
#include "orchestrator/link/order_size.h"

#include "tests/unit/harness.h"

#include <string.h>

#define HASH "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static struct wg_error err;

static void form(struct wg_order *order, size_t member, int64_t length)
{
    order->forms[order->form_count++] = (struct wg_order_form){.member = member,
                                                               .sha256 = HASH,
                                                               .length = length,
                                                               .url_count = 1,
                                                               .urls = {"https://example.org/f"}};
}

/* Of 1000 bytes, with a companion of 5000; forms of both, which save 100, 4000, 700 and 3900. */
static struct wg_order make(void)
{
    struct wg_order order = {.kind = WG_ORDER_INSTALL,
                             .id = "6f1c2d3e-4a5b-4c6d-8e7f-0123456789ab",
                             .device = "dev-1",
                             .campaign = "os-2",
                             .digest = HASH,
                             .attempt = 1,
                             .counter = 42,
                             .boot = "0123456789abcdef0123456789abcdef",
                             .not_before = 1800000000000,
                             .expires = 1800000600000,
                             .component = "os",
                             .version = "2.0.0",
                             .sha256 = HASH,
                             .length = 1000,
                             .url_count = 1,
                             .urls = {"https://example.org/a"},
                             .companion_count = 1,
                             .timeout_download = WG_HOUR,
                             .timeout_install = WG_HOUR,
                             .timeout_probation = WG_HOUR};
    order.companions[0] = (struct wg_order_companion){.component = "app",
                                                      .version = "5.0.1",
                                                      .sha256 = HASH,
                                                      .length = 5000,
                                                      .url_count = 1,
                                                      .urls = {"https://example.org/c"}};
    form(&order, 0, 900);
    form(&order, 1, 1000);
    form(&order, 0, 300);
    form(&order, 1, 1100);
    return order;
}

static size_t size_of(const struct wg_order *order)
{
    json_t *body = wg_order_make(order, NULL, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(body);
    size_t size = json_dumpb(body, NULL, 0, JSON_COMPACT);
    json_decref(body);
    return size;
}

static void test_least_go_first(void)
{
    static const int64_t kept[] = {4000, 3900, 700};
    struct wg_order order = make();
    size_t whole = size_of(&order);
    ASSERT_OK(order_size_fit(&order, NULL, whole, &err), &err);
    CU_ASSERT_EQUAL(order.form_count, 4);
    for (size_t left = 3; left > 0; left--) {
        int64_t saved = 0, expected = 0;
        ASSERT_OK(order_size_fit(&order, NULL, size_of(&order) - 1, &err), &err);
        CU_ASSERT_EQUAL(order.form_count, left);
        for (size_t i = 0; i < left; i++) {
            saved += wg_order_saving(&order, &order.forms[i]);
            expected += kept[i];
        }
        CU_ASSERT_EQUAL(saved, expected);
    }
    order = make();
    CU_ASSERT_FALSE(order_size_fit(&order, NULL, 600, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
}

/* What people have said takes room too. */
static void test_with_warrant(void)
{
    struct wg_order order = make();
    size_t whole = size_of(&order);
    json_t *warrant = json_pack("[{s:s}]", "signed", "by somebody");
    ASSERT_OK(order_size_fit(&order, warrant, whole, &err), &err);
    CU_ASSERT_EQUAL(order.form_count, 3);
    json_decref(warrant);
}

WG_SUITE("order_size", {"least go first", test_least_go_first}, {"with warrant", test_with_warrant})
