/* filling.c: by what the last batch took, so that it follows the database within one batch. */
#include "orchestrator/link/filling.h"

#define SHARE 4

void filling_init(struct filling *filling, wg_duration least)
{
    *filling = (struct filling){.least = least, .wait = least};
}

void filling_learn(struct filling *filling, wg_duration took)
{
    wg_duration most = filling->least * 5 / 2;
    filling->wait = took < most ? SHARE * took : most;
    if (filling->wait < filling->least) filling->wait = filling->least;
    if (filling->wait > most) filling->wait = most;
}
