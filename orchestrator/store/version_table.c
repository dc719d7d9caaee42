/* version_table.c: a hash table of a fixed size that forgets. */
#include "orchestrator/store/version_table.h"

#include "common/message.h"

#include <stdlib.h>
#include <string.h>

#define SLOTS ((size_t)4096) /* a power of two */
#define NEAR ((size_t)8)     /* slots in which a version may be */

struct slot {
    int64_t number; /* 0: free */
    bool versioned;
    char component[WG_NAME_MAX + 1], version[WG_VERSION_MAX + 1];
};

struct version_table {
    int64_t last;
    struct slot slots[SLOTS];
};

struct version_table *version_table_new(void)
{
    return calloc(1, sizeof(struct version_table));
}

void version_table_free(struct version_table *table)
{
    free(table);
}

/* FNV-1a, 32 bits. */
static uint32_t mix(uint32_t hash, const char *text)
{
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 16777619U;
    return hash;
}

static bool is_it(const struct slot *slot, const char *component, const char *version)
{
    return slot->versioned == (version != NULL) && strcmp(slot->component, component) == 0 &&
           (!version || strcmp(slot->version, version) == 0);
}

/* One that is cut would pass for another. */
static bool take(struct slot *slot, const char *component, const char *version)
{
    slot->versioned = version != NULL;
    return wg_copy(slot->component, sizeof slot->component, component) &&
           wg_copy(slot->version, sizeof slot->version, version ? version : "");
}

int64_t version_table_number(struct version_table *table, const char *component,
                             const char *version, bool *fresh)
{
    uint32_t hash = mix(mix(2166136261U, component) * 31, version ? version : "");
    struct slot *slot = NULL;
    *fresh = false;
    for (size_t i = 0; i < NEAR; i++) {
        slot = &table->slots[(hash + i) & (SLOTS - 1)];
        if (slot->number == 0) break;
        if (is_it(slot, component, version)) return slot->number;
    }
    *fresh = true;
    slot->number = take(slot, component, version) ? ++table->last : 0;
    return slot->number ? slot->number : ++table->last;
}
