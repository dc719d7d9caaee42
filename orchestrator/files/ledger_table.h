/* ledger_table.h: the ledger's entries: a hash table by open addressing. The ids are random, so
 * their first bytes are the hash. Not thread-safe. */
#ifndef WG_ORCHESTRATOR_FILES_LEDGER_TABLE_H
#define WG_ORCHESTRATOR_FILES_LEDGER_TABLE_H

#include "orchestrator/files/ledger.h"

struct ledger_entry {
    struct ledger_id id;
    wg_time ends; /* 0: the place is free */
    int64_t held, spent;
};

struct ledger_table {
    struct ledger_entry *places; /* owned; cap of them, a power of two */
    size_t cap, count, most;
};

void ledger_table_init(struct ledger_table *table, size_t most);
void ledger_table_clear(struct ledger_table *table);
/* NULL: there is none. Borrowed until the next add or drop. */
struct ledger_entry *ledger_table_find(const struct ledger_table *table,
                                       const struct ledger_id *id);
/* NULL: it holds most entries, or memory is short. The id is not in it yet. */
struct ledger_entry *ledger_table_add(struct ledger_table *table, const struct ledger_id *id,
                                      wg_time ends);
/* Drops what ended before forget and holds nothing; how many. */
size_t ledger_table_drop(struct ledger_table *table, wg_time forget);

#endif
