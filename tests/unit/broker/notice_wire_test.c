/* notice_wire_test.c: what the guard writes, the orchestrator reads as it was meant. */
#include "broker/notices.h"
#include "common/message_guard.h"

#include "tests/unit/harness.h"

#include <string.h>

#define AT ((wg_time)1796083200000)

static void every_kind_is_read(void)
{
    CU_ASSERT_EQUAL((int)NOTICE_KINDS, (int)WG_GUARD_KINDS);
    for (unsigned kind = 0; kind < NOTICE_KINDS; kind++) {
        struct notice notice = {.device = "dev-1", .kind = (enum notice_kind)kind, .count = 12};
        struct wg_guard_event event;
        struct wg_error err = {0};
        char json[NOTICE_JSON_MAX];
        notice.lost = kind;
        notice_json(&notice, AT, json);
        ASSERT_OK(wg_guard_event_decode(json, strlen(json), &event, &err), &err);
        ASSERT_TEXT(event.device, "dev-1");
        ASSERT_TEXT(wg_guard_kind_text(event.kind), notice_text(notice.kind));
        CU_ASSERT_EQUAL(event.count, 12);
        CU_ASSERT_EQUAL(event.lost, kind);
        CU_ASSERT_EQUAL(event.at, AT);
    }
}

static void the_greatest_numbers_are_read(void)
{
    struct notice notice = {.kind = NOTICE_TAKEOVER_STORM, .count = UINT32_MAX, .lost = 1U << 31};
    struct wg_guard_event event;
    struct wg_error err = {0};
    char json[NOTICE_JSON_MAX];
    memset(notice.device, 'd', WG_NAME_MAX);
    notice_json(&notice, AT, json);
    ASSERT_OK(wg_guard_event_decode(json, strlen(json), &event, &err), &err);
    ASSERT_TEXT(event.device, notice.device);
    CU_ASSERT_EQUAL(event.count, UINT32_MAX);
}

WG_SUITE("notice_wire", {"every kind is read", every_kind_is_read},
         {"the greatest numbers are read", the_greatest_numbers_are_read})
