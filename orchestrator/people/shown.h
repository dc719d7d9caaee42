/* shown.h: a word that was refused, as an error may repeat it. Internal to the room. */
#ifndef WG_ORCHESTRATOR_PEOPLE_SHOWN_H
#define WG_ORCHESTRATOR_PEOPLE_SHOWN_H

#define SHOWN 80

/* In one line, cut. */
void people_shown(const char *text, char out[SHOWN]);

#endif
