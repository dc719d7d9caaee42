/* books_test.c: the signer's own count: per campaign, revision and wave, across restarts and torn
 * lines. */
#include "orchestrator/signer/books.h"

#include "orchestrator/signer/key_set.h"
#include "tests/unit/agent/folder.h"

#define DIGEST "aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11aa11"
#define OTHER "bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22bb22"

static struct folder folder;
static struct books *books;
static struct wg_error err;

static void open_books(void)
{
    books = books_new(folder_file(&folder, "books"), &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(books);
}

static void set_up(void)
{
    folder_make(&folder);
    open_books();
}

static void tear_down(void)
{
    books_free(books);
    folder_remove(&folder);
}

static void enter(const char *campaign, const char *digest, const char *wave, const char *device)
{
    const struct books_entry entry = {campaign, digest, wave, device};
    ASSERT_OK(books_enter(books, &entry, &err), &err);
}

static int64_t count(const char *campaign, const char *digest, const char *wave)
{
    const struct books_entry entry = {campaign, digest, wave, "none"};
    int64_t devices = -1;
    bool has = true;
    ASSERT_OK(books_count(books, &entry, &devices, &has, &err), &err);
    CU_ASSERT_FALSE(has);
    return devices;
}

static bool has(const char *campaign, const char *digest, const char *wave, const char *device)
{
    const struct books_entry entry = {campaign, digest, wave, device};
    int64_t devices = 0;
    bool found = false;
    ASSERT_OK(books_count(books, &entry, &devices, &found, &err), &err);
    return found;
}

static void test_counts(void)
{
    set_up();
    enter("brakes", DIGEST, "lab", "dev-1");
    enter("brakes", DIGEST, "lab", "dev-2");
    enter("brakes", DIGEST, "lab", "dev-1"); /* once more is not one more */
    enter("brakes", DIGEST, "rest", "dev-3");
    enter("brakes", OTHER, "lab", "dev-9");
    enter("doors", DIGEST, "lab", "dev-1");
    for (int round = 0; round < 2; round++) {
        CU_ASSERT_EQUAL(count("brakes", DIGEST, "lab"), 2);
        CU_ASSERT_EQUAL(count("brakes", DIGEST, "rest"), 1);
        CU_ASSERT_EQUAL(count("brakes", OTHER, "lab"), 1);
        CU_ASSERT_EQUAL(count("doors", DIGEST, "lab"), 1);
        CU_ASSERT_EQUAL(count("windows", DIGEST, "lab"), 0);
        CU_ASSERT_TRUE(has("brakes", DIGEST, "lab", "dev-2"));
        CU_ASSERT_FALSE(has("brakes", DIGEST, "rest", "dev-2"));
        books_free(books); /* what is in the files is what counts */
        open_books();
    }
    tear_down();
}

static void test_sent(void)
{
    bool sent = false;
    set_up();
    enter("brakes", DIGEST, "lab", "dev-1");
    ASSERT_OK(books_has_sent(books, "brakes", "dev-1", &sent, &err), &err);
    CU_ASSERT_TRUE(sent);
    ASSERT_OK(books_has_sent(books, "brakes", "dev-2", &sent, &err), &err);
    CU_ASSERT_FALSE(sent);
    ASSERT_OK(books_has_sent(books, "doors", "dev-1", &sent, &err), &err);
    CU_ASSERT_FALSE(sent);
    CU_ASSERT_FALSE(books_has_sent(books, "../doors", "dev-1", &sent, &err));
    tear_down();
}

static void test_begun(void)
{
    bool begun = true;
    set_up();
    ASSERT_OK(books_has_begun(books, "brakes", DIGEST, &begun, &err), &err);
    CU_ASSERT_FALSE(begun);
    enter("brakes", DIGEST, "lab", "dev-1");
    ASSERT_OK(books_has_begun(books, "brakes", DIGEST, &begun, &err), &err);
    CU_ASSERT_TRUE(begun);
    ASSERT_OK(books_has_begun(books, "brakes", OTHER, &begun, &err), &err);
    CU_ASSERT_FALSE(begun);
    tear_down();
}

/* A power cut leaves half a line at the end: it is dropped, and the next one is whole. */
static void test_torn(void)
{
    set_up();
    enter("brakes", DIGEST, "lab", "dev-1");
    books_free(books);
    folder_put(&folder, "books/brakes", DIGEST " lab dev-1\n" DIGEST " lab de", 0600);
    open_books();
    CU_ASSERT_EQUAL(count("brakes", DIGEST, "lab"), 1);
    enter("brakes", DIGEST, "lab", "dev-2");
    books_free(books);
    open_books();
    CU_ASSERT_EQUAL(count("brakes", DIGEST, "lab"), 2);
    tear_down();
}

/* A line that is none means that somebody has written there: nothing is signed for that campaign.
 */
static void test_spoiled(void)
{
    const struct books_entry entry = {"brakes", DIGEST, "lab", "dev-1"};
    int64_t devices = 0;
    bool found = false;
    set_up();
    folder_put(&folder, "books/brakes", "something else\n", 0600);
    CU_ASSERT_FALSE(books_count(books, &entry, &devices, &found, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
    CU_ASSERT_FALSE(books_enter(books, &entry, &err));
    tear_down();
}

/* More campaigns than are kept in memory. */
static void test_many(void)
{
    set_up();
    for (int i = 0; i < BOOKS_CAMPAIGNS_MAX + 20; i++) {
        char name[32];
        (void)wg_format(name, sizeof name, "campaign-%d", i);
        enter(name, DIGEST, "lab", "dev-1");
    }
    CU_ASSERT_EQUAL(count("campaign-0", DIGEST, "lab"), 1);
    CU_ASSERT_EQUAL(count("campaign-100", DIGEST, "lab"), 1);
    ASSERT_OK(books_sync(books, &err), &err);
    tear_down();
}

static void test_key_set(void)
{
    struct key_set set = {0};
    struct key_hash key;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < 5000; i++) {
            char text[16];
            (void)wg_format(text, sizeof text, "%d", i);
            ASSERT_OK(key_of(text, "", "", &key, &err), &err);
            CU_ASSERT_EQUAL(key_set_count(&set, &key), round);
            ASSERT_OK(key_set_add(&set, &key, &err), &err);
        }
    CU_ASSERT_EQUAL(set.used, 5000);
    key_set_clear(&set);
}

WG_SUITE("signer/books", {"counts", test_counts}, {"sent", test_sent}, {"begun", test_begun},
         {"torn", test_torn}, {"spoiled", test_spoiled}, {"many", test_many},
         {"key set", test_key_set})
