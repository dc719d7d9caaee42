/* keeper.h: keeps the repository fresh: signs snapshot and timestamp anew when half of their time
 * is over, publishes what is complete, and says in time what people must sign. Needs the keys of
 * snapshot and timestamp, and to write the folder. One thread. */
#ifndef WG_ORCHESTRATOR_SIGNER_KEEPER_H
#define WG_ORCHESTRATOR_SIGNER_KEEPER_H

#include "common/error.h"
#include "common/time.h"

struct keeper;

struct keeper_config {
    const char *repository;
    const char *secret; /* file with the keys' passphrase or PIN; "" none */
    wg_duration every;  /* between two looks; after one that failed it is a minute at most */
};

struct keeper *keeper_new(const struct keeper_config *config, struct wg_error *err); /* copies */
void keeper_free(struct keeper *keeper); /* NULL is fine */

/* Looks when it is time. True: something was published. What does not go is logged, with what is
 * left of the timestamp's time, and tried again. */
bool keeper_look(struct keeper *keeper, wg_time now);

#endif
