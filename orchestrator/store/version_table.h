/* version_table.h: the versions of components that an import has mentioned, each with a number. It
 * knows those of a fleet, in memory that does not grow. Internal to the room. */
#ifndef WG_ORCHESTRATOR_STORE_VERSION_TABLE_H
#define WG_ORCHESTRATOR_STORE_VERSION_TABLE_H

#include <stdbool.h>
#include <stdint.h>

struct version_table;

struct version_table *version_table_new(void); /* NULL: no memory */
void version_table_free(struct version_table *table);

/* The number of the component's version, from 1. *fresh: nothing had it before. Of very many
 * versions some are forgotten, and get another number when they come again. version NULL is one
 * too. */
int64_t version_table_number(struct version_table *table, const char *component,
                             const char *version, bool *fresh);

#endif
