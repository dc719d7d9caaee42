/* intake_clock.c: whose clock is wrong. A report that was written while the device was connected
 * came at once: what its time is off by, the clock is off by. One from before its last hello may
 * have waited for days. */
#include "orchestrator/store/intake_batch.h"

#include <stdlib.h>
#include <string.h>

#define MINUTES_MAX 1000000000 /* of two thousand years */

struct clock_seen {
    const char *device;
    int64_t minutes;
};

/* The number of the last report that the device had written when it said hello. */
static int64_t written_before(const struct batch_work *work, const struct intake_item *report)
{
    const struct known_device *known = intake_known(work, report->device);
    int64_t seq = known ? known->hello_seq : 0;
    for (const struct intake_item *item = work->items; item < report; item++)
        if (item->kind == INTAKE_HELLO && item->as.hello.online &&
            strcmp(item->device, report->device) == 0)
            seq = item->as.hello.seq;
    return seq;
}

/* Towards zero: a report takes its time on the way. */
static int64_t minutes_of(const struct intake_item *item)
{
    int64_t off = (item->as.report.at - item->received) / WG_MINUTE;
    if (off > MINUTES_MAX) return MINUTES_MAX;
    return off < -MINUTES_MAX ? -MINUTES_MAX : off;
}

static void see(struct clock_seen *seen, size_t *count, const struct intake_item *item)
{
    int64_t minutes = minutes_of(item);
    for (size_t i = 0; i < *count; i++) {
        if (strcmp(seen[i].device, item->device) != 0) continue;
        /* the one that waited least */
        if (llabs(minutes) < llabs(seen[i].minutes)) seen[i].minutes = minutes;
        return;
    }
    seen[(*count)++] = (struct clock_seen){item->device, minutes};
}

static bool write_clocks(struct batch_work *work, const struct clock_seen *seen, size_t count,
                         struct wg_error *err)
{
    struct param_array devices, minutes;
    bool any = false;
    param_array_init(&devices);
    param_array_init(&minutes);
    for (size_t i = 0; i < count; i++) {
        const struct known_device *known = intake_known(work, seen[i].device);
        if (seen[i].minutes == (known ? known->clock_off : 0)) continue;
        param_array_add(&devices, seen[i].device);
        param_array_number(&minutes, seen[i].minutes);
        any = true;
    }
    const char *const params[] = {param_array_text(&devices), param_array_text(&minutes)};
    bool ok = !any || (param_array_check(&devices, err) &&
                       db_run(work->db, SQL_DEVICE_CLOCK, 2, params, NULL, err));
    param_array_clear(&devices);
    param_array_clear(&minutes);
    return ok;
}

/* Nearly all batches have none. */
static bool is_any_off(const struct batch_work *work)
{
    for (size_t i = 0; i < work->known_count; i++)
        if (work->known[i].clock_off != 0) return true;
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        if (item->kind == INTAKE_REPORT && item->as.report.at != 0 && minutes_of(item) != 0)
            return true;
    }
    return false;
}

bool intake_clocks(struct batch_work *work, struct wg_error *err)
{
    size_t count = 0;
    if (!is_any_off(work)) return true;
    struct clock_seen *seen = calloc(work->count + 1, sizeof *seen);
    if (!seen) return wg_fail_memory(err, "taking in reports");
    for (size_t i = 0; i < work->count; i++) {
        const struct intake_item *item = &work->items[i];
        if (item->kind != INTAKE_REPORT || item->as.report.at == 0) continue;
        if (item->as.report.seq == 0 || item->as.report.seq > written_before(work, item))
            see(seen, &count, item);
    }
    bool ok = write_clocks(work, seen, count, err);
    free(seen);
    return ok;
}
