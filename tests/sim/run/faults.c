/* faults.c: which kinds a seed knows, and when they strike. */
#include "tests/sim/run/faults.h"

#include "tests/sim/dice.h"

#include <stdlib.h>
#include <string.h>

/* most: at its worst, of so many times that it is asked. A seed knows about half of the kinds, and
 * most of those in small measure: what is rare together with much else is found so. */
static const struct {
    const char *text;
    double most;
} kinds[FAULT_KINDS] = {
    [FAULT_LOSE_UP] = {"lose-up", 0.3},
    [FAULT_LOSE_DOWN] = {"lose-down", 0.3},
    [FAULT_DOUBLE] = {"double", 0.3},
    [FAULT_DELAY] = {"delay", 0.3},
    [FAULT_NONSENSE] = {"nonsense", 0.05},
    [FAULT_DISCONNECT] = {"disconnect", 0.8},
    [FAULT_LATE_WILL] = {"late-will", 0.5},
    [FAULT_BREAK] = {"break", 0.03},
    [FAULT_POWER] = {"power", 0.04},
    [FAULT_CRASH] = {"crash", 0.03},
    [FAULT_OFF] = {"off", 0.3},
    [FAULT_STUCK] = {"stuck", 0.3},
    [FAULT_DISK_FULL] = {"disk-full", 0.2},
    [FAULT_BAD_BLOCK] = {"bad-block", 0.2},
    [FAULT_STUTTER] = {"stutter", 0.5},
    [FAULT_SLOW] = {"slow", 0.15},
    [FAULT_INSTALL] = {"install", 0.2},
    [FAULT_ACTIVATE] = {"activate", 0.15},
    [FAULT_NO_BOOT] = {"no-boot", 0.25},
    [FAULT_BOOT_SAID] = {"boot-said", 0.2},
    [FAULT_MUTE] = {"mute", 0.2},
    [FAULT_UNHEALTHY] = {"unhealthy", 0.15},
    [FAULT_COMMIT] = {"commit", 0.15},
    [FAULT_CLOCK] = {"clock", 0.3},
    [FAULT_NO_CLOCK] = {"no-clock", 0.3},
    [FAULT_MOVE] = {"move", 0.25},
    [FAULT_REFUSAL] = {"refusal", 0.4},
    [FAULT_BROKER] = {"broker", 0.5},
    [FAULT_KILL] = {"kill", 0.01},
    [FAULT_MUTED] = {"muted", 0.02},
    [FAULT_STALL] = {"stall", 0.004},
    [FAULT_CUT] = {"cut", 0.005},
    [FAULT_DATABASE] = {"database", 0.002},
    [FAULT_OPERATOR] = {"operator", 1},
};

const char *fault_text(enum fault_kind kind)
{
    return (unsigned)kind < FAULT_KINDS ? kinds[kind].text : "";
}

bool fault_parse(const char *text, enum fault_kind *out)
{
    for (int kind = 0; kind < FAULT_KINDS; kind++)
        if (strcmp(kinds[kind].text, text) == 0) {
            *out = (enum fault_kind)kind;
            return true;
        }
    return false;
}

void faults_init(struct faults *faults, uint64_t seed, const struct fault_mask *mask,
                 uint64_t without)
{
    memset(faults, 0, sizeof *faults);
    faults->seed = seed;
    faults->mask = *mask;
    double share = dice_unit(seed, "faults", 0, 0); /* quiet seeds, wild seeds */
    for (int kind = 0; kind < FAULT_KINDS; kind++) {
        struct chance chance;
        dice_init(&chance, seed, "fault rate", (size_t)kind, 0);
        bool known = chance_of(&chance, share);
        double measure = chance_unit(&chance);
        if (known && !(without >> kind & 1))
            faults->rate[kind] = kinds[kind].most * measure * measure;
    }
    faults->rate[FAULT_OPERATOR] = 1;
}

void faults_clear(struct faults *faults)
{
    free(faults->strikes);
    faults->strikes = NULL;
    faults->count = faults->room = 0;
}

static uint64_t number_of(enum fault_kind kind, size_t who, uint32_t ordinal)
{
    return (uint64_t)kind << 48 | (uint64_t)who << 32 | ordinal;
}

enum fault_kind fault_kind_of(uint64_t number)
{
    return (enum fault_kind)(number >> 48);
}

size_t fault_who_of(uint64_t number)
{
    return (size_t)(number >> 32 & 0xffff);
}

uint32_t fault_ordinal_of(uint64_t number)
{
    return (uint32_t)number;
}

static int by_number(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static bool is_allowed(const struct fault_mask *mask, uint64_t number)
{
    return !mask->on || (mask->count && bsearch(&number, mask->allowed, mask->count, sizeof number,
                                                by_number) != NULL);
}

/* What cannot be remembered does not happen: a replay could not leave it out. */
static bool remember(struct faults *faults, uint64_t number, wg_time now, int64_t step)
{
    if (faults->count == faults->room) {
        size_t room = faults->room ? faults->room * 2 : 64;
        struct fault_strike *strikes = realloc(faults->strikes, room * sizeof *strikes);
        if (!strikes) return false;
        faults->strikes = strikes;
        faults->room = room;
    }
    faults->strikes[faults->count++] = (struct fault_strike){number, now, step};
    return true;
}

bool faults_strike(struct faults *faults, enum fault_kind kind, size_t who, wg_time now,
                   int64_t step)
{
    uint32_t ordinal = faults->asked[kind][who]++;
    if (faults->calm || faults->rate[kind] <= 0) return false;
    if (dice_unit(faults->seed, kinds[kind].text, who, ordinal) >= faults->rate[kind]) return false;
    uint64_t number = number_of(kind, who, ordinal);
    return is_allowed(&faults->mask, number) && remember(faults, number, now, step);
}

bool faults_happen(struct faults *faults, enum fault_kind kind, size_t who, uint32_t ordinal,
                   wg_time now, int64_t step)
{
    uint64_t number = number_of(kind, who, ordinal);
    return is_allowed(&faults->mask, number) && remember(faults, number, now, step);
}
