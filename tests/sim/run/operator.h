/* operator.h: people: they apply campaigns, approve, pause, resume, abort; by the same functions as
 * the command. When chaos is over one of them takes care that everything comes to its end. */
#ifndef WG_TESTS_SIM_RUN_OPERATOR_H
#define WG_TESTS_SIM_RUN_OPERATOR_H

#include "orchestrator/store/campaign_row.h"
#include "tests/sim/run/setup.h"

#define OPERATOR_WHO 900 /* their number for faults */

struct operators {
    struct sim *sim; /* borrowed */
    struct db *db;   /* NULL: not open */
    struct campaign_row *row;
    bool committed, hurt;
    int tries[SETUP_COMMANDS_MAX];
    size_t left; /* commands that are still to come */
    int cares;   /* looks of the caretaker */
};

bool operators_init(struct operators *operators, struct sim *sim);
void operators_clear(struct operators *operators);
/* There is something that they have not done yet. */
bool operators_want(const struct operators *operators);
void operators_plan(struct operators *operators); /* puts their commands on the agenda */
/* Begins to take care: every few hours, what holds a campaign is resolved as a person would. */
void operators_care(struct operators *operators);

#endif
