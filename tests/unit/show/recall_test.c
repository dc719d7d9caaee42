/* recall_test.c: what an end cannot take back, in words. */
#include "orchestrator/show/recall.h"
#include "tests/unit/harness.h"

#include <stdlib.h>

static void expect(int64_t rebooting, int64_t probation, const char *text)
{
    const struct recall recall = {.rebooting = rebooting, .probation = probation};
    char words[RECALL_TEXT];
    recall_words(&recall, words);
    ASSERT_TEXT(words, text);
}

static void what_has_switched_over_is_told(void)
{
    expect(0, 0, "");
    expect(1, 0,
           "1 device has switched over and cannot be recalled (1 rebooting, 0 on probation): it "
           "finishes or falls back by itself");
    expect(2, 3,
           "5 devices have switched over and cannot be recalled (2 rebooting, 3 on probation): "
           "they finish or fall back by themselves");
    expect(INT64_MAX / 4, INT64_MAX / 4,
           "4611686018427387902 devices have switched over and cannot be recalled "
           "(2305843009213693951 rebooting, 2305843009213693951 on probation): they finish or fall "
           "back by themselves");
}

/* Every state counts once, or not at all when it has ended. */
static void every_state_is_recalled_in_its_way(void)
{
    static struct campaign_row row;
    struct recall recall;
    int64_t left = 0;
    row = (struct campaign_row){.wave_count = 2};
    for (int state = 0; state < WG_STATES; state++) {
        row.waves[state % 2].count[state] = 1 << state;
        if (!wg_state_is_final((enum wg_state)state)) left += 1 << state;
    }
    recall_of(&row, &recall);
    CU_ASSERT_EQUAL(recall.waiting, 1 << WG_WAITING | 1 << WG_DEFERRED);
    CU_ASSERT_EQUAL(recall.rebooting, 1 << WG_REBOOTING);
    CU_ASSERT_EQUAL(recall.probation, 1 << WG_PROBATION);
    CU_ASSERT_EQUAL(recall.waiting + recall.started + recall.rebooting + recall.probation, left);
}

WG_SUITE("recall", {"what has switched over is told", what_has_switched_over_is_told},
         {"every state is recalled in its way", every_state_is_recalled_in_its_way})
