/* intake_run.c: how far a device's numbers go without a gap, by this batch, and which is the
 * greatest. Only where they are not the same does something lie stored behind a gap. */
#include "orchestrator/store/intake_batch.h"

#include <stdlib.h>
#include <string.h>

struct numbered {
    const struct known_device *known;
    int64_t seq;
};

static int by_device_and_number(const void *left, const void *right)
{
    const struct numbered *a = left, *b = right;
    if (a->known != b->known) return a->known < b->known ? -1 : 1;
    return (a->seq > b->seq) - (a->seq < b->seq);
}

/* Reports of devices whose journal is the one that is stored; of one that said hello, the journal
 * may be another. */
static size_t gather(const struct batch_work *work, struct numbered *out)
{
    size_t count = 0;
    for (size_t i = 0; i < work->judged_count; i++) {
        const struct intake_item *item = work->judged[i].item;
        const struct known_device *known = intake_known(work, item->device);
        if (item->as.report.seq == 0 || !known || known->said_hello) continue;
        if (strcmp(known->journal, item->as.report.journal) != 0) continue;
        out[count++] = (struct numbered){known, item->as.report.seq};
    }
    return count;
}

bool intake_runs(struct batch_work *work, struct wg_error *err)
{
    struct numbered *numbered = calloc(work->judged_count + 1, sizeof *numbered);
    if (!numbered) return wg_fail_memory(err, "taking in reports");
    size_t count = gather(work, numbered);
    qsort(numbered, count, sizeof *numbered, by_device_and_number);
    for (size_t i = 0; i < work->known_count; i++) {
        struct known_device *known = &work->known[i];
        known->run = known->report_seq;
        known->most = known->report_most > known->run ? known->report_most : known->run;
    }
    for (size_t i = 0; i < count; i++) {
        struct known_device *known = &work->known[numbered[i].known - work->known];
        if (numbered[i].seq == known->run + 1) known->run++;
        if (numbered[i].seq > known->most) known->most = numbered[i].seq;
    }
    free(numbered);
    return true;
}
