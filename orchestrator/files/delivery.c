/* delivery.c: reads the file and keeps the account. */
#include "orchestrator/files/delivery.h"

#include <unistd.h>

void delivery_begin(struct delivery *delivery, struct ledger *ledger, struct admitted *admitted)
{
    *delivery = (struct delivery){.ledger = ledger,
                                  .id = admitted->id,
                                  .fd = admitted->fd,
                                  .start = admitted->start,
                                  .length = admitted->length};
    admitted->fd = -1;
}

/* Everything up to upto has to be written down before it leaves. */
static bool spend(struct delivery *delivery, int64_t upto)
{
    if (upto <= delivery->spent) return true;
    int64_t to = delivery->spent + DELIVERY_AHEAD;
    if (to < upto) to = upto;
    if (to > delivery->length) to = delivery->length;
    if (ledger_spend(delivery->ledger, &delivery->id, to - delivery->spent) != LEDGER_OK)
        return false;
    delivery->spent = to;
    return true;
}

ssize_t delivery_read(struct delivery *delivery, uint64_t at, char *out, size_t size)
{
    int64_t from = (int64_t)at, left = delivery->length - from;
    if (left <= 0) return 0;
    if ((int64_t)size > left) size = (size_t)left;
    if (!spend(delivery, from + (int64_t)size)) return -1;
    ssize_t got = pread(delivery->fd, out, size, (off_t)(delivery->start + from));
    if (got <= 0) return -1; /* a file that shrank has no more either */
    if (from + got > delivery->sent) delivery->sent = from + got;
    return got;
}

void delivery_end(struct delivery *delivery)
{
    if (delivery->fd < 0) return;
    ledger_release(delivery->ledger, &delivery->id, delivery->length - delivery->spent,
                   delivery->spent - delivery->sent);
    (void)close(delivery->fd);
    delivery->fd = -1;
}
