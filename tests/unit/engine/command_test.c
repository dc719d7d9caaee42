/* command_test.c: what an operator may do, and what comes of it, for every pair of command and
 * state. */
#include "orchestrator/engine/engine.h"

#include "common/error.h"
#include "tests/unit/harness.h"

#include <string.h>

#define COMMANDS 7

/* clang-format off */
/* Rows: where the campaign is. Columns: the state that comes of it, '.': not allowed. */
static const char *const becomes[CAMPAIGN_STATES] = {
    /*                             pause
     *                             |resume
     *                             ||abort
     *                             |||approve
     *                             ||||start
     *                             |||||advance
     *                             ||||||rollback */
    [CAMPAIGN_DRAFT] =             "..x.w..",
    [CAMPAIGN_AWAITING_APPROVAL] = "..xw...",
    [CAMPAIGN_SCHEDULED] =         "..x....",
    [CAMPAIGN_RUNNING] =           "p.xr.rx",
    [CAMPAIGN_PAUSED] =            "prxp.px",
    [CAMPAIGN_STOPPING] =          "..x...x",
    [CAMPAIGN_FINISHED] =          "......f",
    [CAMPAIGN_ABORTED] =           "......a",
    [CAMPAIGN_ROLLED_BACK] =       ".......",
};
/* clang-format on */

static int state_of(char letter)
{
    static const char letters[] = {'d', 'w', 's', 'r', 'p', 'x', 'f', 'a', 'b'};
    const char *at = memchr(letters, letter, sizeof letters);
    return at ? (int)(at - letters) : -1;
}

static void every_command_meets_every_state(void)
{
    static const char *const verbs[COMMANDS] = {"pause", "resume",  "abort",    "approve",
                                                "start", "advance", "roll back"};
    for (int state = 0; state < CAMPAIGN_STATES; state++)
        for (int command = 0; command < COMMANDS; command++) {
            struct wg_error err = {0};
            enum campaign_state next = CAMPAIGN_STATES;
            int expected = state_of(becomes[state][command]);
            bool ok = engine_command_allowed((enum engine_command)command,
                                             (enum campaign_state)state, &next, &err);
            if (ok != (expected >= 0) || (int)next != (ok ? expected : CAMPAIGN_STATES))
                printf("\n    %s a campaign that is %s\n", verbs[command],
                       campaign_state_text((enum campaign_state)state));
            CU_ASSERT_EQUAL(ok, expected >= 0);
            CU_ASSERT_EQUAL((int)next, ok ? expected : CAMPAIGN_STATES);
            CU_ASSERT_EQUAL(err.code, ok ? WG_OK : WG_E_CONFLICT);
            if (ok) continue;
            CU_ASSERT_PTR_NOT_NULL(
                strstr(err.text, campaign_state_text((enum campaign_state)state)));
            CU_ASSERT_PTR_NOT_NULL(strstr(err.text, verbs[command]));
        }
}

WG_SUITE("command", {"every command meets every state", every_command_meets_every_state})
