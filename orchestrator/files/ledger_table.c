/* ledger_table.c: entries by id; grows at three quarters, is rebuilt to forget. */
#include "orchestrator/files/ledger_table.h"

#include <stdlib.h>
#include <string.h>

#define CAP_FIRST 1024

void ledger_table_init(struct ledger_table *table, size_t most)
{
    *table = (struct ledger_table){.most = most};
}

void ledger_table_clear(struct ledger_table *table)
{
    free(table->places);
    *table = (struct ledger_table){.most = table->most};
}

/* The id's place, or the free one where it would go. */
static struct ledger_entry *place_of(const struct ledger_table *table, const struct ledger_id *id)
{
    uint64_t hash = 0;
    memcpy(&hash, id->bytes, sizeof hash);
    size_t at = (size_t)hash & (table->cap - 1);
    while (table->places[at].ends &&
           memcmp(table->places[at].id.bytes, id->bytes, LEDGER_ID_BYTES) != 0)
        at = (at + 1) & (table->cap - 1);
    return &table->places[at];
}

struct ledger_entry *ledger_table_find(const struct ledger_table *table, const struct ledger_id *id)
{
    if (table->cap == 0) return NULL;
    struct ledger_entry *place = place_of(table, id);
    return place->ends ? place : NULL;
}

/* All entries that end at forget or later, or hold something, in cap fresh places. */
static bool rebuild(struct ledger_table *table, size_t cap, wg_time forget)
{
    struct ledger_table fresh = {.cap = cap, .most = table->most};
    fresh.places = calloc(cap, sizeof *fresh.places);
    if (!fresh.places) return false;
    for (size_t i = 0; i < table->cap; i++) {
        const struct ledger_entry *entry = &table->places[i];
        if (!entry->ends || (entry->ends < forget && entry->held == 0)) continue;
        *place_of(&fresh, &entry->id) = *entry;
        fresh.count++;
    }
    free(table->places);
    *table = fresh;
    return true;
}

struct ledger_entry *ledger_table_add(struct ledger_table *table, const struct ledger_id *id,
                                      wg_time ends)
{
    if (table->count >= table->most) return NULL;
    if (table->count >= table->cap / 4 * 3 &&
        !rebuild(table, table->cap ? table->cap * 2 : CAP_FIRST, 0))
        return NULL;
    struct ledger_entry *place = place_of(table, id);
    *place = (struct ledger_entry){.id = *id, .ends = ends};
    table->count++;
    return place;
}

size_t ledger_table_drop(struct ledger_table *table, wg_time forget)
{
    size_t before = table->count;
    bool any = false;
    for (size_t i = 0; i < table->cap && !any; i++) {
        const struct ledger_entry *entry = &table->places[i];
        any = entry->ends && entry->ends < forget && entry->held == 0;
    }
    if (!any || !rebuild(table, table->cap, forget)) return 0;
    return before - table->count;
}
