/* csv_test.c: rows for spreadsheets, which must not run what devices wrote. */
#include "orchestrator/api/csv.h"

#include "tests/unit/harness.h"

static void test_cells(void)
{
    static const char *const columns[] = {"id",   "hardware.model", "n",      "on",
                                          "none", "list",           "gone.x", NULL};
    struct wg_buf out;
    wg_buf_init(&out, 4096);
    json_t *row = json_pack("{s:s,s:{s:s},s:i,s:b,s:n,s:[s,s]}", "id", "a,\"b\"", "hardware",
                            "model", "m\nn", "n", -3, "on", 1, "none", "list", "x", "y");
    csv_head(&out, columns);
    csv_line(&out, columns, row);
    ASSERT_TEXT(wg_buf_str(&out),
                "id,hardware.model,n,on,none,list,gone.x\r\n"
                "\"a,\"\"b\"\"\",\"m\nn\",-3,true,,\"[\"\"x\"\",\"\"y\"\"]\",\r\n");
    json_decref(row);
    wg_buf_clear(&out);
}

static void test_formulas(void)
{
    static const char *const columns[] = {"v", NULL};
    static const char *const bad[] = {"=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        struct wg_buf out;
        wg_buf_init(&out, 4096);
        json_t *row = json_pack("{s:s}", "v", bad[i]);
        csv_line(&out, columns, row);
        CU_ASSERT_NSTRING_EQUAL(wg_buf_str(&out), "\"'", 2);
        json_decref(row);
        wg_buf_clear(&out);
    }
}

WG_SUITE("orchestrator/api/csv", {"cells", test_cells}, {"formulas", test_formulas})
