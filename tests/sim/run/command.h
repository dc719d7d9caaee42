/* command.h: one command of a person. */
#ifndef WG_TESTS_SIM_RUN_COMMAND_H
#define WG_TESTS_SIM_RUN_COMMAND_H

#include "tests/sim/run/operator.h"

/* number: of the operator who approves, of the device that is revoked. text: of the file. False
 * with WG_E_DATABASE: to be tried again. */
bool operators_do(struct operators *operators, enum setup_verb verb, const char *campaign,
                  const char *text, size_t number, int wave, struct wg_error *err);

#endif
