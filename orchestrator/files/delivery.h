/* delivery.h: one artifact, or a part of it, on its way to one device. What is about to be sent is
 * spent in the ledger a block ahead; what was not sent in the end is given back. */
#ifndef WG_ORCHESTRATOR_FILES_DELIVERY_H
#define WG_ORCHESTRATOR_FILES_DELIVERY_H

#include "orchestrator/files/admission.h"

#include <sys/types.h>

#define DELIVERY_AHEAD ((int64_t)1 << 20) /* bytes spent at a time; what a power cut costs */

struct delivery {
    struct ledger *ledger; /* borrowed */
    struct ledger_id id;
    int fd;                             /* owned */
    int64_t start, length, spent, sent; /* bytes; start is in the file, the others from there */
};

/* Takes over the file and the held bytes of what was admitted. */
void delivery_begin(struct delivery *delivery, struct ledger *ledger, struct admitted *admitted);
/* The next bytes, from at on; -1: reading or counting failed. */
ssize_t delivery_read(struct delivery *delivery, uint64_t at, char *out, size_t size);
/* Settles the account and closes. */
void delivery_end(struct delivery *delivery);

#endif
