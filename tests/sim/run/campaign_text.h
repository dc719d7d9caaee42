/* campaign_text.h: campaign files from a seed: the whole language, in all the ways in which its
 * parts meet. */
#ifndef WG_TESTS_SIM_RUN_CAMPAIGN_TEXT_H
#define WG_TESTS_SIM_RUN_CAMPAIGN_TEXT_H

#include "tests/sim/run/setup.h"

/* Fills the index-th campaign of the setup, whose fleet and services are drawn. */
void campaign_text_draw(struct setup *setup, size_t index);
const char *setup_zone(size_t number); /* of the zones that devices are in */

#endif
