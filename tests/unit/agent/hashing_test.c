/* hashing_test.c: the same hash as in one go, whatever the pieces. */
#include "agent/posix/hashing.h"

#include "common/text.h"
#include "tests/unit/harness.h"

#include <string.h>

#define LENGTH 1000003
#define PIECES_MAX 100000 /* of one byte: a second of handing over */

static uint8_t data[LENGTH];
static struct wg_error err;

static void fill(void)
{
    for (size_t i = 0; i < LENGTH; i++) data[i] = (uint8_t)(i * 7 + i / 251);
}

static bool hash_in(size_t piece, size_t length, uint8_t out[WG_SHA256_SIZE])
{
    struct hashing *hashing = hashing_new(&err);
    bool ok = hashing != NULL;
    for (size_t at = 0; ok && at < length; at += piece)
        ok = hashing_add(hashing, data + at, length - at < piece ? length - at : piece, &err);
    ok = ok && hashing_end(hashing, out, &err);
    hashing_free(hashing);
    return ok;
}

static void test_pieces(void)
{
    static const size_t pieces[] = {1, 63, 4096, 65535, 65536, 65537, LENGTH};
    static const size_t lengths[] = {0, 1, 65536, 65537, LENGTH};
    uint8_t expected[WG_SHA256_SIZE], found[WG_SHA256_SIZE];
    fill();
    for (size_t l = 0; l < sizeof lengths / sizeof lengths[0]; l++) {
        ASSERT_OK(wg_sha256_digest(data, lengths[l], expected, &err), &err);
        for (size_t p = 0; p < sizeof pieces / sizeof pieces[0]; p++) {
            if (lengths[l] / pieces[p] > PIECES_MAX) continue;
            memset(found, 0, sizeof found);
            ASSERT_OK(hash_in(pieces[p], lengths[l], found), &err);
            CU_ASSERT_EQUAL(memcmp(expected, found, sizeof found), 0);
        }
    }
}

static void test_given_up(void)
{
    struct hashing *hashing = hashing_new(&err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(hashing);
    ASSERT_OK(hashing_add(hashing, data, LENGTH, &err), &err);
    hashing_free(hashing); /* in the middle */
    hashing_free(NULL);
}

static void test_ended(void)
{
    uint8_t out[WG_SHA256_SIZE];
    struct hashing *hashing = hashing_new(&err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(hashing);
    ASSERT_OK(hashing_end(hashing, out, &err), &err);
    CU_ASSERT_FALSE(hashing_add(hashing, data, 1, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    hashing_free(hashing);
}

WG_SUITE("agent/posix/hashing", {"pieces", test_pieces}, {"given up", test_given_up},
         {"ended", test_ended})
