/* filling.h: how long a batch waits for more messages. Few at a time cost the database twice as
 * much each: where it has much to do, they wait longer, so that it has less. Pure. */
#ifndef WG_ORCHESTRATOR_LINK_FILLING_H
#define WG_ORCHESTRATOR_LINK_FILLING_H

#include "common/time.h"

struct filling {
    wg_duration least; /* as the settings say */
    wg_duration wait;  /* from a batch's first message on */
};

void filling_init(struct filling *filling, wg_duration least);

/* The last batch took so long to commit: the next one waits four times as long, at least what the
 * settings say and at most two and a half times that. */
void filling_learn(struct filling *filling, wg_duration took);

#endif
