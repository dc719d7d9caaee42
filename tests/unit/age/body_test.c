/* body_test.c: bodies written and read: in any portions, from any chunk on; and whatever is
 * changed, cut, added or put elsewhere, no wrong byte comes out. */
#include "common/text.h"
#include "tests/unit/age/sink.h"

#include <stdlib.h>

static struct wg_error err;

static const struct age_file_key KEY = {.bytes = "YELLOW SUBMARINE"};
static const uint8_t NONCE[AGE_NONCE] = "once and no more";

/* Lengths around every edge. */
static const size_t LENGTHS[] = {0,
                                 1,
                                 15,
                                 16,
                                 17,
                                 AGE_CHUNK - 1,
                                 AGE_CHUNK,
                                 AGE_CHUNK + 1,
                                 AGE_SEALED_CHUNK,
                                 AGE_SEALED_CHUNK + 1,
                                 2 * AGE_CHUNK - 1,
                                 2 * AGE_CHUNK,
                                 2 * AGE_CHUNK + 1,
                                 3 * AGE_CHUNK + 77};
#define LENGTHS_COUNT (sizeof LENGTHS / sizeof LENGTHS[0])
#define CONTENT_MAX (4 * (size_t)AGE_CHUNK)

static uint8_t content[CONTENT_MAX];

/* xorshift64*: the same numbers each time. */
static uint64_t chance_state = 20260101;
static size_t chance(size_t below)
{
    chance_state ^= chance_state >> 12;
    chance_state ^= chance_state << 25;
    chance_state ^= chance_state >> 27;
    return (size_t)((chance_state * 0x2545f4914f6cdd1dULL >> 32) % below);
}

static void fill_content(void)
{
    for (size_t i = 0; i < sizeof content; i++) content[i] = (uint8_t)chance(256);
}

/* How a body is handed over: all at once, in portions of one size, or of any. */
struct reading {
    size_t portion; /* 0: any */
    int64_t chunk;  /* to begin with; 0: as a new body */
};

