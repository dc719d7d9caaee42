/* state_test.c: the words of states and causes, and every pair of "may follow" by hand. */
#include "common/state.h"
#include "tests/unit/harness.h"

#include <stdio.h>
#include <string.h>

/* clang-format off */
/* Rows: where the device stands. Columns: the state that it reports. 'x': it moves. */
static const char *const follows[WG_STATES] = {
    /*                   waiting
     *                   |offered
     *                   ||accepted
     *                   |||deferred
     *                   ||||downloading
     *                   |||||installing
     *                   ||||||rebooting
     *                   |||||||probation
     *                   ||||||||succeeded
     *                   |||||||||failed
     *                   ||||||||||rolled-back
     *                   |||||||||||silent
     *                   ||||||||||||withdrawn
     *                   |||||||||||||superseded
     *                   ||||||||||||||satisfied */
    [WG_WAITING] = "     .........xx.x..",
    [WG_OFFERED] = "     ..xxxxxxxxx.x.x",
    [WG_ACCEPTED] = "    ...xxxxxxxx.x.x",
    [WG_DEFERRED] = "    .........xx.x..",
    [WG_DOWNLOADING] = " ...x.xxxxxx.x.x",
    [WG_INSTALLING] = "  ...x..xxxxx.x.x",
    [WG_REBOOTING] = "   .......xxxx...x",
    [WG_PROBATION] = "   ........xxx...x",
    [WG_SUCCEEDED] = "   ...............",
    [WG_FAILED] = "      ...............",
    [WG_ROLLED_BACK] = " ...............",
    [WG_SILENT] = "      ...............",
    [WG_WITHDRAWN] = "   ...............",
    [WG_SUPERSEDED] = "  ...............",
    [WG_SATISFIED] = "   ...............",
};
/* clang-format on */

static void every_pair_may_or_may_not_follow(void)
{
    for (int now = 0; now < WG_STATES; now++) {
        const char *row = follows[now] + strspn(follows[now], " ");
        CU_ASSERT_EQUAL_FATAL(strlen(row), WG_STATES);
        for (int next = 0; next < WG_STATES; next++) {
            bool got = wg_state_may_follow((enum wg_state)now, (enum wg_state)next);
            if (got != (row[next] == 'x'))
                printf("\n    %s -> %s: got %d\n", wg_state_text((enum wg_state)now),
                       wg_state_text((enum wg_state)next), got);
            CU_ASSERT_EQUAL(got, row[next] == 'x');
        }
    }
}

/* What holds of any table that is right, whatever its details. */
static void laws_of_following(void)
{
    for (int n = 0; n < WG_STATES; n++)
        for (int m = 0; m < WG_STATES; m++) {
            enum wg_state now = (enum wg_state)n, next = (enum wg_state)m;
            if (!wg_state_may_follow(now, next)) continue;
            CU_ASSERT_NOT_EQUAL(now, next);
            CU_ASSERT_FALSE(wg_state_is_final(now));
            CU_ASSERT_TRUE(wg_state_is_reportable(next));
            /* no two reports can chase each other */
            CU_ASSERT_FALSE(wg_state_may_follow(next, now));
            /* who holds no slot takes none, whatever is reported */
            if (!wg_state_is_in_flight(now)) CU_ASSERT_FALSE(wg_state_is_in_flight(next));
        }
}

static void states_one_by_one(void)
{
    static const struct {
        const char *text;
        enum wg_state state;
        bool final, in_flight, reportable;
    } rows[] = {
        {"waiting", WG_WAITING, false, false, false},
        {"offered", WG_OFFERED, false, true, false},
        {"accepted", WG_ACCEPTED, false, true, true},
        {"deferred", WG_DEFERRED, false, false, true},
        {"downloading", WG_DOWNLOADING, false, true, true},
        {"installing", WG_INSTALLING, false, true, true},
        {"rebooting", WG_REBOOTING, false, true, true},
        {"probation", WG_PROBATION, false, true, true},
        {"succeeded", WG_SUCCEEDED, true, false, true},
        {"failed", WG_FAILED, true, false, true},
        {"rolled-back", WG_ROLLED_BACK, true, false, true},
        {"silent", WG_SILENT, true, false, false},
        {"withdrawn", WG_WITHDRAWN, true, false, true},
        {"superseded", WG_SUPERSEDED, true, false, false},
        {"satisfied", WG_SATISFIED, true, false, true},
    };
    CU_ASSERT_EQUAL(sizeof rows / sizeof rows[0], WG_STATES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum wg_state parsed = WG_STATES;
        ASSERT_TEXT(wg_state_text(rows[i].state), rows[i].text);
        CU_ASSERT_TRUE(wg_state_parse(rows[i].text, &parsed));
        CU_ASSERT_EQUAL(parsed, rows[i].state);
        CU_ASSERT_EQUAL(wg_state_is_final(rows[i].state), rows[i].final);
        CU_ASSERT_EQUAL(wg_state_is_in_flight(rows[i].state), rows[i].in_flight);
        CU_ASSERT_EQUAL(wg_state_is_reportable(rows[i].state), rows[i].reportable);
    }
}

