/* ledger.h: how many bytes went out under each signed URL. In memory, and in a file that only
 * grows: a line for each change, rewritten when most of its lines are out of date. What is written
 * down survives the end of this process at once, and a power cut after ledger_keep().
 *
 * Bytes are held before they are promised, spent before they are sent. Both count against the
 * allowance; only what is spent is written down. Thread-safe. */
#ifndef WG_ORCHESTRATOR_FILES_LEDGER_H
#define WG_ORCHESTRATOR_FILES_LEDGER_H

#include "common/time.h"

#include <stddef.h>
#include <stdint.h>

#define LEDGER_ID_BYTES 16

struct ledger;

struct ledger_id {
    uint8_t bytes[LEDGER_ID_BYTES]; /* of the URL's MAC: nobody can choose them */
};

struct ledger_stats {
    size_t entries, lines, skipped; /* skipped: lines of the file that could not be read */
};

enum ledger_answer {
    LEDGER_OK,
    LEDGER_USED_UP, /* the allowance has not that much left */
    LEDGER_FULL,    /* as many URLs as it may count are in use */
    LEDGER_BROKEN   /* the file cannot be written */
};

/* most: URLs counted at a time. Entries that ended before forget are dropped. WG_E_CONFLICT:
 * another process has it open. */
struct ledger *ledger_open(const char *file, size_t most, wg_time forget, struct wg_error *err);
void ledger_close(struct ledger *ledger);

/* ends: when nothing is taken under this URL any more, and its entry may be forgotten. */
enum ledger_answer ledger_hold(struct ledger *ledger, const struct ledger_id *id, wg_time ends,
                               int64_t allowance, int64_t bytes);
/* Of what is held. LEDGER_OK: written down. */
enum ledger_answer ledger_spend(struct ledger *ledger, const struct ledger_id *id, int64_t bytes);
/* Gives back what was held or spent for nothing. */
void ledger_release(struct ledger *ledger, const struct ledger_id *id, int64_t held, int64_t spent);
/* Spent and held; 0 for an unknown one. */
int64_t ledger_used(struct ledger *ledger, const struct ledger_id *id);

/* Once a second, from one thread: makes what was written durable and the file short. */
WG_MUST_CHECK bool ledger_keep(struct ledger *ledger, wg_time forget, struct wg_error *err);
void ledger_look(struct ledger *ledger, struct ledger_stats *out);

#endif
