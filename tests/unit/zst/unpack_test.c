/* unpack_test.c: frames read in any portions and from any place; and frames that nobody should
 * have made. */
#include "tests/unit/zst/ground.h"

#define CONTENT ((size_t)5 << 20)

static struct wg_error err;
static char content[CONTENT];

/* Pushes bytes[from.packed..len) in portions; true if they were taken to their end. */
static bool read_from(const struct wg_buf *bytes, struct zst_place from, size_t portion,
                      struct ground_expect *expect)
{
    const struct zst_unpack_config config = {.sink = {ground_compare, expect}, .at = from};
    struct zst_unpacker *unpacker = zst_unpacker_new(&config, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(unpacker);
    bool ok = true;
    for (size_t at = (size_t)from.packed, n; ok && at < bytes->len; at += n) {
        n = bytes->len - at < portion ? bytes->len - at : portion;
        ok = zst_unpacker_push(unpacker, bytes->data + at, n, &err);
    }
    ok = ok && zst_unpacker_end(unpacker, &err);
    CU_ASSERT_FALSE(zst_unpacker_push(unpacker, "x", 1, NULL));
    CU_ASSERT_FALSE(zst_unpacker_end(unpacker, NULL));
    zst_unpacker_free(unpacker);
    return ok;
}

static bool read_whole(const struct wg_buf *bytes, size_t portion, size_t len)
{
    struct ground_expect expect = {content, len, 0, 0};
    bool ok = read_from(bytes, (struct zst_place){0}, portion, &expect);
    CU_ASSERT_EQUAL(expect.wrong, 0);
    return ok && expect.at == len;
}

static void test_portions(void)
{
    static const size_t lengths[] = {0, 1, 1000, ZST_FRAME - 1, ZST_FRAME, ZST_FRAME + 1, CONTENT};
    static const size_t portions[] = {1, 3, 4, 5, 4093, GROUND_BYTES_MAX};
    const struct zst_pack_config how = {.level = 1};
    ground_text(content, sizeof content, 1);
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        struct wg_buf packed;
        ground_pack(&how, content, lengths[l], &packed);
        for (size_t p = 0; p < sizeof portions / sizeof portions[0]; p++)
            CU_ASSERT_TRUE(read_whole(&packed, portions[p], lengths[l]));
        wg_buf_clear(&packed);
    }
}

