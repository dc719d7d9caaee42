/* id_list_test.c: lines to ids. */
#include "orchestrator/registry/id_list.h"

#include "tests/unit/harness.h"

static void lines(void)
{
    struct wg_error err = {0};
    struct id_list list;
    char text[] = "# the pilots\nd2\n\r\n  d3  # and this one\r\nd4";
    id_list_init(&list);
    ASSERT_OK(id_list_read(&list, text, &err), &err);
    CU_ASSERT_EQUAL_FATAL(list.count, 3);
    ASSERT_TEXT(list.ids[0], "d2");
    ASSERT_TEXT(list.ids[1], "d3");
    ASSERT_TEXT(list.ids[2], "d4");
    id_list_clear(&list);
    char nothing[] = "";
    ASSERT_OK(id_list_read(&list, nothing, &err), &err);
    CU_ASSERT_EQUAL(list.count, 0);
    id_list_clear(&list);
}

static void bad_line(void)
{
    struct wg_error err = {0};
    struct id_list list;
    char text[] = "d1\n\nd/2\n";
    id_list_init(&list);
    CU_ASSERT_FALSE(id_list_read(&list, text, &err));
    CU_ASSERT_EQUAL(err.code, WG_E_BAD_FILE);
    CU_ASSERT_EQUAL(list.line, 3);
    id_list_clear(&list);
}

WG_SUITE("orchestrator/registry/id_list", {"lines", lines}, {"bad_line", bad_line})
