/* token_test.c: one token, one key, one answer, whatever the power is cut at. */
#include "pki/token.h"

#include "common/age/key.h"
#include "tests/unit/harness.h"

#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAME "dev-9"
#define NOW ((wg_time)1800000000000)

static struct wg_error err;

struct place {
    char folder[64], pki[80];
    struct wg_claim_request request;
};

static int remove_one(const char *path, const struct stat *info, int kind, struct FTW *ftw)
{
    (void)info;
    (void)kind;
    (void)ftw;
    return remove(path);
}

static void make_csr(struct wg_claim_request *request)
{
    struct wg_identity_key key;
    struct wg_buf der;
    wg_buf_init(&der, sizeof request->csr);
    ASSERT_OK(wg_identity_make(WG_IDENTITY_ED25519, &key, &err), &err);
    ASSERT_OK(wg_csr_make(request->device, &key, &der, &err), &err);
    memcpy(request->csr, der.data, request->csr_len = der.len);
    wg_buf_clear(&der);
}

static void make_age(struct wg_claim_request *request)
{
    struct age_identity age;
    char text[AGE_BECH32_TEXT];
    ASSERT_OK(age_identity_make(&age, &err), &err);
    ASSERT_OK(age_recipient_write(&age.recipient, text, &err), &err);
    (void)wg_copy(request->age_key, sizeof request->age_key, text);
}

