/* patch_test.c: patches: ours opened by the stock zstd, and its own by us; over other old content
 * they do not open. Compressed files the same. */
#include "tests/unit/zst/ground.h"

#define OLD ((size_t)12 << 20)

static struct wg_error err;
static struct ground ground;
static char old[OLD], later[OLD];
static size_t later_len;

static void set_up(size_t len)
{
    ground_make(&ground);
    ground_text(old, len, 11);
    later_len = ground_later(later, old, len, 12);
    ground_put(&ground, "old", old, len);
    ground_put(&ground, "new", later, later_len);
}

static void tear_down(void)
{
    ground_remove(&ground);
}

static bool opens(const struct wg_buf *packed, const char *base, size_t base_len)
{
    struct ground_expect expect = {later, later_len, 0, 0};
    const struct zst_unpack_config config = {.sink = {ground_compare, &expect},
                                             .base = {base, base_len}};
    struct zst_unpacker *unpacker = zst_unpacker_new(&config, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(unpacker);
    bool ok = zst_unpacker_push(unpacker, packed->data, packed->len, &err) &&
              zst_unpacker_end(unpacker, &err);
    zst_unpacker_free(unpacker);
    return ok && expect.at == later_len && expect.wrong == 0;
}

static void test_ours(void)
{
    struct wg_buf packed;
    set_up(OLD);
    ground_pack(&(struct zst_pack_config){.base = {old, OLD}}, later, later_len, &packed);
    CU_ASSERT_TRUE(packed.len < later_len / 100);
    CU_ASSERT_TRUE(opens(&packed, old, OLD));
    ground_put(&ground, "patch", packed.data, packed.len);
    CU_ASSERT_EQUAL(ground_run(&ground, "zstd -q -d --patch-from=old --long=31 patch -o got && "
                                        "cmp got new"),
                    0);
    old[OLD / 3] ^= 1;
    memset(old + OLD / 2, 'x', 100000);
    CU_ASSERT_FALSE(opens(&packed, old, OLD));
    CU_ASSERT_FALSE(opens(&packed, old, OLD - 1000));
    CU_ASSERT_FALSE(opens(&packed, NULL, 0));
    wg_buf_clear(&packed);
    tear_down();
}

/* In the last frame old content can be referred to that lies farthest back. */
static void test_far_back(void)
{
    struct wg_buf packed;
    set_up(OLD);
    later_len = OLD;
    memcpy(later, old + OLD / 2, OLD / 2);
    memcpy(later + OLD / 2, old, OLD / 2);
    ground_pack(&(struct zst_pack_config){.base = {old, OLD}}, later, later_len, &packed);
    CU_ASSERT_TRUE(packed.len < 4000);
    CU_ASSERT_TRUE(opens(&packed, old, OLD));
    ground_put(&ground, "new", later, later_len);
    ground_put(&ground, "patch", packed.data, packed.len);
    CU_ASSERT_EQUAL(ground_run(&ground, "zstd -q -d --patch-from=old --long=31 patch -o got && "
                                        "cmp got new"),
                    0);
    wg_buf_clear(&packed);
    tear_down();
}

static void test_stock_patch(void)
{
    struct wg_buf packed;
    set_up((size_t)3 << 20);
    CU_ASSERT_EQUAL(ground_run(&ground, "zstd -q -3 --patch-from=old new -o patch"), 0);
    ground_get(&ground, "patch", &packed);
    CU_ASSERT_TRUE(opens(&packed, old, (size_t)3 << 20));
    wg_buf_clear(&packed);
    tear_down();
    /* one frame of 12 MiB wants them all at hand */
    set_up(OLD);
    CU_ASSERT_EQUAL(ground_run(&ground, "zstd -q -3 --patch-from=old new -o patch"), 0);
    ground_get(&ground, "patch", &packed);
    CU_ASSERT_FALSE(opens(&packed, old, OLD));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    wg_buf_clear(&packed);
    tear_down();
}

static void test_stock_files(void)
{
    struct wg_buf packed;
    set_up(OLD);
    CU_ASSERT_EQUAL(ground_run(&ground, "split -b 3000000 new part. && zstd -q --rm part.* && "
                                        "cat part.*.zst >packed"),
                    0);
    ground_get(&ground, "packed", &packed);
    CU_ASSERT_TRUE(opens(&packed, NULL, 0));
    wg_buf_clear(&packed);
    ground_pack(&(struct zst_pack_config){.level = 5}, later, later_len, &packed);
    ground_put(&ground, "ours.zst", packed.data, packed.len);
    CU_ASSERT_EQUAL(ground_run(&ground, "zstd -q -d ours.zst -o got && cmp got new"), 0);
    wg_buf_clear(&packed);
    tear_down();
}

static void test_limits(void)
{
    struct zst_pack_config config = {.base = {"", ZST_BASE_MAX + 1}};
    CU_ASSERT_PTR_NULL(zst_packer_new(&config, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
    config = (struct zst_pack_config){.level = 23};
    CU_ASSERT_PTR_NULL(zst_packer_new(&config, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
}

WG_SUITE("zst.patch", {"ours", test_ours}, {"far back", test_far_back},
         {"stock patch", test_stock_patch}, {"stock files", test_stock_files},
         {"limits", test_limits})
