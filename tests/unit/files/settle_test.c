/* settle_test.c: what nginx's log gives back, and what it cannot. */
#include "orchestrator/files/settle.h"

#include "common/text.h"
#include "tests/unit/agent/folder.h"

#define REQUEST "00112233445566778899aabbccddeeff"

static struct wg_error err;
static struct folder folder;
static struct ledger *ledger;
static const struct ledger_id id = {{1, 2, 3}};

static struct settle *open_all(void)
{
    folder_make(&folder);
    ledger = ledger_open(folder_file(&folder, "ledger"), 10, 0, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(ledger);
    struct settle *settle = settle_new(ledger, &err);
    CU_ASSERT_PTR_NOT_NULL_FATAL(settle);
    CU_ASSERT_EQUAL(ledger_hold(ledger, &id, 1000, 1000, 1000), LEDGER_OK);
    CU_ASSERT_EQUAL(ledger_spend(ledger, &id, 1000), LEDGER_OK);
    return settle;
}

static void close_all(struct settle *settle)
{
    settle_free(settle);
    ledger_close(ledger);
    folder_remove(&folder);
}

static void test_lines(void)
{
    static const struct {
        const char *line;
        bool taken;
        int64_t used; /* of 1000, of which 400 were this request's */
    } rows[] = {
        {"<190>Nov 21 14:12:35 wavegate: " REQUEST " 206 100", true, 700},
        {REQUEST " 200 0\n", true, 600},
        {REQUEST " 206 400", true, 1000},
        {REQUEST " 206 500", true, 1000},
        {REQUEST " 304 0", true, 600},
        {REQUEST " 404 150", true, 750},
        {"10112233445566778899aabbccddeeff 206 100", false, 1000},
        {REQUEST " 206 -100", false, 1000},
        {REQUEST " 206 1x", false, 1000},
        {REQUEST " 206", false, 1000},
        {REQUEST " 206 ", false, 1000},
        {REQUEST "206 1", false, 1000},
        {"0011 206 1", false, 1000},
        {"-", false, 1000},
        {"", false, 1000},
        {": ", false, 1000},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct settle *settle = open_all();
        settle_expect(settle, REQUEST, &id, 400, 1);
        CU_ASSERT_EQUAL(settle_log(settle, rows[i].line, strlen(rows[i].line)), rows[i].taken);
        CU_ASSERT_EQUAL(ledger_used(ledger, &id), rows[i].used);
        if (rows[i].taken) /* once */
            CU_ASSERT_FALSE(settle_log(settle, rows[i].line, strlen(rows[i].line)));
        close_all(settle);
    }
}

static void test_not_kept(void)
{
    static const char line[] = REQUEST " 200 0";
    struct settle *settle = open_all();
    settle_expect(settle, NULL, &id, 400, 1);
    settle_expect(settle, "", &id, 400, 1);
    settle_expect(settle, REQUEST "0", &id, 400, 1);
    settle_expect(settle, REQUEST, &id, 0, 1);
    CU_ASSERT_FALSE(settle_log(settle, line, strlen(line)));
    CU_ASSERT_EQUAL(ledger_used(ledger, &id), 1000);
    close_all(settle);
}

/* The ninth request of a bucket puts the oldest out, whose bytes stay spent. */
static void test_full(void)
{
    struct settle *settle = open_all();
    char request[SETTLE_ID_DIGITS + 1], line[64];
    for (int i = 0; i < 9; i++) {
        (void)snprintf(request, sizeof request, "0011%028d", i);
        settle_expect(settle, request, &id, 10, i + 1);
    }
    for (int i = 0; i < 9; i++) {
        (void)snprintf(line, sizeof line, "0011%028d 200 0", i);
        CU_ASSERT_EQUAL(settle_log(settle, line, strlen(line)), i > 0);
    }
    CU_ASSERT_EQUAL(ledger_used(ledger, &id), 1000 - 80);
    close_all(settle);
}

WG_SUITE("orchestrator/files/settle", {"lines", test_lines}, {"not kept", test_not_kept},
         {"full", test_full})
