/* machine_part.h: what the files of a machine know of each other. */
#ifndef WG_TESTS_SIM_RUN_MACHINE_PART_H
#define WG_TESTS_SIM_RUN_MACHINE_PART_H

#include "tests/sim/dice.h"
#include "tests/sim/run/machine.h"

/* A stream of numbers for the machine's next question. */
void machine_dice(struct machine *machine, struct sim *sim, struct chance *out, const char *what);
void machine_later(struct machine *machine, struct sim *sim, wg_duration after, event_fn run,
                   uint64_t token, int64_t number);
/* An event for the core, and its actions carried out. The core is there; it may be gone after. */
void machine_feed(struct machine *machine, struct sim *sim, const struct core_event *event);

void machine_ran(struct machine *machine); /* remembers the committed version */

/* machine_power.c */
void machine_down(struct machine *machine, struct sim *sim, bool will);
void machine_up_after(struct machine *machine, struct sim *sim, wg_duration low, wg_duration high);
void machine_process_after(struct machine *machine, struct sim *sim, wg_duration low,
                           wg_duration high); /* the agent alone */
void machine_connect_after(struct machine *machine, struct sim *sim, wg_duration low,
                           wg_duration high);

/* machine_work.c */
void machine_answer(struct machine *machine, struct sim *sim, wg_duration after,
                    enum core_event_kind kind);
void machine_fetch(struct machine *machine, struct sim *sim);
void machine_install(struct machine *machine, struct sim *sim);
void machine_check(struct machine *machine, struct sim *sim, enum core_action_kind kind);

#endif
