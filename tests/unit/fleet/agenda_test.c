/* agenda_test.c: what is due comes in the order of its time, and of its writing down. */
#include "tests/sim/agenda.h"

#include "tests/sim/chance.h"
#include "tests/unit/harness.h"

#include <stdlib.h>

static void in_the_order_of_time(void)
{
    struct agenda agenda;
    struct chance chance;
    wg_time last = 0;
    int64_t turn = 0;
    chance_init(&chance, 9, 9);
    agenda_init(&agenda);
    CU_ASSERT_EQUAL(agenda_next(&agenda), 0);
    for (int64_t i = 0; i < 5000; i++)
        agenda_add(&agenda,
                   &(struct event){.at = 1 + (wg_time)chance_below(&chance, 500), .number = i});
    for (int i = 0; i < 5000; i++) {
        CU_ASSERT_TRUE_FATAL(agenda_next(&agenda) >= last);
        struct event event = agenda_take(&agenda);
        if (event.at == last) CU_ASSERT_TRUE(event.number > turn);
        last = event.at;
        turn = event.number;
        /* what is written down meanwhile takes its place */
        if (i % 5 == 0 && i < 4000)
            agenda_add(&agenda, &(struct event){.at = event.at + 1, .number = 5000 + i});
    }
    CU_ASSERT_EQUAL(agenda.count, 800);
    CU_ASSERT_FALSE(agenda.failed);
    agenda_clear(&agenda);
}

static void messages_are_its_own(void)
{
    struct agenda agenda;
    agenda_init(&agenda);
    for (int i = 0; i < 10; i++)
        agenda_add(&agenda, &(struct event){.at = 10 - i, .bytes = malloc(8), .len = 8});
    free(agenda_take(&agenda).bytes);
    agenda_clear(&agenda); /* a sanitizer would tell what it forgot */
    CU_ASSERT_EQUAL(agenda.count, 0);
}

WG_SUITE("agenda", {"in the order of time", in_the_order_of_time},
         {"messages are its own", messages_are_its_own})