/* The authorities, a token on those terms, and the claim of it. */
static void place_make(struct place *place, const char *model)
{
    struct policy policy;
    const struct token_terms terms = {
        .device = NAME, .expires = NOW + WG_DAY, .model = model, .revision = ""};
    *place = (struct place){.folder = "/tmp/wg-token-XXXXXX"};
    if (access("/dev/shm", W_OK) == 0)
        (void)wg_copy(place->folder, sizeof place->folder, "/dev/shm/wg-token-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(place->folder));
    (void)wg_format(place->pki, sizeof place->pki, "%s/pki", place->folder);
    policy_init(&policy);
    const struct authority_keys keys = {.kind = WG_IDENTITY_ED25519};
    ASSERT_OK(authority_init_all(place->pki, &policy, &keys, NOW - WG_DAY, &err), &err);
    ASSERT_OK(token_make(place->pki, &terms, place->request.token, &err), &err);
    (void)wg_copy(place->request.device, sizeof place->request.device, NAME);
    (void)wg_copy(place->request.hardware_model, sizeof place->request.hardware_model, "ecu");
    make_age(&place->request);
    make_csr(&place->request);
}

static void place_clear(struct place *place)
{
    CU_ASSERT_EQUAL(nftw(place->folder, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

static bool claim_at(struct place *place, wg_time now, struct claimed *out)
{
    struct authority authority;
    err = (struct wg_error){0};
    bool ok = authority_open(place->pki, DOMAIN_DEVICE, &authority, &err) &&
              token_claim(place->pki, &authority, &place->request, now, out, &err);
    authority_clear(&authority);
    return ok;
}

static size_t issued(struct place *place, bool revoke)
{
    struct authority authority;
    ASSERT_OK(authority_open(place->pki, DOMAIN_DEVICE, &authority, &err), &err);
    size_t count = authority.ledger.count;
    for (size_t i = 0; revoke && i < count; i++) authority.ledger.entries[i].revoked = NOW;
    if (revoke) ASSERT_OK(authority_save(&authority, &err), &err);
    authority_clear(&authority);
    return count;
}

static void test_again(void)
{
    struct place place;
    struct claimed first = {.noted = false}, again = first;
    place_make(&place, "");
    ASSERT_OK(token_check(place.pki, &place.request, NOW, &err), &err);
    CU_ASSERT_EQUAL(issued(&place, false), 0);
    ASSERT_OK(claim_at(&place, NOW, &first), &err);
    CU_ASSERT_FALSE(first.noted);
    ASSERT_OK(token_note(place.pki, NAME, &err), &err);
    ASSERT_OK(claim_at(&place, NOW + WG_HOUR, &again), &err);
    CU_ASSERT_TRUE(again.noted);
    ASSERT_TEXT(again.chain, first.chain);
    ASSERT_TEXT(again.record, first.record);
    CU_ASSERT_EQUAL(issued(&place, false), 1);
    ASSERT_OK(claim_at(&place, NOW + 2 * WG_DAY, &again), &err); /* it has expired since */
    ASSERT_TEXT(again.chain, first.chain);
    make_age(&place.request); /* another age key than the one that was enrolled */
    CU_ASSERT_FALSE(claim_at(&place, NOW, &again));
    CU_ASSERT_EQUAL(err.code, WG_E_CONFLICT);
    make_csr(&place.request);
    CU_ASSERT_FALSE(claim_at(&place, NOW, &again));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_FALSE(token_check(place.pki, &place.request, NOW, &err));
    CU_ASSERT_EQUAL(issued(&place, false), 1);
    place_clear(&place);
}

/* The power is cut after the answer was kept, before the ledger has it. */
static void test_cut_before_the_ledger(void)
{
    struct place place;
    struct claimed first = {.noted = false}, again = first;
    char ledger[128];
    place_make(&place, "");
    (void)wg_format(ledger, sizeof ledger, "%s/device/ledger", place.pki);
    ASSERT_OK(claim_at(&place, NOW, &first), &err);
    CU_ASSERT_EQUAL_FATAL(truncate(ledger, 0), 0);
    CU_ASSERT_EQUAL(issued(&place, false), 0);
    ASSERT_OK(claim_at(&place, NOW, &again), &err);
    ASSERT_TEXT(again.chain, first.chain);
    CU_ASSERT_EQUAL(issued(&place, false), 1);
    place_clear(&place);
}

static void test_revoked(void)
{
    struct place place;
    struct claimed out;
    place_make(&place, "");
    ASSERT_OK(claim_at(&place, NOW, &out), &err);
    (void)issued(&place, true);
    CU_ASSERT_FALSE(claim_at(&place, NOW, &out));
    CU_ASSERT_EQUAL(err.code, WG_E_DENIED);
    CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "revoked"));
    CU_ASSERT_EQUAL(issued(&place, false), 1);
    place_clear(&place);
}

static void refused(struct place *place, wg_time now, enum wg_error_code code)
{
    struct claimed out;
    err = (struct wg_error){0};
    CU_ASSERT_FALSE(token_check(place->pki, &place->request, now, &err));
    CU_ASSERT_EQUAL(err.code, code);
    CU_ASSERT_FALSE(claim_at(place, now, &out));
    CU_ASSERT_EQUAL(err.code, code);
    CU_ASSERT_EQUAL(issued(place, false), 0);
}

static void test_refused(void)
{
    struct place place;
    place_make(&place, "brake");
    refused(&place, NOW, WG_E_CONFLICT); /* for other hardware */
    refused(&place, NOW + WG_DAY, WG_E_DENIED);
    (void)wg_copy(place.request.hardware_model, sizeof place.request.hardware_model, "brake");
    ASSERT_OK(token_check(place.pki, &place.request, NOW, &err), &err);
    char *last = &place.request.token[strlen(place.request.token) - 1];
    *last = *last == '0' ? '1' : '0';
    refused(&place, NOW, WG_E_DENIED);
    *last = '\0';
    refused(&place, NOW, WG_E_DENIED);
    place.request.csr[place.request.csr_len - 1] ^= 1;
    refused(&place, NOW, WG_E_VERIFY);
    place_clear(&place);
}

WG_SUITE("token", {"the same key gets the same again", test_again},
         {"a power cut before the ledger", test_cut_before_the_ledger}, {"revoked", test_revoked},
         {"what gets nothing", test_refused})