/* Cut at every byte: never whole, and from the place that was reached the rest gives the rest. */
static void test_cut_everywhere(void)
{
    const struct zst_pack_config how = {.frame = 1500};
    const size_t len = 6000;
    struct wg_buf packed;
    ground_text(content, len, 2);
    ground_pack(&how, content, len, &packed);
    int64_t places = 0, last = 0;
    for (size_t cut = 0; cut < packed.len; cut++) {
        struct ground_expect expect = {content, len, 0, 0};
        const struct zst_unpack_config config = {.sink = {ground_compare, &expect}};
        struct zst_unpacker *unpacker = zst_unpacker_new(&config, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(unpacker);
        ASSERT_OK(zst_unpacker_push(unpacker, packed.data, cut, &err), &err);
        struct zst_place place = zst_unpacker_place(unpacker);
        CU_ASSERT_TRUE(place.packed <= (int64_t)cut && place.content <= (int64_t)expect.at);
        CU_ASSERT_TRUE(place.content % 1500 == 0);
        CU_ASSERT_EQUAL(zst_unpacker_end(unpacker, NULL), cut > 0 && place.packed == (int64_t)cut);
        zst_unpacker_free(unpacker);
        places += place.packed > last;
        last = place.packed;
        expect.at = (size_t)place.content;
        CU_ASSERT_TRUE(read_from(&packed, place, 7, &expect));
        CU_ASSERT_TRUE(expect.at == len && expect.wrong == 0);
    }
    CU_ASSERT_EQUAL(places, 3);
    wg_buf_clear(&packed);
}

/* Any bit turned: refused, or (where the header allows two spellings) the same content. */
static void test_changed_everywhere(void)
{
    const struct zst_pack_config how = {.frame = 300};
    const size_t len = 700;
    struct wg_buf packed;
    ground_text(content, len, 3);
    ground_pack(&how, content, len, &packed);
    for (size_t at = 0; at < packed.len; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            struct ground_expect expect = {content, len, 0, 0};
            packed.data[at] = (char)(packed.data[at] ^ (1 << bit));
            bool ok = read_from(&packed, (struct zst_place){0}, 64, &expect);
            CU_ASSERT_TRUE(!ok || (expect.at == len && expect.wrong == 0));
            packed.data[at] = (char)(packed.data[at] ^ (1 << bit));
        }
    wg_buf_clear(&packed);
}

static bool refused(const char *bytes, size_t len, enum wg_error_code code, const char *text)
{
    struct wg_buf buf;
    wg_buf_init(&buf, GROUND_BYTES_MAX);
    wg_buf_add(&buf, bytes, len);
    wg_error_clear(&err);
    bool ok = !read_whole(&buf, 1000, 10) && err.code == code && strstr(err.text, text) != NULL;
    if (!ok) printf("\n    refused with %d: %s\n", (int)err.code, err.text);
    wg_buf_clear(&buf);
    return ok;
}

static void test_wrong_checksum(void)
{
    struct wg_buf packed;
    ground_text(content, 10, 4);
    ground_pack(&(struct zst_pack_config){0}, content, 10, &packed);
    packed.data[packed.len - 1] = (char)(packed.data[packed.len - 1] ^ 1);
    CU_ASSERT_TRUE(refused(packed.data, packed.len, WG_E_VERIFY, "checksum"));
    wg_buf_clear(&packed);
}

static void test_garbage(void)
{
    struct wg_buf packed;
    ground_text(content, 10, 5);
    ground_pack(&(struct zst_pack_config){0}, content, 10, &packed);
    wg_buf_add(&packed, "PK\3\4", 4);
    CU_ASSERT_TRUE(refused(packed.data, packed.len, WG_E_VERIFY, "expected a zstd frame at byte"));
    packed.len -= 4;
    wg_buf_add(&packed, "\x28\xb5\x2f", 3);
    CU_ASSERT_TRUE(refused(packed.data, packed.len, WG_E_VERIFY, "ends in the middle"));
    wg_buf_clear(&packed);
    CU_ASSERT_TRUE(refused("", 0, WG_E_VERIFY, "ends in the middle"));
    /* a frame to be skipped, and one of zstd 0.7 */
    CU_ASSERT_TRUE(refused("\x50\x2a\x4d\x18\0\0\0\0", 8, WG_E_VERIFY, "at byte 0"));
    CU_ASSERT_TRUE(refused("\x27\xb5\x2f\xfd\0\0\0\0", 8, WG_E_VERIFY, "at byte 0"));
}

/* 9 MiB announced as one segment; a window of 2 GiB. */
static void test_large_window(void)
{
    CU_ASSERT_TRUE(refused("\x28\xb5\x2f\xfd\xa0\x00\x00\x90\x00\x01\x00\x00", 12, WG_E_LIMIT,
                           "more than 8192 KiB"));
    CU_ASSERT_TRUE(
        refused("\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00", 9, WG_E_LIMIT, "the frame at byte 0"));
    const struct zst_unpack_config config = {.window_log = 40};
    CU_ASSERT_PTR_NULL(zst_unpacker_new(&config, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_USAGE);
}

/* 18 bytes for each 128 KiB of zeros: stopped by whoever knows how much is to come. */
static void test_bomb(void)
{
    static const char head[] = "\x28\xb5\x2f\xfd\x00\x58", block[] = "\x02\x00\x10\x00";
    static char zeros[300000];
    struct ground_expect expect = {zeros, sizeof zeros, 0, 0};
    struct wg_buf bytes;
    wg_buf_init(&bytes, GROUND_BYTES_MAX);
    wg_buf_add(&bytes, head, 6);
    for (int i = 0; i < 100000; i++) wg_buf_add(&bytes, block, 4);
    CU_ASSERT_FALSE(read_from(&bytes, (struct zst_place){0}, 65536, &expect));
    ASSERT_TEXT(err.text, "more content than there is");
    CU_ASSERT_TRUE(expect.at > 200000 && expect.wrong == 0);
    wg_buf_clear(&bytes);
}

WG_SUITE("zst.unpack", {"portions", test_portions}, {"cut at every byte", test_cut_everywhere},
         {"every bit changed", test_changed_everywhere}, {"wrong checksum", test_wrong_checksum},
         {"garbage", test_garbage}, {"large window", test_large_window}, {"bomb", test_bomb})