/* Pushes body[0..len), which begins with chunk reading.chunk; true if it was taken to its end. */
static bool read_body(const uint8_t *body, size_t len, struct reading reading,
                      struct sink_expect *expect)
{
    struct age_sink sink = {sink_compare, expect};
    struct age_decryptor *decryptor =
        reading.chunk > 0 ? age_decryptor_resume(&KEY, NONCE, reading.chunk, sink, &err)
                          : age_decryptor_new(&KEY, sink, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(decryptor);
    bool ok = true;
    for (size_t at = 0, n; ok && at < len; at += n) {
        n = reading.portion ? reading.portion : 1 + chance(2 * AGE_CHUNK);
        if (n > len - at) n = len - at;
        ok = age_decryptor_push(decryptor, body + at, n, &err);
        CU_ASSERT_EQUAL(age_decryptor_done(decryptor), (int64_t)expect->at);
    }
    ok = ok && age_decryptor_end(decryptor, &err);
    CU_ASSERT_FALSE(age_decryptor_push(decryptor, "x", 1, NULL));
    CU_ASSERT_FALSE(age_decryptor_end(decryptor, NULL));
    age_decryptor_free(decryptor);
    return ok;
}

static void expect_whole(const struct wg_buf *body, size_t len, struct reading reading)
{
    struct sink_expect expect = {.content = content, .len = len};
    size_t from = 0;
    if (reading.chunk > 0) {
        expect.at = (size_t)age_chunk_content(reading.chunk);
        from = (size_t)age_chunk_body(reading.chunk);
    }
    bool ok = read_body((uint8_t *)body->data + from, body->len - from, reading, &expect);
    if (!ok) printf("\n    %zu bytes, portion %zu: %s\n", len, reading.portion, err.text);
    CU_ASSERT_TRUE(ok);
    CU_ASSERT_EQUAL(expect.wrong, 0);
    CU_ASSERT_EQUAL(expect.at, len);
}

/* Must be refused; what comes out before is right. */
static void expect_refused(const uint8_t *body, size_t len, size_t content_len)
{
    struct sink_expect expect = {.content = content, .len = content_len};
    CU_ASSERT_FALSE(read_body(body, len, (struct reading){SIZE_MAX, 0}, &expect));
    CU_ASSERT_TRUE(err.code == WG_E_VERIFY || (err.code == WG_E_BAD_INPUT && len < AGE_NONCE));
    CU_ASSERT_EQUAL(expect.wrong, 0);
}

static void test_lengths(void)
{
    static const int64_t no_body[] = {-1,
                                      0,
                                      16,
                                      31,
                                      AGE_NONCE + AGE_SEALED_CHUNK + 1,
                                      AGE_NONCE + AGE_SEALED_CHUNK + AGE_TAG,
                                      INT64_MAX};
    int64_t body_len, back;
    for (size_t i = 0; i < LENGTHS_COUNT; i++) {
        struct wg_buf body;
        sink_body(&KEY, NONCE, content, LENGTHS[i], &body);
        ASSERT_OK(age_body_length((int64_t)LENGTHS[i], &body_len, &err), &err);
        CU_ASSERT_EQUAL(body_len, (int64_t)body.len);
        ASSERT_OK(age_content_length(body_len, &back, &err), &err);
        CU_ASSERT_EQUAL(back, (int64_t)LENGTHS[i]);
        wg_buf_clear(&body);
    }
    for (size_t i = 0; i < sizeof no_body / sizeof no_body[0]; i++)
        CU_ASSERT_FALSE(age_content_length(no_body[i], &back, &err));
    ASSERT_OK(age_body_length(AGE_CONTENT_MAX, &body_len, &err), &err);
    ASSERT_OK(age_content_length(body_len, &back, &err), &err);
    CU_ASSERT_EQUAL(back, AGE_CONTENT_MAX);
    CU_ASSERT_FALSE(age_body_length(AGE_CONTENT_MAX + 1, &body_len, &err));
    CU_ASSERT_FALSE(age_body_length(-1, &body_len, &err));
}

static void test_places(void)
{
    CU_ASSERT_EQUAL(age_chunk_of(0), 0);
    CU_ASSERT_EQUAL(age_chunk_of(AGE_CHUNK - 1), 0);
    CU_ASSERT_EQUAL(age_chunk_of(AGE_CHUNK), 1);
    CU_ASSERT_EQUAL(age_chunk_content(3), 3 * AGE_CHUNK);
    CU_ASSERT_EQUAL(age_chunk_body(3), 16 + 3 * AGE_SEALED_CHUNK);
    CU_ASSERT_EQUAL(age_chunk_to_resume(0, 0), 0);
    CU_ASSERT_EQUAL(age_chunk_to_resume(AGE_CHUNK - 1, 3 * AGE_CHUNK), 0);
    CU_ASSERT_EQUAL(age_chunk_to_resume(AGE_CHUNK, 3 * AGE_CHUNK), 1);
    /* all is there, but its end was not proven */
    CU_ASSERT_EQUAL(age_chunk_to_resume(3 * AGE_CHUNK, 3 * AGE_CHUNK), 2);
    CU_ASSERT_EQUAL(age_chunk_to_resume(3 * AGE_CHUNK + 1, 3 * AGE_CHUNK + 1), 3);
    CU_ASSERT_EQUAL(age_chunk_to_resume(AGE_CHUNK, AGE_CHUNK), 0);
}

static void test_portions(void)
{
    static const size_t portions[] = {
        SIZE_MAX, AGE_SEALED_CHUNK, AGE_SEALED_CHUNK - 1, AGE_SEALED_CHUNK + 1, AGE_NONCE, 0, 0, 0};
    for (size_t i = 0; i < LENGTHS_COUNT; i++) {
        struct wg_buf body;
        sink_body(&KEY, NONCE, content, LENGTHS[i], &body);
        for (size_t j = 0; j < sizeof portions / sizeof portions[0]; j++)
            expect_whole(&body, LENGTHS[i], (struct reading){portions[j], 0});
        if (LENGTHS[i] < 100) expect_whole(&body, LENGTHS[i], (struct reading){1, 0});
        wg_buf_clear(&body);
    }
}

/* Content in portions makes the same body as content at once. */
static void test_written_in_portions(void)
{
    for (size_t i = 0; i < LENGTHS_COUNT; i++) {
        struct wg_buf whole, parts;
        sink_body(&KEY, NONCE, content, LENGTHS[i], &whole);
        wg_buf_init(&parts, SIZE_MAX);
        struct age_encryptor *encryptor =
            age_encryptor_with(&KEY, NONCE, (struct age_sink){sink_collect, &parts}, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(encryptor);
        for (size_t at = 0, n; at < LENGTHS[i]; at += n) {
            n = 1 + chance(AGE_CHUNK + 9);
            if (n > LENGTHS[i] - at) n = LENGTHS[i] - at;
            ASSERT_OK(age_encryptor_push(encryptor, content + at, n, &err), &err);
        }
        ASSERT_OK(age_encryptor_end(encryptor, &err), &err);
        CU_ASSERT_FALSE(age_encryptor_push(encryptor, "x", 1, NULL));
        age_encryptor_free(encryptor);
        CU_ASSERT_TRUE(parts.len == whole.len && memcmp(parts.data, whole.data, whole.len) == 0);
        wg_buf_clear(&whole);
        wg_buf_clear(&parts);
    }
}

static void test_resumed(void)
{
    for (size_t i = 0; i < LENGTHS_COUNT; i++) {
        struct wg_buf body;
        int64_t last = age_chunk_to_resume((int64_t)LENGTHS[i], (int64_t)LENGTHS[i]);
        sink_body(&KEY, NONCE, content, LENGTHS[i], &body);
        for (int64_t chunk = 1; chunk <= last; chunk++) {
            expect_whole(&body, LENGTHS[i], (struct reading){0, chunk});
            /* the bytes of another chunk */
            size_t from = (size_t)age_chunk_body(chunk - 1);
            struct sink_expect expect = {content, LENGTHS[i], (size_t)age_chunk_content(chunk), 0};
            CU_ASSERT_FALSE(read_body((uint8_t *)body.data + from, body.len - from,
                                      (struct reading){SIZE_MAX, chunk}, &expect));
            CU_ASSERT_EQUAL(expect.at, (size_t)age_chunk_content(chunk));
            CU_ASSERT_EQUAL(expect.wrong, 0);
        }
        wg_buf_clear(&body);
    }
    struct age_sink nowhere = {sink_compare, NULL};
    CU_ASSERT_PTR_NULL(age_decryptor_resume(&KEY, NONCE, -1, nowhere, &err));
    CU_ASSERT_PTR_NULL(age_decryptor_resume(&KEY, NONCE, INT64_MAX, nowhere, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_LIMIT);
}

static bool refuse_to_write(void *ctx, const void *data, size_t len, struct wg_error *problem)
{
    (void)ctx;
    (void)data;
    (void)len;
    return wg_fail(problem, WG_E_IO, "the slot is full");
}

/* Stopped anywhere, by a cut of the power say, then resumed with what was kept. */
static void test_interrupted(void)
{
    const size_t len = 3 * AGE_CHUNK + 77;
    struct wg_buf body;
    sink_body(&KEY, NONCE, content, len, &body);
    for (int round = 0; round < 20; round++) {
        struct sink_expect expect = {.content = content, .len = len};
        struct age_decryptor *decryptor =
            age_decryptor_new(&KEY, (struct age_sink){sink_compare, &expect}, &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(decryptor);
        CU_ASSERT_PTR_NULL(age_decryptor_nonce(decryptor));
        ASSERT_OK(age_decryptor_push(decryptor, body.data, AGE_NONCE + chance(body.len - AGE_NONCE),
                                     &err),
                  &err);
        CU_ASSERT_PTR_NOT_NULL_FATAL(age_decryptor_nonce(decryptor));
        CU_ASSERT_EQUAL(memcmp(age_decryptor_nonce(decryptor), NONCE, AGE_NONCE), 0);
        int64_t chunk = age_chunk_to_resume(age_decryptor_done(decryptor), (int64_t)len);
        CU_ASSERT_EQUAL(age_chunk_content(chunk), (int64_t)expect.at);
        age_decryptor_free(decryptor);
        expect_whole(&body, len, (struct reading){0, chunk});
    }
    struct age_decryptor *full =
        age_decryptor_new(&KEY, (struct age_sink){refuse_to_write, NULL}, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(full);
    CU_ASSERT_FALSE(age_decryptor_push(full, body.data, body.len, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_IO);
    CU_ASSERT_EQUAL(age_decryptor_done(full), 0);
    age_decryptor_free(full);
    wg_buf_clear(&body);
}

/* Every bit of a short body, a thousand of a long one. */
static void test_each_bit(void)
{
    static const size_t lengths[] = {0, 1, 100, 2 * AGE_CHUNK, 2 * AGE_CHUNK + 5};
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        struct wg_buf body;
        sink_body(&KEY, NONCE, content, lengths[i], &body);
        size_t bits = 8 * body.len, tries = bits < 2000 ? bits : 300;
        for (size_t n = 0; n < tries; n++) {
            size_t bit = tries == bits ? n : chance(bits);
            body.data[bit / 8] = (char)(body.data[bit / 8] ^ 1 << bit % 8);
            expect_refused((uint8_t *)body.data, body.len, lengths[i]);
            body.data[bit / 8] = (char)(body.data[bit / 8] ^ 1 << bit % 8);
        }
        expect_whole(&body, lengths[i], (struct reading){SIZE_MAX, 0});
        wg_buf_clear(&body);
    }
}

/* Every length of a short body; of a long one those around the edges, and any. */
static void test_cut(void)
{
    struct wg_buf body;
    sink_body(&KEY, NONCE, content, 100, &body);
    for (size_t len = 0; len < body.len; len++) expect_refused((uint8_t *)body.data, len, 100);
    wg_buf_clear(&body);
    sink_body(&KEY, NONCE, content, CONTENT_MAX, &body);
    for (int64_t chunk = 0; chunk <= 3; chunk++)
        for (size_t more = 0; more <= 2 * AGE_TAG; more++)
            expect_refused((uint8_t *)body.data, (size_t)age_chunk_body(chunk) + more, CONTENT_MAX);
    for (int n = 0; n < 100; n++)
        expect_refused((uint8_t *)body.data, chance(body.len), CONTENT_MAX);
    wg_buf_clear(&body);
}

static void test_extended(void)
{
    for (size_t i = 0; i < LENGTHS_COUNT; i++) {
        static const size_t more[] = {1, AGE_TAG, AGE_SEALED_CHUNK, AGE_SEALED_CHUNK + 1};
        for (size_t j = 0; j < sizeof more / sizeof more[0]; j++) {
            struct wg_buf body;
            sink_body(&KEY, NONCE, content, LENGTHS[i], &body);
            wg_buf_add(&body, content, more[j]);
            expect_refused((uint8_t *)body.data, body.len, LENGTHS[i]);
            wg_buf_clear(&body);
        }
    }
}

/* Chunks left out, twice, in another order; the end of another body; another nonce. */
static void test_moved(void)
{
    static const int orders[][4] = {{0, 1, 3, -1}, {1, 2, 3, -1}, {0, 0, 1, 2}, {0, 2, 1, 3},
                                    {1, 0, 2, 3},  {3, 0, 1, 2},  {0, 1, 2, 2}, {0, 1, 3, 3},
                                    {2, 1, 0, 3},  {0, 3, 2, 1}};
    const size_t len = CONTENT_MAX;
    struct wg_buf body, moved, other;
    sink_body(&KEY, NONCE, content, len, &body);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        wg_buf_init(&moved, SIZE_MAX);
        wg_buf_add(&moved, body.data, AGE_NONCE);
        for (size_t j = 0; j < 4 && orders[i][j] >= 0; j++)
            wg_buf_add(&moved, body.data + age_chunk_body(orders[i][j]), AGE_SEALED_CHUNK);
        expect_refused((uint8_t *)moved.data, moved.len, len);
        wg_buf_clear(&moved);
    }
    sink_body(&KEY, (const uint8_t *)"another nonce it", content, len, &other);
    memcpy(other.data + age_chunk_body(2), body.data + age_chunk_body(2), AGE_SEALED_CHUNK);
    struct sink_expect expect = {.content = content, .len = len};
    CU_ASSERT_FALSE(read_body((uint8_t *)other.data, other.len, (struct reading){0, 0}, &expect));
    CU_ASSERT_EQUAL(expect.at, 2 * AGE_CHUNK);
    CU_ASSERT_EQUAL(expect.wrong, 0);
    wg_buf_clear(&other);
    wg_buf_clear(&body);
}

static void test_keys_are_new(void)
{
    struct age_file_key a, b;
    struct wg_buf out;
    wg_buf_init(&out, SIZE_MAX);
    struct age_sink sink = {sink_collect, &out};
    struct age_encryptor *first = age_encryptor_new(sink, &a, &err);
    struct age_encryptor *second = age_encryptor_new(sink, &b, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(first);
    CU_ASSERT_PTR_NOT_NULL_FATAL(second);
    CU_ASSERT_NOT_EQUAL(memcmp(&a, &b, sizeof a), 0);
    ASSERT_OK(age_encryptor_end(first, &err), &err);
    ASSERT_OK(age_encryptor_end(second, &err), &err);
    CU_ASSERT_EQUAL_FATAL(out.len, 2 * (AGE_NONCE + AGE_TAG));
    CU_ASSERT_NOT_EQUAL(memcmp(out.data, out.data + AGE_NONCE + AGE_TAG, AGE_NONCE), 0);
    age_encryptor_free(first);
    age_encryptor_free(second);
    age_encryptor_free(NULL);
    age_decryptor_free(NULL);
    wg_buf_clear(&out);
    age_file_key_clear(&a);
    CU_ASSERT_EQUAL(a.bytes[0] | a.bytes[15], 0);
}

static void test_filled(void)
{
    fill_content();
}

WG_SUITE("age body", {"content to try with", test_filled}, {"lengths", test_lengths},
         {"places", test_places}, {"any portions", test_portions},
         {"written in any portions", test_written_in_portions}, {"resumed", test_resumed},
         {"interrupted anywhere", test_interrupted}, {"each bit", test_each_bit},
         {"cut anywhere", test_cut}, {"extended", test_extended}, {"chunks moved", test_moved},
         {"keys are new", test_keys_are_new})