/* As the table of docs/agent-states.md has it: from "rebooting" on there is no way back. */
static void before_a_switch(void)
{
    for (int state = 0; state < WG_STATES; state++) {
        bool before = state == WG_ACCEPTED || state == WG_DEFERRED || state == WG_DOWNLOADING ||
                      state == WG_INSTALLING;
        CU_ASSERT_EQUAL(wg_state_is_before_switch((enum wg_state)state), before);
    }
    CU_ASSERT_FALSE(wg_state_is_before_switch(WG_STATES));
}

static void goes_on(void)
{
    for (int state = 0; state < WG_STATES; state++) {
        bool goes = state == WG_ACCEPTED || state == WG_DOWNLOADING || state == WG_INSTALLING ||
                    state == WG_REBOOTING || state == WG_PROBATION;
        CU_ASSERT_EQUAL(wg_state_goes_on((enum wg_state)state), goes);
    }
}

static void causes_one_by_one(void)
{
    static const struct {
        const char *text;
        enum wg_cause cause;
        bool fault, retriable;
    } rows[] = {
        {"", WG_CAUSE_NONE, false, false},
        {"verify", WG_CAUSE_VERIFY, true, false},
        {"download", WG_CAUSE_DOWNLOAD, true, true},
        {"install", WG_CAUSE_INSTALL, true, true},
        {"boot", WG_CAUSE_BOOT, true, false},
        {"health", WG_CAUSE_HEALTH, true, false},
        {"silent", WG_CAUSE_SILENT, true, false},
        {"timeout", WG_CAUSE_TIMEOUT, true, true},
        {"deferred", WG_CAUSE_DEFERRED, false, true},
        {"offline", WG_CAUSE_OFFLINE, false, true},
        {"refused", WG_CAUSE_REFUSED, false, false},
        {"shed", WG_CAUSE_SHED, false, true},
        {"incompatible", WG_CAUSE_INCOMPATIBLE, false, false},
        {"withdrawn", WG_CAUSE_WITHDRAWN, false, false},
    };
    CU_ASSERT_EQUAL(sizeof rows / sizeof rows[0], WG_CAUSES);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        enum wg_cause parsed = WG_CAUSES;
        ASSERT_TEXT(wg_cause_text(rows[i].cause), rows[i].text);
        CU_ASSERT_TRUE(wg_cause_parse(rows[i].text, &parsed));
        CU_ASSERT_EQUAL(parsed, rows[i].cause);
        CU_ASSERT_EQUAL(wg_cause_is_fault(rows[i].cause), rows[i].fault);
        CU_ASSERT_EQUAL(wg_cause_is_retriable(rows[i].cause), rows[i].retriable);
    }
}

static void words_that_are_none(void)
{
    static const char *const bad[] = {"Waiting", "waiting ", "rolled_back", "wait", "none"};
    enum wg_state state = WG_PROBATION;
    enum wg_cause cause = WG_CAUSE_BOOT;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        CU_ASSERT_FALSE(wg_state_parse(bad[i], &state));
        CU_ASSERT_FALSE(wg_cause_parse(bad[i], &cause));
    }
    CU_ASSERT_FALSE(wg_state_parse("", &state));
    CU_ASSERT_FALSE(wg_state_parse(NULL, &state));
    CU_ASSERT_EQUAL(state, WG_PROBATION);
    CU_ASSERT_EQUAL(cause, WG_CAUSE_BOOT);
    CU_ASSERT_TRUE(wg_cause_parse(NULL, &cause));
    CU_ASSERT_EQUAL(cause, WG_CAUSE_NONE);
    ASSERT_TEXT(wg_state_text(WG_STATES), "");
    ASSERT_TEXT(wg_cause_text(WG_CAUSES), "");
}

WG_SUITE("state", {"every pair may or may not follow", every_pair_may_or_may_not_follow},
         {"laws of following", laws_of_following}, {"states one by one", states_one_by_one},
         {"before a switch", before_a_switch},
         {"who goes on has taken its order and has not ended", goes_on},
         {"causes one by one", causes_one_by_one}, {"words that are none", words_that_are_none})
