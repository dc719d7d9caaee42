/* explanation_part.h: what the parts of an explanation share. Internal to the room. */
#ifndef WG_ORCHESTRATOR_STATUS_EXPLANATION_PART_H
#define WG_ORCHESTRATOR_STATUS_EXPLANATION_PART_H

#include "orchestrator/status/explanation.h"

#define NEXT_LOOK "at the engine's next look"

/* ---- words, appended ---- */

void say(struct explanation *out, const char *format, ...) WG_PRINTF(2, 3);
void say_why(struct explanation *out, const char *words); /* " (words)"; nothing when none */
void say_since(struct explanation *out, wg_time then, wg_time now); /* "3m 12s" */
void say_time(struct explanation *out, wg_time time);
/* " (download: connection reset)" */
void say_cause(struct explanation *out, const struct device_place_row *place);
/* "; it has been offline for 3m", when it is */
void say_away(struct explanation *out, const struct explanation_facts *facts);
/* What has passed already does not count. */
void set_until(struct explanation *out, const struct explanation_facts *facts, wg_time until);

/* Who was at work and went away; who never answered its offer waits for its back-off instead. */
bool is_given_back(const struct device_place_row *place);

/* ---- what holds a waiting device; true: that is it ---- */

bool explain_budget(const struct explanation_facts *facts, struct explanation *out);
bool explain_campaign(const struct explanation_facts *facts, struct explanation *out);
bool explain_wave(const struct explanation_facts *facts, struct explanation *out);
/* A zone that is not known, or a window that never opens. */
bool explain_zone(const struct explanation_facts *facts, struct explanation *out);
bool explain_window(const struct explanation_facts *facts, struct explanation *out);
/* When the window opens; 0: it is open, never opens, or there is none. */
wg_time window_opens(const struct explanation_facts *facts);
void say_window(struct explanation *out, const struct explanation_facts *facts); /* "opens .." */
bool explain_caps(const struct explanation_facts *facts, struct explanation *out);
void explain_turn(const struct explanation_facts *facts, struct explanation *out);

/* ---- whole explanations ---- */

void explain_waiting(const struct explanation_facts *facts, struct explanation *out);
void explain_moving(const struct explanation_facts *facts, struct explanation *out);
void explain_ended(const struct explanation_facts *facts, struct explanation *out);

#endif
